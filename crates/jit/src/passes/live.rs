//! Which slots are needed where blocks begin.

use crate::ir::{Block, BlockId, End, Function, Step, Tree};
use alloc::vec::Vec;

/// How many words the sets of all blocks may have.
const MAX_WORDS: usize = 1 << 18;

/// How often all blocks are looked at.
const MAX_ROUNDS: usize = 64;

/// Parameters and variables that are needed at the start of each block. What else a loop sets nobody needs at its head,
/// because operands below those of a loop are not touched in it.
pub(super) struct Live {
    words: usize,
    locals: u32,
    needed: Vec<u64>,
}

/// The blocks that an end leads to.
pub(super) fn successors(end: &End, mut with: impl FnMut(BlockId)) {
    match end {
        End::Goto(next) => with(*next),
        End::If { then: one, otherwise: two, .. } | End::Counted { closed: one, looped: two, .. } => {
            with(*one);
            with(*two);
        }
        End::Table(_, targets) => targets.iter().copied().for_each(with),
        End::Call(_, call) | End::CallIndirect(_, _, call) => with(call.next),
        End::Return(..) | End::ReturnValue(_) | End::Trap(..) | End::Nowhere => {}
    }
}

impl Live {
    /// Looks at a function; `None` if it is too large for that.
    pub(super) fn of(function: &Function) -> Option<Self> {
        let locals = function.parameters + function.variables;
        let words = (locals as usize).div_ceil(64);
        let total = function.blocks.len().checked_mul(words).filter(|&total| total <= MAX_WORDS)?;
        let mut live = Self { words, locals, needed: alloc::vec![0; total] };
        let mut changed = true;
        for _ in 0..MAX_ROUNDS {
            if !changed {
                return Some(live);
            }
            changed = false;
            for &id in function.order.iter().rev() {
                changed |= live.block(id, &function.blocks[id as usize]);
            }
        }
        None
    }

    pub(super) fn at(&self, block: BlockId, slot: u32) -> bool {
        let word = self.needed.get(block as usize * self.words + slot as usize / 64);
        slot < self.locals && word.is_some_and(|word| word >> (slot % 64) & 1 != 0)
    }

    fn block(&mut self, id: BlockId, block: &Block) -> bool {
        let mut needed = alloc::vec![0_u64; self.words];
        successors(&block.end, |next| {
            let from = &self.needed[next as usize * self.words..][..self.words];
            needed.iter_mut().zip(from).for_each(|(to, from)| *to |= from);
        });
        let read = |slot: u32, needed: &mut [u64]| {
            if slot < self.locals {
                needed[slot as usize / 64] |= 1 << (slot % 64);
            }
        };
        match &block.end {
            End::If { test: tree, .. }
            | End::Table(tree, _)
            | End::ReturnValue(tree)
            | End::Counted { fuel: tree, .. } => {
                each(tree, &mut |slot| read(slot, &mut needed));
            }
            End::Return(first, count) => (*first..first + count).for_each(|slot| read(slot, &mut needed)),
            _ => {}
        }
        for step in block.steps.iter().rev() {
            match step {
                Step::Set { slot, tree, .. } => {
                    if *slot < self.locals {
                        needed[*slot as usize / 64] &= !(1 << (slot % 64));
                    }
                    each(tree, &mut |slot| read(slot, &mut needed));
                }
                Step::Evaluate(tree) | Step::SetGlobal(_, tree) => each(tree, &mut |slot| read(slot, &mut needed)),
                Step::Store { operands, .. } => {
                    operands.iter().for_each(|tree| each(tree, &mut |slot| read(slot, &mut needed)));
                }
                // Their operands are no variables.
                Step::Bulk { .. } | Step::Grow { .. } | Step::Host { .. } => {}
                Step::DropData(_) | Step::DropElement(_) => {}
            }
        }
        let own = &mut self.needed[id as usize * self.words..][..self.words];
        let changed = own != needed.as_slice();
        own.copy_from_slice(&needed);
        changed
    }
}

fn each(tree: &Tree, with: &mut dyn FnMut(u32)) {
    match tree {
        Tree::Slot(slot, _) => with(*slot),
        Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => {}
        Tree::Unary(_, _, operand) | Tree::Load(_, _, operand) => each(operand, with),
        Tree::Binary(_, _, operands) => operands.iter().for_each(|operand| each(operand, with)),
        Tree::Select(operands) => operands.iter().for_each(|operand| each(operand, with)),
    }
}
