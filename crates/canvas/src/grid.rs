//! The grid of cells, and which of them changed since they were last drawn.
//!
//! Rows form a ring, so scrolling costs one row and not the whole grid. Invariants: a row's dirty range covers every
//! cell that differs from what was drawn (after [`Grid::scrolled`] rows of pixels were moved); the cell right of a wide
//! character holds [`TAIL`] and nothing else does.

use crate::palette::Style;
use alloc::{vec, vec::Vec};
use core::ops::Range;

/// Stands in the right half of a wide character.
pub(crate) const TAIL: char = '\0';

/// One character and how it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub character: char,
    pub style: Style,
}

impl Cell {
    pub const fn blank(style: Style) -> Self {
        Self { character: ' ', style }
    }
}

#[derive(Clone, Debug, Default)]
struct Row {
    /// Columns to be drawn again.
    dirty: Range<usize>,
    /// Column at which the text went on in the next row; 0 when it did not.
    continues: usize,
    /// Columns from the left that may show something else than the empty screen.
    drawn: usize,
}

/// Rows and columns of cells.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    columns: usize,
    cells: Vec<Cell>,
    rows: Vec<Row>,
    /// Index in `rows` of the top row.
    top: usize,
    scrolled: usize,
}

impl Grid {
    pub fn new(columns: usize, rows: usize) -> Self {
        let cells = vec![Cell::blank(Style::default()); columns * rows];
        Self { columns, cells, rows: vec![Row::default(); rows], top: 0, scrolled: 0 }
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    pub fn bytes(&self) -> usize {
        self.cells.len() * size_of::<Cell>() + self.rows.len() * size_of::<Row>()
    }

    /// Position of `row` in the ring; callers keep `row` below [`Grid::rows`].
    fn slot(&self, row: usize) -> usize {
        let slot = self.top + row;
        if slot < self.rows.len() { slot } else { slot - self.rows.len() }
    }

    /// The cells of `row`.
    pub fn row(&self, row: usize) -> &[Cell] {
        let start = self.slot(row) * self.columns;
        &self.cells[start..start + self.columns]
    }

    fn row_mut(&mut self, row: usize) -> (&mut [Cell], &mut Row) {
        let slot = self.slot(row);
        let start = slot * self.columns;
        (&mut self.cells[start..start + self.columns], &mut self.rows[slot])
    }

    /// Sets columns `range` of `row` to `cell`; a wide character that loses one half loses both.
    pub fn fill(&mut self, row: usize, range: Range<usize>, cell: Cell) {
        let (cells, row) = self.row_mut(row);
        let range = range.start..range.end.min(cells.len());
        if range.is_empty() {
            return;
        }
        if cells[range.start].character == TAIL && cell.character != TAIL && range.start > 0 {
            set(cells, row, range.start - 1, Cell::blank(cells[range.start].style));
        }
        if cells.get(range.end).is_some_and(|next| next.character == TAIL) {
            set(cells, row, range.end, Cell::blank(cells[range.end].style));
        }
        for column in range {
            set(cells, row, column, cell);
        }
    }

    /// Moves every row up by one; the new bottom row is blank.
    pub fn scroll(&mut self) {
        let (cells, row) = self.row_mut(0);
        cells.fill(Cell::blank(Style::default()));
        *row = Row::default();
        self.top = if self.top + 1 == self.rows.len() { 0 } else { self.top + 1 };
        self.scrolled = (self.scrolled + 1).min(self.rows.len());
    }

    /// Rows scrolled since the last call; more than the grid has count as all of them.
    pub fn take_scrolled(&mut self) -> usize {
        core::mem::take(&mut self.scrolled)
    }

    /// Where the text of `row` went on in the next row.
    pub fn continues(&self, row: usize) -> usize {
        self.rows[self.slot(row)].continues
    }

    pub fn set_continues(&mut self, row: usize, column: usize) {
        self.row_mut(row).1.continues = column;
    }

    /// Has `column` of `row` drawn again.
    pub fn touch(&mut self, row: usize, column: usize) {
        mark(self.row_mut(row).1, column);
    }

    /// Columns of `row` to be drawn again, widened to whole characters; they count as drawn afterwards.
    pub fn take_dirty(&mut self, row: usize) -> Range<usize> {
        let (cells, row) = self.row_mut(row);
        let mut dirty = core::mem::take(&mut row.dirty);
        if dirty.is_empty() {
            return dirty;
        }
        if cells[dirty.start].character == TAIL {
            dirty.start -= 1;
        }
        if cells.get(dirty.end).is_some_and(|next| next.character == TAIL) {
            dirty.end += 1;
        }
        let blank = Cell::blank(Style::default());
        let shown = row.drawn.max(dirty.end);
        row.drawn = cells[..shown].iter().rposition(|&cell| cell != blank).map_or(0, |last| last + 1);
        dirty
    }

    /// Columns from the left in which any row may show something.
    pub fn drawn_columns(&self) -> usize {
        self.rows.iter().map(|row| row.drawn).max().unwrap_or(0)
    }
}

fn set(cells: &mut [Cell], row: &mut Row, column: usize, cell: Cell) {
    if cells[column] != cell {
        cells[column] = cell;
        mark(row, column);
    }
}

fn mark(row: &mut Row, column: usize) {
    row.dirty = match row.dirty.is_empty() {
        true => column..column + 1,
        false => row.dirty.start.min(column)..row.dirty.end.max(column + 1),
    };
}
