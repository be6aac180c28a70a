//! Tells a volume that lies directly on the device from an MBR.
//!
//! Both end in 0x55 0xAA, and the entries of an MBR overlie a FAT boot sector's code. What a boot sector has and no
//! MBR has is a jump over a parameter block whose fields all make sense. GRUB's MBR has the jump, with zeros behind it.

use crate::layout::volume as at;
use velocity_base::le::u16_at;

/// True if `block` opens with a FAT, exFAT or NTFS boot sector. `block` holds at least 512 bytes.
pub fn starts_in(block: &[u8]) -> bool {
    let jumps = (block[at::JUMP] == 0xEB && block[at::JUMP + 2] == 0x90) || block[at::JUMP] == 0xE9;
    jumps && (has_foreign_name(block) || has_fat_parameters(block))
}

fn has_foreign_name(block: &[u8]) -> bool {
    let name = &block[at::OEM_NAME..at::OEM_NAME + 8];
    name == b"NTFS    " || name == b"EXFAT   "
}

fn has_fat_parameters(block: &[u8]) -> bool {
    let sector_bytes = u16_at(block, at::BYTES_PER_SECTOR);
    let media = block[at::MEDIA];
    sector_bytes.is_power_of_two()
        && (512..=4096).contains(&sector_bytes)
        && block[at::SECTORS_PER_CLUSTER].is_power_of_two()
        && u16_at(block, at::RESERVED_SECTORS) != 0
        && block[at::FAT_COUNT] != 0
        && (media == 0xF0 || media >= 0xF8)
}
