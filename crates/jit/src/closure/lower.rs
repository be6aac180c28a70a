//! From the [intermediate form](crate::ir) to closures.

use super::code::{Block, End, Function};
use super::value::value;
use super::{code, step};
use crate::ir::{self, Step, Tree};
use crate::profile::Book;
use core::sync::atomic::AtomicU32;
use velocity_interp::InstanceId;

/// The closures of a function.
pub(super) fn lower(function: ir::Function) -> Function {
    let ir::Function { instance, key, memory, parameters, results, variables, slots, frame, blocks, .. } = function;
    let blocks = blocks.into_iter().map(|block| lower_block(instance, block)).collect();
    let cell = AtomicU32::new(Book::FIRST);
    Function { instance, key, memory, parameters, results, variables, slots, frame, blocks, cell }
}

fn lower_block(instance: InstanceId, block: ir::Block) -> Block {
    let ir::Block { charge, head, steps, end, within: _ } = block;
    let steps = steps.into_iter().map(|step| lower_step(instance, step)).collect();
    Block { charge, head, steps, end: lower_end(end) }
}

fn lower_step(instance: InstanceId, step: Step) -> code::Step {
    match step {
        Step::Set { slot, ty, tree, traps } => {
            debug_assert!(tree.ty().is_none_or(|found| found == ty), "{tree:?} is no {ty}");
            step::set(slot, tree, traps)
        }
        Step::Evaluate(tree) => step::evaluate(tree),
        Step::SetGlobal(global, tree) => step::set_global(global, tree),
        Step::Store { op, offset, at, operands, traps } => step::store((op, offset), at, *operands, traps),
        Step::Bulk { expr, at, base } => step::bulk(expr, at, instance, base),
        Step::Grow { at, slot } => step::grow(at, instance, slot),
        Step::DropData(data) => step::drop_data(instance, data),
        Step::DropElement(element) => step::drop_element(instance, element),
        // Nothing is inlined here.
        Step::Room { at, .. } => step::no_room(at),
        Step::Host { callee, at, base } => step::host(callee, at, instance, base),
    }
}

fn lower_end(end: ir::End) -> End {
    match end {
        ir::End::Nowhere => End::Nowhere,
        ir::End::Goto(next) => End::Goto(next),
        ir::End::If { test, traps: true, then, otherwise } => End::IfTraps(value(test), then, otherwise),
        ir::End::If { test, traps: false, then, otherwise } => End::If(value(test), then, otherwise),
        ir::End::Table(index, targets) => End::Table(value(index), targets),
        ir::End::Call(callee, call) => End::Call(callee, call),
        ir::End::CallIndirect(what, slot, call) => End::CallIndirect(what, slot, call),
        ir::End::Return(first, count) => End::Return(first, count),
        ir::End::ReturnValue(Tree::Slot(slot, _)) => End::ReturnSlot(slot),
        ir::End::ReturnValue(tree) => End::ReturnValue(value(tree)),
        ir::End::Trap(kind, at) => End::Trap(kind, at),
        ir::End::Counted { fuel, closed, looped } => End::Counted(value(fuel), closed, looped),
    }
}
