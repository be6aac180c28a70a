//! A document as it lies in memory: checked once, then read in place.

use super::definition::{DefinitionView, check_definitions};
use super::error::{DocumentError, Section};
use super::layout::{
    DEFINITION_BYTES, HEADER, MAGIC, PROGRAM_BYTES, PROGRAM_START, ROOT, SEAL, SECTIONS, TABLE, VERSION, seal,
};
use crate::graph::{Facts, FactsError};
use crate::identity::{Definition, Numbering};
use crate::module::FuncId;
use core::ops::Range;
use velocity_base::ContentHash;
use velocity_base::le::{u16_at, u32_at, u64_at};

/// A checked document. It borrows the bytes and owns nothing.
#[derive(Clone, Copy, Debug)]
pub struct View<'b> {
    pub(super) root: ContentHash,
    seal: ContentHash,
    pub(super) numbering: Numbering,
    pub(super) counts: [u32; 6],
    start: u32,
    pub(super) definitions: &'b [[u8; DEFINITION_BYTES]],
    pub(super) references: &'b [[u8; 4]],
    pub(super) forms: &'b [u8],
    facts: &'b [u8],
    pub(super) names: &'b [[u8; 4]],
    pub(super) exports: &'b [[u8; 8]],
    pub(super) text_ends: &'b [[u8; 4]],
    pub(super) text: &'b str,
}

type Checked<T> = Result<T, DocumentError>;

impl<'b> View<'b> {
    /// Checks everything but the code in the forms, and gives access to it. Nothing is allocated or copied.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn open(bytes: &'b [u8]) -> Checked<Self> {
        let sections = sections(bytes)?;
        let found = seal(bytes);
        if found.0 != bytes[SEAL] {
            return Err(DocumentError::Seal);
        }
        let section = |section: Section| &bytes[sections[section as usize].clone()];
        let program = section(Section::Program);
        if program.len() != PROGRAM_BYTES {
            return Err(DocumentError::Layout(Section::Program));
        }
        let counts = [0, 4, 8, 12, 16, 20].map(|at| u32_at(program, at));
        let text = core::str::from_utf8(section(Section::Text)).map_err(|_| DocumentError::Record(Section::Text, 0))?;
        let view = Self {
            root: hash_at(bytes, ROOT),
            seal: found,
            numbering: Numbering::of_counts(counts),
            counts,
            start: u32_at(program, PROGRAM_START),
            definitions: records(section(Section::Definitions), Section::Definitions)?,
            references: records(section(Section::References), Section::References)?,
            forms: section(Section::Forms),
            facts: section(Section::Facts),
            names: records(section(Section::Names), Section::Names)?,
            exports: records(section(Section::Exports), Section::Exports)?,
            text_ends: records(section(Section::TextEnds), Section::TextEnds)?,
            text,
        };
        view.check(u32_at(program, PROGRAM_START + 4))?;
        Ok(view)
    }

    fn check(&self, zero: u32) -> Checked<()> {
        let total = self.counts.iter().map(|&count| u64::from(count)).sum::<u64>();
        let fits = total == self.definitions.len() as u64 && total <= u64::from(crate::graph::Def::MAX);
        if !fits || self.counts[3] > 1 || self.start > self.counts[0] || zero != 0 {
            return Err(DocumentError::Record(Section::Program, 0));
        }
        self.check_text()?;
        let count = self.definitions.len() as u32;
        all(self.references, Section::References, |&number| u32::from_le_bytes(number) < count)?;
        let texts = self.text_ends.len() as u32;
        all(self.names, Section::Names, |&number| u32::from_le_bytes(number) < texts)?;
        all(self.exports, Section::Exports, |export| {
            let number = u32_at(export, 4);
            let item = self.numbering.definition(number);
            let exported = !matches!(item, Definition::Data(_) | Definition::Element(_));
            u32_at(export, 0) < texts && number < count && exported
        })?;
        check_definitions(self)?;
        self.check_facts()
    }

    /// Texts lie one behind the other, cut between characters, and are all there is.
    fn check_text(&self) -> Checked<()> {
        let mut last = 0;
        all(self.text_ends, Section::TextEnds, |&end| {
            let end = u32::from_le_bytes(end);
            let fits = last <= end && self.text.is_char_boundary(end as usize);
            last = end;
            fits
        })?;
        let whole = last as usize == self.text.len();
        if whole { Ok(()) } else { Err(DocumentError::Record(Section::TextEnds, self.text_ends.len())) }
    }

    /// Facts are whole, and sorted from both sides.
    fn check_facts(&self) -> Checked<()> {
        let facts: &[[u8; 8]] = records(self.facts, Section::Facts)?;
        if !facts.len().is_multiple_of(2) {
            return Err(DocumentError::Layout(Section::Facts));
        }
        let (by_subject, by_object) = facts.split_at(facts.len() / 2);
        for half in [by_subject, by_object] {
            let sorted = half.windows(2).position(|pair| u64::from_le_bytes(pair[0]) >= u64::from_le_bytes(pair[1]));
            if let Some(index) = sorted {
                return Err(DocumentError::Record(Section::Facts, index));
            }
        }
        // The last subject is the largest.
        let last = by_subject.last().map_or(0, |&key| u64::from_le_bytes(key) >> 36);
        let known = by_subject.is_empty() || last < self.definitions.len() as u64;
        if known { Ok(()) } else { Err(DocumentError::Record(Section::Facts, by_subject.len())) }
    }

    /// The root of the program: what it means, without names.
    #[must_use]
    pub const fn root(&self) -> ContentHash {
        self.root
    }

    /// The seal: all that the document holds.
    #[must_use]
    pub const fn seal(&self) -> ContentHash {
        self.seal
    }

    /// The numbering of the definitions.
    #[must_use]
    pub const fn numbering(&self) -> Numbering {
        self.numbering
    }

    /// How many definitions there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.definitions.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.definitions.is_empty()
    }

    /// The definition of a number.
    #[must_use]
    pub fn definition(&self, number: u32) -> Option<DefinitionView<'b>> {
        let record = self.definitions.get(number as usize)?;
        Some(DefinitionView { view: *self, number, record })
    }

    /// Every definition, in the order of the numbers.
    pub fn definitions(&self) -> impl ExactSizeIterator<Item = DefinitionView<'b>> + use<'b> {
        let view = *self;
        let numbered = view.definitions.iter().enumerate();
        numbered.map(move |(number, record)| DefinitionView { view, number: number as u32, record })
    }

    /// The function that runs when the program is instantiated.
    #[must_use]
    pub fn start(&self) -> Option<FuncId> {
        self.start.checked_sub(1).map(FuncId)
    }

    /// Exports: the name, and what it stands for.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = (&'b str, Definition)> + use<'b> {
        let view = *self;
        view.exports
            .iter()
            .map(move |export| (view.text_at(u32_at(export, 0)), view.numbering.definition(u32_at(export, 4))))
    }

    /// How many texts there are.
    #[must_use]
    pub const fn text_count(&self) -> u32 {
        self.text_ends.len() as u32
    }

    /// A text by its number; empty for a number that is none.
    #[must_use]
    pub fn text_at(&self, number: u32) -> &'b str {
        let end = |number: u32| self.text_ends.get(number as usize).map(|&end| u32::from_le_bytes(end) as usize);
        let start = number.checked_sub(1).map_or(Some(0), end);
        start.zip(end(number)).and_then(|(start, end)| self.text.get(start..end)).unwrap_or("")
    }

    /// The facts of the graph as they lie here; texts are numbered as in [`View::text_at`].
    #[must_use]
    pub const fn fact_bytes(&self) -> &'b [u8] {
        self.facts
    }

    /// The facts of the graph, ready to be asked.
    ///
    /// # Errors
    /// None after the document was opened.
    pub fn facts(&self) -> Result<Facts<'b>, FactsError> {
        Facts::open(self.facts)
    }
}

fn hash_at(bytes: &[u8], range: Range<usize>) -> ContentHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(&bytes[range]);
    ContentHash(hash)
}

/// The records of a section, of which there must be a whole number.
fn records<const N: usize>(bytes: &[u8], section: Section) -> Checked<&[[u8; N]]> {
    match bytes.as_chunks() {
        (records, []) => Ok(records),
        _ => Err(DocumentError::Layout(section)),
    }
}

fn all<T>(records: &[T], section: Section, mut right: impl FnMut(&T) -> bool) -> Checked<()> {
    let wrong = records.iter().position(|record| !right(record));
    wrong.map_or(Ok(()), |index| Err(DocumentError::Record(section, index)))
}

/// Checks header and section table: the sections lie one behind the other, and fill the document.
fn sections(bytes: &[u8]) -> Checked<[Range<usize>; SECTIONS]> {
    if !bytes.starts_with(&MAGIC) {
        return Err(DocumentError::Magic);
    }
    if bytes.len() < HEADER {
        return Err(DocumentError::Length(HEADER as u64));
    }
    let (version, count) = (u16_at(bytes, 4), u16_at(bytes, 6));
    if version != VERSION || usize::from(count) != SECTIONS {
        return Err(DocumentError::Version(version));
    }
    if u64_at(bytes, 8) != bytes.len() as u64 {
        return Err(DocumentError::Length(u64_at(bytes, 8)));
    }
    let mut ranges = [const { 0..0 }; SECTIONS];
    let mut next = HEADER;
    for (index, section) in Section::ALL.into_iter().enumerate() {
        let wrong = DocumentError::Layout(section);
        let (offset, len) = (u64_at(bytes, TABLE + index * 16), u64_at(bytes, TABLE + index * 16 + 8));
        let end = usize::try_from(len).ok().and_then(|len| next.checked_add(len)).ok_or(wrong)?;
        let padding = bytes.get(end..end.checked_next_multiple_of(8).ok_or(wrong)?).ok_or(wrong)?;
        if offset != next as u64 || padding.iter().any(|&byte| byte != 0) {
            return Err(wrong);
        }
        ranges[index] = next..end;
        next = end + padding.len();
    }
    if next == bytes.len() { Ok(ranges) } else { Err(DocumentError::Layout(Section::Text)) }
}
