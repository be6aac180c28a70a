//! The first turn of a loop that computes what may trap, or loads, in every turn anew, though it is the same in all.
//!
//! In front of the loop, that could trap where the loop would not, or too early. So the loop's first turn is put in front of it, as it is,
//! with its ways out: where it has ended, what it computed is known, and [`common`](super::common) lets the loop read it.
//!
//! Only innermost loops without calls are looked at, and what stands in a block that every turn goes through.
//!
//! Pre: what [`crate::ir::build`] gives, with or without closed forms and inlined calls; control enters loops at their heads only. Post: its invariants;
//! results, traps and fuel are what they were. What is added to a function is bounded ([`MAX_GROWTH`]), and so is
//! the work for each loop ([`MAX_BLOCKS`], [`MAX_SLOTS`]).

use super::hoist::{innermost, survey};
use super::whole::size;
use crate::ir::{Block, BlockId, End, Function, Step, Tree, divides, truncates};
use alloc::vec::Vec;

/// How many blocks a turn may have.
const MAX_BLOCKS: usize = 16;

/// How many nodes a function may get.
const MAX_GROWTH: usize = 400;

/// How many slots a function may have: what a loop sets is looked at for each loop.
const MAX_SLOTS: usize = 1024;

/// A loop: the places of its head and of the last block that leads back.
type Span = (usize, usize);

/// Puts first turns in front of loops; how many.
pub(crate) fn peel(function: &mut Function) -> usize {
    if function.frame > MAX_SLOTS {
        return 0;
    }
    let mut places = alloc::vec![0_usize; function.blocks.len()];
    function.order.iter().enumerate().for_each(|(place, &id)| places[id as usize] = place);
    let (mut growth, mut chosen) = (MAX_GROWTH, Vec::new());
    for (first, last) in innermost(function, &places) {
        if first == 0 || last - first >= MAX_BLOCKS || !pays(function, &places, (first, last)) {
            continue;
        }
        let nodes = function.order[first..=last].iter().map(|&id| nodes(&function.blocks[id as usize])).sum();
        if let Some(left) = growth.checked_sub(nodes) {
            growth = left;
            chosen.push((first, last));
        }
    }
    // From the last one on, so that places stay what they are.
    for &span in chosen.iter().rev() {
        copy(function, &places, span);
    }
    chosen.len()
}

/// About how many nodes a block has.
fn nodes(block: &Block) -> usize {
    let of_step = |step: &Step| match step {
        Step::Set { tree, .. } | Step::Evaluate(tree) | Step::SetGlobal(_, tree) => 1 + size(tree),
        Step::Store { operands, .. } => 1 + operands.iter().map(size).sum::<usize>(),
        _ => 1,
    };
    let end = match &block.end {
        End::If { test: tree, .. } | End::Table(tree, _) | End::ReturnValue(tree) => size(tree),
        _ => 1,
    };
    end + block.steps.iter().map(of_step).sum::<usize>()
}

/// Whether every turn computes something that the first one has computed.
fn pays(function: &Function, places: &[usize], (first, last): Span) -> bool {
    let region = &function.order[first..=last];
    let mut touched = alloc::vec![[false; 2]; function.frame];
    let mut set = alloc::vec![false; function.frame];
    if !region.iter().all(|&id| survey(function, id, &mut touched, &mut set)) {
        return false;
    }
    let is_store = |step: &Step| matches!(step, Step::Store { .. } | Step::SetGlobal(..));
    let stores = region.iter().any(|&id| function.blocks[id as usize].steps.iter().any(is_store));
    let finder = Finder { set: &set, stores };
    let is_it = |place: usize| {
        finder.in_block(&function.blocks[function.order[place] as usize])
            && is_on_every_turn(function, places, (first, last), place)
    };
    (first..=last).any(is_it)
}

/// Whether every way through a turn leads through a block.
fn is_on_every_turn(function: &Function, places: &[usize], (first, last): Span, through: usize) -> bool {
    let (mut seen, mut work) = ([false; MAX_BLOCKS], Vec::from([first]));
    let mut around = false;
    while let Some(place) = work.pop() {
        if place == through || core::mem::replace(&mut seen[place - first], true) {
            continue;
        }
        function.blocks[function.order[place] as usize].end.successors(|next| match places[next as usize] {
            to if to == first => around = true,
            to if (first..=last).contains(&to) => work.push(to),
            _ => {}
        });
    }
    !around
}

/// Finds what is the same in all turns, and cannot be moved in front of them as it is.
struct Finder<'a> {
    /// By slot: whether the loop sets it.
    set: &'a [bool],
    /// It stores something, or sets a global.
    stores: bool,
}

impl Finder<'_> {
    fn in_block(&self, block: &Block) -> bool {
        let in_step = |step: &Step| match step {
            Step::Set { tree, .. } | Step::Evaluate(tree) | Step::SetGlobal(_, tree) => self.find(tree),
            Step::Store { operands, .. } => operands.iter().any(|tree| self.find(tree)),
            _ => false,
        };
        let in_end = match &block.end {
            End::If { test: tree, .. } | End::Table(tree, _) => self.find(tree),
            _ => false,
        };
        in_end || block.steps.iter().any(in_step)
    }

    fn find(&self, tree: &Tree) -> bool {
        let is_it = match tree {
            Tree::Unary(op, ..) => truncates(*op),
            Tree::Binary(op, ..) | Tree::Divided(op, ..) => divides(*op),
            Tree::Load(..) => true,
            _ => false,
        };
        is_it && self.is_same(tree)
            || match tree {
                Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => false,
                Tree::Unary(_, _, operand) | Tree::Load(_, _, operand) => self.find(operand),
                Tree::Binary(_, _, operands) | Tree::Divided(_, _, operands, _) => {
                    operands.iter().any(|tree| self.find(tree))
                }
                Tree::Select(operands) => operands.iter().any(|tree| self.find(tree)),
            }
    }

    /// Whether a tree has the same value in all turns.
    fn is_same(&self, tree: &Tree) -> bool {
        let mut same = !(self.stores && reads_outside(tree));
        tree.slots(&mut |slot, _| same &= self.set.get(slot as usize) == Some(&false));
        same
    }
}

/// Whether a tree reads memory, its size or globals.
fn reads_outside(tree: &Tree) -> bool {
    match tree {
        Tree::Slot(..) | Tree::Constant(_) => false,
        Tree::Global(..) | Tree::MemorySize | Tree::Load(..) => true,
        Tree::Unary(_, _, operand) => reads_outside(operand),
        Tree::Binary(_, _, operands) | Tree::Divided(_, _, operands, _) => operands.iter().any(reads_outside),
        Tree::Select(operands) => operands.iter().any(reads_outside),
    }
}

/// Puts a turn in front of a loop, and a block behind that, which leads to the loop.
fn copy(function: &mut Function, places: &[usize], (first, last): Span) {
    let (head, base) = (function.order[first], function.blocks.len() as BlockId);
    let landing = base + (last - first) as BlockId + 1;
    // What was made for loops behind this one has no place, and lies outside.
    let place = |id: BlockId| places.get(id as usize).copied().filter(|place| (first..=last).contains(place));
    let turn = |next: BlockId| match place(next) {
        _ if next == head => landing,
        Some(place) => base + (place - first) as BlockId,
        None => next,
    };
    let copied = |&id: &BlockId| {
        let mut block = function.blocks[id as usize].clone();
        block.end.retarget(turn);
        block
    };
    let mut made: Vec<Block> = function.order[first..=last].iter().map(copied).collect();
    made.push(Block { end: End::Goto(head), within: function.blocks[head as usize].within, ..Block::default() });
    for (place, &id) in function.order.iter().enumerate() {
        if !(first..=last).contains(&place) {
            function.blocks[id as usize].end.retarget(|next| if next == head { base } else { next });
        }
    }
    function.blocks.extend(made);
    function.order.splice(first..first, base..=landing);
}

#[cfg(test)]
mod tests {
    use super::super::files::check;
    use super::*;

    #[test]
    fn blocks_become_what_the_files_say() {
        let count = check("peel", |_, function| {
            peel(function);
            super::super::common(function);
        });
        assert!(count > 2);
    }
}
