//! A value that is made only to be asked for goes straight to where the answer leads.
//!
//! `a && b` is a value: one arm gives `b`, the other 0, and where they meet a block asks whether it is zero. Each arm asks itself instead, or
//! goes where its constant leads (jump threading).
//!
//! Pre: what [`crate::ir::build`] gives. Post: its invariants; results, traps and fuel are what they were, since the block that asked pays
//! nothing and does nothing else, and since nobody reads the slot of an operand that was taken. Blocks that nothing leads to any more are gone.

use crate::ir::{Block, BlockId, End, Function, Step, Tree};
use alloc::boxed::Box;
use alloc::vec::Vec;
use velocity_nda::module::{ExprId, UnaryOp};

/// A block that only asks.
struct Question {
    /// The operand's slot.
    slot: u32,
    /// Whether it asks for zero, by this node.
    is_zero: Option<ExprId>,
    then: BlockId,
    otherwise: BlockId,
}

/// Lets blocks answer for themselves; whether one does.
pub(super) fn run(function: &mut Function) -> bool {
    let locals = function.parameters + function.variables;
    let mut changed = false;
    // From the last one on: what a block answers may be another one's answer.
    for at in (0..function.order.len()).rev() {
        let id = function.order[at] as usize;
        let End::Goto(to) = function.blocks[id].end else { continue };
        if let Some(question) = question(&function.blocks[to as usize], locals) {
            changed |= answer(&mut function.blocks[id], &question);
        }
    }
    if changed {
        sweep(function);
    }
    changed
}

fn question(block: &Block, locals: u32) -> Option<Question> {
    let End::If { test, then, otherwise, .. } = &block.end else { return None };
    let (operand, is_zero) = match test {
        Tree::Unary(UnaryOp::I32Eqz, id, operand) => (&**operand, Some(*id)),
        operand => (operand, None),
    };
    match operand {
        Tree::Slot(slot, _) if *slot >= locals && block.charge.is_none() && block.steps.is_empty() => {
            Some(Question { slot: *slot, is_zero, then: *then, otherwise: *otherwise })
        }
        _ => None,
    }
}

/// Lets a block answer, if the last thing it does is to set the slot.
fn answer(block: &mut Block, question: &Question) -> bool {
    let sets = matches!(block.steps.last(), Some(Step::Set { slot, .. }) if *slot == question.slot);
    let Some(Step::Set { tree, traps, .. }) = block.steps.pop_if(|_| sets) else { return false };
    let Question { is_zero, then, otherwise, .. } = *question;
    block.end = match (tree, is_zero) {
        (Tree::Constant(value), is_zero) => {
            let holds = (value as u32 == 0) == is_zero.is_some();
            End::Goto(if holds { then } else { otherwise })
        }
        (test, None) => End::If { test, traps, then, otherwise },
        (tree, Some(id)) => End::If { test: Tree::Unary(UnaryOp::I32Eqz, id, Box::new(tree)), traps, then, otherwise },
    };
    true
}

/// Takes away blocks that nothing leads to.
pub(super) fn sweep(function: &mut Function) {
    let mut reached = alloc::vec![false; function.blocks.len()];
    let mut work: Vec<BlockId> = Vec::from([0]);
    while let Some(id) = work.pop() {
        if !core::mem::replace(&mut reached[id as usize], true) {
            function.blocks[id as usize].end.successors(|next| work.push(next));
        }
    }
    function.order.retain(|&id| reached[id as usize]);
    for (block, _) in function.blocks.iter_mut().zip(reached).filter(|(_, reached)| !reached) {
        *block = Block::default();
    }
}
