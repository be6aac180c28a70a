//! Which numbers a node may yield, where that can be read from the tree.

use super::tree::Tree;
use alloc::collections::BTreeMap;
use velocity_nda::module::{
    BinaryOp as Op, Constant, Expr, ExprId, GlobalKind, LoadOp, LocalId, Module, Type, UnaryOp, Value,
};

/// How many nodes are looked at for one range.
const LOOKS: u32 = 48;

/// How deep locals are followed to what sets them.
const MOST_LOCALS: u32 = 2;

/// What may still be looked at.
struct Looks {
    left: u32,
    locals: u32,
}

/// How many places that set a local are looked at.
const MOST_SETS: usize = 3;

/// Numbers from the first to the last, with their sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) min: i128,
    pub(super) max: i128,
}

impl Range {
    pub(super) const fn new(min: i128, max: i128) -> Self {
        Self { min, max }
    }

    pub(super) const fn negated(self) -> Self {
        Self::new(-self.max, -self.min)
    }

    const fn one(number: i128) -> Self {
        Self::new(number, number)
    }

    /// The only number.
    pub(super) fn single(self) -> Option<i128> {
        (self.min == self.max).then_some(self.min)
    }

    fn with(self, other: Self) -> Self {
        Self::new(self.min.min(other.min), self.max.max(other.max))
    }

    /// The same numbers without their sign, of a type of so many bits, if they still lie together.
    pub(super) fn unsigned(self, bits: u32) -> Option<Self> {
        match (self.min >= 0, self.max < 0) {
            (true, _) => Some(self),
            (_, true) => Some(Self::new(self.min + (1 << bits), self.max + (1 << bits))),
            _ => None,
        }
    }

    /// The range, if no sum or product left the type on the way.
    fn inside(self, ty: Type) -> Option<Self> {
        let half = 1_i128 << (bits(ty) - 1);
        (-half <= self.min && self.max < half).then_some(self)
    }
}

/// Of a type of integers.
pub(super) const fn bits(ty: Type) -> u32 {
    if matches!(ty, Type::I32) { 32 } else { 64 }
}

/// What is known of locals: those that count turns, by local, with the loop that was last found.
pub(super) type Counters = BTreeMap<LocalId, (ExprId, Range)>;

/// Reads ranges of one body.
pub(super) struct Ranges<'t> {
    pub(super) module: &'t Module,
    pub(super) tree: &'t Tree,
    pub(super) counters: &'t Counters,
    /// Locals below it are parameters.
    pub(super) parameters: u32,
}

impl Ranges<'_> {
    /// Of a node that is evaluated in the loop `within`, or before it.
    pub(super) fn of(&self, node: ExprId, within: ExprId) -> Option<Range> {
        let mut looks = Looks { left: LOOKS, locals: 0 };
        self.look(node, within, &mut looks)
    }

    /// Of a local when a loop begins.
    pub(super) fn before(&self, local: LocalId, within: ExprId) -> Option<Range> {
        let mut looks = Looks { left: LOOKS, locals: 0 };
        self.set_before(local, within, &mut looks)
    }

    fn look(&self, node: ExprId, within: ExprId, looks: &mut Looks) -> Option<Range> {
        looks.left = looks.left.checked_sub(1)?;
        match self.module.exprs[node] {
            Expr::I32(value) => Some(Range::one(value.into())),
            Expr::I64(value) => Some(Range::one(value.into())),
            Expr::GlobalGet(id) => match (self.module.globals[id].mutable, self.module.globals[id].kind) {
                (false, GlobalKind::Defined(Constant::Value(Value::I32(value)))) => Some(Range::one(value.into())),
                (false, GlobalKind::Defined(Constant::Value(Value::I64(value)))) => Some(Range::one(value.into())),
                _ => None,
            },
            Expr::LocalTee(_, value) => self.look(value, within, looks),
            Expr::LocalGet(local) => self.local(local, within, looks),
            Expr::Load(op, ..) => loaded(op),
            Expr::Unary(op, operand) => self.unary(op, operand, within, looks),
            Expr::Binary(op, left, right) => self.binary(op, (left, right), within, looks),
            Expr::Select(one, other, _) | Expr::IfElse(_, one, other) => {
                Some(self.look(one, within, looks)?.with(self.look(other, within, looks)?))
            }
            _ => None,
        }
    }

    fn unary(&self, op: UnaryOp, operand: ExprId, within: ExprId, looks: &mut Looks) -> Option<Range> {
        match op {
            UnaryOp::I32Eqz | UnaryOp::I64Eqz => Some(Range::new(0, 1)),
            UnaryOp::I32Popcnt | UnaryOp::I32Clz | UnaryOp::I32Ctz => Some(Range::new(0, 32)),
            UnaryOp::I64Popcnt | UnaryOp::I64Clz | UnaryOp::I64Ctz => Some(Range::new(0, 64)),
            UnaryOp::I64ExtendI32S => self.look(operand, within, looks),
            UnaryOp::I64ExtendI32U => {
                let found = self.look(operand, within, looks).and_then(|range| range.unsigned(32));
                Some(found.unwrap_or(Range::new(0, u32::MAX.into())))
            }
            UnaryOp::I32WrapI64 => self.look(operand, within, looks)?.inside(Type::I32),
            _ => None,
        }
    }

    fn binary(&self, op: Op, (left, right): (ExprId, ExprId), within: ExprId, looks: &mut Looks) -> Option<Range> {
        let ty = op.operand();
        if op.relation().is_some() {
            return Some(Range::new(0, 1));
        }
        let one = self.look(left, within, looks);
        let other = self.look(right, within, looks);
        let by = other.and_then(Range::single);
        let sum = match op {
            Op::I32Add | Op::I64Add => {
                both(one, other, |one, other| Range::new(one.min + other.min, one.max + other.max))?
            }
            Op::I32Sub | Op::I64Sub => {
                both(one, other, |one, other| Range::new(one.min - other.max, one.max - other.min))?
            }
            Op::I32Mul | Op::I64Mul => both(one, other, product)?,
            Op::I32And | Op::I64And => {
                let most = [one, other].into_iter().flatten().filter(|range| range.min >= 0).map(|range| range.max);
                Range::new(0, most.min()?)
            }
            Op::I32RemU | Op::I64RemU => Range::new(0, by.filter(|&by| by > 0)? - 1),
            Op::I32RemS | Op::I64RemS => {
                let most = by.filter(|&by| by != 0)?.abs() - 1;
                Range::new(-most, most)
            }
            Op::I32ShrU | Op::I64ShrU => {
                let by = by?.rem_euclid(bits(ty).into());
                let most = one.filter(|one| one.min >= 0).map_or((1_i128 << bits(ty)) - 1, |one| one.max);
                Range::new(0, most >> by)
            }
            _ => return None,
        };
        sum.inside(ty)
    }

    fn local(&self, local: LocalId, within: ExprId, looks: &mut Looks) -> Option<Range> {
        if let Some(&(counted, range)) = self.counters.get(&local)
            && self.tree.is_in(within, counted)
        {
            return Some(range);
        }
        if self.tree.sets_in(local, within) == 0
            && let Some(found) = self.set_before(local, within, looks)
        {
            return Some(found);
        }
        let sets = self.tree.sets(local);
        if local.0 < self.parameters || sets.len() > MOST_SETS || looks.locals == MOST_LOCALS {
            return None;
        }
        looks.locals += 1;
        let mut all = Some(Range::one(0));
        for &(_, set) in sets {
            all = match self.module.exprs[set] {
                Expr::LocalSet(_, value) | Expr::LocalTee(_, value) => {
                    both(all, self.look(value, value, looks), Range::with)
                }
                _ => None,
            };
        }
        looks.locals -= 1;
        all
    }

    /// Of the value that a local has when a loop begins: the last to set it stands before the loop in the same sequence.
    fn set_before(&self, local: LocalId, node: ExprId, looks: &mut Looks) -> Option<Range> {
        let set = self.tree.set_before(local, self.tree.first(node))?;
        let Expr::LocalSet(_, value) = self.module.exprs[set] else { return None };
        let mut outer = self.tree.parent(node);
        // A loop that is left by a break stands in a block of its own.
        while matches!(self.module.exprs[outer], Expr::Block(_)) && looks.left > 0 {
            outer = self.tree.parent(outer);
            looks.left -= 1;
        }
        let together = matches!(self.module.exprs[outer], Expr::Sequence(_)) && self.tree.parent(set) == outer;
        if together { self.look(value, value, looks) } else { None }
    }
}

fn both(one: Option<Range>, other: Option<Range>, of: fn(Range, Range) -> Range) -> Option<Range> {
    Some(of(one?, other?))
}

fn product(one: Range, other: Range) -> Range {
    let ends = [one.min * other.min, one.min * other.max, one.max * other.min, one.max * other.max];
    ends.into_iter().map(Range::one).fold(Range::one(ends[0]), Range::with)
}

/// What a load yields that widens what it finds.
fn loaded(op: LoadOp) -> Option<Range> {
    Some(match op {
        LoadOp::I32Load8U | LoadOp::I64Load8U => Range::new(0, u8::MAX.into()),
        LoadOp::I32Load16U | LoadOp::I64Load16U => Range::new(0, u16::MAX.into()),
        LoadOp::I64Load32U => Range::new(0, u32::MAX.into()),
        LoadOp::I32Load8S | LoadOp::I64Load8S => Range::new(i8::MIN.into(), i8::MAX.into()),
        LoadOp::I32Load16S | LoadOp::I64Load16S => Range::new(i16::MIN.into(), i16::MAX.into()),
        LoadOp::I64Load32S => Range::new(i32::MIN.into(), i32::MAX.into()),
        _ => return None,
    })
}
