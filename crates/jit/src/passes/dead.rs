//! What nobody needs is not computed.
//!
//! A slot is needed where it is read by what can be seen (branches, stores, calls, results, traps) or by what sets a slot that is needed, before it is set
//! again (strong liveness; Nielson, Nielson, Hankin 1999, exercise 2.4). So a sum that a loop adds up for nobody goes, though it
//! reads itself. What can trap is evaluated for the sake of the trap. Arguments for parameters that nobody reads ([`Unread`]) are zero.
//!
//! Pre: what [`crate::ir::build`] gives, with or without closed forms and inlined calls. Post: its invariants; results, traps and fuel are what they were.
//! The work is bounded by [`MAX_WORDS`] and [`MAX_ROUNDS`]; a function that would take more stays what it is.

use super::Unread;
use super::common::arguments;
use crate::ir::{Block, BlockId, End, Function, Step, Tree};
use alloc::vec::Vec;

/// How many words the sets of all blocks may have.
const MAX_WORDS: usize = 1 << 18;

/// How often all blocks are looked at.
const MAX_ROUNDS: usize = 16;

/// Takes out what nobody needs; how many steps.
pub(crate) fn dead(function: &mut Function, unread: &Unread) -> usize {
    let Some(needs) = Needs::of(function, unread) else { return 0 };
    let (mut now, mut gone, mut count) = (Now(alloc::vec![0; needs.words]), Vec::new(), 0);
    for &id in &function.order {
        let block = &mut function.blocks[id as usize];
        needs.at_end(block, &mut now);
        count += now.take_out(block, unread, &mut gone);
    }
    count
}

/// The slots that are needed where blocks begin, by the number of the block.
struct Needs {
    words: usize,
    at: Vec<u64>,
}

impl Needs {
    fn of(function: &Function, unread: &Unread) -> Option<Self> {
        let words = function.frame.div_ceil(64);
        let total = function.blocks.len().checked_mul(words).filter(|&total| total <= MAX_WORDS)?;
        let (mut needs, mut now) = (Self { words, at: alloc::vec![0; total] }, Now(alloc::vec![0; words]));
        let leads_back = leads_back(function);
        for _ in 0..MAX_ROUNDS {
            let mut changed = false;
            for &id in function.order.iter().rev() {
                let block = &function.blocks[id as usize];
                needs.at_end(block, &mut now);
                now.before(block, unread);
                let known = needs.of_block_mut(id);
                changed |= *known != now.0;
                known.copy_from_slice(&now.0);
            }
            if !(changed && leads_back) {
                return Some(needs);
            }
        }
        None
    }

    fn of_block(&self, id: BlockId) -> &[u64] {
        &self.at[id as usize * self.words..][..self.words]
    }

    fn of_block_mut(&mut self, id: BlockId) -> &mut [u64] {
        &mut self.at[id as usize * self.words..][..self.words]
    }

    /// What is needed where a block ends, but for what the end itself reads.
    fn at_end(&self, block: &Block, now: &mut Now) {
        now.0.fill(0);
        block.end.successors(|next| {
            now.0.iter_mut().zip(self.of_block(next)).for_each(|(to, from)| *to |= from);
        });
    }
}

/// Whether a block leads to itself or to one before it.
fn leads_back(function: &Function) -> bool {
    let mut places = alloc::vec![0_u32; function.blocks.len()];
    function.order.iter().zip(0..).for_each(|(&id, place)| places[id as usize] = place);
    let mut back = false;
    for (&id, place) in function.order.iter().zip(0..) {
        function.blocks[id as usize].end.successors(|next| back |= places[next as usize] <= place);
    }
    back
}

/// What is needed at one place.
struct Now(Vec<u64>);

impl Now {
    fn has(&self, slot: u32) -> bool {
        self.0.get(slot as usize / 64).is_some_and(|word| word >> (slot % 64) & 1 != 0)
    }

    fn add(&mut self, slot: u32) {
        if let Some(word) = self.0.get_mut(slot as usize / 64) {
            *word |= 1 << (slot % 64);
        }
    }

    fn remove(&mut self, slot: u32) {
        if let Some(word) = self.0.get_mut(slot as usize / 64) {
            *word &= !(1 << (slot % 64));
        }
    }

    /// Slots from this one on: what takes its operands there touches them and those behind them.
    fn add_from(&mut self, base: u32) {
        let first = base as usize / 64;
        if let Some(word) = self.0.get_mut(first) {
            *word |= u64::MAX << (base % 64);
        }
        self.0.iter_mut().skip(first + 1).for_each(|word| *word = u64::MAX);
    }

    fn read(&mut self, tree: &Tree) {
        tree.slots(&mut |slot, _| self.add(slot));
    }

    /// Goes back over a block.
    fn before(&mut self, block: &Block, unread: &Unread) {
        self.end(&block.end);
        let ignored = ignored(block, unread);
        for (at, step) in block.steps.iter().enumerate().rev() {
            if !ignored.has(at, step) {
                self.step(step);
            }
        }
    }

    fn end(&mut self, end: &End) {
        match end {
            End::If { test: tree, .. }
            | End::Table(tree, _)
            | End::ReturnValue(tree)
            | End::Counted { fuel: tree, .. } => self.read(tree),
            End::Return(first, count) => (*first..first + count).for_each(|slot| self.add(slot)),
            End::Call(_, call) => self.add_from(call.base),
            End::CallIndirect(_, index, call) => {
                self.add_from(call.base);
                self.add(*index);
            }
            End::Nowhere | End::Goto(_) | End::Trap(..) => {}
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Set { slot, tree, traps, .. } => {
                let needed = self.has(*slot);
                self.remove(*slot);
                if needed || *traps {
                    self.read(tree);
                }
            }
            Step::Evaluate(tree) | Step::SetGlobal(_, tree) => self.read(tree),
            Step::Store { operands, .. } => operands.iter().for_each(|tree| self.read(tree)),
            Step::Bulk { base: slot, .. } | Step::Host { base: slot, .. } | Step::Grow { slot, .. } => {
                self.add_from(*slot);
            }
            Step::DropData(_) | Step::DropElement(_) | Step::Room { .. } => {}
        }
    }

    /// Takes out of a block what nobody needs; how many steps.
    fn take_out(&mut self, block: &mut Block, unread: &Unread, gone: &mut Vec<usize>) -> usize {
        let (ignored, mut count) = (ignored(block, unread), 0);
        self.end(&block.end);
        gone.clear();
        for (at, step) in block.steps.iter_mut().enumerate().rev() {
            if ignored.has(at, step) {
                count += usize::from(zero(step));
                continue;
            }
            if let Step::Set { slot, traps, tree, .. } = step
                && !self.has(*slot)
            {
                count += 1;
                if *traps {
                    self.read(tree);
                    *step = Step::Evaluate(core::mem::replace(tree, Tree::Constant(0)));
                } else {
                    gone.push(at);
                }
                continue;
            }
            self.step(step);
        }
        let mut at = 0;
        if !gone.is_empty() {
            block.steps.retain(|_| {
                at += 1;
                gone.last().is_none_or(|gone| *gone != at - 1) || gone.pop().is_none()
            });
        }
        count
    }
}

/// Sets an argument that nobody reads to zero; whether it was something else.
fn zero(step: &mut Step) -> bool {
    match step {
        Step::Set { tree, .. } if !matches!(tree, Tree::Constant(_)) => {
            *tree = Tree::Constant(0);
            true
        }
        _ => false,
    }
}

/// Arguments that nobody reads.
struct Ignored {
    /// The first step that sets an argument, and no slot that another argument reads.
    first: usize,
    base: u32,
    /// By parameter.
    unread: u64,
}

impl Ignored {
    /// Whether a step at a place only sets such an argument.
    fn has(&self, at: usize, step: &Step) -> bool {
        at >= self.first
            && matches!(step, Step::Set { slot, traps: false, .. }
                if slot.checked_sub(self.base).is_some_and(|at| at < 64 && self.unread >> at & 1 != 0))
    }
}

/// The arguments of the call at the end of a block that nobody reads.
fn ignored(block: &Block, unread: &Unread) -> Ignored {
    match block.end {
        End::Call(callee, call) if unread.of(callee) != 0 => {
            let first = arguments(&block.steps, &block.end);
            Ignored { first, base: call.base, unread: unread.of(callee) }
        }
        _ => Ignored { first: usize::MAX, base: 0, unread: 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::check;
    use super::*;

    #[test]
    fn blocks_become_what_the_files_say() {
        let count = check("dead", |fixed, function| {
            dead(function, &Unread::of_functions(fixed, 0..fixed.functions.len()));
        });
        assert!(count > 2);
    }
}
