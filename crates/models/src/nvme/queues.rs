//! Submission and completion rings in guest memory, from the device's side (section 4.1).

use super::command::{COMMAND_BYTES, COMPLETION_BYTES, Command, Completion};
use crate::{GuestMemory, MemoryFault};
use std::collections::VecDeque;
use velocity_base::PhysAddr;

/// A ring of commands that the driver fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct SubmissionQueue {
    base: u64,
    entries: u16,
    head: u16,
    tail: u16,
    /// The completion queue that its commands are answered in.
    pub(super) completion_queue: u16,
}

impl SubmissionQueue {
    pub(super) fn new(base: u64, entries: u16, completion_queue: u16) -> Self {
        Self { base, entries, head: 0, tail: 0, completion_queue }
    }

    /// Where the device will fetch next; goes into every completion.
    pub(super) fn head(&self) -> u16 {
        self.head
    }

    /// The driver moved the tail. False when it named a place outside the ring.
    pub(super) fn set_tail(&mut self, tail: u32) -> bool {
        let inside = tail < u32::from(self.entries);
        if inside {
            self.tail = tail as u16;
        }
        inside
    }

    /// Appends everything between head and tail to `out`; the ring is then empty.
    pub(super) fn fetch(&mut self, memory: &GuestMemory, out: &mut Vec<Command>) -> Result<(), MemoryFault> {
        while self.head != self.tail {
            let end = if self.tail > self.head { self.tail } else { self.entries };
            let count = usize::from(end - self.head);
            let at = PhysAddr(self.base + u64::from(self.head) * COMMAND_BYTES as u64);
            memory.with_bytes(at, count * COMMAND_BYTES, |bytes| {
                let (commands, _) = bytes.as_chunks::<COMMAND_BYTES>();
                out.extend(commands.iter().map(Command::decode));
            })?;
            self.head = if end == self.entries { 0 } else { end };
        }
        Ok(())
    }
}

/// A completion on its way, with the submission queue it belongs to.
pub(super) type Answer = (u16, Completion);

/// A ring of answers that the driver empties.
#[derive(Debug)]
pub(super) struct CompletionQueue {
    base: u64,
    entries: u16,
    head: u16,
    tail: u16,
    phase: bool,
    /// The MSI-X vector to raise; `None` while interrupts are off for this queue.
    pub(super) vector: Option<u16>,
    /// Answers for which the ring had no room. At most as many as the driver has commands under way.
    backlog: VecDeque<Answer>,
}

impl CompletionQueue {
    pub(super) fn new(base: u64, entries: u16, vector: Option<u16>) -> Self {
        Self { base, entries, head: 0, tail: 0, phase: true, vector, backlog: VecDeque::new() }
    }

    /// The driver moved the head. False when it named a place outside the ring.
    pub(super) fn set_head(&mut self, head: u32) -> bool {
        let inside = head < u32::from(self.entries);
        if inside {
            self.head = head as u16;
        }
        inside
    }

    /// Posts `answers`, after those that still wait for room; `heads` gives each submission queue's head.
    ///
    /// Returns whether anything was posted.
    pub(super) fn post(
        &mut self,
        memory: &GuestMemory,
        answers: &[Answer],
        heads: impl Fn(u16) -> u16,
    ) -> Result<bool, MemoryFault> {
        if self.backlog.is_empty() {
            let posted = self.write(memory, answers.iter().copied(), &heads)?;
            self.backlog.extend(&answers[posted..]);
            return Ok(posted != 0);
        }
        self.backlog.extend(answers);
        let backlog = std::mem::take(&mut self.backlog);
        let posted = self.write(memory, backlog.iter().copied(), &heads)?;
        self.backlog = backlog;
        self.backlog.drain(..posted);
        Ok(posted != 0)
    }

    /// Writes as many of `answers` as there is room for; returns how many.
    fn write(
        &mut self,
        memory: &GuestMemory,
        mut answers: impl ExactSizeIterator<Item = Answer>,
        heads: impl Fn(u16) -> u16,
    ) -> Result<usize, MemoryFault> {
        let used = (self.tail + self.entries - self.head) % self.entries;
        let count = answers.len().min(usize::from(self.entries - 1 - used));
        let mut left = count;
        while left != 0 {
            let run = left.min(usize::from(self.entries - self.tail));
            let at = PhysAddr(self.base + u64::from(self.tail) * COMPLETION_BYTES as u64);
            let phase = self.phase;
            memory.with_bytes_mut(at, run * COMPLETION_BYTES, |bytes| {
                let (places, _) = bytes.as_chunks_mut::<COMPLETION_BYTES>();
                for (place, (queue, completion)) in places.iter_mut().zip(answers.by_ref()) {
                    *place = completion.encode(queue, heads(queue), phase);
                }
            })?;
            left -= run;
            self.tail += run as u16;
            if self.tail == self.entries {
                self.tail = 0;
                self.phase = !self.phase;
            }
        }
        Ok(count)
    }
}
