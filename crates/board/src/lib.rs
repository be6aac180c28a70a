//! The discourse board, and the ledger on disk that remembers it.
//!
//! [`Ledger`] is a log to which records are only added, each with the hash of the one before it, on a partition of its own. [`Board`] is where changes are
//! announced before they are made: who wants to change what, from which revision on, and why. The first one that is committed wins; a later one that was
//! announced on the same revision is refused, with the conflict named. Whatever happens on the board is a record; records of other kinds are other crates'.
//!
//! Invariants: a record is durable when [`Ledger::append`] returns; power may go at any write, and what was durable is found again; nothing that lies on the
//! disk makes anything here panic, loop, or take more memory than one record; members cannot fill the board, and what they say has a bounded length.
//!
//! docs/board.md has the format, and says what a chain of hashes proves and what it does not.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod board;
mod ledger;
mod record;

pub use board::{Board, BoardError, Intent, MAX_OF_MEMBER, MAX_OPEN, MAX_TEXT};
pub use ledger::{Ledger, LedgerError, MAX_BODY_BYTES, Opened, Record, Verified, What};
pub use record::{Event, Item, Kind, RecordError};
