//! What engines are made of: the reference interpreter is one, and the others stand beside it.
//!
//! A [`Store`](crate::Store) has one engine, which runs every call in it. An engine sees the store in two parts: what no
//! run changes ([`Fixed`]) and what runs change ([`State`]). It must give the results, traps, effects and fuel of the
//! reference interpreter, to the bit and to the unit. [`velocity_gate::Measure`] says what each node is charged and what each
//! call takes;
//! the operators are in [`unary`] and [`binary`], and what touches more than slots is here as functions.

use crate::machine::Machine;
use crate::store::FunctionAddress;
use crate::{FunctionProfile, Host, Limits};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use velocity_nda::module::{ExprId, FuncId, Value};

pub use crate::account::{Account, Checked};
pub use crate::ask::{Asked, Asking, ask};
pub use crate::bulk::{Bulk, Range, callee};
pub use crate::callers::Callers;
pub use crate::memory::Storage;
pub use crate::numeric::{Slot, binary, of_i32, unary};
pub use crate::store::{Code, Fixed, FunctionInstance, Global, Instance, State, TypeId};
pub use crate::table::Table;
pub use velocity_gate::{CALL_SLOTS, Charge};

/// Runs calls.
pub trait Engine: fmt::Debug + Send {
    /// Prepares a call of a function of the store with arguments that fit it. Nothing runs yet.
    fn call(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Box<dyn Execution>;

    /// A storage for a new memory of so many bytes, which holds some of them, zeros, or none at first; the heap holds them if there
    /// is none.
    fn memory(&self, _bytes: usize) -> Option<Box<dyn Storage>> {
        None
    }

    /// Why the calls of its store run in a slower engine than this one; `None` if they do not, or none ran yet.
    fn fallback_reason(&self) -> Option<&'static str> {
        None
    }

    /// What is known of the functions of its store that ran, in the order of their addresses.
    fn profile(&self) -> Vec<FunctionProfile> {
        Vec::new()
    }
}

/// A call on its way.
pub trait Execution: fmt::Debug + Send {
    /// Runs until something stops it. After anything but [`Stop::Slice`] it is not run again.
    fn run(&mut self, fixed: &Fixed, state: &mut State, host: &mut dyn Host, account: &mut Account) -> Stop;

    /// The function being run, for a trap.
    fn place(&self) -> Option<Place>;

    /// Who waits for it, for a trap.
    fn callers(&self) -> Callers {
        Callers::default()
    }

    /// The results, once the call returned.
    fn results(&self) -> &[Slot];
}

/// Why a run stopped.
#[derive(Clone, Copy, Debug)]
pub enum Stop {
    /// The slice is used up.
    Slice,
    /// This node failed.
    Fault(crate::TrapKind, ExprId),
    /// The function returned.
    Returned,
}

/// Where a run stands, for a trap.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The instance.
    pub instance: crate::InstanceId,
    /// The function of its module.
    pub function: FuncId,
}

/// The reference interpreter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Engine for Reference {
    fn call(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Box<dyn Execution> {
        Box::new(Machine::new(entry, arguments, limits))
    }
}
