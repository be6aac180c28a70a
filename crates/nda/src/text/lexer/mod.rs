//! The lexer: bytes of source text to tokens, one at a time.
//!
//! Works on bytes, since every token of the language but a text is ASCII; anything else becomes an [`Kind::Unknown`]
//! token that covers whole characters. Invariant: each call but at the end moves forward, and spans lie on character borders.

#[cfg(test)]
mod grammar;
mod number;
mod string;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use number::{NumberError, parse_f32, parse_f64, parse_float, parse_number};
pub(crate) use string::{StringError, string_bytes};
pub(crate) use token::{ITEM_WORDS, KEYWORDS, Kind, Token};
#[cfg(test)]
pub(crate) use token::{PLACE_WORDS, RESERVED};

use crate::span::Span;

/// Cuts one source text into tokens.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'s> {
    bytes: &'s [u8],
    at: usize,
}

impl<'s> Lexer<'s> {
    /// A lexer at the start of `source`.
    pub(crate) const fn new(source: &'s str) -> Self {
        Self { bytes: source.as_bytes(), at: 0 }
    }

    /// Jumps behind the last byte: every further token is [`Kind::End`].
    pub(crate) const fn stop(&mut self) {
        self.at = self.bytes.len();
    }

    /// The next token; [`Kind::End`] for ever at the end.
    pub(crate) fn next(&mut self) -> Token {
        self.skip_blank();
        let start = self.at;
        let kind = match self.peek(0) {
            None => Kind::End,
            Some(byte) => self.scan(byte),
        };
        Token { kind, span: Span::new(start as u32, self.at as u32) }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Moves on while `keep` holds.
    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|&byte| !keep(byte)).unwrap_or(rest.len());
    }

    /// Skips white space and comments, but stops at a doc comment.
    fn skip_blank(&mut self) {
        loop {
            self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            if self.peek(0) != Some(b'/') || self.peek(1) != Some(b'/') || self.at_doc() {
                return;
            }
            self.skip_while(|byte| byte != b'\n');
        }
    }

    /// Exactly three slashes open a doc comment; four or more are an ornament.
    fn at_doc(&self) -> bool {
        self.peek(2) == Some(b'/') && self.peek(3) != Some(b'/')
    }

    fn scan(&mut self, first: u8) -> Kind {
        match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => self.number(),
            b'/' if self.peek(1) == Some(b'/') => {
                self.skip_while(|byte| byte != b'\n');
                Kind::Doc
            }
            b'/' if self.peek(1) == Some(b'*') => self.block_comment(),
            b'"' => self.text(),
            b'\'' => self.label(),
            _ => self.punctuation(first),
        }
    }

    fn word(&mut self) -> Kind {
        if let Some(&eight) = self.bytes[self.at..].first_chunk() {
            let word = u64::from_le_bytes(eight);
            let len = leading_word_bytes(word);
            if len < 8 {
                self.at += len as usize;
                return Kind::of_number(word & !(u64::MAX << (8 * len)));
            }
        }
        let start = self.at;
        self.skip_while(is_word);
        Kind::of_word(&self.bytes[start..self.at])
    }

    /// Takes everything that looks like a number, well formed or not; [`parse_number`] and [`parse_float`] judge it.
    fn number(&mut self) -> Kind {
        if self.peek(0) == Some(b'0') && matches!(self.peek(1), Some(b'x' | b'b')) {
            self.skip_while(is_word);
            return Kind::Number;
        }
        self.skip_while(is_digit);
        let mut kind = Kind::Number;
        if self.peek(0) == Some(b'.') && self.digit_ahead(1) {
            self.at += 1;
            self.skip_while(is_digit);
            kind = Kind::Float;
        }
        if matches!(self.peek(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
            if self.digit_ahead(1 + sign) {
                self.at += 1 + sign;
                kind = Kind::Float;
            }
        }
        self.skip_while(is_word);
        kind
    }

    fn digit_ahead(&self, ahead: usize) -> bool {
        self.peek(ahead).is_some_and(|byte| byte.is_ascii_digit())
    }

    /// `"text"`, which ends on its line; [`string_bytes`] judges what is inside.
    fn text(&mut self) -> Kind {
        self.at += 1;
        loop {
            self.skip_while(|byte| !matches!(byte, b'"' | b'\\' | b'\n'));
            match self.peek(0) {
                Some(b'"') => {
                    self.at += 1;
                    return Kind::Text;
                }
                // Whatever is escaped is taken with the backslash, but for the end of the line and what is not ASCII.
                Some(b'\\') => {
                    self.at += 1 + usize::from(self.peek(1).is_some_and(|next| matches!(next, b'"' | b'\\')))
                }
                _ => return Kind::Unknown,
            }
        }
    }

    /// `'name`; `'x'`, a letter of other languages, is one unknown token.
    fn label(&mut self) -> Kind {
        self.at += 1;
        let start = self.at;
        if self.peek(0).is_some_and(|byte| is_word(byte) && !byte.is_ascii_digit()) {
            self.skip_while(is_word);
        }
        match self.peek(0) {
            Some(b'\'') => {
                self.at += 1;
                Kind::Unknown
            }
            _ if self.at == start => self.quoted(),
            _ => Kind::Label,
        }
    }

    /// The rest of something in single quotes that is no label, as far as it lies on this line.
    fn quoted(&mut self) -> Kind {
        let rest = &self.bytes[self.at..];
        let line = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        if let Some(close) = rest[..line].iter().take(16).position(|&byte| byte == b'\'') {
            self.at += close + 1;
        }
        Kind::Unknown
    }

    /// The language has no block comments; taking one whole gives one error instead of many.
    fn block_comment(&mut self) -> Kind {
        let rest = &self.bytes[self.at..];
        let close = rest.windows(2).skip(2).position(|pair| pair == b"*/").map_or(rest.len(), |found| found + 4);
        self.at += close;
        Kind::Unknown
    }

    fn punctuation(&mut self, first: u8) -> Kind {
        let second = self.peek(1).unwrap_or(0);
        if let Some(kind) = pair(first, second) {
            self.at += 2;
            if matches!(kind, Kind::ShiftLeft | Kind::ShiftRight) && self.peek(0) == Some(b'=') {
                self.at += 1;
                return Kind::CompoundAssign;
            }
            return kind;
        }
        if let Some(kind) = single(first) {
            self.at += 1;
            return kind;
        }
        self.unknown(first)
    }

    /// A run of equal bytes, or of bytes outside ASCII, is one complaint.
    fn unknown(&mut self, first: u8) -> Kind {
        if first.is_ascii() {
            self.skip_while(|byte| byte == first);
        } else {
            self.skip_while(|byte| !byte.is_ascii());
        }
        Kind::Unknown
    }
}

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'_'
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How many of eight bytes, from the lowest on, are [`is_word`]; most words end within them, and no branch has to guess
/// where.
const fn leading_word_bytes(eight: u64) -> u32 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    /// Sets the upper bit of each byte that lies between these two. The bytes are below 0x80, so that no sum carries.
    const fn within(bytes: u64, low: u8, high: u8) -> u64 {
        (bytes + (0x80 - low as u64) * ONES) & !(bytes + (0x7F - high as u64) * ONES)
    }
    let ascii = eight & (0x7F * ONES);
    let letters = within(ascii | (0x20 * ONES), b'a', b'z');
    let others = within(ascii, b'0', b'9') | within(ascii, b'_', b'_');
    let end = (!(letters | others) | eight) & (0x80 * ONES);
    end.trailing_zeros() / 8
}

const fn pair(first: u8, second: u8) -> Option<Kind> {
    Some(match (first, second) {
        (b':', b':') => Kind::Path,
        (b'.', b'.') => Kind::DotDot,
        (b'-', b'>') => Kind::Arrow,
        (b'=', b'=') => Kind::Equal,
        (b'!', b'=') => Kind::NotEqual,
        (b'<', b'=') => Kind::LessEqual,
        (b'>', b'=') => Kind::GreaterEqual,
        (b'<', b'<') => Kind::ShiftLeft,
        (b'>', b'>') => Kind::ShiftRight,
        (b'&', b'&') => Kind::AndAnd,
        (b'|', b'|') => Kind::OrOr,
        (b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^', b'=') => Kind::CompoundAssign,
        _ => return None,
    })
}

const fn single(byte: u8) -> Option<Kind> {
    Some(match byte {
        b'(' => Kind::OpenParen,
        b')' => Kind::CloseParen,
        b'{' => Kind::OpenBrace,
        b'}' => Kind::CloseBrace,
        b'[' => Kind::OpenBracket,
        b']' => Kind::CloseBracket,
        b',' => Kind::Comma,
        b';' => Kind::Semicolon,
        b':' => Kind::Colon,
        b'=' => Kind::Assign,
        b'<' => Kind::Less,
        b'>' => Kind::Greater,
        b'+' => Kind::Plus,
        b'-' => Kind::Minus,
        b'*' => Kind::Star,
        b'/' => Kind::Slash,
        b'%' => Kind::Percent,
        b'&' => Kind::And,
        b'|' => Kind::Or,
        b'^' => Kind::Caret,
        b'!' => Kind::Not,
        _ => return None,
    })
}
