//! Rings of fixed size: from one core to another ([`spsc`]), and from many to one ([`mpsc`]).
//!
//! What goes through is plain data (`Copy`), so that a slot needs no end of its own. A full ring refuses, and an empty one gives nothing: nobody waits
//! in here, and nothing is lost without a word.

pub mod mpsc;
pub mod spsc;

#[cfg(all(test, loom))]
mod models;

/// What a full ring gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

/// The distance of two positions, which count up for ever and go round at the end of `usize`.
#[inline(always)]
const fn distance(from: usize, to: usize) -> usize {
    to.wrapping_sub(from)
}
