//! Floating-point operators (4.3.3): IEEE 754 binary32 and binary64, rounding to nearest, ties to even.
//!
//! The specification lets an operator choose among NaNs. Here there is one choice, so that all engines and machines
//! agree: whatever an operator *computes* and is not a number is the canonical NaN, positive and quiet with the rest of
//! its payload zero. `abs`, `neg` and `copysign` are operations on bits and keep payloads, as do all moves.
//!
//! What `core` lacks comes from `libm`: square root and the four ways to a whole number, all of them exact.

use super::{Slot, of_bool};
use velocity_nda::module::{BinaryOp, UnaryOp};

/// The canonical NaN of binary32.
const NAN_32: u32 = 0x7FC0_0000;
/// The canonical NaN of binary64.
const NAN_64: u64 = 0x7FF8_0000_0000_0000;

/// The sign bit of binary32.
const SIGN_32: u32 = 1 << 31;
/// The sign bit of binary64.
const SIGN_64: u64 = 1 << 63;

/// A computed binary32 as a slot.
#[inline(always)]
pub(super) fn of_f32(value: f32) -> Slot {
    if value.is_nan() { NAN_32.into() } else { value.to_bits().into() }
}

/// A computed binary64 as a slot.
#[inline(always)]
pub(super) fn of_f64(value: f64) -> Slot {
    if value.is_nan() { NAN_64 } else { value.to_bits() }
}

/// The binary32 in a slot.
#[inline(always)]
pub(super) const fn f32_of(slot: Slot) -> f32 {
    f32::from_bits(slot as u32)
}

/// The binary64 in a slot.
#[inline(always)]
pub(super) const fn f64_of(slot: Slot) -> f64 {
    f64::from_bits(slot)
}

/// Functions of one number; `None` for operators that are none.
pub(super) fn unary(op: UnaryOp, a: Slot) -> Option<Slot> {
    use UnaryOp as Op;
    let (x, y) = (f32_of(a), f64_of(a));
    Some(match op {
        Op::F32Abs => (a as u32 & !SIGN_32).into(),
        Op::F32Neg => (a as u32 ^ SIGN_32).into(),
        Op::F32Ceil => of_f32(libm::ceilf(x)),
        Op::F32Floor => of_f32(libm::floorf(x)),
        Op::F32Trunc => of_f32(libm::truncf(x)),
        Op::F32Nearest => of_f32(libm::rintf(x)),
        Op::F32Sqrt => of_f32(libm::sqrtf(x)),
        Op::F64Abs => a & !SIGN_64,
        Op::F64Neg => a ^ SIGN_64,
        Op::F64Ceil => of_f64(libm::ceil(y)),
        Op::F64Floor => of_f64(libm::floor(y)),
        Op::F64Trunc => of_f64(libm::trunc(y)),
        Op::F64Nearest => of_f64(libm::rint(y)),
        Op::F64Sqrt => of_f64(libm::sqrt(y)),
        _ => return None,
    })
}

/// Arithmetic and comparisons.
#[inline(always)]
pub(super) fn binary(op: BinaryOp, a: Slot, b: Slot) -> Slot {
    use BinaryOp as Op;
    let (x, y) = (f32_of(a), f32_of(b));
    let (v, w) = (f64_of(a), f64_of(b));
    match op {
        Op::F32Eq => of_bool(x == y),
        Op::F32Ne => of_bool(x != y),
        Op::F32Lt => of_bool(x < y),
        Op::F32Gt => of_bool(x > y),
        Op::F32Le => of_bool(x <= y),
        Op::F32Ge => of_bool(x >= y),
        Op::F64Eq => of_bool(v == w),
        Op::F64Ne => of_bool(v != w),
        Op::F64Lt => of_bool(v < w),
        Op::F64Gt => of_bool(v > w),
        Op::F64Le => of_bool(v <= w),
        Op::F64Ge => of_bool(v >= w),
        Op::F32Add => of_f32(x + y),
        Op::F32Sub => of_f32(x - y),
        Op::F32Mul => of_f32(x * y),
        Op::F32Div => of_f32(x / y),
        Op::F32Min => of_f32(if x == y { f32_of(a | b) } else { lesser(x, y) }),
        Op::F32Max => of_f32(if x == y { f32_of(a & b) } else { -lesser(-x, -y) }),
        Op::F32Copysign => (a as u32 & !SIGN_32 | b as u32 & SIGN_32).into(),
        Op::F64Add => of_f64(v + w),
        Op::F64Sub => of_f64(v - w),
        Op::F64Mul => of_f64(v * w),
        Op::F64Div => of_f64(v / w),
        Op::F64Min => of_f64(if v == w { f64_of(a | b) } else { lesser(v, w) }),
        Op::F64Max => of_f64(if v == w { f64_of(a & b) } else { -lesser(-v, -w) }),
        Op::F64Copysign => a & !SIGN_64 | b & SIGN_64,
        // The integer operators never come here.
        _ => 0,
    }
}

/// The lesser of two numbers that are not equal (equal ones differ at most in the sign of zero, and the callers join
/// their bits); not a number if either is none.
#[inline(always)]
fn lesser<F: PartialOrd + core::ops::Add<Output = F>>(a: F, b: F) -> F {
    if a < b {
        a
    } else if b < a {
        b
    } else {
        a + b
    }
}
