//! Compiled functions: blocks of steps, and what a step sees.

use crate::ir::{BlockId, Call};
use alloc::boxed::Box;
use core::fmt;
use core::sync::atomic::{AtomicU32, Ordering};
use velocity_interp::engine::{Account, Charge, Fixed, Slot, State};
use velocity_interp::{FunctionAddress, Host, InstanceId, Memory, TrapKind};
use velocity_nda::module::{ExprId, SigId, TableId};

/// What closures see besides the slots of their frame.
pub(super) struct Context<'a> {
    pub(super) fixed: &'a Fixed,
    pub(super) state: &'a mut State,
    pub(super) host: &'a mut dyn Host,
    pub(super) account: Account,
    /// The memory of the current instance, out of the store as long as `held` says where it belongs; else empty.
    pub(super) memory: Memory,
    held: Option<usize>,
    /// The first trap. What is computed after it is not used.
    pub(super) fault: Option<(TrapKind, ExprId)>,
}

impl<'a> Context<'a> {
    pub(super) fn new(fixed: &'a Fixed, state: &'a mut State, host: &'a mut dyn Host, account: Account) -> Self {
        Self { fixed, state, host, account, memory: Memory::default(), held: None, fault: None }
    }

    /// Takes the memory at this address out of the store, and puts another one back.
    pub(super) fn hold(&mut self, memory: Option<usize>) {
        if self.held != memory {
            self.release();
            if let Some(place) = memory.and_then(|at| self.state.memories.get_mut(at)) {
                core::mem::swap(&mut self.memory, place);
                self.held = memory;
            }
        }
    }

    /// Puts the memory back.
    pub(super) fn release(&mut self) {
        if let Some(place) = self.held.take().and_then(|at| self.state.memories.get_mut(at)) {
            core::mem::swap(&mut self.memory, place);
        }
    }

    /// Does something for which the store must be whole.
    pub(super) fn whole<T>(&mut self, action: impl FnOnce(&mut Self) -> T) -> T {
        let held = self.held;
        self.release();
        let result = action(self);
        self.hold(held);
        result
    }

    /// Remembers a trap, unless there was one before. The value is what the operation then gives.
    #[cold]
    #[inline(never)]
    pub(super) fn trap(&mut self, kind: TrapKind, at: ExprId) -> Slot {
        self.fault.get_or_insert((kind, at));
        0
    }

    #[inline(always)]
    pub(super) const fn failed(&self) -> bool {
        self.fault.is_some()
    }
}

/// Gives a value.
pub(super) type Value = Box<dyn Fn(&mut Context<'_>, &mut [Slot]) -> Slot + Send + Sync>;

/// Does something; whether the run failed.
pub(super) type Step = Box<dyn Fn(&mut Context<'_>, &mut [Slot]) -> bool + Send + Sync>;

/// A run of steps that control enters at its start and leaves at its end.
pub(super) struct Block {
    /// Paid first.
    pub(super) charge: Charge,
    /// The node that is charged for.
    pub(super) head: ExprId,
    pub(super) steps: Box<[Step]>,
    pub(super) end: End,
}

/// How a block ends.
pub(super) enum End {
    /// It was not compiled: nothing leads here.
    Nowhere,
    Goto(BlockId),
    /// To the first block if the value is not zero, else to the second.
    If(Value, BlockId, BlockId),
    /// The same if the value can trap.
    IfTraps(Value, BlockId, BlockId),
    /// To the block at this index, or to the last one.
    Table(Value, Box<[BlockId]>),
    Call(FunctionAddress, Call),
    /// The index is in a slot.
    CallIndirect((SigId, TableId), u32, Call),
    /// The results are in so many slots from this one on.
    Return(u32, u32),
    /// The only result is in this slot.
    ReturnSlot(u32),
    /// The only result.
    ReturnValue(Value),
    Trap(TrapKind, ExprId),
    /// Pays this much and goes to the first block if the slice has as much, else to the second.
    Counted(Value, BlockId, BlockId),
}

/// A compiled function.
pub(super) struct Function {
    pub(super) instance: InstanceId,
    pub(super) key: velocity_nda::module::FuncId,
    pub(super) memory: Option<usize>,
    pub(super) parameters: u32,
    pub(super) results: u32,
    pub(super) variables: u32,
    /// What a call takes of the limit.
    pub(super) slots: u32,
    /// How many slots its frame has.
    pub(super) frame: usize,
    pub(super) blocks: Box<[Block]>,
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
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}: {} blocks", self.key, self.instance, self.blocks.len())
    }
}
