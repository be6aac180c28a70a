//! A document as it lies in memory: checked once, then read in place.

use super::definition::DefinitionView;
use super::error::{DocumentError, Section};
use super::layout::{
    HEADER, MAGIC, PROGRAM_BYTES, PROGRAM_START, ROOT, SEAL, SECTIONS, TABLE, TABLE_ENTRY, VERSION, seal,
};
use super::numbers::Numbers;
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
    pub(super) numbering: Numbering,
    pub(super) counts: [u32; 6],
    pub(super) start: u32,
    pub(super) hashes: &'b [[u8; 32]],
    pub(super) kinds: &'b [u8],
    pub(super) names: Numbers<'b>,
    pub(super) docs: Numbers<'b>,
    pub(super) reference_ends: Numbers<'b>,
    pub(super) form_ends: Numbers<'b>,
    pub(super) function_types: Numbers<'b>,
    pub(super) local_ends: Numbers<'b>,
    pub(super) global_types: &'b [u8],
    pub(super) shapes: &'b [u8],
    pub(super) elements: Numbers<'b>,
    pub(super) references: Numbers<'b>,
    pub(super) locals: Numbers<'b>,
    pub(super) signature_ends: Numbers<'b>,
    pub(super) types: &'b [u8],
    pub(super) forms: &'b [u8],
    pub(super) facts: &'b [u8],
    pub(super) export_names: Numbers<'b>,
    pub(super) export_items: Numbers<'b>,
    pub(super) text_ends: Numbers<'b>,
    pub(super) text: &'b str,
}

pub(super) type Checked<T> = Result<T, DocumentError>;

impl<'b> View<'b> {
    /// Checks everything but the forms, and gives access to it. Nothing is allocated or copied.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn open(bytes: &'b [u8]) -> Checked<Self> {
        let sections = Sections::of(bytes)?;
        if seal(bytes) != bytes[SEAL] {
            return Err(DocumentError::Seal);
        }
        let program = sections.bytes(Section::Program)?;
        if program.len() != PROGRAM_BYTES {
            return Err(DocumentError::Layout(Section::Program));
        }
        let counts = [0, 4, 8, 12, 16, 20].map(|at| u32_at(program, at));
        let (hashes, []) = sections.bytes(Section::Hashes)?.as_chunks() else {
            return Err(DocumentError::Layout(Section::Hashes));
        };
        let text = core::str::from_utf8(sections.bytes(Section::Text)?);
        let view = Self {
            root: hash_at(bytes, ROOT),
            numbering: Numbering::of_counts(counts),
            counts,
            start: u32_at(program, PROGRAM_START),
            hashes,
            kinds: sections.bytes(Section::Kinds)?,
            names: sections.numbers(Section::Names)?,
            docs: sections.numbers(Section::Docs)?,
            reference_ends: sections.numbers(Section::ReferenceEnds)?,
            form_ends: sections.numbers(Section::FormEnds)?,
            function_types: sections.numbers(Section::FunctionTypes)?,
            local_ends: sections.numbers(Section::LocalEnds)?,
            global_types: sections.bytes(Section::GlobalTypes)?,
            shapes: sections.bytes(Section::Shapes)?,
            elements: sections.numbers(Section::Elements)?,
            references: sections.numbers(Section::References)?,
            locals: sections.numbers(Section::Locals)?,
            signature_ends: sections.numbers(Section::SignatureEnds)?,
            types: sections.bytes(Section::Types)?,
            forms: sections.bytes(Section::Forms)?,
            facts: sections.bytes(Section::Facts)?,
            export_names: sections.numbers(Section::ExportNames)?,
            export_items: sections.numbers(Section::ExportItems)?,
            text_ends: sections.numbers(Section::TextEnds)?,
            text: text.map_err(|_| DocumentError::Record(Section::Text, 0))?,
        };
        view.check(u32_at(program, PROGRAM_START + 4))?;
        Ok(view)
    }

    /// The root of the program: what it means, without names.
    #[must_use]
    pub const fn root(&self) -> ContentHash {
        self.root
    }

    /// The numbering of the definitions.
    #[must_use]
    pub const fn numbering(&self) -> Numbering {
        self.numbering
    }

    /// How many definitions there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The definition of a number.
    #[must_use]
    pub fn definition(&self, number: u32) -> Option<DefinitionView<'b>> {
        ((number as usize) < self.len()).then_some(DefinitionView { view: *self, number })
    }

    /// Every definition, in the order of the numbers.
    pub fn definitions(&self) -> impl ExactSizeIterator<Item = DefinitionView<'b>> + use<'b> {
        let view = *self;
        (0..view.len() as u32).map(move |number| DefinitionView { view, number })
    }

    /// The function that runs when the program is instantiated.
    #[must_use]
    pub fn start(&self) -> Option<FuncId> {
        self.start.checked_sub(1).map(FuncId)
    }

    /// Exports: the name, and what it stands for.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = (&'b str, Definition)> + use<'b> {
        let view = *self;
        let exports = view.export_names.iter().zip(view.export_items.iter());
        exports.map(move |(name, item)| (view.text_at(name), view.numbering.definition(item)))
    }

    /// How many texts there are.
    #[must_use]
    pub const fn text_count(&self) -> u32 {
        self.text_ends.len() as u32
    }

    /// A text by its number; empty for a number that is none.
    #[must_use]
    pub fn text_at(&self, number: u32) -> &'b str {
        self.text.get(self.text_ends.piece(number as usize)).unwrap_or("")
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

/// Where the sections lie, and how wide their numbers are.
struct Sections<'b> {
    bytes: &'b [u8],
    ranges: [Range<usize>; SECTIONS],
    widths: [u32; SECTIONS],
}

impl<'b> Sections<'b> {
    /// Checks header and section table: the sections lie one behind the other, and fill the document.
    fn of(bytes: &'b [u8]) -> Checked<Self> {
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
        let (mut ranges, mut widths) = ([const { 0..0 }; SECTIONS], [0; SECTIONS]);
        let mut next = HEADER;
        for (index, section) in Section::ALL.into_iter().enumerate() {
            let wrong = DocumentError::Layout(section);
            let entry = TABLE + index * TABLE_ENTRY;
            let end = next.checked_add(u32_at(bytes, entry) as usize).ok_or(wrong)?;
            let padding = bytes.get(end..end.checked_next_multiple_of(8).ok_or(wrong)?).ok_or(wrong)?;
            if padding.iter().any(|&byte| byte != 0) {
                return Err(wrong);
            }
            (ranges[index], widths[index]) = (next..end, u32_at(bytes, entry + 4));
            next = end + padding.len();
        }
        let whole = next == bytes.len();
        if whole { Ok(Self { bytes, ranges, widths }) } else { Err(DocumentError::Layout(Section::Text)) }
    }

    /// A section of bytes.
    fn bytes(&self, section: Section) -> Checked<&'b [u8]> {
        match self.widths[section as usize] {
            1 => Ok(&self.bytes[self.ranges[section as usize].clone()]),
            _ => Err(DocumentError::Layout(section)),
        }
    }

    /// A section of numbers.
    fn numbers(&self, section: Section) -> Checked<Numbers<'b>> {
        let bytes = &self.bytes[self.ranges[section as usize].clone()];
        let width = self.widths[section as usize] as usize;
        Numbers::new(bytes, width).ok_or(DocumentError::Layout(section))
    }
}
