//! The operators of the core (WebAssembly core specification 2.0, 4.3 "Numerics"), bit for bit.
//!
//! `int` holds the integer operators, `float` the floating-point ones, `convert` the ways between types. This file only
//! says which is which.
//!
//! Invariant: a stack slot is 64 bits; 32-bit values lie in the lower half, and readers cut the rest off, so no operator
//! relies on what the upper half holds.

mod convert;
mod float;
mod int;
#[cfg(test)]
mod tests;

use crate::TrapKind;
use velocity_nda::module::{BinaryOp, UnaryOp};

/// A slot of the value stack.
pub type Slot = u64;

/// A 32-bit integer as a slot.
#[inline(always)]
#[must_use]
pub const fn of_i32(value: i32) -> Slot {
    value as u32 as Slot
}

/// What a test gives.
#[inline(always)]
const fn of_bool(value: bool) -> Slot {
    value as Slot
}

/// An operator of one operand.
///
/// # Errors
/// The traps of conversions.
#[inline(always)]
pub fn unary(op: UnaryOp, a: Slot) -> Result<Slot, TrapKind> {
    use UnaryOp as Op;
    Ok(match op {
        Op::I32Eqz => of_bool(a as u32 == 0),
        Op::I64Eqz => of_bool(a == 0),
        Op::I32Clz => (a as u32).leading_zeros().into(),
        Op::I32Ctz => (a as u32).trailing_zeros().into(),
        Op::I32Popcnt => (a as u32).count_ones().into(),
        Op::I64Clz => a.leading_zeros().into(),
        Op::I64Ctz => a.trailing_zeros().into(),
        Op::I64Popcnt => a.count_ones().into(),
        Op::I32WrapI64 | Op::I64ExtendI32U => Slot::from(a as u32),
        Op::I64ExtendI32S | Op::I64Extend32S => i64::from(a as i32) as Slot,
        Op::I32Extend8S => of_i32((a as i8).into()),
        Op::I32Extend16S => of_i32((a as i16).into()),
        Op::I64Extend8S => i64::from(a as i8) as Slot,
        Op::I64Extend16S => i64::from(a as i16) as Slot,
        Op::I32ReinterpretF32 | Op::F32ReinterpretI32 | Op::I64ReinterpretF64 | Op::F64ReinterpretI64 => a,
        _ => return unary_of_floats(op, a),
    })
}

/// The operators of one operand that touch floating-point numbers.
fn unary_of_floats(op: UnaryOp, a: Slot) -> Result<Slot, TrapKind> {
    match convert::trapping(op, a) {
        Some(result) => result,
        None => Ok(float::unary(op, a).unwrap_or_else(|| convert::total(op, a))),
    }
}

/// An operator of two operands.
///
/// # Errors
/// The traps of integer division.
#[inline(always)]
pub fn binary(op: BinaryOp, a: Slot, b: Slot) -> Result<Slot, TrapKind> {
    match int::binary(op, a, b) {
        Some(result) => result,
        None => Ok(float::binary(op, a, b)),
    }
}
