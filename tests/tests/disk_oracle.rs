//! Outside oracles for disks: `fsck.fat`, `mdir` and `mcopy` against our own reader.
//!
//! Every volume on every good image must be clean to fsck.fat, and mtools must see the same names, and for each file
//! the same SHA-256 and time of change, as `velocity-fat32` gives. fsck.fat must also find fault with every image that
//! we call damaged. Nothing is skipped: a missing tool is a failure that says what to install.
#![cfg(test)]

#[path = "../../fixtures/disks/memory_disk.rs"]
mod memory_disk;

use memory_disk::MemoryDisk;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, UNIX_EPOCH};
use velocity_base::ContentHash;
use velocity_fat32::{DateTime, Volume};
use velocity_hal::BlockDevice;
use velocity_partition::{Slice, scan};

/// What both sides say about a volume: files by path with hash and time, folders without.
type Tree = BTreeMap<String, Option<(ContentHash, Duration)>>;

/// An image, its block size, and a partition that holds a clean volume.
const GOOD: [(&str, u32, u32); 15] = [
    ("default", 512, 1),
    ("gpt", 512, 2),
    ("gpt", 512, 3),
    ("gpt-4k", 4096, 1),
    ("gpt-backup", 512, 1),
    ("mbr", 512, 1),
    ("mbr", 512, 6),
    ("mbr-loop", 512, 5),
    ("unpartitioned", 512, 1),
    ("fragmented", 512, 1),
    ("unicode", 512, 1),
    ("cluster-512", 512, 1),
    ("cluster-4k", 512, 1),
    ("cluster-32k", 512, 1),
    ("sector-4096", 512, 1),
];

/// Unpartitioned images that fsck.fat must not call clean.
const DAMAGED: [&str; 15] = [
    "chain-bad",
    "chain-free",
    "chain-loop-file",
    "chain-loop-folder",
    "chain-outside",
    "chain-short",
    "chain-start",
    "root-loop",
    "bpb-cluster-zero",
    "bpb-fat-size",
    "bpb-total",
    "fat-heads",
    "truncated",
    "fat-first-copy",
    "backup-boot",
];

#[test]
fn fsck_and_mtools_agree_with_us_on_every_good_volume() {
    for (image, block_bytes, number) in GOOD {
        let what = format!("{image}, partition {number}");
        let scratch = Scratch::new(&format!("{image}-{number}"));
        let mut disk = MemoryDisk::fixture(image, block_bytes);
        let table = scan(&mut disk).unwrap_or_else(|error| panic!("{image}: {error}"));
        let partition = table.partitions.into_iter().find(|partition| partition.number == number);
        let partition = partition.unwrap_or_else(|| panic!("{what} is not in the table"));
        let mut slice = Slice::new(disk, partition.first, partition.blocks);
        let file = scratch.write_volume(&mut slice);

        let checked = run("fsck.fat", &["-n", &file]);
        assert!(checked.status.success(), "{what}: {}", String::from_utf8_lossy(&checked.stdout));

        let ours = read_tree(&mut Volume::mount(slice).unwrap_or_else(|error| panic!("{what}: {error}")));
        assert!(!ours.is_empty(), "{what} holds nothing");
        grow_for_mtools(&file);
        let listed: Vec<_> =
            ours.iter().map(|(path, file)| format!("{path}{}", if file.is_some() { "" } else { "/" })).collect();
        assert_eq!(list_with_mdir(&file), sorted(listed), "{what}: names");
        assert_eq!(copy_with_mcopy(&file, &scratch.0.join("copied")), ours, "{what}: contents");
    }
}

#[test]
fn fsck_finds_fault_with_every_damaged_volume() {
    for image in DAMAGED {
        let scratch = Scratch::new(image);
        let file = scratch.write_volume(&mut MemoryDisk::fixture(image, 512));
        let checked = run("fsck.fat", &["-n", &file]);
        assert!(!checked.status.success(), "{image}: {}", String::from_utf8_lossy(&checked.stdout));
    }
    let scratch = Scratch::new("lfn-checksum");
    let checked = run("fsck.fat", &["-n", &scratch.write_volume(&mut MemoryDisk::fixture("lfn-checksum", 512))]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(said.contains("Checksum in long filename part wrong"), "{said}");
}

// --- our side --------------------------------------------------------------------------------------------------------

fn read_tree<D: BlockDevice>(volume: &mut Volume<D>) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in volume.read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}")) {
            let path = format!("{folder}/{}", entry.name);
            let file = (!entry.is_dir).then(|| {
                let bytes = read_file(volume, &path);
                assert_eq!(bytes.len(), entry.size as usize, "{path}");
                (ContentHash::of(&bytes), since_epoch(entry.modified.unwrap_or_else(|| panic!("{path} has no time"))))
            });
            if entry.is_dir {
                folders.push(path.clone());
            }
            assert!(tree.insert(as_mtools_sees(&path), file).is_none(), "{path} is there twice");
        }
    }
    tree
}

/// Reads a file in pieces of an odd size, as a pager would.
fn read_file<D: BlockDevice>(volume: &mut Volume<D>, path: &str) -> Vec<u8> {
    let mut file = volume.open(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 10_007]);
    loop {
        match volume.read_at(&mut file, bytes.len() as u64, &mut piece) {
            Ok(0) => return bytes,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
            Err(error) => panic!("{path}: {error}"),
        }
    }
}

/// mtools shows each half of a surrogate pair as an underscore.
fn as_mtools_sees(path: &str) -> String {
    path.chars().flat_map(|char| if char.len_utf16() == 2 { vec!['_', '_'] } else { vec![char] }).collect()
}

/// Seconds since 1970 of a time that is read as UTC.
fn since_epoch(time: DateTime) -> Duration {
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (year, month) = (u64::from(time.date.year), usize::from(time.date.month));
    let february = if is_leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<u64>();
    let days = years + months[..month - 1].iter().sum::<u64>() + u64::from(time.date.day) - 1;
    let minutes = (days * 24 + u64::from(time.hour)) * 60 + u64::from(time.minute);
    Duration::from_secs(minutes * 60 + u64::from(time.second))
}

// --- their side ------------------------------------------------------------------------------------------------------

/// Every path on the volume, sorted; folders end in a slash.
fn list_with_mdir(file: &str) -> Vec<String> {
    let listed = run("mdir", &["-/", "-a", "-b", "-i", file, "::"]);
    assert!(listed.status.success(), "mdir {file}: {}", String::from_utf8_lossy(&listed.stderr));
    let text = String::from_utf8(listed.stdout).unwrap_or_else(|error| panic!("mdir {file}: {error}"));
    sorted(text.lines().map(|line| line.trim_start_matches("::").to_owned()).collect())
}

/// The volume as mcopy takes it apart.
fn copy_with_mcopy(file: &str, to: &Path) -> Tree {
    fs::create_dir(to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
    let copied = run("mcopy", &["-s", "-n", "-m", "-i", file, "::/", &to.display().to_string()]);
    assert!(copied.status.success(), "mcopy {file}: {}", String::from_utf8_lossy(&copied.stderr));
    let mut tree = Tree::new();
    collect(to, "", &mut tree);
    tree
}

fn collect(folder: &Path, prefix: &str, tree: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{prefix}/{}", entry.file_name().into_string().unwrap());
        let facts = entry.metadata().unwrap();
        let file = facts.is_file().then(|| {
            let bytes = fs::read(entry.path()).unwrap();
            (ContentHash::of(&bytes), facts.modified().unwrap().duration_since(UNIX_EPOCH).unwrap())
        });
        if facts.is_dir() {
            collect(&entry.path(), &path, tree);
        }
        tree.insert(path, file);
    }
}

/// mtools takes FAT32 only from 65,525 clusters on. The small fixtures were made that large and cut, so their FATs have
/// the room: raising the sector count in mtools' copy changes nothing that it reads.
fn grow_for_mtools(file: &str) {
    let mut bytes = fs::read(file).unwrap();
    let le16 = |at: usize| u64::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let le32 = |at: usize| le16(at) | le16(at + 2) << 16;
    let data_start = le16(14) + u64::from(bytes[16]) * le32(36);
    let least = data_start + 65_600 * u64::from(bytes[13]);
    let (sector_bytes, total) = (le16(11), le32(32));
    if total < least {
        bytes[32..36].copy_from_slice(&(least as u32).to_le_bytes());
        fs::write(file, &bytes).unwrap();
        File::options().write(true).open(file).unwrap().set_len(least * sector_bytes).unwrap();
    }
}

/// Runs a tool with a fixed locale and time zone.
fn run(tool: &str, arguments: &[&str]) -> Output {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps fsck.fat where only root's PATH looks.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let found = folders.map(|folder: PathBuf| folder.join(tool)).find(|candidate| candidate.is_file());
    let tool = found.unwrap_or_else(|| panic!("{tool} is not installed; install the packages dosfstools and mtools"));
    let mut command = Command::new(&tool);
    command.args(arguments).env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("MTOOLSRC", "/dev/null");
    command.output().unwrap_or_else(|error| panic!("{}: {error}", tool.display()))
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// A folder for one test's files, removed afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("disk-oracle-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        Self(folder)
    }

    /// Writes all blocks of `device` to a file; returns its path.
    fn write_volume(&self, device: &mut impl BlockDevice) -> String {
        let mut bytes = vec![0; device.block_count() as usize * device.block_bytes() as usize];
        device.read(velocity_base::Lba(0), &mut bytes).unwrap();
        let file = self.0.join("volume.img");
        fs::write(&file, bytes).unwrap();
        file.display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: a leftover folder under target/ harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
