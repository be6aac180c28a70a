//! The intermediate form: functions as blocks of steps over typed slots, which every tier that compiles starts from.
//!
//! [`build`] makes it in one walk. A block pays its charge, does its steps and says which block comes next; control enters
//! it at its start only. Steps are statements in the order in which their effects and traps happen; inside of them stand
//! [`Tree`]s, which have no effect. Values are raw 64-bit slots of a frame, numbered from the parameters on: then come the
//! variables, then one for each depth of operands. There is no operand stack.
//!
//! Invariants of what [`build`] gives:
//! 1. blocks that are named exist, and the function begins at block 0; what is named as a slot lies below `frame`;
//! 2. a read of a slot names the type that was last written there, on every path that leads to it; parameters and
//!    variables are written at the start. The slots from [`Call::base`] on hold nothing after a call but its results;
//! 3. a value of a 32-bit type is in the low half of its slot, and the rest is zero;
//! 4. what can trap says so (`traps`), or can by what it is: loads, stores, ranges, calls, `Room`, `Evaluate`, and a value that is
//!    returned or becomes a global's. Where a step traps, nothing after it happens; the first trap inside of a tree, whose
//!    operands are evaluated from left to right, counts.

mod build;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use build::{Room, Touched, build, build_flat, give_back, is_float, local_types, value_of};
pub(crate) use tree::{Tree, divides, traps, truncates};

use alloc::boxed::Box;
use alloc::vec::Vec;
use velocity_interp::engine::Charge;
use velocity_interp::{FunctionAddress, InstanceId, TrapKind};
use velocity_nda::module::{DataId, ElementId, Expr, ExprId, FuncId, Key, SigId, StoreOp, TableId, Type};

/// The number of a block of its function.
pub(crate) type BlockId = u32;

/// A run of steps that control enters at its start and leaves at its end.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// Paid first.
    pub(crate) charge: Charge,
    /// The node that is charged for.
    pub(crate) head: ExprId,
    pub(crate) steps: Vec<Step>,
    pub(crate) end: End,
    /// The call that it was inlined for: one more than its number among those of the function; 0 if it is the function's own.
    pub(crate) within: u32,
}

impl Default for Block {
    /// Nothing leads here.
    fn default() -> Self {
        Self { charge: Charge::default(), head: ExprId::new(0), steps: Vec::new(), end: End::Nowhere, within: 0 }
    }
}

/// A statement. `at` is the node that is to blame for a trap.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Sets a slot to a value of a type; whether the tree can trap.
    Set { slot: u32, ty: Type, tree: Tree, traps: bool },
    /// Evaluates for the sake of the trap.
    Evaluate(Tree),
    /// Sets the global at an address, unless the tree traps.
    SetGlobal(u32, Tree),
    /// Stores the second operand at an offset from the first; whether an operand can trap, as the store itself can.
    Store { op: StoreOp, offset: u32, at: ExprId, operands: Box<[Tree; 2]>, traps: bool },
    /// An operation on a range, whose three operands are in slots from `base` on.
    Bulk { expr: Expr, at: ExprId, base: u32 },
    /// `memory.grow`: the pages are in a slot, where the result goes.
    Grow { at: ExprId, slot: u32 },
    /// `data.drop`.
    DropData(DataId),
    /// `elem.drop`.
    DropElement(ElementId),
    /// Traps unless a call from here would find so many slots of the stack: in front of what takes a call's place.
    Room { slots: u32, at: ExprId },
    /// A call of a host function, whose arguments are in slots from `base` on, where the results go.
    Host { callee: FunctionAddress, at: ExprId, base: u32 },
}

impl Step {
    /// The node that it does, as far as it says.
    pub(crate) const fn node(&self) -> Option<ExprId> {
        match self {
            Self::Set { tree, .. } | Self::Evaluate(tree) | Self::SetGlobal(_, tree) => tree.node(),
            Self::Store { at, .. }
            | Self::Bulk { at, .. }
            | Self::Grow { at, .. }
            | Self::Room { at, .. }
            | Self::Host { at, .. } => Some(*at),
            Self::DropData(_) | Self::DropElement(_) => None,
        }
    }
}

/// A call at the end of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// The slot of the first argument, and of the first result.
    pub(crate) base: u32,
    pub(crate) at: ExprId,
    /// Where it goes on.
    pub(crate) next: BlockId,
}

/// How a block ends.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// It was not compiled: nothing leads here.
    Nowhere,
    Goto(BlockId),
    /// By an `i32` that is not zero, or is; whether it can trap.
    If {
        test: Tree,
        traps: bool,
        then: BlockId,
        otherwise: BlockId,
    },
    /// To the block at this index, which cannot trap, or to the last one.
    Table(Tree, Box<[BlockId]>),
    Call(FunctionAddress, Call),
    /// Of the function of a signature that a table has at the index in a slot.
    CallIndirect((SigId, TableId), u32, Call),
    /// The results, none or several, are in so many slots from this one on.
    Return(u32, u32),
    /// The only result, which can trap.
    ReturnValue(Tree),
    Trap(TrapKind, ExprId),
    /// Turns of a loop at once: an `i64`, which is not negative and cannot trap, says what they cost. If the slice has as
    /// much, it is paid, and `closed` does what they do; else the loop itself does.
    Counted {
        fuel: Tree,
        closed: BlockId,
        looped: BlockId,
    },
}

impl End {
    /// The blocks that it leads to.
    pub(crate) fn successors(&self, mut with: impl FnMut(BlockId)) {
        match self {
            Self::Goto(next) => with(*next),
            Self::If { then: one, otherwise: two, .. } | Self::Counted { closed: one, looped: two, .. } => {
                with(*one);
                with(*two);
            }
            Self::Table(_, targets) => targets.iter().copied().for_each(with),
            Self::Call(_, call) | Self::CallIndirect(_, _, call) => with(call.next),
            Self::Return(..) | Self::ReturnValue(_) | Self::Trap(..) | Self::Nowhere => {}
        }
    }

    /// Leads to other blocks instead of those that it led to.
    pub(crate) fn retarget(&mut self, with: impl Fn(BlockId) -> BlockId) {
        let change = |next: &mut BlockId| *next = with(*next);
        match self {
            Self::Goto(next) => change(next),
            Self::If { then: one, otherwise: two, .. } | Self::Counted { closed: one, looped: two, .. } => {
                change(one);
                change(two);
            }
            Self::Table(_, targets) => targets.iter_mut().for_each(change),
            Self::Call(_, call) | Self::CallIndirect(_, _, call) => change(&mut call.next),
            Self::Return(..) | Self::ReturnValue(_) | Self::Trap(..) | Self::Nowhere => {}
        }
    }
}

/// A call that was inlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inlined {
    /// The function that was called; it is of the caller's instance.
    pub(crate) key: FuncId,
    /// The node of the call.
    pub(crate) at: ExprId,
    /// The call that this one was inlined with, as [`Block::within`].
    pub(crate) within: u32,
}

/// A function that can be compiled.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) instance: InstanceId,
    pub(crate) key: FuncId,
    /// The address of the memory that loads and stores touch.
    pub(crate) memory: Option<usize>,
    pub(crate) parameters: u32,
    pub(crate) results: u32,
    /// How many slots behind the parameters are zero at the start.
    pub(crate) variables: u32,
    /// What a call takes of the limit.
    pub(crate) slots: u32,
    /// How many slots its frame has.
    pub(crate) frame: usize,
    /// It begins at the first one.
    pub(crate) blocks: Vec<Block>,
    /// The blocks that were made, in the order of the program's text: those of a loop stand together, its head first.
    pub(crate) order: Vec<BlockId>,
    /// Calls that were inlined, whose functions' blocks are among its own.
    pub(crate) inlined: Vec<Inlined>,
}
