//! Tests of the line editor, by what a terminal shows.

use crate::{Completer, Completion, LineEditor, MAX_HISTORY, MAX_LINE_BYTES, NoCompletion, Outcome, Transcript};
use crate::{is_interrupt, quote, type_at_shell, word_at};
use proptest::prelude::*;
use velocity_base::Instant;
use velocity_canvas::Console;
use velocity_hal::{Key, KeyEvent, Modifiers};

/// Types bytes at a shell; answers the lines entered.
fn entered(bytes: &str) -> Vec<String> {
    type_at_shell(bytes.as_bytes()).lines.into_iter().map(|(line, _)| line).collect()
}

fn one(bytes: &str) -> String {
    let lines = entered(&format!("{bytes}\r"));
    assert_eq!(lines.len(), 1, "{bytes:?}");
    lines[0].clone()
}

#[test]
fn moves_and_deletes() {
    assert_eq!(one("bc\x01a\x05d"), "abcd");
    assert_eq!(one("abc\x02\x02X\x06Y"), "aXbYc");
    assert_eq!(one("abc\x1b[D\x7fX\x1b[3~"), "aX");
    assert_eq!(one("abc\x1b[HX\x1b[FY\x1b[1~\x04"), "abcY");
    assert_eq!(one("one two\x15three"), "three");
    assert_eq!(one("one two\x02\x02\x0b!"), "one t!");
    assert_eq!(one("cat a/b.txt  \x17x"), "cat x");
}

#[test]
fn moves_by_words() {
    assert_eq!(one("cat a/b.txt\x1bbX"), "cat a/b.Xtxt");
    assert_eq!(one("cat a/b.txt\x1b[1;5D\x1b[1;5D\x1b[1;5DX"), "cat Xa/b.txt");
    assert_eq!(one("cat a\x01\x1bf!\x1b[1;3C!"), "cat! a!");
    assert_eq!(one("one two\x1b\x7fx\x01\x1bd"), " x");
}

#[test]
fn marks_stay_with_their_base() {
    assert_eq!(one("ae\u{301}\x7f"), "a");
    assert_eq!(one("ae\u{301}b\x02\x02X"), "aXe\u{301}b");
    assert_eq!(one("\u{301}a"), "a");
    assert_eq!(one("e\u{301}x\x01\x04"), "x");
}

#[test]
fn history_goes_back_and_returns_to_the_draft() {
    let (up, down) = ("\x1b[A", "\x1b[B");
    assert_eq!(entered(&format!("one\rtwo\r{up}{up}\r")), ["one", "two", "one"]);
    assert_eq!(entered(&format!("one\rdraft{up}{up}{up}{down}{down}!\r")), ["one", "draft!"]);
    assert_eq!(entered(&format!("a\ra\r \rb\r{up}{up}{up}\r")), ["a", "a", " ", "b", "a"]);
    assert_eq!(entered(&format!("one\rx{up}\x03{up}\r")), ["one", "one"]);
}

#[test]
fn history_is_bounded() {
    let mut editor = LineEditor::new();
    let mut echo = Vec::new();
    for n in 0..MAX_HISTORY + 7 {
        for character in n.to_string().chars() {
            editor.feed(plain(Key::Char(character)), &mut NoCompletion, &mut echo);
        }
        editor.feed(plain(Key::Enter), &mut NoCompletion, &mut echo);
    }
    assert_eq!(editor.history().iter().count(), MAX_HISTORY);
    assert_eq!(editor.history().iter().next(), Some("7"));
}

#[test]
fn the_line_is_bounded_in_bytes() {
    let line = one(&"é".repeat(MAX_LINE_BYTES));
    assert_eq!(line.len(), MAX_LINE_BYTES);
}

#[test]
fn interrupt_and_end_of_input() {
    let mut editor = LineEditor::new();
    let mut echo = Vec::new();
    editor.feed(plain(Key::Char('x')), &mut NoCompletion, &mut echo);
    assert_eq!(editor.feed(control('d'), &mut NoCompletion, &mut echo), Outcome::Pending);
    assert_eq!(editor.feed(control('c'), &mut NoCompletion, &mut echo), Outcome::Interrupt);
    assert_eq!(editor.feed(control('d'), &mut NoCompletion, &mut echo), Outcome::EndOfInput);
    assert_eq!(echo, b"x^C\r\n\r\n");
    assert!(is_interrupt(&control('c')) && is_interrupt(&control('C')));
    assert!(!is_interrupt(&plain(Key::Char('c'))) && !is_interrupt(&control('d')));
}

#[test]
fn alt_gr_types_its_character() {
    let mut editor = LineEditor::new();
    let modifiers = Modifiers { control: true, alt: true, shift: false };
    editor.feed(KeyEvent { key: Key::Char('@'), modifiers }, &mut NoCompletion, &mut Vec::new());
    assert_eq!(editor.text(), "@");
}

#[test]
fn a_keystroke_at_the_end_echoes_only_itself() {
    let mut editor = LineEditor::new();
    let mut echo = Vec::new();
    for character in "cat".chars() {
        editor.feed(plain(Key::Char(character)), &mut NoCompletion, &mut echo);
    }
    editor.feed(plain(Key::Backspace), &mut NoCompletion, &mut echo);
    assert_eq!(echo, b"cat\x08\x1b[K");
}

/// Completes from a fixed list.
struct Words(&'static [&'static str]);

impl Completer for Words {
    fn complete(&mut self, line: &str, cursor: usize) -> Completion {
        let word = word_at(line, cursor);
        let matching = self.0.iter().filter(|name| name.to_lowercase().starts_with(&word.text.to_lowercase()));
        Completion { replace_from: word.start, candidates: matching.map(|name| quote(name)).collect() }
    }
}

fn complete(words: &'static [&'static str], typed: &str) -> (String, String) {
    let mut editor = LineEditor::new();
    let mut echo = Vec::new();
    editor.prompt(&mut echo);
    let mut keys = crate::KeyDecoder::new();
    for byte in typed.bytes() {
        for key in keys.feed(byte, Instant::ZERO) {
            assert_eq!(editor.feed(key, &mut Words(words), &mut echo), Outcome::Pending);
        }
    }
    let mut transcript = Transcript::new();
    transcript.feed(&echo);
    (editor.text(), transcript.finish())
}

#[test]
fn tab_completes_as_far_as_all_agree() {
    assert_eq!(complete(&["hello.txt"], "cat he\t").0, "cat hello.txt");
    assert_eq!(complete(&["hello.txt", "help"], "cat h\t").0, "cat hel");
    assert_eq!(complete(&["Größe", "Größte"], "g\t").0, "Größ");
    assert_eq!(complete(&["LONG name.TXT"], "cat 'lo\t").0, r"cat LONG\ name.TXT");
    assert_eq!(complete(&["hello"], "cat x\t").0, "cat x");
    assert_eq!(complete(&["hello"], "cat he z\x02\x02\t").0, "cat hello z");
}

#[test]
fn a_second_tab_lists_the_candidates_and_shows_the_line_again() {
    let (line, shown) = complete(&["help", "hello"], "h\t\t\t");
    assert_eq!(line, "hel");
    assert_eq!(shown, "velocity> hel\nhelp  hello\nvelocity> hel\n");
    let (_, shown) = complete(&["help", "hello"], "hel\tx\x7f\t");
    assert_eq!(shown, "velocity> hel\n");
}

#[test]
fn a_completer_that_lies_does_no_harm() {
    struct Liar(usize);
    impl Completer for Liar {
        fn complete(&mut self, _: &str, _: usize) -> Completion {
            Completion { replace_from: self.0, candidates: vec!["\x1b[2Jx\n".into(), "\x1b[2Jy".into()] }
        }
    }
    for from in [0, 1, 2, 99] {
        let mut editor = LineEditor::new();
        let mut echo = Vec::new();
        editor.feed(plain(Key::Char('é')), &mut Liar(from), &mut echo);
        for _ in 0..3 {
            editor.feed(plain(Key::Tab), &mut Liar(from), &mut echo);
        }
        assert!(!echo.windows(4).any(|bytes| bytes == b"\x1b[2J"), "{from}");
    }
}

fn plain(key: Key) -> KeyEvent {
    KeyEvent { key, modifiers: Modifiers::default() }
}

fn control(letter: char) -> KeyEvent {
    KeyEvent { key: Key::Char(letter), modifiers: Modifiers { control: true, ..Modifiers::default() } }
}

fn typing() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-z é日\u{301}'\"\\\\]{1,4}".prop_map(String::into_bytes),
        4 => proptest::sample::select(vec![
            "\x01", "\x02", "\x04", "\x05", "\x06", "\x0b", "\x0c", "\x15", "\x17", "\x7f", "\x1b[A", "\x1b[B", "\x1b[C",
            "\x1b[D", "\x1b[3~", "\x1bb", "\x1bf", "\x1bd", "\t", "\r", "\x03",
        ])
        .prop_map(|key| key.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..5),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_screen_shows_exactly_the_line_entered(bytes in typing()) {
        let session = type_at_shell(&bytes);
        let mut transcript = Transcript::new();
        transcript.feed(&session.echo);
        let shown = transcript.finish();
        let entered: String = session.lines.iter().map(|(line, _)| format!("velocity> {line}\n")).collect();
        let kept = |line: &&str| !line.ends_with("^C") && *line != "velocity> ";
        let shown: Vec<_> = shown.lines().filter(kept).collect();
        let last = format!("velocity> {}", session.unfinished);
        let entered: Vec<_> = entered.lines().chain([last.as_str()]).filter(kept).collect();
        prop_assert_eq!(shown, entered);
    }

    /// The console's own way with BS and `ESC [ K` over a wrap makes the editor right at any width.
    #[test]
    fn a_line_longer_than_the_screen_is_wide_is_edited_in_place(bytes in typing()) {
        let session = type_at_shell(&bytes);
        let last_row = session.echo.windows(2).rposition(|end| end == b"\r\n").map_or(0, |at| at + 2);
        let (mut edited, mut typed) = (Console::new(90, 900), Console::new(90, 900));
        edited.write(&session.echo[last_row..]);
        typed.write(format!("velocity> {}", session.unfinished).as_bytes());
        prop_assert_eq!(edited.text(), typed.text());
    }
}
