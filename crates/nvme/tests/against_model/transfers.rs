//! Data: every size and alignment, PRP shapes, many commands under way, random operations against a reference.

use crate::rig::{Rig, Setup, patterned};
use proptest::prelude::*;
use velocity_base::Lba;
use velocity_hal::BlockDevice;
use velocity_nvme::{CommandError, Condition, Options, SubmitError};

fn with_slots(slots: u16, slot_bytes: u32) -> Rig {
    Setup { options: Options { slots, slot_bytes, ..Options::default() }, ..Setup::default() }.start()
}

/// Writes and reads `bytes` at `lba` and looks at the neighbours.
fn round_trip(rig: &mut Rig, lba: u64, bytes: usize) {
    let data: Vec<u8> = (0..bytes).map(|index| (index * 31 + bytes) as u8).collect();
    rig.write(lba, &data).unwrap();
    rig.disk.flush().unwrap();
    let start = lba as usize * 512;
    let mut expected = patterned(start - 512, bytes + 1024);
    expected[512..512 + bytes].copy_from_slice(&data);
    assert_eq!(rig.read(lba - 1, bytes + 1024), Ok(expected), "{bytes} bytes at block {lba}");
    rig.write(lba, &patterned(start, bytes)).unwrap();
}

#[test]
fn every_size_around_page_slot_and_window_borders_is_right() {
    let mut rig = with_slots(3, 16 << 10);
    for pages in [0, 1, 2, 3, 4, 5, 8, 11, 12, 13, 30] {
        for extra in [0, 512, 1024, 3584] {
            let bytes = pages * 4096 + extra;
            if bytes != 0 {
                round_trip(&mut rig, 17, bytes);
            }
        }
    }
}

#[test]
fn every_shape_of_prps_is_walked() {
    // One page, two pages, short lists packed into a page, and the longest list there is: 512 entries.
    for (slots, slot_bytes) in [(2, 4096), (2, 8192), (5, 3 * 4096), (7, 129 * 4096), (1, 513 * 4096)] {
        let options = Options { slots, slot_bytes, ..Options::default() };
        let mut rig = Setup { mdts: 0, options, ..Setup::default() }.start();
        for bytes in [512, 4096, 4608, 8192, 8704, 65_536, 513 * 4096, (2 << 20) + 3 * 512] {
            round_trip(&mut rig, 3, bytes);
        }
    }
}

#[test]
fn a_large_read_keeps_all_slots_busy() {
    let mut rig = with_slots(32, 16 << 10);
    assert_eq!(rig.read(0, 4 << 20), Ok(patterned(0, 4 << 20)));
    assert_eq!(rig.controller.statistics().submitted, 256);
}

#[test]
fn completions_in_reverse_order_give_the_right_data() {
    for interrupts in [true, false] {
        let mut rig = Setup { faults: "reorder", interrupts, ..Setup::default() }.start();
        assert_eq!(rig.read(7, 1 << 20), Ok(patterned(7 * 512, 1 << 20)));
        round_trip(&mut rig, 100, 600 * 512);
    }
}

#[test]
fn two_handles_share_one_controller() {
    let options = Options { slots: 2, slot_bytes: 4096, ..Options::default() };
    let mut rig = Setup { options, host_clock: true, ..Setup::default() }.start();
    let mut other = rig.controller.clone().namespace(1).unwrap();
    let reader = std::thread::spawn(move || {
        let mut out = vec![0; 1 << 16];
        for round in 0..50 {
            other.read(Lba(round), &mut out).unwrap();
            assert_eq!(out, patterned(round as usize * 512, 1 << 16));
        }
    });
    for round in 0..50 {
        assert_eq!(rig.read(4000 + round, 1 << 16), Ok(patterned((4000 + round as usize) * 512, 1 << 16)));
    }
    reader.join().unwrap();
    let statistics = rig.controller.statistics();
    assert_eq!((statistics.resets, statistics.refused), (0, 0));
}

#[test]
fn the_asynchronous_face_checks_what_it_is_given() {
    let rig = with_slots(2, 4096);
    let mut io = rig.controller.io(1).unwrap();
    let (now, max_bytes) = (rig.now(), 4096);
    let (first, second) = (io.take_slot().unwrap(), io.take_slot().unwrap());
    assert!(io.take_slot().is_none() && !io.any_free() && io.slots() == 2);
    assert_eq!(io.submit_read(first, Lba(8192), 1, now), Err(SubmitError::OutOfRange));
    assert_eq!(io.submit_read(first, Lba(0), 9, now), Err(SubmitError::BadLength { max_bytes }));
    assert_eq!(io.submit_read(first, Lba(0), 0, now), Err(SubmitError::BadLength { max_bytes }));
    assert_eq!(io.submit_write(first, Lba(0), &[0; 100], now), Err(SubmitError::BadLength { max_bytes }));
    io.submit_read(first, Lba(9), 1, now).unwrap();
    assert_eq!(io.submit_read(first, Lba(0), 1, now), Err(SubmitError::SlotBusy));
    assert_eq!(io.submit_write(first, Lba(0), &[0; 512], now), Err(SubmitError::SlotBusy));
    io.submit_write(second, Lba(0), &[1; 512], now).unwrap();
    assert_eq!((io.poll(now), io.outcome(first)), (Condition::Working, None));
    io.ring();
    assert_eq!((io.poll(now), io.outcome(first), io.outcome(second)), (Condition::Working, Some(Ok(())), Some(Ok(()))));
    let mut word = [0; 8];
    io.copy_out(first, 8, &mut word);
    assert_eq!(word[..], patterned(9 * 512 + 8, 8));
    io.release(first);
    assert_eq!(io.submit_flush(first, now), Err(SubmitError::SlotBusy));
    io.submit_flush(second, now).unwrap();
    io.release(second);
    io.ring();
    io.poll(now);
    assert!(io.take_slot().is_some() && io.take_slot().is_some());
}

#[test]
fn an_asynchronous_command_that_is_late_is_recovered() {
    let rig = Setup { faults: "timeout@1", ..Setup::default() }.start();
    let mut io = rig.controller.io(1).unwrap();
    let slot = io.take_slot().unwrap();
    io.submit_read(slot, Lba(0), 1, rig.now()).unwrap();
    io.ring();
    assert_eq!(io.poll(rig.now()), Condition::Working);
    let late = rig.now().after(Options::default().timeout);
    rig.clock.advance_to(late);
    assert_eq!(io.poll(late), Condition::Overdue);
    io.recover();
    assert_eq!((io.poll(late), io.outcome(slot)), (Condition::Working, Some(Err(CommandError::TimedOut))));
}

#[derive(Clone, Debug)]
enum Operation {
    Read { lba: u64, blocks: usize },
    Write { lba: u64, blocks: usize, seed: u8 },
    Flush,
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        (0u64..500, 0usize..100).prop_map(|(lba, blocks)| Operation::Read { lba, blocks }),
        (0u64..500, 0usize..100, any::<u8>()).prop_map(|(lba, blocks, seed)| Operation::Write { lba, blocks, seed }),
        Just(Operation::Flush),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The disk is a vector of bytes, whatever the sizes of slots and queues and the order of completions.
    #[test]
    fn random_operations_agree_with_a_vector(
        operations in prop::collection::vec(operation(), 1..40),
        slots in 1u16..6,
        slot_pages in 1u32..5,
        queue_entries in 2u16..9,
        interrupts: bool,
        reorder: bool,
    ) {
        let options = Options { slots, slot_bytes: slot_pages * 4096, queue_entries, ..Options::default() };
        let faults = if reorder { "reorder" } else { "" };
        let mut rig = Setup { bytes: 500 * 512, faults, interrupts, options, ..Setup::default() }.start();
        let mut reference = patterned(0, 500 * 512);
        for operation in operations {
            match operation {
                Operation::Flush => rig.disk.flush().unwrap(),
                Operation::Read { lba, blocks } => {
                    let start = lba as usize * 512;
                    let expected = reference.get(start..start + blocks * 512).map(<[u8]>::to_vec);
                    prop_assert_eq!(rig.read(lba, blocks * 512).ok(), expected);
                }
                Operation::Write { lba, blocks, seed } => {
                    let start = lba as usize * 512;
                    let data: Vec<u8> = (0..blocks * 512).map(|index| seed.wrapping_add((index / 7) as u8)).collect();
                    let there = reference.get_mut(start..start + data.len());
                    prop_assert_eq!(rig.write(lba, &data).is_ok(), there.is_some());
                    if let Some(there) = there {
                        there.copy_from_slice(&data);
                    }
                }
            }
        }
        prop_assert_eq!(rig.controller.statistics().refused, 0);
    }
}
