//! The intermediate form as text, for tests.

use crate::ir::{Block, End, Function, Step, Tree};
use alloc::format;
use alloc::string::String;
use velocity_nda::module::Type;

/// Blocks in their order, with their charges, steps and ends.
pub(super) fn show(function: &Function) -> String {
    let block = |&id: &u32| format!("b{id}{}", body(&function.blocks[id as usize]));
    function.order.iter().map(block).collect()
}

fn body(block: &Block) -> String {
    let charge = match (block.charge.fuel(), block.charge.is_checked()) {
        (0, _) => String::new(),
        (fuel, true) => format!(" checks {fuel}"),
        (fuel, false) => format!(" pays {fuel}"),
    };
    let steps: String = block.steps.iter().map(|one| format!("    {}\n", step(one))).collect();
    let within = if block.within == 0 { String::new() } else { format!(" of call {}", block.within) };
    format!("{within}{charge}:\n{steps}    {}\n", end(&block.end))
}

fn step(step: &Step) -> String {
    match step {
        Step::Set { slot, ty, tree: of, .. } => format!("{} = {}", place(*slot, *ty), tree(of)),
        Step::Room { slots, at } => format!("room for {slots}, else trap at {}", at.0),
        other => format!("{other:?}"),
    }
}

fn end(end: &End) -> String {
    match end {
        End::Goto(next) => format!("goto b{next}"),
        End::If { test, then, otherwise, .. } => format!("if {} b{then} else b{otherwise}", tree(test)),
        End::Counted { fuel, closed, looped } => format!("for {} b{closed} else b{looped}", tree(fuel)),
        End::ReturnValue(value) => format!("return {}", tree(value)),
        other => format!("{other:?}"),
    }
}

fn place(slot: u32, ty: Type) -> String {
    format!("{}{slot}", if ty == Type::I64 { "w" } else { "s" })
}

fn tree(of: &Tree) -> String {
    match of {
        Tree::Slot(slot, ty) => place(*slot, *ty),
        Tree::Constant(value) => format!("{}", *value as i64),
        Tree::Unary(op, _, operand) => format!("{op:?}({})", tree(operand)),
        Tree::Binary(op, _, operands) => format!("{op:?}({}, {})", tree(&operands[0]), tree(&operands[1])),
        Tree::Divided(op, _, operands, reciprocal) => {
            format!("{op:?}({}, {} by w{reciprocal})", tree(&operands[0]), tree(&operands[1]))
        }
        Tree::Select(operands) => {
            format!("({} ? {} : {})", tree(&operands[2]), tree(&operands[0]), tree(&operands[1]))
        }
        other => format!("{other:?}"),
    }
}
