//! Draws cells onto a surface.

use crate::font::{CELL_HEIGHT, CELL_WIDTH, DOWN, Glyph, LEFT, RIGHT, UP, glyph};
use crate::grid::{Cell, TAIL};
use crate::surface::{Mask, Ramp, Surface};
use core::ops::Range;
use velocity_hal::Rect;

/// Rows of the cell that an underline takes.
const UNDERLINE: Range<u32> = 14..15;

/// Knows where the grid lies on the surface and keeps the shades of the last style.
#[derive(Clone, Debug)]
pub(crate) struct Painter {
    /// Left edge of the grid in pixels.
    pub x: u32,
    /// Top edge of the grid in pixels.
    pub y: u32,
    colours: (u32, u32),
    ramp: Ramp,
}

impl Painter {
    pub fn new(x: u32, y: u32) -> Self {
        Self { x, y, colours: (0, 0), ramp: Ramp::new(0, 0) }
    }

    /// The pixels of columns `columns` in rows `rows`.
    pub fn area(&self, columns: Range<usize>, rows: Range<usize>) -> Rect {
        Rect {
            x: self.x + columns.start as u32 * CELL_WIDTH,
            y: self.y + rows.start as u32 * CELL_HEIGHT,
            width: columns.len() as u32 * CELL_WIDTH,
            height: rows.len() as u32 * CELL_HEIGHT,
        }
    }

    /// Draws columns `range` of the row `cells`; the one at `cursor` with its colours exchanged.
    pub fn row(
        &mut self,
        surface: &mut Surface,
        row: usize,
        cells: &[Cell],
        range: Range<usize>,
        cursor: Option<usize>,
    ) {
        let mut column = range.start;
        while column < range.end {
            let first = cells[column];
            let rest = &cells[column + 1..range.end];
            let is_cursor = cursor == Some(column);
            // A run of equal blanks is one rectangle; of a wide character, so is its right half.
            let more = match first.character {
                ' ' if !is_cursor => {
                    let until =
                        cursor.filter(|&at| at > column).map_or(rest.len(), |at| rest.len().min(at - column - 1));
                    rest[..until].iter().take_while(|&&cell| cell == first).count()
                }
                _ => usize::from(rest.first().is_some_and(|next| next.character == TAIL)),
            };
            let area = self.area(column..column + 1 + more, row..row + 1);
            self.cell(surface, area, first, is_cursor);
            column += 1 + more;
        }
    }

    fn cell(&mut self, surface: &mut Surface, area: Rect, cell: Cell, is_cursor: bool) {
        let (foreground, background) = cell.style.pixels();
        let (foreground, background) = if is_cursor { (background, foreground) } else { (foreground, background) };
        if self.colours != (foreground, background) {
            self.colours = (foreground, background);
            self.ramp = Ramp::new(background, foreground);
        }
        let shape = glyph(cell.character);
        match shape {
            // The raster covers the whole cell, background included.
            Glyph::Raster(coverage) if area.width == CELL_WIDTH => {
                let mask = Mask { width: CELL_WIDTH as usize, coverage };
                surface.blend(area.x, area.y, mask, &self.ramp);
            }
            _ => {
                surface.fill(area, background);
                self.shape(surface, area, shape, foreground);
            }
        }
        if cell.style.is_underlined() {
            surface.fill(Rect { y: area.y + UNDERLINE.start, height: UNDERLINE.len() as u32, ..area }, foreground);
        }
    }

    /// What is drawn by rule over an already filled cell.
    fn shape(&self, surface: &mut Surface, area: Rect, shape: Glyph, foreground: u32) {
        match shape {
            Glyph::Blank => {}
            Glyph::Raster(coverage) => {
                surface.blend(area.x, area.y, Mask { width: CELL_WIDTH as usize, coverage }, &self.ramp);
            }
            Glyph::Lines(arms) => lines(surface, area, arms, foreground),
            Glyph::Block { from, to, coverage } => {
                surface.fill(Rect { y: area.y + from, height: to - from, ..area }, self.ramp.shade(coverage));
            }
            Glyph::Unknown => frame(surface, area, self.ramp.shade(160)),
        }
    }
}

fn lines(surface: &mut Surface, area: Rect, arms: u8, colour: u32) {
    let (x, y) = (area.x + area.width / 2, area.y + area.height / 2);
    let mut line = |arm: u8, x: u32, y: u32, width: u32, height: u32| {
        if arms & arm != 0 {
            surface.fill(Rect { x, y, width, height }, colour);
        }
    };
    line(UP, x, area.y, 1, area.height / 2 + 1);
    line(DOWN, x, y, 1, area.height - area.height / 2);
    line(LEFT, area.x, y, area.width / 2 + 1, 1);
    line(RIGHT, x, y, area.width - area.width / 2, 1);
}

/// A thin frame inside the cell, about as large as a capital letter.
fn frame(surface: &mut Surface, area: Rect, colour: u32) {
    let (x, y, width, height) = (area.x + 1, area.y + 3, area.width - 2, area.height - 6);
    surface.fill(Rect { x, y, width, height: 1 }, colour);
    surface.fill(Rect { x, y: y + height - 1, width, height: 1 }, colour);
    surface.fill(Rect { x, y, width: 1, height }, colour);
    surface.fill(Rect { x: x + width - 1, y, width: 1, height }, colour);
}
