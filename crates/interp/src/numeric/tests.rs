//! Edges of the operators. The specification's own tests (`crates/translate`) go over all of them.

use super::*;
use velocity_nda::module::{BinaryOp as B, UnaryOp as U};

fn f32s(op: B, a: f32, b: f32) -> u32 {
    binary(op, a.to_bits().into(), b.to_bits().into()).unwrap() as u32
}

fn f64s(op: B, a: f64, b: f64) -> u64 {
    binary(op, a.to_bits(), b.to_bits()).unwrap()
}

fn i32s(op: B, a: i32, b: i32) -> Result<i32, TrapKind> {
    // Dirt in the upper half must not matter.
    binary(op, of_i32(a) | 0xDEAD << 32, of_i32(b) | 0xBEEF << 32).map(|slot| slot as i32)
}

fn i64s(op: B, a: i64, b: i64) -> Result<i64, TrapKind> {
    binary(op, a as u64, b as u64).map(|slot| slot as i64)
}

/// From a binary64.
fn from_f64(op: U, x: f64) -> Result<u64, TrapKind> {
    unary(op, x.to_bits())
}

#[test]
fn division_has_two_traps_and_one_exception() {
    for op in [B::I32DivS, B::I32DivU, B::I32RemS, B::I32RemU] {
        assert_eq!(i32s(op, 7, 0), Err(TrapKind::DivideByZero), "{op}");
    }
    for op in [B::I64DivS, B::I64DivU, B::I64RemS, B::I64RemU] {
        assert_eq!(i64s(op, 7, 0), Err(TrapKind::DivideByZero), "{op}");
    }
    assert_eq!(i32s(B::I32DivS, i32::MIN, -1), Err(TrapKind::IntegerOverflow));
    assert_eq!(i32s(B::I32RemS, i32::MIN, -1), Ok(0));
    assert_eq!(i64s(B::I64DivS, i64::MIN, -1), Err(TrapKind::IntegerOverflow));
    assert_eq!(i64s(B::I64RemS, i64::MIN, -1), Ok(0));
    assert_eq!((i32s(B::I32DivS, -7, 2), i32s(B::I32RemS, -7, 2)), (Ok(-3), Ok(-1)));
    assert_eq!(i32s(B::I32DivU, -1, 2), Ok(i32::MAX));
    assert_eq!(i64s(B::I64RemU, -1, 10), Ok(5));
}

#[test]
fn shifts_count_modulo_the_width() {
    assert_eq!((i32s(B::I32Shl, 1, 33), i32s(B::I32ShrS, -8, 33)), (Ok(2), Ok(-4)));
    assert_eq!((i32s(B::I32ShrU, -1, 31), i32s(B::I32Rotl, 1 << 31, 33)), (Ok(1), Ok(1)));
    assert_eq!((i64s(B::I64Shl, 1, 65), i64s(B::I64Rotr, 1, 65)), (Ok(2), Ok(i64::MIN)));
}

#[test]
fn computed_nans_are_canonical_and_moved_ones_keep_their_bits() {
    let odd = f32::from_bits(0xFFA0_1234);
    for op in [B::F32Add, B::F32Sub, B::F32Mul, B::F32Div, B::F32Min, B::F32Max] {
        assert_eq!((f32s(op, odd, 1.0), f32s(op, 1.0, odd)), (0x7FC0_0000, 0x7FC0_0000), "{op}");
    }
    let wide = f64::from_bits(0xFFF4_0000_0000_0001);
    for op in [B::F64Add, B::F64Sub, B::F64Mul, B::F64Div, B::F64Min, B::F64Max] {
        assert_eq!((f64s(op, wide, 1.0), f64s(op, 1.0, wide)), (0x7FF8 << 48, 0x7FF8 << 48), "{op}");
    }
    assert_eq!(f64s(B::F64Sub, f64::INFINITY, f64::INFINITY), 0x7FF8 << 48);
    assert_eq!(unary(U::F32Neg, 0xFFA0_1234), Ok(0x7FA0_1234));
    assert_eq!(unary(U::F32Abs, 0xFFA0_1234), Ok(0x7FA0_1234));
    assert_eq!(f32s(B::F32Copysign, odd, 1.0), 0x7FA0_1234);
    assert_eq!(unary(U::I32ReinterpretF32, 0xFFA0_1234), Ok(0xFFA0_1234));
    for op in [U::F32Ceil, U::F32Floor, U::F32Trunc, U::F32Nearest, U::F32Sqrt] {
        assert_eq!(unary(op, 0xFFA0_1234), Ok(0x7FC0_0000), "{op}");
    }
    assert_eq!(unary(U::F64PromoteF32, 0xFFA0_1234), Ok(0x7FF8 << 48));
    assert_eq!(from_f64(U::F32DemoteF64, wide), Ok(0x7FC0_0000));
    assert_eq!(from_f64(U::F64Sqrt, -1.0), Ok(0x7FF8 << 48));
}

#[test]
fn minimum_and_maximum_know_the_sign_of_zero() {
    let (plus, minus) = (0.0_f32.to_bits(), (-0.0_f32).to_bits());
    assert_eq!((f32s(B::F32Min, 0.0, -0.0), f32s(B::F32Min, -0.0, 0.0)), (minus, minus));
    assert_eq!((f32s(B::F32Max, 0.0, -0.0), f32s(B::F32Max, -0.0, 0.0)), (plus, plus));
    assert_eq!(f64s(B::F64Min, -0.0, 0.0), (-0.0_f64).to_bits());
    assert_eq!(f64s(B::F64Max, -0.0, 0.0), 0.0_f64.to_bits());
    assert_eq!(f64s(B::F64Max, f64::NEG_INFINITY, 3.0), 3.0_f64.to_bits());
    assert_eq!(f64s(B::F64Min, f64::NEG_INFINITY, 3.0), f64::NEG_INFINITY.to_bits());
}

#[test]
fn nearest_takes_ties_to_the_even_number() {
    for (x, nearest) in [
        (0.5, 0.0),
        (1.5, 2.0),
        (2.5, 2.0),
        (-0.5, -0.0),
        (-1.5, -2.0),
        (4_503_599_627_370_497.5, 4_503_599_627_370_498.0),
    ] {
        assert_eq!(from_f64(U::F64Nearest, x), Ok(f64::to_bits(nearest)), "{x}");
    }
    for (x, nearest) in [(0.5, 0.0), (2.5, 2.0), (-3.5, -4.0), (-0.2, -0.0), (8_388_609.0, 8_388_609.0)] {
        assert_eq!(unary(U::F32Nearest, f32::to_bits(x).into()), Ok(f32::to_bits(nearest).into()), "{x}");
    }
    assert_eq!(from_f64(U::F64Ceil, -0.5), Ok((-0.0_f64).to_bits()));
    assert_eq!(from_f64(U::F64Trunc, -1.9), Ok((-1.0_f64).to_bits()));
    assert_eq!(from_f64(U::F64Floor, -1.1), Ok((-2.0_f64).to_bits()));
}

#[test]
fn truncation_traps_at_the_ends_and_saturates_if_asked() {
    use TrapKind::{IntegerOverflow, InvalidConversion};
    assert_eq!(from_f64(U::I32TruncF64S, f64::NAN), Err(InvalidConversion));
    assert_eq!(from_f64(U::I32TruncF64S, 2_147_483_647.9), Ok(0x7FFF_FFFF));
    assert_eq!(from_f64(U::I32TruncF64S, 2_147_483_648.0), Err(IntegerOverflow));
    assert_eq!(from_f64(U::I32TruncF64S, -2_147_483_648.9), Ok(0x8000_0000));
    assert_eq!(from_f64(U::I32TruncF64S, -2_147_483_649.0), Err(IntegerOverflow));
    assert_eq!(from_f64(U::I32TruncF64U, -0.9), Ok(0));
    assert_eq!(from_f64(U::I32TruncF64U, -1.0), Err(IntegerOverflow));
    assert_eq!(from_f64(U::I32TruncF64U, 4_294_967_295.9), Ok(0xFFFF_FFFF));
    assert_eq!(from_f64(U::I64TruncF64S, -9_223_372_036_854_775_808.0), Ok(1 << 63));
    assert_eq!(from_f64(U::I64TruncF64S, 9_223_372_036_854_775_808.0), Err(IntegerOverflow));
    assert_eq!(from_f64(U::I64TruncF64U, 18_446_744_073_709_549_568.0), Ok(0xFFFF_FFFF_FFFF_F800));
    assert_eq!(from_f64(U::I64TruncF64U, f64::INFINITY), Err(IntegerOverflow));
    assert_eq!(from_f64(U::I32TruncSatF64S, f64::NAN), Ok(0));
    assert_eq!(from_f64(U::I32TruncSatF64S, -1e300), Ok(0x8000_0000));
    assert_eq!(from_f64(U::I64TruncSatF64U, f64::INFINITY), Ok(u64::MAX));
    assert_eq!(from_f64(U::I32TruncSatF64U, -5.0), Ok(0));
}

#[test]
fn conversions_round_to_the_nearest() {
    assert_eq!(unary(U::F32ConvertI32S, 16_777_217), Ok(16_777_216.0_f32.to_bits().into()));
    assert_eq!(unary(U::F32ConvertI64U, u64::MAX), Ok(18_446_744_073_709_551_616.0_f32.to_bits().into()));
    assert_eq!(unary(U::F64ConvertI64S, u64::MAX), Ok((-1.0_f64).to_bits()));
    assert_eq!(from_f64(U::F32DemoteF64, 1e300), Ok(f32::INFINITY.to_bits().into()));
    assert_eq!(unary(U::I64Extend8S, 0x80), Ok((-128_i64) as u64));
    assert_eq!(unary(U::I32Extend16S, 0xFFFF_8000), Ok(0xFFFF_8000));
    assert_eq!(unary(U::I64ExtendI32U, u64::MAX), Ok(0xFFFF_FFFF));
    assert_eq!((unary(U::I32Clz, 0xFF_0000_0000), unary(U::I64Ctz, 0)), (Ok(32), Ok(64)));
}

#[test]
fn every_operator_has_one_place() {
    // An operator that fell through would come out as its operand or as zero.
    for &op in B::ALL {
        let (a, b) = (3.5_f64.to_bits() | 0x4048_0000, 1.25_f64.to_bits() | 0x3FA0_0000);
        assert!(binary(op, a, b).is_ok(), "{op}");
    }
    for &op in U::ALL {
        assert!(unary(op, 0).is_ok(), "{op}");
    }
}
