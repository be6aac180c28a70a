//! Linear memory: bytes, bounds, growth (4.2.8).
//!
//! Invariant: the bytes are always a whole number of pages, and no access outside of them changes anything.

use crate::TrapKind;
use crate::numeric::{Slot, of_i32};
use alloc::vec::Vec;
use core::ops::Range;
use velocity_nda::module::{LoadOp, PAGE_BYTES, StoreOp};

/// The most pages that 32-bit addresses reach.
pub(crate) const MAX_PAGES: u32 = 1 << 16;

/// A linear memory. The default has no pages.
#[derive(Debug, Default)]
pub struct Memory {
    bytes: Vec<u8>,
    /// How many pages it may grow to, as declared.
    max: Option<u32>,
}

impl Memory {
    /// A memory of `pages` zero pages, if there is room for it.
    pub(crate) fn new(pages: u32, max: Option<u32>) -> Option<Self> {
        let mut memory = Self { bytes: Vec::new(), max };
        memory.extend(pages).then_some(memory)
    }

    /// How many pages it has.
    #[must_use]
    pub fn pages(&self) -> u32 {
        (self.bytes.len() / PAGE_BYTES as usize) as u32
    }

    /// How many pages it may grow to, as declared.
    #[must_use]
    pub const fn max(&self) -> Option<u32> {
        self.max
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All bytes, to be changed.
    #[must_use]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// `len` bytes from `address` on, if the memory reaches that far.
    #[must_use]
    pub fn slice(&self, address: u32, len: u32) -> Option<&[u8]> {
        self.bytes.get(range(address, len)?)
    }

    /// Grows by `pages` if it may and can, and gives the old size. `spare` is how many pages the store has left.
    pub(crate) fn grow(&mut self, pages: u32, spare: u32) -> Option<u32> {
        let old = self.pages();
        (self.may_grow(pages, spare) && self.extend(pages)).then_some(old)
    }

    /// Whether it may grow by `pages`.
    pub(crate) fn may_grow(&self, pages: u32, spare: u32) -> bool {
        let most = self.max.unwrap_or(MAX_PAGES).min(MAX_PAGES);
        pages <= spare && self.pages().checked_add(pages).is_some_and(|new| new <= most)
    }

    fn extend(&mut self, pages: u32) -> bool {
        let Some(more) = (pages as usize).checked_mul(PAGE_BYTES as usize) else { return false };
        let Some(len) = self.bytes.len().checked_add(more) else { return false };
        if self.bytes.try_reserve_exact(more).is_err() {
            return false;
        }
        self.bytes.resize(len, 0);
        true
    }

    /// A load from an address plus offset; the sum does not wrap.
    ///
    /// # Errors
    /// [`TrapKind::MemoryBounds`].
    #[inline(always)]
    pub fn load(&self, op: LoadOp, address: Slot, offset: u32) -> Result<Slot, TrapKind> {
        use LoadOp as Op;
        Ok(match op {
            Op::I32Load | Op::F32Load | Op::I64Load32U => u32::from_le_bytes(self.read(address, offset)?).into(),
            Op::I64Load | Op::F64Load => u64::from_le_bytes(self.read(address, offset)?),
            Op::I32Load8U | Op::I64Load8U => u8::from_le_bytes(self.read(address, offset)?).into(),
            Op::I32Load16U | Op::I64Load16U => u16::from_le_bytes(self.read(address, offset)?).into(),
            Op::I32Load8S => of_i32(i8::from_le_bytes(self.read(address, offset)?).into()),
            Op::I32Load16S => of_i32(i16::from_le_bytes(self.read(address, offset)?).into()),
            Op::I64Load8S => i64::from(i8::from_le_bytes(self.read(address, offset)?)) as Slot,
            Op::I64Load16S => i64::from(i16::from_le_bytes(self.read(address, offset)?)) as Slot,
            Op::I64Load32S => i64::from(i32::from_le_bytes(self.read(address, offset)?)) as Slot,
        })
    }

    /// A store to an address plus offset; the sum does not wrap.
    ///
    /// # Errors
    /// [`TrapKind::MemoryBounds`].
    #[inline(always)]
    pub fn store(&mut self, op: StoreOp, address: Slot, offset: u32, value: Slot) -> Result<(), TrapKind> {
        use StoreOp as Op;
        match op {
            Op::I32Store | Op::F32Store | Op::I64Store32 => self.write(address, offset, (value as u32).to_le_bytes()),
            Op::I64Store | Op::F64Store => self.write(address, offset, value.to_le_bytes()),
            Op::I32Store8 | Op::I64Store8 => self.write(address, offset, (value as u8).to_le_bytes()),
            Op::I32Store16 | Op::I64Store16 => self.write(address, offset, (value as u16).to_le_bytes()),
        }
    }

    #[inline(always)]
    fn read<const N: usize>(&self, address: Slot, offset: u32) -> Result<[u8; N], TrapKind> {
        let at = effective(address, offset).ok_or(TrapKind::MemoryBounds)?;
        let chunk = self.bytes.get(at..).and_then(|rest| rest.first_chunk());
        chunk.copied().ok_or(TrapKind::MemoryBounds)
    }

    #[inline(always)]
    fn write<const N: usize>(&mut self, address: Slot, offset: u32, bytes: [u8; N]) -> Result<(), TrapKind> {
        let at = effective(address, offset).ok_or(TrapKind::MemoryBounds)?;
        let chunk = self.bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut());
        *chunk.ok_or(TrapKind::MemoryBounds)? = bytes;
        Ok(())
    }

    /// Copies bytes within the memory; the ranges may overlap.
    pub(crate) fn copy(&mut self, to: u32, from: u32, len: u32) -> Result<(), TrapKind> {
        let source = self.checked(from, len)?;
        let target = self.checked(to, len)?;
        self.bytes.copy_within(source, target.start);
        Ok(())
    }

    /// Sets bytes.
    pub(crate) fn fill(&mut self, to: u32, byte: u8, len: u32) -> Result<(), TrapKind> {
        let target = self.checked(to, len)?;
        self.bytes[target].fill(byte);
        Ok(())
    }

    /// Sets `len` bytes: first those that are `given`, which are no more than that, then zeros.
    pub(crate) fn init(&mut self, to: u32, len: u32, given: &[u8]) -> Result<(), TrapKind> {
        let target = self.checked(to, len)?;
        let (front, back) = self.bytes[target].split_at_mut(given.len());
        front.copy_from_slice(given);
        back.fill(0);
        Ok(())
    }

    /// Whether there are `len` bytes from `address` on.
    pub(crate) fn check(&self, address: u32, len: u32) -> Result<(), TrapKind> {
        self.checked(address, len).map(|_| ())
    }

    fn checked(&self, address: u32, len: u32) -> Result<Range<usize>, TrapKind> {
        range(address, len).filter(|range| range.end <= self.bytes.len()).ok_or(TrapKind::MemoryBounds)
    }
}

/// `len` positions from `start` on.
fn range(start: u32, len: u32) -> Option<Range<usize>> {
    let start = start as usize;
    Some(start..start.checked_add(len as usize)?)
}

#[inline(always)]
fn effective(address: Slot, offset: u32) -> Option<usize> {
    (address as u32 as usize).checked_add(offset as usize)
}
