//! The value of a number token: decimal, `0x` hexadecimal or `0b` binary, or decimal with a fraction or an exponent;
//! with `_` between digits.

use alloc::borrow::Cow;
use core::str::FromStr;

/// Why a number token has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberError {
    /// A character is no digit of its base.
    Digit(char),
    /// There are no digits behind `0x` or `0b`.
    Empty,
    /// It does not fit into 64 bits.
    TooLarge,
}

/// The value of the text of a [`Kind::Number`](super::Kind::Number).
pub(crate) fn parse_number(text: &str) -> Result<u64, NumberError> {
    let (digits, base) = match text.as_bytes() {
        [b'0', b'x', ..] => (&text[2..], 16),
        [b'0', b'b', ..] => (&text[2..], 2),
        _ => (text, 10),
    };
    let mut value: u64 = 0;
    let mut empty = true;
    for letter in digits.chars().filter(|&letter| letter != '_') {
        let digit = letter.to_digit(base).ok_or(NumberError::Digit(letter))?;
        value = value
            .checked_mul(u64::from(base))
            .and_then(|shifted| shifted.checked_add(u64::from(digit)))
            .ok_or(NumberError::TooLarge)?;
        empty = false;
    }
    if empty { Err(NumberError::Empty) } else { Ok(value) }
}

/// Whether the text of a [`Kind::Float`](super::Kind::Float) is well formed.
pub(crate) fn parse_float(text: &str) -> Result<(), NumberError> {
    let mantissa = text.find(['e', 'E']).unwrap_or(text.len());
    let wrong = |(at, letter): (usize, char)| match letter {
        '0'..='9' | '_' => false,
        '.' => at > mantissa,
        'e' | 'E' => at != mantissa,
        '+' | '-' => at != mantissa + 1,
        _ => true,
    };
    text.char_indices().find(|&found| wrong(found)).map_or(Ok(()), |(_, letter)| Err(NumberError::Digit(letter)))
}

/// The nearest `f32` to a well-formed token, an even one for ties; infinite if it is too large.
pub(crate) fn parse_f32(text: &str) -> f32 {
    nearest(text)
}

/// The nearest `f64` to a well-formed token, an even one for ties; infinite if it is too large.
pub(crate) fn parse_f64(text: &str) -> f64 {
    nearest(text)
}

fn nearest<F: FromStr + Default>(text: &str) -> F {
    let digits = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    digits.parse().unwrap_or_default()
}
