//! Data and element segments: what a module puts into memory and tables, and how the text writes it.

use super::{Constant, List, Meta, TableId};
use alloc::format;
use alloc::string::String;
use velocity_base::ContentHash;

/// Data of a module.
#[derive(Clone, Copy, Debug)]
pub struct Data {
    /// Name, documentation, place.
    pub meta: Meta,
    /// Where it goes.
    pub placement: Placement,
    /// Where its bytes begin in [`Module::bytes`](super::Module::bytes).
    pub start: u32,
    /// How many bytes are given there.
    pub len: u32,
    /// How many zero bytes follow those.
    pub zeros: u32,
    /// How the text writes it: the element's type and how many there are.
    pub shape: DataShape,
}

/// Where data goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// A `static`: to an address, aligned to this many bytes (a power of two up to 8), that
    /// [`placement`](crate::place) chooses by content.
    Anywhere(u32),
    /// To this address when the module is instantiated.
    At(Constant),
    /// Nowhere until `memory.init` copies it.
    Passive,
    /// The definition that has this hash, a `static`.
    Import(ContentHash),
}

/// How text writes data. No part of the meaning but for pointers: `ty` is what indexing the static's name reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataShape {
    /// A string of bytes.
    Text,
    /// So many elements of this type.
    Array(Cell, u32),
    /// One element.
    One(Cell),
}

/// What a pointer points to: a type as it lies in memory, and how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the types' names in the text")]
pub enum Cell {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
}

impl Data {
    /// How many bytes it has, zeros included.
    #[must_use]
    pub fn size(&self) -> u64 {
        u64::from(self.len) + u64::from(self.zeros)
    }

    /// Its type as the text writes it: `[u8; 16]` or `u8`.
    #[must_use]
    pub fn written_type(&self) -> String {
        match self.shape {
            DataShape::Text => format!("[u8; {}]", self.size()),
            DataShape::Array(cell, count) => format!("[{}; {count}]", cell.name()),
            DataShape::One(cell) => cell.name().into(),
        }
    }
}

impl Cell {
    /// As the text writes it: `u8`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    /// Bytes in memory, and the alignment of a static.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }
}

/// An element segment: functions for a table.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// Name, documentation, place.
    pub meta: Meta,
    /// Where it goes.
    pub mode: ElementMode,
    /// The key of a function plus one, or 0 for an empty entry.
    pub items: List<u32>,
}

/// Where an element segment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementMode {
    /// Into a table from this entry on, when the module is instantiated.
    At(TableId, Constant),
    /// Nowhere until `table.init` copies it.
    Passive,
}
