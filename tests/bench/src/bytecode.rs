//! A small machine as text books have it: instructions in a list, an operand stack, a `match` in a loop. It counts no
//! fuel.

/// An instruction.
#[derive(Clone, Copy, Debug)]
pub enum Instruction {
    /// Pushes a local.
    Get(u8),
    /// Pops into a local.
    Set(u8),
    /// Pushes a number.
    Push(i64),
    /// Adds the two on top.
    Add,
    /// Takes the top from what is below.
    Subtract,
    /// Goes to an instruction.
    Jump(u32),
    /// Pops, and goes to an instruction if that was zero.
    JumpIfZero(u32),
    /// Ends with what is on top.
    Return,
}

/// So many turns of `y = y + 1 + y + 3`; the locals are `y` and the turns that are left.
pub fn y_loop(turns: i64) -> Vec<Instruction> {
    use Instruction::{Add, Get, Jump, JumpIfZero, Push, Return, Set, Subtract};
    let (y, left) = (0, 1);
    let body = [Get(y), Push(1), Add, Get(y), Add, Push(3), Add, Set(y)];
    let count = [Get(left), Push(1), Subtract, Set(left), Jump(2)];
    let end = 2 + 2 + body.len() + count.len();
    let head = [Push(turns), Set(left), Get(left), JumpIfZero(end as u32)];
    [&head[..], &body[..], &count[..], &[Get(y), Return]].concat()
}

/// Runs it; `None` if it leaves its list or its stack.
pub fn run(code: &[Instruction]) -> Option<i64> {
    let mut locals = [0_i64; 256];
    let mut stack = [0_i64; 64];
    let (mut at, mut top) = (0, 0);
    loop {
        let instruction = *code.get(at)?;
        at += 1;
        match instruction {
            Instruction::Get(local) => {
                *stack.get_mut(top)? = locals[local as usize];
                top += 1;
            }
            Instruction::Set(local) => {
                top -= 1;
                locals[local as usize] = *stack.get(top)?;
            }
            Instruction::Push(number) => {
                *stack.get_mut(top)? = number;
                top += 1;
            }
            Instruction::Add => {
                top -= 1;
                let right = *stack.get(top)?;
                let left = stack.get_mut(top - 1)?;
                *left = left.wrapping_add(right);
            }
            Instruction::Subtract => {
                top -= 1;
                let right = *stack.get(top)?;
                let left = stack.get_mut(top - 1)?;
                *left = left.wrapping_sub(right);
            }
            Instruction::Jump(to) => at = to as usize,
            Instruction::JumpIfZero(to) => {
                top -= 1;
                if *stack.get(top)? == 0 {
                    at = to as usize;
                }
            }
            Instruction::Return => return stack.get(top - 1).copied(),
        }
    }
}
