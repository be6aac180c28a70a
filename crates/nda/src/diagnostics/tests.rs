//! Tests of rendering and suggestions.

use super::suggest::nearest;
use super::*;
use alloc::format;
use proptest::prelude::*;

fn rendered(source: &str, span: Span) -> String {
    let mut all = Diagnostics::default();
    all.push(Diagnostic::new(span, "wrong").with_label("here").with_help("mend it"));
    all.render("a.nda", source)
}

#[test]
fn a_snippet_shows_place_line_caret_label_and_help() {
    let expected =
        "error: wrong\n  --> a.nda:2:5\n   2 | let x = y;\n     |     ^ here\n  help: mend it\n\n1 error in a.nda\n";
    assert_eq!(rendered("fn f() {\nlet x = y;\n}", Span::new(13, 14)), expected);
}

#[test]
fn columns_count_characters_and_a_span_stops_at_its_line() {
    let text = rendered("\u{e4}\u{f6}\u{fc} xy\nz", Span::new(7, 11));
    assert!(text.contains("a.nda:1:5\n   1 | \u{e4}\u{f6}\u{fc} xy\n     |     ^^ here\n"), "{text}");
}

#[test]
fn a_long_line_is_cut_around_the_fault() {
    let source = format!("{}!{}", "a".repeat(5000), "b".repeat(5000));
    let text = rendered(&source, Span::new(5000, 5001));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1], "  --> a.nda:1:5001");
    assert_eq!(lines[2], format!("   1 | ...{}!{}...", "a".repeat(40), "b".repeat(59)));
    assert_eq!(lines[3].find('^'), lines[2].find('!'));
}

#[test]
fn a_line_that_just_fits_is_not_cut() {
    let source = format!("{}!", "a".repeat(99));
    let text = rendered(&source, Span::new(99, 100));
    assert_eq!(text.lines().nth(2), Some(format!("   1 | {source}").as_str()));
}

#[test]
fn control_and_direction_characters_do_not_reach_the_terminal() {
    let text = rendered("a\u{1b}[31m\t\u{202e}b", Span::new(0, 1));
    assert!(text.contains("   1 | a?[31m ?b\n"), "{text:?}");
}

#[test]
fn carriage_returns_end_a_line() {
    assert!(rendered("ab\r\ncd\r\n", Span::new(2, 2)).contains("   1 | ab\n     |   ^ here"));
}

#[test]
fn the_list_is_bounded_and_says_so() {
    let mut all = Diagnostics::default();
    (0..MAX_DIAGNOSTICS).for_each(|_| all.push(Diagnostic::new(Span::new(0, 0), "wrong")));
    assert!(!all.is_full());
    all.push(Diagnostic::new(Span::new(0, 0), "one more"));
    assert!(all.is_full());
    assert_eq!(all.as_slice().len(), MAX_DIAGNOSTICS);
    assert!(all.render("a", "").ends_with("20 errors in a; there are more, mend these first\n"));
}

#[test]
fn suggestions_are_near_and_never_the_name_itself() {
    let known = ["total", "index", "print"];
    assert_eq!(nearest("totl", &mut known.into_iter()), Some("total"));
    assert_eq!(nearest("pritn", &mut known.into_iter()), Some("print"));
    assert_eq!(nearest("index", &mut known.into_iter()), None);
    assert_eq!(nearest("banana", &mut known.into_iter()), None);
    assert_eq!(nearest("n", &mut ["m", "i"].into_iter()), Some("m"));
    assert_eq!(nearest(&"a".repeat(40), &mut ["b"].into_iter()), None);
}

proptest! {
    /// Any span over any text renders, and no line of the output is long.
    #[test]
    fn rendering_is_total_and_bounded(source in "(\\PC|\n|\r|\t|\u{1b}){0,300}", start in 0u32..400, len in 0u32..100) {
        let text = rendered(&source, Span::new(start, start + len));
        prop_assert!(text.lines().all(|line| line.chars().count() < 220), "{text}");
        prop_assert!(!text.contains(char::from(27)));
    }
}
