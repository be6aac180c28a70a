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

/// A note, which lies inside a loadable segment.
struct Note {
    flags: u32,
    address: u64,
    shift: u64,
    size: u64,
    align: u64,
}

/// A copy of `bytes` without sections and symbols.
///
/// # Errors
/// When `bytes` is no ELF file with segments inside it.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>> {
    let elf = ElfFile64::<object::LittleEndian>::parse(bytes).map_err(|error| bad(error.to_string()))?;
    assemble(bytes, &segments(&elf, bytes)?)
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

/// The notes of the original that `segments` still hold.
fn notes(original: &[u8], segments: &[Segment]) -> Result<Vec<Note>> {
    let endian = object::LittleEndian;
    let elf = ElfFile64::<object::LittleEndian>::parse(original).map_err(|error| bad(error.to_string()))?;
    let headers = elf.elf_program_headers().iter().filter(|header| header.p_type(endian) == object::elf::PT_NOTE);
    let notes = headers.map(|header| Note {
        flags: header.p_flags(endian).0,
        address: header.p_vaddr(endian),
        shift: header.p_paddr(endian).wrapping_sub(header.p_vaddr(endian)),
        size: header.p_filesz(endian),
        align: header.p_align(endian),
    });
    Ok(notes.filter(|note| segments.iter().any(|segment| segment.offset_of(note).is_some())).collect())
}

impl Segment {
    /// Where `note` lies in this segment's data, in bytes from its start.
    fn offset_of(&self, note: &Note) -> Option<u64> {
        let offset = note.address.checked_sub(self.address)?;
        (offset.checked_add(note.size)? <= self.data.len() as u64).then_some(offset)
    }
}

/// An ELF file of `segments` and of the notes in them with the file header of `original` and no sections.
///
/// # Errors
/// When `original` is no ELF file.
pub fn assemble(original: &[u8], segments: &[Segment]) -> Result<Vec<u8>> {
    let notes = notes(original, segments)?;
    let headers = segments.len() + notes.len();
    let mut file = file_header(original, headers as u16);
    let mut offset = (HEADER + headers * PROGRAM_HEADER) as u64;
    let mut note_headers = Vec::new();
    for segment in segments {
        offset = offset.next_multiple_of(PAGE);
        let size = segment.data.len() as u64;
        let physical = segment.address.wrapping_add(segment.shift);
        let words = [offset, segment.address, physical, size, segment.memory, PAGE];
        program_header(&mut file, object::elf::PT_LOAD.0, segment.flags, words);
        for note in &notes {
            let Some(inside) = segment.offset_of(note) else { continue };
            let physical = note.address.wrapping_add(note.shift);
            let words = [offset + inside, note.address, physical, note.size, note.size, note.align];
            program_header(&mut note_headers, object::elf::PT_NOTE.0, note.flags, words);
        }
        offset += size;
    }
    file.extend(note_headers);
    for segment in segments {
        file.resize(file.len().next_multiple_of(PAGE as usize), 0);
        file.extend(&segment.data);
    }
    Ok(file)
}

/// The file header of `original` for that many program headers and no sections.
fn file_header(original: &[u8], headers: u16) -> Vec<u8> {
    let mut file = original[..HEADER].to_vec();
    file[E_PHOFF..E_PHOFF + 8].copy_from_slice(&(HEADER as u64).to_le_bytes());
    file[E_SHOFF..E_SHOFF + 8].fill(0);
    file[E_PHNUM..E_PHNUM + 2].copy_from_slice(&headers.to_le_bytes());
    file[E_SHNUM..E_SHNUM + 4].fill(0);
    file
}

/// Appends a program header: type, flags, then offset, virtual and physical address, sizes in file and memory, alignment.
fn program_header(file: &mut Vec<u8>, kind: u32, flags: u32, words: [u64; 6]) {
    file.extend(kind.to_le_bytes());
    file.extend(flags.to_le_bytes());
    words.iter().for_each(|word| file.extend(word.to_le_bytes()));
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
    fn notes_are_kept_where_their_segment_is() {
        let this = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        let contents = |bytes: &[u8]| {
            let elf = ElfFile64::<object::LittleEndian>::parse(bytes).expect("an ELF file");
            let endian = object::LittleEndian;
            let headers = elf.elf_program_headers().iter();
            let notes = headers.filter(|header| header.p_type(endian) == object::elf::PT_NOTE);
            notes.map(|note| note.data(endian, bytes).expect("inside the file").to_vec()).collect::<Vec<_>>()
        };
        assert!(!contents(&this).is_empty());
        assert_eq!(contents(&strip(&this).expect("an ELF file")), contents(&this));
        assert_eq!(contents(&assemble(&this, &[]).expect("an ELF file")), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn the_file_has_the_segments_at_page_boundaries() {
        let this = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        let given = [
            segment(5, 0x1000, &[1; 200], 0x1000),
            segment(4, 0x2000, b"constants", 0x1000),
            segment(6, 0x3000, b"data", 0x40),
        ];
        let file = assemble(&this, &given).expect("an ELF file");
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
