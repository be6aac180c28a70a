//! Base address registers: decoding and sizing (PCI 6.2.5.1).

use crate::Address;
use crate::host::Access;
use crate::registers::{BAR0, COMMAND, COMMAND_IO, COMMAND_MASK, COMMAND_MEMORY};
use velocity_base::PhysAddr;

const DECODING: u32 = COMMAND_IO | COMMAND_MEMORY;
const IO: u32 = 1;
const IO_FLAGS: u32 = 0b11;
const MEMORY_FLAGS: u32 = 0b1111;
const MEMORY_TYPE: u32 = 0b110;
const MEMORY_WIDE: u32 = 0b100;
const PREFETCHABLE: u32 = 0b1000;

/// A range of addresses that a function answers on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// Memory.
    Memory {
        /// Where it starts; a multiple of `len`.
        base: PhysAddr,
        /// Its length in bytes, a power of two.
        len: u64,
        /// Whether reads have no side effects.
        prefetchable: bool,
        /// Whether it is a 64-bit BAR.
        wide: bool,
    },
    /// I/O ports.
    Io {
        /// The first port.
        port: u16,
        /// How many there are, a power of two.
        len: u32,
    },
}

/// Reads and sizes the BARs of a type 0 header.
///
/// A register that reads as zero is skipped: it is unused or has no address, and neither is worth four accesses.
/// Decoding is off while any BAR holds ones, or the device would answer at the top of the address space.
pub(crate) fn read_all(access: &Access, address: Address) -> [Option<Bar>; 6] {
    let sizing = Sizing { access, address };
    let mut bars = [None; 6];
    let mut command = None;
    let mut index = 0;
    while index < bars.len() {
        let low = sizing.read(index);
        let wide = low & IO == 0 && low & MEMORY_TYPE == MEMORY_WIDE;
        if low != 0 && low != u32::MAX {
            command.get_or_insert_with(|| sizing.stop_decoding());
            bars[index] = if wide { sizing.memory64(index, low) } else { sizing.narrow(index, low) };
        }
        index += if wide { 2 } else { 1 };
    }
    if let Some(command) = command.filter(|command| command & DECODING != 0) {
        access.write32(address, COMMAND, command);
    }
    bars
}

struct Sizing<'a> {
    access: &'a Access,
    address: Address,
}

impl Sizing<'_> {
    fn register(index: usize) -> u16 {
        BAR0 + 4 * index as u16
    }

    fn read(&self, index: usize) -> u32 {
        self.access.read32(self.address, Self::register(index))
    }

    /// Turns decoding off; returns the command to restore.
    fn stop_decoding(&self) -> u32 {
        let command = self.access.read32(self.address, COMMAND) & COMMAND_MASK;
        if command & DECODING != 0 {
            self.access.write32(self.address, COMMAND, command & !DECODING);
        }
        command
    }

    /// Which bits of BAR `index` hold; its value, `old`, is put back.
    fn mask(&self, index: usize, old: u32) -> u32 {
        let register = Self::register(index);
        self.access.write32(self.address, register, u32::MAX);
        let mask = self.access.read32(self.address, register);
        self.access.write32(self.address, register, old);
        mask
    }

    fn narrow(&self, index: usize, low: u32) -> Option<Bar> {
        if low & IO != 0 {
            let mask = self.mask(index, low) & !IO_FLAGS;
            let base = u64::from(low & !IO_FLAGS);
            // The upper half of the register may be fixed at zero, ports having 16 bits.
            let len = checked_len(base, u64::from(mask | 0xffff_0000) | !u64::from(u32::MAX))?;
            return Some(Bar::Io { port: u16::try_from(base).ok()?, len: u32::try_from(len).ok()? });
        }
        if low & MEMORY_TYPE != 0 {
            return None;
        }
        let mask = self.mask(index, low) & !MEMORY_FLAGS;
        let base = u64::from(low & !MEMORY_FLAGS);
        let len = checked_len(base, u64::from(mask) | !u64::from(u32::MAX))?;
        Some(Bar::Memory { base: PhysAddr(base), len, prefetchable: low & PREFETCHABLE != 0, wide: false })
    }

    fn memory64(&self, index: usize, low: u32) -> Option<Bar> {
        if index == 5 {
            return None;
        }
        let high = self.read(index + 1);
        let mask = u64::from(self.mask(index, low) & !MEMORY_FLAGS);
        let mask = mask | u64::from(self.mask(index + 1, high)) << 32;
        let base = u64::from(high) << 32 | u64::from(low & !MEMORY_FLAGS);
        let len = checked_len(base, mask)?;
        Some(Bar::Memory { base: PhysAddr(base), len, prefetchable: low & PREFETCHABLE != 0, wide: true })
    }
}

/// The length that the address bits `mask` stand for, if they and `base` make sense together: ones down to one bit,
/// a base that is aligned to the length and not zero, an end inside the address space.
fn checked_len(base: u64, mask: u64) -> Option<u64> {
    let len = mask.wrapping_neg();
    let sensible = len.is_power_of_two() && base != 0 && base & (len - 1) == 0;
    (sensible && base.checked_add(len).is_some()).then_some(len)
}

#[cfg(test)]
mod tests {
    use super::checked_len;

    #[test]
    fn lengths_follow_the_mask_or_are_refused() {
        assert_eq!(checked_len(0x8000, !0xfff), Some(0x1000));
        assert_eq!(checked_len(1 << 40, !((1 << 32) - 1)), Some(1 << 32));
        for (base, mask) in [
            (0, !0xfff),      // no address
            (0x8000, 0),      // no bit holds
            (0x8000, 0xf0f0), // holes
            (0x8800, !0xfff), // misaligned
            (!0xfff, !0xfff), // ends past the address space
        ] {
            assert_eq!(checked_len(base, mask), None, "{base:#x} {mask:#x}");
        }
    }
}
