//! Conversions (4.3.4). From floating-point to integer towards zero: the plain operators trap where there is no such
//! integer, the saturating ones take the nearest bound and zero for what is not a number, which is what `as` does.

use super::float::{f32_of, f64_of, of_f32, of_f64};
use super::{Slot, of_i32};
use crate::TrapKind;
use velocity_nda::module::UnaryOp;

/// The conversions that can trap; `None` for every other operator.
pub(super) fn trapping(op: UnaryOp, a: Slot) -> Option<Result<Slot, TrapKind>> {
    use UnaryOp as Op;
    // Every binary32 is a binary64, so one set of bounds serves both.
    let x = match op {
        Op::I32TruncF32S | Op::I32TruncF32U | Op::I64TruncF32S | Op::I64TruncF32U => f64::from(f32_of(a)),
        Op::I32TruncF64S | Op::I32TruncF64U | Op::I64TruncF64S | Op::I64TruncF64U => f64_of(a),
        _ => return None,
    };
    Some(truncate(op, x))
}

fn truncate(op: UnaryOp, x: f64) -> Result<Slot, TrapKind> {
    use UnaryOp as Op;
    if x.is_nan() {
        return Err(TrapKind::InvalidConversion);
    }
    let (fits, slot) = match op {
        Op::I32TruncF32S | Op::I32TruncF64S => (x > -2_147_483_649.0 && x < 2_147_483_648.0, of_i32(x as i32)),
        Op::I32TruncF32U | Op::I32TruncF64U => (x > -1.0 && x < 4_294_967_296.0, Slot::from(x as u32)),
        // The neighbour of -2^63 below it is 1024 away, so the bound itself is the last one that fits.
        Op::I64TruncF32S | Op::I64TruncF64S => {
            ((-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&x), x as i64 as Slot)
        }
        _ => (x > -1.0 && x < 18_446_744_073_709_551_616.0, x as u64),
    };
    if fits { Ok(slot) } else { Err(TrapKind::IntegerOverflow) }
}

/// The conversions that always have a result.
pub(super) fn total(op: UnaryOp, a: Slot) -> Slot {
    use UnaryOp as Op;
    match op {
        Op::F32ConvertI32S => of_f32(a as i32 as f32),
        Op::F32ConvertI32U => of_f32(a as u32 as f32),
        Op::F32ConvertI64S => of_f32(a as i64 as f32),
        Op::F32ConvertI64U => of_f32(a as f32),
        Op::F32DemoteF64 => of_f32(f64_of(a) as f32),
        Op::F64ConvertI32S => of_f64(f64::from(a as i32)),
        Op::F64ConvertI32U => of_f64(f64::from(a as u32)),
        Op::F64ConvertI64S => of_f64(a as i64 as f64),
        Op::F64ConvertI64U => of_f64(a as f64),
        Op::F64PromoteF32 => of_f64(f64::from(f32_of(a))),
        Op::I32TruncSatF32S => of_i32(f32_of(a) as i32),
        Op::I32TruncSatF32U => Slot::from(f32_of(a) as u32),
        Op::I32TruncSatF64S => of_i32(f64_of(a) as i32),
        Op::I32TruncSatF64U => Slot::from(f64_of(a) as u32),
        Op::I64TruncSatF32S => f32_of(a) as i64 as Slot,
        Op::I64TruncSatF32U => f32_of(a) as Slot,
        Op::I64TruncSatF64S => f64_of(a) as i64 as Slot,
        Op::I64TruncSatF64U => f64_of(a) as Slot,
        // Every other operator is answered elsewhere.
        _ => a,
    }
}
