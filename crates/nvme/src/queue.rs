//! A submission and a completion queue (section 4.1) as a state machine: no registers, no clock, no waiting.
//!
//! ```text
//!   submission ring (driver writes)          completion ring (device writes, phase tag flips each lap)
//!   | sent | sent | sent |      |            | read | new P | new P | old !P |
//!                          ^ tail                     ^ head, phase = P
//! ```
//! The caller writes the doorbells with the values this type names. At most `slots` < `entries` commands are under way,
//! so neither ring can overrun and the device's word about its own head (SQHD) is never needed.
//!
//! A command id is generation << 6 | slot number. A completion counts only when the slot it names has a command under
//! way *with that very id*, so an unknown, repeated or outdated id is refused, counted and never used as an index.

use crate::command::ENTRY_BYTES;
use crate::options::MAX_SLOTS;
use crate::{Entry, Status, SubmitError};
use alloc::{boxed::Box, vec};
use velocity_base::Instant;
use velocity_hal::dma::DMA_PAGE_BYTES;
use velocity_hal::{DmaAllocator, DmaError, DmaRegion};

/// Bytes in a completion queue entry.
const COMPLETION_BYTES: usize = 16;

/// Completions copied out of the ring at once, at most.
const COPIED_AT_ONCE: u16 = 16;

/// Generations before a command id comes back; ids stay below FFFFh, which the specification reserves.
const GENERATIONS: u16 = 1023;

/// Names a command from its submission to its completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandId(pub(crate) u16);

/// A command that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Completed {
    /// The slot it was submitted in.
    pub(crate) slot: u16,
    /// The device's answer.
    pub(crate) status: Status,
    /// Dword 0: what the command answers, if it answers anything.
    pub(crate) result: u32,
}

#[derive(Clone, Copy)]
struct Command {
    id: u16,
    /// `Some` while it is under way.
    deadline: Option<Instant>,
}

/// One queue pair.
pub(crate) struct QueuePair {
    memory: Box<dyn DmaRegion>,
    /// The submission ring as it will be; copied to `memory` before the device is told of it, all new entries at once.
    staged: Box<[[u8; ENTRY_BYTES]]>,
    /// Where the completion ring begins in `memory`.
    completions: usize,
    entries: u16,
    tail: u16,
    told_tail: u16,
    head: u16,
    told_head: u16,
    phase: bool,
    commands: Box<[Command]>,
    under_way: u16,
    /// No deadline lies before this.
    earliest: Instant,
    refused: u64,
    /// Refused completions since the last good one.
    refused_in_a_row: u32,
}

impl QueuePair {
    /// A pair of rings of `entries` entries for up to `slots` < `entries` commands under way, at most 64.
    pub(crate) fn new(dma: &dyn DmaAllocator, entries: u16, slots: u16) -> Result<Self, DmaError> {
        debug_assert!(slots < entries && slots <= MAX_SLOTS);
        let completions = (usize::from(entries) * ENTRY_BYTES).next_multiple_of(DMA_PAGE_BYTES);
        let memory = dma.allocate(completions + usize::from(entries) * COMPLETION_BYTES)?;
        let command = |slot| Command { id: slot, deadline: None };
        Ok(Self {
            memory,
            staged: vec![[0; ENTRY_BYTES]; usize::from(entries)].into_boxed_slice(),
            completions,
            entries,
            tail: 0,
            told_tail: 0,
            head: 0,
            told_head: 0,
            phase: true,
            commands: (0..slots).map(command).collect(),
            under_way: 0,
            earliest: Instant::from_nanos(u64::MAX),
            refused: 0,
            refused_in_a_row: 0,
        })
    }

    /// Entries in each ring.
    pub(crate) fn entries(&self) -> u16 {
        self.entries
    }

    /// Device addresses of the submission and the completion ring.
    pub(crate) fn addresses(&self) -> (u64, u64) {
        let base = self.memory.device_address().0;
        (base, base + self.completions as u64)
    }

    /// Completions refused since start.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether the device posts so much nonsense that it cannot be trusted to answer.
    pub(crate) fn is_flooded(&self) -> bool {
        self.refused_in_a_row > u32::from(self.entries)
    }

    /// Forgets all commands and clears the rings, for a device that was reset. Old command ids stay refused.
    pub(crate) fn reset(&mut self) {
        let zeros = [0; COMPLETION_BYTES * 16];
        let bytes = usize::from(self.entries) * COMPLETION_BYTES;
        for offset in (0..bytes).step_by(zeros.len()) {
            self.memory.write(self.completions + offset, &zeros[..zeros.len().min(bytes - offset)]);
        }
        (self.tail, self.told_tail, self.head, self.told_head) = (0, 0, 0, 0);
        self.phase = true;
        self.refused_in_a_row = 0;
        self.commands.iter_mut().for_each(|command| command.deadline = None);
        self.under_way = 0;
    }

    /// Puts `entry` into the ring as the command of `slot`, to be answered by `deadline`.
    pub(crate) fn submit(&mut self, slot: u16, entry: &Entry, deadline: Instant) -> Result<CommandId, SubmitError> {
        let command = self.commands.get_mut(usize::from(slot)).filter(|command| command.deadline.is_none());
        let command = command.ok_or(SubmitError::SlotBusy)?;
        let generation = (command.id / MAX_SLOTS + 1) % GENERATIONS;
        let id = generation * MAX_SLOTS + slot;
        *command = Command { id, deadline: Some(deadline) };
        self.under_way += 1;
        self.earliest = self.earliest.min(deadline);
        self.staged[usize::from(self.tail)] = entry.encode(id);
        self.tail = self.after(self.tail);
        Ok(CommandId(id))
    }

    /// The id of the command under way in `slot`.
    pub(crate) fn id_in(&self, slot: u16) -> Option<CommandId> {
        let command = self.commands.get(usize::from(slot))?;
        command.deadline.map(|_| CommandId(command.id))
    }

    /// The new tail, when the device has not been told of it.
    pub(crate) fn tail_to_tell(&mut self) -> Option<u16> {
        let (from, to) = (usize::from(self.told_tail), usize::from(self.tail));
        if from <= to {
            self.copy_staged(from, to);
        } else {
            self.copy_staged(from, usize::from(self.entries));
            self.copy_staged(0, to);
        }
        self.told_tail = self.tail;
        (from != to).then_some(self.tail)
    }

    fn copy_staged(&mut self, from: usize, to: usize) {
        if from < to {
            self.memory.write(from * ENTRY_BYTES, self.staged[from..to].as_flattened());
        }
    }

    /// The new head, when the device has not been told of it and must be: because the ring could fill up, or because
    /// `sleeping` means that the next interrupt counts. Telling it less often saves register writes.
    pub(crate) fn head_to_tell(&mut self, sleeping: bool) -> Option<u16> {
        let untold = (self.head + self.entries - self.told_head) % self.entries;
        let full = usize::from(untold) + self.commands.len() >= usize::from(self.entries) - 1;
        let due = untold != 0 && (sleeping || full);
        if due {
            self.told_head = self.head;
        }
        due.then_some(self.head)
    }

    /// Whether a completion waits to be polled.
    pub(crate) fn has_completion(&self) -> bool {
        self.is_new(self.memory.load32(self.offset_ahead(0) + 12))
    }

    /// Takes new completions, at most one lap of the ring, and gives good ones to `out`. Returns how many it took.
    pub(crate) fn poll(&mut self, mut out: impl FnMut(Completed)) -> u16 {
        let mut taken = 0;
        let mut copied = [[0; COMPLETION_BYTES]; COPIED_AT_ONCE as usize];
        while taken < self.entries {
            let limit = COPIED_AT_ONCE.min(self.entries - self.head).min(self.entries - taken);
            let count = self.new_completions(limit);
            let copied = &mut copied[..usize::from(count)];
            if count != 0 {
                self.memory.read(self.offset_ahead(0), copied.as_flattened_mut());
            }
            let new = copied.iter().take_while(|entry| self.is_new(dword(entry, 12))).count();
            copied[..new].iter().for_each(|entry| self.take(entry, &mut out));
            taken += new as u16;
            // Also when a device posted out of ring order: what lies beyond the gap is not looked at.
            if new == 0 {
                break;
            }
        }
        taken
    }

    /// How many completions there are at least, up to `limit`.
    ///
    /// The device posts in ring order, so if the answer to the last command under way is there, all before it are there
    /// too, and visible after this look at it: one copy fetches them all.
    fn new_completions(&self, limit: u16) -> u16 {
        let all = self.under_way.clamp(1, limit);
        let is_there = |count: &u16| self.is_new(self.memory.load32(self.offset_ahead(*count - 1) + 12));
        [all, 1].into_iter().find(is_there).unwrap_or(0)
    }

    /// Takes the completion at the head.
    fn take(&mut self, entry: &[u8; COMPLETION_BYTES], out: &mut impl FnMut(Completed)) {
        let dword3 = dword(entry, 12);
        self.head = self.after(self.head);
        self.phase ^= self.head == 0;
        match self.claim(dword3 as u16) {
            Some(slot) => {
                self.refused_in_a_row = 0;
                out(Completed { slot, status: Status::from_dword3(dword3), result: dword(entry, 0) });
            }
            None => {
                self.refused += 1;
                self.refused_in_a_row = self.refused_in_a_row.saturating_add(1);
            }
        }
    }

    /// The command whose deadline has passed by `now`, if any. Costs a comparison while none can have.
    pub(crate) fn overdue(&mut self, now: Instant) -> Option<u16> {
        if now < self.earliest {
            return None;
        }
        let flying = self.commands.iter().enumerate().filter_map(|(slot, command)| Some((command.deadline?, slot)));
        let first = flying.min();
        self.earliest = first.map_or(Instant::from_nanos(u64::MAX), |(deadline, _)| deadline);
        first.filter(|(deadline, _)| *deadline <= now).map(|(_, slot)| slot as u16)
    }

    /// Bit n: a command is under way in slot n.
    pub(crate) fn flying(&self) -> u64 {
        let flying = self.commands.iter().enumerate().filter(|(_, command)| command.deadline.is_some());
        flying.fold(0, |mask, (slot, _)| mask | 1 << slot)
    }

    /// Ends the command `id` names, if there is one under way with exactly that id.
    fn claim(&mut self, id: u16) -> Option<u16> {
        let slot = id % MAX_SLOTS;
        let command = self.commands.get_mut(usize::from(slot))?;
        if command.id != id {
            return None;
        }
        command.deadline.take()?;
        self.under_way -= 1;
        Some(slot)
    }

    /// Whether dword 3 of a completion has the phase tag of this lap.
    fn is_new(&self, dword3: u32) -> bool {
        (dword3 >> 16 & 1 != 0) == self.phase
    }

    /// Where the completion entry `ahead` of the head lies in `memory`.
    fn offset_ahead(&self, ahead: u16) -> usize {
        self.completions + usize::from(self.head + ahead) * COMPLETION_BYTES
    }

    fn after(&self, position: u16) -> u16 {
        if position + 1 == self.entries { 0 } else { position + 1 }
    }
}

fn dword(entry: &[u8; COMPLETION_BYTES], offset: usize) -> u32 {
    u32::from_le_bytes([entry[offset], entry[offset + 1], entry[offset + 2], entry[offset + 3]])
}

#[cfg(test)]
mod tests;
