//! Which values are secrets: passwords and random strings, against placeholders, references and words.
//!
//! Invariant: linear in the value, which is at most [`LONGEST`] bytes.

use super::checks::{Class, bits, entropy, is_sequence};
use super::kind::Kind;
use super::names::{Meaning, Name};

/// Longest value that is judged.
pub(super) const LONGEST: usize = 512;

/// Lower-case pieces that no real secret holds.
const HINTS: &[&str] = &[
    "example",
    "sample",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "your",
    "dummy",
    "fake",
    "redacted",
    "enc[",
    "insert",
    "replace",
    "xxxx",
    "****",
    "....",
    "enter_",
    "enter-",
    "not-a",
    "not_a",
    "notreal",
    "mock",
    "lorem",
    "environ",
    "getenv",
    "process.env",
    "${",
    "#{",
    "{{",
    "}}",
    "%(",
    "$(",
    "@@",
    "<<",
    "vault:",
    "secret/",
    "arn:",
    "://",
    "goes-here",
    "goes_here",
    "put-",
    "put_",
    "undefined",
];

/// Lower-case values that are no secrets as a whole.
const WORDS: &[&str] = &[
    "secret", "password", "passwd", "pass", "admin", "root", "user", "username", "test", "testing", "foobar", "foo",
    "bar", "none", "null", "nil", "true", "false", "string", "required", "optional", "default", "empty", "hidden",
    "private", "public", "token", "guest", "demo", "pwd", "postgres", "mysql", "hunter2", "letmein",
];

/// Values that manuals print: not theirs who copied them.
const DOCUMENTED: &[&str] = &["EXAMPLE", "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"];

fn holds(text: &[u8], piece: &str) -> bool {
    text.windows(piece.len()).any(|window| window == piece.as_bytes())
}

fn holds_any_case(text: &[u8], piece: &str) -> bool {
    text.windows(piece.len()).any(|window| window.eq_ignore_ascii_case(piece.as_bytes()))
}

/// Whether a token is one that its provider's manual shows.
pub(super) fn is_documented(token: &[u8]) -> bool {
    DOCUMENTED.iter().any(|piece| holds(token, piece))
}

/// Whether a value stands for another one, or for none.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let whole = |word: &&str| value.eq_ignore_ascii_case(word.as_bytes());
    let bracketed = matches!(
        (value.first(), value.last()),
        (Some(b'<'), Some(b'>')) | (Some(b'['), Some(b']')) | (Some(b'{'), Some(b'}')) | (Some(b'%'), Some(b'%'))
    );
    let dunder = value.starts_with(b"__") && value.ends_with(b"__");
    let reference =
        value.starts_with(b"$") && value[1..].iter().all(|&byte| byte == b'_' || byte.is_ascii_alphanumeric());
    let says_test = value
        .split(|byte| !byte.is_ascii_alphabetic())
        .any(|word| ["test", "tests", "testing", "todo"].iter().any(|test| word.eq_ignore_ascii_case(test.as_bytes())));
    bracketed
        || dunder
        || reference
        || says_test && !has_symbols(value)
        || WORDS.iter().any(whole)
        || HINTS.iter().any(|hint| holds_any_case(value, hint))
        || is_sequence(value)
}

fn has_symbols(value: &[u8]) -> bool {
    value.iter().any(|byte| b"!#%*?^~@$&+=".contains(byte))
}

fn count(value: &[u8], of: fn(&u8) -> bool) -> usize {
    value.iter().filter(|byte| of(byte)).count()
}

/// Whether a value is dotted words or a call, as code has them where a quoted value could stand.
pub(super) fn is_code(value: &[u8]) -> bool {
    let call = value.iter().any(|byte| b"()[]{}<>`$|".contains(byte)) || holds(value, "::") || holds(value, "->");
    let mut words = value.split(|&byte| byte == b'.');
    let dotted = words.clone().count() > 1
        && words.all(|word| !word.is_empty() && word.iter().all(|&byte| byte == b'_' || byte.is_ascii_alphabetic()));
    call || dotted
}

/// Whether a value is a file, a path or a link.
fn is_path(value: &[u8]) -> bool {
    let slashes = count(value, |&byte| byte == b'/');
    let starts = [b"/".as_slice(), b"./", b"../", b"~/"].iter().any(|start| value.starts_with(start));
    let ends = [".html", ".json", ".txt", ".pem", ".key", ".yaml", ".yml", ".py", ".js", ".rs"];
    let words =
        value.split(|&byte| byte == b'/').all(|part| part.len() < 20 && !part.iter().any(u8::is_ascii_uppercase));
    words && (starts || slashes > 1) || ends.iter().any(|end| value.ends_with(end.as_bytes()))
}

/// Whether a value could be a password somebody chose or a program made.
pub(super) fn is_password(value: &[u8]) -> bool {
    let letters = count(value, u8::is_ascii_alphabetic);
    let digits = count(value, u8::is_ascii_digit);
    let symbols = value.len() - letters - digits;
    let printable = value.iter().all(u8::is_ascii_graphic);
    let mixed = digits > 0 || (symbols > 0 && value.iter().any(u8::is_ascii_uppercase) && has_symbols(value));
    (6..=128).contains(&value.len())
        && printable
        && letters > 0
        && mixed
        && !is_placeholder(value)
        && !is_path(value)
        && !is_version(value)
        && !is_uuid(value)
}

/// `1.2.3-rc.1`, `v2`, `2026-03-11`: starts with a digit or `v` and a digit, and has few letters.
fn is_version(value: &[u8]) -> bool {
    let rest = value.strip_prefix(b"v").unwrap_or(value);
    let dotted = value.split(|byte| matches!(byte, b'.' | b'-' | b'+' | b':')).count() > 2;
    let short = value.split(|byte| matches!(byte, b'.' | b'-' | b'+' | b':')).all(|part| part.len() < 6);
    rest.first().is_some_and(u8::is_ascii_digit) && dotted && short && !has_symbols(value)
}

/// 8-4-4-4-12 hexadecimal digits.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, &byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// What a random value is made of, if it is one.
fn random(value: &[u8]) -> Option<Class> {
    let body = value.strip_suffix(b"==").or_else(|| value.strip_suffix(b"=")).unwrap_or(value);
    let all = |class: Class| body.iter().all(|&byte| class.holds(byte));
    let lower: fn(&u8) -> bool = u8::is_ascii_lowercase;
    let mixes = body.iter().any(u8::is_ascii_digit) && body.iter().any(u8::is_ascii_alphabetic);
    let both = count(body, lower) > 0 && count(body, u8::is_ascii_uppercase) > 0;
    let hex = body.iter().all(u8::is_ascii_hexdigit);
    let class = match () {
        () if hex && body.len() >= 20 && entropy(body) >= bits(28) => Class::Hex,
        () if all(Class::Url64) && body.len() >= 16 => Class::Url64,
        () if all(Class::Base64) && body.len() >= 16 => Class::Base64,
        () => return None,
    };
    let enough = if body.len() >= 24 { bits(34) } else { bits(30) };
    let broken_up = body.split(|&byte| matches!(byte, b'-' | b'_' | b'/')).all(is_word);
    let dense = class == Class::Hex || (both || body.len() >= 24) && entropy(body) >= enough && !broken_up;
    (mixes && dense).then_some(class)
}

/// Letters with at most some digits behind them, or digits alone: a piece of a name such as `user2` or `AccessToken2`.
/// Where letters change from small to capital a word begins, and words have four letters or more on the average.
fn is_word(word: &[u8]) -> bool {
    let end = word.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
    let letters = &word[..end];
    let words = 1 + letters.iter().skip(1).filter(|byte| byte.is_ascii_uppercase()).count();
    letters.iter().all(u8::is_ascii_alphabetic) && words * 4 <= letters.len().max(4) && letters.len() < 20 * words
}

/// What the value of a variable of this name is, if it is a secret.
pub(super) fn judge(name: &Name, value: &[u8]) -> Option<Kind> {
    if value.len() > LONGEST || value.is_empty() || is_documented(value) || is_placeholder(value) {
        return None;
    }
    match name.meaning {
        Meaning::Password => is_password(value).then_some(Kind::Password),
        Meaning::Signature => None,
        Meaning::Secret => secret(name, value),
    }
}

/// The value of something called secret, key or token.
fn secret(name: &Name, value: &[u8]) -> Option<Kind> {
    if is_uuid(value) {
        return (!value.starts_with(b"00000000")).then_some(Kind::HerokuKey);
    }
    let strong = value.len() >= 10 && has_symbols(value) && !value.contains(&b'/') && is_password(value);
    match random(value) {
        Some(Class::Hex) => Some(Kind::SecretHex),
        Some(_) if value.len() == 88 && value.ends_with(b"==") => Some(Kind::AzureStorageKey),
        Some(_) if value.len() == 40 && name.says(b"aws") => Some(Kind::AwsSecretKey),
        Some(_) if value.len() == 40 && (name.says(b"cloudflare") || name.says(b"cf")) => Some(Kind::CloudflareToken),
        Some(_) if !is_path(value) => Some(Kind::SecretBase64),
        _ => strong.then_some(Kind::Password),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords() {
        for good in ["Winter2024!", "harbour77", "blue_Stone!x", "t4bl3*99"] {
            assert!(is_password(good.as_bytes()), "{good}");
        }
        for bad in
            ["short", "onlyletters", "${DB_PASS1}", "your-pass1", "1.2.3-rc.1", "2026-03-11", "a/b/c1.html", "<pass1>"]
        {
            assert!(!is_password(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn code_is_no_value() {
        for code in ["os.environ", "var.password", "f(x)", "std::env", "a->b"] {
            assert!(is_code(code.as_bytes()), "{code}");
        }
        assert!(!is_code(b"Falcon.river12") && !is_code(b"abc"));
    }

    #[test]
    fn random_values() {
        assert_eq!(random(b"9f86d081884c7d659a2feaa0c55ad015"), Some(Class::Hex));
        assert_eq!(random(b"kJ8s9dPqL2mN4bV6xZ1c"), Some(Class::Url64));
        for words in [
            "previous-element-of-list2",
            "access_token_expiration1",
            "PaymentAuthenticationProvider",
            "deadbeefdeadbeefdeadbeef",
        ] {
            assert_eq!(random(words.as_bytes()), None, "{words}");
        }
    }
}
