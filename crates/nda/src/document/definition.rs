//! One definition of a document.

use super::layout::IMPORTED;
use super::view::View;
use crate::graph::Def;
use crate::identity::Definition;
use crate::module::Type;
use velocity_base::ContentHash;

/// A definition of a checked document.
#[derive(Clone, Copy, Debug)]
pub struct DefinitionView<'b> {
    pub(super) view: View<'b>,
    pub(super) number: u32,
}

/// The types of parameters or results, as they lie in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types<'b>(pub(super) &'b [u8]);

impl Types<'_> {
    /// The types, from left to right.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Type> + '_ {
        self.0.iter().filter_map(|&code| Type::of_code(code))
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'b> View<'b> {
    /// Parameters and results of the signature of this number; none if there is no such.
    pub(super) fn signature(&self, number: usize) -> (Types<'b>, Types<'b>) {
        let types = |end: usize| Types(self.types.get(self.signature_ends.piece(end)).unwrap_or(&[]));
        (types(number.saturating_mul(2)), types(number.saturating_mul(2).saturating_add(1)))
    }
}

impl<'b> DefinitionView<'b> {
    /// Its number.
    #[must_use]
    pub const fn number(&self) -> Def {
        Def(self.number)
    }

    const fn index(&self) -> usize {
        self.number as usize
    }

    /// What it is in a module.
    #[must_use]
    pub fn item(&self) -> Definition {
        self.view.numbering.definition(self.number)
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        ContentHash(self.view.hashes[self.index()])
    }

    /// Its kind, numbered as in the canonical form.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        self.view.kinds[self.index()] & !IMPORTED
    }

    /// Whether it is imported by its hash.
    #[must_use]
    pub const fn is_imported(&self) -> bool {
        self.view.kinds[self.index()] & IMPORTED != 0
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> Option<&'b str> {
        self.name_number().map(|number| self.view.text_at(number))
    }

    /// Its documentation.
    #[must_use]
    pub fn doc(&self) -> Option<&'b str> {
        self.doc_number().map(|number| self.view.text_at(number))
    }

    /// The number of the text that is its name.
    #[must_use]
    pub fn name_number(&self) -> Option<u32> {
        self.view.names.get(self.index())?.checked_sub(1)
    }

    /// The number of the text that is its documentation.
    #[must_use]
    pub fn doc_number(&self) -> Option<u32> {
        self.view.docs.get(self.index())?.checked_sub(1)
    }

    /// Parameters and results of a function; none for anything else.
    #[must_use]
    pub fn signature(&self) -> (Types<'b>, Types<'b>) {
        let number = self.view.function_types.get(self.index());
        number.map_or((Types(&[]), Types(&[])), |number| self.view.signature(number as usize))
    }

    /// What it uses, in the order of the uses.
    pub fn references(&self) -> impl ExactSizeIterator<Item = Def> + use<'b> {
        self.view.references.range(self.view.reference_ends.piece(self.index())).map(Def)
    }

    /// Names of a function's parameters and variables; empty if they are not known.
    pub fn local_names(&self) -> impl ExactSizeIterator<Item = &'b str> + use<'b> {
        let view = self.view;
        self.local_name_numbers().map(move |number| view.text_at(number))
    }

    /// The numbers of the texts that are the names of a function's parameters and variables.
    pub fn local_name_numbers(&self) -> impl ExactSizeIterator<Item = u32> + use<'b> {
        self.view.locals.range(self.view.local_ends.piece(self.index()))
    }

    /// What it is made of: the code of a function, the bytes of data, in the form that `docs/nda.md` describes.
    #[must_use]
    pub fn form(&self) -> &'b [u8] {
        self.view.forms.get(self.view.form_ends.piece(self.index())).unwrap_or(&[])
    }
}
