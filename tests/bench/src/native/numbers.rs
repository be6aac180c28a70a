//! Arithmetic over matrices and points. Floating-point operations come in the kernels' order, so that all bits agree.

use std::hint::black_box;

/// Rows and columns of the matrices.
const SIZE: usize = 64;

pub fn matrix_integer() -> i64 {
    let (mut a, mut b, mut c) = ([0_i32; SIZE * SIZE], [0_i32; SIZE * SIZE], [0_i32; SIZE * SIZE]);
    let factors = black_box((7, 5));
    for i in 0..SIZE * SIZE {
        a[i] = i as i32 * factors.0 % 13 - 6;
        b[i] = i as i32 * factors.1 % 17 - 8;
    }
    for i in 0..SIZE {
        for j in 0..SIZE {
            c[i * SIZE + j] = (0..SIZE).map(|k| a[i * SIZE + k] * b[k * SIZE + j]).sum();
        }
    }
    super::hash(0, c.iter().map(|&entry| entry.into()))
}

pub fn matrix_float() -> i64 {
    let (mut a, mut b, mut c) = ([0.0; SIZE * SIZE], [0.0; SIZE * SIZE], [0.0; SIZE * SIZE]);
    let factors = black_box((7, 5));
    for i in 0..SIZE * SIZE {
        a[i] = f64::from(i as i32 * factors.0 % 13) / 3.0;
        b[i] = f64::from(i as i32 * factors.1 % 17) / 7.0;
    }
    for i in 0..SIZE {
        for j in 0..SIZE {
            c[i * SIZE + j] = (0..SIZE).fold(0.0, |sum, k| sum + a[i * SIZE + k] * b[k * SIZE + j]);
        }
    }
    c.iter().fold(0.0, |total: f64, entry| total * 0.5 + entry).to_bits() as i64
}

pub fn mandelbrot() -> i64 {
    let size = black_box(96_i32);
    let escape = |cr: f64, ci: f64| {
        let (mut r, mut i) = (0.0, 0.0);
        for step in 0..50 {
            let (rr, ii) = (r * r, i * i);
            if rr + ii > 4.0 {
                return step;
            }
            (r, i) = (rr - ii + cr, 2.0 * r * i + ci);
        }
        50
    };
    let mut sum = 0;
    for row in 0..size {
        for column in 0..size {
            let real = f64::from(column) * 3.0 / f64::from(size) - 2.0;
            let imaginary = f64::from(row) * 2.0 / f64::from(size) - 1.0;
            sum += i64::from(escape(real, imaginary)) * i64::from(row + 1);
        }
    }
    sum
}

/// Rows and columns that are left of the infinite matrix.
const CUT: usize = 70;

fn entry(i: usize, j: usize) -> f64 {
    let (i, j) = (i as i32, j as i32);
    1.0 / f64::from((i + j) * (i + j + 1) / 2 + i + 1)
}

fn multiply(from: &[f64; CUT], entry: impl Fn(usize, usize) -> f64) -> [f64; CUT] {
    std::array::from_fn(|i| from.iter().enumerate().fold(0.0, |sum, (j, from)| sum + entry(i, j) * from))
}

fn multiply_both(from: &[f64; CUT]) -> [f64; CUT] {
    multiply(&multiply(from, entry), |i, j| entry(j, i))
}

pub fn spectral_norm() -> i64 {
    let (mut u, mut v) = (black_box([1.0; CUT]), [0.0; CUT]);
    for _ in 0..black_box(10) {
        v = multiply_both(&u);
        u = multiply_both(&v);
    }
    let (mut above, mut below) = (0.0, 0.0);
    for (u, v) in u.iter().zip(&v) {
        above += u * v;
        below += v * v;
    }
    f64::sqrt(above / below).to_bits() as i64
}

/// A planet, or the sun.
#[derive(Clone, Copy)]
struct Body {
    place: [f64; 3],
    velocity: [f64; 3],
    mass: f64,
}

const SOLAR_MASS: f64 = 39.47841760435743;

const BODIES: [Body; 5] = [
    Body { place: [0.0; 3], velocity: [0.0; 3], mass: SOLAR_MASS },
    Body {
        place: [4.841431442464721, -1.1603200440274284, -0.10362204447112311],
        velocity: [0.606326392995832, 2.81198684491626, -0.02521836165988763],
        mass: 0.03769367487038949,
    },
    Body {
        place: [8.34336671824458, 4.124798564124305, -0.4035234171143214],
        velocity: [-1.0107743461787924, 1.8256623712304119, 0.008415761376584154],
        mass: 0.011286326131968767,
    },
    Body {
        place: [12.894369562139131, -15.111151401698631, -0.22330757889265573],
        velocity: [1.0827910064415354, 0.8687130181696082, -0.010832637401363636],
        mass: 0.0017237240570597112,
    },
    Body {
        place: [15.379697114850917, -25.919314609987964, 0.17925877295037118],
        velocity: [0.979090732243898, 0.5946989986476762, -0.034755955504078104],
        mass: 0.0020336868699246304,
    },
];

fn square(v: [f64; 3]) -> f64 {
    v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
}

fn apart(a: &Body, b: &Body) -> [f64; 3] {
    std::array::from_fn(|axis| a.place[axis] - b.place[axis])
}

/// Puts the momentum of all at 0.
fn begin(bodies: &mut [Body; 5]) {
    for axis in 0..3 {
        let momentum = bodies.iter().fold(0.0, |sum, body| sum + body.velocity[axis] * body.mass);
        bodies[0].velocity[axis] = -momentum / SOLAR_MASS;
    }
}

fn advance(bodies: &mut [Body; 5], dt: f64) {
    for i in 0..5 {
        for j in i + 1..5 {
            let d = apart(&bodies[i], &bodies[j]);
            let square = square(d);
            let pull = dt / (square * square.sqrt());
            let (mass, other) = (bodies[i].mass, bodies[j].mass);
            for axis in 0..3 {
                bodies[i].velocity[axis] -= d[axis] * other * pull;
                bodies[j].velocity[axis] += d[axis] * mass * pull;
            }
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.place[axis] += dt * body.velocity[axis];
        }
    }
}

pub fn n_body() -> i64 {
    let mut bodies = black_box(BODIES);
    begin(&mut bodies);
    for _ in 0..black_box(3000) {
        advance(&mut bodies, 0.01);
    }
    let mut energy = 0.0;
    for (i, body) in bodies.iter().enumerate() {
        energy += 0.5 * body.mass * square(body.velocity);
        for other in &bodies[i + 1..] {
            energy -= body.mass * other.mass / square(apart(body, other)).sqrt();
        }
    }
    energy.to_bits() as i64
}
