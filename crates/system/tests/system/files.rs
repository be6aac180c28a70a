//! `ls`, `cat`, `sha256` and completion of paths.

use crate::machine::Bench;
use std::fmt::Write;
use velocity_hal::Key;
use velocity_system::Next;

#[test]
fn listings_are_sorted_folders_first_and_do_not_depend_on_case() {
    let files: [(&str, &[u8]); 6] =
        [("b.txt", b"12345"), ("Zoo/", b""), ("A.txt", b""), ("c", &[7; 70_000]), ("alpha/x", b""), ("B2.txt", b"1")];
    let mut bench = Bench::with_files(&files);
    let expected = "    folder  alpha/\n    folder  Zoo/\n         0  A.txt\n         5  b.txt\n         1  B2.txt\n     70000  c\n";
    assert_eq!(bench.run("ls"), expected);
    assert_eq!(bench.run("ls /"), expected);
    assert_eq!(bench.run("ls 0:"), expected);
    assert_eq!(bench.run("ls alpha/.."), expected);
    assert_eq!(bench.run("ls alpha"), "         0  x\n");
    assert_eq!(bench.run("ls Zoo"), "");
    assert_eq!(bench.run("ls -l B.TXT"), "----  not recorded             5  b.txt\n");
}

#[test]
fn a_large_folder_is_listed_in_steps() {
    let names: Vec<String> = (0..300).map(|n| format!("file-{n:03}.txt")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let mut bench = Bench::with_files(&files);
    let mut expected = String::new();
    names.iter().for_each(|name| writeln!(expected, "         0  {name}").unwrap());
    assert_eq!(bench.run("ls"), expected);
}

#[test]
fn errors_name_the_path_and_the_next_step() {
    let mut bench = Bench::with_files(&[("my docs/a.txt", b"text\n"), ("file", b"")]);
    let cases = [
        ("cat /nope.txt", "cat: /nope.txt: no such file or folder; `ls /` shows what is there\n"),
        ("cat 'my docs/b'", "cat: /my docs/b: no such file or folder; `ls /my\\ docs` shows what is there\n"),
        ("ls nowhere/at/all", "ls: /nowhere: no such file or folder; `ls /` shows what is there\n"),
        ("cat 'my docs'", "cat: /my docs: is a folder; `ls /my\\ docs` shows what is in it\n"),
        ("sha256 file/x", "sha256: /file: is a file, not a folder; `cat /file` shows it\n"),
        ("ls 7:/", "ls: 7: no such volume; there is only 0:/\n"),
        ("ls -x", "ls: -x: no such option; `help ls` shows what it takes\n"),
        ("ls a b", "ls: usage: ls [-l] [PATH]\n"),
        ("cat", "cat: usage: cat FILE...\n"),
        ("sha256", "sha256: usage: sha256 FILE...\n"),
    ];
    for (line, expected) in cases {
        assert_eq!(bench.run(line), expected, "{line}");
    }
    let out = bench.run("cat 'my docs/a.txt' nope 'my docs/a.txt'");
    assert_eq!(out, "text\ncat: /nope: no such file or folder; `ls /` shows what is there\ntext\n");
}

#[test]
fn no_file_can_drive_the_terminal() {
    let hostile = b"a\x1b[2Jb\x07\x08\x7f\xc2\x9bc\xe2\x80\xaed\xff\tend\r\nlast\rline\0";
    let mut bench = Bench::with_files(&[("h", hostile)]);
    let before = bench.written().len();
    let out = bench.run("cat h");
    let shown = "a\\x1b[2Jb\\x07\\x08\\x7f\\x9bc\\u{202e}d\u{fffd}\tend\nlast\\x0dline\\x00\n";
    assert_eq!(out, shown);
    let raw = &bench.written()[before..];
    let prompts_only = raw.replace("\x1b[1;36m", "").replace("\x1b[0m", "");
    assert!(!prompts_only.contains('\x1b'), "{prompts_only:?}");
}

#[test]
fn a_long_file_arrives_whole_and_in_bounded_steps() {
    let mut text = String::new();
    (0..40_000).for_each(|n| writeln!(text, "line {n}").unwrap());
    let mut bench = Bench::with_files(&[("long", text.as_bytes()), ("empty", b"")]);
    assert_eq!(bench.run("cat long"), text);
    assert_eq!(bench.run("cat empty"), "");
    bench.type_text("cat long\r");
    let mut steps = 0;
    while !(bench.system.at_prompt() && steps > 0) {
        let before = bench.written().len();
        assert!(!matches!(bench.system.step(), Next::PowerOff | Next::Reboot));
        assert!(bench.written().len() - before < 32 * 1024, "one step writes little");
        steps += 1;
    }
    assert!(steps > 50, "{steps} steps");
}

#[test]
fn control_c_stops_a_long_file() {
    let mut bench = Bench::with_files(&[("long", &[b'x'; 1 << 20]), ("short", b"ok\n")]);
    bench.type_text("cat long\r");
    for _ in 0..5 {
        assert_eq!(bench.system.step(), Next::Again);
    }
    bench.type_text("lost\x03");
    bench.settle();
    assert!(bench.transcript().ends_with("x\ncat: interrupted\n"), "{}", &bench.transcript()[..200]);
    assert_eq!(bench.run("cat short"), "ok\n");
}

#[test]
fn hashes_are_those_of_the_standard() {
    let mut bench = Bench::with_files(&[("abc", b"abc"), ("big", &[0; 200_000]), ("empty", b"")]);
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc\n";
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty\n";
    let big = velocity_base::ContentHash::of(&[0; 200_000]);
    assert_eq!(
        bench.run("sha256 abc big nope empty"),
        format!("{abc}{big}  big\nsha256: /nope: no such file or folder; `ls /` shows what is there\n{empty}")
    );
}

#[test]
fn tab_completes_commands_and_paths_with_blanks() {
    let mut bench = Bench::with_files(&[("my docs/read me.txt", b"found\n"), ("my docs/other", b""), ("x", b"")]);
    bench.type_text("ca\tMY\tre\t\r");
    bench.settle();
    let end = "velocity> cat my\\ docs/read\\ me.txt \nfound\n";
    assert!(bench.transcript().ends_with(end), "{}", bench.transcript());
    bench.type_text("ls 0:/m\t\r");
    bench.settle();
    let end = "velocity> ls 0:/my\\ docs/\n         0  other\n         6  read me.txt\n";
    assert!(bench.transcript().ends_with(end), "{}", bench.transcript());
    bench.type_text("cat nowhere/\t\t");
    bench.press(Key::Char('c'), true);
    bench.type_text("version m\t\thelp ver\t\x03");
    bench.settle();
    assert!(bench.transcript().ends_with("velocity> version mhelp ver^C\n"), "{}", bench.transcript());
}
