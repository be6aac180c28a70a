//! Packs an image: what a boot loader reads is less than half of what lies in memory afterwards.
//!
//! Code behind `packed_target` and the constants become one LZ4 block in a segment of its own behind the kernel; their
//! own segments keep only their size in memory. `boot_packed` gets the block's first and last address.
//! `kernel/src/boot/unpack.rs` is the other half; `docs/adr/0011-packed-image.md` tells why.

use super::{Result, bad};
use lz4::block::{CompressionMode, compress};
use object::{Object, ObjectSymbol, read::elf::ElfFile64, read::elf::ProgramHeader};

const PAGE: u64 = 4096;
/// Size of an ELF64 file header and of a program header (System V ABI, figures 4-3 and 5-1).
const HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;
/// Offsets in the file header: of the program headers, of the section headers, of the number of program headers.
const E_PHOFF: usize = 0x20;
const E_SHOFF: usize = 0x28;
const E_PHNUM: usize = 0x38;
const E_SHNUM: usize = 0x3c;
/// Flags of a segment: writable, readable.
const PF_W: u32 = 2;
const PF_R: u32 = 4;
/// Bytes behind the block that the decoder may read, as it reads eight at a time.
const SLACK: usize = 8;
/// The best that LZ4's high compression offers.
const LEVEL: i32 = 12;

/// A loadable segment.
struct Segment {
    flags: u32,
    address: u64,
    /// Physical address less virtual one, modulo 2^64.
    shift: u64,
    memory: u64,
    data: Vec<u8>,
}

/// The packed form of the linked image `bytes`.
///
/// # Errors
/// When `bytes` is no image of the shape that `kernel/link.ld` gives.
pub fn pack(bytes: &[u8]) -> Result<Vec<u8>> {
    let elf = ElfFile64::<object::LittleEndian>::parse(bytes).map_err(|error| bad(error.to_string()))?;
    let target = symbol(&elf, "packed_target")?;
    let place = symbol(&elf, "boot_packed")?;
    let mut segments = segments(&elf, bytes)?;
    let mut block = compress(&take(&mut segments, target)?, Some(CompressionMode::HIGHCOMPRESSION(LEVEL)), false)
        .map_err(|error| bad(format!("packing: {error}")))?;
    let last = segments.last().ok_or_else(|| bad("no segment"))?;
    let (start, shift) = ((last.address + last.memory).next_multiple_of(PAGE), last.shift);
    describe(&mut segments, place, [start, start + block.len() as u64])?;
    block.resize(block.len() + SLACK, 0);
    segments.push(Segment { flags: PF_R, address: start, shift, memory: block.len() as u64, data: block });
    Ok(assemble(bytes, &segments))
}

fn symbol(elf: &ElfFile64<'_, object::LittleEndian>, name: &str) -> Result<u64> {
    let found = elf.symbols().find(|symbol| symbol.name() == Ok(name));
    found.map(|symbol| symbol.address()).ok_or_else(|| bad(format!("no symbol {name}")))
}

fn segments(elf: &ElfFile64<'_, object::LittleEndian>, bytes: &[u8]) -> Result<Vec<Segment>> {
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

/// Takes the bytes from `target` to the end of the last read-only segment out of `segments`.
fn take(segments: &mut [Segment], target: u64) -> Result<Vec<u8>> {
    let mut taken: Vec<u8> = Vec::new();
    for segment in segments.iter_mut().filter(|segment| segment.flags & PF_W == 0) {
        let kept = target.saturating_sub(segment.address).min(segment.data.len() as u64);
        let at = (segment.address + kept).checked_sub(target).filter(|at| *at >= taken.len() as u64);
        let at = at.ok_or_else(|| bad("the read-only segments do not follow each other"))?;
        taken.resize(at as usize, 0);
        taken.extend(segment.data.drain(kept as usize..));
    }
    Ok(taken)
}

/// Writes the block's first and last address at the address `place`.
fn describe(segments: &mut [Segment], place: u64, block: [u64; 2]) -> Result<()> {
    let words: Vec<u8> = block.into_iter().flat_map(u64::to_le_bytes).collect();
    let slot = segments.iter_mut().find_map(|segment| {
        let at = usize::try_from(place.checked_sub(segment.address)?).ok()?;
        segment.data.get_mut(at..at + words.len())
    });
    slot.ok_or_else(|| bad("boot_packed is not in what is left unpacked"))?.copy_from_slice(&words);
    Ok(())
}

/// An ELF file of `segments` with the file header of `original` and no sections.
fn assemble(original: &[u8], segments: &[Segment]) -> Vec<u8> {
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

    fn segment(flags: u32, address: u64, data: &[u8], memory: u64) -> Segment {
        Segment { flags, address, shift: 0, memory, data: data.to_vec() }
    }

    fn image() -> Vec<Segment> {
        let text: Vec<u8> = (0..200).map(|byte| byte % 7).collect();
        vec![
            segment(5, 0x1000, &text, 0x1000),
            segment(PF_R, 0x2000, b"constants", 0x1000),
            segment(6, 0x3000, b"data", 0x40),
        ]
    }

    #[test]
    fn what_is_taken_is_what_lay_there_gaps_being_zero() {
        let mut segments = image();
        let taken = take(&mut segments, 0x1040).expect("they follow each other");
        assert_eq!(taken.len(), 0x2009 - 0x1040);
        assert!(taken[..136].iter().zip(64_u8..).all(|(byte, place)| *byte == place % 7));
        assert!(taken[136..0xfc0].iter().all(|byte| *byte == 0));
        assert!(taken.ends_with(b"constants"));
        let left: Vec<_> = segments.iter().map(|segment| (segment.data.len(), segment.memory)).collect();
        assert_eq!(left, [(64, 0x1000), (0, 0x1000), (4, 0x40)]);
    }

    #[test]
    fn the_block_is_found_where_the_words_say() {
        let mut segments = image();
        describe(&mut segments, 0x1008, [0x4000, 0x4010]).expect("inside the first segment");
        assert_eq!(segments[0].data[8..24], [0, 0x40, 0, 0, 0, 0, 0, 0, 0x10, 0x40, 0, 0, 0, 0, 0, 0]);
        assert!(describe(&mut segments, 0x3000, [0, 0]).is_err(), "there is no room for it");
    }

    #[test]
    fn the_file_has_the_segments_at_page_boundaries() {
        let this = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        let file = assemble(&this, &image());
        let elf = ElfFile64::<object::LittleEndian>::parse(file.as_slice()).expect("an ELF file");
        let again = super::segments(&elf, &file).expect("segments inside the file");
        assert_eq!(elf.sections().count(), 0);
        assert_eq!(again.len(), 3);
        for (one, other) in again.iter().zip(image()) {
            assert_eq!((one.flags, one.address, one.memory), (other.flags, other.address, other.memory));
            assert_eq!(one.data, other.data);
        }
    }

    #[test]
    fn an_image_of_another_shape_is_refused() {
        let this = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        assert!(pack(&this).expect_err("no kernel").to_string().contains("packed_target"));
        let mut swapped = image();
        swapped.swap(0, 1);
        take(&mut swapped, 0x1040).expect_err("the order is wrong");
    }
}
