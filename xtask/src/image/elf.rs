//! ELF images as what a boot loader reads of them: the file header and the loadable segments.

use super::{Result, bad};
use object::read::elf::{ElfFile64, ProgramHeader};

/// Size of a page, to which segments are laid.
pub const PAGE: u64 = 4096;
/// Size of an ELF64 file header and of a program header (System V ABI, figures 4-3 and 5-1).
const HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;
/// Offsets in the file header: of the program headers, of the section headers, of the number of program headers.
const E_PHOFF: usize = 0x20;
const E_SHOFF: usize = 0x28;
const E_PHNUM: usize = 0x38;
const E_SHNUM: usize = 0x3c;

/// A loadable segment.
#[derive(Debug)]
pub struct Segment {
    pub flags: u32,
    pub address: u64,
    /// Physical address less virtual one, modulo 2^64.
    pub shift: u64,
    pub memory: u64,
    pub data: Vec<u8>,
}

/// A copy of `bytes` without sections and symbols.
///
/// # Errors
/// When `bytes` is no ELF file with segments inside it.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>> {
    let elf = ElfFile64::<object::LittleEndian>::parse(bytes).map_err(|error| bad(error.to_string()))?;
    Ok(assemble(bytes, &segments(&elf, bytes)?))
}

/// The loadable segments, in the order of the program headers.
///
/// # Errors
/// When one lies outside the file.
pub fn segments(elf: &ElfFile64<'_, object::LittleEndian>, bytes: &[u8]) -> Result<Vec<Segment>> {
    let endian = object::LittleEndian;
    let loadable = elf.elf_program_headers().iter().filter(|header| header.p_type(endian) == object::elf::PT_LOAD);
    loadable
        .map(|header| {
            let data = header.data(endian, bytes).map_err(|()| bad("a segment lies outside the file"))?;
            Ok(Segment {
                flags: header.p_flags(endian).0,
                address: header.p_vaddr(endian),
                shift: header.p_paddr(endian).wrapping_sub(header.p_vaddr(endian)),
                memory: header.p_memsz(endian),
                data: data.to_vec(),
            })
        })
        .collect()
}

/// An ELF file of `segments` with the file header of `original` and no sections.
pub fn assemble(original: &[u8], segments: &[Segment]) -> Vec<u8> {
    let mut file = original[..HEADER].to_vec();
    file[E_PHOFF..E_PHOFF + 8].copy_from_slice(&(HEADER as u64).to_le_bytes());
    file[E_SHOFF..E_SHOFF + 8].fill(0);
    file[E_PHNUM..E_PHNUM + 2].copy_from_slice(&(segments.len() as u16).to_le_bytes());
    file[E_SHNUM..E_SHNUM + 4].fill(0);
    let mut offset = (HEADER + segments.len() * PROGRAM_HEADER) as u64;
    for segment in segments {
        offset = offset.next_multiple_of(PAGE);
        let physical = segment.address.wrapping_add(segment.shift);
        file.extend(object::elf::PT_LOAD.0.to_le_bytes());
        file.extend(segment.flags.to_le_bytes());
        let size = segment.data.len() as u64;
        for word in [offset, segment.address, physical, size, segment.memory, PAGE] {
            file.extend(word.to_le_bytes());
        }
        offset += size;
    }
    for segment in segments {
        file.resize(file.len().next_multiple_of(PAGE as usize), 0);
        file.extend(&segment.data);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::Object;

    fn segment(flags: u32, address: u64, data: &[u8], memory: u64) -> Segment {
        Segment { flags, address, shift: 0, memory, data: data.to_vec() }
    }

    #[test]
    fn what_is_left_parses_and_has_the_same_segments() {
        let this = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        let stripped = strip(&this).expect("an ELF file");
        let segments = |bytes: &[u8]| {
            let elf = ElfFile64::<object::LittleEndian>::parse(bytes).expect("an ELF file");
            let all = segments(&elf, bytes).expect("segments inside the file");
            all.into_iter().map(|one| (one.flags, one.address, one.memory, one.data)).collect::<Vec<_>>()
        };
        assert!(stripped.len() < this.len());
        assert_eq!(segments(&stripped), segments(&this));
    }

    #[test]
    fn the_file_has_the_segments_at_page_boundaries() {
        let this = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        let given = [
            segment(5, 0x1000, &[1; 200], 0x1000),
            segment(4, 0x2000, b"constants", 0x1000),
            segment(6, 0x3000, b"data", 0x40),
        ];
        let file = assemble(&this, &given);
        let elf = ElfFile64::<object::LittleEndian>::parse(file.as_slice()).expect("an ELF file");
        let again = segments(&elf, &file).expect("segments inside the file");
        assert_eq!(elf.sections().count(), 0);
        assert_eq!(again.len(), 3);
        for (one, other) in again.iter().zip(given) {
            assert_eq!((one.flags, one.address, one.memory), (other.flags, other.address, other.memory));
            assert_eq!(one.data, other.data);
        }
    }
}
