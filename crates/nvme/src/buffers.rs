//! Transfer buffers, and the PRP lists that describe them (section 4.3).
//!
//! Slot n owns the bytes from n * slot_bytes of one region. Since a slot's pages never move, its PRP list is written
//! once, at start: a command of one page uses PRP1, of two pages PRP1 and PRP2, of more pages PRP1 and the list of all
//! pages but the first. Lists are packed at a power-of-two stride, so that none crosses a page (which would make its
//! last entry there a pointer to the next list page).

use crate::Slot;
use alloc::boxed::Box;
use velocity_hal::dma::DMA_PAGE_BYTES;
use velocity_hal::{DmaAllocator, DmaError, DmaRegion};

/// Pages that admin commands may use before I/O starts, whatever the options.
const MIN_PAGES: usize = 2;

/// All slots' buffers.
pub(crate) struct Buffers {
    data: Box<dyn DmaRegion>,
    /// `None` when no command is longer than two pages.
    lists: Option<Box<dyn DmaRegion>>,
    slot_bytes: usize,
    list_stride: usize,
}

impl Buffers {
    /// Buffers for `slots` slots of `slot_bytes`, whole pages, at most 513 of them.
    pub(crate) fn new(dma: &dyn DmaAllocator, slots: u16, slot_bytes: u32) -> Result<Self, DmaError> {
        let slots = usize::from(slots);
        let slot_bytes = slot_bytes as usize;
        let data = dma.allocate((slots * slot_bytes).max(MIN_PAGES * DMA_PAGE_BYTES))?;
        let list_entries = slot_bytes / DMA_PAGE_BYTES - 1;
        let list_stride = (list_entries * 8).next_power_of_two();
        let lists = if list_entries < 2 { None } else { Some(dma.allocate(slots * list_stride)?) };
        let mut buffers = Self { data, lists, slot_bytes, list_stride };
        for slot in 0..slots {
            buffers.write_list(slot, list_entries);
        }
        Ok(buffers)
    }

    fn write_list(&mut self, slot: usize, entries: usize) {
        let first = self.data.device_address().0 + (slot * self.slot_bytes) as u64;
        let Some(lists) = &mut self.lists else { return };
        for entry in 0..entries {
            let page = first + ((entry + 1) * DMA_PAGE_BYTES) as u64;
            lists.write(slot * self.list_stride + entry * 8, &page.to_le_bytes());
        }
    }

    /// PRP1 and PRP2 for the first `bytes` (at least 1) of `slot`'s buffer.
    pub(crate) fn prps(&self, slot: Slot, bytes: usize) -> (u64, u64) {
        let slot = usize::from(slot.0);
        let first = self.data.device_address().0 + (slot * self.slot_bytes) as u64;
        let second = match bytes.div_ceil(DMA_PAGE_BYTES) {
            0 | 1 => 0,
            2 => first + DMA_PAGE_BYTES as u64,
            _ => self.lists.as_ref().map_or(0, |lists| lists.device_address().0 + (slot * self.list_stride) as u64),
        };
        (first, second)
    }

    /// Copies data into `slot`'s buffer from its beginning.
    pub(crate) fn fill(&mut self, slot: Slot, data: &[u8]) {
        assert!(data.len() <= self.slot_bytes, "{} bytes for a slot of {}", data.len(), self.slot_bytes);
        self.data.write(usize::from(slot.0) * self.slot_bytes, data);
    }

    /// Copies data out of `slot`'s buffer from byte `offset` on.
    pub(crate) fn copy_out(&self, slot: Slot, offset: usize, out: &mut [u8]) {
        let end = offset.saturating_add(out.len());
        assert!(end <= self.slot_bytes, "byte {end} of a slot of {}", self.slot_bytes);
        self.data.read(usize::from(slot.0) * self.slot_bytes + offset, out);
    }

    /// Device address of page `page` of all buffers, for admin commands while no I/O is under way.
    pub(crate) fn page_address(&self, page: usize) -> u64 {
        self.data.device_address().0 + (page * DMA_PAGE_BYTES) as u64
    }

    /// A copy of that page.
    pub(crate) fn page(&self, page: usize) -> Box<[u8; DMA_PAGE_BYTES]> {
        let mut copy = Box::new([0; DMA_PAGE_BYTES]);
        self.data.read(page * DMA_PAGE_BYTES, &mut copy[..]);
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use velocity_models::GuestMemory;

    #[test]
    fn one_two_and_more_pages_take_the_three_shapes() {
        let memory = GuestMemory::new(1 << 24);
        let buffers = Buffers::new(&memory, 3, 5 * 4096).unwrap();
        let base = buffers.page_address(5);
        assert_eq!(buffers.prps(Slot(1), 1), (base, 0));
        assert_eq!(buffers.prps(Slot(1), 4096), (base, 0));
        assert_eq!(buffers.prps(Slot(1), 4097), (base, base + 4096));
        let (first, list) = buffers.prps(Slot(1), 8193);
        assert_eq!(first, base);
        let mut entries = [0; 32];
        memory.read(velocity_base::PhysAddr(list), &mut entries).unwrap();
        let pages: Vec<u64> = entries.chunks(8).map(|entry| u64::from_le_bytes(entry.try_into().unwrap())).collect();
        assert_eq!(pages, [1, 2, 3, 4].map(|page| base + page * 4096));
    }

    #[test]
    fn no_list_crosses_a_page() {
        let memory = GuestMemory::new(1 << 28);
        for pages in [3u32, 4, 7, 100, 300, 513] {
            let buffers = Buffers::new(&memory, 8, pages * 4096).unwrap();
            for slot in 0..8 {
                let (_, list) = buffers.prps(Slot(slot), pages as usize * 4096);
                let last = list + (u64::from(pages) - 1) * 8 - 1;
                assert_eq!(list / 4096, last / 4096, "{pages} pages, slot {slot}");
            }
        }
    }

    #[test]
    fn short_slots_need_no_lists() {
        let memory = GuestMemory::new(1 << 24);
        let _buffers = Buffers::new(&memory, 32, 8192).unwrap();
        assert_eq!(memory.in_use(), 32 * 8192);
    }
}
