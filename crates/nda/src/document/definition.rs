//! One definition of a document.

use super::error::{DocumentError, Section};
use super::layout::{DEFINITION_BYTES, field};
use super::view::View;
use crate::graph::Def;
use crate::identity::Definition;
use crate::identity::code::kind;
use crate::module::Type;
use velocity_base::ContentHash;
use velocity_base::le::{u32_at, u64_at};

/// A definition of a checked document.
#[derive(Clone, Copy, Debug)]
pub struct DefinitionView<'b> {
    pub(super) view: View<'b>,
    pub(super) number: u32,
    pub(super) record: &'b [u8; DEFINITION_BYTES],
}

/// The types of parameters or results, as they lie in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types<'b>(&'b [u8]);

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

impl<'b> DefinitionView<'b> {
    /// Its number.
    #[must_use]
    pub const fn number(&self) -> Def {
        Def(self.number)
    }

    /// What it is in a module.
    #[must_use]
    pub fn item(&self) -> Definition {
        self.view.numbering.definition(self.number)
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(&self.record[field::HASH]);
        ContentHash(hash)
    }

    /// Whether it is imported by its hash.
    #[must_use]
    pub const fn is_imported(&self) -> bool {
        self.record[field::FLAGS] & field::IMPORTED != 0
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> Option<&'b str> {
        self.number_at(field::NAME).checked_sub(1).map(|number| self.view.text_at(number))
    }

    /// Its documentation.
    #[must_use]
    pub fn doc(&self) -> Option<&'b str> {
        self.number_at(field::DOC).checked_sub(1).map(|number| self.view.text_at(number))
    }

    /// Parameters and results of a function; none for anything else.
    #[must_use]
    pub fn signature(&self) -> (Types<'b>, Types<'b>) {
        let head = self.head();
        if u32_at(head, 8) == 0 {
            return (Types(&[]), Types(&[]));
        }
        let (parameters, results) = (u32_at(head, 16) as usize, u32_at(head, 20) as usize);
        let (parameters, results) = head[24..24 + parameters + results].split_at(parameters);
        (Types(parameters), Types(results))
    }

    /// What it uses, in the order of the uses.
    pub fn references(&self) -> impl ExactSizeIterator<Item = Def> + use<'b> {
        let (start, count) = (self.number_at(field::REFERENCES), self.number_at(field::REFERENCE_COUNT));
        let references = &self.view.references[start as usize..][..count as usize];
        references.iter().map(|&number| Def(u32::from_le_bytes(number)))
    }

    /// Names of a function's parameters and variables; empty if they are not known.
    pub fn local_names(&self) -> impl ExactSizeIterator<Item = &'b str> + use<'b> {
        let (start, count, view) = (self.number_at(field::NAMES), self.number_at(field::NAME_COUNT), self.view);
        let names = &view.names[start as usize..][..count as usize];
        names.iter().map(move |&number| view.text_at(u32::from_le_bytes(number)))
    }

    /// Its canonical form up to the references: what it is, and its signatures.
    #[must_use]
    pub fn head(&self) -> &'b [u8] {
        let start = u64_at(self.record, field::FORM) as usize;
        &self.view.forms[start..][..u64_at(self.record, field::HEAD_LEN) as usize]
    }

    /// Its canonical form behind the references: the code of a function, the bytes of data.
    #[must_use]
    pub fn body(&self) -> &'b [u8] {
        let start = u64_at(self.record, field::FORM) + u64_at(self.record, field::HEAD_LEN);
        &self.view.forms[start as usize..][..u64_at(self.record, field::BODY_LEN) as usize]
    }

    pub(super) fn number_at(&self, field: usize) -> u32 {
        u32_at(self.record, field)
    }
}

/// Checks all records: each takes the next references, names and bytes, and together they take all.
pub(super) fn check_definitions(view: &View<'_>) -> Result<(), DocumentError> {
    let mut next = Next { references: 0, names: 0, form: 0 };
    let texts = view.text_ends.len() as u32;
    let ends = {
        let mut end = 0_u64;
        view.counts.map(|count| {
            end += u64::from(count);
            end
        })
    };
    let mut class = 0;
    for (index, record) in view.definitions.iter().enumerate() {
        while index as u64 >= ends[class] {
            class += 1;
        }
        if next.record(view, record, class, texts).is_none() {
            return Err(DocumentError::Record(Section::Definitions, index));
        }
    }
    let count = view.definitions.len();
    let rest = [
        (Section::References, next.references == view.references.len() as u64),
        (Section::Names, next.names == view.names.len() as u64),
        (Section::Forms, next.form == view.forms.len() as u64),
    ];
    let left = rest.iter().find(|(_, taken)| !taken);
    left.map_or(Ok(()), |&(section, _)| Err(DocumentError::Record(section, count)))
}

/// What the next record must begin with.
struct Next {
    references: u64,
    names: u64,
    form: u64,
}

impl Next {
    /// `None` if the record says what cannot be.
    fn record(&mut self, view: &View<'_>, record: &[u8; DEFINITION_BYTES], class: usize, texts: u32) -> Option<()> {
        let (number, long) = (|at| u64::from(u32_at(record, at)), |at| u64_at(record, at));
        let starts = number(field::REFERENCES) == self.references
            && number(field::NAMES) == self.names
            && long(field::FORM) == self.form;
        let texts = u32_at(record, field::NAME) <= texts && u32_at(record, field::DOC) <= texts;
        let kind = record[field::KIND];
        let flags = record[field::FLAGS] <= field::IMPORTED && u32_at(record, field::ZERO) == 0;
        if !(starts && texts && flags && class_of(kind) == Some(class)) {
            return None;
        }
        self.references += number(field::REFERENCE_COUNT);
        self.names += number(field::NAME_COUNT);
        let (head_len, body_len) = (long(field::HEAD_LEN), long(field::BODY_LEN));
        if (head_len | body_len) % 8 != 0 {
            return None;
        }
        let start = usize::try_from(self.form).ok()?;
        let head = view.forms.get(start..)?.get(..usize::try_from(head_len).ok()?)?;
        self.form = self.form.checked_add(head_len)?.checked_add(body_len)?;
        let inside = self.references <= view.references.len() as u64
            && self.names <= view.names.len() as u64
            && self.form <= view.forms.len() as u64;
        (inside && head_is_sound(head, kind, class == 0)).then_some(())
    }
}

/// Whether a head is what its record says, and its signatures lie in it and are all of it.
fn head_is_sound(head: &[u8], kind: u8, function: bool) -> bool {
    if head.len() < 16 || head[0] != kind || (function && u32_at(head, 8) == 0) {
        return false;
    }
    let mut rest = &head[16..];
    for _ in 0..u32_at(head, 8) {
        let Some((counts, types)) = rest.split_first_chunk::<8>() else { return false };
        let count = u64::from(u32_at(counts, 0)) + u64::from(u32_at(counts, 4));
        let padded = count.next_multiple_of(8);
        if padded > types.len() as u64 {
            return false;
        }
        let (types, after) = types.split_at(padded as usize);
        let (types, zeros) = types.split_at(count as usize);
        if !types.iter().all(|ty| (1..=4).contains(ty)) || zeros.iter().any(|&byte| byte != 0) {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

/// Which of the six counts a kind belongs to.
const fn class_of(code: u8) -> Option<usize> {
    Some(match code {
        kind::FUNCTION | kind::HOST_FUNCTION => 0,
        kind::GLOBAL | kind::HOST_GLOBAL => 1,
        kind::TABLE | kind::HOST_TABLE => 2,
        kind::STATIC | kind::PASSIVE_DATA | kind::PLACED_DATA => 4,
        kind::PASSIVE_ELEMENT | kind::PLACED_ELEMENT => 5,
        kind::MEMORY | kind::HOST_MEMORY => 3,
        _ => return None,
    })
}
