//! What agents print: to whoever reads it, and no more ahead of that than fits.

use crate::slot::Key;
use alloc::string::String;
use alloc::vec::Vec;
use spin::Mutex;

/// How many bytes may wait to be read. Who wants to print more waits.
const ROOM: usize = 1 << 16;

/// What agents print: one and those it made, unless they were given another.
#[derive(Debug, Default)]
pub struct Output(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    text: String,
    /// Agents that want to print more than there is room for.
    agents: Vec<Key>,
}

impl Output {
    /// Lets an agent print, if there is room; what came of it, or `None`: it is told when there is room.
    pub(crate) fn print<R>(&self, key: Key, print: impl FnOnce(&mut String) -> R) -> Option<R> {
        let mut waiting = self.0.lock();
        if waiting.text.len() < ROOM {
            return Some(print(&mut waiting.text));
        }
        if !waiting.agents.contains(&key) {
            waiting.agents.push(key);
        }
        None
    }

    /// Takes what was printed, and who waited to print more.
    pub(crate) fn take(&self) -> (String, Vec<Key>) {
        let mut waiting = self.0.lock();
        (core::mem::take(&mut waiting.text), core::mem::take(&mut waiting.agents))
    }
}
