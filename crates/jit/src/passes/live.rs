//! Which slots are needed where blocks begin.

use crate::ir::{Block, BlockId, End, Function, Step};
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
        block.end.successors(|next| {
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
                tree.slots(&mut |slot, _| read(slot, &mut needed));
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
                    tree.slots(&mut |slot, _| read(slot, &mut needed));
                }
                Step::Evaluate(tree) | Step::SetGlobal(_, tree) => tree.slots(&mut |slot, _| read(slot, &mut needed)),
                Step::Store { operands, .. } => {
                    operands.iter().for_each(|tree| tree.slots(&mut |slot, _| read(slot, &mut needed)));
                }
                // Their operands are no variables.
                Step::Bulk { .. } | Step::Grow { .. } | Step::Host { .. } => {}
                Step::DropData(_) | Step::DropElement(_) | Step::Room { .. } => {}
            }
        }
        let own = &mut self.needed[id as usize * self.words..][..self.words];
        let changed = own != needed.as_slice();
        own.copy_from_slice(&needed);
        changed
    }
}
