//! Tests of the console: what it shows, what it reports as damaged, what it survives.

mod damage;
mod picture;
mod terminal;

use crate::console::MARGIN;
use crate::{CELL_HEIGHT, CELL_WIDTH, Console};

/// A console of `columns` × `rows` cells.
fn console(columns: u32, rows: u32) -> Console {
    Console::new(columns * CELL_WIDTH + 2 * MARGIN, rows * CELL_HEIGHT + 2 * MARGIN)
}

/// What a console of this size shows after `bytes`.
fn shown(columns: u32, rows: u32, bytes: &str) -> String {
    let mut console = console(columns, rows);
    console.write(bytes.as_bytes());
    console.text()
}
