//! Golden tests: pixels of known text.

use super::console;
use crate::console::MARGIN;
use crate::{BACKGROUND, CELL_HEIGHT, CELL_WIDTH, Mask, PALETTE, Ramp, Surface, union};
use velocity_hal::Rect;

/// FNV-1a over the pixels: a golden value that needs no dependency.
fn fingerprint(pixels: &[u32]) -> u64 {
    pixels
        .iter()
        .flat_map(|pixel| pixel.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn drawn(columns: u32, rows: u32, bytes: &str) -> Vec<u32> {
    let mut console = console(columns, rows);
    console.write(b"\x1b[?25l");
    console.write(bytes.as_bytes());
    console.take_damage();
    console.pixels().to_vec()
}

#[test]
fn known_text_has_its_known_picture() {
    // Looked at with `cargo run -p velocity-canvas --example screenshot`; change the value only after looking again.
    let text = "velocity> ls\r\n\x1b[1;31mError\x1b[0m \x1b[4mund\x1b[24m \x1b[7mrev\x1b[0m\r\nÄé ─┼█ 日☃";
    assert_eq!(fingerprint(&drawn(16, 3, text)), GOLDEN);
}

const GOLDEN: u64 = 0xe096_9680_1855_8c3b;

#[test]
fn a_glyph_is_drawn_in_shades_of_its_colours() {
    let pixels = drawn(1, 1, "\x1b[31mM");
    assert!(pixels.contains(&PALETTE[1]) && pixels.contains(&BACKGROUND));
    let between = pixels.iter().filter(|&&pixel| pixel != PALETTE[1] && pixel != BACKGROUND);
    assert!(between.clone().count() > 10);
    assert!(between.clone().all(|pixel| pixel >> 16 < PALETTE[1] >> 16));
}

#[test]
fn a_character_without_a_shape_is_a_frame_of_its_width() {
    let lit = |text: &str| drawn(2, 1, text).iter().filter(|&&pixel| pixel != BACKGROUND).count();
    assert!(lit("☃") > 0 && lit("日") > lit("☃"));
    assert_eq!(lit("\u{3000}\r "), 0);
}

#[test]
fn the_cursor_is_a_block_with_the_character_cut_out() {
    let mut console = console(2, 1);
    console.write(b"a\r");
    console.take_damage();
    let background = console.pixels().iter().filter(|&&pixel| pixel == PALETTE[7]).count();
    assert!(background > (CELL_WIDTH * CELL_HEIGHT / 2) as usize);
    let beside = MARGIN * (2 * CELL_WIDTH + 2 * MARGIN) + MARGIN + CELL_WIDTH;
    assert_eq!(console.pixels()[beside as usize - 1], PALETTE[7]);
    assert_eq!(console.pixels()[beside as usize], BACKGROUND);
}

#[test]
fn a_ramp_ends_in_its_colours_and_never_leaves_them() {
    for (from, to) in [(0, 0xff_ffff), (0xff_ffff, 0), (0x12_3456, 0x65_4321), (0, 0), (0xff_00ff, 0x00_ff00)] {
        let ramp = Ramp::new(from, to);
        assert_eq!((ramp.shade(0), ramp.shade(255)), (from, to));
        for coverage in 0..=255 {
            for shift in [0, 8, 16] {
                let channel = |colour: u32| colour >> shift & 255;
                let (low, high) = (channel(from).min(channel(to)), channel(from).max(channel(to)));
                assert!((low..=high).contains(&channel(ramp.shade(coverage))));
            }
        }
    }
}

#[test]
fn the_surface_clips_everything() {
    let mut surface = Surface::new(4, 3).unwrap();
    surface.fill(Rect { x: 2, y: 1, width: u32::MAX, height: u32::MAX }, 7);
    surface.fill(Rect { x: 9, y: 9, width: 1, height: 1 }, 9);
    assert_eq!(surface.pixels(), [0, 0, 0, 0, 0, 0, 7, 7, 0, 0, 7, 7]);
    let mask = Mask { width: 2, coverage: &[255, 0, 255, 255, 255] };
    surface.blend(3, 0, mask, &Ramp::new(1, 5));
    assert_eq!(surface.pixels(), [0, 0, 0, 5, 0, 0, 7, 5, 0, 0, 7, 7]);
    surface.move_up(Rect { x: 1, y: 0, width: 99, height: 99 }, 1);
    assert_eq!(surface.pixels(), [0, 0, 7, 5, 0, 0, 7, 7, 0, 0, 7, 7]);
    surface.move_up(surface.bounds(), u32::MAX);
    assert_eq!(surface.pixels(), [0, 0, 7, 5, 0, 0, 7, 7, 0, 0, 7, 7]);
    surface.blend(0, 0, Mask { width: 0, coverage: &[1] }, &Ramp::new(1, 5));
    assert!(Surface::new(u32::MAX, 2).is_none());
}

#[test]
fn union_holds_both_and_ignores_the_empty() {
    let (a, b) = (Rect { x: 1, y: 5, width: 2, height: 2 }, Rect { x: 4, y: 2, width: 1, height: 1 });
    assert_eq!(union(a, b), Rect { x: 1, y: 2, width: 4, height: 5 });
    assert_eq!((union(a, Rect::default()), union(Rect::default(), a)), (a, a));
}
