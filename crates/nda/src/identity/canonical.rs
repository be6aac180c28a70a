//! Reading canonical forms, whose bytes may come from anywhere.
//!
//! A [`Form`] is what stands in front of a body, checked; nothing is allocated beyond what the bytes themselves fill.

use super::code::kind;
use crate::module::Type;
use alloc::vec::Vec;
use core::fmt;

/// What is wrong with the canonical form of a definition, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Bytes from the beginning.
    pub offset: usize,
    /// What is wrong there.
    pub fault: DecodeFault,
}

/// What can be wrong with the canonical form of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeFault {
    /// The bytes end too early.
    Truncated,
    /// More bytes follow than belong there.
    Trailing,
    /// It does not begin as a definition of this version does.
    Domain,
    /// There is no such kind of definition.
    Kind,
    /// There is no such type.
    Type,
    /// A signature or reference that the definition does not list, or of the wrong kind.
    Reference,
    /// There is no such node.
    Node,
    /// A node wants more children than come before it, or nodes are left over.
    Children,
    /// A break leads to no label.
    Label,
    /// A text is not UTF-8.
    Text,
    /// Bits that must be zero are not, or a number is too large for its place.
    Number,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.fault {
            DecodeFault::Truncated => "the bytes end too early",
            DecodeFault::Trailing => "bytes follow that belong to nothing",
            DecodeFault::Domain => "this is no definition of a version that is known here",
            DecodeFault::Kind => "there is no such kind of definition",
            DecodeFault::Type => "there is no such type",
            DecodeFault::Reference => "a reference is not listed, or is of another kind",
            DecodeFault::Node => "there is no such node",
            DecodeFault::Children => "the nodes do not make one tree",
            DecodeFault::Label => "a break leads to no label",
            DecodeFault::Text => "a text is not UTF-8",
            DecodeFault::Number => "a number is out of its range",
        };
        write!(f, "at byte {}: {what}; fetch the definition again, or make it anew from its text", self.offset)
    }
}

impl core::error::Error for DecodeError {}

pub(crate) type Decoded<T> = Result<T, DecodeError>;

/// Reads bytes from front to back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
    /// Where `rest` begins.
    pub(crate) offset: usize,
}

impl<'b> Reader<'b> {
    pub(crate) const fn new(bytes: &'b [u8], offset: usize) -> Self {
        Self { rest: bytes, offset }
    }

    pub(crate) const fn fault<T>(&self, fault: DecodeFault) -> Decoded<T> {
        Err(DecodeError { offset: self.offset, fault })
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many whole words are left: nothing that takes a word each can be more.
    pub(crate) const fn words_left(&self) -> usize {
        self.rest.len() / 8
    }

    pub(crate) fn take(&mut self, count: usize) -> Decoded<&'b [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else { return self.fault(DecodeFault::Truncated) };
        self.rest = rest;
        self.offset += count;
        Ok(taken)
    }

    pub(crate) fn word(&mut self) -> Decoded<u64> {
        let Some((word, rest)) = self.rest.split_first_chunk::<8>() else { return self.fault(DecodeFault::Truncated) };
        self.rest = rest;
        self.offset += 8;
        Ok(u64::from_le_bytes(*word))
    }

    /// A word that fits 32 bits.
    pub(crate) fn number(&mut self) -> Decoded<u32> {
        let word = self.word()?;
        u32::try_from(word).map_err(|_| DecodeError { offset: self.offset - 8, fault: DecodeFault::Number })
    }

    /// So many bytes, and the zeros that fill the last word.
    pub(crate) fn padded(&mut self, count: usize) -> Decoded<&'b [u8]> {
        let taken = self.take(count)?;
        let zeros = self.take(count.wrapping_neg() % 8)?;
        if zeros.iter().all(|&byte| byte == 0) { Ok(taken) } else { self.fault(DecodeFault::Number) }
    }

    /// Bytes behind their number.
    pub(crate) fn bytes(&mut self) -> Decoded<&'b [u8]> {
        let count = self.number()? as usize;
        self.padded(count)
    }

    pub(crate) fn text(&mut self) -> Decoded<&'b str> {
        let bytes = self.bytes()?;
        core::str::from_utf8(bytes).map_err(|_| DecodeError { offset: self.offset, fault: DecodeFault::Text })
    }

    /// So many types.
    pub(crate) fn types(&mut self, count: usize) -> Decoded<&'b [u8]> {
        let types = self.padded(count)?;
        if types.iter().all(|&ty| Type::of_code(ty).is_some()) { Ok(types) } else { self.fault(DecodeFault::Type) }
    }

    pub(crate) const fn end(&self) -> Decoded<()> {
        if self.is_empty() { Ok(()) } else { self.fault(DecodeFault::Trailing) }
    }
}

/// What a definition is, and the signatures that it lists: all that comes before its references.
#[derive(Clone, Debug)]
pub(crate) struct Form<'b> {
    pub(crate) kind: u8,
    pub(crate) ty: Option<Type>,
    pub(crate) mutable: bool,
    pub(crate) ordinal: u32,
    /// Types of parameters and results.
    pub(crate) signatures: Vec<(&'b [u8], &'b [u8])>,
    /// How many references follow.
    pub(crate) references: u32,
}

impl<'b> Form<'b> {
    pub(crate) fn read(reader: &mut Reader<'b>) -> Decoded<Self> {
        let word = reader.word()?;
        let (code, ty, mutable) = (word as u8, (word >> 8) as u8, (word >> 16) as u16);
        let is_global = matches!(code, kind::GLOBAL | kind::HOST_GLOBAL);
        if !(kind::FUNCTION..=kind::PLACED_ELEMENT).contains(&code) {
            return reader.fault(DecodeFault::Kind);
        }
        if mutable > u16::from(is_global) || is_global != Type::of_code(ty).is_some() || (ty != 0) != is_global {
            return reader.fault(DecodeFault::Type);
        }
        let counts = reader.word()?;
        let count = counts as u32 as usize;
        if count > reader.words_left() {
            return reader.fault(DecodeFault::Truncated);
        }
        let mut signatures = Vec::with_capacity(count);
        for _ in 0..count {
            let counts = reader.word()?;
            let (parameters, results) = (counts as u32 as usize, (counts >> 32) as usize);
            let types = reader.types(parameters.saturating_add(results))?;
            signatures.push(types.split_at(parameters));
        }
        let (ty, mutable) = (Type::of_code(ty), mutable != 0);
        let (ordinal, references) = ((word >> 32) as u32, (counts >> 32) as u32);
        Ok(Self { kind: code, ty, mutable, ordinal, signatures, references })
    }
}
