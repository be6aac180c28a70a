//! Shorter ways between blocks.

use crate::ir::tree::Tree;
use crate::ir::{Block, End};

/// How far [`thread`] follows.
const MAX_THREAD: usize = 8;

/// Lets blocks that go on to one that only goes on or returns do so themselves.
pub(super) fn thread(blocks: &mut [Block]) {
    for at in 0..blocks.len() {
        for _ in 0..MAX_THREAD {
            let End::Goto(next) = blocks[at].end else { break };
            let target = &blocks[next as usize];
            if !target.charge.is_none() || !target.steps.is_empty() {
                break;
            }
            blocks[at].end = match target.end {
                End::Goto(next) => End::Goto(next),
                End::ReturnValue(Tree::Slot(slot, ty)) => End::ReturnValue(Tree::Slot(slot, ty)),
                End::Return(first, count) => End::Return(first, count),
                _ => break,
            };
        }
    }
}
