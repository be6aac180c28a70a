//! Tests of damage: it covers every change, and a small change has small damage.

use super::console;
use crate::console::MARGIN;
use crate::{CELL_HEIGHT, CELL_WIDTH, Console};
use proptest::prelude::*;
use velocity_hal::Rect;

/// Pieces of terminal output, hostile ones among them.
pub fn output() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => "[a-c é日─\u{301}]{1,5}".prop_map(String::into_bytes),
        3 => proptest::sample::select(vec![
            "\r\n", "\n", "\r", "\x08", "\t", "\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[1J", "\x1b[2J", "\x1b[H",
            "\x1b[3;3H", "\x1b[A", "\x1b[2B", "\x1b[3C", "\x1b[2D", "\x1b[4G", "\x1b[31m", "\x1b[1;7m", "\x1b[44m",
            "\x1b[4m", "\x1b[m", "\x1b[?25l", "\x1b[?25h",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

fn cells(column: u32, row: u32, columns: u32, rows: u32) -> Rect {
    Rect {
        x: MARGIN + column * CELL_WIDTH,
        y: MARGIN + row * CELL_HEIGHT,
        width: columns * CELL_WIDTH,
        height: rows * CELL_HEIGHT,
    }
}

fn settled(columns: u32, rows: u32, bytes: &str) -> Console {
    let mut console = console(columns, rows);
    console.write(bytes.as_bytes());
    console.take_damage();
    console
}

fn damage(console: &mut Console, bytes: &str) -> Option<Rect> {
    console.write(bytes.as_bytes());
    console.take_damage()
}

#[test]
fn nothing_changed_is_no_damage() {
    let mut console = settled(10, 4, "abc");
    assert_eq!(console.take_damage(), None);
    assert_eq!(damage(&mut console, "\r\x1b[31mx\x1b[0m\rabc"), Some(cells(0, 0, 1, 1)));
    assert_eq!(damage(&mut console, "\x1b[?25l\x1b[?25h\x1b[A\x1b[31m\x1b[K"), None);
}

#[test]
fn a_keystroke_draws_its_cell_and_the_cursor() {
    let mut console = settled(80, 25, "velocity> \r\n\r\nvelocity> ca");
    assert_eq!(damage(&mut console, "t"), Some(cells(12, 2, 2, 1)));
    assert_eq!(damage(&mut console, "\x08\x1b[K"), Some(cells(12, 2, 2, 1)));
    assert_eq!(damage(&mut console, "\x1b[?25l"), Some(cells(12, 2, 1, 1)));
}

#[test]
fn blinking_costs_one_cell() {
    let mut console = settled(80, 25, "x");
    for visible in [false, true, false] {
        console.set_cursor_visible(visible);
        assert_eq!(console.take_damage(), Some(cells(1, 0, 1, 1)));
    }
}

#[test]
fn scrolling_touches_only_the_columns_in_use() {
    let mut console = settled(80, 3, "one\r\ntwo\r\nthree");
    assert_eq!(damage(&mut console, "\r\n"), Some(cells(0, 0, 7, 3)));
}

#[test]
fn a_display_in_an_unknown_state_can_be_shown_whole() {
    let mut console = Console::new(100, 50);
    console.damage_all();
    assert_eq!(console.take_damage(), Some(Rect { x: 0, y: 0, width: 100, height: 50 }));
}

/// Copies only the damage, as a display does.
fn present(display: &mut [u32], width: usize, console: &Console, damage: Rect) {
    for y in damage.y..damage.y + damage.height {
        let start = y as usize * width + damage.x as usize;
        let row = start..start + damage.width as usize;
        display[row.clone()].copy_from_slice(&console.pixels()[row]);
    }
}

proptest! {
    /// Ties three things together: damage misses no change, scrolling moves the right pixels, and drawing little by
    /// little gives the same picture as drawing once.
    #[test]
    fn a_display_fed_with_damage_shows_what_a_fresh_console_draws(
        pieces in proptest::collection::vec(output(), 1..8),
        margin in (0u32..7, 0u32..16),
    ) {
        let (width, height) = (10 * CELL_WIDTH + margin.0, 6 * CELL_HEIGHT + margin.1);
        let mut console = Console::new(width, height);
        let mut display = vec![0; console.pixels().len()];
        for piece in &pieces {
            console.write(piece);
            if let Some(damage) = console.take_damage() {
                prop_assert!(damage.x + damage.width <= width && damage.y + damage.height <= height);
                present(&mut display, width as usize, &console, damage);
            }
            prop_assert_eq!(&display, console.pixels());
        }
        let mut fresh = Console::new(width, height);
        fresh.write(&pieces.concat());
        fresh.take_damage();
        prop_assert_eq!(&display, fresh.pixels());
    }
}
