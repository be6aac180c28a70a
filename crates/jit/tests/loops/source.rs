//! Texts of programs whose loops tempt an optimiser: what looks the same in all turns and is not, and what may trap or be seen in between.
//!
//! Loops are counted, some with turns of none or a number that is known late; in them stand quotients whose divisor may be zero, addresses
//! that may lie outside, selections and conditions of such, calls of functions small and large that do the same, memory that grows, and exits.

use std::fmt::Write;

/// Names of whole numbers that every function has.
const NAMES: [&str; 6] = ["a", "b", "x", "y", "z", "n"];

const OPERATORS: [&str; 12] = ["+", "-", "*", "&", "|", "^", "<<", ">>", "<", "==", "!=", ">="];

/// Functions that are called: the leaves, then one that calls them, one with a loop and a large one that calls itself.
const CALLED: [&str; 6] = ["leaf", "quotient", "cell", "twig", "sum", "deep"];

/// How deep expressions and statements nest.
const DEPTH: u32 = 4;

/// A text on its way.
pub struct Source {
    state: u64,
    text: String,
    /// Variables of `for` loops around, and how many loops there were.
    turns: Vec<String>,
    loops: u32,
    /// Which of `CALLED` may be called: those before.
    callable: usize,
    /// How the function at hand can be left.
    leave: &'static str,
}

/// The program of a seed.
pub fn source(seed: u64) -> String {
    let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut source = Source { state, text: String::new(), turns: Vec::new(), loops: 0, callable: 0, leave: "return y" };
    source.text.push_str("static m: [i32; 64]; static d: [f64; 8]; global g: i32 = 3; global h: i64 = 7;\n");
    source.text.push_str("export \"g\" = g; export \"h\" = h;\n");
    for (at, name) in CALLED.iter().enumerate() {
        source.callable = at;
        source.function(at, name);
    }
    source.callable = CALLED.len();
    for name in ["turn", "other"] {
        source.head(name);
        source.block(3);
        source.text.push_str("w + (x ^ y) as i64 * 3 + f as i64 }\n");
    }
    source.text.push_str("fn main() -> i64 { ");
    let arguments: Vec<_> = (0..8).map(|_| source.number()).collect();
    let [a, b, c, d, e, f, g, h] = arguments.try_into().unwrap_or_default();
    let _ = write!(
        source.text,
        "let s = turn({a}, {b}, {c}); s = s * 31 + other({d}, {e}, {f}); h = s; s + turn({g}, {h}, 9) }}"
    );
    source.text
}

impl Source {
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33) as usize % limit
    }

    fn rarely(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'s>(&mut self, all: &[&'s str]) -> &'s str {
        all[self.below(all.len())]
    }

    fn number(&mut self) -> String {
        self.pick(&["0", "1", "2", "3", "5", "8", "13", "40", "(-1)", "(-7)", "(-2147483648)", "65536", "1000000"])
            .to_owned()
    }

    /// A function that is called.
    fn function(&mut self, at: usize, name: &str) {
        match name {
            "leaf" | "quotient" | "cell" => {
                let body = self.value(2);
                let tail = ["", " + 7 / b", " + m[a]"][at];
                let _ = writeln!(
                    self.text,
                    "fn {name}(a: i32, b: i32) -> i32 {{ let (x, y, z, n) = (b, a, 0, 5); let w: i64 = 1; let f: f64 = 0.5; {body}{tail} }}"
                );
            }
            "deep" => {
                self.leave = "return w";
                self.head("deep_body");
                self.block(2);
                self.text.push_str("w }\nfn deep(a: i32, b: i32) -> i32 { if (a & 3) == 0 { return deep_body(a, b, 3) as i32; } deep(a - 1, b) + g }\n");
            }
            _ => {
                let _ = write!(
                    self.text,
                    "fn {name}(a: i32, b: i32) -> i32 {{ let (x, y, z, n) = (b, a, 0, 5); let w: i64 = 1; let f: f64 = 0.5; "
                );
                if name == "sum" {
                    self.counted(2);
                }
                let (one, two) = (self.value(2), self.value(1));
                let _ = writeln!(self.text, "if {one} {{ return {two}; }} x + y }}");
            }
        }
    }

    fn head(&mut self, name: &str) {
        let _ = write!(
            self.text,
            "fn {name}(a: i32, b: i32, n: i32) -> i64 {{ let (x, y, z) = (1, b, 0); let w: i64 = 5; let f: f64 = 1.5; "
        );
    }

    fn name(&mut self) -> String {
        if !self.turns.is_empty() && !self.rarely(3) {
            let at = self.below(self.turns.len());
            return self.turns[at].clone();
        }
        self.pick(&NAMES).to_owned()
    }

    /// An address in `m` that mostly lies inside.
    fn place(&mut self, depth: u32) -> String {
        match self.below(8) {
            0 if self.rarely(2) => format!("m[{}]", self.value(depth)),
            1 if self.rarely(2) => format!("m[{} * 4096]", self.name()),
            2 => format!("m[{} * 8 + {}]", self.name(), self.name()),
            3 => format!("m[{}]", self.pick(&["3", "x", "y", "a + 1", "z"])),
            _ => format!("m[{} & 63]", self.value(depth)),
        }
    }

    /// A divisor that mostly is not zero.
    fn divisor(&mut self) -> String {
        let name = self.name();
        if self.rarely(5) { name } else { format!("({name} | 1)") }
    }

    /// A whole number of 32 bits.
    fn value(&mut self, depth: u32) -> String {
        if depth == 0 {
            return if self.rarely(4) { self.number() } else { self.name() };
        }
        let depth = depth - 1;
        match self.below(18) {
            0..=4 => {
                let (op, left, right) = (self.pick(&OPERATORS), self.value(depth), self.value(depth));
                format!("({left} {op} {right})")
            }
            5 | 6 => format!("({} {} {})", self.value(depth), self.pick(&["/", "%"]), self.divisor()),
            7 => {
                let (op, by) = (self.pick(&["/", "%"]), self.pick(&["3", "7", "16", "10"]));
                format!("({} {op} {by})", self.value(depth))
            }
            8 => format!(
                "((({} + z) as u32 {} {} as u32) as i32)",
                self.value(depth),
                self.pick(&["/", "%", ">", ">>"]),
                self.divisor()
            ),
            9 => format!("select({}, {}, {})", self.value(depth), self.value(depth), self.value(depth)),
            10 => format!("({} {} {})", self.value(depth), self.pick(&["&&", "||"]), self.value(depth)),
            11 | 12 => self.place(depth),
            13 if self.callable > 0 => {
                let callee = CALLED[self.below(self.callable)];
                let (one, two) = (self.value(depth.min(1)), self.name());
                format!("{callee}({one}, {two})")
            }
            14 => self
                .pick(&["g", "(h as i32)", "memory::size()", "(w as i32)", "(f as i32)", "i32::trunc_f64_s(f)"])
                .to_owned(),
            15 => {
                let op = self.pick(&["/", "%"]);
                format!("((w as u64 {op} (({}) as i64) as u64) as i32)", self.divisor())
            }
            16 => format!("(w {} ({} as i64)) as i32", self.pick(&["/", "%", "+", "<<"]), self.divisor()),
            _ => {
                let (test, one, two) = (self.value(depth), self.value(depth), self.value(depth));
                format!("(if {test} {{ {one} }} else {{ {two} }})")
            }
        }
    }

    fn block(&mut self, depth: u32) {
        for _ in 0..2 + self.below(3) {
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: u32) {
        let nested = depth > 0;
        let text = match self.below(16) {
            0..=3 => format!("{} = {}; ", self.pick(&["x", "y", "z"]), self.value(DEPTH - 1)),
            4 | 5 => format!("{} = {}; ", self.place(1), self.value(2)),
            6 => format!("{} = {}; ", self.pick(&["g", "z"]), self.value(2)),
            7 => format!("w = w {} {} as i64; ", self.pick(&["+", "*", "^", "/", "%", "-"]), self.value(2)),
            8 => format!(
                "f = f {} d[{} & 7] {} {} as f64; ",
                self.pick(&["+", "*"]),
                self.name(),
                self.pick(&["+", "*", "-", "/"]),
                self.name()
            ),
            9 => format!(
                "{}; ",
                self.pick(&[
                    "x = memory::grow(z & 1)",
                    "memory::grow(x & 3)",
                    "h = w",
                    "d[x & 7] = f",
                    "(x, y) = (y, x)",
                    "z = z + 1"
                ])
            ),
            10 if !self.turns.is_empty() => {
                format!("if {} {{ {}; }} ", self.value(2), self.pick(&["break", "continue", self.leave, "break"]))
            }
            11 if nested => {
                let test = self.value(2);
                let _ = write!(self.text, "if {test} {{ ");
                self.block(depth - 1);
                if self.rarely(2) {
                    self.text.push_str("} else { ");
                    self.block(depth - 1);
                }
                "} ".to_owned()
            }
            12..=15 if nested => {
                self.counted(depth - 1);
                String::new()
            }
            _ => format!("x = x + {}; ", self.value(1)),
        };
        self.text.push_str(&text);
    }

    /// A loop that counts its turns, or ends on what it computes.
    fn counted(&mut self, depth: u32) {
        self.loops += 1;
        let turn = format!("i{}", self.loops);
        let to = self.pick(&["4", "9", "n", "a", "x & 15", "b", "20", "300"]);
        let from = self.pick(&["0", "0", "0", "1", "z", "-3"]);
        let step = self.pick(&["1", "1", "2", "3"]);
        let is_for = !self.rarely(3);
        if is_for {
            let _ = write!(self.text, "for {turn} in {from}..{to} {{ ");
        } else {
            let _ = write!(self.text, "let {turn} = {from}; while {turn} < {to} {{ {turn} = {turn} + {step}; ");
        }
        self.turns.push(turn);
        self.block(depth);
        self.turns.pop();
        self.text.push_str("} ");
    }
}
