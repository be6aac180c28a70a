//! The model as hardware: registers, status codes, PRPs, rings, interrupts; and that nothing makes it panic.

use super::testing::{BLOCKS, ENTRIES, Entry, Host, block_byte};
use crate::pci::PciDevice;
use proptest::prelude::*;
use velocity_base::Duration;
use velocity_hal::Clock;

const READ: u8 = 0x02;
const WRITE: u8 = 0x01;
const FLUSH: u8 = 0x00;
const CSTS: u64 = 0x1c;

/// Reads `blocks` blocks from `lba` on into the data pages as PRP1 and PRP2 say.
fn read(lba: u32, blocks: u32, prps: (u64, u64)) -> Entry {
    Entry::new(READ, 1).prps(prps.0, prps.1).dwords([lba, 0, blocks - 1])
}

#[test]
fn registers_read_as_the_specification_has_them() {
    let mut host = Host::new("");
    // MQES 63, CQR, TO 5 s, NVM command set.
    assert_eq!(host.device.bar_read(0, 0, 8), 63 | 1 << 16 | 10 << 24 | 1 << 37);
    assert_eq!((host.read32(4), host.read32(8)), (1 << 5, 0x1_0400));
    assert_eq!(host.device.bar_read(0, 9, 1), 4);
    host.write32(0x0c, 5);
    host.write32(0x10, 4);
    assert_eq!(host.read32(0x0c), 1);
    host.device.bar_write(0, 0x2c, 2, 7);
    host.write32(0x2c, 9);
    assert_eq!(host.device.bar_read(0, 0x28, 8), 9 << 32);
    assert_eq!(host.read32(CSTS), 0);
    host.enable();
    assert_eq!(host.read32(CSTS), 1);
    host.write32(0x14, 0x46_0001 | 1 << 14);
    assert_eq!(host.read32(CSTS), 1 | 2 << 2, "shut down");
    host.write32(0x14, 0);
    assert_eq!(host.read32(CSTS), 0);
}

#[test]
fn a_bad_configuration_is_fatal() {
    for (offset, value) in [(0x24, 0), (0x28, 8), (0x30, 4095), (0x14, 0x46_0081), (0x14, 1)] {
        let mut host = Host::new("");
        host.enable();
        host.write32(0x14, 0x46_0000);
        host.write32(offset, value);
        host.write32(0x14, if offset == 0x14 { value } else { 0x46_0001 });
        assert_eq!(host.read32(CSTS), 2, "{value:#x} at {offset:#x}");
    }
}

#[test]
fn a_device_that_may_not_reach_memory_fails() {
    let mut host = Host::new("");
    host.enable();
    host.device.config_mut().write32(4, 0b010, u32::MAX);
    host.push(0, Entry::new(0x06, 0));
    host.ring(0);
    assert_eq!((host.read32(CSTS), host.pop(0)), (3, None));
}

#[test]
fn admin_commands_are_checked() {
    let mut host = Host::new("");
    host.enable();
    let identify = |cns, namespace| Entry::new(0x06, namespace).dwords([cns, 0, 0]);
    let page = host.at(0);
    for (entry, status) in [
        (Entry::new(0x7f, 0), 0x001),
        (identify(0x99, 0), 0x002),
        (identify(0, 2), 0x00b),
        (identify(2, u32::MAX), 0x00b),
        (identify(1, 0).prps(page + 1, 0), 0x013),
        (identify(1, 0).prps(page + 8, page + 8), 0x013),
        (identify(1, 0).prps(0x1000, 0), 0x004),
        (Entry::new(0x09, 0).dwords([0x55, 0, 0]), 0x002),
        (Entry::new(0x09, 0).dwords([0x07, 0xffff, 0]), 0x002),
        (Entry::new(0x09, 0).dwords([0x06, 0, 0]), 0x10e),
        (Entry::new(0x0a, 0).dwords([0x55, 0, 0]), 0x002),
    ] {
        assert_eq!(host.admin(entry), (status, 0));
    }
    let mut fused = identify(1, 0).prps(page, 0);
    fused.0[0] |= 1 << 8;
    assert_eq!(host.admin(fused), (0x002, 0));
    assert_eq!(host.admin(Entry::new(0x09, 0).dwords([0x07, 0, 0])), (0, 3 << 16 | 3));
    assert_eq!(host.admin(Entry::new(0x08, 0).dwords([1, 0, 0])), (0, 1), "nothing to abort");
    host.push(0, Entry::new(0x0c, 0));
    host.ring(0);
    assert_eq!(host.pop(0), None, "events never come");
    assert_eq!(host.admin(Entry::new(0x0c, 0)), (0x105, 0));
}

#[test]
fn identify_data_may_be_cut_by_a_page() {
    let mut host = Host::new("");
    host.enable();
    let (prp1, prp2) = (host.at(4096 - 32), host.at(8192));
    assert_eq!(host.admin(Entry::new(0x06, 0).dwords([1, 0, 0]).prps(prp1, prp2)), (0, 0));
    let mut model = [0; 40];
    host.data.read(4096 - 32 + 24, &mut model[..8]);
    host.data.read(8192, &mut model[8..]);
    assert_eq!(&model[..19], b"VELOCITY NVMe model");
}

#[test]
fn queues_are_created_and_deleted_by_the_rules() {
    let mut host = Host::new("");
    host.enable();
    let (completion, submission) = (0x05, 0x01);
    for (entry, status) in [
        (host.create(submission, 1, ENTRIES, 1 << 16 | 1), 0x100),
        (host.create(completion, 0, ENTRIES, 1), 0x101),
        (host.create(completion, 5, ENTRIES, 1), 0x101),
        (host.create(completion, 1, 1, 1), 0x102),
        (host.create(completion, 1, 65, 1), 0x102),
        (host.create(completion, 1, ENTRIES, 0), 0x002),
        (host.create(completion, 1, ENTRIES, 4 << 16 | 3), 0x108),
        (host.create(completion, 1, ENTRIES, 1).prps(8, 0), 0x013),
        (host.create(completion, 1, ENTRIES, 1), 0),
        (host.create(completion, 1, ENTRIES, 1), 0x101),
        (host.create(submission, 1, ENTRIES, 2 << 16 | 1), 0x100),
        (host.create(submission, 1, ENTRIES, 1), 0x100),
        (host.create(submission, 1, ENTRIES, 1 << 16 | 1), 0),
        (Entry::new(0x09, 0).dwords([0x07, 0, 0]), 0x00c),
        (Entry::new(0x04, 0).dwords([1, 0, 0]), 0x10c),
        (Entry::new(0x00, 0).dwords([0, 0, 0]), 0x101),
        (Entry::new(0x00, 0).dwords([1, 0, 0]), 0),
        (Entry::new(0x00, 0).dwords([1, 0, 0]), 0x101),
        (Entry::new(0x04, 0).dwords([1, 0, 0]), 0),
        (Entry::new(0x04, 0).dwords([9, 0, 0]), 0x101),
    ] {
        assert_eq!(host.admin(entry).0, status);
    }
}

#[test]
fn io_commands_are_checked() {
    let mut host = Host::started("");
    let (page, next) = (host.at(0), host.at(4096));
    let last = BLOCKS as u32;
    for (entry, status) in [
        (Entry::new(0x7f, 1), 0x001),
        (Entry::new(READ, 0), 0x00b),
        (Entry::new(READ, 2), 0x00b),
        (Entry::new(READ, u32::MAX), 0x00b),
        (read(last, 1, (page, 0)), 0x080),
        (read(last - 1, 2, (page, 0)), 0x080),
        (Entry::new(READ, 1).prps(page, 0).dwords([u32::MAX, u32::MAX, 0xffff]), 0x080),
        (read(0, 65, (page, next)), 0x002),
        (read(0, 1, (page + 2, 0)), 0x013),
        (read(0, 9, (page, next + 4)), 0x013),
        (read(0, 17, (page, next + 4)), 0x013),
        (read(0, 1, (0, 0)), 0x004),
        (read(0, 9, (page, 0)), 0x004),
        (read(0, 17, (page, 0)), 0x004),
        (read(0, 1, (page, 0)), 0),
        (read(last - 1, 1, (page, 0)), 0),
        (Entry::new(FLUSH, 1), 0),
        (Entry::new(FLUSH, u32::MAX), 0),
    ] {
        assert_eq!(host.io(entry), status);
    }
}

#[test]
fn data_lands_where_the_prps_say() {
    let mut host = Host::started("");
    // Bytes 256.. of page 6, then pages 3, 1 and the beginning of 4, by a list that starts eight bytes before a page's
    // end and so holds nothing but the pointer to the next list page.
    let (list, next) = (host.at(5 * 4096 - 8), host.at(7 * 4096));
    host.put_list(list, &[next]);
    host.put_list(next, &[host.at(3 * 4096), host.at(4096), host.at(4 * 4096)]);
    assert_eq!(host.io(read(10, 24, (host.at(6 * 4096 + 256), list))), 0);
    let mut seen = Vec::new();
    for (offset, bytes) in [(6 * 4096 + 256, 4096 - 256), (3 * 4096, 4096), (4096, 4096), (4 * 4096, 256)] {
        let mut part = vec![0; bytes];
        host.data.read(offset, &mut part);
        seen.extend(part);
    }
    assert!(seen == (10..34).flat_map(|block| [block_byte(block); 512]).collect::<Vec<u8>>());
    // A pointer inside a list must be a page's beginning.
    host.put_list(list, &[next + 8]);
    assert_eq!(host.io(read(10, 24, (host.at(6 * 4096 + 256), list))), 0x013);
    // A list that leads in a circle ends with the data.
    host.put_list(list, &[host.at(4 * 4096)]);
    host.put_list(host.at(4 * 4096), &[host.at(4 * 4096); 512]);
    assert_eq!(host.io(read(10, 64, (host.at(0), list))), 0);
}

#[test]
fn what_is_written_is_read_back_and_overlapping_reads_see_it() {
    let mut host = Host::started("");
    host.data.write(0, &[0xee; 1024]);
    let write = Entry::new(WRITE, 1).prps(host.at(0), 0).dwords([4, 0, 1]);
    // Fetched together and carried out in order: before, the write, after.
    host.push(1, read(3, 4, (host.at(4096), 0)));
    host.push(1, write);
    host.push(1, read(3, 4, (host.at(8192), 0)));
    host.push(1, read(7, 1, (host.at(8192 + 2048), 0)));
    host.ring(1);
    for _ in 0..4 {
        assert_eq!(host.pop(1).map(|(_, status, _)| status), Some(0));
    }
    let mut seen = [0; 2560];
    host.data.read(8192, &mut seen);
    let bytes = [3, 0xee, 0xee, 6, 7].map(|byte: u8| [byte; 512]);
    assert!(seen[..] == *bytes.as_flattened());
    host.data.read(4096, &mut seen[..2048]);
    assert!(seen[..2048] == *[[3u8; 512], [4; 512], [5; 512], [6; 512]].as_flattened());
}

#[test]
fn one_bad_read_among_many_fails_alone() {
    let mut host = Host::started("");
    let (page, other) = (host.at(0), host.at(4096));
    for prps in [(page, 0), (0xdead_f000, 0), (other, 0), (page + 2, 0), (page + 512, 0)] {
        host.push(1, read(20, 1, prps));
    }
    host.ring(1);
    let statuses: Vec<u16> = std::iter::from_fn(|| host.pop(1)).map(|(_, status, _)| status).collect();
    assert_eq!(statuses, [0, 0x004, 0, 0x013, 0]);
    assert_eq!(host.data.load32(4096), 0x1414_1414);
}

#[test]
fn answers_wait_for_room_in_the_ring() {
    let mut host = Host::started("");
    let mut ids = Vec::new();
    for _ in 0..2 {
        (0..ENTRIES - 1).for_each(|_| ids.push(host.push(1, Entry::new(FLUSH, 1))));
        host.ring(1);
    }
    let mut seen = Vec::new();
    while seen.len() < ids.len() {
        let before = seen.len();
        while let Some((id, 0, _)) = host.pop(1) {
            seen.push(id);
        }
        assert!(seen.len() > before && seen.len() - before < usize::from(ENTRIES));
        host.acknowledge(1);
    }
    assert_eq!((seen, host.pop(1)), (ids, None));
}

#[test]
fn doorbells_of_nothing_and_beyond_the_ring_are_ignored() {
    let mut host = Host::started("");
    for (offset, value) in
        [(0x1008, u32::from(ENTRIES)), (0x100c, u32::MAX), (0x1010, 1), (0x1020, 1), (0x1fff & !3, 1), (0x1009, 1)]
    {
        host.write32(offset, value);
    }
    assert_eq!((host.read32(CSTS), host.pop(1)), (1, None));
    assert_eq!(host.io(Entry::new(FLUSH, 1)), 0);
}

#[test]
fn held_commands_end_by_time_by_abort_or_by_reset() {
    let mut host = Host::started("delay@1=3ms,timeout@2,delay@3=1s");
    let ids = [0, 1, 2].map(|block| host.push(1, read(block, 1, (host.at(0), 0))));
    host.ring(1);
    assert_eq!(host.pop(1), None);
    assert_eq!(host.device.next_event().map(|due| due.nanos), Some(3_000_000));
    host.clock.advance(Duration::from_millis(3));
    host.device.tick(host.clock.now());
    assert_eq!(host.pop(1), Some((ids[0], 0, 0)));
    assert_eq!(host.admin(Entry::new(0x08, 0).dwords([u32::from(ids[1]) << 16 | 1, 0, 0])), (0, 0));
    assert_eq!(host.pop(1), Some((ids[1], 0x007, 0)));
    host.write32(0x14, 0x46_0000);
    assert_eq!((host.device.next_event(), host.pop(1)), (None, None));
}

#[test]
fn faults_that_end_everything_do() {
    for (faults, status, present) in [("hang@1", 1, true), ("fatal@1", 3, true), ("unplug@1", 1, false)] {
        let mut host = Host::started(faults);
        host.push(1, Entry::new(FLUSH, 1));
        host.ring(1);
        host.push(0, Entry::new(0x08, 0));
        host.ring(0);
        assert_eq!((host.pop(0), host.pop(1), host.read32(CSTS)), (None, None, status), "{faults}");
        assert_eq!(host.device.is_present(), present);
    }
}

#[test]
fn reorder_answers_a_batch_backwards() {
    let mut host = Host::started("reorder");
    let mut ids: Vec<u16> = (0..4).map(|block| host.push(1, read(block, 1, (host.at(0), 0)))).collect();
    host.ring(1);
    ids.reverse();
    assert_eq!(std::iter::from_fn(|| host.pop(1)).map(|(id, ..)| id).collect::<Vec<_>>(), ids);
}

proptest! {
    /// Whatever a driver writes, the model answers or fails; and a reset makes it good again.
    #[test]
    fn no_driver_makes_it_panic(
        steps in prop::collection::vec((0u8..4, any::<[u32; 16]>(), 0u64..0x1100), 0..60),
    ) {
        let mut host = Host::started("");
        let (page, list) = (host.at(0), host.at(4096));
        for (kind, mut dwords, offset) in steps {
            let pair = usize::from(kind == 0);
            if kind < 2 {
                dwords[0] &= 0x030f;
                if dwords[15] & 1 == 0 {
                    dwords[1] = 1;
                    dwords[11..14].fill(0);
                }
                let entry = Entry(dwords);
                let spoiled = dwords[15] >> 1 & 3;
                let entry = if spoiled == 0 { entry } else { entry.prps(page + u64::from(spoiled - 1) * 4, list) };
                host.push(pair, entry);
                host.ring(pair);
            } else if offset != 0x14 || dwords[0] & 3 == 0 {
                host.device.bar_write(0, offset & !3, if kind == 2 { 4 } else { 8 }, dwords[1].into());
            }
            while host.pop(pair).is_some() {}
            host.acknowledge(pair);
        }
        host.write32(0x14, 0);
        prop_assert_eq!(host.read32(CSTS), 0);
    }
}
