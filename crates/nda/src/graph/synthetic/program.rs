//! A program of any number of functions as a person might write it: documented, 5 to 40 lines each, calling 0 to 8
//! others, with statics, constants and globals here and there. It checks; what it computes means nothing, and some of it
//! would run for ever.

use super::Dice;
use super::words::{CLAUSES, NOUNS, PARAMETERS, PLACES, VARIABLES, VERBS};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const TYPES: [&str; 5] = ["i32", "i64", "u32", "u64", "f64"];

/// A program of so many functions. The function `main` is one of them, and calls some of the others.
#[must_use]
pub fn program(functions: usize, seed: u64) -> String {
    let mut dice = Dice(seed);
    let heads: Vec<Head> = (0..functions.saturating_sub(1)).map(|number| Head::new(number, &mut dice)).collect();
    let mut text = String::from("use sys::print;\n\n");
    let objects = functions / 12 + 1;
    for number in 0..objects {
        text += &object(number, &mut dice);
    }
    for (number, head) in heads.iter().enumerate() {
        let locals = head.parameters.clone();
        let (calls, lines) = (dice.below(9), 3 + dice.below(6) * dice.below(7));
        let writer =
            Writer { heads: &heads, number, objects, dice: &mut dice, out: String::new(), lines: 0, locals, calls };
        text += &writer.function(head, lines);
    }
    text += "/// Runs everything once.\nfn main() {\n";
    for head in heads.iter().rev().take(8) {
        let arguments: Vec<String> = head.parameters.iter().map(|(_, ty)| literal(ty, 7)).collect();
        text += &format!("    print({}({}));\n", head.name, arguments.join(", "));
    }
    text + "}\n"
}

/// A static, a constant and a global, each of number `number`.
fn object(number: usize, dice: &mut Dice) -> String {
    let (noun, place) = (pick(NOUNS, dice), pick(PLACES, dice));
    let cells: Vec<String> = (0..8 + dice.below(24)).map(|_| dice.below(100_000).to_string()).collect();
    format!(
        "/// The {noun} of the {place}, measured once.\nstatic samples_{number}: [i32; {}] = [{}];\n\
         /// The most {noun} that a {place} may hold.\nconst LIMIT_{number}: i32 = {};\n\
         /// How often the {place} was looked at.\nglobal visits_{number}: i64 = 0;\n\n",
        cells.len(),
        cells.join(", "),
        dice.below(5000),
    )
}

fn pick<'w>(words: &[&'w str], dice: &mut Dice) -> &'w str {
    words[dice.below(words.len() as u32) as usize]
}

/// An expression without parentheses around the whole of it.
fn bare(expr: &str) -> &str {
    expr.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(expr)
}

/// A number of a type, written so that it has this type anywhere.
fn literal(ty: &str, value: u32) -> String {
    if ty == "f64" { format!("{value}.5") } else { value.to_string() }
}

struct Head {
    name: String,
    docs: String,
    parameters: Vec<(String, &'static str)>,
    result: &'static str,
}

impl Head {
    fn new(number: usize, dice: &mut Dice) -> Self {
        let (verb, says) = VERBS[dice.below(VERBS.len() as u32) as usize];
        let (noun, place) = (pick(NOUNS, dice), pick(PLACES, dice));
        let mut docs = format!("/// {says} the {noun} of one {place}.\n");
        let clause = dice.below(CLAUSES.len() as u32 - 2) as usize;
        for clause in &CLAUSES[clause..clause + dice.below(3) as usize] {
            docs += &format!("/// {clause}\n");
        }
        let first = dice.below(6) as usize;
        let parameters = (0..1 + dice.below(4) as usize)
            .map(|at| (PARAMETERS[first + at].to_string(), TYPES[dice.below(5) as usize]))
            .collect();
        Self { name: format!("{verb}_{noun}_{number}"), docs, parameters, result: TYPES[dice.below(5) as usize] }
    }
}

/// Writes one function.
struct Writer<'w> {
    heads: &'w [Head],
    number: usize,
    objects: usize,
    dice: &'w mut Dice,
    out: String,
    lines: u32,
    locals: Vec<(String, &'static str)>,
    /// How many calls may still be written.
    calls: u32,
}

impl Writer<'_> {
    fn function(mut self, head: &Head, lines: u32) -> String {
        let parameters: Vec<String> = head.parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
        self.out = format!("{}fn {}({}) -> {} {{\n", head.docs, head.name, parameters.join(", "), head.result);
        while self.lines < lines {
            self.statement(1);
        }
        let value = self.expr(head.result, 2);
        self.line(1, bare(&value));
        self.out + "}\n\n"
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.lines += 1;
        self.out += &format!("{}{text}\n", "    ".repeat(depth));
    }

    fn statement(&mut self, depth: usize) {
        match self.dice.below(if depth < 3 { 12 } else { 6 }) {
            0..=2 => self.declare(depth),
            3..=4 => self.assign(depth),
            5 => self.touch(depth),
            6..=7 => self.branch(depth),
            8..=9 => self.repeat(depth),
            10 => {
                let (condition, value) = (self.condition(), self.expr(self.heads[self.number].result, 1));
                self.line(depth, &format!("if {condition} {{ return {}; }}", bare(&value)));
            }
            _ => {
                let clause = pick(CLAUSES, self.dice);
                self.line(depth, &format!("// {clause}"));
            }
        }
    }

    fn declare(&mut self, depth: usize) {
        let ty = TYPES[self.dice.below(5) as usize];
        let (name, value) = (format!("{}_{}", pick(VARIABLES, self.dice), self.locals.len()), self.expr(ty, 2));
        self.line(depth, &format!("let {name}: {ty} = {};", bare(&value)));
        self.locals.push((name, ty));
    }

    fn assign(&mut self, depth: usize) {
        let (name, ty) = self.locals[self.dice.below(self.locals.len() as u32) as usize].clone();
        let value = self.expr(ty, 2);
        self.line(depth, &format!("{name} = {name} + {value};"));
    }

    /// Something with a static, a constant or a global.
    fn touch(&mut self, depth: usize) {
        let number = self.dice.below(self.objects as u32);
        let text = match self.dice.below(3) {
            0 => format!("visits_{number} = visits_{number} + {};", self.expr("i64", 1)),
            1 => format!("samples_{number}[{}] = {};", self.dice.below(8), self.expr("i32", 1)),
            _ => format!("samples_{number}[3] = LIMIT_{number} - samples_{number}[{}];", self.dice.below(8)),
        };
        self.line(depth, &text);
    }

    fn branch(&mut self, depth: usize) {
        let condition = self.condition();
        self.line(depth, &format!("if {condition} {{"));
        self.block(depth);
        if self.dice.below(2) == 0 {
            self.line(depth, "} else {");
            self.block(depth);
        }
        self.line(depth, "}");
    }

    fn repeat(&mut self, depth: usize) {
        let name = format!("i_{}", self.locals.len());
        let text = if self.dice.below(2) == 0 {
            format!("for {name} in 0..{} {{", self.expr("i32", 1))
        } else {
            format!("while {} {{", self.condition())
        };
        let known = self.locals.len();
        if text.starts_with("for") {
            self.locals.push((name, "i32"));
        }
        self.line(depth, &text);
        self.block(depth);
        self.locals.truncate(known);
        self.line(depth, "}");
    }

    fn block(&mut self, depth: usize) {
        let known = self.locals.len();
        for _ in 0..1 + self.dice.below(3) {
            self.statement(depth + 1);
        }
        self.locals.truncate(known);
    }

    fn condition(&mut self) -> String {
        let ty = TYPES[self.dice.below(5) as usize];
        let operator = pick(&["<", ">", "<=", ">=", "==", "!="], self.dice);
        format!("{} {operator} {}", self.typed(ty), self.expr(ty, 1))
    }

    /// An expression whose type is seen without help from around it.
    fn typed(&mut self, ty: &'static str) -> String {
        match self.variable(ty) {
            Some(name) => name,
            None => {
                let (name, _) = &self.locals[self.dice.below(self.locals.len() as u32) as usize];
                format!("({name} as {ty})")
            }
        }
    }

    fn variable(&mut self, ty: &str) -> Option<String> {
        let count = self.locals.iter().filter(|(_, other)| *other == ty).count() as u32;
        let nth = if count == 0 { return None } else { self.dice.below(count) as usize };
        self.locals.iter().filter(|(_, other)| *other == ty).nth(nth).map(|(name, _)| name.clone())
    }

    /// An expression of this type.
    fn expr(&mut self, ty: &'static str, depth: u32) -> String {
        match self.dice.below(if depth == 0 { 2 } else { 7 }) {
            0 => literal(ty, self.dice.below(200)),
            1 | 2 => self.typed(ty),
            3 | 4 => {
                let operator = pick(&["+", "-", "*"], self.dice);
                format!("({} {operator} {})", self.typed(ty), self.expr(ty, depth - 1))
            }
            5 => {
                let (name, _) = self.locals[self.dice.below(self.locals.len() as u32) as usize].clone();
                format!("({name} as {ty})")
            }
            _ => self.call(ty, depth),
        }
    }

    /// A call of a function near this one that gives what is wanted, as long as calls are left.
    fn call(&mut self, ty: &'static str, depth: u32) -> String {
        // Mostly of earlier functions; now and then of a later one, which makes cycles.
        let reach = if self.dice.below(60) == 0 { self.number + 3 } else { self.number };
        let from = reach.saturating_sub(60);
        let near: Vec<usize> = (from..reach.min(self.heads.len())).filter(|&at| self.heads[at].result == ty).collect();
        if near.is_empty() || self.calls == 0 {
            return self.typed(ty);
        }
        self.calls -= 1;
        let callee = &self.heads[near[self.dice.below(near.len() as u32) as usize]];
        let arguments: Vec<String> = callee.parameters.iter().map(|(_, ty)| self.expr(ty, depth - 1)).collect();
        format!("{}({})", callee.name, arguments.join(", "))
    }
}
