//! The lines entered before, newest last.

use alloc::{collections::VecDeque, string::String};

/// Lines remembered; the oldest goes first.
pub const MAX_HISTORY: usize = 100;

/// A bounded list of lines and the place in it where the person is looking.
#[derive(Clone, Debug, Default)]
pub struct History {
    lines: VecDeque<String>,
    /// How many lines back the view is; 0 is the line being typed.
    back: usize,
    /// The line being typed, kept while older ones are looked at.
    draft: String,
}

impl History {
    /// Remembers `line`, unless it is blank or the newest once more, and goes back to the newest.
    pub fn add(&mut self, line: &str) {
        self.back = 0;
        if line.trim().is_empty() || self.lines.back().is_some_and(|newest| newest == line) {
            return;
        }
        if self.lines.len() == MAX_HISTORY {
            self.lines.pop_front();
        }
        self.lines.push_back(line.into());
    }

    /// Leaves the older lines without choosing one.
    pub fn reset(&mut self) {
        self.back = 0;
    }

    /// The next older line; `current` is what stands on the line now. `None` at the oldest.
    pub fn older(&mut self, current: impl FnOnce() -> String) -> Option<&str> {
        if self.back == self.lines.len() {
            return None;
        }
        if self.back == 0 {
            self.draft = current();
        }
        self.back += 1;
        self.lines.get(self.lines.len() - self.back).map(String::as_str)
    }

    /// The next newer line, at last the one that was being typed. `None` when already there.
    pub fn newer(&mut self) -> Option<&str> {
        self.back = self.back.checked_sub(1)?;
        match self.back {
            0 => Some(&self.draft),
            back => self.lines.get(self.lines.len() - back).map(String::as_str),
        }
    }

    /// All lines, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }
}
