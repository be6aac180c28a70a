//! Operators of two operands.

use super::{A, B, Imm, Reg, Source, finish, register};
use crate::closure::Exit;
use crate::closure::context::Context;
use crate::exec::thread::{Cursor, Frame, Handler};
use velocity_interp::engine::{Slot, binary, of_i32};
use velocity_nda::module::{BinaryOp, Type};

/// Where both operands are: slots, the constant, registers. No operator is of two constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::closure) enum Operands {
    Slots,
    SlotConstant,
    RegisterSlot,
    RegisterConstant,
    SlotRegister,
}

/// The operator of a code.
const fn operator<const OP: u8>() -> BinaryOp {
    match BinaryOp::of_code(OP) {
        Some(op) => op,
        None => panic!("no such operator"),
    }
}

/// Whether values of a type stand in the register of binary64s.
const fn is_float(ty: Type) -> bool {
    matches!(ty, Type::F64)
}

/// The result of an operator that does not trap.
#[inline(always)]
pub(super) fn apply<const OP: u8>(left: Slot, right: Slot) -> Slot {
    binary(const { operator::<OP>() }, left, right).unwrap_or(0)
}

/// The operands.
#[inline(always)]
pub(super) fn operands<const OP: u8, L: Source, R: Source>(
    at: Cursor<'_>,
    frame: &Frame,
    acc: Slot,
    facc: f64,
) -> (Slot, Slot) {
    let (op, register) = (at.op(), const { is_float(operator::<OP>().operand()) });
    let register = if register { self::register::<true>(acc, facc) } else { self::register::<false>(acc, facc) };
    (L::get(op, frame, register), R::get(op, frame, register))
}

/// An operator that does not trap.
fn of<'a, const OP: u8, const FLOAT: bool, L: Source, R: Source, const SLOT: bool>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let (left, right) = operands::<OP, L, R>(at, frame, acc, facc);
    finish::<FLOAT, SLOT>(at, frame, context, (acc, fuel, facc), apply::<OP>(left, right))
}

/// An operator of whole numbers that can trap.
fn dividing<'a, const OP: u8, L: Source, R: Source>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let (left, right) = operands::<OP, L, R>(at, frame, acc, facc);
    match binary(const { operator::<OP>() }, left, right) {
        Ok(result) => at.next(frame, context, result, fuel, facc),
        Err(kind) => context.fail(at, fuel, kind),
    }
}

/// The quotient with a sign by the power of two whose exponent, not zero, is the constant.
fn halves<'a, const WIDE: bool, S: Source>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let (value, shift) = (S::get(at.op(), frame, acc), at.op().imm as u32);
    // Rounds towards zero: what is negative is made greater by one less than the divisor first.
    let quotient = if WIDE {
        let more = ((value as i64 >> 63) as u64).wrapping_shr(64 - shift);
        (value.wrapping_add(more) as i64).wrapping_shr(shift) as Slot
    } else {
        let more = ((value as i32 >> 31) as u32).wrapping_shr(32 - shift);
        of_i32(((value as u32).wrapping_add(more) as i32).wrapping_shr(shift))
    };
    at.next(frame, context, quotient, fuel, facc)
}

/// An operator whose code is `e`, of a slot and a register.
fn any<'a, const FLOAT: bool>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let op = at.op();
    let right = register::<FLOAT>(acc, facc);
    let result = BinaryOp::of_code(op.e).and_then(|code| binary(code, frame[op.a as usize].get(), right).ok());
    let result = result.unwrap_or_default();
    if FLOAT && BinaryOp::of_code(op.e).is_some_and(|code| is_float(code.result())) {
        return at.next(frame, context, acc, fuel, f64::from_bits(result));
    }
    at.next(frame, context, result, fuel, facc)
}

fn sited<const OP: u8, const FLOAT: bool, const SLOT: bool>(operands: Operands) -> Handler {
    match operands {
        Operands::Slots => of::<OP, FLOAT, A, B, SLOT>,
        Operands::SlotConstant => of::<OP, FLOAT, A, Imm, SLOT>,
        Operands::RegisterSlot => of::<OP, FLOAT, Reg, B, SLOT>,
        Operands::RegisterConstant => of::<OP, FLOAT, Reg, Imm, SLOT>,
        Operands::SlotRegister => of::<OP, FLOAT, A, Reg, SLOT>,
    }
}

fn division<const OP: u8>(operands: Operands) -> Handler {
    match operands {
        Operands::Slots => dividing::<OP, A, B>,
        Operands::SlotConstant => dividing::<OP, A, Imm>,
        Operands::RegisterSlot => dividing::<OP, Reg, B>,
        Operands::RegisterConstant => dividing::<OP, Reg, Imm>,
        Operands::SlotRegister => dividing::<OP, A, Reg>,
    }
}

macro_rules! choose {
    ($op:expr, $operands:expr, $slot:expr, both [$($both:ident)+], floats [$($float:ident)+], register [$($one:ident)+], divisions [$($division:ident)+]) => {
        match ($op, $slot) {
            $((BinaryOp::$both, false) => Some(sited::<{ BinaryOp::$both.code() }, false, false>($operands)),
              (BinaryOp::$both, true) => Some(sited::<{ BinaryOp::$both.code() }, false, true>($operands)),)+
            $((BinaryOp::$float, false) => Some(sited::<{ BinaryOp::$float.code() }, true, false>($operands)),
              (BinaryOp::$float, true) => Some(sited::<{ BinaryOp::$float.code() }, true, true>($operands)),)+
            $((BinaryOp::$one, false) => Some(sited::<{ BinaryOp::$one.code() }, false, false>($operands)),)+
            $((BinaryOp::$division, false) => Some(division::<{ BinaryOp::$division.code() }>($operands)),)+
            _ => None,
        }
    };
}

/// The handler of an operator whose operands are at some places and whose result goes to a slot; `None` if there is none.
pub(in crate::closure) fn handler(op: BinaryOp, operands: Operands, slot: bool) -> Option<Handler> {
    choose!(
        op, operands, slot,
        both [I32Add I32Sub I32Mul I32And I32Or I32Xor I32Shl I32ShrS I32ShrU I32Rotl I32Rotr
              I64Add I64Sub I64Mul I64And I64Or I64Xor I64Shl I64ShrS I64ShrU I64Rotl I64Rotr],
        floats [F64Add F64Sub F64Mul F64Div],
        register [I32Eq I32Ne I32LtS I32LtU I32GtS I32GtU I32LeS I32LeU I32GeS I32GeU
                  I64Eq I64Ne I64LtS I64LtU I64GtS I64GtU I64LeS I64LeU I64GeS I64GeU
                  F32Add F32Sub F32Mul F32Div],
        divisions [I32DivS I32DivU I32RemS I32RemU I64DivS I64DivU I64RemS I64RemU]
    )
}

/// The handler of any operator that does not trap, of a slot and a register.
pub(in crate::closure) fn rare(op: BinaryOp) -> Handler {
    if is_float(op.operand()) { any::<true> } else { any::<false> }
}

/// The handler of a quotient with a sign by a power of two, of 64 bits or 32, of a register or slot `a`.
pub(in crate::closure) fn halving(wide: bool, register: bool) -> Handler {
    match (wide, register) {
        (true, true) => halves::<true, Reg>,
        (true, false) => halves::<true, A>,
        (false, true) => halves::<false, Reg>,
        (false, false) => halves::<false, A>,
    }
}

/// The operator and the constant that do what a division by a power of two does; neither traps.
pub(in crate::closure) fn without_division(op: BinaryOp, divisor: Slot) -> Option<(BinaryOp, Slot)> {
    use BinaryOp as Op;
    let exponent = u64::from(divisor.trailing_zeros());
    match op {
        _ if !divisor.is_power_of_two() => None,
        Op::I32DivU => Some((Op::I32ShrU, exponent)),
        Op::I64DivU => Some((Op::I64ShrU, exponent)),
        Op::I32RemU => Some((Op::I32And, divisor - 1)),
        Op::I64RemU => Some((Op::I64And, divisor - 1)),
        // The smallest number is a power of two without a sign only.
        Op::I32DivS if (1..31).contains(&exponent) => Some((op, exponent)),
        Op::I64DivS if (1..63).contains(&exponent) => Some((op, exponent)),
        _ => None,
    }
}
