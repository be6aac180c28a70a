//! Physical Region Pages (section 4.3): from two entries and a length to ranges of guest memory.
//!
//! PRP1 may begin anywhere (4-byte aligned) in a page; every later entry names a whole page. When more than one page
//! follows, PRP2 points to a list, whose last entry in a page points on to the next list page if more are needed.

use super::command::{Command, Status};
use crate::GuestMemory;
use velocity_base::PhysAddr;

pub(super) const PAGE: u64 = 4096;

/// Gives `out` the address and length of each page of `command`'s `bytes` (at least 1) of data, in order.
///
/// On an error it has been given some of them.
pub(super) fn walk(
    memory: &GuestMemory,
    command: &Command,
    bytes: u64,
    out: impl FnMut(u64, usize),
) -> Result<(), Status> {
    let offset = command.prp1 % PAGE;
    if !offset.is_multiple_of(4) {
        return Err(Status::INVALID_PRP_OFFSET);
    }
    let mut walk = Walk { out, left: bytes };
    walk.push(command.prp1, PAGE - offset);
    match walk.left.div_ceil(PAGE) {
        0 => Ok(()),
        1 => walk.push_page(command.prp2),
        _ => walk.push_list(memory, command.prp2),
    }
}

struct Walk<F> {
    out: F,
    left: u64,
}

impl<F: FnMut(u64, usize)> Walk<F> {
    /// Gives out up to `limit` bytes at `address`.
    fn push(&mut self, address: u64, limit: u64) {
        let bytes = self.left.min(limit) as usize;
        self.left -= bytes as u64;
        (self.out)(address, bytes);
    }

    fn push_page(&mut self, address: u64) -> Result<(), Status> {
        if !address.is_multiple_of(PAGE) {
            return Err(Status::INVALID_PRP_OFFSET);
        }
        self.push(address, PAGE);
        Ok(())
    }

    /// Every turn but the first takes pages off a length that MDTS bounds, so a list that leads in a circle ends too.
    fn push_list(&mut self, memory: &GuestMemory, mut list: u64) -> Result<(), Status> {
        if !list.is_multiple_of(8) {
            return Err(Status::INVALID_PRP_OFFSET);
        }
        let mut buffer = [0; PAGE as usize];
        while self.left != 0 {
            let needed = self.left.div_ceil(PAGE);
            let room = (PAGE - list % PAGE) / 8;
            let (pages, leads_on) = if needed > room { (room - 1, true) } else { (needed, false) };
            let entries = &mut buffer[..(pages + u64::from(leads_on)) as usize * 8];
            memory.read(PhysAddr(list), entries).map_err(|_| Status::DATA_TRANSFER_ERROR)?;
            let mut entries = entries.chunks_exact(8).map(entry);
            for page in entries.by_ref().take(pages as usize) {
                self.push_page(page)?;
            }
            match entries.next() {
                // Only the pointer in the command may begin inside a page.
                Some(next) if !next.is_multiple_of(PAGE) => return Err(Status::INVALID_PRP_OFFSET),
                Some(next) => list = next,
                None => return Ok(()),
            }
        }
        Ok(())
    }
}

fn entry(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(bytes);
    u64::from_le_bytes(word)
}
