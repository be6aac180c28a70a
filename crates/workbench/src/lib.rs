//! What the verbs for programs answer: `check`, `fmt`, `hash`, `show`, `slice`, `who-calls`, `needs`, `diff`.
//!
//! The host tool and the system's shell show the same [`Answer`]s, so they are made here, from bytes to text (and to
//! JSON, for programs that ask). [`Program`] is one input, whatever its form, [`Judged`] one with the gate's verdict; `verbs` has a function for
//! each verb.
//!
//! Invariants: an answer is a pure function of its input; nothing here reads a file, a clock or a terminal. Any bytes
//! give an answer, never a panic.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod answer;
mod find;
mod json;
mod judged;
mod program;
mod refusal;
mod verbs;

pub use answer::{Answer, Status};
pub use json::Json;
pub use judged::Judged;
pub use program::{Form, Program};
pub use verbs::{check, diff, fmt, hash, needs, show, slice, who_calls};
