//! The value of a number token: decimal, `0x` hexadecimal or `0b` binary, with `_` between digits.

/// Why a number token has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberError {
    /// It has a fraction or an exponent; the language has whole numbers only.
    Fraction,
    /// A character is no digit of its base.
    Digit(char),
    /// There are no digits behind `0x` or `0b`.
    Empty,
    /// It does not fit into 64 bits.
    TooLarge,
}

/// The value of a number token's text.
pub(crate) fn parse_number(text: &str) -> Result<u64, NumberError> {
    if text.contains('.') {
        return Err(NumberError::Fraction);
    }
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
