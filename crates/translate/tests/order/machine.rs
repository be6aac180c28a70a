//! A stack machine of the plainest sort: one vector of values, code walked as it is written.

use crate::program::{LOCALS, Op, Program};

/// Operators that a program may take.
const MAX_STEPS: u32 = 20_000;

/// How a program ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    Returned(Vec<i32>),
    Unreachable,
    DivideByZero,
}

/// Why code was left early.
enum Leave {
    /// For the label of this depth.
    Jump(usize),
    Return,
    Trap(End),
    /// It takes too long.
    GiveUp,
}

pub struct Machine {
    stack: Vec<i32>,
    locals: [i32; LOCALS as usize],
    pub global: i32,
    /// Calls of host functions: which, and with what.
    pub log: Vec<(u32, i32)>,
    steps: u32,
    results: usize,
}

/// What a host function does and gives.
pub fn call(log: &mut Vec<(u32, i32)>, function: u32, argument: i32) -> Vec<i32> {
    log.push((function, argument));
    match function {
        0 => vec![],
        1 => vec![argument.wrapping_add(1)],
        _ => vec![argument, log.len() as i32],
    }
}

impl Machine {
    pub fn new(program: &Program, arguments: &[i32; 2]) -> Self {
        let mut locals = [0; LOCALS as usize];
        locals[..2].copy_from_slice(arguments);
        Self { stack: Vec::new(), locals, global: 0, log: Vec::new(), steps: 0, results: program.results }
    }

    /// Runs to the end; `None` if that takes too long.
    pub fn run(&mut self, program: &Program) -> Option<End> {
        match self.code(&program.code) {
            Ok(()) | Err(Leave::Jump(_) | Leave::Return) => {
                Some(End::Returned(self.stack.split_off(self.stack.len() - self.results)))
            }
            Err(Leave::Trap(end)) => Some(end),
            Err(Leave::GiveUp) => None,
        }
    }

    fn code(&mut self, code: &[Op]) -> Result<(), Leave> {
        code.iter().try_for_each(|op| self.op(op))
    }

    fn pop(&mut self) -> i32 {
        self.stack.pop().expect("the code is valid")
    }

    /// Code with a label that a jump carries so many values to; whether the jump came.
    fn labelled(&mut self, base: usize, carried: usize, code: &[Op]) -> Result<bool, Leave> {
        match self.code(code) {
            Err(Leave::Jump(0)) => {
                let values = self.stack.split_off(self.stack.len() - carried);
                self.stack.truncate(base);
                self.stack.extend(values);
                Ok(true)
            }
            Err(Leave::Jump(depth)) => Err(Leave::Jump(depth - 1)),
            other => other.map(|()| false),
        }
    }

    fn op(&mut self, op: &Op) -> Result<(), Leave> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Leave::GiveUp);
        }
        match op {
            Op::Const(value) => self.stack.push(*value),
            Op::Get(local) => self.stack.push(self.locals[*local as usize]),
            Op::Set(local) => self.locals[*local as usize] = self.pop(),
            Op::Tee(local) => {
                let value = self.pop();
                self.locals[*local as usize] = value;
                self.stack.push(value);
            }
            Op::GlobalGet => self.stack.push(self.global),
            Op::GlobalSet => self.global = self.pop(),
            Op::Call(function) => {
                let argument = self.pop();
                let results = call(&mut self.log, *function, argument);
                self.stack.extend(results);
            }
            Op::Drop => {
                self.pop();
            }
            Op::Add | Op::Sub | Op::Divide | Op::Select => return self.number(op),
            Op::Br(depth) => return Err(Leave::Jump(*depth)),
            Op::BrIf(depth) if self.pop() != 0 => return Err(Leave::Jump(*depth)),
            Op::BrIf(_) => {}
            Op::BrTable(depths) => {
                let index = self.pop() as u32 as usize;
                return Err(Leave::Jump(depths[index.min(depths.len() - 1)]));
            }
            Op::Return => return Err(Leave::Return),
            Op::Unreachable => return Err(Leave::Trap(End::Unreachable)),
            Op::Block(parameters, results, code) => {
                self.labelled(self.stack.len() - parameters, *results, code)?;
            }
            Op::Loop(parameters, _, code) => {
                let base = self.stack.len() - parameters;
                while self.labelled(base, *parameters, code)? {}
            }
            Op::If(parameters, results, first, second) => {
                let code = if self.pop() != 0 { Some(first) } else { second.as_ref() };
                let base = self.stack.len() - parameters;
                self.labelled(base, *results, code.map_or(&[], |code| code))?;
            }
        }
        Ok(())
    }

    fn number(&mut self, op: &Op) -> Result<(), Leave> {
        let (second, first) = (self.pop(), self.pop());
        let value = match op {
            Op::Add => first.wrapping_add(second),
            Op::Sub => first.wrapping_sub(second),
            Op::Select => {
                let other = self.pop();
                if second != 0 { other } else { first }
            }
            _ if second == 0 => return Err(Leave::Trap(End::DivideByZero)),
            _ => (first as u32 / second as u32) as i32,
        };
        self.stack.push(value);
        Ok(())
    }
}
