//! Numbers and texts as the language reads them.

use crate::module::Value;
use alloc::format;
use alloc::string::String;
use core::fmt::Write;

/// A number: whole ones in decimal, others as the shortest digits that read back as the same bits, and what is no
/// number by its bits. With a minus if it has one.
pub(super) fn number(value: Value) -> String {
    match value {
        Value::I32(value) => format!("{value}"),
        Value::I64(value) => format!("{value}"),
        Value::F32(0x7f80_0000) => String::from("f32::inf"),
        Value::F32(0x7fc0_0000) => String::from("f32::nan"),
        Value::F64(0x7ff0_0000_0000_0000) => String::from("f64::inf"),
        Value::F64(0x7ff8_0000_0000_0000) => String::from("f64::nan"),
        Value::F32(bits) if !f32::from_bits(bits).is_finite() => format!("f32::bits({bits:#x})"),
        Value::F64(bits) if !f64::from_bits(bits).is_finite() => format!("f64::bits({bits:#x})"),
        Value::F32(bits) => format!("{:?}", f32::from_bits(bits)),
        Value::F64(bits) => format!("{:?}", f64::from_bits(bits)),
    }
}

/// The text of a name, in quotes.
pub(super) fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match u8::try_from(letter) {
            Ok(byte) if byte < 0x80 => push_byte(&mut quoted, byte),
            _ if letter.is_alphanumeric() => quoted.push(letter),
            // Writing to a string cannot fail.
            _ => write!(quoted, "\\u{{{:x}}}", u32::from(letter)).unwrap_or(()),
        }
    }
    quoted.push('"');
    quoted
}

/// Bytes, in quotes.
pub(super) fn bytes(bytes: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for &byte in bytes {
        push_byte(&mut quoted, byte);
    }
    quoted.push('"');
    quoted
}

fn push_byte(quoted: &mut String, byte: u8) {
    match byte {
        b'\n' => quoted.push_str("\\n"),
        b'\t' => quoted.push_str("\\t"),
        b'\r' => quoted.push_str("\\r"),
        b'\\' => quoted.push_str("\\\\"),
        b'"' => quoted.push_str("\\\""),
        b' '..=b'~' => quoted.push(char::from(byte)),
        // Writing to a string cannot fail.
        _ => write!(quoted, "\\x{byte:02x}").unwrap_or(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_as_the_same_bits() {
        for bits in [0, 1, 0x8000_0000, 0x7f7f_ffff, 0x3f80_0000, 0x3dcc_cccd, 0x0080_0000, 0x5f00_0000] {
            let text = number(Value::F32(bits));
            assert_eq!(text.parse::<f32>().map(f32::to_bits), Ok(bits), "{text}");
            assert!(text.contains(['.', 'e']), "{text} would be a whole number");
        }
        assert_eq!(number(Value::F32(0x7fa0_0000)), "f32::bits(0x7fa00000)");
        assert_eq!(number(Value::F64((-f64::INFINITY).to_bits())), "f64::bits(0xfff0000000000000)");
        assert_eq!(number(Value::I64(i64::MIN)), "-9223372036854775808");
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(bytes(b"a\"\\\n\x00\xff"), "\"a\\\"\\\\\\n\\x00\\xff\"");
        assert_eq!(text("gr\u{fc}n\u{202e}\u{7f}"), "\"gr\u{fc}n\\u{202e}\\x7f\"");
    }
}
