//! A slice reaches its own blocks and no other.

use crate::build::{BLOCKS, blank};
use velocity_base::Lba;
use velocity_hal::{BlockDevice, BlockErrorKind};
use velocity_partition::Slice;

#[test]
fn transfers_land_at_the_slices_start() {
    let mut slice = Slice::new(blank(512), Lba(10), 4);
    slice.write(Lba(3), &[7; 512]).unwrap();
    let mut out = [0; 1024];
    slice.read(Lba(2), &mut out).unwrap();
    assert_eq!((out[511], out[512]), (0, 7));
    let disk = slice.into_inner();
    assert!(disk.bytes[13 * 512..14 * 512].iter().all(|byte| *byte == 7));
    assert_eq!(disk.bytes.iter().filter(|byte| **byte == 7).count(), 512);
}

#[test]
fn a_transfer_across_the_end_fails_whole_and_names_the_devices_block() {
    let mut slice = Slice::new(blank(512), Lba(10), 4);
    for (at, blocks) in [(3, 2), (4, 1), (u64::MAX, 1), (5, 0)] {
        let mut data = vec![7; blocks * 512];
        let error = slice.write(Lba(at), &data).unwrap_err();
        assert_eq!(error.kind, BlockErrorKind::OutOfRange);
        assert_eq!(error.lba, Lba(10_u64.saturating_add(at)));
        assert_eq!(slice.read(Lba(at), &mut data), Err(error));
    }
    assert!(slice.into_inner().bytes.iter().all(|byte| *byte == 0));
}

#[test]
fn a_slice_claims_no_block_that_the_device_lacks() {
    assert_eq!(Slice::new(blank(512), Lba(250), 100).block_count(), BLOCKS - 250);
    assert_eq!(Slice::new(blank(512), Lba(u64::MAX), 100).block_count(), 0);
}
