//! Calls and returns.

use crate::closure::Exit;
use crate::closure::context::{Context, Waiting};
use crate::exec::thread::{Cursor, Frame};
use core::cell::Cell;
use velocity_interp::TrapKind;
use velocity_interp::engine::{Slot, callee};
use velocity_nda::module::{SigId, TableId};

/// Calls the function at the address in the lower half of `imm`, whose frame begins at the slot of number `k`, to go on at the operation
/// whose number is the upper half.
pub(in crate::closure) fn call<'a>(
    at: Cursor<'a>,
    _: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let imm = at.op().imm;
    enter(at, context, (acc, fuel, facc), imm as u32, (imm >> 32) as u32)
}

/// Calls the function that a table has at the index in the slot whose number is `a`, `b`, `d` and `e`. `imm` is the table, and in its
/// upper half the signature. The index is not in a register, as the operation is done again after a stop.
pub(in crate::closure) fn indirect<'a>(
    at: Cursor<'a>,
    _: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let Some(function) = context.known(context.function) else { return context.leave(at, fuel, Exit::Nowhere) };
    let instance = &context.fixed.instances[function.instance.index()];
    let op = at.op();
    let what = (SigId((op.imm >> 32) as u32), TableId(op.imm as u32));
    let slot = context.base + u32::from_le_bytes([op.a, op.b, op.d, op.e]);
    let index = context.stack.get(slot as usize).map_or(0, Cell::get);
    match callee(context.fixed, context.state, instance, what, index as u32) {
        Ok(callee) => enter(at, context, (acc, fuel, facc), callee.index() as u32, function.code.number(at) + 1),
        Err(kind) => context.fail(at, fuel, kind),
    }
}

#[inline(always)]
fn enter<'a>(
    at: Cursor<'a>,
    context: &mut Context<'a>,
    (acc, fuel, facc): (Slot, i64, f64),
    address: u32,
    next: u32,
) -> Exit {
    let Some(function) = context.known(address) else {
        return stop(at, context, fuel, address, Exit::Find);
    };
    if function.slots > context.spare_slots {
        return overflow(at, context, fuel);
    }
    if function.memory != context.held {
        return stop(at, context, fuel, address, Exit::Switch);
    }
    let base = context.base + at.op().k;
    let (Some(waiting), Some(frame)) = (context.waiting.get(context.depth), context.frame(base)) else {
        return stop(at, context, fuel, address, Exit::Grow);
    };
    waiting.set(Waiting { function: context.function, at: next, base: context.base });
    context.depth += 1;
    context.spare_slots -= function.slots;
    (context.function, context.base) = (address, base);
    if function.count() {
        return time(context, fuel);
    }
    function.code.run(0, frame, context, acc, fuel, facc)
}

/// Stops at the first operation of a function that was called, for the call to be timed.
#[cold]
#[inline(never)]
fn time(context: &mut Context<'_>, fuel: i64) -> Exit {
    (context.at, context.fuel) = (0, fuel);
    core::hint::black_box(Exit::Time)
}

#[cold]
#[inline(never)]
fn stop<'a>(at: Cursor<'a>, context: &mut Context<'a>, fuel: i64, wanted: u32, exit: Exit) -> Exit {
    context.wanted = wanted;
    context.leave(at, fuel, exit)
}

#[cold]
#[inline(never)]
fn overflow<'a>(at: Cursor<'a>, context: &mut Context<'a>, fuel: i64) -> Exit {
    context.fail(at, fuel, TrapKind::StackOverflow)
}

/// Calls the host's function at the address `imm`, with arguments from the slot of number `k` on.
pub(in crate::closure) fn host<'a>(
    at: Cursor<'a>,
    _: &'a Frame,
    context: &mut Context<'a>,
    _: Slot,
    fuel: i64,
    _: f64,
) -> Exit {
    stop(at, context, fuel, at.op().imm as u32, Exit::Ask)
}

/// Returns. The results are at the start of the frame; `imm` is what the call took of the limit.
pub(in crate::closure) fn give<'a>(
    at: Cursor<'a>,
    _: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    if context.depth == context.timed {
        return context.leave(at, fuel, Exit::Took);
    }
    let depth = context.depth.wrapping_sub(1);
    let Some(caller) = context.waiting.get(depth).map(Cell::get) else {
        return context.leave(at, fuel, Exit::Returned);
    };
    let (Some(function), Some(frame)) = (context.known(caller.function), context.frame(caller.base)) else {
        return context.leave(at, fuel, Exit::Nowhere);
    };
    if function.memory != context.held {
        return stop(at, context, fuel, caller.function, Exit::Switch);
    }
    context.depth = depth;
    context.spare_slots += at.op().imm as u32;
    (context.function, context.base) = (caller.function, caller.base);
    function.code.run(caller.at as usize, frame, context, acc, fuel, facc)
}

/// Leaves what is at this operation to others.
pub(in crate::closure) fn rare<'a>(
    at: Cursor<'a>,
    _: &'a Frame,
    context: &mut Context<'a>,
    _: Slot,
    fuel: i64,
    _: f64,
) -> Exit {
    context.leave(at, fuel, Exit::Rare)
}

/// Stops and goes on with the next operation.
pub(in crate::closure) fn rest<'a>(
    at: Cursor<'a>,
    _: &'a Frame,
    context: &mut Context<'a>,
    _: Slot,
    fuel: i64,
    _: f64,
) -> Exit {
    let exit = context.leave(at, fuel, Exit::Again);
    context.at += 1;
    exit
}
