//! Every scripted misbehaviour ends in the right error in bounded time, and the next good command works.

use crate::rig::{Rig, Setup, patterned};
use velocity_base::{Duration, Lba};
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};
use velocity_models::nvme::Backing;
use velocity_nvme::{NvmeError, Options, Statistics};

fn rig(faults: &'static str) -> Rig {
    Setup { faults, ..Setup::default() }.start()
}

fn error(kind: BlockErrorKind, lba: u64, code: u16) -> BlockError {
    BlockError { kind, lba: Lba(lba), code }
}

/// Seconds on the rig's clock.
fn seconds(rig: &Rig) -> f64 {
    rig.now().nanos as f64 / 1e9
}

#[test]
fn a_bad_block_is_a_media_error_and_its_neighbours_are_fine() {
    let mut rig = rig("read@200=status:0x281");
    assert_eq!(rig.read(200, 512), Err(error(BlockErrorKind::Media, 200, 0x281)));
    assert_eq!(rig.read(199, 512), Ok(patterned(199 * 512, 512)));
    assert_eq!(rig.read(201, 512), Ok(patterned(201 * 512, 512)));
    // In a large read the chunk that holds it fails: 16 KiB chunks from block 0 on.
    assert_eq!(rig.read(0, 1 << 20), Err(error(BlockErrorKind::Media, 192, 0x281)));
    rig.write(200, &[1; 512]).unwrap();
    rig.assert_works();
    assert_eq!(rig.controller.statistics().resets, 0);
}

#[test]
fn statuses_keep_their_meaning() {
    for (faults, kind, code) in [
        ("write@8=status:0x280", BlockErrorKind::Media, 0x280),
        ("write@8=status:0x80", BlockErrorKind::OutOfRange, 0x080),
        ("write@8=status:0x20", BlockErrorKind::Refused, 0x020),
        ("write@8=status:0x7c0", BlockErrorKind::Refused, 0x7c0),
        ("write@8=status:0x2f3", BlockErrorKind::Media, 0x2f3),
    ] {
        let mut rig = rig(faults);
        assert_eq!(rig.write(8, &[1; 512]), Err(error(kind, 8, code)), "{faults}");
        assert_eq!(rig.read(8, 512), Ok(patterned(8 * 512, 512)), "{faults}: nothing was written");
        rig.assert_works();
    }
}

#[test]
fn a_lost_command_times_out_and_is_aborted() {
    for interrupts in [true, false] {
        let mut rig = Setup { faults: "timeout@2", interrupts, ..Setup::default() }.start();
        rig.assert_works();
        assert_eq!(rig.read(5, 512), Err(error(BlockErrorKind::TimedOut, 5, 0)));
        assert!((5.0..5.1).contains(&seconds(&rig)), "{}", seconds(&rig));
        rig.assert_works();
        let Statistics { timed_out, aborts, resets, refused, .. } = rig.controller.statistics();
        assert_eq!((timed_out, aborts, resets, refused), (1, 1, 0, 0));
    }
}

#[test]
fn one_lost_command_among_many_fails_alone() {
    let mut rig = rig("timeout@3");
    assert_eq!(rig.read(0, 1 << 20), Err(error(BlockErrorKind::TimedOut, 64, 0)));
    rig.assert_works();
    assert_eq!(rig.controller.statistics().resets, 0);
}

#[test]
fn a_controller_that_hangs_is_reset() {
    for interrupts in [true, false] {
        let mut rig = Setup { faults: "hang@2", interrupts, ..Setup::default() }.start();
        rig.assert_works();
        assert_eq!(rig.read(5, 1 << 16), Err(error(BlockErrorKind::TimedOut, 5, 0)));
        assert!((5.5..5.7).contains(&seconds(&rig)), "time-out and abort time-out: {}", seconds(&rig));
        rig.assert_works();
        let Statistics { aborts, resets, .. } = rig.controller.statistics();
        assert_eq!((aborts, resets), (1, 1));
    }
}

#[test]
fn a_fatal_status_is_noticed_long_before_the_time_out() {
    let mut rig = rig("fatal@1");
    assert_eq!(rig.read(5, 512), Err(error(BlockErrorKind::TimedOut, 5, 0)));
    assert!(seconds(&rig) < 0.1, "{}", seconds(&rig));
    rig.assert_works();
    assert_eq!(rig.controller.statistics().resets, 1);
}

#[test]
fn an_unplugged_device_is_gone_and_stays_gone() {
    for interrupts in [true, false] {
        let mut rig = Setup { faults: "unplug@2", interrupts, ..Setup::default() }.start();
        rig.assert_works();
        assert_eq!(rig.read(5, 1 << 20), Err(error(BlockErrorKind::Gone, 5, 0)));
        assert!(seconds(&rig) < 0.1, "{}", seconds(&rig));
        for _ in 0..3 {
            assert_eq!(rig.read(6, 512), Err(error(BlockErrorKind::Gone, 6, 0)));
            assert_eq!(rig.disk.flush(), Err(error(BlockErrorKind::Gone, 0, 0)));
        }
        assert!(seconds(&rig) < 0.2);
        assert!(rig.controller.shut_down().is_err());
    }
}

#[test]
fn a_torn_write_leaves_half_and_a_device_that_is_gone() {
    let path = std::env::temp_dir().join(format!("velocity-torn-{}", std::process::id()));
    std::fs::write(&path, patterned(0, 1 << 20)).unwrap();
    let file = std::fs::File::options().read(true).write(true).open(&path).unwrap();
    let bench = Setup { faults: "torn@2", ..Setup::default() }.plug_with(Backing::File(file));
    let mut rig = bench.try_start().unwrap();
    rig.write(0, &[1; 512]).unwrap();
    assert_eq!(rig.write(8, &[2; 4096]), Err(error(BlockErrorKind::Gone, 8, 0)));
    let mut expected = patterned(0, 1 << 20);
    expected[..512].fill(1);
    expected[4096..6144].fill(2);
    assert!(std::fs::read(&path).unwrap() == expected);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_slow_command_is_waited_for_up_to_the_time_out() {
    for interrupts in [true, false] {
        let mut rig = Setup { faults: "delay@1=40ms,delay@2=9s", interrupts, ..Setup::default() }.start();
        rig.assert_works();
        assert!((0.04..0.05).contains(&seconds(&rig)), "{}", seconds(&rig));
        assert_eq!(rig.read(5, 512), Err(error(BlockErrorKind::TimedOut, 5, 0)));
        rig.assert_works();
        assert_eq!(rig.controller.statistics().resets, 0);
    }
}

#[test]
fn a_host_file_that_ends_early_is_a_media_error() {
    let path = std::env::temp_dir().join(format!("velocity-short-{}", std::process::id()));
    std::fs::write(&path, patterned(0, 1 << 20)).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let mut rig = Setup::default().plug_with(Backing::File(file)).try_start().unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_len(512 << 10).unwrap();
    assert_eq!(rig.read(1020, 4096), Err(error(BlockErrorKind::Media, 1020, 0x281)));
    rig.assert_works();
    assert_eq!(rig.read(0, 1 << 20), Err(error(BlockErrorKind::Media, 1024, 0x281)));
    // Opened for reading only.
    assert_eq!(rig.write(3, &[0; 512]), Err(error(BlockErrorKind::Media, 3, 0x280)));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_controller_that_does_not_come_back_is_tried_again_each_time() {
    let options = Options { timeout: Duration::from_millis(100), ..Options::default() };
    let mut rig = Setup { faults: "hang@1,hang@2", options, ..Setup::default() }.start();
    assert_eq!(rig.read(5, 512).map_err(|error| error.kind), Err(BlockErrorKind::TimedOut));
    assert_eq!(rig.read(5, 512).map_err(|error| error.kind), Err(BlockErrorKind::TimedOut));
    rig.assert_works();
    assert_eq!(rig.controller.statistics().resets, 2);
}

#[test]
fn errors_tell_what_to_do() {
    let texts = [
        NvmeError::Gone.to_string(),
        NvmeError::PageSize { min_bytes: 8192 }.to_string(),
        NvmeError::NoNamespace { id: 3 }.to_string(),
    ];
    assert_eq!(texts[0], "the controller is gone; attach it and restart");
    assert_eq!(texts[1], "the controller needs pages of 8192 bytes; only 4096 are supported");
    assert_eq!(texts[2], "there is no usable namespace 3; `disk` lists those there are");
}
