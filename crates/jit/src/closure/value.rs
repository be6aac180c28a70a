//! Closures for values: the kinds of operands of an operator are part of its closure.

use super::code::{Context, Step, Value};
use super::source::{Fixed, Held, Made, Maker, Source, address};
use crate::ir::{Tree, divides, truncates};
use alloc::boxed::Box;
use velocity_interp::engine::{Slot, binary, unary};
use velocity_nda::module::{BinaryOp, ExprId, LoadOp, UnaryOp};

/// What is done with a value, part of the closure that makes it.
pub(super) trait Sink: Copy + Send + Sync + 'static {
    /// The closure.
    type Made;

    /// A closure that makes a value by `make` and does with it what is to be done; `traps` says whether making it can fail.
    fn close<F>(self, traps: bool, make: F) -> Self::Made
    where
        F: Fn(&mut Context<'_>, &mut [Slot]) -> Slot + Send + Sync + 'static;
}

/// Gives it.
#[derive(Clone, Copy)]
pub(super) struct Give;

impl Sink for Give {
    type Made = Value;

    fn close<F>(self, _: bool, make: F) -> Value
    where
        F: Fn(&mut Context<'_>, &mut [Slot]) -> Slot + Send + Sync + 'static,
    {
        Box::new(make)
    }
}

/// Puts it into a slot.
#[derive(Clone, Copy)]
pub(super) struct Put(pub(super) u32);

impl Sink for Put {
    type Made = Step;

    fn close<F>(self, traps: bool, make: F) -> Step
    where
        F: Fn(&mut Context<'_>, &mut [Slot]) -> Slot + Send + Sync + 'static,
    {
        let slot = self.0 as usize;
        if traps {
            return Box::new(move |c, f| {
                f[slot] = make(c, f);
                c.failed()
            });
        }
        Box::new(move |c, f| {
            f[slot] = make(c, f);
            false
        })
    }
}

/// The closure of a tree.
pub(super) fn compile<S: Sink>(tree: Tree, traps: bool, sink: S) -> S::Made {
    match tree {
        Tree::Slot(slot, _) => {
            let slot = slot as usize;
            sink.close(false, move |_, f| f[slot])
        }
        Tree::Constant(value) => sink.close(false, move |_, _| value),
        Tree::Global(global, _) => {
            let global = global as usize;
            sink.close(false, move |c, _| c.state.globals[global].value)
        }
        Tree::MemorySize => sink.close(false, |c, _| c.memory.pages().into()),
        Tree::Unary(op, at, operand) => unary_of(op, at, *operand, traps, sink),
        Tree::Binary(op, at, operands) => binary_of(op, at, *operands, traps, sink),
        Tree::Load(access, at, address) => load_of(access, at, *address, sink),
        Tree::Select(operands) => {
            let [one, two, condition] = operands.map(value);
            sink.close(traps, move |c, f| {
                let (one, two) = (one(c, f), two(c, f));
                if condition(c, f) as u32 == 0 { two } else { one }
            })
        }
    }
}

/// The closure that gives the value of a tree.
pub(super) fn value(tree: Tree) -> Value {
    compile(tree, true, Give)
}

/// The operator of a code.
const fn binary_op<const OP: u8>() -> BinaryOp {
    match BinaryOp::of_code(OP) {
        Some(op) => op,
        None => panic!("no such operator"),
    }
}

/// An operator that does not trap, whose closure is made for it.
#[inline(always)]
fn apply<const OP: u8>(a: Slot, b: Slot) -> Slot {
    binary(const { binary_op::<OP>() }, a, b).unwrap_or(0)
}

/// An operator that does not trap, of two sources.
fn over<const OP: u8, S: Sink>(left: impl Source, right: impl Source, traps: bool, sink: S) -> S::Made {
    sink.close(traps, move |c, f| {
        let left = left.get(c, f);
        let right = right.get(c, f);
        apply::<OP>(left, right)
    })
}

fn fused<const OP: u8, S: Sink>([left, right]: [Tree; 2], traps: bool, sink: S) -> S::Made {
    match (left, right) {
        (Tree::Slot(a, _), Tree::Slot(b, _)) => over::<OP, S>(Held(a as usize), Held(b as usize), traps, sink),
        (Tree::Slot(a, _), Tree::Constant(b)) => over::<OP, S>(Held(a as usize), Fixed(b), traps, sink),
        (Tree::Slot(a, _), right) => over::<OP, S>(Held(a as usize), Made(value(right)), traps, sink),
        (left, Tree::Constant(b)) => over::<OP, S>(Made(value(left)), Fixed(b), traps, sink),
        (left, Tree::Slot(b, _)) => over::<OP, S>(Made(value(left)), Held(b as usize), traps, sink),
        (left, right) => over::<OP, S>(Made(value(left)), Made(value(right)), traps, sink),
    }
}

/// The sum of two slots and a constant.
fn sum<const OP: u8, S: Sink>(a: u32, b: u32, constant: Slot, sink: S) -> S::Made {
    let (a, b) = (a as usize, b as usize);
    sink.close(false, move |_, f| apply::<OP>(apply::<OP>(f[a], f[b]), constant))
}

/// A sum of two slots and a constant, if the tree is one.
fn slots_of_sum(op: BinaryOp, [left, right]: &[Tree; 2]) -> Option<(u32, u32, Slot)> {
    match (left, right) {
        (Tree::Binary(inner, _, operands), Tree::Constant(constant)) if *inner == op => match **operands {
            [Tree::Slot(a, _), Tree::Slot(b, _)] => Some((a, b, *constant)),
            _ => None,
        },
        _ => None,
    }
}

macro_rules! fuse {
    ($op:expr, $operands:expr, $traps:expr, $sink:expr, [$($name:ident)+], $other:expr) => {
        match $op {
            $(BinaryOp::$name => fused::<{ BinaryOp::$name.code() }, S>($operands, $traps, $sink),)+
            _ => $other,
        }
    };
}

fn binary_of<S: Sink>(op: BinaryOp, at: ExprId, operands: [Tree; 2], traps: bool, sink: S) -> S::Made {
    match (op, slots_of_sum(op, &operands)) {
        (BinaryOp::I32Add, Some((a, b, c))) => return sum::<{ BinaryOp::I32Add.code() }, S>(a, b, c, sink),
        (BinaryOp::I64Add, Some((a, b, c))) => return sum::<{ BinaryOp::I64Add.code() }, S>(a, b, c, sink),
        _ => {}
    }
    fuse!(
        op, operands, traps, sink,
        [I32Eq I32Ne I32LtS I32LtU I32GtS I32GtU I32LeS I32LeU I32GeS I32GeU
         I64Eq I64Ne I64LtS I64LtU I64GtS I64GtU I64LeS I64LeU I64GeS I64GeU
         I32Add I32Sub I32Mul I32And I32Or I32Xor I32Shl I32ShrS I32ShrU I32Rotl
         I64Add I64Sub I64Mul I64And I64Or I64Xor I64Shl I64ShrS I64ShrU I64Rotl
         F64Add F64Sub F64Mul F64Div F64Lt F64Gt F64Le F64Ge F32Add F32Sub F32Mul F32Div],
        plain(op, at, operands, traps, sink)
    )
}

/// Operators that trap, and those that are rare: found by their code when they run.
fn plain<S: Sink>(op: BinaryOp, at: ExprId, operands: [Tree; 2], traps: bool, sink: S) -> S::Made {
    let [left, right] = operands.map(value);
    sink.close(traps || divides(op), move |c, f| {
        let left = left(c, f);
        let right = right(c, f);
        match binary(op, left, right) {
            Ok(result) => result,
            Err(kind) => c.trap(kind, at),
        }
    })
}

fn unary_of<S: Sink>(op: UnaryOp, at: ExprId, operand: Tree, traps: bool, sink: S) -> S::Made {
    let operand = value(operand);
    match op {
        UnaryOp::I32Eqz => sink.close(traps, move |c, f| (operand(c, f) as u32 == 0).into()),
        UnaryOp::I32WrapI64 | UnaryOp::I64ExtendI32U => sink.close(traps, move |c, f| (operand(c, f) as u32).into()),
        UnaryOp::I64ExtendI32S => sink.close(traps, move |c, f| i64::from(operand(c, f) as i32) as Slot),
        _ => sink.close(traps || truncates(op), move |c, f| {
            let operand = operand(c, f);
            match unary(op, operand) {
                Ok(result) => result,
                Err(kind) => c.trap(kind, at),
            }
        }),
    }
}

const fn load_op<const OP: u8>() -> LoadOp {
    match LoadOp::of_code(OP) {
        Some(op) => op,
        None => panic!("no such load"),
    }
}

#[inline(always)]
fn read<const OP: u8>(c: &mut Context<'_>, address: Slot, (offset, at): (u32, ExprId)) -> Slot {
    match c.memory.load(const { load_op::<OP>() }, address, offset) {
        Ok(value) => value,
        Err(kind) => c.trap(kind, at),
    }
}

/// A load of a kind.
struct Loading<const OP: u8, S>((u32, ExprId), S);

impl<const OP: u8, S: Sink> Maker for Loading<OP, S> {
    type Made = S::Made;

    fn make<A: Source>(self, address: A) -> S::Made {
        let Self(place, sink) = self;
        sink.close(true, move |c, f| {
            let address = address.get(c, f);
            read::<OP>(c, address, place)
        })
    }
}

macro_rules! loads {
    ($op:expr, $place:expr, $tree:expr, $sink:expr, [$($name:ident)+]) => {
        match $op {
            $(LoadOp::$name => address($tree, Loading::<{ LoadOp::$name.code() }, S>($place, $sink)),)+
        }
    };
}

fn load_of<S: Sink>((op, offset): (LoadOp, u32), at: ExprId, tree: Tree, sink: S) -> S::Made {
    loads!(
        op, (offset, at), tree, sink,
        [I32Load I64Load F32Load F64Load I32Load8S I32Load8U I32Load16S I32Load16U I64Load8S I64Load8U I64Load16S
         I64Load16U I64Load32S I64Load32U]
    )
}
