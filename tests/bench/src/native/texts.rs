//! Reading and writing of texts, byte by byte.

use super::{draw, hash};
use std::hint::black_box;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode(bytes: &[u8], text: &mut [u8]) {
    for ([a, b, c], letters) in bytes.as_chunks().0.iter().zip(text.as_chunks_mut().0) {
        let group = u32::from_be_bytes([0, *a, *b, *c]);
        *letters = [18, 12, 6, 0].map(|shift| ALPHABET[(group >> shift & 63) as usize]);
    }
}

/// How many bytes differ from what the text says.
fn decode(text: &[u8], value_of: &[u32; 256], bytes: &[u8]) -> usize {
    let mut wrong = 0;
    for (letters, bytes) in text.as_chunks::<4>().0.iter().zip(bytes.as_chunks::<3>().0) {
        let group = letters.iter().fold(0, |group, &letter| group << 6 | value_of[letter as usize]);
        let [_, said @ ..] = group.to_be_bytes();
        wrong += bytes.iter().zip(said).filter(|(byte, said)| *byte != said).count();
    }
    wrong
}

pub fn base64() -> i64 {
    let length = black_box(12288);
    let (mut bytes, mut text) = (vec![0; length], vec![0; length / 3 * 4]);
    let mut value_of = [0; 256];
    for (value, &letter) in (0..).zip(ALPHABET) {
        value_of[letter as usize] = value;
    }
    let mut sum = 0;
    for round in 0..4 {
        for (byte, i) in bytes.iter_mut().zip(0_u32..) {
            *byte = (i * 197 + (i >> 5) + round) as u8;
        }
        encode(&bytes, &mut text);
        if decode(&text, &value_of, &bytes) != 0 {
            return -1;
        }
        sum = hash(sum, text.iter().map(|&letter| letter.into()));
    }
    sum
}

/// Writes a number, its last digit first; gives how many digits it has.
fn digits(mut n: u32, text: &mut [u8; 16]) -> usize {
    let mut length = 0;
    loop {
        text[length] = b'0' + (n % 10) as u8;
        length += 1;
        n /= 10;
        if n == 0 {
            return length;
        }
    }
}

pub fn fnv() -> i64 {
    let (mut hash, mut text) = (0xcbf2_9ce4_8422_2325_u64, [0; 16]);
    for n in 0..black_box(60_000) {
        let length = digits(n, &mut text);
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        hash = text[..length].iter().fold(hash, step);
    }
    hash as i64
}

/// Where the scanner is.
#[derive(Clone, Copy)]
enum State {
    Between,
    Number,
    Text,
    Escape,
}

/// What the scanner has seen.
#[derive(Default)]
struct Scanner {
    depth: i64,
    deepest: i64,
    texts: i64,
    numbers: i64,
    sum: i64,
    value: i64,
    negative: bool,
}

impl Scanner {
    fn next(&mut self, state: State, byte: u8) -> State {
        match (state, byte) {
            (State::Between, _) => self.between(byte),
            (State::Number, _) => self.number(byte),
            (State::Text, b'\\') => State::Escape,
            (State::Text, b'"') => State::Between,
            (State::Text | State::Escape, _) => State::Text,
        }
    }

    fn between(&mut self, byte: u8) -> State {
        match byte {
            b'"' => {
                self.texts += 1;
                return State::Text;
            }
            b'[' | b'{' => {
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
            }
            b']' | b'}' => self.depth -= 1,
            b'-' => {
                (self.negative, self.value) = (true, 0);
                return State::Number;
            }
            b'0'..=b'9' => {
                self.value = (byte - b'0').into();
                return State::Number;
            }
            _ => {}
        }
        State::Between
    }

    fn number(&mut self, byte: u8) -> State {
        if byte.is_ascii_digit() {
            self.value = self.value.wrapping_mul(10).wrapping_add((byte - b'0').into());
            return State::Number;
        }
        self.numbers += 1;
        self.sum += if self.negative { -self.value } else { self.value };
        self.negative = false;
        self.between(byte)
    }
}

pub fn json_scan() -> i64 {
    const PIECE: &[u8; 68] = br#"{"id":17,"name":"a \"b\" c","list":[1,22,333,[4,5,{"x":-60}]],"t":9}"#;
    let mut text = vec![b'['];
    for i in 0..black_box(2000) {
        if i > 0 {
            text.push(b',');
        }
        text.extend(PIECE);
    }
    text.push(b']');
    let mut scanner = Scanner::default();
    text.iter().fold(State::Between, |state, &byte| scanner.next(state, byte));
    let Scanner { sum, deepest, texts, numbers, .. } = scanner;
    ((sum * 1000 + deepest) * 100_000 + texts) * 100_000 + numbers
}

/// Letters of the text that is searched.
const LETTERS: usize = 20_000;

/// The sum of all places of the word, by the way of Boyer, Moore and Horspool.
fn horspool(text: &[u8], word: &[u8]) -> i64 {
    let last = word.len() - 1;
    let mut skip = [word.len(); 256];
    for (i, &letter) in word[..last].iter().enumerate() {
        skip[letter as usize] = last - i;
    }
    let (mut sum, mut at) = (0, 0);
    while let Some(part) = text.get(at..at + word.len()) {
        if part.iter().rev().eq(word.iter().rev()) {
            sum += at as i64;
        }
        at += skip[part[last] as usize];
    }
    sum
}

/// The same by comparing at every place.
fn plain(text: &[u8], word: &[u8]) -> i64 {
    let parts = text.windows(word.len()).zip(0..);
    parts.filter(|(part, _)| part.iter().eq(word)).map(|(_, at)| at).sum()
}

pub fn string_search() -> i64 {
    let mut seed = black_box(7_u32);
    let letters = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12345);
        b'a' + ((seed >> 16) % 3) as u8
    });
    let text: Vec<u8> = letters.take(LETTERS).collect();
    let word = black_box(b"abcacba");
    let mut found = 0_i64;
    for length in 4..8 {
        let one = horspool(&text, &word[..length]);
        if one != plain(&text, &word[..length]) {
            return -1;
        }
        found = found.wrapping_mul(100_003).wrapping_add(one);
    }
    found
}

/// Where a place leads with a letter, 0 to 3 for `a` to `d`, as a set; place 0 is the beginning, 5 the end.
fn follow(place: u32, letter: u32) -> u32 {
    match (place, letter) {
        (0, 0) => 2,
        (1, 0 | 1) => 4,
        (2, 0 | 1) => 8,
        (3 | 4, 2) => 16,
        (4, 3) => 32,
        _ => 0,
    }
}

/// A deterministic automaton: of each state whether it is the end of a match, and its successor by letter.
fn automaton() -> (Vec<bool>, Vec<[u8; 4]>) {
    let (mut sets, mut next) = (vec![black_box(1)], Vec::new());
    while let Some(&set) = sets.get(next.len()) {
        next.push([0, 1, 2, 3].map(|letter| {
            let places = (0..6).filter(|place| set >> place & 1 != 0);
            let reached = places.fold(1, |reached: u32, place| reached | follow(place, letter));
            let known = sets.iter().position(|set| *set == reached);
            known.unwrap_or_else(|| {
                sets.push(reached);
                sets.len() - 1
            }) as u8
        }));
    }
    (sets.iter().map(|set| set >> 5 & 1 != 0).collect(), next)
}

pub fn regex() -> i64 {
    let (accepting, next) = automaton();
    let (mut seed, mut state) = (black_box(5), 0_u8);
    let (mut hits, mut sum) = (0_i64, 0_i64);
    for i in 0..black_box(300_000) {
        state = next[state as usize][(draw(&mut seed) >> 24 & 3) as usize];
        if accepting[state as usize] {
            hits += 1;
            sum = hash(sum, [i].into_iter());
        }
    }
    sum.wrapping_mul(1_000_000).wrapping_add(hits * 100 + next.len() as i64)
}
