//! Loads and stores.
//!
//! An address is made of slots `a` and `b`, the register and the lower half of `imm`, modulo 2^32; the upper half of `imm` is the
//! offset from it. What is not found on the heap, because it is out of bounds or because a storage of another engine holds the bytes,
//! is looked for out of the way.

use super::finish;
use crate::closure::Exit;
use crate::closure::context::Context;
use crate::exec::thread::{Cursor, Frame, Handler, Op};
use velocity_interp::TrapKind;
use velocity_interp::engine::Slot;
use velocity_nda::module::{LoadOp, StoreOp};

/// How an address is made. `Scaled` and `Indexed` shift by what the access's bytes are a power of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::closure) enum Address {
    /// The constant.
    Fixed,
    /// Slot `a` and the constant.
    Slot,
    /// The register and the constant.
    Register,
    /// Slots `a` and `b`, and the constant.
    Sum,
    /// Slot `a`, slot `b` shifted, and the constant.
    Indexed,
    /// Slot `b` shifted and the constant.
    Scaled,
    /// The register shifted and the constant.
    RegisterScaled,
    /// The register, slot `b` and the constant.
    RegisterSlot,
}

trait Place: 'static {
    fn of<const SHIFT: u32>(op: &Op, frame: &Frame, acc: Slot) -> u32;
}

macro_rules! places {
    ($($name:ident |$op:ident, $frame:ident, $acc:ident, $shift:ident| $sum:expr;)+) => {
        $(struct $name;

        impl Place for $name {
            #[inline(always)]
            fn of<const SHIFT: u32>($op: &Op, $frame: &Frame, $acc: Slot) -> u32 {
                let $shift = SHIFT;
                let sum: u32 = $sum;
                sum.wrapping_add($op.imm as u32)
            }
        })+
    };
}

#[inline(always)]
fn slot(frame: &Frame, number: u8) -> u32 {
    frame[number as usize].get() as u32
}

places! {
    Fixed |_op, _frame, _acc, _shift| 0;
    OfSlot |op, frame, _acc, _shift| slot(frame, op.a);
    OfRegister |_op, _frame, acc, _shift| acc as u32;
    Sum |op, frame, _acc, _shift| slot(frame, op.a).wrapping_add(slot(frame, op.b));
    Indexed |op, frame, _acc, shift| slot(frame, op.a).wrapping_add(slot(frame, op.b) << shift);
    Scaled |op, frame, _acc, shift| slot(frame, op.b) << shift;
    RegisterScaled |_op, _frame, acc, shift| (acc as u32) << shift;
    RegisterSlot |op, frame, acc, _shift| (acc as u32).wrapping_add(slot(frame, op.b));
}

const fn load_op<const OP: u8>() -> LoadOp {
    match LoadOp::of_code(OP) {
        Some(op) => op,
        None => panic!("no such load"),
    }
}

const fn store_op<const OP: u8>() -> StoreOp {
    match StoreOp::of_code(OP) {
        Some(op) => op,
        None => panic!("no such store"),
    }
}

/// In `k` of a load: it goes to a slot; it goes to the register of binary64s.
pub(in crate::closure) const TO_SLOT: u32 = 1;
pub(in crate::closure) const TO_FLOAT: u32 = 2;

fn load<'a, const OP: u8, P: Place, const FLOAT: bool, const SLOT: bool>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let op = const { load_op::<OP>() };
    let address = match op.bytes() {
        4 => P::of::<2>(at.op(), frame, acc),
        8 => P::of::<3>(at.op(), frame, acc),
        2 => P::of::<1>(at.op(), frame, acc),
        _ => P::of::<0>(at.op(), frame, acc),
    };
    match context.memory.load_from_heap(op, address.into(), (at.op().imm >> 32) as u32) {
        Some(value) => finish::<FLOAT, SLOT>(at, frame, context, (acc, fuel, facc), value),
        None => load_elsewhere(at, frame, context, address.into(), fuel, facc),
    }
}

/// The load whose code is `e`, wherever the memory's bytes are.
#[cold]
#[inline(never)]
fn load_elsewhere<'a>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    address: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let op = at.op();
    let loaded = LoadOp::of_code(op.e).ok_or(TrapKind::MemoryBounds);
    match loaded.and_then(|load| context.memory.load(load, address, (op.imm >> 32) as u32)) {
        Ok(value) if op.k & TO_SLOT != 0 => {
            frame[op.d as usize].set(value);
            at.next(frame, context, 0, fuel, facc)
        }
        Ok(value) if op.k & TO_FLOAT != 0 => at.next(frame, context, 0, fuel, f64::from_bits(value)),
        Ok(value) => at.next(frame, context, value, fuel, facc),
        Err(kind) => context.fail(at, fuel, kind),
    }
}

/// A load whose code is `e`, from the register and the constant, to the register of whole numbers.
fn any_load<'a>(at: Cursor<'a>, frame: &'a Frame, context: &mut Context<'a>, acc: Slot, fuel: i64, facc: f64) -> Exit {
    let address = OfRegister::of::<0>(at.op(), frame, acc);
    load_elsewhere(at, frame, context, address.into(), fuel, facc)
}

/// Where what is stored comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::closure) enum Stored {
    /// Slot `e`.
    Slot,
    /// The register of whole numbers.
    Register,
    /// The register of binary64s.
    Float,
    /// `k`, with a sign.
    Constant,
}

trait Given: 'static {
    fn get(op: &Op, frame: &Frame, acc: Slot, facc: f64) -> Slot;
}

struct InSlot;
struct InRegister;
struct InFloat;
struct InOp;

impl Given for InSlot {
    #[inline(always)]
    fn get(op: &Op, frame: &Frame, _: Slot, _: f64) -> Slot {
        frame[op.e as usize].get()
    }
}

impl Given for InRegister {
    #[inline(always)]
    fn get(_: &Op, _: &Frame, acc: Slot, _: f64) -> Slot {
        acc
    }
}

impl Given for InFloat {
    #[inline(always)]
    fn get(_: &Op, _: &Frame, _: Slot, facc: f64) -> Slot {
        facc.to_bits()
    }
}

impl Given for InOp {
    #[inline(always)]
    fn get(op: &Op, _: &Frame, _: Slot, _: f64) -> Slot {
        i64::from(op.k as i32) as Slot
    }
}

fn store<'a, const OP: u8, P: Place, G: Given>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    acc: Slot,
    fuel: i64,
    facc: f64,
) -> Exit {
    let op = const { store_op::<OP>() };
    let address = match op.bytes() {
        4 => P::of::<2>(at.op(), frame, acc),
        8 => P::of::<3>(at.op(), frame, acc),
        2 => P::of::<1>(at.op(), frame, acc),
        _ => P::of::<0>(at.op(), frame, acc),
    };
    let value = G::get(at.op(), frame, acc, facc);
    match context.memory.store_to_heap(op, address.into(), (at.op().imm >> 32) as u32, value) {
        Some(()) => at.next(frame, context, acc, fuel, facc),
        None => store_elsewhere(at, frame, context, value, fuel, address),
    }
}

/// The store whose code is `d`, wherever the memory's bytes are.
#[cold]
#[inline(never)]
fn store_elsewhere<'a>(
    at: Cursor<'a>,
    frame: &'a Frame,
    context: &mut Context<'a>,
    value: Slot,
    fuel: i64,
    address: u32,
) -> Exit {
    let op = at.op();
    let stored = StoreOp::of_code(op.d).ok_or(TrapKind::MemoryBounds);
    match stored.and_then(|store| context.memory.store(store, address.into(), (op.imm >> 32) as u32, value)) {
        Ok(()) => at.next(frame, context, 0, fuel, 0.0),
        Err(kind) => context.fail(at, fuel, kind),
    }
}

fn load_at<const OP: u8, const FLOAT: bool, const SLOT: bool>(address: Address) -> Handler {
    match address {
        Address::Fixed => load::<OP, Fixed, FLOAT, SLOT>,
        Address::Slot => load::<OP, OfSlot, FLOAT, SLOT>,
        Address::Register => load::<OP, OfRegister, FLOAT, SLOT>,
        Address::Sum => load::<OP, Sum, FLOAT, SLOT>,
        Address::Indexed => load::<OP, Indexed, FLOAT, SLOT>,
        Address::Scaled => load::<OP, Scaled, FLOAT, SLOT>,
        Address::RegisterScaled => load::<OP, RegisterScaled, FLOAT, SLOT>,
        Address::RegisterSlot => load::<OP, RegisterSlot, FLOAT, SLOT>,
    }
}

/// The handler of a load to slot `d` or a register; `None` if there is none for it.
pub(in crate::closure) fn loading(op: LoadOp, address: Address, slot: bool) -> Option<Handler> {
    use LoadOp as Op;
    Some(match (op, slot) {
        (Op::I32Load | Op::F32Load | Op::I64Load32U, false) => load_at::<{ Op::I32Load.code() }, false, false>(address),
        (Op::I32Load | Op::F32Load | Op::I64Load32U, true) => load_at::<{ Op::I32Load.code() }, false, true>(address),
        (Op::I32Load8U | Op::I64Load8U, false) => load_at::<{ Op::I32Load8U.code() }, false, false>(address),
        (Op::I32Load8U | Op::I64Load8U, true) => load_at::<{ Op::I32Load8U.code() }, false, true>(address),
        (Op::I32Load16U | Op::I64Load16U, false) => load_at::<{ Op::I32Load16U.code() }, false, false>(address),
        (Op::I64Load, false) => load_at::<{ Op::I64Load.code() }, false, false>(address),
        (Op::F64Load, false) => load_at::<{ Op::F64Load.code() }, true, false>(address),
        (Op::I64Load | Op::F64Load, true) => load_at::<{ Op::I64Load.code() }, false, true>(address),
        _ => return None,
    })
}

/// The handler of any load of whole numbers, from a register to a register.
pub(in crate::closure) const ANY_LOAD: Handler = any_load;

fn store_at<const OP: u8, G: Given>(address: Address) -> Handler {
    match address {
        Address::Fixed => store::<OP, Fixed, G>,
        Address::Slot => store::<OP, OfSlot, G>,
        Address::Register => store::<OP, OfRegister, G>,
        Address::Sum => store::<OP, Sum, G>,
        Address::Indexed => store::<OP, Indexed, G>,
        Address::Scaled => store::<OP, Scaled, G>,
        Address::RegisterScaled => store::<OP, RegisterScaled, G>,
        Address::RegisterSlot => store::<OP, RegisterSlot, G>,
    }
}

fn stored<const OP: u8>(address: Address, stored: Stored) -> Handler {
    match stored {
        Stored::Slot => store_at::<OP, InSlot>(address),
        Stored::Constant => store_at::<OP, InOp>(address),
        Stored::Float => store_at::<OP, InFloat>(address),
        Stored::Register => store_at::<OP, InRegister>(address),
    }
}

/// The handler of a store. Only one of address and value is in a register of whole numbers, and only 64 bits come from the other register.
pub(in crate::closure) fn storing(op: StoreOp, address: Address, value: Stored) -> Handler {
    use StoreOp as Op;
    match op {
        Op::I32Store | Op::F32Store | Op::I64Store32 => stored::<{ Op::I32Store.code() }>(address, value),
        Op::I64Store | Op::F64Store => stored::<{ Op::I64Store.code() }>(address, value),
        Op::I32Store8 | Op::I64Store8 => stored::<{ Op::I32Store8.code() }>(address, value),
        Op::I32Store16 | Op::I64Store16 => stored::<{ Op::I32Store16.code() }>(address, value),
    }
}
