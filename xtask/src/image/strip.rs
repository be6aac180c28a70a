//! Strips an image to what a boot loader needs: the ELF header, the program headers and the segments.

use super::{Result, bad};
use object::{Object, ObjectSegment, read::elf::ElfFile64};

/// Offset of `e_shoff` in an ELF64 header (System V ABI, figure 4-3).
const SECTION_TABLE_OFFSET: usize = 0x28;
/// Offset of `e_shnum`, followed by `e_shstrndx`.
const SECTION_COUNT: usize = 0x3c;

/// A copy of `bytes` that ends after its last segment and names no sections.
///
/// # Errors
/// When `bytes` is no ELF file with segments inside it.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>> {
    let elf = ElfFile64::<object::LittleEndian>::parse(bytes).map_err(|error| bad(error.to_string()))?;
    let end = elf.segments().map(|segment| segment.file_range()).map(|(start, len)| start + len).max().unwrap_or(0);
    let mut stripped = bytes.get(..end as usize).ok_or_else(|| bad("a segment lies outside the file"))?.to_vec();
    let header = stripped.get_mut(..64).ok_or_else(|| bad("no segment"))?;
    header[SECTION_TABLE_OFFSET..SECTION_TABLE_OFFSET + 8].fill(0);
    header[SECTION_COUNT..SECTION_COUNT + 4].fill(0);
    Ok(stripped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_parses_and_has_the_same_segments() {
        let this = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        let stripped = strip(&this).expect("an ELF file");
        let segments = |bytes: &[u8]| {
            let elf = ElfFile64::<object::LittleEndian>::parse(bytes).expect("an ELF file");
            elf.segments().map(|segment| (segment.address(), segment.size())).collect::<Vec<_>>()
        };
        assert!(stripped.len() < this.len());
        assert_eq!(segments(&stripped), segments(&this));
    }
}
