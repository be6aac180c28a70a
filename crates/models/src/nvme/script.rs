//! A [`FaultPlan`] being played: counts commands and says what happens to each.

use super::command::{Command, Status};
use super::io::{READ, WRITE};
use super::{Fault, FaultPlan};
use velocity_base::Duration;

/// What happens to a command instead of what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twist {
    /// It is answered with this status.
    Status(Status),
    /// It is not carried out; an abort ends it.
    Timeout,
    /// The controller stops answering.
    Hang,
    /// The controller reports a fatal status.
    Fatal,
    /// The device is gone.
    Unplug,
    /// Its first half is written, then the device is gone.
    Torn,
    /// It takes this long.
    Delay(Duration),
}

/// The counters behind "the Nth".
pub(super) struct Script {
    faults: Vec<Fault>,
    commands: u64,
    writes: u64,
}

impl Script {
    pub(super) fn new(plan: FaultPlan) -> Self {
        Self { faults: plan.faults, commands: 0, writes: 0 }
    }

    /// Whether nothing will ever go wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// Whether commands fetched together are answered in reverse order.
    pub(super) fn reorders(&self) -> bool {
        self.faults.contains(&Fault::Reorder)
    }

    /// Counts `command` and says what happens to it; the first fault of the plan that applies wins.
    pub(super) fn next(&mut self, command: &Command) -> Option<Twist> {
        self.commands += 1;
        self.writes += u64::from(command.opcode == WRITE);
        let covers = |lba: u64| lba.checked_sub(command.first_lba()).is_some_and(|offset| offset < command.blocks());
        self.faults.iter().find_map(|fault| match *fault {
            Fault::ReadStatus { lba, status } if command.opcode == READ && covers(lba) => {
                Some(Twist::Status(Status(status)))
            }
            Fault::WriteStatus { lba, status } if command.opcode == WRITE && covers(lba) => {
                Some(Twist::Status(Status(status)))
            }
            Fault::Timeout(nth) if nth == self.commands => Some(Twist::Timeout),
            Fault::Hang(nth) if nth == self.commands => Some(Twist::Hang),
            Fault::Fatal(nth) if nth == self.commands => Some(Twist::Fatal),
            Fault::Unplug(nth) if nth == self.commands => Some(Twist::Unplug),
            Fault::Torn(nth) if command.opcode == WRITE && nth == self.writes => Some(Twist::Torn),
            Fault::Delay(nth, time) if nth == self.commands => Some(Twist::Delay(time)),
            _ => None,
        })
    }
}
