//! The terminal's state: where the cursor is, how the next character looks, what a sequence does.
//!
//! Differences from a VT220, all of them on purpose: LF begins a new line (CR is implied); BS goes back over a wrap;
//! `ESC [ K` also clears the rows that a wrapped line continued in. The last two make the line editor's output right
//! for lines longer than the screen is wide.

use crate::grid::{Cell, Grid, TAIL};
use crate::palette::Style;
use velocity_vt::{Actor, Sequence, width};

const TAB_COLUMNS: usize = 8;

/// A grid with a cursor. Without a cell it ignores everything.
#[derive(Clone, Debug)]
pub(crate) struct Screen {
    pub grid: Grid,
    pub row: usize,
    /// 0 to the number of columns: the latter means that the next character wraps.
    pub column: usize,
    pub shows_cursor: bool,
    style: Style,
    /// Where the drawn picture has its cursor, in rows as they are now; scrolling moves it.
    pub drawn_cursor: Option<(usize, usize)>,
}

impl Screen {
    pub fn new(columns: usize, rows: usize) -> Self {
        let (columns, rows) = if columns == 0 || rows == 0 { (0, 0) } else { (columns, rows) };
        Self {
            grid: Grid::new(columns, rows),
            row: 0,
            column: 0,
            shows_cursor: true,
            style: Style::default(),
            drawn_cursor: None,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.grid.columns() == 0
    }

    /// The cell that the cursor marks, if it is to be seen; the left half of a wide character.
    pub fn cursor(&self) -> Option<(usize, usize)> {
        if self.is_empty() || !self.shows_cursor {
            return None;
        }
        let column = self.column.min(self.grid.columns() - 1);
        let is_tail = self.grid.row(self.row)[column].character == TAIL;
        Some((self.row, if is_tail { column - 1 } else { column }))
    }

    fn new_line(&mut self) {
        self.column = 0;
        if self.row + 1 < self.grid.rows() {
            self.row += 1;
            return;
        }
        self.grid.scroll();
        self.drawn_cursor = self.drawn_cursor.and_then(|(row, column)| Some((row.checked_sub(1)?, column)));
    }

    fn back(&mut self) {
        if self.column > 0 {
            self.column -= 1;
        } else if self.row > 0 && self.grid.continues(self.row - 1) > 0 {
            self.row -= 1;
            self.column = self.grid.continues(self.row) - 1;
        }
    }

    /// A wide character that did not fit leaves the end of its row free; a narrower one put before it goes there.
    fn enter_gap(&mut self, wide: usize) {
        if self.column > 0 || self.row == 0 {
            return;
        }
        let end = self.grid.continues(self.row - 1);
        if end > 0 && end + wide <= self.grid.columns() {
            self.row -= 1;
            self.column = end;
        }
    }

    fn tab(&mut self) {
        let next = (self.column / TAB_COLUMNS + 1) * TAB_COLUMNS;
        self.column = next.min(self.grid.columns() - 1);
    }

    fn move_to(&mut self, row: usize, column: usize) {
        self.row = row.min(self.grid.rows() - 1);
        self.column = column.min(self.grid.columns() - 1);
    }

    fn blank(&mut self, row: usize, from: usize, to: usize) {
        self.grid.fill(row, from..to, Cell::blank(self.style.erased()));
    }

    /// `ESC [ K`: 0 to the end of the line, 1 up to and with the cursor, 2 the whole row.
    fn erase_line(&mut self, mode: u16) {
        let columns = self.grid.columns();
        match mode {
            0 => {
                self.blank(self.row, self.column, columns);
                self.erase_continuation(self.row);
            }
            1 => self.blank(self.row, 0, self.column + 1),
            2 => {
                self.blank(self.row, 0, columns);
                self.erase_continuation(self.row);
            }
            _ => {}
        }
    }

    /// Clears the rows below `row` that hold the rest of its line.
    fn erase_continuation(&mut self, mut row: usize) {
        while self.grid.continues(row) > 0 {
            self.grid.set_continues(row, 0);
            row += 1;
            if row == self.grid.rows() {
                return;
            }
            self.blank(row, 0, self.grid.columns());
        }
    }

    /// `ESC [ J`: 0 to the end of the screen, 1 up to and with the cursor, 2 and 3 everything.
    fn erase_screen(&mut self, mode: u16) {
        let rows = match mode {
            0 => self.row + 1..self.grid.rows(),
            1 => 0..self.row,
            2 | 3 => 0..self.grid.rows(),
            _ => return,
        };
        for row in rows {
            self.blank(row, 0, self.grid.columns());
            self.grid.set_continues(row, 0);
        }
        if mode < 2 {
            self.erase_line(mode);
        }
    }
}

impl Actor for Screen {
    fn print(&mut self, character: char) {
        let columns = self.grid.columns();
        let wide = width(character).min(columns);
        // A mark has no cell of its own and the font has no marks to put over another.
        if wide == 0 {
            return;
        }
        self.enter_gap(wide);
        if self.column + wide > columns {
            self.blank(self.row, self.column, columns);
            self.grid.set_continues(self.row, self.column);
            self.new_line();
        }
        let cell = Cell { character, style: self.style };
        self.grid.fill(self.row, self.column..self.column + 1, cell);
        if wide == 2 {
            let tail = Cell { character: TAIL, style: self.style };
            self.grid.fill(self.row, self.column + 1..self.column + 2, tail);
        }
        self.column += wide;
    }

    fn control(&mut self, byte: u8) {
        if self.is_empty() {
            return;
        }
        match byte {
            b'\n' => {
                self.grid.set_continues(self.row, 0);
                self.new_line();
            }
            b'\r' => self.column = 0,
            b'\x08' => self.back(),
            b'\t' => self.tab(),
            _ => {}
        }
    }

    fn sequence(&mut self, sequence: &Sequence) {
        if self.is_empty() || !sequence.is_csi {
            return;
        }
        let count = usize::from(sequence.parameter(0, 1));
        match (sequence.prefix, sequence.function) {
            (0, b'A') => self.move_to(self.row.saturating_sub(count), self.column),
            (0, b'B') => self.move_to(self.row + count, self.column),
            (0, b'C') => self.move_to(self.row, self.column + count),
            (0, b'D') => self.move_to(self.row, self.column.saturating_sub(count)),
            (0, b'G') => self.move_to(self.row, count - 1),
            (0, b'H' | b'f') => self.move_to(count - 1, usize::from(sequence.parameter(1, 1)) - 1),
            (0, b'J') => self.erase_screen(sequence.parameter(0, 0)),
            (0, b'K') => self.erase_line(sequence.parameter(0, 0)),
            (0, b'm') => self.style.apply(sequence.parameters()),
            (b'?', b'h' | b'l') if sequence.parameters() == [25] => self.shows_cursor = sequence.function == b'h',
            _ => {}
        }
    }
}
