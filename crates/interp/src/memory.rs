//! Linear memory: bytes, bounds, growth (4.2.8).
//!
//! The bytes lie on the heap, or in a [`Storage`] of the engine that made the memory. Loads and stores look at the heap
//! only, which is empty in the second case: what is not found there is looked for in the storage, out of the way.
//!
//! Invariant: the bytes are always a whole number of pages, and no access outside of them changes anything.

use crate::TrapKind;
use crate::numeric::{Slot, of_i32};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
use velocity_nda::module::{LoadOp, MAX_PAGES, PAGE_BYTES, StoreOp};

/// Holds the bytes of a memory, never fewer than before.
pub trait Storage: fmt::Debug + Send {
    /// All bytes.
    fn bytes(&self) -> &[u8];

    /// All bytes, to be changed.
    fn bytes_mut(&mut self) -> &mut [u8];

    /// Appends so many zeros; whether there was room for all of them. Otherwise nothing changes.
    fn extend(&mut self, bytes: usize) -> bool;
}

/// A linear memory. The default has no pages.
#[derive(Debug, Default)]
pub struct Memory {
    /// The bytes, if `storage` does not hold them; else empty.
    heap: Vec<u8>,
    storage: Option<Box<dyn Storage>>,
    /// How many pages it may grow to, as declared.
    max: Option<u32>,
}

impl Memory {
    /// A memory of `pages` zero pages in a storage that holds some of them, or on the heap, if there is room for it.
    pub(crate) fn new(pages: u32, max: Option<u32>, storage: Option<Box<dyn Storage>>) -> Option<Self> {
        let mut memory = Self { heap: Vec::new(), storage, max };
        let missing = pages.checked_sub(memory.pages())?;
        memory.extend(missing).then_some(memory)
    }

    /// How many pages it has.
    #[must_use]
    pub fn pages(&self) -> u32 {
        (self.bytes().len() / PAGE_BYTES as usize) as u32
    }

    /// How many pages it may grow to, as declared.
    #[must_use]
    pub const fn max(&self) -> Option<u32> {
        self.max
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.storage {
            None => &self.heap,
            Some(storage) => storage.bytes(),
        }
    }

    /// All bytes, to be changed.
    #[must_use]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        match &mut self.storage {
            None => &mut self.heap,
            Some(storage) => storage.bytes_mut(),
        }
    }

    /// Whether the bytes lie on the heap, not in a storage of the engine.
    #[must_use]
    pub const fn is_on_heap(&self) -> bool {
        self.storage.is_none()
    }

    /// `len` bytes from `address` on, if the memory reaches that far.
    #[must_use]
    pub fn slice(&self, address: u32, len: u32) -> Option<&[u8]> {
        self.bytes().get(range(address, len)?)
    }

    /// The same, to be written.
    #[must_use]
    pub fn slice_mut(&mut self, address: u32, len: u32) -> Option<&mut [u8]> {
        self.bytes_mut().get_mut(range(address, len)?)
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
        if let Some(storage) = &mut self.storage {
            return storage.extend(more);
        }
        let Some(len) = self.heap.len().checked_add(more) else { return false };
        if self.heap.try_reserve_exact(more).is_err() {
            return false;
        }
        self.heap.resize(len, 0);
        true
    }

    /// A load from an address plus offset; the sum does not wrap.
    ///
    /// # Errors
    /// [`TrapKind::MemoryBounds`].
    #[inline(always)]
    pub fn load(&self, op: LoadOp, address: Slot, offset: u32) -> Result<Slot, TrapKind> {
        match self.load_from_heap(op, address, offset) {
            Some(value) => Ok(value),
            None => self.load_stored(op, address, offset),
        }
    }

    /// The same of the heap alone: `None` also if a storage holds the bytes.
    #[inline(always)]
    #[must_use]
    pub fn load_from_heap(&self, op: LoadOp, address: Slot, offset: u32) -> Option<Slot> {
        load(&self.heap, op, address, offset)
    }

    #[cold]
    #[inline(never)]
    fn load_stored(&self, op: LoadOp, address: Slot, offset: u32) -> Result<Slot, TrapKind> {
        load(self.bytes(), op, address, offset).ok_or(TrapKind::MemoryBounds)
    }

    /// A store to an address plus offset; the sum does not wrap.
    ///
    /// # Errors
    /// [`TrapKind::MemoryBounds`].
    #[inline(always)]
    pub fn store(&mut self, op: StoreOp, address: Slot, offset: u32, value: Slot) -> Result<(), TrapKind> {
        match self.store_to_heap(op, address, offset, value) {
            Some(()) => Ok(()),
            None => self.store_stored(op, address, offset, value),
        }
    }

    /// The same to the heap alone: `None` also if a storage holds the bytes.
    #[inline(always)]
    pub fn store_to_heap(&mut self, op: StoreOp, address: Slot, offset: u32, value: Slot) -> Option<()> {
        store(&mut self.heap, op, address, offset, value)
    }

    #[cold]
    #[inline(never)]
    fn store_stored(&mut self, op: StoreOp, address: Slot, offset: u32, value: Slot) -> Result<(), TrapKind> {
        store(self.bytes_mut(), op, address, offset, value).ok_or(TrapKind::MemoryBounds)
    }

    /// Copies bytes within the memory; the ranges may overlap.
    pub(crate) fn copy(&mut self, to: u32, from: u32, len: u32) -> Result<(), TrapKind> {
        let source = self.checked(from, len)?;
        let target = self.checked(to, len)?;
        self.bytes_mut().copy_within(source, target.start);
        Ok(())
    }

    /// Sets bytes.
    pub(crate) fn fill(&mut self, to: u32, byte: u8, len: u32) -> Result<(), TrapKind> {
        let target = self.checked(to, len)?;
        self.bytes_mut()[target].fill(byte);
        Ok(())
    }

    /// Sets `len` bytes: first those that are `given`, which are no more than that, then zeros.
    pub(crate) fn init(&mut self, to: u32, len: u32, given: &[u8]) -> Result<(), TrapKind> {
        let target = self.checked(to, len)?;
        let (front, back) = self.bytes_mut()[target].split_at_mut(given.len());
        front.copy_from_slice(given);
        back.fill(0);
        Ok(())
    }

    /// Whether there are `len` bytes from `address` on.
    pub(crate) fn check(&self, address: u32, len: u32) -> Result<(), TrapKind> {
        self.checked(address, len).map(|_| ())
    }

    fn checked(&self, address: u32, len: u32) -> Result<Range<usize>, TrapKind> {
        range(address, len).filter(|range| range.end <= self.bytes().len()).ok_or(TrapKind::MemoryBounds)
    }
}

/// `len` positions from `start` on.
fn range(start: u32, len: u32) -> Option<Range<usize>> {
    let start = start as usize;
    Some(start..start.checked_add(len as usize)?)
}

/// A load from an address plus offset, if the bytes reach that far.
#[inline(always)]
fn load(bytes: &[u8], op: LoadOp, address: Slot, offset: u32) -> Option<Slot> {
    use LoadOp as Op;
    Some(match op {
        Op::I32Load | Op::F32Load | Op::I64Load32U => u32::from_le_bytes(*part(bytes, address, offset)?).into(),
        Op::I64Load | Op::F64Load => u64::from_le_bytes(*part(bytes, address, offset)?),
        Op::I32Load8U | Op::I64Load8U => u8::from_le_bytes(*part(bytes, address, offset)?).into(),
        Op::I32Load16U | Op::I64Load16U => u16::from_le_bytes(*part(bytes, address, offset)?).into(),
        Op::I32Load8S => of_i32(i8::from_le_bytes(*part(bytes, address, offset)?).into()),
        Op::I32Load16S => of_i32(i16::from_le_bytes(*part(bytes, address, offset)?).into()),
        Op::I64Load8S => i64::from(i8::from_le_bytes(*part(bytes, address, offset)?)) as Slot,
        Op::I64Load16S => i64::from(i16::from_le_bytes(*part(bytes, address, offset)?)) as Slot,
        Op::I64Load32S => i64::from(i32::from_le_bytes(*part(bytes, address, offset)?)) as Slot,
    })
}

/// A store to an address plus offset, if the bytes reach that far.
#[inline(always)]
fn store(bytes: &mut [u8], op: StoreOp, address: Slot, offset: u32, value: Slot) -> Option<()> {
    use StoreOp as Op;
    match op {
        Op::I32Store | Op::F32Store | Op::I64Store32 => {
            *part_mut(bytes, address, offset)? = (value as u32).to_le_bytes();
        }
        Op::I64Store | Op::F64Store => *part_mut(bytes, address, offset)? = value.to_le_bytes(),
        Op::I32Store8 | Op::I64Store8 => *part_mut(bytes, address, offset)? = (value as u8).to_le_bytes(),
        Op::I32Store16 | Op::I64Store16 => *part_mut(bytes, address, offset)? = (value as u16).to_le_bytes(),
    }
    Some(())
}

#[inline(always)]
fn part<const N: usize>(bytes: &[u8], address: Slot, offset: u32) -> Option<&[u8; N]> {
    let at = effective(address, offset)?;
    bytes.get(at..at.checked_add(N)?)?.first_chunk()
}

#[inline(always)]
fn part_mut<const N: usize>(bytes: &mut [u8], address: Slot, offset: u32) -> Option<&mut [u8; N]> {
    let at = effective(address, offset)?;
    bytes.get_mut(at..at.checked_add(N)?)?.first_chunk_mut()
}

#[inline(always)]
fn effective(address: Slot, offset: u32) -> Option<usize> {
    (address as u32 as usize).checked_add(offset as usize)
}
