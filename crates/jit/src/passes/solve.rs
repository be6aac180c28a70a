//! What so many turns of a loop leave in its slots.
//!
//! Pre: a [`Turn`]. Post: `fuel` is what `turns` cost, or `i64::MAX` where the forms do not hold or the loop itself is cheaper; after
//! `prepare`, `finals` are the values of all slots that are live at the loop's head and that the loop sets, after as many turns.

use super::eval::{Eval, common, period};
use super::idiom;
use super::poly::{Code, Poly, binomials};
use super::power::{Power, system};
use super::trip::{Trip, trip};
use super::turn::{Set, Turn};
use super::whole::{add, both, constant, mul, narrow, num, op, reads, select, widen};
use crate::ir::{Step, Tree};
use alloc::boxed::Box;
use alloc::vec::Vec;
use velocity_nda::module::{BinaryOp as Op, Type};

/// Fewer turns than these the loop does itself.
const FEW: u64 = 4;

/// The longest period of what progressions are parted into.
const MAX_PERIOD: u64 = 16;

/// How many conditions a form may need.
const MAX_GUARDS: usize = 8;

/// The most that turns done at once may cost.
const MAX_FUEL: u64 = 1 << 62;

/// A loop in closed form.
#[derive(Debug)]
pub(super) struct Solved {
    /// Steps before it is decided.
    pub(super) first: Vec<Step>,
    pub(super) fuel: Tree,
    /// Steps of the form.
    pub(super) then: Vec<Step>,
    pub(super) power: Option<Power>,
    /// In this order; values are leaves over slots that no final sets.
    pub(super) finals: Vec<(u32, Type, Tree)>,
    /// The next slot that nothing uses.
    pub(super) spare: u32,
}

struct Solver<'a> {
    turn: &'a Turn,
    live: &'a dyn Fn(u32) -> bool,
    /// Slots with the constants that they hold at the start.
    starts: &'a [(u32, u64)],
    written: Vec<u32>,
    code: Code,
    guards: Vec<Tree>,
    /// Sequences over turns.
    known: Vec<(u32, Poly)>,
}

/// What one slot holds in the end.
enum Last {
    /// A sequence over periods.
    Poly(Poly),
    Tree(Tree),
}

type Lasts = (Vec<(Set, Last)>, Vec<Set>);

/// The closed form of a loop whose turn this is; with a limit, for as many turns as the test of that turn holds, too.
pub(super) fn solve(
    turn: &Turn,
    live: &dyn Fn(u32) -> bool,
    starts: &[(u32, u64)],
    spare: u32,
    limit: Option<&Turn>,
) -> Option<Solved> {
    let written = turn.sets.iter().map(|set| set.slot).collect();
    let code = Code { steps: Vec::new(), spare };
    let solver = Solver { turn, live, starts, written, code, guards: Vec::new(), known: Vec::new() };
    solver.run(limit)
}

impl Solver<'_> {
    fn eval(&mut self, known: Vec<(u32, Poly)>) -> Eval<'_> {
        Eval { written: &self.written, known, code: &mut self.code, guards: &mut self.guards }
    }

    /// What a slot holds at the start.
    fn start(&self, set: &Set) -> Tree {
        match self.starts.iter().find(|(slot, _)| *slot == set.slot) {
            Some((_, value)) => num(*value),
            None => widen(Tree::Slot(set.slot, set.ty), set.ty),
        }
    }

    fn trip(&mut self, turn: &Turn) -> Option<Trip> {
        let known = self.known.clone();
        trip(turn, &mut self.eval(known))
    }

    fn run(mut self, limit: Option<&Turn>) -> Option<Solved> {
        self.sequences();
        let trip = self.trip(self.turn)?;
        let mut count = self.code.put(trip.count);
        if let Some((slot, poly)) = trip.counter {
            self.replace(slot, poly);
        }
        if let Some(limit) = limit {
            let other = self.trip(limit)?.count;
            let other = self.code.put(other);
            count = select(count.clone(), other.clone(), op(Op::I64LtU, count, other));
            count = self.code.put(count);
        }
        self.sequences();
        // What is said of the end of bits is said of all turns.
        let period = if trip.last.is_some() { 1 } else { self.period() };
        let times = if period == 1 { count } else { self.code.put(op(Op::I64DivU, count, num(period))) };
        let cost = self.cost(period)?;
        let lasts = self.lasts(period, &times, trip.last.as_ref());
        let few = if limit.is_some() { 1 } else { FEW.div_ceil(period) };
        // What decides is computed first, and the rest only if it is used.
        let decided = self.deciding(&times, &cost);
        let most = (MAX_FUEL / self.turn.most.checked_mul(period)?).checked_sub(few)?;
        let fits = op(Op::I64LeU, add(times.clone(), num(few.wrapping_neg())), num(most));
        self.guards.dedup();
        if self.guards.len() > MAX_GUARDS {
            return None;
        }
        let holds = self.guards.drain(..).fold(fits, both);
        let fuel = select(mul(times.clone(), cost), num(i64::MAX as u64), holds);
        let then = self.code.steps.split_off(decided);
        self.finish((fuel, then), lasts, &times, period)
    }

    /// How many of the steps so far decide whether the form is used.
    fn deciding(&self, times: &Tree, cost: &Tree) -> usize {
        let needed = |slot: u32| {
            let of = |tree: &Tree| reads(tree, &|read| read == slot);
            of(times) || of(cost) || self.guards.iter().any(of)
        };
        let last = self.code.steps.iter().rposition(|step| matches!(step, Step::Set { slot, .. } if needed(*slot)));
        last.map_or(0, |at| at + 1)
    }

    fn replace(&mut self, slot: u32, poly: Poly) {
        self.known.retain(|(known, _)| *known != slot);
        self.known.push((slot, poly));
    }

    /// Finds the sequences of slots of which each turn adds something known.
    fn sequences(&mut self) {
        let turn = self.turn;
        loop {
            let before = self.known.len();
            for set in &turn.sets {
                if self.known.iter().any(|(known, _)| *known == set.slot) {
                    continue;
                }
                if let Some(poly) = self.sequence(set) {
                    self.known.push((set.slot, poly));
                }
            }
            if self.known.len() == before {
                return;
            }
        }
    }

    fn sequence(&mut self, set: &Set) -> Option<Poly> {
        let more = rest(&set.tree, set.slot)?;
        let known = self.known.clone();
        let poly = self.attempt(|all| all.eval(known).eval(&more))?;
        poly.summed(self.start(set))
    }

    /// Does something that leaves no steps and guards if it gives nothing.
    fn attempt<T>(&mut self, action: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let (steps, guards) = (self.code.steps.len(), self.guards.len());
        let result = action(self);
        if result.is_none() {
            self.code.steps.truncate(steps);
            self.guards.truncate(guards);
        }
        result
    }

    /// After how many turns all that is cut from progressions comes again.
    fn period(&self) -> u64 {
        let fixed = |tree: &Tree| !reads(tree, &|slot| self.written.contains(&slot));
        let open = |set: &&Set| (self.live)(set.slot) && !self.known.iter().any(|(known, _)| *known == set.slot);
        let periods = self.turn.sets.iter().filter(open).map(|set| period(&set.tree, &fixed));
        let all = periods.fold(period(&self.turn.fuel, &fixed), common);
        if all <= MAX_PERIOD { all } else { 1 }
    }

    /// The sum of a tree's sequences over the turns of a period.
    fn over(&mut self, tree: &Tree, period: u64) -> Option<Poly> {
        let mut sum = Poly::invariant(num(0));
        for phase in 0..period {
            let poly = self.in_phase(tree, period, phase)?;
            sum = sum.plus(&poly, &mut self.code);
        }
        Some(sum)
    }

    fn in_phase(&mut self, tree: &Tree, period: u64, phase: u64) -> Option<Poly> {
        let mut known = self.known.clone();
        known.retain(|(slot, _)| reads(tree, &|read| read == *slot));
        let known = known.iter().map(|(slot, poly)| (*slot, poly.every(period, phase, &mut self.code))).collect();
        self.eval(known).eval(tree)
    }

    /// What a period costs.
    fn cost(&mut self, period: u64) -> Option<Tree> {
        let cost = self.over(&self.turn.fuel, period)?;
        Some(self.code.keep(cost.fixed()?.clone()))
    }

    /// What live slots hold in the end, and those of which that is not known.
    fn lasts(&mut self, period: u64, times: &Tree, last: Option<&(u32, Tree)>) -> Lasts {
        let (mut lasts, mut open) = (Vec::new(), Vec::new());
        for set in self.turn.sets.iter().filter(|set| (self.live)(set.slot)) {
            match self.last(set, period, times, last) {
                Some(found) => lasts.push((set.clone(), found)),
                None => open.push(set.clone()),
            }
        }
        (lasts, open)
    }

    fn last(&mut self, set: &Set, period: u64, times: &Tree, last: Option<&(u32, Tree)>) -> Option<Last> {
        if let Some((_, value)) = last.filter(|(slot, _)| *slot == set.slot) {
            return Some(Last::Tree(value.clone()));
        }
        if let Some((_, poly)) = self.known.iter().find(|(known, _)| *known == set.slot) {
            return Some(Last::Poly(poly.clone().every(period, 0, &mut self.code)));
        }
        if let Some(more) = rest(&set.tree, set.slot)
            && let Some(sum) = self.attempt(|all| all.over(&more, period))
        {
            return Some(Last::Poly(sum.summed(self.start(set))?));
        }
        if !reads(&set.tree, &|slot| slot == set.slot)
            && let Some(poly) = self.attempt(|all| all.in_phase(&set.tree, period, period - 1))
        {
            return Some(Last::Poly(poly.before(&mut self.code)));
        }
        let (turns, start) = (mul(times.clone(), num(period)), self.start(set));
        if let Some(counted) =
            rest(&set.tree, set.slot).and_then(|more| idiom::counted(&start, &more, self.moved(last)))
        {
            return Some(Last::Tree(counted));
        }
        let known = self.known.clone();
        self.attempt(|all| idiom::last(set, &start, &turns, &mut all.eval(known))).map(Last::Tree)
    }

    /// The slot whose bits each turn moves to the right by one until none is left.
    fn moved(&self, last: Option<&(u32, Tree)>) -> Option<(u32, Type)> {
        let (slot, _) = last.filter(|(_, value)| constant(value) == Some(0))?;
        let set = self.turn.sets.iter().find(|set| set.slot == *slot)?;
        let Tree::Binary(which, _, operands) = &set.tree else { return None };
        let by = constant(&operands[1]);
        let halves = match which {
            Op::I32ShrU | Op::I64ShrU => by == Some(1),
            Op::I32DivU | Op::I64DivU => by == Some(2),
            _ => false,
        };
        halves.then_some((*slot, set.ty))
    }

    fn finish(
        mut self,
        (fuel, then): (Tree, Vec<Step>),
        (lasts, open): Lasts,
        times: &Tree,
        period: u64,
    ) -> Option<Solved> {
        let first = core::mem::replace(&mut self.code.steps, then);
        let most = lasts.iter().map(|(_, last)| if let Last::Poly(poly) = last { poly.terms.len() - 1 } else { 0 });
        let binomials = binomials(times, most.max().unwrap_or(0), &mut self.code);
        let power = if open.is_empty() {
            None
        } else {
            let known = self.known.clone();
            let starts: Vec<Tree> = open.iter().map(|set| self.start(set)).collect();
            Some(system(&open, &starts, times, &mut self.eval(known))?)
        };
        if !self.guards.is_empty() || power.is_some() && period != 1 {
            return None;
        }
        let mut finals = Vec::new();
        for (set, last) in lasts {
            let value = match last {
                Last::Poly(poly) => poly.at(&binomials, &mut self.code),
                Last::Tree(tree) => tree,
            };
            let value = narrow(self.settled(value, set.slot), set.ty);
            finals.push((set.slot, set.ty, value));
        }
        for (set, slot) in open.iter().zip(power.iter().flat_map(|power| power.values.iter())) {
            finals.push((set.slot, set.ty, narrow(Tree::Slot(*slot, Type::I64), set.ty)));
        }
        Some(Solved { first, fuel, then: self.code.steps, power, finals, spare: self.code.spare })
    }

    /// A value that setting the loop's other slots does not disturb.
    fn settled(&mut self, value: Tree, own: u32) -> Tree {
        if !reads(&value, &|slot| slot != own && self.written.contains(&slot)) {
            return value;
        }
        let slot = self.code.spare;
        self.code.spare += 1;
        self.code.steps.push(Step::Set { slot, ty: Type::I64, tree: value, traps: false });
        Tree::Slot(slot, Type::I64)
    }
}

/// What is added to a slot, if a tree is the slot and something.
fn rest(tree: &Tree, slot: u32) -> Option<Tree> {
    match tree {
        Tree::Slot(read, _) => (*read == slot).then_some(num(0)),
        Tree::Binary(which @ (Op::I32Add | Op::I64Add), _, operands) => {
            let [one, two] = &**operands;
            match rest(one, slot) {
                Some(Tree::Constant(0)) => Some(two.clone()),
                Some(more) => Some(op(*which, more, two.clone())),
                None => Some(op(*which, one.clone(), rest(two, slot)?)),
            }
        }
        Tree::Binary(which @ (Op::I32Sub | Op::I64Sub), _, operands) => {
            Some(op(*which, rest(&operands[0], slot)?, operands[1].clone()))
        }
        Tree::Select(operands) => {
            let [one, two, test] = &**operands;
            let arms = [rest(one, slot)?, rest(two, slot)?, test.clone()];
            Some(Tree::Select(Box::new(arms)))
        }
        _ => None,
    }
}
