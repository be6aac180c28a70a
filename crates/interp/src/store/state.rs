//! The parts of a store that runs change, and the operations on ranges that need more than one of them.

use super::{Instance, InstanceId, MemoryAddress, TableAddress};
use crate::TrapKind;
use crate::memory::Memory;
use crate::numeric::Slot;
use crate::table::Table;
use alloc::vec::Vec;
use velocity_nda::module::{DataId, ElementId, FuncId, Key, Type};

/// The parts of a store that runs change.
#[derive(Debug, Default)]
pub struct State {
    /// By address.
    pub memories: Vec<Memory>,
    /// By address.
    pub tables: Vec<Table>,
    /// By address.
    pub globals: Vec<Global>,
    /// What each instance has dropped.
    pub dropped: Vec<Dropped>,
    /// How many pages memories may still take.
    pub(crate) spare_pages: u32,
    /// How many entries tables may still take.
    pub(super) spare_entries: u32,
}

/// A global of a store. Compiled code finds the value of number `n` at `n * Global::BYTES` in [`State::globals`].
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Global {
    /// Its bits.
    pub value: Slot,
    pub(super) ty: Type,
    pub(super) mutable: bool,
}

impl Global {
    /// From one global to the next.
    pub const BYTES: usize = size_of::<Self>();
}

const _: () = assert!(core::mem::offset_of!(Global, value) == 0, "a global begins with its value");

/// Data and element segments that an instance no longer has: each reads as empty.
#[derive(Debug)]
pub struct Dropped {
    /// By data.
    pub data: Vec<bool>,
    /// By element segment.
    pub elements: Vec<bool>,
}

impl State {
    /// Whether a memory may grow by so many pages.
    pub(crate) fn may_grow(&self, memory: MemoryAddress, pages: u32) -> bool {
        self.memories[memory.index()].may_grow(pages, self.spare_pages)
    }

    /// Grows a memory and gives the old size, if it may and can.
    pub(crate) fn grow(&mut self, memory: MemoryAddress, pages: u32) -> Option<u32> {
        let old = self.memories[memory.index()].grow(pages, self.spare_pages)?;
        self.spare_pages -= pages;
        Some(old)
    }

    /// Whether [`Self::memory_init`] stays inside of data and memory.
    pub(crate) fn check_memory_init(
        &self,
        instance: (InstanceId, &Instance),
        (data, from): (DataId, u32),
        to: u32,
        len: u32,
    ) -> Result<(), TrapKind> {
        self.data(instance, (data, from), len)?;
        let memory = instance.1.memory.ok_or(TrapKind::MemoryBounds)?;
        self.memories[memory.index()].check(to, len)
    }

    /// Copies `len` bytes of a piece of data into the instance's memory.
    pub(crate) fn memory_init(
        &mut self,
        instance: (InstanceId, &Instance),
        (data, from): (DataId, u32),
        to: u32,
        len: u32,
    ) -> Result<(), TrapKind> {
        let given = self.data(instance, (data, from), len)?;
        let memory = instance.1.memory.ok_or(TrapKind::MemoryBounds)?;
        self.memories[memory.index()].init(to, len, given)
    }

    /// `len` bytes of a piece of data from `from` on, as far as they are given: the rest of them is zeros. The piece is
    /// empty once it was dropped.
    fn data<'i>(
        &self,
        (id, instance): (InstanceId, &'i Instance),
        (data, from): (DataId, u32),
        len: u32,
    ) -> Result<&'i [u8], TrapKind> {
        let module = instance.module();
        let (bytes, zeros) = match (self.dropped[id.index()].data[data.index()], &module.data[data]) {
            (true, _) => (&[][..], 0),
            (false, piece) => (module.bytes_of(piece), piece.zeros),
        };
        let end = u64::from(from) + u64::from(len);
        if end > bytes.len() as u64 + u64::from(zeros) {
            return Err(TrapKind::MemoryBounds);
        }
        let given = |at: u64| at.min(bytes.len() as u64) as usize;
        Ok(&bytes[given(from.into())..given(end)])
    }

    /// Whether [`Self::table_init`] stays inside of segment and table.
    pub(crate) fn check_table_init(
        &self,
        instance: (InstanceId, &Instance),
        (target, to): (TableAddress, u32),
        (element, from): (ElementId, u32),
        len: u32,
    ) -> Result<(), TrapKind> {
        part(self.items(instance, element), from, len)?;
        self.tables[target.index()].check(to, len)
    }

    /// Copies `len` functions of an element segment into a table.
    pub(crate) fn table_init(
        &mut self,
        instance: (InstanceId, &Instance),
        (target, to): (TableAddress, u32),
        (element, from): (ElementId, u32),
        len: u32,
    ) -> Result<(), TrapKind> {
        let items = part(self.items(instance, element), from, len)?;
        let functions = items.iter().map(|&item| item.checked_sub(1).map(|key| instance.1.function(FuncId(key))));
        self.tables[target.index()].init(to, functions)
    }

    /// The items of an element segment; nothing once it was dropped.
    fn items<'i>(&self, (id, instance): (InstanceId, &'i Instance), element: ElementId) -> &'i [u32] {
        if self.dropped[id.index()].elements[element.index()] {
            return &[];
        }
        let module = instance.module();
        module.pool.words(module.elements[element].items)
    }

    /// Whether [`Self::table_copy`] stays inside of both tables.
    pub(crate) fn check_table_copy(
        &self,
        (target, to): (TableAddress, u32),
        (source, from): (TableAddress, u32),
        len: u32,
    ) -> Result<(), TrapKind> {
        self.tables[target.index()].check(to, len)?;
        self.tables[source.index()].check(from, len)
    }

    /// Copies entries from one table to another or the same.
    pub(crate) fn table_copy(
        &mut self,
        (target, to): (TableAddress, u32),
        (source, from): (TableAddress, u32),
        len: u32,
    ) -> Result<(), TrapKind> {
        match self.tables.get_disjoint_mut([target.index(), source.index()]) {
            Ok([target, source]) => target.copy_from(source, to, from, len),
            Err(_) => self.tables[target.index()].copy_within(to, from, len),
        }
    }
}

/// `len` items from `from` on.
fn part(items: &[u32], from: u32, len: u32) -> Result<&[u32], TrapKind> {
    let end = (from as usize).checked_add(len as usize);
    end.and_then(|end| items.get(from as usize..end)).ok_or(TrapKind::TableBounds)
}
