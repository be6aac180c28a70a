//! WebAssembly's integer operators (core specification 2.0, "Integer Operations").
//!
//! A stack slot is 64 bits; an `i32` uses the lower half, and readers cut the rest off, so no operator relies on what
//! the upper half holds.

use super::TrapKind;
use crate::core::{BinaryOp, Type, UnaryOp, Value};

/// A slot of the value stack.
pub(super) type Slot = u64;

pub(super) const fn slot_of_i32(value: i32) -> Slot {
    value as u32 as Slot
}

/// The typed value in a slot.
pub(super) const fn value(ty: Type, slot: Slot) -> Value {
    match ty {
        Type::I32 => Value::I32(slot as i32),
        Type::I64 => Value::I64(slot as i64),
    }
}

pub(super) const fn unary(op: UnaryOp, operand: Slot) -> Slot {
    match op {
        UnaryOp::Eqz => (operand as i32 == 0) as Slot,
        UnaryOp::Wrap => slot_of_i32(operand as i32),
        UnaryOp::Extend => operand as i32 as i64 as Slot,
    }
}

pub(super) fn binary(op: BinaryOp, ty: Type, left: Slot, right: Slot) -> Result<Slot, TrapKind> {
    match ty {
        Type::I32 => i32_binary(op, left as i32, right as i32),
        Type::I64 => i64_binary(op, left as i64, right as i64),
    }
}

/// One width's operators. Wrapping arithmetic, shift counts modulo the width, traps where there is no result.
macro_rules! operators {
    ($name:ident, $int:ty, $slot:expr) => {
        #[inline(always)]
        fn $name(op: BinaryOp, left: $int, right: $int) -> Result<Slot, TrapKind> {
            let number = match op {
                BinaryOp::Add => left.wrapping_add(right),
                BinaryOp::Sub => left.wrapping_sub(right),
                BinaryOp::Mul => left.wrapping_mul(right),
                BinaryOp::DivS | BinaryOp::RemS if right == 0 => return Err(TrapKind::DivideByZero),
                BinaryOp::DivS => left.checked_div(right).ok_or(TrapKind::IntegerOverflow)?,
                BinaryOp::RemS => left.wrapping_rem(right),
                BinaryOp::And => left & right,
                BinaryOp::Or => left | right,
                BinaryOp::Xor => left ^ right,
                BinaryOp::Shl => left.wrapping_shl(right as u32),
                BinaryOp::ShrS => left.wrapping_shr(right as u32),
                BinaryOp::Eq => return Ok((left == right) as Slot),
                BinaryOp::Ne => return Ok((left != right) as Slot),
                BinaryOp::LtS => return Ok((left < right) as Slot),
                BinaryOp::GtS => return Ok((left > right) as Slot),
                BinaryOp::LeS => return Ok((left <= right) as Slot),
                BinaryOp::GeS => return Ok((left >= right) as Slot),
            };
            Ok($slot(number))
        }
    };
}

operators!(i32_binary, i32, slot_of_i32);
operators!(i64_binary, i64, |number: i64| number as Slot);
