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
use crate::ir::{Block, End, Function, Step, Tree};
use alloc::vec::Vec;

/// How many words the sets of all blocks and steps may have.
const MAX_WORDS: usize = 1 << 19;

/// How often all blocks are looked at.
const MAX_ROUNDS: usize = 16;

/// No slot.
const NONE: u32 = u32::MAX;

/// Takes out what nobody needs, with lists that outlive a function.
#[derive(Default)]
pub(crate) struct Dead(Acts);

impl Dead {
    /// Takes it out; how many steps.
    pub(crate) fn run(&mut self, function: &mut Function, unread: &Unread) -> usize {
        let Self(acts) = self;
        if !acts.collect(function, unread) || !acts.settle(function) {
            return 0;
        }
        let mut count = 0;
        for (place, &id) in function.order.iter().enumerate() {
            let block = &mut function.blocks[id as usize];
            acts.at_end(block, place);
            count += acts.take_out(block, place, unread);
        }
        count
    }
}

/// What a step does to slots.
#[derive(Clone, Copy)]
struct Act {
    /// The slot that it sets.
    slot: u32,
    /// It happens, whether that is needed or not.
    always: bool,
}

/// What the steps of a function do, block after block, and what is needed where blocks begin.
#[derive(Default)]
struct Acts {
    words: usize,
    acts: Vec<Act>,
    /// By act: the slots that it reads.
    reads: Vec<u64>,
    /// By place in the order, and behind the last: the first act of a block. The last one of each is its end.
    starts: Vec<usize>,
    /// By number of the block: the slots that are needed at its start.
    needed: Vec<u64>,
    /// The slots that are needed where the walk stands.
    now: Vec<u64>,
    /// By number of the block: whether it was looked at.
    seen: Vec<bool>,
}

impl Acts {
    /// Notes what a function does; whether it is not too much.
    fn collect(&mut self, function: &Function, unread: &Unread) -> bool {
        let (words, blocks) = (function.frame.div_ceil(64), function.blocks.len());
        let steps: usize = function.order.iter().map(|&id| function.blocks[id as usize].steps.len() + 1).sum();
        if (steps + blocks).saturating_mul(words) > MAX_WORDS {
            return false;
        }
        self.words = words;
        self.acts.clear();
        self.reads.clear();
        self.starts.clear();
        renew(&mut self.needed, blocks * words, 0);
        renew(&mut self.now, words, 0);
        renew(&mut self.seen, blocks, false);
        for &id in &function.order {
            self.block(&function.blocks[id as usize], unread);
        }
        self.starts.push(self.acts.len());
        true
    }

    fn block(&mut self, block: &Block, unread: &Unread) {
        self.starts.push(self.acts.len());
        let ignored = ignored(block, unread);
        for (at, step) in block.steps.iter().enumerate() {
            self.step(step, ignored.has(at, step));
        }
        self.end(&block.end);
    }

    /// The next act, which reads nothing yet.
    fn push(&mut self, slot: u32, always: bool) {
        self.acts.push(Act { slot, always });
        self.reads.resize(self.reads.len() + self.words, 0);
    }

    fn last(&mut self) -> &mut [u64] {
        let start = self.reads.len() - self.words;
        &mut self.reads[start..]
    }

    fn read(&mut self, tree: &Tree) {
        let last = self.last();
        tree.slots(&mut |slot, _| add(last, slot));
    }

    fn step(&mut self, step: &Step, is_ignored: bool) {
        match step {
            Step::Set { slot, tree, traps, .. } => {
                self.push(*slot, *traps);
                if !is_ignored {
                    self.read(tree);
                }
            }
            Step::Evaluate(tree) | Step::SetGlobal(_, tree) => {
                self.push(NONE, true);
                self.read(tree);
            }
            Step::Store { operands, .. } => {
                self.push(NONE, true);
                operands.iter().for_each(|tree| self.read(tree));
            }
            Step::Bulk { base: slot, .. } | Step::Host { base: slot, .. } | Step::Grow { slot, .. } => {
                self.push(NONE, true);
                add_from(self.last(), *slot);
            }
            Step::DropData(_) | Step::DropElement(_) | Step::Room { .. } => self.push(NONE, true),
        }
    }

    fn end(&mut self, end: &End) {
        self.push(NONE, true);
        match end {
            End::If { test: tree, .. }
            | End::Table(tree, _)
            | End::ReturnValue(tree)
            | End::Counted { fuel: tree, .. } => self.read(tree),
            End::Return(first, count) => (*first..first + count).for_each(|slot| add(self.last(), slot)),
            End::Call(_, call) => add_from(self.last(), call.base),
            End::CallIndirect(_, index, call) => {
                add_from(self.last(), call.base);
                add(self.last(), *index);
            }
            End::Nowhere | End::Goto(_) | End::Trap(..) => {}
        }
    }

    /// Finds what is needed where blocks begin; whether that took no longer than it may.
    fn settle(&mut self, function: &Function) -> bool {
        let mut leads_back = false;
        for _ in 0..MAX_ROUNDS {
            let mut changed = false;
            for (place, &id) in function.order.iter().enumerate().rev() {
                let block = &function.blocks[id as usize];
                leads_back |= self.at_end(block, place);
                self.seen[id as usize] = true;
                for act in (self.starts[place]..self.starts[place + 1] - 1).rev() {
                    self.before(act);
                }
                let known = &mut self.needed[id as usize * self.words..][..self.words];
                changed |= *known != *self.now;
                known.copy_from_slice(&self.now);
            }
            if !(changed && leads_back) {
                return true;
            }
        }
        false
    }

    /// Stands where the end of a block begins; whether that leads to what was not looked at.
    fn at_end(&mut self, block: &Block, place: usize) -> bool {
        let (words, mut unseen) = (self.words, false);
        let end = self.starts[place + 1] - 1;
        self.now.copy_from_slice(&self.reads[end * words..][..words]);
        block.end.successors(|next| {
            unseen |= !self.seen[next as usize];
            let from = &self.needed[next as usize * words..][..words];
            self.now.iter_mut().zip(from).for_each(|(to, from)| *to |= from);
        });
        unseen
    }

    /// Goes back over an act; whether it is needed.
    fn before(&mut self, at: usize) -> bool {
        let Act { slot, always } = self.acts[at];
        let needed = slot == NONE || take(&mut self.now, slot);
        if needed || always {
            let reads = &self.reads[at * self.words..][..self.words];
            self.now.iter_mut().zip(reads).for_each(|(to, from)| *to |= from);
        }
        needed
    }

    /// Takes out of a block, at whose end it stands, what nobody needs; how many steps.
    fn take_out(&mut self, block: &mut Block, place: usize, unread: &Unread) -> usize {
        let (ignored, mut count, mut gone) = (ignored(block, unread), 0, false);
        let start = self.starts[place];
        for (at, step) in block.steps.iter_mut().enumerate().rev() {
            let needed = self.before(start + at);
            if ignored.has(at, step) {
                count += usize::from(zero(step));
            } else if !needed && let Step::Set { traps, tree, .. } = step {
                count += 1;
                let tree = core::mem::replace(tree, Tree::Constant(0));
                gone |= !*traps;
                *step = if *traps { Step::Evaluate(tree) } else { Step::Evaluate(Tree::Constant(0)) };
            }
        }
        if gone {
            block.steps.retain(|step| !matches!(step, Step::Evaluate(Tree::Constant(_))));
        }
        count
    }
}

fn renew<T: Copy>(list: &mut Vec<T>, len: usize, with: T) {
    list.clear();
    list.resize(len, with);
}

fn add(set: &mut [u64], slot: u32) {
    if let Some(word) = set.get_mut(slot as usize / 64) {
        *word |= 1 << (slot % 64);
    }
}

/// Slots from this one on: what takes its operands there touches them and those behind them.
fn add_from(set: &mut [u64], base: u32) {
    let first = base as usize / 64;
    if let Some(word) = set.get_mut(first) {
        *word |= u64::MAX << (base % 64);
    }
    set.iter_mut().skip(first + 1).for_each(|word| *word = u64::MAX);
}

/// Takes a slot out of a set; whether it was there.
fn take(set: &mut [u64], slot: u32) -> bool {
    let Some(word) = set.get_mut(slot as usize / 64) else { return false };
    let was = *word >> (slot % 64) & 1 != 0;
    *word &= !(1 << (slot % 64));
    was
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
            Dead::default().run(function, &Unread::of_functions(fixed, 0..fixed.functions.len()));
        });
        assert!(count > 2);
    }
}
