//! What every turn of a loop computes anew, and what is the same in all of them, is computed once in front of it.
//!
//! Only innermost loops without calls are looked at. What is moved has no effect, cannot trap and reads neither memory nor globals, so it may be
//! computed where the loop has no turn at all. Addresses are taken apart first (`address`): what is the same in all turns is one value, to
//! which the rest is added. A value needs a register for the whole loop: as many are moved as registers are surely left.
//!
//! Pre: what [`crate::ir::build`] gives, with or without closed forms and inlined calls. Post: its invariants, but that values of slots from the
//! old frame on are needed in loops; results, traps and fuel are what they were. The work is linear in the size of loops.

mod address;
mod reciprocal;
#[cfg(test)]
mod tests;

use crate::ir::{BlockId, End, Function, Step, Tree, traps};
use alloc::vec::Vec;
use core::cell::OnceCell;
use reciprocal::Divisor;
use velocity_nda::module::Type;

/// How many values of each kind a loop may have, so that all have registers: whole numbers, floats.
const HOMES: [usize; 2] = [7, 10];

/// How many blocks a loop may have.
const MAX_SPAN: usize = 64;

/// A value that is computed in front of a loop.
struct Moved {
    slot: u32,
    ty: Type,
    tree: Tree,
}

struct Hoist<'a> {
    /// By slot: whether the loop sets it.
    set: &'a [bool],
    /// By slot: whether it is a constant; empty if nobody asks.
    constants: &'a [bool],
    moved: Vec<Moved>,
    /// What was divided by, and the slots of the reciprocals.
    divisors: Vec<(Divisor, u32)>,
    /// The next new slot.
    next: u32,
    /// How many values of each kind may still be moved.
    left: [usize; 2],
}

/// Moves what can be moved; how many values.
pub(crate) fn hoist(function: &mut Function) -> usize {
    let mut places = alloc::vec![0_usize; function.blocks.len()];
    function.order.iter().enumerate().for_each(|(place, &id)| places[id as usize] = place);
    let (mut count, constants) = (0, OnceCell::new());
    for (first, last) in innermost(function, &places) {
        if let Some(before) = before(function, &places, (first, last)) {
            count += in_loop(function, (first, last), before, &constants);
        }
    }
    count
}

/// Loops without loops in them, by the places of their heads and of the last blocks that lead back.
pub(super) fn innermost(function: &Function, places: &[usize]) -> Vec<(usize, usize)> {
    let mut ends = alloc::vec![0_usize; function.order.len()];
    for (place, &id) in function.order.iter().enumerate() {
        function.blocks[id as usize].end.successors(|next| {
            let head = places[next as usize];
            if head <= place {
                ends[head] = place + 1;
            }
        });
    }
    let heads: Vec<(usize, usize)> =
        ends.into_iter().enumerate().filter(|(_, end)| *end > 0).map(|(head, end)| (head, end - 1)).collect();
    let alone = |(at, &(head, last)): (usize, &(usize, usize))| {
        let inner = heads.get(at + 1).is_some_and(|&(next, _)| next <= last);
        (!inner && last - head < MAX_SPAN).then_some((head, last))
    };
    heads.iter().enumerate().filter_map(alone).collect()
}

/// The block that comes before a loop, if there is only one and it leads nowhere else.
fn before(function: &Function, places: &[usize], (first, last): (usize, usize)) -> Option<BlockId> {
    let (head, mut found) = (function.order[first], None);
    for (place, &id) in function.order.iter().enumerate() {
        let mut leads = false;
        function.blocks[id as usize].end.successors(|next| leads |= places[next as usize] == first);
        if leads && !(first..=last).contains(&place) {
            let only = matches!(function.blocks[id as usize].end, End::Goto(next) if next == head);
            if found.is_some() || !only {
                return None;
            }
            found = Some(id);
        }
    }
    found
}

fn in_loop(
    function: &mut Function,
    (first, last): (usize, usize),
    before: BlockId,
    constants: &OnceCell<Vec<bool>>,
) -> usize {
    let mut touched = alloc::vec![[false; 2]; function.frame];
    let mut set = alloc::vec![false; function.frame];
    for &id in &function.order[first..=last] {
        if !survey(function, id, &mut touched, &mut set) {
            return 0;
        }
    }
    let used = |kind: usize| touched.iter().filter(|touched| touched[kind]).count();
    let left = [0, 1].map(|kind| HOMES[kind].saturating_sub(used(kind)));
    let divides = |&id: &BlockId| {
        let block = &function.blocks[id as usize];
        reciprocal::divides(&block.steps, &block.end)
    };
    let constants: &[bool] = match function.order[first..=last].iter().any(divides) {
        true => constants.get_or_init(|| reciprocal::constants(function)),
        false => &[],
    };
    let mut hoist =
        Hoist { set: &set, constants, moved: Vec::new(), divisors: Vec::new(), next: function.frame as u32, left };
    for &id in &function.order[first..=last] {
        let block = &mut function.blocks[id as usize];
        block.steps.iter_mut().for_each(|step| hoist.step(step));
        match &mut block.end {
            // The comparison stays with the branch.
            End::If { test, .. } => hoist.children(test),
            End::Table(index, _) => hoist.tree(index),
            _ => {}
        }
    }
    let (moved, frame) = (hoist.moved, hoist.next as usize);
    let count = moved.len();
    function.frame = frame;
    // Reciprocals divide, though by nothing that traps.
    let sets = moved.into_iter().map(|Moved { slot, ty, tree }| Step::Set { slot, ty, traps: traps(&tree), tree });
    function.blocks[before as usize].steps.extend(sets);
    count
}

/// Notes what a block reads and sets; whether it is one that can be in such a loop.
pub(super) fn survey(function: &Function, id: BlockId, touched: &mut [[bool; 2]], set: &mut [bool]) -> bool {
    let block = &function.blocks[id as usize];
    let mut read = |tree: &Tree| tree.slots(&mut |slot, ty| touched[slot as usize][kind(ty)] = true);
    let mut sets = Vec::new();
    for step in &block.steps {
        match step {
            Step::Set { slot, ty, tree, .. } => {
                read(tree);
                sets.push((*slot, *ty));
            }
            Step::Evaluate(tree) | Step::SetGlobal(_, tree) => read(tree),
            Step::Store { operands, .. } => operands.iter().for_each(&mut read),
            Step::Room { .. } => {}
            Step::Bulk { .. } | Step::Grow { .. } | Step::Host { .. } => return false,
            Step::DropData(_) | Step::DropElement(_) => return false,
        }
    }
    match &block.end {
        End::If { test: tree, .. } | End::Table(tree, _) | End::ReturnValue(tree) => read(tree),
        End::Goto(_) | End::Return(..) | End::Trap(..) | End::Nowhere => {}
        End::Call(..) | End::CallIndirect(..) | End::Counted { .. } => return false,
    }
    for (slot, ty) in sets {
        touched[slot as usize][kind(ty)] = true;
        set[slot as usize] = true;
    }
    true
}

const fn kind(ty: Type) -> usize {
    matches!(ty, Type::F32 | Type::F64) as usize
}

/// How many operators a tree has.
fn operators(tree: &Tree) -> usize {
    match tree {
        Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => 0,
        Tree::Unary(_, _, operand) | Tree::Load(_, _, operand) => 1 + operators(operand),
        Tree::Binary(_, _, operands) | Tree::Divided(_, _, operands, _) => {
            1 + operands.iter().map(operators).sum::<usize>()
        }
        Tree::Select(operands) => 1 + operands.iter().map(operators).sum::<usize>(),
    }
}

impl Hoist<'_> {
    fn step(&mut self, step: &mut Step) {
        match step {
            Step::Set { tree, .. } | Step::Evaluate(tree) | Step::SetGlobal(_, tree) => self.tree(tree),
            Step::Store { operands, .. } => {
                self.address(&mut operands[0]);
                self.tree(&mut operands[1]);
            }
            _ => {}
        }
    }

    /// Takes out of a tree what is the same in all turns.
    fn tree(&mut self, tree: &mut Tree) {
        if !self.is_same(tree) {
            return self.children(tree);
        }
        if operators(tree) > 0
            && let Some(moved) = self.take(tree)
        {
            *tree = moved;
        }
    }

    fn children(&mut self, tree: &mut Tree) {
        match tree {
            Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => {}
            Tree::Unary(_, _, operand) => self.tree(operand),
            Tree::Load(_, _, address) => self.address(address),
            Tree::Binary(_, _, operands) | Tree::Divided(_, _, operands, _) => {
                operands.iter_mut().for_each(|operand| self.tree(operand));
                self.reciprocal(tree);
            }
            Tree::Select(operands) => operands.iter_mut().for_each(|operand| self.tree(operand)),
        }
    }

    /// Whether a tree has the same value in all turns, and may be computed in front of them.
    fn is_same(&self, tree: &Tree) -> bool {
        let plain = |tree: &Tree| self.is_same(tree);
        match tree {
            Tree::Slot(slot, _) => self.set.get(*slot as usize) == Some(&false),
            Tree::Constant(_) => true,
            Tree::Global(..) | Tree::MemorySize | Tree::Load(..) | Tree::Divided(..) => false,
            Tree::Unary(op, _, operand) => !crate::ir::truncates(*op) && plain(operand),
            Tree::Binary(op, _, operands) => !crate::ir::divides(*op) && operands.iter().all(plain),
            Tree::Select(operands) => operands.iter().all(plain),
        }
    }

    /// A slot that has the value of a tree, if a register is left for it.
    fn take(&mut self, tree: &Tree) -> Option<Tree> {
        let ty = tree.ty().filter(|_| !traps(tree))?;
        if let Some(known) = self.moved.iter().find(|moved| moved.tree == *tree) {
            return Some(Tree::Slot(known.slot, ty));
        }
        Some(Tree::Slot(self.keep(tree.clone(), ty)?, ty))
    }

    /// A slot for a value, which does not trap in front of the loop.
    fn keep(&mut self, tree: Tree, ty: Type) -> Option<u32> {
        let left = &mut self.left[kind(ty)];
        *left = left.checked_sub(1)?;
        let slot = self.next;
        self.next += 1;
        self.moved.push(Moved { slot, ty, tree });
        Some(slot)
    }
}
