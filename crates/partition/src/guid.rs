//! GUIDs as GPT stores them.

use core::fmt;

/// A GUID in the byte order of the disk: the first three groups little-endian (UEFI 2.10, appendix A).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// The GUID that is written `a-b-c-d`, with `d` the last two groups.
    pub(crate) const fn new(a: u32, b: u16, c: u16, d: u64) -> Self {
        let (a, b, c, d) = (a.to_le_bytes(), b.to_le_bytes(), c.to_le_bytes(), d.to_be_bytes());
        Self([a[0], a[1], a[2], a[3], b[0], b[1], c[0], c[1], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]])
    }

    /// True for the all-zero GUID, which marks an unused entry.
    pub(crate) fn is_zero(self) -> bool {
        self.0 == [0; 16]
    }
}

impl fmt::Display for Guid {
    /// `C12A7328-F81F-11D2-BA4B-00A0C93EC93B`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
        ORDER.iter().enumerate().try_for_each(|(place, &byte)| {
            let dash = if matches!(place, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{dash}{:02X}", self.0[byte])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_efi_system_partition_has_the_bytes_and_the_text_of_the_specification() {
        let guid = Guid::new(0xC12A_7328, 0xF81F, 0x11D2, 0xBA4B_00A0_C93E_C93B);
        assert_eq!(
            guid.0,
            [0x28, 0x73, 0x2A, 0xC1, 0x1F, 0xF8, 0xD2, 0x11, 0xBA, 0x4B, 0x00, 0xA0, 0xC9, 0x3E, 0xC9, 0x3B]
        );
        assert_eq!(guid.to_string(), "C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
    }
}
