//! The canonical forms of a module's definitions, and where their parts lie.

use super::code::domain;
use super::draft::Draft;
use super::nodes::{self, Source};
use crate::identity::Numbering;
use crate::module::{Module, Word};
use alloc::vec::Vec;
use core::ops::Range;
use velocity_base::ContentHash;

/// Words of the domain.
pub(super) const DOMAIN: usize = domain::DEFINITION.len() / 8;

/// The canonical forms of a module's definitions.
#[derive(Debug)]
pub(crate) struct Encoded<'m> {
    pub(super) module: &'m Module,
    pub(crate) numbering: Numbering,
    pub(crate) parts: Vec<Part>,
    pub(crate) references: Vec<Reference>,
    /// Domain and head of each definition.
    pub(super) heads: Vec<Word>,
    /// Words of all bodies, without the nodes of functions.
    pub(super) bodies: Vec<Word>,
    /// For each indirect call the number of its signature within the definition.
    pub(super) signatures: Vec<u32>,
    pub(super) imports: Vec<ContentHash>,
}

/// A reference of a definition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference {
    /// The number of the definition it leads to.
    pub(crate) target: u32,
    /// Its word: kind, type, signature.
    pub(crate) word: u64,
}

/// A stretch of a list. No list of a module has more items than fit 32 bits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stretch {
    start: u32,
    end: u32,
}

impl Stretch {
    pub(super) const fn new(range: &Range<usize>) -> Self {
        Self { start: range.start as u32, end: range.end as u32 }
    }

    pub(crate) const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

/// Where the parts of a definition lie in [`Encoded`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// Words of `heads`.
    pub(super) front: Stretch,
    pub(crate) references: Stretch,
    /// Words of `bodies`.
    pub(super) body: Stretch,
    /// The nodes of a function, which follow the words of its body; their number plus one as a closed body.
    pub(super) nodes: Stretch,
    pub(super) closed: u32,
    /// Where the signatures of its indirect calls begin.
    pub(super) signatures: u32,
    /// For what is imported: the number of its hash plus one. It has nothing else.
    pub(super) import: u32,
    /// Whether it can change while the program runs, so that two of equal content are still two.
    pub(crate) object: bool,
}

impl<'m> Encoded<'m> {
    /// The hash of a definition that is imported.
    pub(crate) fn import(&self, part: &Part) -> Option<ContentHash> {
        self.imports.get((part.import as usize).checked_sub(1)?).copied()
    }

    /// The domain and the head of a definition.
    pub(super) fn front(&self, part: &Part) -> &[Word] {
        &self.heads[part.front.range()]
    }

    /// The head of a definition.
    pub(crate) fn head(&self, part: &Part) -> &[Word] {
        &self.front(part)[DOMAIN..]
    }

    /// Writes the body of a definition.
    pub(super) fn write_body(&self, part: &Part, out: &mut Draft) {
        out.extend(&self.bodies[part.body.range()]);
        let source = Source { nodes: part.nodes.range(), closed: part.closed };
        nodes::write(self.module, &source, &self.signatures[part.signatures as usize..], out);
    }

    /// The body of a definition.
    pub(crate) fn body(&self, part: &Part) -> Vec<Word> {
        let mut body = Draft::default();
        self.write_body(part, &mut body);
        body.words().to_vec()
    }

    /// What a definition refers to, in the order of first use.
    pub(crate) fn targets(&self, definition: u32) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + '_ {
        let range = self.parts.get(definition as usize).map_or(0..0, |part| part.references.range());
        self.references[range].iter().map(|reference| reference.target)
    }
}
