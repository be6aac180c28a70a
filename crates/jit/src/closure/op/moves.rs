//! Values from one place to another.

use super::{A, Imm, Reg, Source, finish, register};
use crate::closure::Exit;
use crate::closure::context::Context;
use crate::exec::thread::{Cursor, Frame, Handler};
use velocity_interp::engine::Slot;

/// From a source to slot `d` or a register.
fn value<'a, const FLOAT: bool, S: Source, const SLOT: bool>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let value = S::get(at.op(), frame, register::<FLOAT>(acc, facc));
    finish::<FLOAT, SLOT>(at, frame, context, (acc, fuel, facc), value)
}

/// The handler that takes slot `a` to a register.
pub(in crate::closure) fn get(float: bool) -> Handler {
    if float { value::<true, A, false> } else { value::<false, A, false> }
}

/// The handler that takes the constant to a register.
pub(in crate::closure) fn constant(float: bool) -> Handler {
    if float { value::<true, Imm, false> } else { value::<false, Imm, false> }
}

/// The handler that takes a register to slot `d`.
pub(in crate::closure) fn put(float: bool) -> Handler {
    if float { value::<true, Reg, true> } else { value::<false, Reg, true> }
}

/// The handler that takes slot `a` to slot `d`.
pub(in crate::closure) const COPY: Handler = value::<false, A, true>;

/// The handler that takes the constant to slot `d`.
pub(in crate::closure) const SET: Handler = value::<false, Imm, true>;

/// From slot `a` to slot `d`, and then from slot `b` to slot `e`.
pub(in crate::closure) fn copies<'a>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let op = at.op();
    frame[op.d as usize].set(frame[op.a as usize].get());
    frame[op.e as usize].set(frame[op.b as usize].get());
    at.next(frame, context, acc, fuel, facc)
}

/// Sets `k` slots from slot `a` on to zero, as far as the window reaches.
pub(in crate::closure) fn zero<'a>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let op = at.op();
    for slot in frame.iter().skip(op.a as usize).take(op.k as usize) {
        slot.set(0);
    }
    at.next(frame, context, acc, fuel, facc)
}

/// The global at the address `imm`.
fn global<'a, const FLOAT: bool, const SLOT: bool>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let Some(global) = context.state.globals.get(at.op().imm as usize) else {
        return context.leave(at, fuel, Exit::Nowhere);
    };
    let value = global.value;
    finish::<FLOAT, SLOT>(at, frame, context, (acc, fuel, facc), value)
}

/// The handler that takes the global at the address `imm` to slot `d` or a register.
pub(in crate::closure) fn get_global(float: bool, slot: bool) -> Handler {
    match (float, slot) {
        (true, false) => global::<true, false>,
        (false, false) => global::<false, false>,
        (_, true) => global::<false, true>,
    }
}

fn put_global<'a, const FLOAT: bool, S: Source>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let value = S::get(at.op(), frame, register::<FLOAT>(acc, facc));
    let Some(global) = context.state.globals.get_mut(at.op().imm as usize) else {
        return context.leave(at, fuel, Exit::Nowhere);
    };
    global.value = value;
    at.next(frame, context, acc, fuel, facc)
}

/// The handler that sets the global at the address `imm` to slot `a` or a register.
pub(in crate::closure) fn set_global(float: bool, slot: bool) -> Handler {
    match (float, slot) {
        (_, true) => put_global::<false, A>,
        (false, false) => put_global::<false, Reg>,
        (true, false) => put_global::<true, Reg>,
    }
}

/// How many pages memory has.
pub(in crate::closure) fn memory_size<'a>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    _: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let pages = context.memory.pages();
    at.next(frame, context, pages.into(), fuel, facc)
}

/// Slot `a` if the register is not zero, else slot `b`.
fn choice<'a, const FLOAT: bool, const SLOT: bool>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let op = at.op();
    let (one, two) = (frame[op.a as usize].get(), frame[op.b as usize].get());
    let chosen = core::hint::select_unpredictable(acc as u32 != 0, one, two);
    finish::<FLOAT, SLOT>(at, frame, context, (acc, fuel, facc), chosen)
}

/// The handler that chooses one of two slots by a register, for a slot or a register.
pub(in crate::closure) fn select(float: bool, slot: bool) -> Handler {
    match (float, slot) {
        (_, true) => choice::<false, true>,
        (false, false) => choice::<false, false>,
        (true, false) => choice::<true, false>,
    }
}
