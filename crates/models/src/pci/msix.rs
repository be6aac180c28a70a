//! MSI-X: the vector table, its masks and pending bits (PCI Local Bus 3.0, section 6.8.2).

use crate::MsiSink;
use std::sync::Arc;
use velocity_hal::MsiMessage;

/// Bytes of a table entry.
const ENTRY_BYTES: u64 = 16;

/// Where a device keeps its MSI-X structures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsixLayout {
    /// Entries in the table, 1 to 2048.
    pub vectors: u16,
    /// The BAR that holds table and pending bits, 0 to 5.
    pub bar: u8,
    /// Byte offset of the table in that BAR, a multiple of 8.
    pub table: u32,
    /// Byte offset of the pending bits in that BAR, a multiple of 8.
    pub pending: u32,
}

#[derive(Clone, Copy)]
struct Entry {
    words: [u32; 4],
    pending: bool,
}

impl Entry {
    fn is_masked(&self) -> bool {
        self.words[3] & 1 != 0
    }

    fn message(&self) -> MsiMessage {
        let [low, high, data, _] = self.words;
        MsiMessage { address: u64::from(high) << 32 | u64::from(low & !3), data }
    }
}

/// A device's vectors.
pub(super) struct Msix {
    pub(super) layout: MsixLayout,
    entries: Vec<Entry>,
    sink: Arc<dyn MsiSink>,
}

impl Msix {
    pub(super) fn new(layout: MsixLayout, sink: Arc<dyn MsiSink>) -> Self {
        let reset = Entry { words: [0, 0, 0, 1], pending: false };
        Self { layout, entries: vec![reset; usize::from(layout.vectors)], sink }
    }

    /// Sends the message of `vector`, or remembers it while it may not be sent.
    pub(super) fn raise(&mut self, vector: u16, may_send: bool) {
        let Some(entry) = self.entries.get_mut(usize::from(vector)) else { return };
        entry.pending = !may_send || entry.is_masked();
        if !entry.pending {
            self.sink.deliver(entry.message());
        }
    }

    /// Sends what waited for a mask to fall.
    pub(super) fn flush(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.pending && !entry.is_masked()) {
            entry.pending = false;
            self.sink.deliver(entry.message());
        }
    }

    /// Whether `offset` of `bar` belongs to these structures.
    pub(super) fn covers(&self, bar: u8, offset: u64) -> bool {
        bar == self.layout.bar && (self.table_offset(offset).is_some() || self.pending_offset(offset).is_some())
    }

    fn table_offset(&self, offset: u64) -> Option<u64> {
        offset.checked_sub(self.layout.table.into()).filter(|at| *at < self.entries.len() as u64 * ENTRY_BYTES)
    }

    fn pending_offset(&self, offset: u64) -> Option<u64> {
        let bytes = self.entries.len().div_ceil(64) as u64 * 8;
        offset.checked_sub(self.layout.pending.into()).filter(|at| *at < bytes)
    }

    /// The aligned 32-bit word at `offset`.
    pub(super) fn read32(&self, offset: u64) -> u32 {
        if let Some(at) = self.table_offset(offset) {
            return self.entries[(at / ENTRY_BYTES) as usize].words[(at % ENTRY_BYTES / 4) as usize];
        }
        let Some(at) = self.pending_offset(offset) else { return 0 };
        let first = (at / 4 * 32) as usize;
        let word = self.entries.iter().skip(first).take(32).enumerate();
        word.fold(0, |bits, (bit, entry)| bits | u32::from(entry.pending) << bit)
    }

    /// Writes the aligned 32-bit word at `offset`; pending bits are read-only.
    pub(super) fn write32(&mut self, offset: u64, value: u32) {
        let Some(at) = self.table_offset(offset) else { return };
        let word = (at % ENTRY_BYTES / 4) as usize;
        let writable = if word == 3 { 1 } else { u32::MAX };
        self.entries[(at / ENTRY_BYTES) as usize].words[word] = value & writable;
    }
}
