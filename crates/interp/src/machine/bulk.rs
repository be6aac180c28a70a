//! Operations on ranges of memory and tables (4.4.6, 4.4.7).
//!
//! Fuel beyond the node's own unit: one for every whole 64 bytes or 16 entries. Order: bounds, then fuel, then the
//! operation, so that one which is out of bounds costs nothing more and one that cannot be paid for changes nothing.

use super::{Machine, Scene, Stop};
use crate::TrapKind;
use crate::numeric::of_i32;
use crate::store::State;
use velocity_nda::module::{DataId, ElementId, Expr, ExprId, PAGE_BYTES, TableId};

/// Bytes that one unit of fuel moves.
const BYTES_A_UNIT: u64 = 64;
/// Table entries that one unit of fuel moves.
const ENTRIES_A_UNIT: u64 = 16;

impl Machine {
    /// The operands are on the value stack.
    #[inline(never)]
    pub(super) fn bulk(&mut self, scene: &Scene<'_>, state: &mut State, id: ExprId) -> Result<(), Stop> {
        match scene.module.exprs[id] {
            Expr::MemoryGrow(_) => self.grow(scene, state, id),
            Expr::MemoryCopy(..) => self.memory_copy(scene, state, id),
            Expr::MemoryFill(..) => self.memory_fill(scene, state, id),
            Expr::MemoryInit(data, _) => self.memory_init(scene, state, data, id),
            Expr::TableInit(table, element, _) => self.table_init(scene, state, (table, element), id),
            Expr::TableCopy(target, source, _) => self.table_copy(scene, state, (target, source), id),
            // Every other node is finished elsewhere or has no operands.
            _ => Ok(()),
        }
    }

    /// The last three operands: destination, source or value, length.
    fn pop_range(&mut self) -> (u32, u32, u32) {
        let (len, from, to) = (self.pop_u32(), self.pop_u32(), self.pop_u32());
        (to, from, len)
    }

    fn grow(&mut self, scene: &Scene<'_>, state: &mut State, id: ExprId) -> Result<(), Stop> {
        let pages = self.pop_u32();
        let grown = scene.instance.memory.filter(|&memory| state.may_grow(memory, pages));
        if grown.is_some() {
            self.pay(u64::from(pages) * (u64::from(PAGE_BYTES) / BYTES_A_UNIT), id)?;
        }
        let old = grown.and_then(|memory| state.grow(memory, pages));
        self.values.push(old.map_or(of_i32(-1), u64::from));
        Ok(())
    }

    fn memory_copy(&mut self, scene: &Scene<'_>, state: &mut State, id: ExprId) -> Result<(), Stop> {
        let (to, from, len) = self.pop_range();
        let fault = |kind| Stop::Fault(kind, id);
        let memory = state.memories.get_mut(scene.memory).ok_or(fault(TrapKind::MemoryBounds))?;
        memory.check(to, len).and(memory.check(from, len)).map_err(fault)?;
        self.pay(u64::from(len) / BYTES_A_UNIT, id)?;
        memory.copy(to, from, len).map_err(fault)
    }

    fn memory_fill(&mut self, scene: &Scene<'_>, state: &mut State, id: ExprId) -> Result<(), Stop> {
        let (to, byte, len) = self.pop_range();
        let fault = |kind| Stop::Fault(kind, id);
        let memory = state.memories.get_mut(scene.memory).ok_or(fault(TrapKind::MemoryBounds))?;
        memory.check(to, len).map_err(fault)?;
        self.pay(u64::from(len) / BYTES_A_UNIT, id)?;
        memory.fill(to, byte as u8, len).map_err(fault)
    }

    fn memory_init(&mut self, scene: &Scene<'_>, state: &mut State, data: DataId, id: ExprId) -> Result<(), Stop> {
        let (to, from, len) = self.pop_range();
        let instance = (scene.id, scene.instance);
        let fault = |kind| Stop::Fault(kind, id);
        state.check_memory_init(instance, (data, from), to, len).map_err(fault)?;
        self.pay(u64::from(len) / BYTES_A_UNIT, id)?;
        state.memory_init(instance, (data, from), to, len).map_err(fault)
    }

    fn table_init(
        &mut self,
        scene: &Scene<'_>,
        state: &mut State,
        (table, element): (TableId, ElementId),
        id: ExprId,
    ) -> Result<(), Stop> {
        let (to, from, len) = self.pop_range();
        let (instance, target) = ((scene.id, scene.instance), (scene.instance.table(table), to));
        let fault = |kind| Stop::Fault(kind, id);
        state.check_table_init(instance, target, (element, from), len).map_err(fault)?;
        self.pay(u64::from(len) / ENTRIES_A_UNIT, id)?;
        state.table_init(instance, target, (element, from), len).map_err(fault)
    }

    fn table_copy(
        &mut self,
        scene: &Scene<'_>,
        state: &mut State,
        (target, source): (TableId, TableId),
        id: ExprId,
    ) -> Result<(), Stop> {
        let (to, from, len) = self.pop_range();
        let (target, source) = ((scene.instance.table(target), to), (scene.instance.table(source), from));
        let fault = |kind| Stop::Fault(kind, id);
        state.check_table_copy(target, source, len).map_err(fault)?;
        self.pay(u64::from(len) / ENTRIES_A_UNIT, id)?;
        state.table_copy(target, source, len).map_err(fault)
    }
}
