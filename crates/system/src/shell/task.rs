//! Commands that take more than one step.

use super::{Services, ShellError};
use alloc::boxed::Box;
use velocity_base::Instant;

/// What the shell does after a turn of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The command wants another turn at once.
    Again,
    /// The command wants its next turn at this instant.
    WaitUntil(Instant),
    /// The command is over.
    Done,
    /// The machine is to be switched off.
    PowerOff,
    /// The machine is to be started anew.
    Reboot,
}

/// A running command. Dropping it stops it: that is what Ctrl-C does.
pub(crate) trait Task: Send {
    /// Does a bounded amount of work.
    ///
    /// # Errors
    /// [`ShellError`] ends the command; the shell prints it.
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError>;
}

/// How a command began.
pub(crate) enum Start {
    /// It did all its work.
    Done,
    /// It goes on turn by turn.
    Running(Box<dyn Task>),
}

impl Start {
    /// A command that goes on as `task`.
    pub(crate) fn task(task: impl Task + 'static) -> Self {
        Self::Running(Box::new(task))
    }
}
