//! Which physical frames are free.
//!
//! A sorted table of free extents, first fit from below: setting it up costs nothing per frame (a bitmap or buddy
//! allocator would dominate the boot), and low memory, which start-up code of other cores and 32-bit devices need, is
//! found first. Freed extents merge with their neighbours. The table is bounded; an extent that finds no room is lost
//! and counted, never misfiled.

use super::PAGE;
use spin::Mutex;
use velocity_base::PhysAddr;

/// Most separate free extents.
pub const MAX_EXTENTS: usize = 512;

/// A run of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    start: u64,
    end: u64,
}

/// A bounded, sorted set of free extents, in bytes, page-aligned.
pub struct Extents<const N: usize> {
    table: [Extent; N],
    len: usize,
    lost: u64,
}

impl<const N: usize> Extents<N> {
    /// No free memory.
    #[must_use]
    pub const fn new() -> Self {
        Self { table: [Extent { start: 0, end: 0 }; N], len: 0, lost: 0 }
    }

    fn free(&self) -> &[Extent] {
        &self.table[..self.len]
    }

    fn insert_at(&mut self, index: usize, extent: Extent) {
        if self.len == N {
            self.lost += extent.end - extent.start;
            return;
        }
        self.table.copy_within(index..self.len, index + 1);
        self.table[index] = extent;
        self.len += 1;
    }

    fn remove_at(&mut self, index: usize) {
        self.table.copy_within(index + 1..self.len, index);
        self.len -= 1;
    }

    /// Adds the whole pages inside `[start, start + len)`; parts that are already free are not added twice.
    pub fn add(&mut self, start: u64, len: u64) {
        let end = start.saturating_add(len) / PAGE * PAGE;
        let start = start.div_ceil(PAGE).saturating_mul(PAGE);
        if start >= end {
            return;
        }
        // Cut out what is known, so that overlapping reports of the loader do no harm.
        self.remove(start, end - start);
        let index = self.free().partition_point(|extent| extent.start < start);
        let joins_left = index > 0 && self.table[index - 1].end == start;
        let joins_right = index < self.len && self.table[index].start == end;
        match (joins_left, joins_right) {
            (true, true) => {
                self.table[index - 1].end = self.table[index].end;
                self.remove_at(index);
            }
            (true, false) => self.table[index - 1].end = end,
            (false, true) => self.table[index].start = start,
            (false, false) => self.insert_at(index, Extent { start, end }),
        }
    }

    /// Takes out every page that `[start, start + len)` touches.
    pub fn remove(&mut self, start: u64, len: u64) {
        let end = start.saturating_add(len).div_ceil(PAGE).saturating_mul(PAGE);
        let start = start / PAGE * PAGE;
        let mut index = self.free().partition_point(|extent| extent.end <= start);
        while index < self.len && self.table[index].start < end {
            let old = self.table[index];
            self.remove_at(index);
            if old.start < start {
                self.insert_at(index, Extent { start: old.start, end: start });
                index += 1;
            }
            if old.end > end {
                self.insert_at(index, Extent { start: end, end: old.end });
                index += 1;
            }
        }
    }

    /// Takes `len` bytes (rounded up to pages) whose address is a multiple of `align`, at or above `floor`.
    pub fn take(&mut self, len: u64, align: u64, floor: u64) -> Option<u64> {
        let len = len.checked_next_multiple_of(PAGE).filter(|&len| len > 0)?;
        let align = align.max(PAGE);
        let start = self.free().iter().find_map(|extent| {
            let start = extent.start.max(floor).checked_next_multiple_of(align)?;
            (start.checked_add(len)? <= extent.end).then_some(start)
        })?;
        self.remove(start, len);
        Some(start)
    }

    /// Free bytes.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        self.free().iter().map(|extent| extent.end - extent.start).sum()
    }

    /// Bytes lost because the table was full.
    #[must_use]
    pub const fn lost_bytes(&self) -> u64 {
        self.lost
    }
}

impl<const N: usize> Default for Extents<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Below this lies memory that firmware and start-up code of other cores care about.
const LOW_MEMORY: u64 = 0x10_0000;

static FREE: Mutex<Extents<MAX_EXTENTS>> = Mutex::new(Extents::new());

/// Changes the set of free frames during start-up.
pub fn with_free<R>(change: impl FnOnce(&mut Extents<MAX_EXTENTS>) -> R) -> R {
    change(&mut FREE.lock())
}

/// Takes `bytes` of contiguous memory above the first megabyte.
#[must_use]
pub fn take(bytes: u64) -> Option<PhysAddr> {
    FREE.lock().take(bytes, PAGE, LOW_MEMORY).map(PhysAddr)
}

/// The same, if so many bytes stay free.
#[must_use]
pub fn take_leaving(bytes: u64, left: u64) -> Option<PhysAddr> {
    let mut free = FREE.lock();
    let is_enough = free.free_bytes() >= bytes.checked_add(left)?;
    is_enough.then(|| free.take(bytes, PAGE, LOW_MEMORY).map(PhysAddr)).flatten()
}

/// Takes one page below 640 KiB, where a core in real mode can start.
#[must_use]
pub fn take_low_page() -> Option<PhysAddr> {
    let mut free = FREE.lock();
    let start = free.take(PAGE, PAGE, PAGE)?;
    if start < 0xa_0000 {
        return Some(PhysAddr(start));
    }
    free.add(start, PAGE);
    None
}

/// Gives back what [`take`] or [`take_low_page`] gave.
pub fn give_back(start: PhysAddr, bytes: u64) {
    FREE.lock().add(start.0, bytes.next_multiple_of(PAGE));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[(u64, u64)]) -> Extents<8> {
        let mut extents = Extents::new();
        for &(start, len) in ranges {
            extents.add(start * PAGE, len * PAGE);
        }
        extents
    }

    #[test]
    fn overlapping_reports_count_once_and_neighbours_merge() {
        let extents = set(&[(10, 5), (12, 10), (22, 1), (1, 2)]);
        assert_eq!(extents.free_bytes(), (13 + 2) * PAGE);
        assert_eq!(extents.len, 2);
    }

    #[test]
    fn partial_pages_are_never_handed_out() {
        let mut extents = Extents::<8>::new();
        extents.add(PAGE + 1, 2 * PAGE);
        assert_eq!(extents.free_bytes(), PAGE);
        extents.remove(2 * PAGE + 5, 1);
        assert_eq!(extents.free_bytes(), 0);
    }

    #[test]
    fn taking_honours_alignment_and_floor_and_returns_merge() {
        let mut extents = set(&[(1, 100)]);
        let start = extents.take(3 * PAGE, 16 * PAGE, 20 * PAGE).expect("there is room");
        assert_eq!(start, 32 * PAGE);
        assert_eq!(extents.free_bytes(), 97 * PAGE);
        extents.add(start, 3 * PAGE);
        assert_eq!((extents.len, extents.free_bytes()), (1, 100 * PAGE));
        assert_eq!(extents.take(101 * PAGE, PAGE, 0), None);
        assert_eq!(extents.take(u64::MAX, PAGE, 0), None);
        assert_eq!(extents.take(0, PAGE, 0), None);
    }

    #[test]
    fn a_full_table_loses_memory_but_counts_it() {
        let mut extents = Extents::<2>::new();
        for n in 0..4 {
            extents.add(n * 10 * PAGE, PAGE);
        }
        assert_eq!(extents.free_bytes(), 2 * PAGE);
        assert_eq!(extents.lost_bytes(), 2 * PAGE);
    }

    #[test]
    fn agrees_with_a_plain_set_of_pages() {
        // A small deterministic walk over add, remove and take against a model.
        let mut extents = Extents::<64>::new();
        let mut model = std::collections::BTreeSet::new();
        let mut state = 7_u64;
        for _ in 0..5_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (page, len) = ((state >> 33) % 60, (state >> 50) % 6 + 1);
            match state >> 62 {
                0 | 1 => {
                    extents.add(page * PAGE, len * PAGE);
                    model.extend(page..page + len);
                }
                2 => {
                    extents.remove(page * PAGE, len * PAGE);
                    (page..page + len).for_each(|page| _ = model.remove(&page));
                }
                _ => {
                    if let Some(start) = extents.take(len * PAGE, PAGE, 0) {
                        (start / PAGE..start / PAGE + len).for_each(|page| assert!(model.remove(&page)));
                    }
                }
            }
            assert_eq!(extents.free_bytes(), model.len() as u64 * PAGE);
        }
    }
}
