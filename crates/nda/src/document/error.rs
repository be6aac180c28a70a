//! Why bytes are no document.

use crate::identity::DecodeError;
use core::fmt;

/// A section of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Counts and the start function.
    Program,
    /// The hash of each definition.
    Hashes,
    /// What each definition is, a byte each.
    Kinds,
    /// The name of each definition: the number of a text plus one, or 0.
    Names,
    /// Its documentation, likewise.
    Docs,
    /// Where the references of each definition end.
    ReferenceEnds,
    /// Where the form of each definition ends.
    FormEnds,
    /// The signature of each function.
    FunctionTypes,
    /// Where the names of each function's locals end.
    LocalEnds,
    /// The type of each global, a byte each.
    GlobalTypes,
    /// How text writes each piece of data, a byte each.
    Shapes,
    /// How many elements each piece of data has as an array.
    Elements,
    /// What definitions use, by number.
    References,
    /// Names of locals, by number of the text.
    Locals,
    /// Where parameters and results of each signature end.
    SignatureEnds,
    /// Types of parameters and results, a byte each.
    Types,
    /// What definitions are made of.
    Forms,
    /// Facts of the graph.
    Facts,
    /// The name of each export, by number of the text.
    ExportNames,
    /// What each export stands for, by number of the definition.
    ExportItems,
    /// Where each text ends.
    TextEnds,
    /// All texts.
    Text,
}

impl Section {
    /// All of them, in their order.
    pub const ALL: [Self; super::layout::SECTIONS] = [
        Self::Program,
        Self::Hashes,
        Self::Kinds,
        Self::Names,
        Self::Docs,
        Self::ReferenceEnds,
        Self::FormEnds,
        Self::FunctionTypes,
        Self::LocalEnds,
        Self::GlobalTypes,
        Self::Shapes,
        Self::Elements,
        Self::References,
        Self::Locals,
        Self::SignatureEnds,
        Self::Types,
        Self::Forms,
        Self::Facts,
        Self::ExportNames,
        Self::ExportItems,
        Self::TextEnds,
        Self::Text,
    ];
}

/// Why bytes are no document, or a document no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// They do not begin as a document does.
    Magic,
    /// It is of a version that is not known here.
    Version(u16),
    /// It says that it has this many bytes, but another number is here.
    Length(u64),
    /// A section does not lie where it must, or is no whole number of records.
    Layout(Section),
    /// The seal is broken: at least one bit was changed.
    Seal,
    /// A record of a section says what cannot be.
    Record(Section, usize),
    /// The canonical form of the definition of this number cannot be read.
    Form(usize, DecodeError),
    /// The definition of this number has not the hash that the document says.
    Hash(usize),
    /// The program has not the root that the document says.
    Root,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str("this is no NDA document; documents begin with `NDA1`"),
            Self::Version(found) => {
                write!(f, "the document is of version {found}; this reads version {}", super::layout::VERSION)
            }
            Self::Length(said) => write!(f, "the document should have {said} bytes; get it again, it is cut or grown"),
            Self::Layout(section) => write!(f, "the section {section:?} does not lie where it must; pack it again"),
            Self::Seal => f.write_str("the document's seal is broken; get it again, some bit of it was changed"),
            Self::Record(section, index) => {
                write!(f, "record {index} of the section {section:?} says what cannot be; pack it again")
            }
            Self::Form(index, error) => write!(f, "definition {index}: {error}"),
            Self::Hash(index) => write!(f, "definition {index} is not what its hash says; pack it again"),
            Self::Root => f.write_str("the program is not what the document's root says; pack it again"),
        }
    }
}

impl core::error::Error for DocumentError {}
