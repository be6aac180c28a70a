//! Packs an image: what a boot loader reads is half of what lies in memory afterwards.
//!
//! Code behind `packed_target` and the constants become one LZ4 block, which lies at the end of the room they take: it is
//! used up from its front while that room fills from its own, so that the image takes no more memory than before.
//! `boot_packed` gets the block's first and last address.
//! `kernel/src/boot/unpack.rs` is the other half; `docs/adr/0011-packed-image.md` tells why.

mod trial;

use super::elf::{PAGE, Segment, assemble, segments};
use super::{Result, bad};
use lz4::block::{CompressionMode, compress};
use object::{Object, ObjectSymbol, read::elf::ElfFile64};

/// Flags of a segment: writable.
const PF_W: u32 = 2;
/// Bytes behind the block that the decoder may read, as it reads eight at a time.
const SLACK: usize = 8;
/// The best that LZ4's high compression offers.
const LEVEL: i32 = 12;

/// The packed form of the linked image `bytes`.
///
/// # Errors
/// When `bytes` is no image of the shape that `kernel/link.ld` gives, or the block would be overwritten before it is used up.
pub fn pack(bytes: &[u8]) -> Result<Vec<u8>> {
    let elf = ElfFile64::<object::LittleEndian>::parse(bytes).map_err(|error| bad(error.to_string()))?;
    let target = symbol(&elf, "packed_target")?;
    let end = symbol(&elf, "rodata_end")?;
    let place = symbol(&elf, "boot_packed")?;
    let mut segments = segments(&elf, bytes)?;
    let content = take(&mut segments, target)?;
    let mut block = compress(&content, Some(CompressionMode::HIGHCOMPRESSION(LEVEL)), false)
        .map_err(|error| bad(format!("packing: {error}")))?;
    let length = block.len() as u64;
    let room = length + SLACK as u64;
    let start = end.checked_sub(room).ok_or_else(|| bad("there is no room for the block"))? & !(PAGE - 1);
    trial::run(&content, &block, (start - target) as usize, (end - target) as usize).map_err(bad)?;
    describe(&mut segments, place, [start, start + length])?;
    block.resize(room as usize, 0);
    lay(&mut segments, &block, start, end)?;
    assemble(bytes, &segments)
}

/// Puts `block` at the address `start` into the read-only segments, which end at `end`: the first one is divided there.
fn lay(segments: &mut Vec<Segment>, block: &[u8], start: u64, end: u64) -> Result<()> {
    let [text, constants, ..] = segments.as_mut_slice() else { return Err(bad("no segments of code and constants")) };
    let inside = constants.address.checked_sub(start).and_then(|inside| block.split_at_checked(inside as usize));
    let (first, second) = inside.ok_or_else(|| bad("the block does not reach into the code's segment"))?;
    constants.data = second.to_vec();
    constants.memory = end - constants.address;
    let behind = Segment { address: start, memory: first.len() as u64, data: first.to_vec(), ..*text };
    text.memory = start - text.address;
    segments.insert(1, behind);
    Ok(())
}

fn symbol(elf: &ElfFile64<'_, object::LittleEndian>, name: &str) -> Result<u64> {
    let found = elf.symbols().find(|symbol| symbol.name() == Ok(name));
    found.map(|symbol| symbol.address()).ok_or_else(|| bad(format!("no symbol {name}")))
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
            segment(4, 0x2000, b"constants", 0x1000),
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
    fn the_block_lies_across_code_and_constants() {
        let mut segments = image();
        take(&mut segments, 0x1040).expect("they follow each other");
        segments[0].memory = 0x3000;
        segments[1].address = 0x4000;
        lay(&mut segments, &[7; 0x1234], 0x3000, 0x5000).expect("there is room");
        let shape: Vec<_> = segments.iter().map(|one| (one.address, one.memory, one.data.len())).collect();
        assert_eq!(shape, [(0x1000, 0x2000, 64), (0x3000, 0x1000, 0x1000), (0x4000, 0x1000, 0x234), (0x3000, 0x40, 4)]);
        assert!(lay(&mut segments, &[7; 16], 0x6000, 0x7000).is_err(), "it lies elsewhere");
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
