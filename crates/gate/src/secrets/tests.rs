//! The scanner on single lines, and what it costs. The corpus is in `tests/corpus.rs`.

use super::*;

fn kinds(text: &str) -> Vec<&'static str> {
    scan(text.as_bytes()).iter().map(|leak| leak.kind.name()).collect()
}

/// Random-looking text of one alphabet, from a fixed linear congruential sequence.
fn noise(alphabet: &str, count: usize, seed: u32) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letters[(state >> 16) as usize % letters.len()]
    };
    (0..count).map(|_| next()).collect()
}

const HEX: &str = "0123456789abcdef";
const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[test]
fn tokens_are_found_wherever_they_stand() {
    let token = format!("shpat_{}", noise(HEX, 32, 1));
    for line in ["X", "\"X\"", "a\\nX", "see `X`.", "f(X)", "k=X;", "https://h/?t=X&b=1", "X\nY"] {
        assert_eq!(kinds(&line.replace('X', &token)), ["shopify-token"], "{line}");
    }
    assert_eq!(kinds(&format!("a{token}")), [""; 0], "inside another word");
    assert_eq!(kinds(&format!("{token}0")), [""; 0], "too long");
}

#[test]
fn names_announce_values() {
    let value = noise(ALNUM, 24, 7) + "5x";
    for line in [
        "api_key = \"X\"",
        "apiKey: 'X',",
        "static secret: [u8; 26] = \"X\";",
        "define('API_KEY', 'X')",
        "--token X",
        "<secretKey>X</secretKey>",
        "API_KEY=X",
        "token := `X`",
        "setSecret(\"X\")",
    ] {
        assert_eq!(kinds(&line.replace('X', &value)), ["secret-base64"], "{line}");
    }
    for line in ["api_key_name = \"X\"", "// the token X", "x = \"X\"", "token = X()", "public_key = \"X\""] {
        assert_eq!(kinds(&line.replace('X', &value)), [""; 0], "{line}");
    }
}

#[test]
fn a_checksum_makes_certain() {
    let leak = |body: &str| scan(format!("ghp_{body}").as_bytes()).first().map(|leak| leak.certain);
    assert_eq!(leak(&noise(ALNUM, 36, 3)), Some(false));
    assert_eq!(leak(&"x".repeat(36)), None);
}

#[test]
fn hostile_bytes_take_linear_time() {
    let pieces = [
        "password=",
        "a.",
        "-----BEGIN PRIVATE KEY-----",
        "://a:",
        "sig=",
        "ghp_",
        "eyJa.",
        "\"",
        "token: ",
        "\n// gate: allow secret",
    ];
    for piece in pieces {
        let text = piece.repeat((1 << 20) / piece.len());
        let begin = std::time::Instant::now();
        let _ = scan(text.as_bytes());
        let _ = Allowed::read(text.as_bytes());
        assert!(begin.elapsed().as_secs() < 5, "{piece}: {:?}", begin.elapsed());
    }
}
