//! Where each field of an MBR and a GPT lies, and how to read it.
//!
//! The only file that knows an offset. Views check their length once when they are made; the getters here may then
//! index without a second thought. Sources: UEFI 2.10, tables 5.1 (MBR), 5.2 (MBR entry), 5.5 (GPT header) and
//! 5.6 (GPT entry).

/// Legacy and protective MBR, in block 0 (UEFI 2.10, table 5.1).
pub mod mbr {
    /// Four entries of [`super::mbr_entry::BYTES`] bytes.
    pub const ENTRIES: usize = 446;
    /// How many entries there are.
    pub const ENTRY_COUNT: usize = 4;
    /// 0x55, 0xAA.
    pub const SIGNATURE: usize = 510;
    /// Bytes that the record takes from its block.
    pub const BYTES: usize = 512;
}

/// One entry of an MBR (UEFI 2.10, table 5.2).
pub mod mbr_entry {
    /// 0x80: boot from here; 0x00: don't; anything else: not an entry.
    pub const BOOT_INDICATOR: usize = 0;
    /// The type byte; 0 means unused.
    pub const OS_TYPE: usize = 4;
    /// First block, 32 bits.
    pub const STARTING_LBA: usize = 8;
    /// Number of blocks, 32 bits.
    pub const SIZE_IN_LBA: usize = 12;
    /// Length of an entry.
    pub const BYTES: usize = 16;
}

/// GPT header (UEFI 2.10, table 5.5).
pub mod gpt_header {
    /// `EFI PART`.
    pub const SIGNATURE: usize = 0;
    /// 0x0001_0000.
    pub const REVISION: usize = 8;
    /// Bytes that the header CRC covers.
    pub const HEADER_SIZE: usize = 12;
    /// CRC32 of the header with this field zero.
    pub const HEADER_CRC32: usize = 16;
    /// The block this header lies in.
    pub const MY_LBA: usize = 24;
    /// First block that a partition may use.
    pub const FIRST_USABLE_LBA: usize = 40;
    /// Last block that a partition may use.
    pub const LAST_USABLE_LBA: usize = 48;
    /// First block of the entry array.
    pub const PARTITION_ENTRY_LBA: usize = 72;
    /// Number of entries in the array.
    pub const ENTRY_COUNT: usize = 80;
    /// Bytes in an entry.
    pub const ENTRY_BYTES: usize = 84;
    /// CRC32 of the whole array.
    pub const ENTRIES_CRC32: usize = 88;
    /// Length of the header as far as it is defined.
    pub const BYTES: usize = 92;
}

/// One GPT entry (UEFI 2.10, table 5.6).
pub mod gpt_entry {
    /// GUID of the partition's type; zero means unused.
    pub const TYPE_GUID: usize = 0;
    /// First block.
    pub const STARTING_LBA: usize = 32;
    /// Last block, itself included.
    pub const ENDING_LBA: usize = 40;
    /// 36 units of UTF-16.
    pub const NAME: usize = 56;
    /// Length of an entry as far as it is defined.
    pub const BYTES: usize = 128;
}

/// The boot sector that opens a FAT, exFAT or NTFS volume (Microsoft FAT specification 1.03, "BPB").
pub mod volume {
    /// A short or near jump over the parameter block.
    pub const JUMP: usize = 0;
    /// Eight characters that NTFS and exFAT use as their signature.
    pub const OEM_NAME: usize = 3;
    /// 512, 1024, 2048 or 4096.
    pub const BYTES_PER_SECTOR: usize = 11;
    /// A power of two.
    pub const SECTORS_PER_CLUSTER: usize = 13;
    /// At least 1.
    pub const RESERVED_SECTORS: usize = 14;
    /// At least 1.
    pub const FAT_COUNT: usize = 16;
    /// 0xF0 or 0xF8 and above.
    pub const MEDIA: usize = 21;
}
