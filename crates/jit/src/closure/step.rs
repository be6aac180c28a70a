//! Closures for statements.

use super::code::{Context, Step};
use super::source::{Held, Made, Maker, Source, address};
use super::value::{Put, compile, value};
use crate::ir::Tree;
use alloc::boxed::Box;
use velocity_interp::engine::{Asking, Bulk, Range, Slot, ask};
use velocity_interp::{FunctionAddress, InstanceId, TrapKind};
use velocity_nda::module::{DataId, ElementId, Expr, ExprId, StoreOp};

/// Sets a slot.
pub(super) fn set(slot: u32, tree: Tree, traps: bool) -> Step {
    compile(tree, traps, Put(slot))
}

/// Evaluates for the sake of the trap.
pub(super) fn evaluate(tree: Tree) -> Step {
    let value = value(tree);
    Box::new(move |c, f| {
        value(c, f);
        c.failed()
    })
}

/// Sets the global at an address.
pub(super) fn set_global(global: u32, tree: Tree) -> Step {
    let (global, value) = (global as usize, value(tree));
    Box::new(move |c, f| {
        let value = value(c, f);
        if c.failed() {
            return true;
        }
        c.state.globals[global].value = value;
        false
    })
}

const fn store_op<const OP: u8>() -> StoreOp {
    match StoreOp::of_code(OP) {
        Some(op) => op,
        None => panic!("no such store"),
    }
}

#[inline(always)]
fn write<const OP: u8>(c: &mut Context<'_>, address: Slot, (offset, at): (u32, ExprId), value: Slot) -> bool {
    match c.memory.store(const { store_op::<OP>() }, address, offset, value) {
        Ok(()) => false,
        Err(kind) => {
            c.trap(kind, at);
            true
        }
    }
}

/// A store of a kind, of what comes from a source; whether an operand can trap.
struct Storing<const OP: u8, V>((u32, ExprId), V, bool);

impl<const OP: u8, V: Source> Maker for Storing<OP, V> {
    type Made = Step;

    fn make<A: Source>(self, address: A) -> Step {
        let Self(place, stored, traps) = self;
        if traps {
            return Box::new(move |c, f| {
                let (address, stored) = (address.get(c, f), stored.get(c, f));
                c.failed() || write::<OP>(c, address, place, stored)
            });
        }
        Box::new(move |c, f| {
            let (address, stored) = (address.get(c, f), stored.get(c, f));
            write::<OP>(c, address, place, stored)
        })
    }
}

fn store_at<const OP: u8>(place: (u32, ExprId), [to, stored]: [Tree; 2], traps: bool) -> Step {
    match stored {
        Tree::Slot(slot, _) => address(to, Storing::<OP, _>(place, Held(slot as usize), traps)),
        stored => address(to, Storing::<OP, _>(place, Made(value(stored)), traps)),
    }
}

/// A store; `traps` says whether an operand can.
pub(super) fn store((op, offset): (StoreOp, u32), at: ExprId, operands: [Tree; 2], traps: bool) -> Step {
    let place = (offset, at);
    macro_rules! stores {
        ([$($name:ident)+]) => {
            match op {
                $(StoreOp::$name => store_at::<{ StoreOp::$name.code() }>(place, operands, traps),)+
            }
        };
    }
    stores!([I32Store I64Store F32Store F64Store I32Store8 I32Store16 I64Store8 I64Store16 I64Store32])
}

/// An operation on a range, whose three operands are in slots from `base` on.
pub(super) fn bulk(expr: Expr, at: ExprId, instance: InstanceId, base: u32) -> Step {
    let base = base as usize;
    Box::new(move |c, f| {
        let range = Range { to: f[base] as u32, from: f[base + 1] as u32, len: f[base + 2] as u32 };
        let done = with_store(c, instance, |mut operation| operation.range(expr, range));
        done.map_err(|kind| c.trap(kind, at)).is_err()
    })
}

/// `memory.grow`: the pages are in a slot, where the result goes.
pub(super) fn grow(at: ExprId, instance: InstanceId, slot: u32) -> Step {
    let slot = slot as usize;
    Box::new(move |c, f| {
        let pages = f[slot] as u32;
        match with_store(c, instance, |mut operation| operation.grow(pages)) {
            Ok(old) => f[slot] = old,
            Err(kind) => {
                c.trap(kind, at);
            }
        }
        c.failed()
    })
}

fn with_store<T>(
    c: &mut Context<'_>,
    id: InstanceId,
    action: impl FnOnce(Bulk<'_>) -> Result<T, TrapKind>,
) -> Result<T, TrapKind> {
    c.whole(|c| {
        let instance = &c.fixed.instances[id.index()];
        action(Bulk { id, instance, state: c.state, account: &mut c.account })
    })
}

/// `data.drop`.
pub(super) fn drop_data(instance: InstanceId, data: DataId) -> Step {
    Box::new(move |c, _| {
        c.state.dropped[instance.index()].data[data.0 as usize] = true;
        false
    })
}

/// `elem.drop`.
pub(super) fn drop_element(instance: InstanceId, element: ElementId) -> Step {
    Box::new(move |c, _| {
        c.state.dropped[instance.index()].elements[element.0 as usize] = true;
        false
    })
}

/// There is no room for what was inlined: nothing is, where closures are made.
pub(super) fn no_room(at: ExprId) -> Step {
    Box::new(move |c, _| {
        c.trap(TrapKind::StackOverflow, at);
        true
    })
}

/// A call of a host function, whose arguments are in slots from `base` on, where the results go.
pub(super) fn host(called: FunctionAddress, at: ExprId, caller: InstanceId, base: u32) -> Step {
    let base = base as usize;
    Box::new(move |c, f| {
        let asked = c.whole(|c| {
            let called = &c.fixed.functions[called.index()];
            let window = &mut f[base..];
            ask(
                &mut Asking::default(),
                (c.fixed, &mut *c.state, &mut *c.host),
                &mut c.account,
                called,
                Some(caller),
                window,
            )
        });
        asked.map_err(|kind| c.trap(kind, at)).is_err()
    })
}
