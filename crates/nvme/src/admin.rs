//! Admin commands: a few at a time, waited for together.

use crate::controller::{ADMIN_SLOTS, Core};
use crate::queue::Completed;
use crate::registers::Doorbell;
use crate::wait::Wait;
use crate::{AdminCommand, Entry, NvmeError, Status};
use velocity_base::Instant;

/// The queue number of the admin queues.
const ADMIN_QUEUE: u16 = 0;

/// Most commands of one batch.
pub(crate) const MAX_BATCH: usize = ADMIN_SLOTS as usize;

/// The answer to one admin command.
#[derive(Clone, Copy)]
pub(crate) struct Reply {
    command: AdminCommand,
    pub(crate) status: Status,
    pub(crate) result: u32,
}

impl Reply {
    /// The command-specific result, or the error that the device answered.
    pub(crate) fn check(self) -> Result<u32, NvmeError> {
        if self.status.is_success() {
            return Ok(self.result);
        }
        Err(NvmeError::Refused { command: self.command, status: self.status })
    }
}

impl Core {
    /// Sends `commands`, at most [`MAX_BATCH`], with one doorbell write and returns when all are answered.
    pub(crate) fn admin<const N: usize>(
        &mut self,
        commands: [(AdminCommand, Entry); N],
    ) -> Result<[Reply; N], NvmeError> {
        const { assert!(N <= MAX_BATCH) };
        let deadline = self.platform.clock.now().after(self.options.timeout);
        for (slot, (command, entry)) in commands.iter().enumerate() {
            let timed_out = |_| NvmeError::TimedOut { command: *command };
            self.admin.submit(slot as u16, entry, deadline).map_err(timed_out)?;
        }
        self.ring_admin();
        let mut replies = commands.map(|(command, _)| Reply { command, status: Status::SUCCESS, result: 0 });
        self.await_admin(&mut replies, deadline)?;
        Ok(replies)
    }

    /// Tells the device of new admin commands.
    pub(crate) fn ring_admin(&mut self) {
        if let Some(tail) = self.admin.tail_to_tell() {
            self.registers.ring(ADMIN_QUEUE, Doorbell::SubmissionTail, tail);
        }
    }

    /// Takes admin completions; `sleeping` when the next one must raise an interrupt.
    pub(crate) fn poll_admin(&mut self, sleeping: bool, out: impl FnMut(Completed)) {
        self.admin.poll(out);
        if let Some(head) = self.admin.head_to_tell(sleeping) {
            self.registers.ring(ADMIN_QUEUE, Doorbell::CompletionHead, head);
        }
    }

    fn await_admin(&mut self, replies: &mut [Reply], deadline: Instant) -> Result<(), NvmeError> {
        let mut missing = replies.len();
        let mut wait = Wait::for_completion(&self.platform);
        loop {
            self.platform.acknowledge();
            let sleeping = wait.is_long(self.platform.clock.now());
            self.poll_admin(sleeping, |completed| {
                if let Some(reply) = replies.get_mut(usize::from(completed.slot)) {
                    (reply.status, reply.result) = (completed.status, completed.result);
                    missing -= 1;
                }
            });
            if missing == 0 {
                return Ok(());
            }
            self.check_admin(replies, deadline, &mut wait)?;
            let (admin, platform) = (&self.admin, &self.platform);
            wait.pause(platform, deadline, &|| platform.interrupted() || admin.has_completion());
        }
    }

    /// Why it makes no sense to wait any longer, if so.
    fn check_admin(&self, replies: &[Reply], deadline: Instant, wait: &mut Wait) -> Result<(), NvmeError> {
        let now = self.platform.clock.now();
        if self.admin.is_flooded() {
            return Err(NvmeError::Insane);
        }
        if (wait.is_suspicious(now) || now >= deadline) && self.registers.status()?.is_fatal() {
            return Err(NvmeError::Fatal);
        }
        if now < deadline {
            return Ok(());
        }
        let slot = self.admin.flying().trailing_zeros() as usize;
        let command = replies.get(slot).map_or(AdminCommand::Abort, |reply| reply.command);
        Err(NvmeError::TimedOut { command })
    }
}
