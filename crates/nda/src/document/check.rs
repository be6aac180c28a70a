//! What must be so in a document of which the seal holds, because anybody can seal anything.
//!
//! One pass over each section, nothing allocated. Afterwards every number leads to what is there, pieces lie one behind
//! the other and leave nothing over, and texts are cut between characters. Forms are not looked at.

use super::error::{DocumentError, Section};
use super::layout::{IMPORTED, MUTABLE};
use super::numbers::Numbers;
use super::view::{Checked, View};
use crate::graph::rows::Rows;
use crate::graph::{Def, FactsError};
use crate::identity::Definition;
use crate::identity::code::kind;
use crate::module::Type;

impl View<'_> {
    pub(super) fn check(&self, zero: u32) -> Checked<()> {
        let total = self.counts.iter().map(|&count| u64::from(count)).sum::<u64>();
        let fits = total == self.hashes.len() as u64 && total <= u64::from(Def::MAX);
        if !fits || self.counts[3] > 1 || self.start > self.counts[0] || zero != 0 {
            return Err(DocumentError::Record(Section::Program, 0));
        }
        self.check_lengths()?;
        self.check_texts()?;
        self.check_definitions()?;
        self.check_signatures()?;
        self.check_exports()?;
        self.check_facts()
    }

    /// There is a record for everything that has one.
    fn check_lengths(&self) -> Checked<()> {
        let all = self.hashes.len();
        let [functions, globals, _, _, data, _] = self.counts.map(|count| count as usize);
        let lengths = [
            (Section::Kinds, self.kinds.len(), all),
            (Section::Names, self.names.len(), all),
            (Section::Docs, self.docs.len(), all),
            (Section::ReferenceEnds, self.reference_ends.len(), all),
            (Section::FormEnds, self.form_ends.len(), all),
            (Section::FunctionTypes, self.function_types.len(), functions),
            (Section::LocalEnds, self.local_ends.len(), functions),
            (Section::GlobalTypes, self.global_types.len(), globals),
            (Section::Shapes, self.shapes.len(), data),
            (Section::Elements, self.elements.len(), data),
            (Section::ExportItems, self.export_items.len(), self.export_names.len()),
            (Section::SignatureEnds, self.signature_ends.len() % 2, 0),
        ];
        let wrong = lengths.iter().find(|(_, found, wanted)| found != wanted);
        wrong.map_or(Ok(()), |&(section, ..)| Err(DocumentError::Layout(section)))
    }

    /// Texts lie one behind the other, cut between characters, and are all there is.
    fn check_texts(&self) -> Checked<()> {
        pieces(self.text_ends, self.text.len(), Section::TextEnds)?;
        // In a text of single bytes every place is between characters.
        let cut = |end: u32| self.text.is_char_boundary(end as usize);
        if !self.text.is_ascii() && !self.text_ends.iter().all(cut) {
            return Err(DocumentError::Record(Section::TextEnds, self.text_ends.len()));
        }
        let texts = self.text_ends.len();
        below(self.names, texts + 1, Section::Names)?;
        below(self.docs, texts + 1, Section::Docs)?;
        below(self.locals, texts, Section::Locals)?;
        below(self.export_names, texts, Section::ExportNames)
    }

    fn check_definitions(&self) -> Checked<()> {
        below(self.references, self.hashes.len(), Section::References)?;
        below(self.function_types, self.signature_ends.len() / 2, Section::FunctionTypes)?;
        pieces(self.reference_ends, self.references.len(), Section::ReferenceEnds)?;
        pieces(self.form_ends, self.forms.len(), Section::FormEnds)?;
        pieces(self.local_ends, self.locals.len(), Section::LocalEnds)?;
        let global = |&ty: &u8| Type::of_code(ty & !MUTABLE).is_some();
        all(self.global_types, Section::GlobalTypes, global)?;
        let (mut rest, mut index) = (self.kinds, 0);
        for (class, count) in self.counts.into_iter().enumerate() {
            let (kinds, others) = rest.split_at(count as usize);
            let of_class = |&kind: &u8| class_of(kind & !IMPORTED) == Some(class);
            if let Some(wrong) = kinds.iter().position(|kind| !of_class(kind)) {
                return Err(DocumentError::Record(Section::Kinds, index + wrong));
            }
            (rest, index) = (others, index + count as usize);
        }
        let made = |at: usize| !self.form_ends.piece(at).is_empty() || !self.reference_ends.piece(at).is_empty();
        let both = self.kinds.iter().enumerate().position(|(at, kind)| kind & IMPORTED != 0 && made(at));
        both.map_or(Ok(()), |index| Err(DocumentError::Record(Section::Kinds, index)))
    }

    fn check_signatures(&self) -> Checked<()> {
        pieces(self.signature_ends, self.types.len(), Section::SignatureEnds)?;
        all(self.types, Section::Types, |&ty| Type::of_code(ty).is_some())
    }

    fn check_exports(&self) -> Checked<()> {
        below(self.export_items, self.hashes.len(), Section::ExportItems)?;
        let exported =
            |item: u32| !matches!(self.numbering.definition(item), Definition::Data(_) | Definition::Element(_));
        let wrong = self.export_items.iter().position(|item| !exported(item));
        wrong.map_or(Ok(()), |index| Err(DocumentError::Record(Section::ExportItems, index)))
    }

    /// Facts are sorted from both sides, and about definitions that are here.
    fn check_facts(&self) -> Checked<()> {
        let rows = Rows::open(self.facts).map_err(|error| match error {
            FactsError::Length(_) => DocumentError::Layout(Section::Facts),
            FactsError::Order(at) => DocumentError::Record(Section::Facts, at),
        })?;
        let known = rows.last_subject().is_none_or(|last| (last as usize) < self.hashes.len());
        if known { Ok(()) } else { Err(DocumentError::Record(Section::Facts, rows.len() - 1)) }
    }
}

fn all<T>(records: &[T], section: Section, right: impl Fn(&T) -> bool) -> Checked<()> {
    let wrong = records.iter().position(|record| !right(record));
    wrong.map_or(Ok(()), |index| Err(DocumentError::Record(section, index)))
}

/// All numbers are below `limit`.
fn below(numbers: Numbers<'_>, limit: usize, section: Section) -> Checked<()> {
    numbers.beyond(limit).map_or(Ok(()), |index| Err(DocumentError::Record(section, index)))
}

/// The numbers are the ends of pieces that lie one behind the other and take up `total`.
fn pieces(ends: Numbers<'_>, total: usize, section: Section) -> Checked<()> {
    if ends.end_at(total) { Ok(()) } else { Err(DocumentError::Record(section, ends.len())) }
}

/// Which of the six counts a kind belongs to.
const fn class_of(code: u8) -> Option<usize> {
    Some(match code {
        kind::FUNCTION | kind::HOST_FUNCTION => 0,
        kind::GLOBAL | kind::HOST_GLOBAL => 1,
        kind::TABLE | kind::HOST_TABLE => 2,
        kind::MEMORY | kind::HOST_MEMORY => 3,
        kind::STATIC | kind::PASSIVE_DATA | kind::PLACED_DATA => 4,
        kind::PASSIVE_ELEMENT | kind::PLACED_ELEMENT => 5,
        _ => return None,
    })
}
