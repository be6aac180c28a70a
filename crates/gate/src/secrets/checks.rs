//! What tells random bytes from words: alphabets, entropy in fixed point, sequences, checksums.
//!
//! Invariant: every function here is linear in its input and free of floating-point numbers.

/// Bits behind the binary point of an entropy.
pub(super) const POINT: u32 = 16;

/// Longest run whose entropy is taken; of more, the first bytes count.
const LONGEST: usize = 512;

/// `log2` of every number up to [`LONGEST`], in fixed point; of 0 it is 0.
const LOG2: [u32; LONGEST + 1] = {
    let mut table = [0; LONGEST + 1];
    let mut number = 1;
    while number <= LONGEST {
        table[number] = log2(number as u32);
        number += 1;
    }
    table
};

/// `log2(number)` by repeated squaring of the mantissa, a bit a turn.
const fn log2(number: u32) -> u32 {
    let whole = number.ilog2();
    let mut mantissa = (number as u64) << (31 - whole);
    let (mut result, mut turn) = (whole, 0);
    while turn < POINT {
        mantissa = (mantissa * mantissa) >> 31;
        result <<= 1;
        if mantissa >= 1 << 32 {
            mantissa >>= 1;
            result |= 1;
        }
        turn += 1;
    }
    result
}

/// An entropy of `tenths` of a bit, for comparisons.
pub(super) const fn bits(tenths: u32) -> u32 {
    (tenths << POINT) / 10
}

/// Shannon entropy of the bytes, in bits a byte.
pub(super) fn entropy(bytes: &[u8]) -> u32 {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    if bytes.is_empty() {
        return 0;
    }
    let mut counts = [0_u16; 256];
    bytes.iter().for_each(|&byte| counts[byte as usize] += 1);
    let sum: u64 = counts.iter().map(|&count| u64::from(count) * u64::from(LOG2[count as usize])).sum();
    LOG2[bytes.len()].saturating_sub((sum / bytes.len() as u64) as u32)
}

/// Whether more than half of the steps from byte to byte are 0, 1 or -1: `aaaa`, `0123`, `hgfe`.
pub(super) fn is_sequence(bytes: &[u8]) -> bool {
    let steps = bytes.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    steps * 2 > bytes.len()
}

/// Whether bytes that should be random look so.
pub(super) fn looks_random(bytes: &[u8]) -> bool {
    entropy(bytes) >= bits(26) && !is_sequence(bytes)
}

/// Sets of bytes that tokens are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Digit,
    /// Lower-case hexadecimal.
    Hex,
    /// Upper-case letters and 2 to 7.
    Base32,
    /// Upper-case letters and digits.
    Code,
    Lower36,
    Base62,
    /// Letters, digits, `-` and `_`.
    Url64,
    /// Letters, digits, `+`, `/` and `=`.
    Base64,
}

impl Class {
    pub(super) const fn holds(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Base32 => matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
            Self::Code => matches!(byte, b'A'..=b'Z' | b'0'..=b'9'),
            Self::Lower36 => matches!(byte, b'a'..=b'z' | b'0'..=b'9'),
            Self::Base62 => byte.is_ascii_alphanumeric(),
            Self::Url64 => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
        }
    }
}

/// CRC-32 (ISO 3309) of the bytes.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ (crc & 1).wrapping_neg() & 0xEDB8_8320)
    })
}

/// Whether the last six characters are the checksum of those before: CRC-32 in base 62 (digits, upper, lower case).
pub(super) fn has_checksum(body: &[u8]) -> bool {
    let Some((random, check)) = body.split_last_chunk::<6>() else { return false };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'Z' => Some(byte - b'A' + 10),
        b'a'..=b'z' => Some(byte - b'a' + 36),
        _ => None,
    };
    let value = check.iter().try_fold(0_u64, |value, &byte| Some(value * 62 + u64::from(digit(byte)?)));
    value == Some(u64::from(crc32(random)))
}

/// Reads base64 of either alphabet, without padding or with, until `each` says no. False for other characters.
pub(super) fn base64_bytes(text: &[u8], mut each: impl FnMut(u8) -> bool) -> bool {
    let (mut word, mut held) = (0_u32, 0);
    for &byte in text.iter().take_while(|&&byte| byte != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        word = word << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            if !each((word >> held) as u8) {
                return false;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(bytes: &[u8]) -> f64 {
        f64::from(entropy(bytes)) / 65536.0
    }

    #[test]
    fn entropy_is_what_shannon_says() {
        for (text, wanted) in [("", 0.0), ("aaaa", 0.0), ("ab", 1.0), ("abcd", 2.0), ("aab", 0.918_295_8)] {
            assert!((float(text.as_bytes()) - wanted).abs() < 0.001, "{text}: {}", float(text.as_bytes()));
        }
        let all: Vec<u8> = (0..=255).cycle().take(512).collect();
        assert!((float(&all) - 8.0).abs() < 0.001);
    }

    #[test]
    fn sequences_are_no_secrets() {
        assert!(["aaaaaaaa", "abcdefgh", "0123456789", "fedcba98"].iter().all(|text| is_sequence(text.as_bytes())));
        assert!(!is_sequence(b"q7Tz0bXw2LmK"));
    }

    #[test]
    fn checksums() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        // CRC-32 of thirty `a` in base 62.
        let body = [b'a'; 30];
        let mut crc = crc32(&body);
        let mut check = [0; 6];
        for place in check.iter_mut().rev() {
            let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
            *place = digits[(crc % 62) as usize];
            crc /= 62;
        }
        let token = [body.as_slice(), &check].concat();
        assert!(has_checksum(&token) && !has_checksum(&[b'a'; 36]) && !has_checksum(b"abc"));
    }

    #[test]
    fn base64() {
        let mut out = Vec::new();
        let mut take = |byte| {
            out.push(byte);
            true
        };
        assert!(base64_bytes(b"aGVsbG8=", &mut take) && !base64_bytes(b"a b", &mut take));
        assert!(out.starts_with(b"hello"));
    }
}
