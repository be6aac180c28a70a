//! What a partition says it holds.

use crate::Guid;
use core::fmt;

/// The type that a table gives a partition. A hint only: the volume itself tells what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// GPT: the partition type GUID.
    Gpt(Guid),
    /// MBR: the type byte.
    Mbr(u8),
    /// No table: the whole device.
    Whole,
}

/// A partition that holds a ledger of this system's (docs/board.md).
const LEDGER: Guid = Guid::new(0x2527_8D00, 0x53B9, 0x4F6D, 0x8B3E_A8D7_81F9_4EA8);

/// Types met on disks that this system is likely to see (UEFI 2.10, table 5.7; the Discoverable Partitions
/// Specification; Microsoft's `PARTITION_INFORMATION_GPT`).
const GPT_NAMES: [(Guid, &str); 7] = [
    (LEDGER, "VELOCITY ledger"),
    (Guid::new(0xC12A_7328, 0xF81F, 0x11D2, 0xBA4B_00A0_C93E_C93B), "EFI system"),
    (Guid::new(0xEBD0_A0A2, 0xB9E5, 0x4433, 0x87C0_68B6_B726_99C7), "basic data"),
    (Guid::new(0x0FC6_3DAF, 0x8483, 0x4772, 0x8E79_3D69_D847_7DE4), "Linux filesystem"),
    (Guid::new(0x0657_FD6D, 0xA4AB, 0x43C4, 0x84E5_0933_C84B_4F4F), "Linux swap"),
    (Guid::new(0x2168_6148, 0x6449, 0x6E6F, 0x744E_6565_6445_4649), "BIOS boot"),
    (Guid::new(0xE3C9_E316, 0x0B5C, 0x4DB8, 0x817D_F92D_F002_15AE), "Microsoft reserved"),
];

impl Kind {
    /// Whether it is a ledger of this system's.
    #[must_use]
    pub fn is_ledger(self) -> bool {
        self == Self::Gpt(LEDGER)
    }

    /// A short name for people; `unknown` for a type that is not in our list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole device",
            Self::Gpt(guid) => GPT_NAMES.iter().find(|(known, _)| *known == guid).map_or("unknown", |(_, name)| name),
            Self::Mbr(0x01) => "FAT12",
            Self::Mbr(0x04 | 0x06 | 0x0E) => "FAT16",
            Self::Mbr(0x07) => "NTFS or exFAT",
            Self::Mbr(0x0B | 0x0C) => "FAT32",
            Self::Mbr(0x82) => "Linux swap",
            Self::Mbr(0x83) => "Linux filesystem",
            Self::Mbr(0xEF) => "EFI system",
            Self::Mbr(_) => "unknown",
        }
    }
}

impl fmt::Display for Kind {
    /// The name, and for a type without one the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name(), self) {
            ("unknown", Self::Gpt(guid)) => write!(f, "unknown ({guid})"),
            ("unknown", Self::Mbr(byte)) => write!(f, "unknown ({byte:#04x})"),
            (name, _) => f.write_str(name),
        }
    }
}
