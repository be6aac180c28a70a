//! Compiled functions, and what their operations share.

use crate::exec::thread::{Code, Cursor, Frame, WINDOW};
use crate::ir;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::cell::Cell;
use core::fmt;
use core::sync::atomic::{AtomicU32, Ordering};
use velocity_interp::engine::{Charge, Fixed, Slot, State};
use velocity_interp::{InstanceId, Memory, TrapKind};
use velocity_nda::module::{ExprId, FuncId, Key};

/// Why operations stop going on to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing: go on at [`Context::at`]. So the host's stack does not grow where calls are not made jumps.
    Again,
    /// The block whose charge is at [`Context::at`] costs more than the fuel at hand.
    Pay,
    /// What is at [`Context::at`] is not the operations' to do.
    Rare,
    /// The function at [`Context::wanted`] is not known.
    Find,
    /// The host's function at [`Context::wanted`] is called, with arguments from the slot of the operation's `k` on.
    Ask,
    /// There are too few slots, or too little room for calls, for another call.
    Grow,
    /// The memory of the function at [`Context::wanted`] has to be at hand.
    Switch,
    /// A call of the current function that is to be timed begins.
    Time,
    /// A call that was timed returns, at [`Context::at`].
    Took,
    /// So much fuel was spent that somebody shall be asked. No operation says so, nor what follows.
    Hot,
    /// The block whose charge is at [`Context::at`] is the head of a loop, and one is looked for.
    Head,
    /// The first function returned.
    Returned,
    /// The operation at [`Context::at`] failed: [`Context::fault`].
    Trap,
    /// The end of the code: the function was too long.
    Nowhere,
}

/// A call that was made and waits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waiting {
    /// The address of the function.
    pub(super) function: u32,
    /// The operation where it goes on.
    pub(super) at: u32,
    /// Where its frame begins.
    pub(super) base: u32,
}

/// What operations share.
pub(crate) struct Context<'a> {
    /// The memory of the current instance, taken out of the store from where `held` says; else empty.
    pub(super) memory: Memory,
    pub(super) held: u32,
    pub(super) fixed: &'a Fixed,
    pub(super) state: &'a mut State,
    /// Compiled functions by address, as far as they are known.
    pub(super) functions: &'a [Option<Arc<Function>>],
    pub(super) stack: &'a [Cell<Slot>],
    /// Calls that wait, and how many of them there are.
    pub(super) waiting: &'a [Cell<Waiting>],
    pub(super) depth: usize,
    /// The address of the current function, and where its frame begins.
    pub(super) function: u32,
    pub(super) base: u32,
    /// How many calls wait for the one that is timed and returns next; more than there can be if none is.
    pub(super) timed: usize,
    /// What calls may still take.
    pub(super) spare_slots: u32,
    /// The fuel of the slice beyond what operations hand on.
    pub(super) reserve: i64,
    /// The fuel that was handed on when operations stopped.
    pub(super) fuel: i64,
    /// The operation where they stopped.
    pub(super) at: u32,
    pub(super) wanted: u32,
    pub(super) fault: TrapKind,
}

impl<'a> Context<'a> {
    /// Takes the memory at this address out of the store.
    pub(super) fn hold(&mut self, memory: u32) {
        if let Some(place) = self.state.memories.get_mut(memory as usize) {
            core::mem::swap(&mut self.memory, place);
        }
        self.held = memory;
    }

    /// Puts the memory back.
    pub(super) fn release(&mut self) {
        if let Some(place) = self.state.memories.get_mut(self.held as usize) {
            core::mem::swap(&mut self.memory, place);
        }
        self.held = NO_MEMORY;
    }

    /// The function at an address, if it is known.
    #[inline(always)]
    pub(super) fn known(&self, address: u32) -> Option<&'a Function> {
        self.functions.get(address as usize)?.as_deref()
    }

    /// The frame that begins at a slot; `None` if there are not as many slots.
    #[inline(always)]
    pub(super) fn frame(&self, base: u32) -> Option<&'a Frame> {
        let base = base as usize;
        self.stack.get(base..base + WINDOW)?.first_chunk()
    }

    /// The number of an operation of the current function.
    pub(super) fn number(&self, at: Cursor<'a>) -> u32 {
        self.known(self.function).map_or(0, |function| function.code.number(at))
    }

    /// Stops at an operation. The compiler shall not know what comes of this, or handlers would no longer end in a jump to it.
    #[cold]
    #[inline(never)]
    pub(super) fn leave(&mut self, at: Cursor<'a>, fuel: i64, exit: Exit) -> Exit {
        self.at = self.number(at);
        self.fuel = fuel;
        core::hint::black_box(exit)
    }

    /// Stops because an operation failed.
    #[cold]
    #[inline(never)]
    pub(super) fn fail(&mut self, at: Cursor<'a>, fuel: i64, kind: TrapKind) -> Exit {
        self.fault = kind;
        self.leave(at, fuel, Exit::Trap)
    }
}

/// What is left to [`super::rare`], at an operation that stops for it.
#[derive(Debug)]
pub(super) enum Rare {
    Step(ir::Step),
    /// Evaluates a tree, which goes where values stand in registers.
    Value(ir::Tree),
    /// Moves so many slots from this one on to the start of the frame.
    Results(u32, u32),
    /// Sets so many slots from this one on to zero.
    Clear(u32, u32),
    Trap(TrapKind, ExprId),
}

/// Where the memory of a function that has none would be.
pub(super) const NO_MEMORY: u32 = u32::MAX;

/// A compiled function.
pub(crate) struct Function {
    pub(super) code: Code,
    /// What a call takes of the limit.
    pub(super) slots: u32,
    /// How many slots there have to be from the start of its frame on.
    pub(super) room: u32,
    /// The address of its memory, or [`NO_MEMORY`].
    pub(super) memory: u32,
    pub(super) instance: InstanceId,
    pub(super) key: FuncId,
    pub(super) results: u32,
    /// What operations cost that stop with [`Exit::Pay`], by their numbers, and the nodes that are charged for.
    pub(super) charges: Box<[(u32, Charge, ExprId)]>,
    /// The nodes that are to blame for traps, by the numbers of operations.
    pub(super) places: Box<[(u32, ExprId)]>,
    pub(super) rare: Box<[Rare]>,
    /// Calls that are left until one is timed. Runs of a store come one after the other.
    pub(super) cell: AtomicU32,
}

impl Function {
    /// Counts a call; whether it is to be timed.
    #[inline(always)]
    pub(super) fn count(&self) -> bool {
        let left = self.cell.load(Ordering::Relaxed).wrapping_sub(1);
        self.cell.store(left, Ordering::Relaxed);
        left == 0
    }

    /// What the block whose charge is at an operation costs, and the node that is charged for.
    pub(super) fn charge(&self, at: u32) -> Option<(Charge, ExprId)> {
        let found = self.charges.binary_search_by_key(&at, |charge| charge.0).ok()?;
        Some((self.charges[found].1, self.charges[found].2))
    }

    /// What an operation leaves to others.
    pub(super) fn rare(&self, at: u32) -> Option<&Rare> {
        self.rare.get(self.code.op(at)?.imm as usize)
    }

    /// The node that is to blame for a trap of an operation.
    pub(super) fn place(&self, at: u32) -> ExprId {
        let found = self.places.binary_search_by_key(&at, |place| place.0);
        found.map_or(ExprId::new(0), |index| self.places[index].1)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}: {:?}", self.key, self.instance, self.code)
    }
}

const _: () = assert!(WINDOW == 1 << u8::BITS, "an operand of eight bits names any slot of the window");
