//! Writes partition tables, independently of the code under test: offsets here are those of UEFI 2.10, tables 5.1 to
//! 5.6, and the checksum is the bitwise definition of CRC32.

use crate::memory_disk::MemoryDisk;

/// Blocks of a test disk.
pub const BLOCKS: u64 = 256;
/// First and last block for partitions on a GPT test disk, for 512-byte blocks.
pub const USABLE: (u64, u64) = (34, BLOCKS - 34);

/// A zeroed disk.
pub fn blank(block_bytes: u32) -> MemoryDisk {
    MemoryDisk::new(vec![0; (BLOCKS * u64::from(block_bytes)) as usize], block_bytes)
}

/// Puts `bytes` at `at` within block `lba`.
pub fn put(disk: &mut MemoryDisk, lba: u64, at: usize, bytes: &[u8]) {
    let start = lba as usize * disk.block_bytes as usize + at;
    disk.bytes[start..start + bytes.len()].copy_from_slice(bytes);
}

/// Writes entry `slot` (from 0) of the boot record in block `lba`, and its signature.
pub fn mbr_entry(disk: &mut MemoryDisk, lba: u64, slot: usize, os_type: u8, first: u32, blocks: u32) {
    let at = 446 + slot * 16;
    put(disk, lba, at + 4, &[os_type]);
    put(disk, lba, at + 8, &first.to_le_bytes());
    put(disk, lba, at + 12, &blocks.to_le_bytes());
    put(disk, lba, 510, &[0x55, 0xAA]);
}

/// One entry of a GPT to write.
pub struct GptEntry<'a> {
    pub kind: [u8; 16],
    pub first: u64,
    pub last: u64,
    pub name: &'a str,
}

/// The type GUID `EBD0A0A2-B9E5-4433-87C0-68B6B72699C7` as the disk has it.
pub const BASIC_DATA: [u8; 16] =
    [0xA2, 0xA0, 0xD0, 0xEB, 0xE5, 0xB9, 0x33, 0x44, 0x87, 0xC0, 0x68, 0xB6, 0xB7, 0x26, 0x99, 0xC7];

impl<'a> GptEntry<'a> {
    /// A basic data partition.
    pub fn data(first: u64, last: u64, name: &'a str) -> Self {
        Self { kind: BASIC_DATA, first, last, name }
    }

    fn bytes(&self) -> [u8; 128] {
        let mut bytes = [0; 128];
        bytes[..16].copy_from_slice(&self.kind);
        bytes[16] = 1;
        bytes[32..40].copy_from_slice(&self.first.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.last.to_le_bytes());
        for (place, unit) in bytes[56..].chunks_exact_mut(2).zip(self.name.encode_utf16()) {
            place.copy_from_slice(&unit.to_le_bytes());
        }
        bytes
    }
}

/// A disk with a protective MBR and both copies of a GPT of 128 entries.
pub fn gpt(block_bytes: u32, entries: &[GptEntry<'_>]) -> MemoryDisk {
    let mut disk = blank(block_bytes);
    mbr_entry(&mut disk, 0, 0, 0xEE, 1, BLOCKS as u32 - 1);
    let mut array = vec![0; 128 * 128];
    for (place, entry) in array.chunks_exact_mut(128).zip(entries) {
        place.copy_from_slice(&entry.bytes());
    }
    let array_blocks = (array.len() as u64).div_ceil(u64::from(block_bytes));
    let backup = BLOCKS - 1;
    put(&mut disk, 2, 0, &array);
    put(&mut disk, backup - array_blocks, 0, &array);
    let usable = (2 + array_blocks, backup - array_blocks - 1);
    gpt_header(&mut disk, (1, backup, 2), usable, &array);
    gpt_header(&mut disk, (backup, 1, backup - array_blocks), usable, &array);
    disk
}

fn gpt_header(disk: &mut MemoryDisk, (own, other, entries): (u64, u64, u64), usable: (u64, u64), array: &[u8]) {
    put(disk, own, 0, b"EFI PART\0\0\x01\0\x5C\0\0\0");
    for (at, value) in [(24, own), (32, other), (40, usable.0), (48, usable.1), (72, entries)] {
        put(disk, own, at, &value.to_le_bytes());
    }
    for (at, value) in [(80, 128), (84, 128), (88, crc32(array))] {
        put(disk, own, at, &value.to_le_bytes());
    }
    seal(disk, own);
}

/// Makes the header CRC in block `lba` right again after a change.
pub fn seal(disk: &mut MemoryDisk, lba: u64) {
    put(disk, lba, 16, &[0; 4]);
    let start = lba as usize * disk.block_bytes as usize;
    let crc = crc32(&disk.bytes[start..start + 92]);
    put(disk, lba, 16, &crc.to_le_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}
