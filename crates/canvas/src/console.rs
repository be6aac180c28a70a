//! The text console: terminal bytes in, pixels and damage out.
//!
//! Writing only changes the grid; [`Console::take_damage`] draws what changed since it was last called. So a long
//! listing costs one redraw and not one for each line that scrolls by.

use crate::font::{CELL_HEIGHT, CELL_WIDTH};
use crate::grid::TAIL;
use crate::paint::Painter;
use crate::palette::BACKGROUND;
use crate::screen::Screen;
use crate::surface::{Surface, union};
use alloc::string::String;
use velocity_hal::Rect;
use velocity_vt::Parser;

/// Pixels kept free on every side.
pub(crate) const MARGIN: u32 = 4;

/// A screen full of text.
#[derive(Clone, Debug)]
pub struct Console {
    parser: Parser,
    screen: Screen,
    surface: Surface,
    painter: Painter,
    /// Columns from the left in which the picture may show anything: as far as scrolling has to move pixels.
    drawn_columns: usize,
    /// Damage that no cell accounts for.
    extra: Rect,
}

impl Console {
    /// A blank console for a display of this size in pixels, which is taken to be black already.
    ///
    /// A display too large for [`crate::MAX_PIXELS`] gets no buffer and one too small for a cell no grid; what is
    /// written is then ignored.
    #[must_use]
    pub fn new(width_px: u32, height_px: u32) -> Self {
        let surface = Surface::new(width_px, height_px).unwrap_or(Surface::EMPTY);
        let bounds = surface.bounds();
        let fit = |length: u32, cell: u32| length.saturating_sub(2 * MARGIN) / cell;
        let (columns, rows) = (fit(bounds.width, CELL_WIDTH), fit(bounds.height, CELL_HEIGHT));
        let painter = Painter::new((bounds.width - columns * CELL_WIDTH) / 2, (bounds.height - rows * CELL_HEIGHT) / 2);
        let screen = Screen::new(columns as usize, rows as usize);
        Self { parser: Parser::new(), screen, surface, painter, drawn_columns: 0, extra: Rect::default() }
    }

    /// Takes in terminal output; nothing is drawn yet.
    pub fn write(&mut self, bytes: &[u8]) {
        self.parser.feed(bytes, &mut self.screen);
    }

    /// The picture as of the last [`Console::take_damage`]: `0x00RRGGBB`, row by row without padding.
    #[must_use]
    pub fn pixels(&self) -> &[u32] {
        self.surface.pixels()
    }

    /// Draws what changed and answers where; `None` when the picture is the same.
    pub fn take_damage(&mut self) -> Option<Rect> {
        let mut damage = core::mem::take(&mut self.extra);
        damage = union(damage, self.draw_scroll());
        let cursor = self.screen.cursor();
        if cursor != self.screen.drawn_cursor {
            for (row, column) in [cursor, self.screen.drawn_cursor].into_iter().flatten() {
                self.screen.grid.touch(row, column);
            }
            self.screen.drawn_cursor = cursor;
        }
        for row in 0..self.screen.grid.rows() {
            damage = union(damage, self.draw_row(row, cursor));
        }
        // The cursor may stand right of all text, and take two columns.
        let cursor_end = cursor.map_or(0, |(_, column)| (column + 2).min(self.screen.grid.columns()));
        self.drawn_columns = self.screen.grid.drawn_columns().max(cursor_end);
        (damage != Rect::default()).then_some(damage)
    }

    /// Has the next [`Console::take_damage`] report the whole display, for one that was not black or lost its picture.
    pub fn damage_all(&mut self) {
        self.extra = self.surface.bounds();
    }

    /// Shows or hides the cursor, as `ESC [ ? 25 h` and `l` do.
    pub fn set_cursor_visible(&mut self, visible: bool) {
        self.screen.shows_cursor = visible;
    }

    /// Columns and rows; zeros when nothing can be shown.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.screen.grid.columns(), self.screen.grid.rows())
    }

    /// What the console shows, as text: a line for each row without the blanks at its end, without empty last rows.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for row in 0..self.screen.grid.rows() {
            let cells = self.screen.grid.row(row).iter().map(|cell| cell.character);
            text.extend(cells.filter(|&character| character != TAIL));
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        let end = text.trim_end_matches('\n').len();
        text.truncate(end);
        text
    }

    /// Memory held for the screen, in bytes: pixels and cells.
    #[must_use]
    pub fn buffer_bytes(&self) -> u64 {
        (size_of_val(self.surface.pixels()) + self.screen.grid.bytes()) as u64
    }

    /// Moves the drawn rows up and blanks what that uncovers, only as far right as anything was drawn.
    fn draw_scroll(&mut self) -> Rect {
        let grid = &mut self.screen.grid;
        let (count, rows) = (grid.take_scrolled(), grid.rows());
        let columns = self.drawn_columns;
        if count == 0 || columns == 0 {
            return Rect::default();
        }
        let area = self.painter.area(0..columns, 0..rows);
        self.surface.move_up(area, count as u32 * CELL_HEIGHT);
        self.surface.fill(self.painter.area(0..columns, rows - count..rows), BACKGROUND);
        area
    }

    fn draw_row(&mut self, row: usize, cursor: Option<(usize, usize)>) -> Rect {
        let dirty = self.screen.grid.take_dirty(row);
        if dirty.is_empty() {
            return Rect::default();
        }
        let cursor = cursor.filter(|&(at, _)| at == row).map(|(_, column)| column);
        self.painter.row(&mut self.surface, row, self.screen.grid.row(row), dirty.clone(), cursor);
        self.painter.area(dirty, row..row + 1)
    }
}
