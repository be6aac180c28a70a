//! Shorter ways between blocks.

use super::Touched;
use crate::ir::tree::Tree;
use crate::ir::{Block, BlockId, End};

/// How far [`thread`] follows.
const MAX_THREAD: usize = 8;

/// Lets blocks that go on to one that only goes on or returns do so themselves.
pub(super) fn thread(blocks: &mut [Block], touched: &mut Touched) {
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
            touched.ends_like(at as BlockId, next);
        }
    }
}
