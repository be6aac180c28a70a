//! Long names: the entries that come before a short one and carry its real name.
//!
//! The parts lie last part first, each with its number and the checksum of the short name they belong to. Other
//! systems may have changed the short entry and left the parts behind, so a set counts only if it is complete, in order
//! and of the right checksum; otherwise the short name stands. Source: fatgen103, "FAT Long Directory Entries".

use crate::layout::{entry, long_entry as at};
use velocity_base::le::u16_at;

const PART_UNITS: usize = at::UNITS.len();

/// Collects the parts of one name while a folder is read.
pub struct LongName {
    units: [u16; PART_UNITS * at::MAX_PARTS as usize],
    /// Parts in the set; 0 while there is none.
    parts: u8,
    /// Number of the part that came last; 1 when the set is complete.
    part: u8,
    checksum: u8,
}

impl LongName {
    pub const fn new() -> Self {
        Self { units: [0; PART_UNITS * at::MAX_PARTS as usize], parts: 0, part: 0, checksum: 0 }
    }

    /// Takes the long entry in `bytes`.
    pub fn feed(&mut self, bytes: &[u8; entry::BYTES]) {
        let (order, checksum) = (bytes[at::ORDER], bytes[at::CHECKSUM]);
        let number = order & !at::LAST;
        if order & at::LAST != 0 {
            (self.parts, self.checksum) = (number, checksum);
        } else if self.parts == 0 || number + 1 != self.part || checksum != self.checksum {
            self.parts = 0;
        }
        if number == 0 || number > at::MAX_PARTS {
            self.parts = 0;
        }
        if self.parts != 0 {
            self.part = number;
            let place = usize::from(number - 1) * PART_UNITS;
            let units = &mut self.units[place..place + PART_UNITS];
            units.iter_mut().zip(at::UNITS).for_each(|(unit, at)| *unit = u16_at(bytes, at));
        }
    }

    /// Forgets the parts taken so far.
    pub fn clear(&mut self) {
        self.parts = 0;
    }

    /// The name, in UTF-16, if the parts make one up and it belongs to `short`.
    pub fn name_of(&self, short: &[u8]) -> Option<&[u16]> {
        if self.parts == 0 || self.part != 1 || self.checksum != checksum(short) {
            return None;
        }
        let units = &self.units[..usize::from(self.parts) * PART_UNITS];
        let len = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
        (1..=at::MAX_UNITS).contains(&len).then(|| &units[..len])
    }
}

/// The checksum of the 11 bytes of a short name ("ChkSum" in fatgen103): rotate right, add.
pub fn checksum(short: &[u8]) -> u8 {
    short.iter().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte))
}

#[cfg(test)]
mod tests;
