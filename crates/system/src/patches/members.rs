//! Agents as members of the board.
//!
//! They announce changes of definitions and files; entries are changed by signed updates alone. What one announced is withdrawn when it ends, and all that one
//! family says takes a bounded part of the ledger: nobody can fill it who was not let in by a person again and again.

use super::Patches;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use velocity_board::{BoardError, Item, Kind};
use velocity_nexus::{Key, Motion, Swarm};

/// How much agents that a person made, with all below them, may say while the machine is on.
const MOST_OF_FAMILY: u32 = 256;

/// What is left of the ledger for updates, and for people.
const RESERVED_BYTES: u64 = 1 << 20;

/// What an agent is told whose motion is not carried.
const MALFORMED: i64 = -1;
const TOO_MUCH: i64 = -2;
const NO_SUCH: i64 = -3;
const CONFLICT: i64 = -4;

/// Who has something open, and what families have said.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// By announcement.
    open: BTreeMap<u64, Key>,
    /// By the number of the agent that a person made.
    said: BTreeMap<u32, u32>,
}

impl Patches {
    /// Answers what agents want to say, and withdraws what those have announced who are gone.
    pub(crate) fn hear(&mut self, swarm: &Swarm) {
        for (key, motion) in swarm.take_motions() {
            let path = swarm.path(key);
            let answer = self.carry(key, &path, &motion).unwrap_or_else(|refused| refused);
            swarm.answer(key, answer);
        }
        for key in swarm.take_gone() {
            let of = |(number, owner): (&u64, &Key)| (*owner == key).then_some(*number);
            let numbers: Vec<u64> = self.members.open.iter().filter_map(of).collect();
            for number in numbers {
                self.members.open.remove(&number);
                // It is open no longer than the machine is on, in any case.
                let _ = self.board.withdraw(number, "its agent has ended");
            }
        }
    }

    /// What an agent wants; the answer, or why not, as a number too.
    fn carry(&mut self, key: Key, path: &[u32], motion: &Motion) -> Result<i64, i64> {
        let said = self.members.said.entry(path.first().copied().unwrap_or(0)).or_default();
        let is_full = self.board.ledger().is_some_and(|ledger| ledger.free_bytes() < RESERVED_BYTES);
        if *said >= MOST_OF_FAMILY || is_full {
            return Err(TOO_MUCH);
        }
        *said += 1;
        match motion {
            Motion::Announce { text, revision } => {
                let (item, why) = text.split_once(' ').unwrap_or((text, ""));
                let item = Item::parse(item).filter(|item| item.kind != Kind::Entry).ok_or(MALFORMED)?;
                let number = self.board.announce(&name(path), why, &[(item, *revision)]).map_err(code)?;
                self.members.open.insert(number, key);
                Ok(number as i64)
            }
            Motion::Agree(number) => self.board.agree(*number, &name(path)).map(|()| 0).map_err(code),
            Motion::Commit(number) => self.settle(key, *number, true),
            Motion::Withdraw(number) => self.settle(key, *number, false),
        }
    }

    /// Settles what the agent itself announced.
    fn settle(&mut self, key: Key, number: u64, done: bool) -> Result<i64, i64> {
        if self.members.open.get(&number) != Some(&key) {
            return Err(NO_SUCH);
        }
        let settled =
            if done { self.board.commit(number, "by its agent") } else { self.board.withdraw(number, "by its agent") };
        // With a conflict it stays open on the board until it is withdrawn.
        if settled.is_ok() {
            self.members.open.remove(&number);
        }
        settled.map(|()| 0).map_err(code)
    }
}

/// An agent's name on the board: its number at the prompt.
fn name(path: &[u32]) -> String {
    let numbers: Vec<String> = path.iter().map(ToString::to_string).collect();
    alloc::format!("agent {}", numbers.join("."))
}

/// An error for an agent.
fn code(error: BoardError) -> i64 {
    match error {
        BoardError::Conflict { .. } => CONFLICT,
        BoardError::NoSuch { .. } => NO_SUCH,
        BoardError::TooMany { .. } | BoardError::Ledger(_) => TOO_MUCH,
        BoardError::Malformed => MALFORMED,
    }
}
