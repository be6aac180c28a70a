//! A namespace as a block device: the blocking layer over [`Io`].
//!
//! A transfer is cut into chunks, as a rule of a slot's size ([`Submission`]), as many of them under way as there are slots; the oldest is waited
//! for, its slot refilled, so a long sequential read keeps the device busy while data is copied out. After an error no
//! further chunk is sent, and those under way are waited for: when a call returns, the device is done with it.

use crate::controller::Shared;
use crate::options::MAX_SLOTS;
use crate::slots::Outcome;
use crate::submission::{self, Ask, Original, Submission};
use crate::wait::Wait;
use crate::{CommandError, Condition, Io, NamespaceInfo, Slot, SubmitError};
use alloc::boxed::Box;
use alloc::sync::Arc;
use velocity_base::{Instant, Lba};
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};

/// One namespace of a controller. Several handles and threads may use it at a time.
pub struct Namespace {
    shared: Arc<Shared>,
    info: NamespaceInfo,
    submission: Box<dyn Submission>,
}

/// A transfer's data.
enum Data<'a> {
    Read(&'a mut [u8]),
    Write(&'a [u8]),
}

impl Data<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Read(out) => out.len(),
            Self::Write(data) => data.len(),
        }
    }
}

/// Chunks under way, oldest first: each with the offset of its end.
struct Window {
    chunks: [(Slot, usize); MAX_SLOTS as usize],
    oldest: usize,
    len: usize,
}

impl Window {
    const fn new() -> Self {
        Self { chunks: [(Slot(0), 0); MAX_SLOTS as usize], oldest: 0, len: 0 }
    }

    fn push(&mut self, slot: Slot, end: usize) {
        self.chunks[(self.oldest + self.len) % self.chunks.len()] = (slot, end);
        self.len += 1;
    }

    fn pop(&mut self) -> Option<(Slot, usize)> {
        let chunk = self.chunks[self.oldest];
        self.len = self.len.checked_sub(1)?;
        self.oldest = (self.oldest + 1) % self.chunks.len();
        Some(chunk)
    }
}

/// A transfer in progress; positions are byte offsets into its data.
struct Transfer<'a> {
    namespace: &'a Namespace,
    submission: &'a mut dyn Submission,
    first: Lba,
    data: Data<'a>,
    /// Most bytes of a command.
    most_bytes: u32,
    sent: usize,
    ended: usize,
    window: Window,
}

impl Transfer<'_> {
    fn run(mut self) -> Result<(), BlockError> {
        let mut result = Ok(());
        loop {
            if result.is_ok() {
                result = self.send();
            }
            let Some((slot, end)) = self.window.pop() else { return result };
            let at = self.lba(self.ended);
            let ended = self.finish(slot, end).map_err(|error| block_error(error, at));
            result = result.and(ended);
        }
    }

    fn lba(&self, offset: usize) -> Lba {
        Lba(self.first.0 + offset as u64 / u64::from(self.namespace.info.block_bytes))
    }

    /// Sends chunks while there are slots; at least one is under way afterwards, unless all is sent.
    fn send(&mut self) -> Result<(), BlockError> {
        while self.sent < self.data.len() {
            let mut io = self.namespace.io();
            let now = self.namespace.shared.platform.clock.now();
            while self.sent < self.data.len()
                && let Some(slot) = io.take_slot()
            {
                if let Err(error) = self.send_chunk(&mut io, slot, now) {
                    io.release(slot);
                    io.ring();
                    return Err(BlockError::new(error.kind(), self.lba(self.sent)));
                }
            }
            io.ring();
            drop(io);
            if self.window.len != 0 {
                break;
            }
            let at = self.lba(self.sent);
            self.namespace.await_slot().map_err(|error| block_error(error, at))?;
        }
        Ok(())
    }

    fn send_chunk(&mut self, io: &mut Io<'_>, slot: Slot, now: Instant) -> Result<(), SubmitError> {
        let end = self.sent + self.next_chunk(u32::from(io.slots()));
        let at = self.lba(self.sent);
        match &self.data {
            Data::Read(_) => {
                let blocks = (end - self.sent) / self.namespace.info.block_bytes as usize;
                io.submit_read(slot, at, blocks as u32, now)?;
            }
            Data::Write(data) => {
                io.submit_write(slot, at, &data[self.sent..end], now)?;
            }
        }
        self.window.push(slot, end);
        self.sent = end;
        Ok(())
    }

    /// How long the next chunk is, in bytes.
    fn next_chunk(&mut self, slots: u32) -> usize {
        let ask = Ask {
            left_bytes: (self.data.len() - self.sent) as u64,
            most_bytes: self.most_bytes,
            block_bytes: self.namespace.info.block_bytes,
            under_way: self.window.len as u32,
            slots,
        };
        submission::checked(self.submission, ask) as usize
    }

    /// Waits for the oldest chunk, in `slot`, up to byte `end`, and takes its data.
    fn finish(&mut self, slot: Slot, end: usize) -> Outcome {
        let (mut io, outcome) = self.namespace.finish(slot);
        if let (Ok(()), Data::Read(out)) = (outcome, &mut self.data) {
            io.copy_out(slot, 0, &mut out[self.ended..end]);
        }
        io.release(slot);
        self.ended = end;
        outcome
    }
}

impl Namespace {
    pub(crate) fn new(shared: Arc<Shared>, info: NamespaceInfo) -> Self {
        Self { shared, info, submission: Box::new(Original) }
    }

    /// Cuts transfers in another way from now on.
    pub fn set_submission(&mut self, submission: Box<dyn Submission>) {
        self.submission = submission;
    }

    /// Tells what can be replaced that nothing is being asked of it.
    pub fn quiesce(&mut self) {
        self.submission.quiesce();
    }

    /// What it is.
    #[must_use]
    pub fn info(&self) -> NamespaceInfo {
        self.info
    }

    /// Its asynchronous face. Holds the controller's lock: drop it before anything that waits.
    #[must_use]
    pub fn io(&self) -> Io<'_> {
        self.shared.io(self.info)
    }

    /// Returns when the command in `slot` has ended, with the lock held so that its data can be taken.
    fn finish(&self, slot: Slot) -> (Io<'_>, Outcome) {
        // First look without ceremony: a model, or a device that was quick, has answered already.
        let mut io = self.io();
        io.poll(self.shared.platform.clock.now());
        match io.outcome(slot) {
            Some(outcome) => (io, outcome),
            None => {
                drop(io);
                self.await_end(slot)
            }
        }
    }

    fn await_end(&self, slot: Slot) -> (Io<'_>, Outcome) {
        let platform = &self.shared.platform;
        let mut wait = Wait::for_completion(platform);
        loop {
            platform.acknowledge();
            let mut io = self.io();
            let now = platform.clock.now();
            let mut condition = if wait.is_long(now) { io.poll_before_sleep(now) } else { io.poll(now) };
            if let Some(outcome) = io.outcome(slot) {
                return (io, outcome);
            }
            if condition == Condition::Working && wait.is_suspicious(now) {
                condition = io.ask_device();
            }
            if condition != Condition::Working {
                io.recover();
                continue;
            }
            drop(io);
            // No deadline here: that of the command ends the wait through `poll`.
            wait.pause(platform, Instant::from_nanos(u64::MAX), &|| self.may_have_ended(slot));
        }
    }

    /// Whether a look at `slot` is worth while. Called while the lock may be held, on this thread or another.
    fn may_have_ended(&self, slot: Slot) -> bool {
        let core = self.shared.core.try_lock();
        core.is_none_or(|core| core.io.has_completion() || core.slots.outcome(slot).is_some())
    }

    /// Waits until somebody else gives a slot back.
    fn await_slot(&self) -> Result<(), CommandError> {
        let platform = &self.shared.platform;
        let deadline = platform.clock.now().after(self.shared.core.lock().options.timeout);
        let mut wait = Wait::for_completion(platform);
        loop {
            let now = platform.clock.now();
            let mut io = self.io();
            if io.poll(now) != Condition::Working {
                io.recover();
            }
            if io.any_free() {
                return Ok(());
            }
            if now >= deadline {
                return Err(CommandError::TimedOut);
            }
            drop(io);
            wait.pause(platform, deadline, &|| self.shared.core.try_lock().is_none_or(|core| core.slots.any_free()));
        }
    }

    /// Refuses what no transfer could do, and brings back a controller that is down.
    fn begin(&self, first: Lba, bytes: usize) -> Result<u32, BlockError> {
        let fail = |kind| Err(BlockError::new(kind, first));
        let block_bytes = self.info.block_bytes as usize;
        if !bytes.is_multiple_of(block_bytes) {
            return fail(BlockErrorKind::Misaligned);
        }
        let blocks = (bytes / block_bytes) as u64;
        if first.0.checked_add(blocks).is_none_or(|end| end > self.info.blocks) {
            return fail(BlockErrorKind::OutOfRange);
        }
        let mut io = self.io();
        match io.revive() {
            Ok(()) => Ok(io.max_bytes()),
            Err(error) => fail(SubmitError::Down(error).kind()),
        }
    }

    fn transfer(&mut self, first: Lba, data: Data<'_>) -> Result<(), BlockError> {
        let most_bytes = self.begin(first, data.len())?;
        let mut submission = core::mem::replace(&mut self.submission, Box::new(Original));
        let (namespace, window) = (&*self, Window::new());
        let transfer =
            Transfer { namespace, submission: &mut *submission, first, data, most_bytes, sent: 0, ended: 0, window };
        let result = transfer.run();
        self.submission = submission;
        result
    }
}

impl BlockDevice for Namespace {
    fn block_bytes(&self) -> u32 {
        self.info.block_bytes
    }

    fn block_count(&self) -> u64 {
        self.info.blocks
    }

    fn read(&mut self, first: Lba, out: &mut [u8]) -> Result<(), BlockError> {
        self.transfer(first, Data::Read(out))
    }

    fn write(&mut self, first: Lba, data: &[u8]) -> Result<(), BlockError> {
        self.transfer(first, Data::Write(data))
    }

    fn flush(&mut self) -> Result<(), BlockError> {
        let at = Lba(0);
        self.begin(at, 0)?;
        let slot = loop {
            if let Some(slot) = self.io().take_slot() {
                break slot;
            }
            self.await_slot().map_err(|error| block_error(error, at))?;
        };
        let mut io = self.io();
        let submitted = io.submit_flush(slot, self.shared.platform.clock.now());
        io.ring();
        drop(io);
        let outcome = match submitted {
            Ok(_) => self.finish(slot).1.map_err(|error| block_error(error, at)),
            Err(error) => Err(BlockError::new(error.kind(), at)),
        };
        self.io().release(slot);
        outcome
    }
}

fn block_error(error: CommandError, lba: Lba) -> BlockError {
    BlockError { kind: error.kind(), lba, code: error.code() }
}
