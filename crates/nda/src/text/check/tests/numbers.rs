//! Numbers, operators, conversions.

use super::{body, help, value, wrong};
use std::format;

#[test]
fn numbers_take_the_type_of_what_they_meet() {
    assert_eq!(value("i64", "1 + b"), "(i64.add 1L $1)");
    assert_eq!(value("u64", "1 / d"), "(i64.div_u 1L $3)");
    assert_eq!(value("u32", "7 / 2"), "(i32.div_u 7 2)");
    assert_eq!(value("i32", "7 / 2"), "(i32.div_s 7 2)");
    assert_eq!(value("f32", "1.5 + e"), "(f32.add 1.5f $4)");
    assert_eq!(value("f32", "1.5 + 2.5"), "(f32.add 1.5f 2.5f)");
    assert_eq!(value("f64", "1.5 * f"), "(f64.mul 1.5 $5)");
    assert_eq!(value("i64", "b * (2 + 3) - -4"), "(i64.sub (i64.mul $1 (i64.add 2L 3L)) -4L)");
    assert_eq!(value("i64", "if 1 < 2 { 3 } else { b }"), "(if (i32.lt_s 1 2) 3L $1)");
    assert_eq!(value("i64", "if a { { let z = 5; 6 } } else { 7 }"), "(if $0 [(set $6 5) 6L] 7L)");
    assert_eq!(value("i64", "let z = 5; let y: i64 = 6; z; y"), "[(set $6 5) (set $7 6L) (drop $6) $7]");
    assert_eq!(value("i64", "(1 == b); 1 << 2"), "[(drop (i64.eq 1L $1)) (i64.shl 1L 2L)]");
    assert_eq!(value("f32", "if 1.0 < f { 1.0 } else { 2.0 }"), "(if (f64.lt 1.0 $5) 1.0f 2.0f)");
    assert_eq!(body("let z = 1.5; let y = 2;"), "[(set $6 1.5) (set $7 2)]");
}

#[test]
fn every_operator_has_its_core_form_for_every_type() {
    let whole = [
        ("+", ["add", "add"]),
        ("-", ["sub", "sub"]),
        ("*", ["mul", "mul"]),
        ("/", ["div_s", "div_u"]),
        ("%", ["rem_s", "rem_u"]),
        ("&", ["and", "and"]),
        ("|", ["or", "or"]),
        ("^", ["xor", "xor"]),
        ("<<", ["shl", "shl"]),
        (">>", ["shr_s", "shr_u"]),
    ];
    let compare = [
        ("==", ["eq", "eq"], "eq"),
        ("!=", ["ne", "ne"], "ne"),
        ("<", ["lt_s", "lt_u"], "lt"),
        (">", ["gt_s", "gt_u"], "gt"),
        ("<=", ["le_s", "le_u"], "le"),
        (">=", ["ge_s", "ge_u"], "ge"),
    ];
    let views =
        [("a", "i32", "i32", 0, 0), ("b", "i64", "i64", 0, 1), ("c", "u32", "i32", 1, 2), ("d", "u64", "i64", 1, 3)];
    for (name, ty, core, sign, local) in views {
        for (op, names) in whole {
            assert_eq!(
                value(ty, &format!("{name} {op} {name}")),
                format!("({core}.{} ${local} ${local})", names[sign])
            );
            // The same for numbers whose type is settled later.
            let seven = if core == "i64" { "7L" } else { "7" };
            assert_eq!(value(ty, &format!("7 {op} 7")), format!("({core}.{} {seven} {seven})", names[sign]));
        }
        for (op, names, _) in compare {
            assert_eq!(
                value("i32", &format!("{name} {op} {name}")),
                format!("({core}.{} ${local} ${local})", names[sign])
            );
        }
    }
    for (name, ty, local) in [("e", "f32", 4), ("f", "f64", 5)] {
        for (op, core) in [("+", "add"), ("-", "sub"), ("*", "mul"), ("/", "div")] {
            assert_eq!(value(ty, &format!("{name} {op} {name}")), format!("({ty}.{core} ${local} ${local})"));
        }
        for (op, _, core) in compare {
            assert_eq!(value("i32", &format!("{name} {op} {name}")), format!("({ty}.{core} ${local} ${local})"));
        }
        for op in ["%", "&", "|", "^", "<<", ">>"] {
            assert_eq!(wrong(&format!("{name} {op} {name};")), [format!("there is no `{op}` for `{ty}`")]);
        }
    }
}

#[test]
fn every_conversion_has_its_core_form() {
    let cases = [
        ("a as i32", "i32", "$0"),
        ("a as u32", "u32", "$0"),
        ("c as i32", "i32", "$2"),
        ("b as u64", "u64", "$1"),
        ("d as i64", "i64", "$3"),
        ("a as i64", "i64", "(i64.extend_i32_s $0)"),
        ("a as u64", "u64", "(i64.extend_i32_s $0)"),
        ("c as i64", "i64", "(i64.extend_i32_u $2)"),
        ("c as u64", "u64", "(i64.extend_i32_u $2)"),
        ("b as i32", "i32", "(i32.wrap_i64 $1)"),
        ("b as u32", "u32", "(i32.wrap_i64 $1)"),
        ("d as i32", "i32", "(i32.wrap_i64 $3)"),
        ("d as u32", "u32", "(i32.wrap_i64 $3)"),
        ("a as f32", "f32", "(f32.convert_i32_s $0)"),
        ("c as f32", "f32", "(f32.convert_i32_u $2)"),
        ("b as f32", "f32", "(f32.convert_i64_s $1)"),
        ("d as f32", "f32", "(f32.convert_i64_u $3)"),
        ("a as f64", "f64", "(f64.convert_i32_s $0)"),
        ("c as f64", "f64", "(f64.convert_i32_u $2)"),
        ("b as f64", "f64", "(f64.convert_i64_s $1)"),
        ("d as f64", "f64", "(f64.convert_i64_u $3)"),
        ("e as i32", "i32", "(i32.trunc_sat_f32_s $4)"),
        ("e as u32", "u32", "(i32.trunc_sat_f32_u $4)"),
        ("e as i64", "i64", "(i64.trunc_sat_f32_s $4)"),
        ("e as u64", "u64", "(i64.trunc_sat_f32_u $4)"),
        ("f as i32", "i32", "(i32.trunc_sat_f64_s $5)"),
        ("f as u32", "u32", "(i32.trunc_sat_f64_u $5)"),
        ("f as i64", "i64", "(i64.trunc_sat_f64_s $5)"),
        ("f as u64", "u64", "(i64.trunc_sat_f64_u $5)"),
        ("e as f64", "f64", "(f64.promote_f32 $4)"),
        ("f as f32", "f32", "(f32.demote_f64 $5)"),
        ("e as f32", "f32", "$4"),
        ("a as u8", "u32", "(i32.and $0 255)"),
        ("c as u16", "u32", "(i32.and $2 65535)"),
        ("a as i8", "i32", "(i32.extend8_s $0)"),
        ("c as i16", "i32", "(i32.extend16_s $2)"),
        ("b as u8", "u32", "(i32.and (i32.wrap_i64 $1) 255)"),
        ("d as i8", "i32", "(i32.extend8_s (i32.wrap_i64 $3))"),
        ("300 as u8", "u32", "(i32.and 300 255)"),
        ("3 as f64", "f64", "(f64.convert_i32_s 3)"),
        ("1.5 as i32", "i32", "(i32.trunc_sat_f64_s 1.5)"),
        ("1.5 as f32", "f32", "1.5f"),
        ("3000000000 as i64", "i64", "3000000000L"),
        ("4294967295 as u32", "u32", "-1"),
        ("18446744073709551615 as u64", "u64", "-1L"),
        ("b as i32 as i64", "i64", "(i64.extend_i32_s (i32.wrap_i64 $1))"),
    ];
    for (text, ty, core) in cases {
        assert_eq!(value(ty, text), core, "{text}");
    }
}

#[test]
fn the_views_do_not_mix() {
    assert_eq!(wrong("a + c;"), ["the operands differ in type: `i32` and `u32`"]);
    assert_eq!(help("a + c;"), "convert one side: `a as u32`");
    assert_eq!(help("a + b;"), "convert the narrower side: `a as i64`");
    assert_eq!(help("f + a * 2;"), "convert the narrower side: `(a * 2) as f64`");
    assert_eq!(wrong("let z: u32 = a;"), ["expected `u32`, found `i32`"]);
    assert_eq!(help("let z: u32 = a;"), "convert it: `a as u32`");
    assert_eq!(wrong("a + 1.5;"), ["the operands differ in type: `i32` and a number with a fraction"]);
    assert_eq!(wrong("1 + 1.5;"), ["the operands differ in type: a number and a number with a fraction"]);
    assert_eq!(help("1 + 1.5;"), "write it with a fraction: `1.0`");
    assert_eq!(help("f + 2;"), "write it with a fraction: `2.0`");
    assert_eq!(wrong("let z: f32 = 1;"), ["expected `f32`, found a number"]);
    assert_eq!(help("let z: f64 = 1 + 2;"), "write the numbers with a fraction, such as `1.0`");
}

#[test]
fn numbers_must_fit_their_type() {
    let cases = [
        ("i32", "2147483647", "-2147483648", "2147483648", "-2147483649"),
        ("u32", "4294967295", "0", "4294967296", "-1"),
        ("i64", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-9223372036854775809"),
        ("u64", "18446744073709551615", "0", "", "-1"),
    ];
    for (ty, high, low, above, below) in cases {
        for fits in [high, low] {
            assert_eq!(wrong(&format!("let z: {ty} = {fits};")), Vec::<String>::new(), "{ty} {fits}");
        }
        for not in [above, below].into_iter().filter(|text| !text.is_empty()) {
            let message = format!("the number `{not}` does not fit into `{ty}`");
            assert_eq!(wrong(&format!("let z: {ty} = {not};")), [message]);
        }
    }
    assert_eq!(wrong("let z: f32 = 3.5e38;"), ["the number `3.5e38` does not fit into `f32`"]);
    assert_eq!(wrong("let z = 1.8e308;"), ["the number `1.8e308` does not fit into `f64`"]);
    assert_eq!(wrong("3000000000 as f64;"), ["the number `3000000000` does not fit into `i32`"]);
}

#[test]
fn floats_are_read_in_the_precision_of_their_type() {
    // Halfway between two `f32`, but for a digit that is lost if it is read as an `f64` first.
    let text = "1.00000005960464477539062500000000001";
    assert_eq!(value("f32", text), format!("{:?}f", 1.000_000_1_f32));
    assert_eq!(value("f32", "1_000.5e-1"), "100.05f");
    assert_eq!(value("f64", "-0.0"), "-0.0");
    assert_eq!(value("f32", "-1.5"), "-1.5f");
    assert_eq!(value("f64", "f64::inf"), "inf");
    assert_eq!(value("f64", "-f64::inf"), "-inf");
    assert_eq!(value("f32", "f32::nan"), "nanf");
    assert_eq!(value("f32", "f32::bits(0x3fc00000)"), "1.5f");
    assert_eq!(value("f64", "f64::bits(0x8000000000000000)"), "-0.0");
}

#[test]
fn a_minus_is_a_subtraction_or_neg() {
    assert_eq!(value("i64", "-b"), "(i64.sub 0L $1)");
    assert_eq!(value("u32", "-c"), "(i32.sub 0 $2)");
    assert_eq!(value("i64", "-9223372036854775808"), "-9223372036854775808L");
    assert_eq!(value("f64", "-f"), "(f64.neg $5)");
    assert_eq!(value("f32", "--e"), "(f32.neg (f32.neg $4))");
    assert_eq!(value("f32", "-(1.5 + (e * 2.0))"), "(f32.neg (f32.add 1.5f (f32.mul $4 2.0f)))");
    assert_eq!(value("f32", "-(1.5 + 2.0)"), "(f32.neg (f32.add 1.5f 2.0f))");
    assert_eq!(value("i64", "-(1 + 2)"), "(i64.sub 0L (i64.add 1L 2L))");
    // What is taken out leaves lists and breaks behind it in order.
    let text = "-'l: { if a { break 'l f; } -{ unit(); e as f64 } }";
    assert_eq!(
        value("f64", text),
        "(f64.neg (block [(if $0 (break 0 $5)) (f64.neg [(call 1) (f64.promote_f32 $4)])]))"
    );
}

#[test]
fn logic_becomes_if() {
    assert_eq!(value("i32", "a && a > 1"), "(if $0 (i32.gt_s $0 1) 0)");
    assert_eq!(value("i32", "a || a"), "(if $0 1 (i32.ne $0 0))");
    assert_eq!(value("i32", "a || !a"), "(if $0 1 (i32.eqz $0))");
    assert_eq!(value("i32", "a && i64::eqz(b)"), "(if $0 (i64.eqz $1) 0)");
    assert_eq!(value("i32", "a && (a || 1)"), "(if $0 (i32.ne (if $0 1 (i32.ne 1 0)) 0) 0)");
    assert_eq!(body("a || return;"), "(drop (if $0 1 (return [])))");
    assert_eq!(wrong("!b;"), ["a condition is of type `i32`, found `i64`"]);
    assert_eq!(wrong("if c { }"), ["a condition is of type `i32`, found `u32`"]);
    assert_eq!(wrong("while f { }"), ["a condition is of type `i32`, found `f64`"]);
    assert_eq!(help("while f { }"), "compare it with something, such as `... != 0.0`");
}
