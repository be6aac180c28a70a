//! The asynchronous face of a namespace: take a slot, submit, ring, poll, copy out.
//!
//! Nothing here waits or reads a clock, except [`Io::recover`]. An [`Io`] holds the controller's lock while it lives.

use crate::controller::{Core, StopOnDrop};
use crate::{CommandError, CommandId, Entry, NamespaceInfo, NvmeError, Opcode, Slot, SubmitError};
use spin::MutexGuard;
use velocity_base::{Instant, Lba};

/// How the controller is, as far as polling can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing is wrong.
    Working,
    /// A command has missed its deadline: call [`Io::recover`].
    Overdue,
    /// The controller failed or is gone: call [`Io::recover`].
    Broken,
}

/// Exclusive access to the I/O queues for one namespace.
pub struct Io<'a> {
    core: MutexGuard<'a, StopOnDrop>,
    info: NamespaceInfo,
}

impl<'a> Io<'a> {
    pub(crate) fn new(core: MutexGuard<'a, StopOnDrop>, info: NamespaceInfo) -> Self {
        Self { core, info }
    }

    /// Most commands under way at a time.
    #[must_use]
    pub fn slots(&self) -> u16 {
        self.core.slots.count()
    }

    /// Most bytes of one command.
    #[must_use]
    pub fn max_bytes(&self) -> u32 {
        self.core.options.slot_bytes
    }

    /// A slot for one command at a time, the caller's until [`Io::release`]; `None` when all are taken.
    pub fn take_slot(&mut self) -> Option<Slot> {
        self.core.slots.take()
    }

    /// Whether [`Io::take_slot`] has one to give.
    #[must_use]
    pub fn any_free(&self) -> bool {
        self.core.slots.any_free()
    }

    /// Gives a slot back; while its command is under way, as soon as that has ended.
    pub fn release(&mut self, slot: Slot) {
        self.core.slots.release(slot);
    }

    /// Reads `blocks` blocks from `first` into the slot's buffer. The device starts at the next [`Io::ring`].
    ///
    /// # Errors
    /// [`SubmitError`]; nothing was sent.
    pub fn submit_read(&mut self, slot: Slot, first: Lba, blocks: u32, now: Instant) -> Result<CommandId, SubmitError> {
        let bytes = self.check(first, blocks)?;
        let prps = self.core.buffers.prps(slot, bytes);
        self.submit(slot, &Entry::transfer(Opcode::Read, self.info.id, first.0, blocks, prps), now)
    }

    /// Copies `data`, whole blocks, into the slot's buffer and writes it from `first` on, as [`Io::submit_read`] reads.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing was sent.
    pub fn submit_write(
        &mut self,
        slot: Slot,
        first: Lba,
        data: &[u8],
        now: Instant,
    ) -> Result<CommandId, SubmitError> {
        let block_bytes = self.info.block_bytes as usize;
        let blocks = u32::try_from(data.len() / block_bytes).unwrap_or(u32::MAX);
        let bytes = self.check(first, blocks)?;
        if bytes != data.len() {
            return Err(self.bad_length());
        }
        // The device may still be reading the buffer of a slot that is not ours to fill.
        if !self.core.slots.may_submit(slot) {
            return Err(SubmitError::SlotBusy);
        }
        self.core.buffers.fill(slot, data);
        let prps = self.core.buffers.prps(slot, bytes);
        self.submit(slot, &Entry::transfer(Opcode::Write, self.info.id, first.0, blocks, prps), now)
    }

    /// Makes durable what completed writes have written.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing was sent.
    pub fn submit_flush(&mut self, slot: Slot, now: Instant) -> Result<CommandId, SubmitError> {
        self.submit(slot, &Entry::new(Opcode::Flush, self.info.id), now)
    }

    /// Tells the device of everything submitted so far.
    pub fn ring(&mut self) {
        self.core.ring_io();
    }

    /// Takes completions. At most one lap of the completion queue, so it ends whatever the device does.
    pub fn poll(&mut self, now: Instant) -> Condition {
        self.core.poll_io(now, false)
    }

    /// Like [`Io::poll`], for a caller that sleeps next: the next completion raises an interrupt.
    pub fn poll_before_sleep(&mut self, now: Instant) -> Condition {
        self.core.poll_io(now, true)
    }

    /// How the command in `slot` ended; `None` while it is under way.
    #[must_use]
    pub fn outcome(&self, slot: Slot) -> Option<Result<(), CommandError>> {
        self.core.slots.outcome(slot)
    }

    /// Copies data read out of `slot`'s buffer, from byte `offset` on.
    ///
    /// # Panics
    /// When `offset + out.len()` exceeds the slot: the caller is wrong.
    pub fn copy_out(&self, slot: Slot, offset: usize, out: &mut [u8]) {
        self.core.buffers.copy_out(slot, offset, out);
    }

    /// Asks the device itself, by one register read, whether it failed or is gone.
    #[must_use]
    pub fn ask_device(&self) -> Condition {
        self.core.ask_device()
    }

    /// Ends overdue commands by abort or controller reset. Blocks for a bounded time; afterwards none is overdue.
    pub fn recover(&mut self) {
        self.core.recover();
    }

    /// Starts the controller again if an earlier recovery failed; does nothing when it runs.
    ///
    /// # Errors
    /// [`NvmeError`]: why it still does not run.
    pub fn revive(&mut self) -> Result<(), NvmeError> {
        self.core.revive()
    }

    fn submit(&mut self, slot: Slot, entry: &Entry, now: Instant) -> Result<CommandId, SubmitError> {
        let Core { io, slots, options, down, statistics, .. } = &mut **self.core;
        if let Some(error) = down {
            return Err(SubmitError::Down(*error));
        }
        if !slots.may_submit(slot) {
            return Err(SubmitError::SlotBusy);
        }
        let id = io.submit(slot.0, entry, now.after(options.timeout))?;
        slots.submitted(slot);
        statistics.submitted += 1;
        Ok(id)
    }

    /// The length in bytes of a transfer that the device may be asked for.
    fn check(&self, first: Lba, blocks: u32) -> Result<usize, SubmitError> {
        let bytes = u64::from(blocks) * u64::from(self.info.block_bytes);
        if blocks == 0 || bytes > u64::from(self.max_bytes()) {
            return Err(self.bad_length());
        }
        match first.0.checked_add(u64::from(blocks)) {
            Some(end) if end <= self.info.blocks => Ok(bytes as usize),
            _ => Err(SubmitError::OutOfRange),
        }
    }

    fn bad_length(&self) -> SubmitError {
        SubmitError::BadLength { max_bytes: self.max_bytes() }
    }
}
