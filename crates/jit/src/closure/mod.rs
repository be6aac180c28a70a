//! The closure tier: functions as blocks of closures.
//!
//! A function becomes a list of blocks ([`code`]), made out of the [intermediate form](crate::ir) ([`lower`]); a block pays
//! its charge, runs its steps and says which block comes next. A step is a closure for one statement, made of a closure for
//! each operator inside of it; which kinds an operator's operands have (a slot, a constant, anything else) is part of its
//! closure. Values are raw 64-bit slots of a frame; there is no operand stack.
//!
//! Calls do not nest on the host's stack, and a run can stop at every checked charge and go on later: the state of a
//! run is its frames and the number of a block. What recurses on the host's stack are trees of at most some hundred nodes.

mod code;
mod lower;
mod run;
mod source;
mod step;
mod value;

pub use run::Closures;
