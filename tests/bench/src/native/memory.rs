//! Sorting, sieving, hashing and packing of arrays.

use super::{draw, hash};
use std::hint::black_box;

/// So many random numbers.
fn random(count: usize) -> Vec<i32> {
    let mut seed = black_box(1);
    (0..count).map(|_| (draw(&mut seed) >> 8) as i32).collect()
}

pub fn heap_sort() -> i64 {
    let mut numbers = random(black_box(12_000));
    let count = numbers.len();
    for start in (0..count / 2).rev() {
        sift(&mut numbers, start);
    }
    for end in (1..count).rev() {
        numbers.swap(0, end);
        sift(&mut numbers[..end], 0);
    }
    hash(0, numbers.into_iter().map(i64::from))
}

/// Moves the number at `root` down to where no child of it is larger.
fn sift(numbers: &mut [i32], mut root: usize) {
    let value = numbers[root];
    loop {
        let mut child = root * 2 + 1;
        if child >= numbers.len() {
            break;
        }
        if child + 1 < numbers.len() && numbers[child] < numbers[child + 1] {
            child += 1;
        }
        if numbers[child] <= value {
            break;
        }
        numbers[root] = numbers[child];
        root = child;
    }
    numbers[root] = value;
}

pub fn quicksort() -> i64 {
    let mut numbers = random(black_box(20_000));
    let high = numbers.len() as i32 - 1;
    sort(&mut numbers, 0, high);
    hash(0, numbers.into_iter().map(i64::from))
}

fn sort(numbers: &mut [i32], low: i32, high: i32) {
    if low >= high {
        return;
    }
    let pivot = numbers[((low + high) / 2) as usize];
    let (mut i, mut j) = (low, high);
    while i <= j {
        while numbers[i as usize] < pivot {
            i += 1;
        }
        while numbers[j as usize] > pivot {
            j -= 1;
        }
        if i <= j {
            numbers.swap(i as usize, j as usize);
            i += 1;
            j -= 1;
        }
    }
    sort(numbers, low, j);
    sort(numbers, i, high);
}

pub fn sieve() -> i64 {
    let limit = black_box(200_000);
    let mut composite = vec![false; limit];
    let (mut count, mut sum) = (0_i64, 0_i64);
    for n in 2..limit {
        if composite[n] {
            continue;
        }
        count += 1;
        sum += n as i64;
        for multiple in (2 * n..limit).step_by(n) {
            composite[multiple] = true;
        }
    }
    count * 1_000_000_000_000 + sum
}

pub fn crc32() -> i64 {
    let by_bits = |crc: u32| (0..8).fold(crc, |crc, _| if crc & 1 != 0 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
    let table: [u32; 256] = std::array::from_fn(|i| by_bits(i as u32));
    let bytes: Vec<u8> = (0..black_box(65536)).map(|i| (i * 131 >> 3) as u8).collect();
    let mut crc = u32::MAX;
    for _ in 0..4 {
        crc = bytes.iter().fold(crc, |crc, byte| table[(crc as u8 ^ byte) as usize] ^ crc >> 8);
    }
    (crc ^ u32::MAX).into()
}

const ROUND_CONSTANTS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
];

fn compress(state: &mut [u32; 8], block: &[u8; 64]) {
    let mut w = [0; 64];
    for (word, bytes) in w.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for i in 16..64 {
        let (a, b): (u32, u32) = (w[i - 15], w[i - 2]);
        let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ a >> 3;
        let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ b >> 10;
        w[i] = w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut z] = *state;
    for (k, w) in ROUND_CONSTANTS.iter().zip(w) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let t1 = z.wrapping_add(s1).wrapping_add(e & f ^ !e & g).wrapping_add(*k).wrapping_add(w);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let t2 = s0.wrapping_add(a & b ^ a & c ^ b & c);
        (z, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
    }
    for (state, word) in state.iter_mut().zip([a, b, c, d, e, f, g, z]) {
        *state = state.wrapping_add(word);
    }
}

pub fn sha256() -> i64 {
    let mut state = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
    let mut message = vec![0; 65536];
    for (byte, i) in message.iter_mut().zip(0..black_box(32768)) {
        *byte = (i * 7 + (i >> 8)) as u8;
    }
    message.as_chunks().0.iter().for_each(|block| compress(&mut state, block));
    let mut last = [0; 64];
    last[0] = 0x80;
    last[56..].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    compress(&mut state, &last);
    i64::from(state[0]) << 32 | i64::from(state[1])
}

/// Bytes that `lz` packs.
const LENGTH: usize = 49152;

/// Text-like bytes: words of a small set, chosen at random, and sometimes a random letter.
fn plain() -> Vec<u8> {
    let (mut plain, mut seed) = (Vec::with_capacity(LENGTH + 8), black_box(3));
    while plain.len() < LENGTH {
        draw(&mut seed);
        let word = seed >> 24 & 31;
        plain.extend((0..word % 5 + 3).map(|i| 97 + ((word * 7 + i * 3) % 26) as u8));
        if seed >> 10 & 7 == 0 && plain.len() < LENGTH {
            plain.push(65 + ((seed >> 13) % 26) as u8);
        }
    }
    plain.truncate(LENGTH);
    plain
}

fn place(bytes: &[u8]) -> usize {
    let part = |i: usize, factor: u32| u32::from(bytes[i]).wrapping_mul(factor);
    ((part(0, 2_654_435_761) ^ part(1, 40503) ^ part(2, 9176)) >> 4 & 4095) as usize
}

/// A zero and a byte, or a length (at least 4) and a distance in two bytes.
fn pack(plain: &[u8]) -> Vec<u8> {
    let (mut small, mut places, mut at) = (Vec::with_capacity(2 * LENGTH), [None; 4096], 0);
    while at < plain.len() {
        let mut copy = None;
        if at + 3 <= plain.len() {
            let before: Option<usize> = places[place(&plain[at..])].replace(at);
            copy = before.filter(|before| at - before < 65536).map(|before| (before, agree(plain, before, at)));
        }
        if let Some((before, length @ 4..)) = copy {
            let [low, high, ..] = (at - before).to_le_bytes();
            small.extend([length as u8, low, high]);
            at += length;
        } else {
            small.extend([0, plain[at]]);
            at += 1;
        }
    }
    small
}

/// How many bytes agree, up to 255.
fn agree(plain: &[u8], a: usize, b: usize) -> usize {
    plain[a..].iter().zip(&plain[b..]).take(255).take_while(|(a, b)| a == b).count()
}

fn unpack(mut small: &[u8]) -> Vec<u8> {
    let mut again = Vec::with_capacity(LENGTH);
    while let [length, low, rest @ ..] = small {
        match (length, rest) {
            (0, rest) => {
                again.push(*low);
                small = rest;
            }
            (_, [high, rest @ ..]) => {
                let from = again.len() - usize::from(u16::from_le_bytes([*low, *high]));
                (from..from + usize::from(*length)).for_each(|at| again.push(again[at]));
                small = rest;
            }
            (_, []) => break,
        }
    }
    again
}

pub fn lz() -> i64 {
    let plain = plain();
    let small = pack(&plain);
    if unpack(&small) != plain {
        return -1;
    }
    hash(0, small.iter().map(|&byte| byte.into())).wrapping_mul(100_000).wrapping_add(small.len() as i64)
}
