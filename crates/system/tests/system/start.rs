//! Start: with disks, without, with broken ones; stages and banner.

use crate::image;
use crate::machine::{Bench, Parts};
use velocity_system::Next;

#[test]
fn a_good_disk_leads_to_a_prompt_with_the_volume_mounted() {
    let mut bench = Bench::with_files(&[("a.txt", b"x")]);
    let written = bench.written();
    assert!(written.starts_with("VELOCITY-OS "), "{written}");
    assert!(written.contains("Root volume \"TEST\" on nvme0n1."), "{written}");
    assert!(bench.system.at_prompt());
    assert!(matches!(bench.system.step(), Next::WaitUntil(_)));
    assert!(bench.log().contains("nvme0 at 0000:00:01.0: "), "{}", bench.log());
    assert!(bench.log().contains(", MSI-X\n"), "{}", bench.log());
    assert!(bench.log().contains("command line: quiet\n"));
}

#[test]
fn stages_are_named_in_order() {
    let bench = Bench::with_files(&[]);
    let names: Vec<_> = bench.system.stages().iter().map(|stage| stage.0).collect();
    assert_eq!(names, ["entry", "start", "console", "pci", "nvme", "volumes", "ledger", "prompt"]);
    assert!(bench.system.stages().is_sorted_by_key(|stage| stage.1));
}

#[test]
fn the_screen_shows_what_the_text_port_shows() {
    let bench = Bench::with_files(&[]);
    assert_eq!(bench.display.presents(), 1);
    let lit = bench.display.pixels().iter().filter(|pixel| **pixel != 0).count();
    assert!(lit > 1000, "{lit} pixels are lit");
    assert!(bench.system.screen_bytes() >= 640 * 480 * 4);
    let blind = Bench::new(Parts { blind: true, ..Parts::default() });
    assert_eq!(blind.system.screen_bytes(), 0);
}

#[test]
fn without_a_disk_the_prompt_comes_and_files_are_refused() {
    let mut bench = Bench::new(Parts::default());
    assert!(bench.written().contains("No disk found. `pci` lists what is there."));
    assert_eq!(bench.run("ls"), "ls: no volume is mounted; `disk` shows why\n");
    assert_eq!(bench.run("run a.nda"), "run: no volume is mounted; `disk` shows why\n");
    assert_eq!(bench.run("disk"), "no NVMe controller found; `pci` lists what is there\n");
    assert!(bench.run("version").starts_with("VELOCITY-OS "));
}

#[test]
fn a_disk_without_a_volume_is_listed_with_its_reason() {
    let mut bench = Bench::with_disk(vec![0; 1 << 20], "");
    assert!(bench.written().contains("No volume could be mounted. `disk` shows why."));
    let disk = bench.run("disk");
    assert!(
        disk.contains("1024 KiB in blocks of 512 bytes, no partition table\n    not mounted: no FAT32 volume"),
        "{disk}"
    );
    assert!(bench.log().contains("warn fat32: nvme0n1: no FAT32 volume"), "{}", bench.log());
}

#[test]
fn all_volumes_of_all_disks_are_numbered() {
    let [one, two, three] = [b"one", b"two", b"six"].map(|text| image::with_files(&[("name", text)]));
    let mut unusable = one.clone();
    unusable[..90].fill(0);
    unusable[6 * 512..7 * 512].fill(0);
    let disks = vec![(image::with_partitions(&[unusable, one, two]), ""), (three, "")];
    let mut bench = Bench::new(Parts { disks, ports: true, ..Parts::default() });
    assert!(bench.written().contains("Root volume \"TEST\" on nvme0n1p2, 3 volumes in all."), "{}", bench.written());
    assert_eq!(bench.run("cat /name 0:/name 1:name 2:/name"), "oneonetwosix\n");
    assert_eq!(bench.run("ls 3:/"), "ls: 3: no such volume; there are 0:/ to 2:/, `disk` lists them\n");
    let disk = bench.run("disk");
    assert!(disk.contains("nvme0n1  109 MiB in blocks of 512 bytes, MBR\n"), "{disk}");
    assert!(disk.contains("    p1  36 MiB, FAT32: not mounted: "), "{disk}");
    assert!(disk.contains("    p2  36 MiB, FAT32: mounted as 0:/ (the root), FAT32 \"TEST\", "), "{disk}");
    assert!(disk.contains("    mounted as 2:/, FAT32 \"TEST\", "), "{disk}");
}

#[test]
fn a_controller_that_does_not_start_is_reported_and_skipped() {
    let good = image::with_files(&[("name", b"good")]);
    let disks = vec![(good.clone(), ""), (good, "")];
    let mut bench = Bench::new(Parts { disks, first_never_ready: true, ..Parts::default() });
    assert_eq!(bench.run("cat name"), "good\n");
    let disk = bench.run("disk");
    assert!(disk.starts_with("nvme0  0000:00:01.0  not usable: the controller did not become ready"), "{disk}");
    assert!(disk.contains("\nnvme1  0000:00:02.0  VELOCITY"), "{disk}");
    assert!(bench.log().contains("ERROR nvme: nvme0 at 0000:00:01.0: "), "{}", bench.log());
}
