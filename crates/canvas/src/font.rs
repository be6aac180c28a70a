//! The shape of each character: Noto Sans Mono (SIL Open Font License 1.1), rastered once at 7×16 pixels.
//!
//! Latin with its supplements comes from the font; lines and blocks of the box drawing range are drawn by rule; a few
//! typographic signs borrow a likeness; everything else is a frame, so that it is seen to be there.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

/// Width of a cell in pixels.
pub const CELL_WIDTH: u32 = 7;

/// Height of a cell in pixels.
pub const CELL_HEIGHT: u32 = 16;

const WEIGHT: FontWeight = FontWeight::Regular;
const HEIGHT: RasterHeight = RasterHeight::Size16;

const _: () = assert!(get_raster_width(WEIGHT, HEIGHT) == CELL_WIDTH as usize && HEIGHT.val() == CELL_HEIGHT as usize);

/// Arms of a box drawing character, from the cell's middle.
pub(crate) const UP: u8 = 1;
pub(crate) const RIGHT: u8 = 2;
pub(crate) const DOWN: u8 = 4;
pub(crate) const LEFT: u8 = 8;

/// How a character is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    /// Background only.
    Blank,
    /// Coverage of the cell's pixels, row by row.
    Raster(&'static [u8]),
    /// Thin lines from the middle: a set of [`UP`], [`RIGHT`], [`DOWN`], [`LEFT`].
    Lines(u8),
    /// Rows `from..to` of the cell, all with the same coverage.
    Block { from: u32, to: u32, coverage: u8 },
    /// A frame: the font has no such character.
    Unknown,
}

/// The shape of `character`.
pub(crate) fn glyph(character: char) -> Glyph {
    if character == ' ' {
        return Glyph::Blank;
    }
    if let Some(raster) = get_raster(character, WEIGHT, HEIGHT) {
        return Glyph::Raster(raster.pixels());
    }
    drawn(character).or_else(|| likeness(character)).unwrap_or(Glyph::Unknown)
}

fn drawn(character: char) -> Option<Glyph> {
    let full = Glyph::Block { from: 0, to: CELL_HEIGHT, coverage: 255 };
    Some(match character {
        '─' => Glyph::Lines(LEFT | RIGHT),
        '│' => Glyph::Lines(UP | DOWN),
        '┌' => Glyph::Lines(DOWN | RIGHT),
        '┐' => Glyph::Lines(DOWN | LEFT),
        '└' => Glyph::Lines(UP | RIGHT),
        '┘' => Glyph::Lines(UP | LEFT),
        '├' => Glyph::Lines(UP | DOWN | RIGHT),
        '┤' => Glyph::Lines(UP | DOWN | LEFT),
        '┬' => Glyph::Lines(DOWN | LEFT | RIGHT),
        '┴' => Glyph::Lines(UP | LEFT | RIGHT),
        '┼' => Glyph::Lines(UP | DOWN | LEFT | RIGHT),
        '▀' => Glyph::Block { from: 0, to: CELL_HEIGHT / 2, coverage: 255 },
        '▄' => Glyph::Block { from: CELL_HEIGHT / 2, to: CELL_HEIGHT, coverage: 255 },
        '█' => full,
        '░' => Glyph::Block { from: 0, to: CELL_HEIGHT, coverage: 64 },
        '▒' => Glyph::Block { from: 0, to: CELL_HEIGHT, coverage: 128 },
        '▓' => Glyph::Block { from: 0, to: CELL_HEIGHT, coverage: 192 },
        _ if character.is_whitespace() => Glyph::Blank,
        _ => return None,
    })
}

fn likeness(character: char) -> Option<Glyph> {
    let like = match character {
        '\u{ad}' | '‐'..='―' | '−' => '-',
        '‘' | '’' | '′' => '\'',
        '“' | '”' | '″' => '"',
        '…' => '.',
        '•' => '·',
        '→' => '>',
        '←' => '<',
        _ => return None,
    };
    get_raster(like, WEIGHT, HEIGHT).map(|raster| Glyph::Raster(raster.pixels()))
}
