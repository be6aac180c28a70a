//! What one turn of a loop does: the slots it sets, as trees over the slots at its start.
//!
//! Pre: blocks of a loop stand together in the order, its head first. Post: the turn of [`turn`] sets exactly its slots and
//! costs its fuel as long as the test says that the loop goes on; nothing in it can trap or has an effect.

use super::whole::{add, is_plain, num, select, size};
use crate::ir::{BlockId, End, Function, Step, Tree};
use alloc::boxed::Box;
use alloc::vec::Vec;
use velocity_nda::module::Type;

/// How many nodes a tree over a turn may have.
const MAX_TREE: usize = 80;

/// How many blocks a loop may have.
const MAX_BLOCKS: usize = 48;

/// How many slots it may set, and how many statements it may have.
const MAX_SETS: usize = 24;
const MAX_STEPS: usize = 192;

/// How deep its conditions may lie in each other.
const MAX_DEPTH: u32 = 4;

/// A slot and what it is set to.
#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) slot: u32,
    pub(super) ty: Type,
    pub(super) tree: Tree,
}

/// A turn.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) sets: Vec<Set>,
    /// What it costs, an `i64`, and the most that can be.
    pub(super) fuel: Tree,
    pub(super) most: u64,
    /// The loop goes on if this is zero, or is not.
    pub(super) test: Tree,
    pub(super) stays: bool,
}

/// A loop: its head, by the places of its blocks in the order.
pub(super) struct Region<'a> {
    pub(super) function: &'a Function,
    /// By block: its place in the order.
    pub(super) places: &'a [u32],
    pub(super) first: u32,
    /// By place, from the first on: whether the block leads back to the head.
    pub(super) inside: Vec<bool>,
}

#[derive(Clone, Default)]
struct State {
    sets: Vec<Set>,
    fuel: u64,
    /// What arms cost.
    arms: Option<Tree>,
}

struct Walk<'a> {
    region: &'a Region<'a>,
    exit: Option<(Tree, bool)>,
    left: usize,
    steps: usize,
    most: u64,
    /// Whether the first condition that parts control is taken to hold, and that condition.
    side: Option<bool>,
    condition: Option<Tree>,
}

impl Region<'_> {
    pub(super) fn head(&self) -> BlockId {
        self.function.order[self.first as usize]
    }

    /// Whether a look at its blocks does not say already that it has no turn of the kind that is asked for: a statement is more than a
    /// slot's being set to a whole number, control goes on in another way, or there is a loop inside.
    pub(super) fn may_turn(&self) -> bool {
        let inside = (self.first..).zip(&self.inside).filter(|(_, inside)| **inside);
        inside.map(|(place, _)| place).all(|place| {
            let block = &self.function.blocks[self.function.order[place as usize] as usize];
            let is_plain = |step: &Step| matches!(step, Step::Set { ty: Type::I32 | Type::I64, .. });
            let mut goes_on = matches!(block.end, End::Goto(_) | End::If { .. });
            block.end.successors(|next| {
                let to = self.places[next as usize];
                goes_on &= to > place || to <= self.first;
            });
            goes_on && block.steps.iter().all(is_plain)
        })
    }

    pub(super) fn contains(&self, block: BlockId) -> bool {
        let place = self.places[block as usize];
        place >= self.first && self.inside.get((place - self.first) as usize).copied().unwrap_or(false)
    }
}

/// What one turn of a loop does; `None` if it does more than set slots, or leaves in more than one place. With a side, a turn for
/// which the first condition in it holds or not; then the second turn's test is that condition.
pub(super) fn turn(region: &Region<'_>, side: Option<bool>) -> Option<(Turn, Option<Turn>)> {
    let mut walk = Walk { region, exit: None, left: MAX_BLOCKS, steps: MAX_STEPS, most: 0, side, condition: None };
    let mut state = State::default();
    let mut at = region.head();
    loop {
        at = walk.block(at, &mut state, 0)?;
        if at == region.head() {
            break;
        }
    }
    let (test, stays) = walk.exit.filter(|_| state.sets.len() <= MAX_SETS)?;
    let fuel = match state.arms {
        Some(arms) => add(arms, num(state.fuel)),
        None => num(state.fuel),
    };
    let limit = |test| Turn { sets: Vec::new(), fuel: num(0), most: 0, test, stays: side == Some(true) };
    let limit = walk.condition.map(limit);
    Some((Turn { sets: state.sets, fuel, most: walk.most.max(1), test, stays }, limit))
}

impl Walk<'_> {
    /// Does a block and gives the one that comes next.
    fn block(&mut self, at: BlockId, state: &mut State, depth: u32) -> Option<BlockId> {
        self.left = self.left.checked_sub(1)?;
        if !self.region.contains(at) {
            return None;
        }
        let block = &self.region.function.blocks[at as usize];
        state.fuel += u64::from(block.charge.fuel());
        self.most += u64::from(block.charge.fuel());
        self.steps = self.steps.checked_sub(block.steps.len())?;
        for step in &block.steps {
            let Step::Set { slot, ty: ty @ (Type::I32 | Type::I64), tree, .. } = step else { return None };
            let tree = state.replace(tree)?;
            state.set(*slot, *ty, tree);
        }
        match &block.end {
            End::Goto(next) => Some(*next),
            End::If { test, then, otherwise, .. } => {
                let test = state.replace(test)?;
                match (self.region.contains(*then), self.region.contains(*otherwise)) {
                    (true, true) => self.arms(test, (*then, *otherwise), state, depth),
                    (stays, other) if (stays || other) && depth == 0 && self.exit.is_none() => {
                        self.exit = Some((test, stays));
                        Some(if stays { *then } else { *otherwise })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Where control comes to, in the order of the text; the head comes last.
    fn place(&self, block: BlockId) -> u32 {
        if block == self.region.head() { u32::MAX } else { self.region.places[block as usize] }
    }

    fn arms(
        &mut self,
        test: Tree,
        (then, other): (BlockId, BlockId),
        state: &mut State,
        depth: u32,
    ) -> Option<BlockId> {
        if depth == MAX_DEPTH {
            return None;
        }
        if let (Some(holds), 0, None) = (self.side, depth, &self.condition) {
            self.condition = Some(test);
            return Some(if holds { then } else { other });
        }
        let before = State { fuel: 0, arms: None, sets: state.sets.clone() };
        let (mut one, mut two) = (before.clone(), before);
        let (mut at, mut beside) = (then, other);
        while at != beside {
            if self.place(at) < self.place(beside) {
                at = self.block(at, &mut one, depth + 1)?;
            } else {
                beside = self.block(beside, &mut two, depth + 1)?;
            }
        }
        let costs = [&one, &two].map(|arm| arm.arms.clone().map_or(num(arm.fuel), |arms| add(arms, num(arm.fuel))));
        let [first, second] = costs;
        let costs = select(first, second, test.clone());
        match (&costs, &state.arms) {
            (Tree::Constant(fuel), _) => state.fuel += fuel,
            (_, None) => state.arms = Some(costs),
            (_, Some(arms)) => state.arms = Some(add(arms.clone(), costs)),
        }
        state.sets = merge(one.sets, two.sets, &test)?;
        Some(at)
    }
}

/// What slots hold after one arm or the other.
fn merge(mut sets: Vec<Set>, others: Vec<Set>, test: &Tree) -> Option<Vec<Set>> {
    for &Set { slot, ty, .. } in &others {
        if !sets.iter().any(|set| set.slot == slot) {
            sets.push(Set { slot, ty, tree: Tree::Slot(slot, ty) });
        }
    }
    for set in &mut sets {
        let other = others.iter().find(|other| other.slot == set.slot);
        if other.is_some_and(|other| other.ty != set.ty) {
            return None;
        }
        let other = other.map_or(Tree::Slot(set.slot, set.ty), |other| other.tree.clone());
        let one = core::mem::replace(&mut set.tree, num(0));
        set.tree = select(one, other, test.clone());
        if size(&set.tree) > MAX_TREE {
            return None;
        }
    }
    Some(sets)
}

impl State {
    fn get(&self, slot: u32) -> Option<&Tree> {
        self.sets.iter().find(|set| set.slot == slot).map(|set| &set.tree)
    }

    fn set(&mut self, slot: u32, ty: Type, tree: Tree) {
        self.sets.retain(|set| set.slot != slot);
        self.sets.push(Set { slot, ty, tree });
    }

    /// A tree over the slots as they are now, over those at the start.
    fn replace(&self, tree: &Tree) -> Option<Tree> {
        let tree = self.put(tree);
        (size(&tree) <= MAX_TREE && is_plain(&tree)).then_some(tree)
    }

    fn put(&self, tree: &Tree) -> Tree {
        match tree {
            Tree::Slot(slot, _) => self.get(*slot).unwrap_or(tree).clone(),
            Tree::Unary(op, at, operand) => Tree::Unary(*op, *at, Box::new(self.put(operand))),
            Tree::Binary(op, at, operands) => {
                Tree::Binary(*op, *at, Box::new([self.put(&operands[0]), self.put(&operands[1])]))
            }
            Tree::Select(operands) => {
                let [one, two, test] = operands.each_ref().map(|operand| self.put(operand));
                select(one, two, test)
            }
            other => other.clone(),
        }
    }
}
