//! Valid stack code out of random bytes. All values are `i32`, so that only their number matters.

use std::fmt::Write;

/// Locals of the function, two of them parameters.
pub const LOCALS: u32 = 5;

/// How deep blocks nest.
const MAX_DEPTH: usize = 6;

/// An operator, or a structured one with its code.
#[derive(Debug)]
pub enum Op {
    Const(i32),
    Get(u32),
    Set(u32),
    Tee(u32),
    GlobalGet,
    GlobalSet,
    Call(u32),
    Add,
    Sub,
    Divide,
    Drop,
    Select,
    /// Parameters, results, code.
    Block(usize, usize, Vec<Op>),
    Loop(usize, usize, Vec<Op>),
    If(usize, usize, Vec<Op>, Option<Vec<Op>>),
    Br(usize),
    BrIf(usize),
    BrTable(Vec<usize>),
    Return,
    Unreachable,
}

/// A function with two parameters.
pub struct Program {
    pub results: usize,
    pub code: Vec<Op>,
}

/// Random bytes as choices; zeros when they have run out.
struct Choices<'c> {
    bytes: std::slice::Iter<'c, u8>,
    /// How many values a jump to each label carries, the outermost first.
    labels: Vec<usize>,
}

impl Program {
    pub fn new(choices: &[u8]) -> Self {
        let mut choices = Choices { bytes: choices.iter(), labels: Vec::new() };
        let results = choices.below(4);
        choices.labels.push(results);
        let code = choices.code(0, results);
        Self { results, code }
    }

    /// As a module in text.
    pub fn text(&self) -> String {
        let mut out = String::from("(module\n");
        for (number, results) in ["", "(result i32)", "(result i32 i32)"].into_iter().enumerate() {
            out += &format!("(import \"log\" \"{number}\" (func (param i32) {results}))\n");
        }
        out += "(global (export \"g\") (mut i32) (i32.const 0))\n(func (export \"f\") (param i32 i32)";
        out += &format!("{}(local {})\n", values("result", self.results), "i32 ".repeat(LOCALS as usize - 2));
        write_code(&mut out, &self.code);
        out + "))\n"
    }
}

impl Choices<'_> {
    fn is_empty(&self) -> bool {
        self.bytes.as_slice().is_empty()
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.bytes.next().copied().unwrap_or(0)) % bound
    }

    /// Code that begins with so many values in its frame and ends with so many.
    fn code(&mut self, parameters: usize, results: usize) -> Vec<Op> {
        let (mut code, mut height) = (Vec::new(), parameters);
        while !self.is_empty() && self.below(14) != 0 {
            if !self.op(&mut code, &mut height) {
                return code;
            }
        }
        while height > results {
            code.push(if self.below(3) == 0 { Op::GlobalSet } else { Op::Drop });
            height -= 1;
        }
        code.extend((height..results).map(|value| Op::Const(value as i32)));
        code
    }

    /// Appends an operator that has its operands; whether control comes behind it.
    fn op(&mut self, code: &mut Vec<Op>, height: &mut usize) -> bool {
        let local = self.below(LOCALS as usize) as u32;
        let (op, takes, gives) = match self.below(26) {
            0 | 1 => (Op::Const(self.below(9) as i32 - 3), 0, 1),
            2..=5 => (Op::Get(local), 0, 1),
            6 | 7 => (Op::Set(local), 1, 0),
            8..=10 => (Op::Tee(local), 1, 1),
            11 => (Op::GlobalGet, 0, 1),
            12 => (Op::GlobalSet, 1, 0),
            13 => (Op::Call(0), 1, 0),
            14 | 15 => (Op::Call(1), 1, 1),
            16 => (Op::Call(2), 1, 2),
            17 => (Op::Add, 2, 1),
            18 => (Op::Sub, 2, 1),
            19 => (Op::Divide, 2, 1),
            20 => (Op::Drop, 1, 0),
            21 => (Op::Select, 3, 1),
            22 | 23 => return self.structured(code, height),
            _ => return self.jump(code, height),
        };
        if *height >= takes {
            *height = *height - takes + gives;
            code.push(op);
        } else {
            code.push(Op::Get(local));
            *height += 1;
        }
        true
    }

    fn structured(&mut self, code: &mut Vec<Op>, height: &mut usize) -> bool {
        let kind = self.below(3);
        let spare = height.saturating_sub(usize::from(kind == 2));
        if self.labels.len() > MAX_DEPTH || (kind == 2 && *height == 0) {
            return true;
        }
        let (parameters, results) = (self.below(3).min(spare), self.below(3));
        self.labels.push(if kind == 1 { parameters } else { results });
        let body = self.code(parameters, results);
        let op = match kind {
            0 => Op::Block(parameters, results, body),
            1 => Op::Loop(parameters, results, body),
            _ => {
                let other = (parameters != results || self.below(2) == 0).then(|| self.code(parameters, results));
                Op::If(parameters, results, body, other)
            }
        };
        self.labels.pop();
        *height = *height - usize::from(kind == 2) - parameters + results;
        code.push(op);
        true
    }

    fn jump(&mut self, code: &mut Vec<Op>, height: &mut usize) -> bool {
        let depth = self.below(self.labels.len());
        let carried = self.labels[self.labels.len() - 1 - depth];
        match self.below(8) {
            0 if *height >= carried => code.push(Op::Br(depth)),
            1 if *height >= self.labels[0] => code.push(Op::Return),
            2 if self.below(4) == 0 => code.push(Op::Unreachable),
            3 | 4 if *height > carried => {
                let same: Vec<_> =
                    (0..self.labels.len()).filter(|d| self.labels[self.labels.len() - 1 - d] == carried).collect();
                let count = 1 + self.below(4);
                code.push(Op::BrTable((0..count).map(|_| same[self.below(same.len())]).collect()));
            }
            5..=7 if *height > carried => {
                code.push(Op::BrIf(depth));
                *height -= 1;
                return true;
            }
            _ => return true,
        }
        false
    }
}

fn values(what: &str, count: usize) -> String {
    if count == 0 { String::new() } else { format!(" ({what}{})", " i32".repeat(count)) }
}

fn write_code(out: &mut String, code: &[Op]) {
    code.iter().for_each(|op| write_op(out, op));
}

fn write_op(out: &mut String, op: &Op) {
    let ty = |parameters: &usize, results: &usize| values("param", *parameters) + &values("result", *results);
    let line = match op {
        Op::Const(value) => format!("i32.const {value}"),
        Op::Get(local) => format!("local.get {local}"),
        Op::Set(local) => format!("local.set {local}"),
        Op::Tee(local) => format!("local.tee {local}"),
        Op::GlobalGet => "global.get 0".into(),
        Op::GlobalSet => "global.set 0".into(),
        Op::Call(function) => format!("call {function}"),
        Op::Add => "i32.add".into(),
        Op::Sub => "i32.sub".into(),
        Op::Divide => "i32.div_u".into(),
        Op::Drop => "drop".into(),
        Op::Select => "select".into(),
        Op::Br(depth) => format!("br {depth}"),
        Op::BrIf(depth) => format!("br_if {depth}"),
        Op::BrTable(depths) => depths.iter().fold("br_table".into(), |line, depth| format!("{line} {depth}")),
        Op::Return => "return".into(),
        Op::Unreachable => "unreachable".into(),
        Op::Block(parameters, results, _) => format!("block{}", ty(parameters, results)),
        Op::Loop(parameters, results, _) => format!("loop{}", ty(parameters, results)),
        Op::If(parameters, results, ..) => format!("if{}", ty(parameters, results)),
    };
    let _ = writeln!(out, "{line}");
    match op {
        Op::Block(.., code) | Op::Loop(.., code) => write_code(out, code),
        Op::If(.., first, second) => {
            write_code(out, first);
            if let Some(second) = second {
                out.push_str("else\n");
                write_code(out, second);
            }
        }
        _ => return,
    }
    out.push_str("end\n");
}
