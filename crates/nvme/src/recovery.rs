//! What happens when a command misses its deadline or the controller fails.
//!
//! ```text
//! overdue ─► Abort (section 5.1) ─► the command ends: go on
//!                └─ refused, or no answer ─► controller reset (section 7.3.2): every command under way ends
//! CSTS.CFS, or a flood of completions nobody asked for ─► controller reset
//! registers read all ones ─► gone: every command under way ends; coming back is tried at the next command
//! ```
//! Recovery blocks, holding the controller's lock, for at most the abort time-out plus the announced reset time (CAP.TO)
//! and the admin time-out of [`Options`](crate::Options). Afterwards no command is overdue.

use crate::controller::Core;
use crate::queue::{CommandId, Completed};
use crate::registers::Doorbell;
use crate::slots::Outcome;
use crate::wait::Wait;
use crate::{CommandError, Condition, Entry, NvmeError, StatusCode};
use velocity_base::Instant;

/// The queue number of the I/O queues.
const IO_QUEUE: u16 = 1;

/// The admin slot that aborts use.
const ABORT_SLOT: u16 = 0;

impl Core {
    /// Tells the device of new I/O commands.
    pub(crate) fn ring_io(&mut self) {
        if let Some(tail) = self.io.tail_to_tell() {
            self.registers.ring(IO_QUEUE, Doorbell::SubmissionTail, tail);
        }
    }

    /// Takes I/O completions; `sleeping` when the next one must raise an interrupt.
    pub(crate) fn poll_io(&mut self, now: Instant, sleeping: bool) -> Condition {
        let Self { io, slots, statistics, .. } = self;
        io.poll(|completed| {
            statistics.completed += 1;
            slots.finish(completed.slot, outcome(completed));
        });
        if let Some(head) = self.io.head_to_tell(sleeping) {
            self.registers.ring(IO_QUEUE, Doorbell::CompletionHead, head);
        }
        if self.io.is_flooded() {
            Condition::Broken
        } else if self.io.overdue(now).is_some() {
            Condition::Overdue
        } else {
            Condition::Working
        }
    }

    /// Asks the device itself how it is: one register read.
    pub(crate) fn ask_device(&self) -> Condition {
        match self.registers.status() {
            Ok(status) if !status.is_fatal() => Condition::Working,
            _ => Condition::Broken,
        }
    }

    /// Ends every overdue command, by abort or reset; resets a broken controller.
    pub(crate) fn recover(&mut self) {
        while self.down.is_none() {
            if self.io.is_flooded() || self.ask_device() == Condition::Broken {
                return self.reset_after(CommandError::ControllerFailed);
            }
            let now = self.platform.clock.now();
            let Some(slot) = self.io.overdue(now) else { return };
            self.statistics.timed_out += 1;
            let ended = match self.io.id_in(slot) {
                Some(id) => self.abort(slot, id),
                None => true,
            };
            if !ended {
                return self.reset_after(CommandError::TimedOut);
            }
        }
    }

    /// Brings the controller back if it is down.
    pub(crate) fn revive(&mut self) -> Result<(), NvmeError> {
        if self.down.is_some() {
            self.statistics.resets += 1;
            self.down = self.bring_back().err();
        }
        self.down.map_or(Ok(()), Err)
    }

    /// Stops the device; false when it may still be writing to memory.
    pub(crate) fn stop(&self) -> bool {
        matches!(self.disable(), Ok(()) | Err(NvmeError::Gone))
    }

    /// A normal shutdown.
    pub(crate) fn shut_down(&mut self) -> Result<(), NvmeError> {
        if let Some(error) = self.down {
            return if error == NvmeError::ShutDown { Ok(()) } else { Err(error) };
        }
        self.registers.request_shutdown();
        let deadline = self.platform.clock.now().after(self.options.timeout);
        let stopped = self.await_shutdown(deadline).and_then(|()| self.disable());
        self.end_all(self.io.flying(), CommandError::TimedOut);
        self.down = Some(stopped.err().unwrap_or(NvmeError::ShutDown));
        stopped
    }

    fn await_shutdown(&self, deadline: Instant) -> Result<(), NvmeError> {
        let mut wait = Wait::for_register(&self.platform);
        // A controller that never says it is done is disabled all the same.
        while !self.registers.status()?.is_shut_down() && self.platform.clock.now() < deadline {
            wait.pause(&self.platform, deadline, &|| false);
        }
        Ok(())
    }

    /// Aborts the command `id` in `slot`; whether it has ended (in whatever way) and the abort was answered.
    fn abort(&mut self, slot: u16, id: CommandId) -> bool {
        let deadline = self.platform.clock.now().after(self.options.abort_timeout);
        if self.admin.submit(ABORT_SLOT, &Entry::abort(id.0), deadline).is_err() {
            return false;
        }
        self.statistics.aborts += 1;
        self.ring_admin();
        let mut wait = Wait::for_completion(&self.platform);
        loop {
            self.platform.acknowledge();
            let now = self.platform.clock.now();
            let mut refused = false;
            self.poll_admin(true, |abort| refused = !abort.status.is_success() || abort.result & 1 != 0);
            self.poll_io(now, true);
            let ended = self.io.id_in(slot) != Some(id);
            let answered = self.admin.flying() == 0;
            if answered && (ended || refused) || now >= deadline || self.admin.is_flooded() || self.io.is_flooded() {
                return answered && ended;
            }
            let Self { admin, io, platform, .. } = &*self;
            let ready = || platform.interrupted() || admin.has_completion() || io.has_completion();
            wait.pause(platform, deadline, &ready);
        }
    }

    /// Resets the controller; everything under way ends with `error`.
    fn reset_after(&mut self, error: CommandError) {
        self.statistics.resets += 1;
        let flying = self.io.flying();
        self.down = self.bring_back().err();
        let error = if self.down == Some(NvmeError::Gone) { CommandError::Gone } else { error };
        self.end_all(flying, error);
    }

    fn end_all(&mut self, flying: u64, error: CommandError) {
        for slot in (0..self.slots.count()).filter(|slot| flying >> slot & 1 != 0) {
            self.slots.finish(slot, Err(error));
        }
    }
}

/// What a completion means to the caller; an abort comes from this driver only, after a missed deadline.
fn outcome(completed: Completed) -> Outcome {
    match completed.status {
        status if status.is_success() => Ok(()),
        status if status.code() == Some(StatusCode::AbortRequested) => Err(CommandError::TimedOut),
        status => Err(CommandError::Status(status)),
    }
}
