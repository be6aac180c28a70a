//! What agents want to say on the board: it waits here until whoever keeps the board comes for it, and the answer until the agent goes on.
//!
//! An agent asks, and parks; when it goes on it asks the same again, and there is an answer. What it asks twice for other reasons is asked once.

use crate::slot::Key;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use spin::Mutex;

/// What an agent wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Motion {
    /// To announce a change: what of, from which revision on, and why, as a text.
    Announce {
        /// The thing, a blank, and the reason.
        text: String,
        /// The revision.
        revision: u64,
    },
    /// To agree with an announcement.
    Agree(u64),
    /// To say that what it announced is done.
    Commit(u64),
    /// To say that what it announced will not be done.
    Withdraw(u64),
}

/// Where an agent is with what it asked.
#[derive(Debug)]
enum Stage {
    /// It waits for an answer.
    Asked,
    Answered(i64),
    /// It has its answer, and may have something open on the board.
    Member,
}

/// All that agents asked.
#[derive(Debug, Default)]
pub(crate) struct Motions(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stages: BTreeMap<Key, Stage>,
    waiting: Vec<(Key, Motion)>,
    gone: Vec<Key>,
}

impl Motions {
    /// The answer to what an agent asked before, or `None`: it is asked now, and the agent is to come again.
    pub(crate) fn ask(&self, key: Key, motion: Motion) -> Option<i64> {
        let mut inner = self.0.lock();
        match inner.stages.get(&key) {
            Some(Stage::Asked) => None,
            Some(Stage::Answered(answer)) => {
                let answer = *answer;
                inner.stages.insert(key, Stage::Member);
                Some(answer)
            }
            Some(Stage::Member) | None => {
                inner.stages.insert(key, Stage::Asked);
                inner.waiting.push((key, motion));
                None
            }
        }
    }

    /// All that wait for an answer.
    pub(crate) fn take(&self) -> Vec<(Key, Motion)> {
        core::mem::take(&mut self.0.lock().waiting)
    }

    /// Answers an agent; whether it still waits.
    pub(crate) fn answer(&self, key: Key, answer: i64) -> bool {
        match self.0.lock().stages.get_mut(&key) {
            Some(stage @ Stage::Asked) => {
                *stage = Stage::Answered(answer);
                true
            }
            _ => false,
        }
    }

    /// An agent has ended, or begins anew: it remembers nothing.
    pub(crate) fn end(&self, key: Key) {
        let mut inner = self.0.lock();
        if inner.stages.remove(&key).is_some() {
            inner.gone.push(key);
        }
    }

    /// Members that remember nothing any more.
    pub(crate) fn take_gone(&self) -> Vec<Key> {
        core::mem::take(&mut self.0.lock().gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key { index: 3, generation: 1 };

    #[test]
    fn who_comes_again_has_the_answer_once() {
        let motions = Motions::default();
        assert_eq!(motions.ask(KEY, Motion::Agree(4)), None);
        // Woken for another reason.
        assert_eq!(motions.ask(KEY, Motion::Agree(4)), None);
        assert_eq!(motions.take(), [(KEY, Motion::Agree(4))]);
        assert!(motions.answer(KEY, 7) && !motions.answer(KEY, 8));
        assert_eq!(motions.ask(KEY, Motion::Agree(4)), Some(7));
        assert_eq!((motions.ask(KEY, Motion::Agree(4)), motions.take().len()), (None, 1));
    }

    #[test]
    fn who_ends_gets_no_answer_and_is_named_once() {
        let motions = Motions::default();
        motions.end(KEY);
        assert!(motions.take_gone().is_empty());
        motions.ask(KEY, Motion::Commit(1));
        let taken = motions.take();
        motions.end(KEY);
        assert!(!motions.answer(KEY, 0) && taken.len() == 1);
        assert_eq!((motions.take_gone(), motions.take_gone()), (alloc::vec![KEY], Vec::new()));
    }
}
