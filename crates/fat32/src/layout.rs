//! Where each field of a FAT32 volume lies, and how to read it.
//!
//! The only file that knows an offset. Views check their length once when they are made; the getters here may then
//! index without a second thought. Names are those of fatgen103 without their prefixes.

/// Boot sector and BIOS parameter block (fatgen103, "Boot Sector and BPB").
pub mod boot {
    pub const JUMP: usize = 0;
    pub const OEM_NAME: usize = 3;
    pub const BYTES_PER_SECTOR: usize = 11;
    pub const SECTORS_PER_CLUSTER: usize = 13;
    pub const RESERVED_SECTORS: usize = 14;
    pub const FAT_COUNT: usize = 16;
    pub const ROOT_ENTRIES: usize = 17;
    pub const TOTAL_SECTORS_16: usize = 19;
    pub const MEDIA: usize = 21;
    pub const FAT_SIZE_16: usize = 22;
    pub const TOTAL_SECTORS_32: usize = 32;
    pub const FAT_SIZE_32: usize = 36;
    pub const EXT_FLAGS: usize = 40;
    pub const FS_VERSION: usize = 42;
    pub const ROOT_CLUSTER: usize = 44;
    pub const FS_INFO: usize = 48;
    pub const VOLUME_ID: usize = 67;
    pub const VOLUME_LABEL: usize = 71;
    /// 0xAA55.
    pub const SIGNATURE: usize = 510;
    /// Bytes of the sector that mean something, whatever its size.
    pub const BYTES: usize = 512;
    /// Where a copy of the boot sector lies, in sectors ("FAT32 FSInfo Sector Structure and Backup Boot Sector").
    pub const BACKUP_SECTOR: u64 = 6;
}

/// FSInfo sector (fatgen103, "FAT32 FSInfo Sector Structure and Backup Boot Sector").
pub mod fs_info {
    /// Offset and value of the three signatures.
    pub const SIGNATURES: [(usize, u32); 3] = [(0, 0x4161_5252), (484, 0x6141_7272), (508, 0xAA55_0000)];
    pub const FREE_COUNT: usize = 488;
    pub const BYTES: usize = 512;
}

/// FAT entries (fatgen103, "FAT Data Structure").
pub mod fat {
    /// Bytes in an entry.
    pub const ENTRY_BYTES: u64 = 4;
    /// The upper four bits of an entry are not part of its value.
    pub const VALUE: u32 = 0x0FFF_FFFF;
    /// The cluster is bad, or a chain runs into one.
    pub const BAD: u32 = 0x0FFF_FFF7;
    /// This value and all above it end a chain.
    pub const END: u32 = 0x0FFF_FFF8;
    /// Entries 0 and 1 are not clusters.
    pub const FIRST_CLUSTER: u32 = 2;
    /// In entry 1: cleared while the volume is in use.
    pub const CLEAN_SHUTDOWN: u32 = 0x0800_0000;
    /// In entry 1: cleared when a disk error was met.
    pub const NO_HARD_ERRORS: u32 = 0x0400_0000;
}

/// Directory entry (fatgen103, "FAT Directory Structure").
pub mod entry {
    pub const NAME: usize = 0;
    pub const NAME_BYTES: usize = 11;
    pub const ATTRIBUTES: usize = 11;
    /// Windows NT's use of the reserved byte: 0x08 lower-case base, 0x10 lower-case extension.
    pub const LOWER_CASE: usize = 12;
    pub const CREATED_HUNDREDTHS: usize = 13;
    pub const CREATED_TIME: usize = 14;
    pub const CREATED_DATE: usize = 16;
    pub const ACCESSED_DATE: usize = 18;
    pub const CLUSTER_HIGH: usize = 20;
    pub const MODIFIED_TIME: usize = 22;
    pub const MODIFIED_DATE: usize = 24;
    pub const CLUSTER_LOW: usize = 26;
    pub const SIZE: usize = 28;
    pub const BYTES: usize = 32;
}

/// Long directory entry (fatgen103, "FAT Long Directory Entries").
pub mod long_entry {
    pub const ORDER: usize = 0;
    pub const CHECKSUM: usize = 13;
    /// Where the 13 UTF-16 units of the name lie.
    pub const UNITS: [usize; 13] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
    /// In the order byte: the last part of the name, which comes first on the disk.
    pub const LAST: u8 = 0x40;
    /// Most parts that a name of 255 units needs.
    pub const MAX_PARTS: u8 = 20;
    /// Longest name in UTF-16 units.
    pub const MAX_UNITS: usize = 255;
}
