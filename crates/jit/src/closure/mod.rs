//! The closure tier: functions as threaded code.
//!
//! A function becomes a list of operations ([`op`]), made out of the [intermediate form](crate::ir) in one walk ([`lower`]). An
//! operation is a function made for an operator and the kinds of its operands, and those operands; when it is done it calls the next
//! one, which the optimiser makes a jump ([`crate::exec::thread`]). Values are raw 64-bit slots of a frame; what one operation makes for
//! the next stays in a register.
//!
//! Calls do not nest on the host's stack, and a run can stop at every block that is charged and go on later: the state of a run is
//! its frames and the number of an operation ([`run`]). What few programs do, or no hot loop, is done outside of operations ([`rare`]).

mod context;
mod engine;
mod lower;
mod op;
mod rare;
mod run;
mod tiered;

pub(crate) use context::{Context, Exit};
pub use engine::Closures;
pub(crate) use engine::intermediate;
pub(crate) use run::Run;
pub(crate) use tiered::Turn;
