//! Integer operators (4.3.2): arithmetic wraps, shift counts are taken modulo the width, division traps where there is
//! no quotient.

use super::{Slot, of_bool, of_i32};
use crate::TrapKind;
use velocity_nda::module::BinaryOp;

/// The operator's result, or `None` for an operator of floating-point numbers.
#[inline(always)]
pub(super) fn binary(op: BinaryOp, a: Slot, b: Slot) -> Option<Result<Slot, TrapKind>> {
    use BinaryOp as Op;
    let (s, t) = (a as i32, b as i32);
    let (u, v) = (a as u32, b as u32);
    let (l, r) = (a as i64, b as i64);
    Some(Ok(match op {
        Op::I32Eq => of_bool(u == v),
        Op::I32Ne => of_bool(u != v),
        Op::I32LtS => of_bool(s < t),
        Op::I32LtU => of_bool(u < v),
        Op::I32GtS => of_bool(s > t),
        Op::I32GtU => of_bool(u > v),
        Op::I32LeS => of_bool(s <= t),
        Op::I32LeU => of_bool(u <= v),
        Op::I32GeS => of_bool(s >= t),
        Op::I32GeU => of_bool(u >= v),
        Op::I64Eq => of_bool(a == b),
        Op::I64Ne => of_bool(a != b),
        Op::I64LtS => of_bool(l < r),
        Op::I64LtU => of_bool(a < b),
        Op::I64GtS => of_bool(l > r),
        Op::I64GtU => of_bool(a > b),
        Op::I64LeS => of_bool(l <= r),
        Op::I64LeU => of_bool(a <= b),
        Op::I64GeS => of_bool(l >= r),
        Op::I64GeU => of_bool(a >= b),
        Op::I32Add => u.wrapping_add(v).into(),
        Op::I32Sub => u.wrapping_sub(v).into(),
        Op::I32Mul => u.wrapping_mul(v).into(),
        Op::I32And => (u & v).into(),
        Op::I32Or => (u | v).into(),
        Op::I32Xor => (u ^ v).into(),
        Op::I32Shl => u.wrapping_shl(v).into(),
        Op::I32ShrS => of_i32(s.wrapping_shr(v)),
        Op::I32ShrU => u.wrapping_shr(v).into(),
        Op::I32Rotl => u.rotate_left(v & 31).into(),
        Op::I32Rotr => u.rotate_right(v & 31).into(),
        Op::I64Add => a.wrapping_add(b),
        Op::I64Sub => a.wrapping_sub(b),
        Op::I64Mul => a.wrapping_mul(b),
        Op::I64And => a & b,
        Op::I64Or => a | b,
        Op::I64Xor => a ^ b,
        Op::I64Shl => a.wrapping_shl(v),
        Op::I64ShrS => l.wrapping_shr(v) as Slot,
        Op::I64ShrU => a.wrapping_shr(v),
        Op::I64Rotl => a.rotate_left(v & 63),
        Op::I64Rotr => a.rotate_right(v & 63),
        Op::I32DivS | Op::I32DivU | Op::I32RemS | Op::I32RemU => return Some(divide_32(op, u, v)),
        Op::I64DivS | Op::I64DivU | Op::I64RemS | Op::I64RemU => return Some(divide_64(op, a, b)),
        _ => return None,
    }))
}

/// One width's divisions and remainders, which trap on zero; the smallest number by -1 has no quotient and remainder 0.
macro_rules! divisions {
    ($name:ident, $signed:ty, $unsigned:ty, $div_s:ident, $div_u:ident, $rem_s:ident) => {
        fn $name(op: BinaryOp, a: $unsigned, b: $unsigned) -> Result<Slot, TrapKind> {
            if b == 0 {
                return Err(TrapKind::DivideByZero);
            }
            let (signed_a, signed_b) = (a as $signed, b as $signed);
            let result = match op {
                BinaryOp::$div_s => signed_a.checked_div(signed_b).ok_or(TrapKind::IntegerOverflow)? as $unsigned,
                BinaryOp::$div_u => a / b,
                BinaryOp::$rem_s => signed_a.wrapping_rem(signed_b) as $unsigned,
                _ => a % b,
            };
            Ok(Slot::from(result))
        }
    };
}

divisions!(divide_32, i32, u32, I32DivS, I32DivU, I32RemS);
divisions!(divide_64, i64, u64, I64DivS, I64DivU, I64RemS);
