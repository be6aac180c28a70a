//! Operators of one operand, which stands in a slot or in the register of its type.

use super::{A, Reg, Source, finish, register};
use crate::closure::Exit;
use crate::closure::context::Context;
use crate::exec::thread::{Cursor, Frame, Handler};
use velocity_interp::engine::{Slot, unary};
use velocity_nda::module::{Type, UnaryOp};

const fn operator<const OP: u8>() -> UnaryOp {
    match UnaryOp::of_code(OP) {
        Some(op) => op,
        None => panic!("no such operator"),
    }
}

const fn is_float(ty: Type) -> bool {
    matches!(ty, Type::F64)
}

/// An operator that does not trap.
fn of<'a, const OP: u8, const FROM: bool, const TO: bool, S: Source>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let operand = S::get(at.op(), frame, register::<FROM>(acc, facc));
    let result = unary(const { operator::<OP>() }, operand).unwrap_or(0);
    finish::<TO, false>(at, frame, context, (acc, fuel, facc), result)
}

/// The operator whose code is `e`, of a register.
fn any<'a, const FROM: bool, const TO: bool>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let Some(op) = UnaryOp::of_code(at.op().e) else { return context.leave(at, fuel, Exit::Nowhere) };
    match unary(op, register::<FROM>(acc, facc)) {
        Ok(result) => finish::<TO, false>(at, frame, context, (acc, fuel, facc), result),
        Err(kind) => context.fail(at, fuel, kind),
    }
}

macro_rules! choose {
    ($op:expr, $slot:expr, $([$from:literal $to:literal: $($name:ident)+])+) => {
        match ($op, $slot) {
            $($((UnaryOp::$name, true) => of::<{ UnaryOp::$name.code() }, $from, $to, A>,
                (UnaryOp::$name, false) => of::<{ UnaryOp::$name.code() }, $from, $to, Reg>,)+)+
            _ => return None,
        }
    };
}

/// The handler of an operator, of slot `a` or of a register; `None` if there is none for it.
pub(in crate::closure) fn handler(op: UnaryOp, slot: bool) -> Option<Handler> {
    Some(choose!(
        op, slot,
        [false false: I32Eqz I64Eqz I32WrapI64 I64ExtendI32S I64ExtendI32U I32Clz I32Ctz I64Clz I64Ctz I32Popcnt I64Popcnt
            I32Extend8S I32Extend16S]
        [false true: F64ConvertI32S F64ReinterpretI64]
        [true false: I64ReinterpretF64]
        [true true: F64Sqrt F64Neg F64Abs]
    ))
}

/// The handler of any operator, of a register.
pub(in crate::closure) fn rare(op: UnaryOp) -> Handler {
    match (is_float(op.operand()), is_float(op.result())) {
        (false, false) => any::<false, false>,
        (false, true) => any::<false, true>,
        (true, false) => any::<true, false>,
        (true, true) => any::<true, true>,
    }
}
