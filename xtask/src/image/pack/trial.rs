//! Unpacks as the kernel's entry does, to know that a block at the end of its own room is never overwritten before it is
//! used up.
//!
//! The steps are those of `kernel/src/boot/unpack.rs`, eight bytes at a time included.

/// Unpacks `block`, placed at offset `start` of a room of `room` bytes, to the room's front, and compares with `content`.
///
/// # Errors
/// What went wrong.
pub fn run(content: &[u8], block: &[u8], start: usize, room: usize) -> Result<(), String> {
    let mut memory = vec![0; room];
    let end = start + block.len();
    memory.get_mut(start..end).ok_or("the block does not fit into its room")?.copy_from_slice(block);
    let done = unpack(&mut memory, start, end).ok_or("unpacking in place runs out of its room")?;
    if done == content.len() && memory.starts_with(content) {
        Ok(())
    } else {
        Err("unpacking in place overwrites the block: leave more behind .symbols in kernel/link.ld".to_owned())
    }
}

/// Unpacks the block at `from..end` of `memory` to its front; gives the number of bytes made.
fn unpack(memory: &mut [u8], mut from: usize, end: usize) -> Option<usize> {
    let mut to = 0;
    loop {
        let token = usize::from(next(memory, &mut from)?);
        let literals = length(memory, &mut from, token >> 4)?;
        wide(memory, from, to, literals)?;
        (from, to) = (from + literals, to + literals);
        if from >= end {
            return Some(to);
        }
        let distance = usize::from(next(memory, &mut from)?) | usize::from(next(memory, &mut from)?) << 8;
        let matched = length(memory, &mut from, token & 15)? + 4;
        let source = to.checked_sub(distance)?;
        if distance >= 8 {
            wide(memory, source, to, matched)?;
        } else {
            for place in 0..matched {
                *memory.get_mut(to + place)? = *memory.get(source + place)?;
            }
        }
        to += matched;
    }
}

fn next(memory: &[u8], from: &mut usize) -> Option<u8> {
    *from += 1;
    memory.get(*from - 1).copied()
}

/// A length of four bits with what follows it.
fn length(memory: &[u8], from: &mut usize, short: usize) -> Option<usize> {
    let mut length = short;
    if short == 15 {
        loop {
            let more = next(memory, from)?;
            length += usize::from(more);
            if more != 255 {
                break;
            }
        }
    }
    Some(length)
}

/// Copies eight bytes at a time, at least once, until `count` are copied.
fn wide(memory: &mut [u8], from: usize, to: usize, count: usize) -> Option<()> {
    let mut done = 0;
    loop {
        let eight: [u8; 8] = memory.get(from + done..from + done + 8)?.try_into().ok()?;
        memory.get_mut(to + done..to + done + 8)?.copy_from_slice(&eight);
        done += 8;
        if done >= count {
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lz4::block::{CompressionMode, compress};

    /// Bytes that pack to about half: runs, repetitions and noise.
    fn content() -> Vec<u8> {
        let mut state = 1_u32;
        let mut content = vec![0; 300];
        for number in 0..4000_u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = content.len() - (state >> 24) as usize - 1;
            if number % 2 == 0 { content.extend((state >> 8).to_le_bytes()) } else { content.extend_from_within(at..) }
        }
        content
    }

    fn packed(content: &[u8]) -> Vec<u8> {
        compress(content, Some(CompressionMode::HIGHCOMPRESSION(12)), false).expect("it can be packed")
    }

    #[test]
    fn a_block_at_the_end_of_its_room_is_used_up_in_time() {
        let content = content();
        let block = packed(&content);
        let room = content.len() + block.len() / 256 + 64;
        assert!(block.len() < content.len());
        run(&content, &block, room - block.len() - 8, room).expect("there is a margin");
        run(&content, &block, content.len(), content.len() + block.len() + 8).expect("nothing overlaps");
    }

    #[test]
    fn too_little_room_is_told() {
        let content = content();
        let block = packed(&content);
        run(&content, &block, 64, content.len() + 64).expect_err("the output overtakes the block");
        run(&content, &block, content.len(), content.len() + 8).expect_err("the block does not fit");
    }

    #[test]
    fn a_damaged_block_is_told() {
        let content = content();
        let mut block = packed(&content);
        let middle = block.len() / 2;
        block[middle..].fill(0xff);
        run(&content, &block, content.len(), 2 * content.len()).expect_err("it says something else");
    }
}
