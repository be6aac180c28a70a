//! Programs with a slip in them, as a person or a model makes it: another operator, another number, another name, a part left out.

use velocity_nexus::campaign::Numbers;

const OPERATORS: [&str; 16] = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "<", "<=", ">", ">=", "==", "!="];

/// A program with one slip or two, by the numbers of a seed; it may be no program any more.
pub fn mutant(source: &str, numbers: &mut Numbers) -> String {
    let mut tokens = tokens(source);
    for _ in 0..=numbers.below(2) {
        slip(&mut tokens, numbers);
    }
    tokens.concat()
}

/// Words, numbers, operators, and what is between them.
fn tokens(source: &str) -> Vec<String> {
    let kind = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => 0,
        '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<' | '>' | '=' | '!' => 1,
        ' ' | '\n' => 2,
        _ => 3,
    };
    let code =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| line.chars().chain(['\n']));
    let mut tokens: Vec<String> = Vec::new();
    let mut last = 4;
    for c in code {
        match tokens.last_mut() {
            Some(token) if kind(c) == last && last < 3 => token.push(c),
            _ => tokens.push(c.into()),
        }
        last = kind(c);
    }
    tokens
}

/// Changes a token.
fn slip(tokens: &mut [String], numbers: &mut Numbers) {
    let starts = |token: &String, of: fn(char) -> bool| token.chars().next().is_some_and(of);
    let body = tokens.iter().position(|token| token == "{").unwrap_or(0);
    let is_one = |token: &String| {
        starts(token, |c| c.is_ascii_alphanumeric()) || OPERATORS.contains(&token.as_str()) || token == "&&"
    };
    let places: Vec<usize> = (body..tokens.len()).filter(|at| is_one(&tokens[*at])).collect();
    if places.is_empty() {
        return;
    }
    let at = places[numbers.below(places.len() as u64) as usize];
    let names: Vec<String> = tokens.iter().filter(|token| starts(token, |c| c.is_ascii_lowercase())).cloned().collect();
    let token = &mut tokens[at];
    *token = if token == "&&" {
        "||".into()
    } else if starts(token, |c| c.is_ascii_digit()) {
        number(token, numbers)
    } else if starts(token, |c| c.is_ascii_alphabetic()) {
        names[numbers.below(names.len() as u64) as usize].clone()
    } else {
        OPERATORS[numbers.below(OPERATORS.len() as u64) as usize].into()
    };
}

/// Another number: one more, one less, a bit changed, or any.
fn number(text: &str, numbers: &mut Numbers) -> String {
    let value = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    let Ok(value) = value else { return text.into() };
    let changed = match numbers.below(4) {
        0 => value.wrapping_add(1),
        1 => value.wrapping_sub(1),
        2 => value ^ 1 << numbers.below(32),
        _ => numbers.next() as u32 >> numbers.below(32),
    };
    changed.to_string()
}
