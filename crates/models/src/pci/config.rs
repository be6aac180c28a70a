//! A function's configuration space: header, BARs, capabilities (PCI Local Bus 3.0, chapter 6).
//!
//! Registers are 32-bit words with a mask of writable bits each. BAR sizing needs nothing more: the address bits below
//! a BAR's length are simply not writable, so writing all ones reads back the length's mask (section 6.2.5.1).

use super::msix::{Msix, MsixLayout};
use crate::MsiSink;
use std::ops::Range;
use std::sync::Arc;

/// Words of the configuration space that models implement; what lies above reads as zero.
const WORDS: usize = 64;
/// The word that holds byte `offset`.
const fn word(offset: usize) -> usize {
    offset / 4
}

const COMMAND: usize = word(0x04);
const CLASS: usize = word(0x08);
const HEADER: usize = word(0x0c);
const FIRST_BAR: usize = word(0x10);
const BUS_NUMBERS: usize = word(0x18);
const SUBSYSTEM: usize = word(0x2c);
const CAPABILITIES: usize = word(0x34);
const INTERRUPT: usize = word(0x3c);

/// I/O space, memory space, bus master, parity response, SERR#, interrupt disable.
const COMMAND_WRITABLE: u32 = 0x0547;
const COMMAND_IO: u32 = 1;
const COMMAND_MEMORY: u32 = 1 << 1;
const COMMAND_MASTER: u32 = 1 << 2;
const STATUS_CAPABILITIES: u32 = 1 << 20;
const MULTI_FUNCTION: u32 = 1 << 23;
const BRIDGE: u32 = 1 << 16;
const BAR_IO: u32 = 1;
const BAR_WIDE: u32 = 0b100;
const BAR_PREFETCHABLE: u32 = 0b1000;
const MSIX_ID: u8 = 0x11;
const MSIX_ENABLE: u32 = 1 << 31;
const MSIX_FUNCTION_MASK: u32 = 1 << 30;

/// Who a function says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Vendor number.
    pub vendor: u16,
    /// Device number.
    pub device: u16,
    /// Base class, sub-class and programming interface.
    pub class: [u8; 3],
    /// Revision.
    pub revision: u8,
}

/// What a BAR decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarKind {
    /// Memory below 4 GiB.
    Memory32,
    /// Memory anywhere; takes two registers.
    Memory64 {
        /// Whether reads have no side effects.
        prefetchable: bool,
    },
    /// I/O ports.
    Io,
}

#[derive(Clone, Copy)]
struct Bar {
    kind: BarKind,
    len: u64,
}

/// A function's configuration space.
pub struct ConfigSpace {
    words: [u32; WORDS],
    writable: [u32; WORDS],
    bars: [Option<Bar>; 6],
    msix: Option<(usize, Msix)>,
    /// Where the next capability goes, and the word and shift of the pointer that will lead to it.
    next_capability: usize,
    link: (usize, u32),
}

impl ConfigSpace {
    /// A type 0 header without BARs and capabilities.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        let mut words = [0; WORDS];
        let mut writable = [0; WORDS];
        let [base, sub, interface] = identity.class;
        words[0] = u32::from(identity.device) << 16 | u32::from(identity.vendor);
        words[CLASS] = u32::from_be_bytes([base, sub, interface, identity.revision]);
        words[SUBSYSTEM] = words[0];
        writable[COMMAND] = COMMAND_WRITABLE;
        writable[HEADER] = 0xff;
        writable[INTERRUPT] = 0xff;
        Self { words, writable, bars: [None; 6], msix: None, next_capability: word(0x40), link: (CAPABILITIES, 0) }
    }

    /// A type 1 header: a bridge from its primary to its secondary bus.
    #[must_use]
    pub fn bridge(vendor: u16, device: u16) -> Self {
        let mut space = Self::new(Identity { vendor, device, class: [0x06, 0x04, 0x00], revision: 0 });
        space.words[HEADER] |= BRIDGE;
        space.words[SUBSYSTEM] = 0;
        space.writable[BUS_NUMBERS] = 0x00ff_ffff;
        space
    }

    /// Marks function 0 of a device that has more than one.
    #[must_use]
    pub fn multi_function(mut self) -> Self {
        self.words[HEADER] |= MULTI_FUNCTION;
        self
    }

    /// Adds BAR `index` of `len` bytes, a power of two (at least 16 for memory, 4 for ports).
    ///
    /// # Panics
    /// When the index, the length or the neighbour of a 64-bit BAR is impossible: the model is wrong.
    #[must_use]
    pub fn with_bar(mut self, index: u8, kind: BarKind, len: u64) -> Self {
        let at = usize::from(index);
        let wide = matches!(kind, BarKind::Memory64 { .. });
        assert!(len.is_power_of_two() && len >= if kind == BarKind::Io { 4 } else { 16 }, "BAR {index} of {len} bytes");
        assert!(self.bars[at].is_none() && (!wide || self.bars[at + 1].is_none()), "BAR {index} is taken");
        let address_bits = !(len - 1);
        self.words[FIRST_BAR + at] = match kind {
            BarKind::Memory32 => 0,
            BarKind::Memory64 { prefetchable } => BAR_WIDE | if prefetchable { BAR_PREFETCHABLE } else { 0 },
            BarKind::Io => BAR_IO,
        };
        self.writable[FIRST_BAR + at] = address_bits as u32;
        if wide {
            self.writable[FIRST_BAR + at + 1] = (address_bits >> 32) as u32;
        }
        self.bars[at] = Some(Bar { kind, len });
        self
    }

    /// Adds a capability: `words` with the identifier in the lowest byte of the first, and the writable bits of each.
    ///
    /// # Panics
    /// When the space is full: the model is wrong.
    #[must_use]
    pub fn with_capability(mut self, words: &[(u32, u32)]) -> Self {
        let at = self.next_capability;
        for (offset, (value, writable)) in words.iter().enumerate() {
            self.words[at + offset] = *value;
            self.writable[at + offset] = *writable & if offset == 0 { 0xffff_0000 } else { u32::MAX };
        }
        self.words[COMMAND] |= STATUS_CAPABILITIES;
        let (word, shift) = self.link;
        self.words[word] |= (at as u32 * 4) << shift;
        self.link = (at, 8);
        self.next_capability = at + words.len();
        self
    }

    /// Adds MSI-X whose messages go to `sink`. The BAR must be there for a driver to find the table.
    #[must_use]
    pub fn with_msix(self, layout: MsixLayout, sink: Arc<dyn MsiSink>) -> Self {
        let at = self.next_capability;
        let control = u32::from(layout.vectors - 1) << 16 | u32::from(MSIX_ID);
        let bar = u32::from(layout.bar);
        let mut space = self.with_capability(&[
            (control, MSIX_ENABLE | MSIX_FUNCTION_MASK),
            (layout.table | bar, 0),
            (layout.pending | bar, 0),
        ]);
        space.msix = Some((at, Msix::new(layout, sink)));
        space
    }

    /// The word that holds byte `offset`.
    #[must_use]
    pub fn read32(&self, offset: u16) -> u32 {
        self.words.get(usize::from(offset / 4)).copied().unwrap_or(0)
    }

    /// Writes those bits of the word at `offset` that are in `lanes` (the byte enables) and writable.
    pub fn write32(&mut self, offset: u16, value: u32, lanes: u32) {
        let at = usize::from(offset / 4);
        let Some(word) = self.words.get_mut(at) else { return };
        let mask = self.writable[at] & lanes;
        *word = *word & !mask | value & mask;
        self.deliver_pending();
    }

    /// Whether the device may read and write memory (and so send interrupts).
    #[must_use]
    pub fn is_bus_master(&self) -> bool {
        self.words[COMMAND] & COMMAND_MASTER != 0
    }

    /// Vector `vector` of MSI-X wants attention: sent now, kept pending while masked, lost while MSI-X is off.
    pub fn raise(&mut self, vector: u16) {
        let master = self.is_bus_master();
        if let Some((at, msix)) = &mut self.msix {
            let control = self.words[*at];
            if control & MSIX_ENABLE != 0 {
                msix.raise(vector, master && control & MSIX_FUNCTION_MASK == 0);
            }
        }
    }

    /// Sends interrupts that waited, if they may be sent now.
    fn deliver_pending(&mut self) {
        let master = self.is_bus_master();
        if let Some((at, msix)) = &mut self.msix
            && master
            && self.words[*at] & (MSIX_ENABLE | MSIX_FUNCTION_MASK) == MSIX_ENABLE
        {
            msix.flush();
        }
    }

    /// Kind and length of BAR `index`.
    #[must_use]
    pub fn bar(&self, index: u8) -> Option<(BarKind, u64)> {
        self.bars.get(usize::from(index)).copied().flatten().map(|bar| (bar.kind, bar.len))
    }

    /// The bus behind this bridge; `None` for a device.
    pub(super) fn secondary_bus(&self) -> Option<u8> {
        (self.words[HEADER] & BRIDGE != 0).then_some((self.words[BUS_NUMBERS] >> 8) as u8)
    }

    /// What BAR `index` decodes right now: memory addresses or ports; `None` while decoding is off.
    #[must_use]
    pub fn decoded(&self, index: u8) -> Option<Range<u64>> {
        let (kind, len) = self.bar(index)?;
        let enable = if kind == BarKind::Io { COMMAND_IO } else { COMMAND_MEMORY };
        (self.words[COMMAND] & enable != 0).then(|| self.bar_base(index)..self.bar_base(index).saturating_add(len))
    }

    /// The address in BAR `index`, whether or not it is decoded.
    #[must_use]
    pub fn bar_base(&self, index: u8) -> u64 {
        let at = FIRST_BAR + usize::from(index);
        let low = u64::from(self.words[at] & self.writable[at]);
        match self.bar(index) {
            Some((BarKind::Memory64 { .. }, _)) => low | u64::from(self.words[at + 1]) << 32,
            _ => low,
        }
    }

    /// Gives BAR `index` an address, as firmware does.
    pub fn assign_bar(&mut self, index: u8, base: u64) {
        let offset = (FIRST_BAR + usize::from(index)) as u16 * 4;
        self.write32(offset, base as u32, u32::MAX);
        if let Some((BarKind::Memory64 { .. }, _)) = self.bar(index) {
            self.write32(offset + 4, (base >> 32) as u32, u32::MAX);
        }
    }

    /// The MSI-X structures' answer to a read, if they cover `offset` of BAR `bar`.
    pub(super) fn msix_read(&self, bar: u8, offset: u64, size: u8) -> Option<u64> {
        let (_, msix) = self.msix.as_ref().filter(|(_, msix)| msix.covers(bar, offset))?;
        let low = u64::from(msix.read32(offset & !3)) >> (offset % 4 * 8);
        Some(if size == 8 { low | u64::from(msix.read32(offset + 4)) << 32 } else { low })
    }

    /// Lets the MSI-X structures take a write; false when they do not cover `offset` of BAR `bar`.
    pub(super) fn msix_write(&mut self, bar: u8, offset: u64, size: u8, value: u64) -> bool {
        let Some((_, msix)) = self.msix.as_mut().filter(|(_, msix)| msix.covers(bar, offset)) else { return false };
        // Accesses of other sizes are undefined (section 6.8.2): dropped here, so that a driver notices.
        if size >= 4 {
            msix.write32(offset, value as u32);
        }
        if size == 8 {
            msix.write32(offset + 4, (value >> 32) as u32);
        }
        self.deliver_pending();
        true
    }
}
