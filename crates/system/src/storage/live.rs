//! What can be replaced in drivers while they run, and the place of the ledger.

use super::{Fate, Storage, mount};
use alloc::boxed::Box;
use velocity_fat32::Walk;
use velocity_hal::BlockDevice;
use velocity_hotpatch::{Caller, Dispatch, EntryId};
use velocity_nda::module::Value;
use velocity_nvme::{Ask, Submission};
use velocity_partition::Slice;

/// A caller in the shape that a driver asks for.
struct Entry(Caller);

impl Walk for Entry {
    fn neighbours(&mut self, links: &[[u8; 4]], first: u32) -> u32 {
        let count = links.len() as i64;
        let arguments = [Value::I32(links.len() as i32), Value::I32(first.cast_signed())];
        let original = || i64::from(velocity_fat32::neighbours(links, first));
        self.0.call(links.as_flattened(), &arguments, |answer| (0..=count).contains(&answer), original) as u32
    }

    fn refused(&mut self) {
        self.0.refused();
    }

    fn quiesce(&mut self) {
        self.0.quiesce();
    }
}

impl Submission for Entry {
    fn next(&mut self, ask: Ask) -> u32 {
        let word = |word: u32| Value::I32(word.cast_signed());
        let Ask { left_bytes, most_bytes, block_bytes, under_way, slots } = ask;
        let left = Value::I64(left_bytes.cast_signed());
        let arguments = [left, word(most_bytes), word(block_bytes), word(under_way), word(slots)];
        let usable = |answer: i64| u32::try_from(answer).is_ok_and(|bytes| ask.allows(bytes));
        self.0.call(&[], &arguments, usable, || i64::from(velocity_nvme::Original.next(ask))) as u32
    }

    fn refused(&mut self) {
        self.0.refused();
    }

    fn quiesce(&mut self) {
        self.0.quiesce();
    }
}

impl Storage {
    /// Lets all drivers ask the table. One that finds no place there goes on as it is.
    pub(crate) fn ask(&mut self, dispatch: &Dispatch) {
        for mounted in &mut self.volumes {
            if let Some(caller) = dispatch.caller(EntryId::FAT32_WALK) {
                mounted.volume.set_walk(Box::new(Entry(caller)));
            }
            if let Some(caller) = dispatch.caller(EntryId::NVME_SUBMISSION) {
                mounted.volume.device_mut().device_mut().set_submission(Box::new(Entry(caller)));
            }
        }
    }

    /// No driver is asking anything.
    pub(crate) fn quiesce(&mut self) {
        for mounted in &mut self.volumes {
            mounted.volume.quiesce();
            mounted.volume.device_mut().device_mut().quiesce();
        }
    }

    /// The first partition that is for the ledger.
    pub(crate) fn ledger(&self) -> Option<Box<dyn BlockDevice>> {
        let places = self.disks.iter().filter_map(|disk| Some((disk.name, &disk.contents.as_ref().ok()?.partitions)));
        let mut all = places.flat_map(|(name, places)| places.iter().map(move |place| (name, place)));
        let (name, place) = all.find(|(_, place)| matches!(place.fate, Fate::Ledger))?;
        let device = mount::open(&self.controllers[name.controller], name).ok()?;
        Some(Box::new(Slice::new(device, place.partition.first, place.partition.blocks)))
    }
}
