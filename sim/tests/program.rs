//! The simulator as a program: options, scripts, and the files it leaves behind.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Runs the simulator without a display, with `input` piped in.
fn sim(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(arguments).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_script_leaves_a_transcript_and_a_screenshot() {
    let folder = folder("script");
    let [script, transcript, picture] = ["a.script", "a.txt", "a.png"].map(|name| folder.join(name));
    fs::write(&script, "# a comment\n\nversion\nls /nowhere\n").unwrap();
    let [script, transcript_path, picture_path] = [&script, &transcript, &picture].map(|path| path.to_str().unwrap());
    let out = sim(
        &["--headless", "--script", script, "--transcript", transcript_path, "--screenshot", picture_path],
        "ignored\n",
    );
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let expected = format!(
        "velocity> version\nVELOCITY-OS {}\nvelocity> ls /nowhere\n\
         ls: /nowhere: no such file or folder; `ls /` shows what is there\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(fs::read_to_string(&transcript).unwrap(), expected);
    let shown = text(&out.stdout);
    assert!(shown.contains(&expected) && !shown.contains('\x1b') && shown.ends_with("velocity> \n"), "{shown:?}");
    let mut reader = png::Decoder::new(std::io::BufReader::new(fs::File::open(&picture).unwrap())).read_info().unwrap();
    assert_eq!((reader.info().width, reader.info().height), (1024, 768));
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    assert!(pixels.iter().filter(|value| **value != 0).count() > 5_000, "there is text on the screen");
}

#[test]
fn lines_piped_in_are_typed_and_the_end_of_input_ends_the_machine() {
    let out = sim(&["--headless"], "version\nls /docs\n");
    assert_eq!(out.status.code(), Some(0));
    let shown = text(&out.stdout);
    assert!(shown.contains("velocity> version\nVELOCITY-OS ") && shown.contains("numbers.txt\n"), "{shown}");
    let out = sim(&["--headless"], "poweroff\nversion\n");
    assert!(text(&out.stdout).ends_with("velocity> poweroff\nSwitching off.\n"), "{}", text(&out.stdout));
}

#[test]
fn without_a_display_it_says_so_in_one_line_and_goes_on() {
    let out = sim(&[], "version\n");
    assert_eq!(out.status.code(), Some(0));
    let said = text(&out.stderr);
    assert!(said.starts_with("sim: no window (") && said.lines().count() == 1, "{said}");
    assert!(text(&out.stdout).contains("velocity> version\n"));
}

#[test]
fn a_disk_file_is_used_and_a_read_only_one_too() {
    let folder = folder("disk");
    let disk = folder.join("empty.img");
    let _earlier = fs::remove_file(&disk);
    fs::write(&disk, vec![0; 1 << 20]).unwrap();
    let mut permissions = fs::metadata(&disk).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&disk, permissions).unwrap();
    let out = sim(&["--headless", "--disk", disk.to_str().unwrap()], "disk\nls\n");
    let shown = text(&out.stdout);
    assert!(shown.contains("1024 KiB in blocks of 512 bytes, no partition table\n"), "{shown}");
    assert!(shown.contains("ls: no volume is mounted; `disk` shows why\n"), "{shown}");
    assert_eq!(out.status.code(), Some(0));
}

#[test]
fn a_bad_command_line_ends_with_2_and_a_bad_file_with_1() {
    let folder = folder("bad");
    let folder = folder.to_str().unwrap();
    let cases: [(&[&str], i32, &str); 7] = [
        (&["--cores", "many"], 2, "sim: --cores does not take `many`: give a whole number from 1 to 64\n"),
        (&["--faults", "torn"], 2, "sim: --faults: fault `torn`: "),
        (&["--disk"], 2, "`sim --help` lists the options\n"),
        (&["--windowed"], 2, "`sim --help` lists the options\n"),
        (&["--headless", "--disk", "no/such.img"], 1, "sim: disk image no/such.img: "),
        (&["--headless", "--script", "no/such.script"], 1, "sim: script no/such.script: "),
        (&["--headless", "--transcript", folder], 1, "name a file in a folder that you may write to\n"),
    ];
    for (arguments, code, message) in cases {
        let out = sim(arguments, "");
        assert_eq!(out.status.code(), Some(code), "{arguments:?}");
        assert!(text(&out.stderr).contains(message), "{arguments:?}: {}", text(&out.stderr));
    }
}

#[test]
fn help_explains_every_option_with_an_example() {
    let out = sim(&["--help"], "");
    let help = text(&out.stdout);
    let options = "headless disk script transcript screenshot cores memory seed faults bench-boot help version";
    for option in options.split(' ') {
        let line = help.lines().position(|line| line.contains(&format!("--{option} ")));
        let line = line.unwrap_or_else(|| panic!("--{option} is not explained"));
        let explained = help.lines().skip(line).take(4).collect::<String>();
        assert!(matches!(option, "help" | "version") || explained.contains(&format!(" --{option}")), "{explained}");
    }
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(text(&sim(&["--version"], "").stdout), concat!("sim ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_start_is_measured_stage_by_stage() {
    let out = sim(&["--headless", "--bench-boot", "3"], "");
    let figures = text(&out.stdout);
    let metrics: Vec<_> = figures.lines().filter_map(|line| line.split('"').nth(11)).collect();
    let stages =
        ["start", "console", "pci", "nvme", "volumes", "ledger", "prompt"].map(|stage| format!("stage {stage}"));
    assert_eq!(metrics[..7], stages);
    assert_eq!(metrics[7..], ["start-to-prompt"]);
}
