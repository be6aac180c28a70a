//! Kernels of `fixtures/bench` as Rust programs, most of them by another way than the kernel goes.

pub fn y_loop() -> i64 {
    (0..600_000).fold(0_i64, |y, _| y.wrapping_mul(2).wrapping_add(4))
}

pub fn fibonacci() -> i64 {
    (0..28).fold((0, 1), |(a, b), _| (b, a + b)).0
}

/// The closed form of the row of 3.
pub fn ackermann() -> i64 {
    (1 << (7 + 3)) - 3
}

pub fn tak() -> i64 {
    fn tak(x: i32, y: i32, z: i32) -> i32 {
        if y >= x { z } else { tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) }
    }
    (4..12).fold(0, |sum, z| sum * 31 + i64::from(tak(18, 12, z)))
}

pub fn sieve() -> i64 {
    let is_prime = |n: &i64| (2..).take_while(|d| d * d <= *n).all(|d| n % d != 0);
    let (count, sum) = (2..200_000).filter(is_prime).fold((0, 0), |(count, sum), n| (count + 1, sum + n));
    count * 1_000_000_000_000 + sum
}

pub fn nested_loops() -> i64 {
    let all = (0..80).flat_map(|i| (0..80).flat_map(move |j| (0..80).map(move |k| (i * j) ^ k)));
    all.sum()
}

pub fn gcd() -> i64 {
    fn gcd(a: i64, b: i64) -> i64 {
        (1..=a.min(b)).rev().find(|d| a % d == 0 && b % d == 0).unwrap_or(1)
    }
    (1..320).flat_map(|i| (1..320).map(move |j| gcd(i * 7, j * 11))).sum()
}

pub fn collatz() -> i64 {
    let steps = |n: &i64| std::iter::successors(Some(*n), |n| Some(if n % 2 == 0 { n / 2 } else { 3 * n + 1 }));
    let count = |n: i64| steps(&n).take_while(|&n| n != 1).count() as i64;
    // Of equal ones the first counts.
    let best = (1..4000).max_by_key(|&n| (count(n), -n)).unwrap_or_default();
    count(best) * 1_000_000 + best
}

const SIZE: usize = 64;

pub fn matrix_integer() -> i64 {
    let entry =
        |i: usize, j: usize, factor: i64, modulus: i64, less: i64| ((i * SIZE + j) as i64 * factor) % modulus - less;
    let dot = |i, j| (0..SIZE).map(|k| entry(i, k, 7, 13, 6) * entry(k, j, 5, 17, 8)).sum::<i64>();
    let all = (0..SIZE).flat_map(|i| (0..SIZE).map(move |j| (i, j)));
    all.fold(0, |hash: i64, (i, j)| hash.wrapping_mul(31).wrapping_add(dot(i, j)))
}

pub fn matrix_float() -> i64 {
    let entry = |i: usize, j: usize, factor, modulus| f64::from(((i * SIZE + j) as u32 * factor) % modulus);
    let dot = |i, j| (0..SIZE).fold(0.0, |sum, k| sum + entry(i, k, 7, 13) / 3.0 * (entry(k, j, 5, 17) / 7.0));
    let all = (0..SIZE).flat_map(|i| (0..SIZE).map(move |j| (i, j)));
    all.fold(0.0, |total, (i, j)| total * 0.5 + dot(i, j)).to_bits() as i64
}

/// Positions, velocities and masses.
type Body = ([f64; 3], [f64; 3], f64);

const SOLAR_MASS: f64 = 39.47841760435743;
const BODIES: [Body; 5] = [
    ([0.0; 3], [0.0; 3], SOLAR_MASS),
    (
        [4.841431442464721, -1.1603200440274284, -0.10362204447112311],
        [0.606326392995832, 2.81198684491626, -0.02521836165988763],
        0.03769367487038949,
    ),
    (
        [8.34336671824458, 4.124798564124305, -0.4035234171143214],
        [-1.0107743461787924, 1.8256623712304119, 0.008415761376584154],
        0.011286326131968767,
    ),
    (
        [12.894369562139131, -15.111151401698631, -0.22330757889265573],
        [1.0827910064415354, 0.8687130181696082, -0.010832637401363636],
        0.0017237240570597112,
    ),
    (
        [15.379697114850917, -25.919314609987964, 0.17925877295037118],
        [0.979090732243898, 0.5946989986476762, -0.034755955504078104],
        0.0020336868699246304,
    ),
];

fn square(v: [f64; 3]) -> f64 {
    v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
}

fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub fn n_body() -> i64 {
    let mut bodies = BODIES;
    for axis in 0..3 {
        let momentum = bodies.iter().fold(0.0, |sum, body| sum + body.1[axis] * body.2);
        bodies[0].1[axis] = -momentum / SOLAR_MASS;
    }
    for _ in 0..3000 {
        for i in 0..5 {
            for j in i + 1..5 {
                let apart = minus(bodies[i].0, bodies[j].0);
                let pull = 0.01 / (square(apart) * square(apart).sqrt());
                let masses = (bodies[i].2, bodies[j].2);
                (0..3).for_each(|axis| {
                    bodies[i].1[axis] -= apart[axis] * masses.1 * pull;
                    bodies[j].1[axis] += apart[axis] * masses.0 * pull;
                });
            }
        }
        for (position, velocity, _) in &mut bodies {
            (0..3).for_each(|axis| position[axis] += 0.01 * velocity[axis]);
        }
    }
    let mut energy = 0.0;
    for (i, body) in bodies.iter().enumerate() {
        energy += 0.5 * body.2 * square(body.1);
        for other in &bodies[i + 1..] {
            energy -= body.2 * other.2 / square(minus(body.0, other.0)).sqrt();
        }
    }
    energy.to_bits() as i64
}

pub fn mandelbrot() -> i64 {
    let escape = |cr: f64, ci: f64| {
        let mut z = (0.0, 0.0);
        (0..50).find(|_| {
            let squares: (f64, f64) = (z.0 * z.0, z.1 * z.1);
            let out = squares.0 + squares.1 > 4.0;
            z = (squares.0 - squares.1 + cr, 2.0 * z.0 * z.1 + ci);
            out
        })
    };
    let point = |row: i32, column: i32| {
        escape(f64::from(column) * 3.0 / 96.0 - 2.0, f64::from(row) * 2.0 / 96.0 - 1.0).unwrap_or(50)
    };
    let all = (0..96).flat_map(|row| (0..96).map(move |column| (row, column)));
    all.map(|(row, column)| point(row, column) * i64::from(row + 1)).sum()
}

pub fn spectral_norm() -> i64 {
    let entry = |i: usize, j: usize| 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1) as f64;
    let times = |from: &[f64], entry: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        (0..70).map(|i| (0..70).fold(0.0, |sum, j| sum + entry(i, j) * from[j])).collect()
    };
    let both = |from: &[f64]| times(&times(from, &entry), &|i, j| entry(j, i));
    let (mut u, mut v) = (vec![1.0; 70], Vec::new());
    for _ in 0..10 {
        v = both(&u);
        u = both(&v);
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b);
    (dot(&u, &v) / dot(&v, &v)).sqrt().to_bits() as i64
}

/// A linear congruential generator, from its seed on.
fn random(seed: u32) -> impl Iterator<Item = u32> {
    let next = |seed: &u32| Some(seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(seed), next).skip(1)
}

fn hash(values: impl IntoIterator<Item = i64>) -> i64 {
    values.into_iter().fold(0, |hash: i64, value| hash.wrapping_mul(31).wrapping_add(value))
}

fn sorted(count: usize) -> i64 {
    let mut numbers: Vec<i64> = random(1).take(count).map(|seed| (seed >> 8).into()).collect();
    numbers.sort_unstable();
    hash(numbers)
}

pub fn quicksort() -> i64 {
    sorted(20_000)
}

pub fn heap_sort() -> i64 {
    sorted(12_000)
}

/// Bit by bit, without a table.
pub fn crc32() -> i64 {
    let byte = |i: u32| ((i * 131) >> 3) as u8;
    let step = |crc: u32| if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xedb8_8320 };
    let bytes = (0..4).flat_map(|_| (0..65536).map(byte));
    let crc = bytes.fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)));
    (crc ^ u32::MAX).into()
}

pub fn fnv() -> i64 {
    let digits = (0..60_000).flat_map(|n: u32| n.to_string().into_bytes().into_iter().rev());
    digits.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)) as i64
}

pub fn sha256() -> i64 {
    let byte = |i: u32| if i < 32768 { (i * 7 + (i >> 8)) as u8 } else { 0 };
    let message: Vec<u8> = (0..65536).map(byte).collect();
    let hash = velocity_base::ContentHash::of(&message);
    hash.0[..8].iter().fold(0, |number: i64, &byte| number << 8 | i64::from(byte))
}

pub fn string_search() -> i64 {
    let next = |seed: &u32| Some(seed.wrapping_mul(1_103_515_245).wrapping_add(12345));
    let seeds = std::iter::successors(Some(7), next).skip(1);
    let text: Vec<u8> = seeds.take(20_000).map(|seed| b'a' + ((seed >> 16) % 3) as u8).collect();
    let places = |word: &[u8]| -> i64 {
        text.windows(word.len()).enumerate().filter(|(_, part)| *part == word).map(|(at, _)| at as i64).sum()
    };
    (4..8).fold(0, |found: i64, length| found.wrapping_mul(100_003).wrapping_add(places(&b"abcacba"[..length])))
}

/// What the text says, counted in it by hand: 2,000 objects with six texts and eight numbers each.
pub fn json_scan() -> i64 {
    let numbers = [17, 1, 22, 333, 4, 5, -60, 9];
    let (sum, texts, count) = (2000 * numbers.iter().sum::<i64>(), 2000 * 6, 2000 * numbers.len() as i64);
    // An array of objects with an array with an array with an object.
    let deepest = 5;
    ((sum * 1000 + deepest) * 100_000 + texts) * 100_000 + count
}

/// Looks back from each letter for `a[ab][ab]c+d`.
pub fn regex() -> i64 {
    let letters: Vec<u8> = random(5).take(300_000).map(|seed| b'a' + (seed >> 24 & 3) as u8).collect();
    let ends = |end: &usize| {
        let before = &letters[..*end];
        let Some((b'd', head)) = before.split_last() else { return false };
        let run = head.iter().rev().take_while(|&&letter| letter == b'c').count();
        let head = &head[..head.len() - run];
        run > 0 && head.len() >= 3 && matches!(head[head.len() - 3..], [b'a', b'a' | b'b', b'a' | b'b'])
    };
    let places: Vec<i64> = (1..=letters.len()).filter(ends).map(|end| end as i64 - 1).collect();
    // Sets of places that letters lead to: 0, 01, 012, 02, 0123, 013, 023, 03, 04, 05.
    let states = 10;
    hash(places.iter().copied()).wrapping_mul(1_000_000).wrapping_add(places.len() as i64 * 100 + states)
}

pub fn base64() -> i64 {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let texts = (0..4).flat_map(|round: u32| {
        let bytes: Vec<u8> = (0..12288_u32).map(|i| (i * 197 + (i >> 5) + round) as u8).collect();
        let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let letter = |six: &[u8]| ALPHABET[six.iter().fold(0, |value, &bit| value << 1 | usize::from(bit))];
        bits.chunks(6).map(letter).map(i64::from).collect::<Vec<_>>()
    });
    hash(texts)
}

pub fn bits() -> i64 {
    let mut x = 0x9e37_79b9_7f4a_7c15_u64;
    (0..60_000).fold(0, |sum: i64, _| {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let spread = (0..32).fold(0, |all, bit| all | (x >> bit & 1) << (2 * bit));
        let sum = (sum + i64::from(x.count_ones()) + (x.reverse_bits() >> 40) as i64) ^ spread as i64;
        sum + i64::from((x as u32).leading_zeros() + 32) + i64::from((x | 1 << 32).trailing_zeros())
    })
}

pub fn xorshift() -> i64 {
    let (mut x, mut sum) = (88_172_645_463_325_252_u64, 0_u64);
    for _ in 0..250_000 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sum += x >> 33;
    }
    (x ^ sum) as i64
}

/// Every tree of depth `d` has `2^(d + 1) - 1` nodes.
pub fn binary_trees() -> i64 {
    let nodes = |depth: u32| (2_i64 << depth) - 1;
    let trees = (4..=13).step_by(2).flat_map(|depth| (0..1 << (13 - depth)).map(move |_| depth));
    let sum = trees.fold(0, |sum: i64, depth| sum.wrapping_mul(3).wrapping_add(nodes(depth)));
    sum.wrapping_mul(100_000).wrapping_add(nodes(13))
}

pub fn indirect() -> i64 {
    random(9).take(300_000).zip(0..).fold(1, |a: i64, (seed, b)| match seed >> 29 {
        0 => a.wrapping_add(b),
        1 => a.wrapping_sub(b),
        2 => a.wrapping_mul(b | 1),
        3 => a ^ b << 20,
        4 => a << 1 | b & 1,
        5 => a.rotate_left((b & 63) as u32),
        6 => {
            if a < b {
                a
            } else {
                a.wrapping_sub(b * 2)
            }
        }
        _ => {
            if a == 0 {
                b
            } else {
                a
            }
        }
    })
}
