//! Every damaged or foreign disk image: a clear refusal of what is damaged, everything else works, nothing hangs.
#![cfg(test)]

use std::{
    fs::{self, File},
    io,
    path::PathBuf,
};
use velocity_sim::Options;
use velocity_tests::{Answer, answers, fixtures};

const SCRIPT: [&str; 6] = ["cat /healthy.txt", "sha256 /victim.bin", "ls /folder", "ls /", "disk", "version"];

/// What a sound image of the same recipe answers.
const SOUND: &str = "cluster-512";

/// A damaged image, the one command whose answer shows the damage, and words of that answer.
const DAMAGED: [(&str, usize, &str); 8] = [
    ("chain-loop-file", 1, "comes back to cluster"),
    ("chain-loop-folder", 2, "comes back to cluster"),
    ("chain-free", 1, "which is free"),
    ("chain-outside", 1, "which does not exist"),
    ("chain-bad", 1, "into a bad one"),
    ("chain-short", 1, "ends after 5 clusters"),
    ("chain-start", 1, "begins at cluster 5000000"),
    ("lfn-checksum", usize::MAX, ""),
];

/// An image of which nothing can be used, and what `disk` says of it.
const REFUSED: [(&str, &str); 12] = [
    ("root-loop", "folder / is damaged: its cluster chain comes back to cluster 2"),
    ("bpb-cluster-zero", "BPB_SecPerClus cannot be 0"),
    ("bpb-fat-size", "BPB_FATSz32 cannot be 16777215"),
    ("bpb-total", "the volume is cut short"),
    ("fat-heads", "the FAT is damaged"),
    ("truncated", "the volume is cut short"),
    ("gpt-crc", "both copies of the GPT are damaged"),
    ("gpt-truncated", "both copies of the GPT are damaged"),
    ("fat12", "this is FAT12, and only FAT32 is supported"),
    ("fat16", "this is FAT16, and only FAT32 is supported"),
    ("exfat", "this is exFAT, and only FAT32 is supported"),
    ("ntfs", "this is NTFS, and only FAT32 is supported"),
];

/// Damage that is worked around: every file is there.
const RECOVERED: [&str; 4] = ["gpt-backup", "backup-boot", "fat-first-copy", "mbr-loop"];

/// The image as a plain file of its own for this test.
fn unpacked(name: &str) -> PathBuf {
    let source = File::open(fixtures().join(format!("disks/{name}.img.gz"))).unwrap();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("damaged-{name}.img"));
    io::copy(&mut flate2::read::GzDecoder::new(source), &mut File::create(&path).unwrap()).unwrap();
    path
}

fn run(name: &str) -> Vec<Answer> {
    let disk = unpacked(name);
    let found = answers(Options { disk: Some(disk.clone()), cores: 1, ..Options::default() }, &SCRIPT).unwrap();
    fs::remove_file(disk).unwrap();
    let commands: Vec<&str> = found.iter().map(|answer| answer.command.as_str()).collect();
    assert_eq!(commands, SCRIPT, "{name}: the system stopped listening");
    assert_eq!(found[5].text, "VELOCITY-OS 0.1.0\n", "{name}");
    found
}

#[test]
fn a_damaged_file_or_folder_is_named_and_the_others_are_read() {
    let sound = run(SOUND);
    for (name, damaged, words) in DAMAGED {
        let found = run(name);
        for index in 0..3 {
            let (found, sound) = (&found[index].text, &sound[index].text);
            if index == damaged {
                assert!(found.contains(words) && found.contains("fsck.fat"), "{name}: {found}");
                assert_eq!(found.lines().count(), 1, "{name}: {found}");
            } else if SCRIPT[index] != "sha256 /victim.bin" {
                assert_eq!(found, sound, "{name}: {}", SCRIPT[index]);
            } else {
                assert!(found.ends_with("  /victim.bin\n") && found.len() > 64, "{name}: {found}");
            }
        }
    }
}

#[test]
fn a_disk_of_which_nothing_can_be_used_is_refused_with_the_reason() {
    for (name, words) in REFUSED {
        let found = run(name);
        for answer in &found[..4] {
            let command = answer.command.split(' ').next().unwrap();
            assert_eq!(answer.text, format!("{command}: no volume is mounted; `disk` shows why\n"), "{name}");
        }
        assert!(found[4].text.contains(words), "{name}: {}", found[4].text);
    }
}

#[test]
fn damage_with_a_second_copy_is_worked_around() {
    let sound = run(SOUND);
    for name in RECOVERED {
        let found = run(name);
        for index in [0, 2] {
            assert_eq!(found[index].text, sound[index].text, "{name}: {}", SCRIPT[index]);
        }
    }
}
