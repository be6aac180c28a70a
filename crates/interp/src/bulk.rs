//! Operations on ranges of memory and tables (4.4.6, 4.4.7).
//!
//! Fuel beyond the node's own unit: one for every whole 64 bytes or 16 entries. Order: bounds, then fuel, then the
//! operation, so that one which is out of bounds costs nothing more and one that cannot be paid for changes nothing.

use crate::TrapKind;
use crate::engine::Account;
use crate::numeric::{Slot, of_i32};
use crate::store::{Fixed, FunctionAddress, Instance, InstanceId, State};
use velocity_nda::module::{DataId, ElementId, Expr, PAGE_BYTES, SigId, TableId};

/// Bytes that one unit of fuel moves.
const BYTES_A_UNIT: u64 = 64;
/// Table entries that one unit of fuel moves.
const ENTRIES_A_UNIT: u64 = 16;

/// The operands of an operation on a range.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Destination.
    pub to: u32,
    /// Source, or the byte to fill with.
    pub from: u32,
    /// Bytes or entries.
    pub len: u32,
}

/// An operation of an instance.
#[derive(Debug)]
pub struct Bulk<'a> {
    /// The instance.
    pub id: InstanceId,
    /// The same.
    pub instance: &'a Instance,
    /// What it changes.
    pub state: &'a mut State,
    /// Pays.
    pub account: &'a mut Account,
}

/// Every operation traps outside of its bounds and if it cannot be paid.
#[allow(clippy::missing_errors_doc, reason = "said above for all of them")]
impl Bulk<'_> {
    fn pay(&mut self, fuel: u64) -> Result<(), TrapKind> {
        if self.account.pay(fuel) { Ok(()) } else { Err(TrapKind::FuelExhausted) }
    }

    /// The operation on a range that a node stands for; nothing for any other node.
    pub fn range(&mut self, expr: Expr, range: Range) -> Result<(), TrapKind> {
        match expr {
            Expr::MemoryCopy(..) => self.memory_copy(range),
            Expr::MemoryFill(..) => self.memory_fill(range),
            Expr::MemoryInit(data, _) => self.memory_init(data, range),
            Expr::TableInit(table, element, _) => self.table_init(table, element, range),
            Expr::TableCopy(target, source, _) => self.table_copy(target, source, range),
            _ => Ok(()),
        }
    }

    /// `memory.grow`: the old size in pages, or -1.
    pub fn grow(&mut self, pages: u32) -> Result<Slot, TrapKind> {
        let memory = self.instance.memory.filter(|&memory| self.state.may_grow(memory, pages));
        if memory.is_some() {
            self.pay(u64::from(pages) * (u64::from(PAGE_BYTES) / BYTES_A_UNIT))?;
        }
        let old = memory.and_then(|memory| self.state.grow(memory, pages));
        Ok(old.map_or(of_i32(-1), u64::from))
    }

    /// `memory.copy`.
    fn memory_copy(&mut self, range: Range) -> Result<(), TrapKind> {
        let address = self.instance.memory.ok_or(TrapKind::MemoryBounds)?.index();
        let memory = &self.state.memories[address];
        memory.check(range.to, range.len).and(memory.check(range.from, range.len))?;
        self.pay(u64::from(range.len) / BYTES_A_UNIT)?;
        self.state.memories[address].copy(range.to, range.from, range.len)
    }

    /// `memory.fill`.
    fn memory_fill(&mut self, range: Range) -> Result<(), TrapKind> {
        let address = self.instance.memory.ok_or(TrapKind::MemoryBounds)?.index();
        self.state.memories[address].check(range.to, range.len)?;
        self.pay(u64::from(range.len) / BYTES_A_UNIT)?;
        self.state.memories[address].fill(range.to, range.from as u8, range.len)
    }

    /// `memory.init`.
    fn memory_init(&mut self, data: DataId, range: Range) -> Result<(), TrapKind> {
        let instance = (self.id, self.instance);
        self.state.check_memory_init(instance, (data, range.from), range.to, range.len)?;
        self.pay(u64::from(range.len) / BYTES_A_UNIT)?;
        self.state.memory_init(instance, (data, range.from), range.to, range.len)
    }

    /// `table.init`.
    fn table_init(&mut self, table: TableId, element: ElementId, range: Range) -> Result<(), TrapKind> {
        let (instance, target) = ((self.id, self.instance), (self.instance.table(table), range.to));
        self.state.check_table_init(instance, target, (element, range.from), range.len)?;
        self.pay(u64::from(range.len) / ENTRIES_A_UNIT)?;
        self.state.table_init(instance, target, (element, range.from), range.len)
    }

    /// `table.copy`, to the first table.
    fn table_copy(&mut self, target: TableId, source: TableId, range: Range) -> Result<(), TrapKind> {
        let (target, source) = ((self.instance.table(target), range.to), (self.instance.table(source), range.from));
        self.state.check_table_copy(target, source, range.len)?;
        self.pay(u64::from(range.len) / ENTRIES_A_UNIT)?;
        self.state.table_copy(target, source, range.len)
    }
}

/// The function that an indirect call of an instance means.
///
/// # Errors
/// [`TrapKind::UndefinedElement`], [`TrapKind::UninitializedElement`], [`TrapKind::IndirectCallType`].
pub fn callee(
    fixed: &Fixed,
    state: &State,
    instance: &Instance,
    (signature, table): (SigId, TableId),
    index: u32,
) -> Result<FunctionAddress, TrapKind> {
    let callee = state.tables[instance.table(table).index()].callee(index)?;
    let fits = fixed.functions[callee.index()].ty == instance.types[signature.0 as usize];
    if fits { Ok(callee) } else { Err(TrapKind::IndirectCallType) }
}
