//! Updates that are to be applied later, whatever runs then.

use super::{LOG, Patches};
use crate::platform::Platform;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use velocity_base::Instant;
use velocity_trace::Level;

/// How many packages may wait.
pub(crate) const MOST: usize = 16;

/// Packages that wait, in the order in which they came.
#[derive(Default)]
pub(crate) struct Later(VecDeque<Waiting>);

struct Waiting {
    due: Instant,
    name: String,
    package: Vec<u8>,
}

impl Patches {
    /// Keeps a package until its time has come; whether there is room for it.
    pub(crate) fn apply_later(&mut self, due: Instant, name: String, package: Vec<u8>) -> bool {
        let has_room = self.later.0.len() < MOST;
        if has_room {
            self.later.0.push_back(Waiting { due, name, package });
        }
        has_room
    }

    /// When the next one is due; none while what was applied before it is watched.
    pub(crate) fn next_time(&self) -> Option<Instant> {
        let is_open = self.updates.as_ref().is_ok_and(|updates| updates.open().is_some());
        self.later.0.front().map(|waiting| waiting.due).filter(|_| !is_open)
    }

    /// Applies the next one if its time has come, and what was applied before it is decided.
    pub(super) fn apply_due(&mut self, platform: &Platform) {
        let is_open = self.updates.as_ref().is_ok_and(|updates| updates.open().is_some());
        let is_due = |waiting: &mut Waiting| waiting.due <= platform.clock.now();
        let Some(waiting) = (if is_open { None } else { self.later.0.pop_front_if(is_due) }) else { return };
        let name = waiting.name;
        match self.apply(&waiting.package, platform) {
            Ok(applied) => {
                for (entry, version) in applied.entries {
                    platform.record(
                        Level::Info,
                        LOG,
                        format_args!("{name}: {entry} is version {version}, and watched"),
                    );
                }
            }
            Err(error) => platform.record(Level::Error, LOG, format_args!("{name}: {error}")),
        }
    }
}
