//! Disks that misbehave while they are used: a clear line, and the next good command works.

use crate::image;
use crate::machine::{Bench, Parts};

/// A machine whose disk holds `good`, `bad` and `deep/far`; the last lies far enough from all that the start reads for
/// no cache to hold it. `faults` are made from the block where `bad` begins.
fn bench_with(faults: impl Fn(u64) -> String) -> Bench {
    let bad = [b"bad block ".as_slice(), &[b'.'; 5_000]].concat();
    let pad = [0; 1 << 17];
    let image = image::with_files(&[("good", b"good\n"), ("bad", &bad), ("pad", &pad), ("deep/far", b"far\n")]);
    let faults = faults(image::block_of(&image, b"bad block "));
    Bench::with_disk(image, faults.leak())
}

#[test]
fn a_bad_block_costs_one_file() {
    let mut bench = bench_with(|block| format!("read@{block}=status:0x281"));
    for _ in 0..2 {
        let out = bench.run("cat bad");
        assert!(out.starts_with("cat: /bad: block ") && out.contains("(status 0x0281)"), "{out}");
        assert_eq!(bench.run("cat good"), "good\n");
        assert!(bench.run("sha256 bad").starts_with("sha256: /bad: block "));
        assert_eq!(bench.run("sha256 good").lines().count(), 1);
    }
}

/// The number of I/O commands that the start and one `cat good` take, found by making each one the faulty one.
fn first_fault_after_start(kind: &str) -> (Bench, String) {
    for nth in 1..200 {
        let mut bench = bench_with(|_| format!("{kind}@{nth}"));
        if !bench.written().contains("Root volume") {
            continue;
        }
        let out = bench.run("cat bad");
        if out.starts_with("cat: ") {
            return (bench, out);
        }
    }
    panic!("no command was hit");
}

#[test]
fn a_time_out_is_reported_and_the_next_command_works() {
    for kind in ["timeout", "hang", "fatal"] {
        let (mut bench, out) = first_fault_after_start(kind);
        assert!(out.contains("did not answer in time"), "{kind}: {out}");
        assert_eq!(bench.run("cat good"), "good\n", "{kind}");
        assert!(bench.run("cat bad").starts_with("bad block "), "{kind}");
    }
}

#[test]
fn an_unplugged_disk_is_reported_for_every_file_and_the_shell_goes_on() {
    let (mut bench, out) = first_fault_after_start("unplug");
    assert!(out.contains("the device is gone"), "{out}");
    for line in ["cat deep/far", "ls deep", "run deep/far", "sha256 deep/far"] {
        let out = bench.run(line);
        assert!(out.contains("the device is gone"), "{line}: {out}");
    }
    assert!(bench.run("version").starts_with("VELOCITY-OS "));
    assert!(bench.run("disk").contains("nvme0"));
    bench.type_text("poweroff\r");
    assert_eq!(bench.settle(), velocity_system::Next::PowerOff);
}

#[test]
fn a_slow_and_reordering_disk_gives_the_same_bytes() {
    let mut bench = bench_with(|_| "delay@9=40ms,delay@12=1s,reorder".into());
    let good = bench_with(|_| String::new()).run("sha256 bad good");
    assert_eq!(bench.run("sha256 bad good"), good);
}

#[test]
fn a_disk_that_fails_at_the_start_leaves_the_others() {
    for faults in ["unplug@1", "read@0=status:0x281"] {
        let good = image::with_files(&[("name", b"good\n")]);
        let disks = vec![(good.clone(), faults), (good, "")];
        let mut bench = Bench::new(Parts { disks, ..Parts::default() });
        assert_eq!(bench.run("cat 0:/name"), "good\n", "{faults}");
        let disk = bench.run("disk");
        assert!(disk.contains("nvme0n1  36 MiB, not usable: the partition table cannot be read: "), "{faults}: {disk}");
        assert!(bench.log().contains("ERROR partition: nvme0n1: "), "{faults}: {}", bench.log());
    }
}

#[test]
fn a_time_out_at_the_start_is_tried_again_once() {
    for nth in 1..8 {
        for kind in ["timeout", "hang", "fatal"] {
            let mut bench = bench_with(|_| format!("{kind}@{nth}"));
            assert_eq!(bench.run("cat good"), "good\n", "{kind}@{nth}");
        }
    }
    let mut bench = bench_with(|_| "hang@1,hang@2".into());
    assert!(bench.run("disk").contains("did not answer in time"), "{}", bench.transcript());
    assert_eq!(bench.run("cat good"), "good\n", "the next command that needs a volume tries again");
}

#[test]
fn a_disk_that_never_answers_is_tried_again_and_named_each_time() {
    let faults: Vec<String> = (1..40).map(|nth| format!("hang@{nth}")).collect();
    let mut bench = bench_with(|_| faults.join(","));
    for _ in 0..2 {
        assert_eq!(bench.run("ls"), "ls: no volume is mounted; `disk` shows why\n");
    }
    assert!(bench.run("disk").contains("did not answer in time"), "{}", bench.transcript());
}

#[test]
fn completion_on_a_failing_disk_is_silent() {
    let (mut bench, _) = first_fault_after_start("unplug");
    bench.type_text("cat deep/f\t\t\x03");
    bench.settle();
    assert!(bench.transcript().ends_with("velocity> cat deep/f^C\n"), "{}", bench.transcript());
}
