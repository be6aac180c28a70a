//! What decides where control goes, and pays for it.
//!
//! The lower and the upper half of `k` are what the two ways cost. Who pays goes on behind the operation that charges, which stands in
//! front of a block; who cannot goes there instead, or to the operation whose number, and one more, is the upper half of `imm`.

use super::binary::{apply, operands};
use super::{A, B, Reg, Short, Source};
use crate::closure::Exit;
use crate::closure::context::Context;
use crate::exec::thread::{Cursor, Frame, Handler};
use velocity_interp::engine::Slot;
use velocity_nda::module::BinaryOp;

/// Where the operands of a comparison are; a constant is one of 32 bits.
pub(in crate::closure) use super::binary::Operands;

/// What one of the ways costs.
#[inline(always)]
fn cost<const WAY: usize>(at: Cursor<'_>) -> i64 {
    (at.op().k >> (16 * WAY) & 0xFFFF).into()
}

/// Goes one of the ways.
#[inline(always)]
fn go<'a, const WAY: usize>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let rest = fuel - cost::<WAY>(at);
    if rest < 0 {
        return late::<WAY>(at, frame, context, acc, fuel, facc);
    }
    at.jump::<WAY>(frame, context, acc, rest, facc)
}

/// There is not enough fuel at hand.
#[cold]
#[inline(never)]
fn late<'a, const WAY: usize>(
    at: Cursor<'a>,
    _: &'a Frame,
    context: &mut Context<'a>,
    _: Slot,
    fuel: i64,
    _: f64,
) -> Exit {
    let exit = context.leave(at, fuel, Exit::Again);
    let instead = (at.op().imm >> 32) as u32;
    let way = context.at.wrapping_add_signed(at.distance(WAY));
    context.at = match (instead, cost::<WAY>(at)) {
        (0, 0) => way,
        (0, _) => way - 1,
        _ => instead - 1,
    };
    exit
}

/// Goes the first way.
pub(in crate::closure) fn goto<'a>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    go::<0>(at, frame, context, acc, fuel, facc)
}

/// Charges `k` and goes on.
pub(in crate::closure) fn charge<'a>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let rest = fuel - i64::from(at.op().k);
    if rest < 0 {
        return context.leave(at, fuel, Exit::Pay);
    }
    at.next(frame, context, acc, rest, facc)
}

/// The first way if a comparison holds.
fn compare<'a, const OP: u8, L: Source, R: Source>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let (left, right) = operands::<OP, L, R>(at, frame, acc, facc);
    if apply::<OP>(left, right) != 0 {
        go::<0>(at, frame, context, acc, fuel, facc)
    } else {
        go::<1>(at, frame, context, acc, fuel, facc)
    }
}

/// The first way if a value of 32 bits is not zero.
fn test<'a, S: Source>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    if S::get(at.op(), frame, acc) as u32 != 0 {
        go::<0>(at, frame, context, acc, fuel, facc)
    } else {
        go::<1>(at, frame, context, acc, fuel, facc)
    }
}

/// The first way if a slot and a constant of 32 bits have ones in common.
fn common<'a, S: Source>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    if S::get(at.op(), frame, acc) & Short::get(at.op(), frame, acc) != 0 {
        go::<0>(at, frame, context, acc, fuel, facc)
    } else {
        go::<1>(at, frame, context, acc, fuel, facc)
    }
}

/// Adds `d` to slot `a`, then the first way if a comparison of it holds.
fn count<'a, const OP: u8, const ADD: u8, R: Source>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let op = at.op();
    let counted = apply::<ADD>(frame[op.a as usize].get(), i64::from(op.d as i8) as Slot);
    frame[op.a as usize].set(counted);
    if apply::<OP>(counted, R::get(op, frame, acc)) != 0 {
        go::<0>(at, frame, context, acc, fuel, facc)
    } else {
        go::<1>(at, frame, context, acc, fuel, facc)
    }
}

/// Turns of a loop at once, if the slice has as much fuel as stands in the register: the first way if so.
pub(in crate::closure) fn counted<'a>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let needed = acc as i64;
    if needed <= fuel {
        return go::<0>(at, frame, context, acc, fuel - needed, facc);
    }
    if fuel >= 0 && needed - fuel <= context.reserve {
        context.reserve -= needed - fuel;
        return go::<0>(at, frame, context, acc, 0, facc);
    }
    go::<1>(at, frame, context, acc, fuel, facc)
}

/// To the operation, of so many behind this one as `imm` says, whose number is in the register, or to the last one.
pub(in crate::closure) fn table<'a>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let index = u64::from(acc as u32).min(at.op().imm);
    let Some(function) = context.known(context.function) else { return context.leave(at, fuel, Exit::Nowhere) };
    let number = function.code.number(at) as usize + 1 + index as usize;
    function.code.run(number, frame, context, acc, fuel, facc)
}

macro_rules! choose {
    ($op:expr, $operands:expr, $($name:ident)+) => {
        match $op {
            $(BinaryOp::$name => match $operands {
                Operands::Slots => compare::<{ BinaryOp::$name.code() }, A, B>,
                Operands::SlotConstant => compare::<{ BinaryOp::$name.code() }, A, Short>,
                Operands::RegisterSlot => compare::<{ BinaryOp::$name.code() }, Reg, B>,
                Operands::RegisterConstant => compare::<{ BinaryOp::$name.code() }, Reg, Short>,
                Operands::SlotRegister => compare::<{ BinaryOp::$name.code() }, A, Reg>,
            },)+
            _ => return None,
        }
    };
}

/// The handler of a comparison; `None` if there is none for it.
pub(in crate::closure) fn comparison(op: BinaryOp, operands: Operands) -> Option<Handler> {
    Some(choose!(
        op, operands,
        I32Eq I32LtS I32LtU I32GtS I32GtU I64Eq I64LtS I64LtU I64GtS I64GtU F64Lt F64Gt F64Le F64Ge
    ))
}

/// The handler of a test of a value: whether it is in the register, and whether only its ones in common with a constant count.
pub(in crate::closure) fn tests(register: bool, masked: bool) -> Handler {
    match (register, masked) {
        (false, false) => test::<A>,
        (true, false) => test::<Reg>,
        (false, true) => common::<A>,
        (true, true) => common::<Reg>,
    }
}

macro_rules! counts {
    ($op:expr, $constant:expr, $($add:ident: $($name:ident)+;)+) => {
        match ($op, $constant) {
            $($((BinaryOp::$name, false) => count::<{ BinaryOp::$name.code() }, { BinaryOp::$add.code() }, B>,
                (BinaryOp::$name, true) => count::<{ BinaryOp::$name.code() }, { BinaryOp::$add.code() }, Short>,)+)+
            _ => return None,
        }
    };
}

/// The handler of a comparison of what is counted with slot `b` or a constant; `None` if there is none for it.
pub(in crate::closure) fn counting(op: BinaryOp, constant: bool) -> Option<Handler> {
    Some(counts!(op, constant, I32Add: I32Eq I32LtS I32LtU I32GtS; I64Add: I64Eq I64LtS I64LtU I64GtS;))
}
