//! How often a loop turns at most, where that can be read from the tree.
//!
//! A loop is read that begins anew in one place only. What is evaluated in every turn before it comes there is its *spine*. In the spine stand
//! *guards*, conditions that hold whenever the loop begins anew, and *steps*, which set a local that nothing else in the loop sets. A local that
//! steps by a constant towards a bound that a guard keeps it from, or of which each step takes bits until a guard finds none, counts the turns.
//! Where the local could run past its type's end, the loop need not end, and nothing is said.

use super::range::{Counters, Range, Ranges, bits};
use super::tree::Tree;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_nda::module::{BinaryOp as Op, Body, Expr, ExprId, LocalId, Module, Relation, Shape, Type, UnaryOp};

use Relation as Is;

/// What is known of the turns of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turns {
    /// How often it begins anew at most.
    pub(super) again: u64,
    /// The body is a condition, which does not hold in the last turn, and what is done if it does.
    pub(super) by_condition: bool,
}

/// The loops of a body whose turns are bounded.
#[derive(Debug, Default)]
pub(super) struct Loops {
    /// The last loop first.
    bounded: Vec<(ExprId, Turns)>,
}

impl Loops {
    /// Reads a body. Outer loops come first, so that what counts them is known inside.
    pub(super) fn read(&mut self, module: &Module, tree: &Tree, body: &Body, parameters: u32) {
        self.bounded.clear();
        let (mut counters, mut open) = (Counters::new(), Vec::new());
        for node in (body.first.0..=body.root.0).rev().map(ExprId) {
            let Expr::Loop(_) = module.exprs[node] else { continue };
            while open.last().is_some_and(|&outer| node < tree.first(outer)) {
                open.pop();
            }
            let ranges = Ranges { module, tree, counters: &counters, parameters };
            let found = Reader { ranges, node, is_inner: !open.is_empty() }.turns();
            open.push(node);
            if let Some((turns, counter)) = found {
                self.bounded.push((node, turns));
                if let Some((local, range)) = counter {
                    counters.insert(local, (node, range));
                }
            }
        }
    }

    /// Of a loop; `None` if there is no bound.
    pub(super) fn turns(&self, node: ExprId) -> Option<Turns> {
        let at = self.bounded.binary_search_by(|(found, _)| node.cmp(found)).ok()?;
        Some(self.bounded[at].1)
    }
}

/// A condition of the spine, and whether it holds where the loop begins anew.
struct Guard {
    at: usize,
    condition: ExprId,
    holds: bool,
}

/// What is evaluated in every turn that is followed by another one, in order.
#[derive(Default)]
struct Spine {
    len: usize,
    guards: Vec<Guard>,
    /// What locals are set to, and where.
    steps: BTreeMap<LocalId, (usize, ExprId)>,
}

impl Spine {
    /// Up to the break by which the loop begins anew; `None` if that is in another loop.
    fn of(module: &Module, tree: &Tree, node: ExprId, from: ExprId) -> Option<Self> {
        let mut path = alloc::vec![from];
        let mut at = tree.parent(from);
        while at != node {
            if matches!(module.exprs[at], Expr::Loop(_)) {
                return None;
            }
            path.push(at);
            at = tree.parent(at);
        }
        let mut spine = Self::default();
        for pair in path.windows(2).rev() {
            let (way, within) = (pair[0], pair[1]);
            match module.exprs[within] {
                Expr::Sequence(items) => {
                    let before = module.pool.get::<ExprId>(items).take_while(|&item| item != way);
                    before.for_each(|item| spine.item(module, item));
                }
                Expr::If(condition, then) if way == then => spine.guard(module, condition, true),
                Expr::IfElse(condition, then, otherwise) if way == then || way == otherwise => {
                    spine.guard(module, condition, way == then);
                }
                _ => {}
            }
        }
        Some(spine)
    }

    /// A statement that is passed, with all that is evaluated whenever it is.
    fn item(&mut self, module: &Module, item: ExprId) {
        let never = |node: ExprId| matches!(module.yields[node].shape(), Shape::Never);
        let mut waiting = alloc::vec![item];
        while let Some(item) = waiting.pop() {
            match module.exprs[item] {
                Expr::Sequence(items) => waiting.extend(module.pool.get::<ExprId>(items).rev()),
                Expr::LocalSet(local, value) => {
                    self.steps.insert(local, (self.len, value));
                    self.len += 1;
                }
                Expr::If(condition, then) if never(then) => self.guard(module, condition, false),
                Expr::IfElse(condition, then, otherwise) if never(then) || never(otherwise) => {
                    let holds = !never(then);
                    self.guard(module, condition, holds);
                    waiting.push(if holds { then } else { otherwise });
                }
                _ => {}
            }
        }
    }

    fn guard(&mut self, module: &Module, condition: ExprId, holds: bool) {
        let mut first = condition;
        // What a condition sets, it sets before it compares.
        while let Expr::Unary(UnaryOp::I32Eqz | UnaryOp::I64Eqz, operand) = module.exprs[first] {
            first = operand;
        }
        if let Expr::Binary(_, left, _) = module.exprs[first] {
            first = left;
        }
        if let Expr::LocalTee(local, value) = module.exprs[first] {
            self.steps.insert(local, (self.len, value));
        }
        self.guards.push(Guard { at: self.len, condition, holds });
        self.len += 1;
    }
}

/// A guard as a comparison of a local with a node, or with zero.
struct Test {
    is: Relation,
    signed: bool,
    ty: Type,
    local: LocalId,
    bound: Option<ExprId>,
}

/// Reads one loop.
struct Reader<'t> {
    ranges: Ranges<'t>,
    node: ExprId,
    is_inner: bool,
}

/// How a local moves in a turn.
enum Step {
    By(i128),
    /// It loses at least so many bits, as long as there are some; for numbers below zero that need not be so if they have a sign.
    Bits {
        at_least: u32,
        signed: bool,
    },
}

/// A local that counts turns, and its numbers in the loop.
type Counter = (LocalId, Range);

impl Reader<'_> {
    fn turns(&self) -> Option<(Turns, Option<Counter>)> {
        let Ranges { module, tree, .. } = self.ranges;
        let Expr::Loop(body) = module.exprs[self.node] else { return None };
        let from = tree.only_break(self.node)?;
        if !matches!(module.exprs[from], Expr::Break(..)) {
            return None;
        }
        let spine = Spine::of(module, tree, self.node, from)?;
        let mut best: Option<(Turns, Option<Counter>)> = None;
        for guard in &spine.guards {
            let Some((again, counter)) = self.guarded(&spine, guard) else { continue };
            if best.as_ref().is_none_or(|(best, _)| again < best.again) {
                let by_condition = matches!(module.exprs[body], Expr::If(condition, _) if condition == guard.condition);
                best = Some((Turns { again, by_condition }, counter));
            }
        }
        best
    }

    /// How often a guard can hold.
    fn guarded(&self, spine: &Spine, guard: &Guard) -> Option<(u64, Option<Counter>)> {
        let test = self.test(guard)?;
        let &(at, value) = spine.steps.get(&test.local)?;
        if self.ranges.tree.sets_in(test.local, self.node) != 1 {
            return None;
        }
        let bound = test.bound.map_or(Some(Range::new(0, 0)), |bound| self.ranges.of(bound, self.node))?;
        match self.step(test.local, value)? {
            Step::Bits { at_least, signed } => {
                let least = match test.is {
                    Is::Different if bound.single() == Some(0) => 1,
                    Is::Greater => bound.min + 1,
                    Is::GreaterEqual => bound.min,
                    _ => return None,
                };
                let ends = least >= 1 && (!signed || test.signed && test.is != Is::Different);
                ends.then(|| (bits(test.ty).div_ceil(at_least).into(), None))
            }
            Step::By(step) => {
                let start = self.start(test.local)?;
                let count = |signed| Count::new(start, bound, (test.ty, signed))?.turns(test.is, step, at <= guard.at);
                let readings: &[bool] = if test.is == Is::Different { &[true, false] } else { &[test.signed] };
                let (again, range) = readings.iter().find_map(|&signed| count(signed))?;
                Some((again, range.map(|range| (test.local, range))))
            }
        }
    }

    fn test(&self, guard: &Guard) -> Option<Test> {
        let module = self.ranges.module;
        let (mut node, mut holds) = (guard.condition, guard.holds);
        while let Expr::Unary(UnaryOp::I32Eqz, operand) = module.exprs[node] {
            (node, holds) = (operand, !holds);
        }
        let of_zero = |is: Relation| if holds { is } else { is.not() };
        let local = |node: ExprId| match module.exprs[node] {
            Expr::LocalGet(local) | Expr::LocalTee(local, _) => Some(local),
            _ => None,
        };
        match module.exprs[node] {
            Expr::Unary(UnaryOp::I64Eqz, operand) => {
                let local = local(operand)?;
                Some(Test { is: of_zero(Is::Equal), signed: true, ty: Type::I64, local, bound: None })
            }
            Expr::Binary(op, left, right) => {
                let (is, signed) = op.relation()?;
                let (is, ty) = (if holds { is } else { is.not() }, op.operand());
                if let Some(local) = local(left) {
                    return Some(Test { is, signed, ty, local, bound: Some(right) });
                }
                // What stands on the right must not be set there: a step would come after the left side.
                let Expr::LocalGet(local) = module.exprs[right] else { return None };
                Some(Test { is: is.mirrored(), signed, ty, local, bound: Some(left) })
            }
            _ => {
                let local = local(node)?;
                Some(Test { is: of_zero(Is::Different), signed: true, ty: Type::I32, local, bound: None })
            }
        }
    }

    fn step(&self, local: LocalId, value: ExprId) -> Option<Step> {
        let module = self.ranges.module;
        let Expr::Binary(op, left, right) = module.exprs[value] else { return None };
        let own = |node: ExprId| matches!(module.exprs[node], Expr::LocalGet(read) if read == local);
        let constant = |node| self.ranges.of(node, value).and_then(Range::single);
        let width = bits(op.operand());
        let shift = |by: i128| by.rem_euclid(width.into()) as u32;
        let bits = |at_least, signed| (at_least > 0).then_some(Step::Bits { at_least, signed });
        match op {
            Op::I32Add | Op::I64Add if own(left) => constant(right).map(Step::By),
            Op::I32Add | Op::I64Add if own(right) => constant(left).map(Step::By),
            Op::I32Sub | Op::I64Sub if own(left) => constant(right).map(|by| Step::By(-by)),
            Op::I32ShrU | Op::I64ShrU if own(left) => bits(shift(constant(right)?), false),
            Op::I32ShrS | Op::I64ShrS if own(left) => bits(shift(constant(right)?), true),
            Op::I32DivU | Op::I64DivU if own(left) && constant(right)? >= 2 => bits(1, false),
            // Towards zero, from below as well.
            Op::I32DivS | Op::I64DivS if own(left) && constant(right)? >= 2 => bits(1, false),
            Op::I32And | Op::I64And if own(left) => match module.exprs[right] {
                Expr::Binary(Op::I32Sub | Op::I64Sub, less, one) if own(less) && constant(one)? == 1 => bits(1, false),
                Expr::Binary(Op::I32Add | Op::I64Add, less, one) if own(less) && constant(one)? == -1 => bits(1, false),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a local is when the loop begins.
    fn start(&self, local: LocalId) -> Option<Range> {
        let tree = self.ranges.tree;
        let is_zero = !self.is_inner && local.0 >= self.ranges.parameters && tree.sets(local).len() == 1;
        if is_zero { Some(Range::new(0, 0)) } else { self.ranges.before(local, self.node) }
    }
}

/// Numbers as a comparison sees them.
struct Count {
    start: Range,
    bound: Range,
    ty: Type,
    signed: bool,
    /// The least and the greatest number of the type.
    all: Range,
}

impl Count {
    fn new(start: Range, bound: Range, (ty, signed): (Type, bool)) -> Option<Self> {
        let half = 1_i128 << (bits(ty) - 1);
        Some(if signed {
            Self { start, bound, ty, signed, all: Range::new(-half, half - 1) }
        } else {
            let (start, bound) = (start.unsigned(bits(ty))?, bound.unsigned(bits(ty))?);
            Self { start, bound, ty, signed, all: Range::new(0, 2 * half - 1) }
        })
    }

    /// How often a number stands to the bound as it must, before or after the step of its turn, and where it may lie with its sign.
    fn turns(self, is: Relation, step: i128, is_after: bool) -> Option<(u64, Option<Range>)> {
        let (ty, signed) = (self.ty, self.signed);
        let (again, range) = if step < 0 {
            let mirrored =
                Self { start: self.start.negated(), bound: self.bound.negated(), all: self.all.negated(), ..self };
            let (again, range) = mirrored.up(is.mirrored(), -step, is_after)?;
            (again, range.negated())
        } else {
            self.up(is, step, is_after)?
        };
        let fits = signed || range.max < 1 << (bits(ty) - 1);
        Some((again, fits.then_some(range)))
    }

    /// The same of a step up.
    fn up(self, is: Relation, step: i128, is_after: bool) -> Option<(u64, Range)> {
        let by = if is_after { step } else { 0 };
        let first = Range::new(self.start.min + by, self.start.max + by);
        let (end, next) = match is {
            Is::Less => (self.bound.max - 1, self.bound.max - 1 + step),
            Is::LessEqual => (self.bound.max, self.bound.max + step),
            Is::Different => {
                let to = self.bound.single()?;
                let meets = step == 1 || first.single().is_some_and(|first| (to - first) % step.max(1) == 0);
                (first.max <= to && meets).then_some((to - 1, to))?
            }
            _ => return None,
        };
        if step <= 0 || first.max > self.all.max || next > self.all.max {
            return None;
        }
        let again = if end < first.min { 0 } else { (end - first.min) / step + 1 };
        let most = first.max.max(next).max(self.start.max + step).min(self.all.max);
        Some((u64::try_from(again).ok()?, Range::new(self.start.min, most)))
    }
}
