//! Integer loops that keep everything in registers.

use super::draw;
use std::hint::black_box;

pub fn y_loop() -> i64 {
    (0..black_box(600_000)).fold(0_i64, |y, _| y.wrapping_add(1).wrapping_add(y).wrapping_add(3))
}

pub fn nested_loops() -> i64 {
    let size = black_box(80_i32);
    let mut sum = 0;
    for i in 0..size {
        for j in 0..size {
            for k in 0..size {
                sum += i64::from((i * j) ^ k);
            }
        }
    }
    sum
}

pub fn collatz() -> i64 {
    let (mut best, mut longest) = (0, 0);
    for n in 1..black_box(4000_i64) {
        let (mut value, mut steps) = (n, 0);
        while value != 1 {
            value = if value & 1 != 0 { value * 3 + 1 } else { value / 2 };
            steps += 1;
        }
        if steps > longest {
            (best, longest) = (n, steps);
        }
    }
    longest * 1_000_000 + best
}

pub fn gcd() -> i64 {
    fn gcd(mut a: u32, mut b: u32) -> u32 {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    }
    let end = black_box(320);
    let row = |i: u32| (1..end).map(|j| i64::from(gcd(i * 7, j * 11))).sum::<i64>();
    (1..end).map(row).sum()
}

pub fn xorshift() -> i64 {
    let (mut x, mut sum) = (black_box(88_172_645_463_325_252_u64), 0_u64);
    for _ in 0..black_box(250_000) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sum = sum.wrapping_add(x >> 33);
    }
    (x ^ sum) as i64
}

/// Ones of all pairs, nibbles and bytes at once, as the kernel counts them.
fn parallel(x: u64) -> u64 {
    let x = x - (x >> 1 & 0x5555_5555_5555_5555);
    let x = (x & 0x3333_3333_3333_3333) + (x >> 2 & 0x3333_3333_3333_3333);
    let x = (x + (x >> 4)) & 0x0f0f_0f0f_0f0f_0f0f;
    x.wrapping_mul(0x0101_0101_0101_0101) >> 56
}

fn one_by_one(mut x: u64) -> u64 {
    let mut count = 0;
    while x != 0 {
        x &= x - 1;
        count += 1;
    }
    count
}

fn reverse(x: u64) -> u64 {
    let masks =
        [0x5555_5555_5555_5555, 0x3333_3333_3333_3333, 0x0f0f_0f0f_0f0f_0f0f, 0x00ff_00ff_00ff_00ff, 0xffff_0000_ffff];
    let swap = |x: u64, (shift, mask): (u32, u64)| x >> (1 << shift) & mask | (x & mask) << (1 << shift);
    (0..).zip(masks).fold(x, swap).rotate_left(32)
}

/// A zero between all bits.
fn spread(n: u32) -> u64 {
    let x = u64::from(n);
    let x = (x | x << 16) & 0x0000_ffff_0000_ffff;
    let x = (x | x << 8) & 0x00ff_00ff_00ff_00ff;
    let x = (x | x << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let x = (x | x << 2) & 0x3333_3333_3333_3333;
    (x | x << 1) & 0x5555_5555_5555_5555
}

pub fn bits() -> i64 {
    let mut x = black_box(0x9e37_79b9_7f4a_7c15_u64);
    let mut sum = 0_i64;
    for i in 0..black_box(60_000) {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let ones = parallel(x);
        if ones != u64::from(x.count_ones()) {
            return -1;
        }
        if i & 7 == 0 && ones != one_by_one(x) {
            return -2;
        }
        sum = sum.wrapping_add(ones as i64).wrapping_add((reverse(x) >> 40) as i64) ^ spread(x as u32) as i64;
        sum = sum.wrapping_add((x & 0xffff_ffff).leading_zeros().into());
        sum = sum.wrapping_add((x | 0x1_0000_0000).trailing_zeros().into());
    }
    sum
}

/// A step of the machine in `indirect`.
type Step = fn(i64, i64) -> i64;

const STEPS: [Step; 8] = [
    i64::wrapping_add,
    i64::wrapping_sub,
    |a, b| a.wrapping_mul(b | 1),
    |a, b| a ^ b << 20,
    |a, b| a << 1 | b & 1,
    |a, b| a.rotate_left(b as u32),
    |a, b| if a < b { a } else { a.wrapping_sub(b.wrapping_mul(2)) },
    |a, b| if a != 0 { a } else { b },
];

pub fn indirect() -> i64 {
    let steps = black_box(STEPS);
    let (mut value, mut seed) = (1, 9);
    for i in 0..black_box(300_000) {
        value = steps[(draw(&mut seed) >> 29) as usize](value, i);
    }
    value
}
