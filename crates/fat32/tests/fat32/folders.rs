//! Folders, names and paths.

use crate::build::{Image, long_entries, read_all, short_entry};
use velocity_fat32::{Date, DateTime, DirEntry, FatError};

/// Names in a listing of the root folder.
fn names(image: &Image) -> Vec<String> {
    image.mount().unwrap().read_dir("/").unwrap().into_iter().map(|entry| entry.name).collect()
}

fn long(image: &mut Image, name: &str, short: &[u8; 11]) {
    let units: Vec<u16> = name.encode_utf16().collect();
    long_entries(&units, short).into_iter().for_each(|entry| image.entry(entry));
    image.entry(short_entry(short, 0x20, 0, 0));
}

#[test]
fn an_entry_is_decoded_in_full() {
    let mut image = Image::new(512, 1, 200_000);
    let mut entry = short_entry(b"README  TXT", 0x27, 0x0002_ABCD, 1234);
    entry[12] = 0x18;
    entry[13..20].copy_from_slice(&[150, 0, 0, 0x21, 0, 0x21, 0]);
    image.entry(entry);
    let listed = image.mount().unwrap().read_dir("").unwrap();
    let [DirEntry { name, is_dir, size, attributes, modified, created, accessed, first_cluster }] = &listed[..] else {
        panic!("{listed:?}")
    };
    assert_eq!((name.as_str(), *is_dir, *size, *first_cluster), ("readme.txt", false, 1234, 0x0002_ABCD));
    assert!(attributes.is_read_only() && attributes.is_hidden() && attributes.is_system() && attributes.is_archive());
    assert!(!attributes.is_directory());
    let leap_day = Date { year: 2024, month: 2, day: 29 };
    let time = DateTime { date: leap_day, hour: 13, minute: 37, second: 42, millisecond: 0 };
    assert_eq!(*modified, Some(time));
    let first_day = Date { year: 1980, month: 1, day: 1 };
    assert_eq!(*created, Some(DateTime { date: first_day, hour: 0, minute: 0, second: 1, millisecond: 500 }));
    assert_eq!(*accessed, Some(first_day));
}

#[test]
fn labels_dots_and_deleted_entries_are_not_listed() {
    let mut image = Image::new(512, 1, 100);
    image.entry(short_entry(b"ROOT LABEL ", 0x08, 0, 0));
    image.entry(short_entry(b".          ", 0x10, 2, 0));
    image.entry(short_entry(b"..         ", 0x10, 0, 0));
    image.entry(short_entry(b"\xE5ONE       ", 0x20, 0, 0));
    image.entry(short_entry(b"HERE       ", 0x20, 0, 0));
    image.entry([0; 32]);
    image.entry(short_entry(b"BEHIND END ", 0x20, 0, 0));
    assert_eq!(names(&image), ["HERE"]);
    assert_eq!(image.mount().unwrap().label(), "ROOT LABEL");
}

#[test]
fn long_names_of_every_length_and_script() {
    let longest = "n".repeat(255);
    for name in ["a", "thirteen-unit", "fourteen-units", "Ελληνικά γράμματα", "日本語", "crab 🦀 family 👪", &longest]
    {
        let mut image = Image::new(512, 2, 100);
        long(&mut image, name, b"SHORT~1    ");
        assert_eq!(names(&image), [name]);
    }
}

#[test]
fn a_broken_set_of_long_entries_leaves_the_short_name() {
    let short = b"SHORT~1    ";
    let units: Vec<u16> = "a name of thirty characters...".encode_utf16().collect();
    let sound = long_entries(&units, short);
    assert_eq!(sound.len(), 3);
    let edit = |change: &dyn Fn(&mut Vec<[u8; 32]>)| {
        let mut entries = sound.clone();
        change(&mut entries);
        let mut image = Image::new(512, 1, 100);
        entries.into_iter().for_each(|entry| image.entry(entry));
        image.entry(short_entry(short, 0x20, 0, 0));
        names(&image)
    };
    assert_eq!(edit(&|_| {}), ["a name of thirty characters..."]);
    type Change<'a> = (&'a str, &'a dyn Fn(&mut Vec<[u8; 32]>));
    let cases: [Change<'_>; 11] = [
        ("checksum of one", &|entries| entries[1][13] ^= 1),
        ("checksum of all", &|entries| entries.iter_mut().for_each(|entry| entry[13] ^= 1)),
        ("missing first", &|entries| *entries = entries.split_off(1)),
        ("missing middle", &|entries| entries[1] = entries[0]),
        ("missing last", &|entries| entries.truncate(2)),
        ("swapped", &|entries| entries.swap(0, 1)),
        ("twice", &|entries| entries.insert(1, entries[1])),
        ("number 128", &|entries| entries[2][0] = 0x80),
        ("number too large", &|entries| entries[0][0] = 0x40 | 21),
        ("largest number", &|entries| entries[0][0] = 0x7F),
        ("a deleted entry between", &|entries| entries.push(short_entry(b"\xE5          ", 0, 0, 0))),
    ];
    for (what, change) in cases {
        assert_eq!(edit(change), ["SHORT~1"], "{what}");
    }
}

#[test]
fn a_long_name_without_a_character_is_no_name() {
    let mut image = Image::new(512, 1, 100);
    let mut empty = long_entries(&[0x41], b"SHORT~1    ");
    empty[0][1] = 0;
    image.entry(empty[0]);
    image.entry(short_entry(b"SHORT~1    ", 0x20, 0, 0));
    assert_eq!(names(&image), ["SHORT~1"]);
}

#[test]
fn a_name_of_more_than_255_units_is_no_name() {
    let mut image = Image::new(512, 2, 100);
    let units = vec![0x41; 256];
    long_entries(&units, b"SHORT~1    ").into_iter().for_each(|entry| image.entry(entry));
    image.entry(short_entry(b"SHORT~1    ", 0x20, 0, 0));
    assert_eq!(names(&image), ["SHORT~1"]);
}

#[test]
fn what_a_terminal_or_a_path_cannot_take_is_replaced_and_can_be_opened_all_the_same() {
    let mut image = Image::new(512, 1, 100);
    let units = [0x1B, 0x5B, 0x32, 0x4A, 0x2F, 0xD800, 0x0A];
    long_entries(&units, b"ODD        ").into_iter().for_each(|entry| image.entry(entry));
    image.entry(short_entry(b"ODD        ", 0x20, 0, 0));
    let listed = names(&image);
    assert_eq!(listed, ["\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}"]);
    assert!(image.mount().unwrap().open(&listed[0]).is_ok());
}

/// `/FIRST/SECOND/FILE.BIN` in clusters 3, 4 and 5.
fn nested() -> Image {
    let mut image = Image::new(512, 1, 100);
    long(&mut image, "Größe.txt", b"GRE~1   TXT");
    image.entry(short_entry(b"FIRST      ", 0x10, 3, 0));
    image.put(image.cluster_start(3), &short_entry(b"..         ", 0x10, 0, 0));
    image.put(image.cluster_start(3) + 32, &short_entry(b"SECOND     ", 0x10, 4, 0));
    image.put(image.cluster_start(4), &short_entry(b"FILE    BIN", 0x20, 5, 3));
    image.put(image.cluster_start(5), b"abc");
    (3..6).for_each(|cluster| image.chain(&[cluster]));
    image
}

#[test]
fn paths_lead_through_folders_without_regard_to_case() {
    let mut volume = nested().mount().unwrap();
    for path in [
        "/FIRST/SECOND/FILE.BIN",
        "first/second/file.bin",
        "//First/./x/../Second/File.Bin",
        "../first/second/file.bin/.",
    ] {
        assert_eq!(read_all(&mut volume, path).unwrap(), b"abc", "{path}");
    }
    for path in ["/größe.TXT", "/GRÖßE.txt", "/gre~1.txt"] {
        assert!(volume.open(path).is_ok(), "{path}");
    }
    assert_eq!(volume.open("x/../first/SECOND/file.bin").unwrap().path(), "/first/SECOND/file.bin");
    assert_eq!(volume.read_dir("/first").unwrap().len(), 1);
}

#[test]
fn wrong_paths_say_which_part_is_wrong() {
    let mut volume = nested().mount().unwrap();
    let not_found = |path: &str| FatError::NotFound { path: path.into() };
    assert_eq!(volume.open("/first/third/file").unwrap_err(), not_found("/first/third"));
    assert_eq!(volume.read_dir("/second").unwrap_err(), not_found("/second"));
    let file = "/first/second/file.bin";
    assert_eq!(volume.read_dir(file).unwrap_err(), FatError::NotADirectory { path: file.into() });
    assert_eq!(volume.open(&format!("{file}/x")).unwrap_err(), FatError::NotADirectory { path: file.into() });
    for folder in ["/", "/first", "/first/second"] {
        assert_eq!(volume.open(folder).unwrap_err(), FatError::NotAFile { path: folder.into() });
    }
}

#[test]
fn a_folder_may_span_clusters_in_any_order() {
    let mut image = Image::new(512, 1, 100);
    image.entry(short_entry(b"WIDE       ", 0x10, 20, 0));
    let clusters = [20, 9, 10, 40];
    image.chain(&clusters);
    for (index, cluster) in clusters.iter().enumerate() {
        for slot in 0..16 {
            let name: [u8; 11] = format!("E{:010}", index * 16 + slot).as_bytes().try_into().unwrap();
            image.put(image.cluster_start(*cluster) + slot * 32, &short_entry(&name, 0, 0, 0));
        }
    }
    let listed = image.mount().unwrap().read_dir("wide").unwrap();
    let expected: Vec<_> =
        (0..64).map(|number| format!("E{number:010}")).map(|name| format!("{}.{}", &name[..8], &name[8..])).collect();
    assert_eq!(listed.into_iter().map(|entry| entry.name).collect::<Vec<_>>(), expected);
}
