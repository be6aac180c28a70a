//! How far code had come, to go back there.

use super::{Assembler, Label};

/// How far code had come.
#[derive(Clone, Copy, Debug)]
pub(in crate::native) struct Mark {
    code: usize,
    labels: usize,
    fixups: usize,
    entries: usize,
    unchecked: usize,
    failed: bool,
}

impl Mark {
    /// Whether a label was there already.
    pub(in crate::native) const fn has(&self, label: Label) -> bool {
        (label.0 as usize) < self.labels
    }
}

impl Assembler {
    pub(in crate::native) const fn mark(&self) -> Mark {
        Mark {
            code: self.code.len(),
            labels: self.labels.len(),
            fixups: self.fixups.len(),
            entries: self.entries.len(),
            unchecked: self.unchecked.len(),
            failed: self.failed,
        }
    }

    /// Forgets all that came since. No label that was there then was bound since.
    pub(in crate::native) fn back_to(&mut self, mark: Mark) {
        self.code.truncate(mark.code);
        self.labels.truncate(mark.labels);
        self.fixups.truncate(mark.fixups);
        self.entries.truncate(mark.entries);
        self.unchecked.truncate(mark.unchecked);
        self.failed = mark.failed;
    }
}
