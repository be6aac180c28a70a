//! Rings against a scripted device that posts whatever it likes.

use super::*;
use crate::Opcode;
use proptest::prelude::*;
use std::collections::BTreeSet;
use velocity_base::PhysAddr;
use velocity_models::GuestMemory;

const ENTRY: Entry = Entry::new(Opcode::Flush, 1);
const LATER: Instant = Instant::from_nanos(1_000);

/// The device's end of the completion ring.
struct Device {
    memory: GuestMemory,
    ring: u64,
    entries: u16,
    tail: u16,
    phase: bool,
}

impl Device {
    fn post(&mut self, id: u16, status: u16) {
        self.put(u32::from(status) << 17 | u32::from(self.phase) << 16 | u32::from(id));
        self.tail += 1;
        if self.tail == self.entries {
            self.tail = 0;
            self.phase = !self.phase;
        }
    }

    fn put(&self, dword3: u32) {
        let at = PhysAddr(self.ring + u64::from(self.tail) * 16 + 12);
        self.memory.write(at, &dword3.to_le_bytes()).unwrap();
    }
}

fn pair(entries: u16, slots: u16) -> (QueuePair, Device) {
    let memory = GuestMemory::new(1 << 20);
    let queue = QueuePair::new(&memory, entries, slots).unwrap();
    let ring = queue.addresses().1;
    (queue, Device { memory, ring, entries, tail: 0, phase: true })
}

fn poll(queue: &mut QueuePair) -> Vec<u16> {
    let mut slots = Vec::new();
    queue.poll(|completed| slots.push(completed.slot));
    slots
}

#[test]
fn commands_end_in_any_order_over_many_laps() {
    let (mut queue, mut device) = pair(4, 3);
    for _ in 0..50 {
        let ids = [0, 1, 2].map(|slot| queue.submit(slot, &ENTRY, LATER).unwrap().0);
        assert!(queue.tail_to_tell().is_some() && queue.tail_to_tell().is_none());
        device.post(ids[2], 0);
        device.post(ids[0], 0);
        assert_eq!(poll(&mut queue), [2, 0]);
        device.post(ids[1], 0);
        assert!(queue.has_completion());
        assert_eq!(poll(&mut queue), [1]);
        assert!(!queue.has_completion() && queue.flying() == 0);
        queue.head_to_tell(true);
    }
    assert_eq!(queue.refused(), 0);
}

#[test]
fn unknown_repeated_and_outdated_ids_are_refused() {
    let (mut queue, mut device) = pair(64, 3);
    let old = queue.submit(1, &ENTRY, LATER).unwrap().0;
    device.post(old, 0);
    device.post(old, 0);
    device.post(3, 0);
    device.post(0xffff, 0);
    assert_eq!((poll(&mut queue), queue.refused()), (vec![1], 3));
    let new = queue.submit(1, &ENTRY, LATER).unwrap().0;
    device.post(old, 0);
    device.post(0, 0);
    assert_eq!((poll(&mut queue), queue.refused()), (vec![], 5));
    device.post(new, 0);
    assert_eq!((poll(&mut queue), queue.refused()), (vec![1], 5));
}

#[test]
fn a_reset_forgets_commands_and_old_phases_but_not_generations() {
    let (mut queue, mut device) = pair(4, 3);
    let old = queue.submit(0, &ENTRY, LATER).unwrap().0;
    device.post(1, 0);
    poll(&mut queue);
    queue.reset();
    assert!(!queue.has_completion() && queue.flying() == 0);
    device.tail = 0;
    let new = queue.submit(0, &ENTRY, LATER).unwrap().0;
    device.post(old, 0);
    device.post(new, 0);
    assert_eq!(poll(&mut queue), [0]);
}

#[test]
fn a_completion_beyond_a_gap_waits_until_the_gap_is_filled() {
    let (mut queue, mut device) = pair(8, 3);
    let ids = [0, 1, 2].map(|slot| queue.submit(slot, &ENTRY, LATER).unwrap().0);
    device.tail = 2;
    device.post(ids[0], 0);
    assert_eq!((poll(&mut queue), queue.refused()), (vec![], 0));
    device.tail = 0;
    device.post(ids[1], 0);
    device.post(ids[2], 0);
    assert_eq!((poll(&mut queue), queue.refused()), (vec![1, 2, 0], 0));
}

#[test]
fn a_flood_is_bounded_and_told() {
    let (mut queue, mut device) = pair(4, 3);
    let id = queue.submit(0, &ENTRY, LATER).unwrap().0;
    for lap in 0..2 {
        // Every entry new at every look: the phase of a whole lap is what the driver expects next.
        (0..4).for_each(|_| device.post(7 << 6, 0));
        assert_eq!(queue.poll(|_| panic!("nothing good")), 4, "lap {lap}");
    }
    assert!(queue.is_flooded());
    device.post(id, 0);
    assert_eq!(poll(&mut queue), [0]);
    assert!(!queue.is_flooded());
}

#[test]
fn the_earliest_deadline_is_found() {
    let (mut queue, mut device) = pair(8, 3);
    let at = Instant::from_nanos;
    assert_eq!(queue.overdue(at(u64::MAX)), None);
    let ids = [(0, 300), (1, 100), (2, 200)].map(|(slot, due)| queue.submit(slot, &ENTRY, at(due)).unwrap().0);
    assert_eq!((queue.overdue(at(99)), queue.overdue(at(100))), (None, Some(1)));
    device.post(ids[1], 0);
    poll(&mut queue);
    assert_eq!((queue.overdue(at(150)), queue.overdue(at(400))), (None, Some(2)));
}

#[test]
fn the_head_is_told_before_the_ring_could_fill() {
    let (mut queue, mut device) = pair(8, 3);
    let mut told = 0;
    for turn in 1..=20u16 {
        let id = queue.submit(0, &ENTRY, LATER).unwrap().0;
        device.post(id, 0);
        assert_eq!(poll(&mut queue), [0]);
        if let Some(head) = queue.head_to_tell(false) {
            assert_eq!(head, turn % 8);
            told = turn;
        }
        assert!(turn - told + 3 < 7, "room for three more completions");
    }
    assert!(told > 0 && queue.head_to_tell(true).is_none() == (told == 20));
}

#[test]
fn only_free_slots_take_commands() {
    let (mut queue, _) = pair(4, 3);
    queue.submit(0, &ENTRY, LATER).unwrap();
    assert_eq!(queue.submit(0, &ENTRY, LATER), Err(SubmitError::SlotBusy));
    assert_eq!(queue.submit(3, &ENTRY, LATER), Err(SubmitError::SlotBusy));
}

proptest! {
    /// Whatever words appear in the completion ring, only commands under way end, each once.
    #[test]
    fn garbage_ends_only_what_is_under_way(words: Vec<u32>, entries in 2u16..20) {
        let slots = (entries - 1).min(8);
        let (mut queue, mut device) = pair(entries, slots);
        let mut flying = BTreeSet::new();
        for word in words {
            let slot = (word >> 8) as u16 % slots;
            if queue.submit(slot, &ENTRY, LATER).is_ok() {
                prop_assert!(flying.insert(slot));
            }
            device.put(word);
            device.tail = (word >> 4) as u16 % entries;
            let mut ended = Vec::new();
            prop_assert!(queue.poll(|completed| ended.push(completed.slot)) <= entries);
            for slot in ended {
                prop_assert!(flying.remove(&slot));
            }
            prop_assert_eq!(queue.flying(), flying.iter().fold(0, |mask, slot| mask | 1 << slot));
        }
    }
}
