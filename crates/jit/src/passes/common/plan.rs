//! Puts values into slots, and slots where values were.

use super::{Site, trees};
use crate::ir::{End, Function, Step, Tree, traps};
use crate::passes::whole::size;
use alloc::vec::Vec;
use velocity_nda::module::Type;

/// What becomes of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) site: Site,
    pub(super) slot: u32,
    pub(super) ty: Type,
    /// It is put into the slot first.
    pub(super) is_first: bool,
}

/// Makes the changes; how many values are not computed again.
pub(super) fn carry_out(function: &mut Function, mut changes: Vec<Change>) -> usize {
    changes.sort_unstable_by_key(|change| change.site);
    let mut all = &changes[..];
    while let Some(first) = all.first() {
        let block = first.site.block;
        let count = all.iter().take_while(|change| change.site.block == block).count();
        let (own, rest) = all.split_at(count);
        of_block(function, own);
        all = rest;
    }
    let new = changes.iter().filter(|change| change.is_first).map(|change| change.slot as usize + 1).max();
    function.frame = function.frame.max(new.unwrap_or(0));
    changes.iter().filter(|change| !change.is_first).count()
}

fn of_block(function: &mut Function, changes: &[Change]) {
    let block = &mut function.blocks[changes[0].site.block as usize];
    let arguments = arguments(&block.steps, &block.end);
    let steps = core::mem::take(&mut block.steps);
    let (end, mut front) = (steps.len() as u32, Vec::new());
    let mut rewriter = Rewriter { changes, node: 0, before: Vec::new() };
    for (mut step, at) in steps.into_iter().zip(0_u32..) {
        if rewriter.is_at(at) {
            rewriter.node = 0;
            trees!(&mut step, |tree| rewriter.tree(tree, at), iter_mut);
            let moved = rewriter.before.drain(..);
            if at as usize >= arguments {
                front.extend(moved)
            } else {
                block.steps.extend(moved)
            }
            match &mut step {
                Step::Set { tree, traps: can, .. } => *can = traps(tree),
                Step::Store { operands, traps: can, .. } => *can = operands.iter().any(traps),
                Step::Evaluate(tree) if !traps(tree) => continue,
                _ => {}
            }
        }
        if at as usize >= arguments { front.push(step) } else { block.steps.push(step) }
    }
    // What arguments need comes before all of them.
    let (moved, given): (Vec<_>, Vec<_>) =
        front.into_iter().partition(|step| matches!(step, Step::Set { slot, .. } if rewriter.makes(*slot)));
    block.steps.extend(moved);
    block.steps.extend(given);
    rewriter.node = 0;
    match &mut block.end {
        End::If { test: tree, traps: can, .. } => {
            rewriter.tree(tree, end);
            *can = traps(tree);
        }
        End::Table(tree, _) | End::ReturnValue(tree) => rewriter.tree(tree, end),
        _ => {}
    }
    block.steps.append(&mut rewriter.before);
}

/// The step from which on all set arguments of the call at the end, each its own and none reading another.
pub(in crate::passes) fn arguments(steps: &[Step], end: &End) -> usize {
    let (End::Call(_, call) | End::CallIndirect(_, _, call)) = end else { return steps.len() };
    let (mut first, mut seen) = (steps.len(), 0_u64);
    while let Some(Step::Set { slot, tree, .. }) = first.checked_sub(1).map(|at| &steps[at]) {
        let at = slot.wrapping_sub(call.base);
        if at >= 64 || seen >> at & 1 != 0 || crate::passes::whole::reads(tree, &|slot| slot >= call.base) {
            break;
        }
        seen |= 1 << at;
        first -= 1;
    }
    first
}

struct Rewriter<'c> {
    /// Of one block, by site.
    changes: &'c [Change],
    node: u32,
    /// What comes before the step.
    before: Vec<Step>,
}

impl Rewriter<'_> {
    fn is_at(&self, step: u32) -> bool {
        self.changes.binary_search_by(|change| change.site.step.cmp(&step)).is_ok()
    }

    /// Whether a slot is a new one.
    fn makes(&self, slot: u32) -> bool {
        self.changes.iter().any(|change| change.is_first && change.slot == slot)
    }

    fn change(&self, step: u32) -> Option<Change> {
        let found =
            self.changes.binary_search_by_key(&(step, self.node), |change| (change.site.step, change.site.node));
        found.ok().map(|at| self.changes[at])
    }

    fn tree(&mut self, tree: &mut Tree, step: u32) {
        let change = self.change(step);
        if let Some(Change { slot, ty, is_first: false, .. }) = change {
            self.node += size(tree) as u32;
            *tree = Tree::Slot(slot, ty);
            return;
        }
        self.node += 1;
        match tree {
            Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => {}
            Tree::Unary(_, _, operand) | Tree::Load(_, _, operand) => self.tree(operand, step),
            Tree::Binary(_, _, operands) | Tree::Divided(_, _, operands, _) => {
                operands.iter_mut().for_each(|tree| self.tree(tree, step));
            }
            Tree::Select(operands) => operands.iter_mut().for_each(|tree| self.tree(tree, step)),
        }
        if let Some(Change { slot, ty, .. }) = change {
            let tree = core::mem::replace(tree, Tree::Slot(slot, ty));
            let traps = traps(&tree);
            self.before.push(Step::Set { slot, ty, tree, traps });
        }
    }
}
