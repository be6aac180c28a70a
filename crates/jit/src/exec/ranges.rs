//! Sets of address ranges that a signal handler can read: one word for each range, in chunks that are never given back.
//!
//! Invariant: a word is a whole range or nothing, so that a reader sees no half of one. A range that cannot go away while somebody asks
//! (the code that is running, the memory that it touches) is found; nothing that was never listed is.

use alloc::boxed::Box;
use core::sync::atomic::{AtomicU64, Ordering};
use spin::Once;

/// How many ranges a chunk holds.
const CHUNK: usize = 64;

const PAGE_SHIFT: u32 = 12;

/// How many bits of a word count pages; the others are the number of the first page.
const COUNT_BITS: u32 = 22;

/// A set of ranges of pages.
#[derive(Debug)]
pub(super) struct Ranges {
    words: [AtomicU64; CHUNK],
    more: Once<Box<Self>>,
}

/// A range in a set, until it is dropped.
#[derive(Debug)]
pub(super) struct Listed(&'static AtomicU64);

impl Ranges {
    pub(super) const fn new() -> Self {
        Self { words: [const { AtomicU64::new(0) }; CHUNK], more: Once::new() }
    }

    /// Adds the pages of a range; `None` if they have no form in the set.
    pub(super) fn list(&'static self, start: u64, bytes: u64) -> Option<Listed> {
        let word = word(start, bytes)?;
        let mut chunk = self;
        loop {
            let take = |free: &&AtomicU64| free.compare_exchange(0, word, Ordering::Release, Ordering::Relaxed).is_ok();
            if let Some(taken) = chunk.words.iter().find(take) {
                return Some(Listed(taken));
            }
            chunk = chunk.more.call_once(|| Box::new(Self::new()));
        }
    }

    /// Whether one of the ranges holds an address. Takes no lock.
    pub(super) fn holds(&self, address: u64) -> bool {
        let mut chunk = Some(self);
        while let Some(ranges) = chunk {
            if ranges.words.iter().any(|range| reaches(range.load(Ordering::Acquire), address)) {
                return true;
            }
            chunk = ranges.more.get().map(|more| &**more);
        }
        false
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Release);
    }
}

fn word(start: u64, bytes: u64) -> Option<u64> {
    let (page, pages) = (start >> PAGE_SHIFT, bytes.div_ceil(1 << PAGE_SHIFT));
    let fits = start.is_multiple_of(1 << PAGE_SHIFT) && pages < 1 << COUNT_BITS && page < 1 << (u64::BITS - COUNT_BITS);
    (fits && pages > 0).then_some(page << COUNT_BITS | pages)
}

const fn reaches(word: u64, address: u64) -> bool {
    let (page, pages) = (word >> COUNT_BITS, word & ((1 << COUNT_BITS) - 1));
    (address >> PAGE_SHIFT).wrapping_sub(page) < pages
}
