//! What operations do: a [`Handler`](crate::exec::thread::Handler) for each kind of operation and kinds of its operands.
//!
//! Operands are slots of the window (`a`, `b`), a constant (`imm`), or what stands in a register: whole numbers and binary32s in `acc`,
//! binary64s in `facc`. Results go to the slot `d` or stay in a register. What fails or is rare is left to functions of the same
//! shape, so that the way through a handler saves and restores nothing.

pub(super) mod access;
pub(super) mod binary;
pub(super) mod branch;
pub(super) mod call;
pub(super) mod moves;
pub(super) mod unary;

use super::context::Context;
use crate::closure::Exit;
use crate::exec::thread::{Cursor, Frame, Op};
use velocity_interp::engine::Slot;

/// Where an operand is.
pub(super) trait Source: 'static {
    /// The operand; `register` holds its type's.
    fn get(op: &Op, frame: &Frame, register: Slot) -> Slot;
}

/// In slot `a`.
pub(super) struct A;

/// In slot `b`.
pub(super) struct B;

/// In the operation.
pub(super) struct Imm;

/// In the operation, as 32 bits with a sign.
pub(super) struct Short;

/// In its register.
pub(super) struct Reg;

impl Source for A {
    #[inline(always)]
    fn get(op: &Op, frame: &Frame, _: Slot) -> Slot {
        frame[op.a as usize].get()
    }
}

impl Source for B {
    #[inline(always)]
    fn get(op: &Op, frame: &Frame, _: Slot) -> Slot {
        frame[op.b as usize].get()
    }
}

impl Source for Imm {
    #[inline(always)]
    fn get(op: &Op, _: &Frame, _: Slot) -> Slot {
        op.imm
    }
}

impl Source for Short {
    #[inline(always)]
    fn get(op: &Op, _: &Frame, _: Slot) -> Slot {
        i64::from(op.imm as i32) as Slot
    }
}

impl Source for Reg {
    #[inline(always)]
    fn get(_: &Op, _: &Frame, register: Slot) -> Slot {
        register
    }
}

/// Puts a result where it belongs, and goes on: to slot `d`, or to the register of its type.
#[inline(always)]
fn finish<'a, const FLOAT: bool, const SLOT: bool>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    (acc, fuel, facc): (Slot, i64, f64),
    result: Slot,
) -> Exit {
    if SLOT {
        frame[at.op().d as usize].set(result);
        at.next(frame, context, acc, fuel, facc)
    } else if FLOAT {
        at.next(frame, context, acc, fuel, f64::from_bits(result))
    } else {
        at.next(frame, context, result, fuel, facc)
    }
}

/// The register of a type of operands.
#[inline(always)]
const fn register<const FLOAT: bool>(acc: Slot, facc: f64) -> Slot {
    if FLOAT { facc.to_bits() } else { acc }
}
