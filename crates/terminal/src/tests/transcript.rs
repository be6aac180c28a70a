//! Tests of the transcript.

use crate::{PROMPT_LINE, Transcript};
use proptest::prelude::*;

fn transcript(bytes: &[u8]) -> (String, usize) {
    let mut transcript = Transcript::new();
    transcript.feed(bytes);
    let prompts = transcript.prompts_seen();
    (transcript.finish(), prompts)
}

fn text(bytes: &str) -> String {
    transcript(bytes.as_bytes()).0
}

#[test]
fn firmware_and_boot_loader_noise_is_dropped() {
    // What OVMF and GRUB write to the serial line before a kernel speaks, shortened.
    let noise = "\x1b[2J\x1b[01;01H\x1b[=3h\x1b[2J\x1b[01;01HBdsDxe: loading Boot0001\r\n\
        \x1b[2J\x1b[01;01H\x1b[8;5;3HGNU GRUB  version 2.06\x1b[0m\x1b[37m\x1b[40m  Booting `VELOCITY-OS'\x1b[24;1H\
        \x1b]0;boot\x07\x1bP1$r\x1b\\\u{fffd}\r\n[    0.000123] boot: memory map\r\nVELOCITY-OS\r\n";
    for last in ["", "no line end", "\x1b[3;9H", "half\rover"] {
        let bytes = format!("{noise}{last}{PROMPT_LINE}ls\r\nA.TXT\r\n{PROMPT_LINE}");
        assert_eq!(transcript(bytes.as_bytes()), ("velocity> ls\nA.TXT\n".into(), 2), "{last:?}");
    }
}

#[test]
fn nothing_before_the_first_prompt_and_nothing_without_one() {
    assert_eq!(transcript(b"just noise\r\n"), (String::new(), 0));
    assert_eq!(transcript(PROMPT_LINE.as_bytes()), (String::new(), 1));
}

#[test]
fn edited_lines_appear_as_finally_entered() {
    assert_eq!(text("velocity> lx\x08\x1b[Ks\r\n"), "velocity> ls\n");
    assert_eq!(text("velocity> cat b\x08ab\x08\r\n"), "velocity> cat ab\n");
    assert_eq!(text("velocity> 日本\x08\x08\x1b[K\r\n"), "velocity> 日\n");
    assert_eq!(text("velocity> 日本\x08\x08\x08x\r\n"), "velocity>  x本\n");
    assert_eq!(text("velocity> a\x1b[5D\x1b[99C!\r\n"), "velocity> a!\n");
    assert_eq!(text("velocity> e\u{301}x\x08\x08o\x1b[K\r\n"), "velocity> o\n");
    assert_eq!(text("velocity> e\u{301}x\r\n"), "velocity> e\u{301}x\n");
}

#[test]
fn a_prompt_counts_when_a_row_begins_with_it_and_once_when_redrawn() {
    let bytes = format!("{PROMPT_LINE}echo velocity> x\r\n {PROMPT_LINE}\r\n{PROMPT_LINE}up");
    assert_eq!(transcript(bytes.as_bytes()), ("velocity> echo velocity> x\n velocity> \nvelocity> up\n".into(), 2));
    let redrawn = format!("{PROMPT_LINE}ls\x1b[H\x1b[2J{PROMPT_LINE}ls\r\n{PROMPT_LINE}x\r\n");
    assert_eq!(transcript(redrawn.as_bytes()), ("velocity> ls\nvelocity> x\n".into(), 2));
}

#[test]
fn log_lines_are_left_out() {
    let bytes = "velocity> ls\r\n[    1.000002] nvme: slow\r\n[12345.678901] ERROR pci: gone\r\n[1.2] kept\r\n\
        [    x.000000] kept\r\n[    1.000002]kept\r\n";
    assert_eq!(text(bytes), "velocity> ls\n[1.2] kept\n[    x.000000] kept\n[    1.000002]kept\n");
}

#[test]
fn blank_lines_tabs_and_an_unfinished_line_are_kept() {
    assert_eq!(text("velocity> a\r\n\r\n\tb  \r\nend"), "velocity> a\n\n\tb  \nend\n");
}

#[test]
fn colours_and_cursor_visibility_leave_no_trace() {
    assert_eq!(text("velocity> x\r\n\x1b[31merror\x1b[0m:\x1b[?25l y\x07\r\n"), "velocity> x\nerror: y\n");
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..6),
        proptest::sample::select(vec![
            PROMPT_LINE,
            "velocity> ",
            "\r\n",
            "\n",
            "\r",
            "\x08",
            "\x1b[K",
            "\x1b[1K",
            "\x1b[2K",
            "\x1b[2J",
            "\x1b[H",
            "\x1b[3D",
            "\x1b[2C",
            "日",
            "\u{301}",
            "e",
            "[    0.000001] x: y",
            "\x1b]0;t\x07",
            "\t",
            "\x1b",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn does_not_depend_on_how_the_bytes_are_cut(bytes in pieces(), cuts in proptest::collection::vec(1usize..9, 1..20)) {
        let mut cut = Transcript::new();
        let mut rest = &bytes[..];
        for size in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (head, tail) = rest.split_at((*size).min(rest.len()));
            cut.feed(head);
            rest = tail;
        }
        let prompts = cut.prompts_seen();
        prop_assert_eq!((cut.finish(), prompts), transcript(&bytes));
    }

    #[test]
    fn holds_whole_clean_lines_from_the_first_prompt_on(bytes in pieces()) {
        let (text, prompts) = transcript(&bytes);
        prop_assert!(text.is_empty() || text.ends_with('\n'));
        prop_assert!(text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
        prop_assert!(prompts > 0 || text.is_empty());
    }

    #[test]
    fn noise_before_a_fresh_row_never_changes_what_follows(noise in proptest::collection::vec(any::<u8>(), 0..60)) {
        // A complete sequence or CAN may be cut by the noise's end; CR LF ends every state of the parser.
        let mut bytes = noise;
        bytes.extend_from_slice(b"\x18\r\n");
        bytes.extend_from_slice(format!("{PROMPT_LINE}ls\r\nA\r\n").as_bytes());
        prop_assert_eq!(transcript(&bytes), ("velocity> ls\nA\n".to_string(), 1));
    }
}
