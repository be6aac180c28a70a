//! What a person saw, as text: the prompts, the lines as finally entered, and the output.
//!
//! Fed with the bytes of a serial line (or of the simulator's text port), however they are cut. Everything before the
//! first prompt is dropped: firmware and boot loaders talk on the same line. Controls are resolved the way a terminal
//! of unlimited width would: BS and CR move back, `ESC [ K` erases, `ESC [ H` and `ESC [ 2 J` start a fresh line.
//! Lines of the log (`[    0.001234] source: ...`) are left out: they hold times. So two runs of the same script
//! over the same disk give the same bytes, whatever machine they ran on.

use crate::PROMPT;
use alloc::{string::String, vec::Vec};
use velocity_vt::{Actor, Parser, Sequence, width};

/// Fills the second column of a wide character.
const FILLER: char = '\0';

/// Zero-width characters kept in one row, so that overwriting stays cheap; more are dropped.
const MAX_MARKS: usize = 256;

/// Collects a transcript.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    parser: Parser,
    page: Page,
}

impl Transcript {
    /// A transcript of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in output; the result does not depend on how it is cut into calls.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.parser.feed(bytes, &mut self.page);
    }

    /// How many prompts were shown. One that is only redrawn by Ctrl-L counts once.
    #[must_use]
    pub fn prompts_seen(&self) -> usize {
        self.page.prompts
    }

    /// The text: lines that end with `\n`, beginning with the first prompt; empty if there was none.
    ///
    /// A last prompt with nothing behind it is left out: whether it came before the end is a matter of time.
    #[must_use]
    pub fn finish(mut self) -> String {
        let is_bare_prompt = self.page.row.cells.iter().copied().eq(PROMPT.chars());
        if !is_bare_prompt && !self.page.row.is_empty() {
            self.page.end_row();
        }
        self.page.text
    }
}

#[derive(Clone, Debug, Default)]
struct Page {
    text: String,
    row: Row,
    prompts: usize,
    /// Whether this row's prompt is counted already.
    counted: bool,
}

impl Page {
    fn has_started(&self) -> bool {
        self.prompts > 0
    }

    fn end_row(&mut self) {
        let row = core::mem::take(&mut self.row);
        self.counted = false;
        if self.has_started() {
            let start = self.text.len();
            row.write(&mut self.text);
            if is_log_line(&self.text[start..]) {
                self.text.truncate(start);
            } else {
                self.text.push('\n');
            }
        }
    }

    /// Counts a prompt once it is complete; the first one also drops what a boot loader left on its row.
    fn notice_prompt(&mut self) {
        let (shown, prompt) = (self.row.column, PROMPT.len());
        if self.counted || shown < prompt || (self.has_started() && shown != prompt) {
            return;
        }
        if self.row.cells[shown - prompt..shown].iter().copied().eq(PROMPT.chars()) {
            self.row = Row { cells: PROMPT.chars().collect(), marks: Vec::new(), column: prompt };
            self.prompts += 1;
            self.counted = true;
        }
    }
}

impl Actor for Page {
    fn print(&mut self, character: char) {
        self.row.print(character);
        if character == ' ' {
            self.notice_prompt();
        }
    }

    fn control(&mut self, byte: u8) {
        match byte {
            b'\n' => self.end_row(),
            b'\r' => self.row.column = 0,
            b'\x08' => self.row.column = self.row.column.saturating_sub(1),
            b'\t' => self.row.print('\t'),
            _ => {}
        }
    }

    fn sequence(&mut self, sequence: &Sequence) {
        if !sequence.is_csi || sequence.prefix != 0 {
            return;
        }
        let count = usize::from(sequence.parameter(0, 1));
        let row = &mut self.row;
        match sequence.function {
            b'C' => row.column = (row.column + count).min(row.cells.len()),
            b'D' => row.column = row.column.saturating_sub(count),
            b'G' => row.column = (count - 1).min(row.cells.len()),
            b'K' | b'J' if sequence.parameter(0, 0) == 0 => row.erase_to_end(),
            b'H' | b'f' => *row = Row::default(),
            b'J' if sequence.parameter(0, 0) >= 2 => *row = Row::default(),
            _ => {}
        }
    }
}

/// One row of unlimited width.
#[derive(Clone, Debug, Default)]
struct Row {
    /// A character a column; a wide one is followed by [`FILLER`].
    cells: Vec<char>,
    /// Zero-width characters and the column they stand before, in order of arrival.
    marks: Vec<(usize, char)>,
    /// Where the next character goes; at most `cells.len()`.
    column: usize,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.marks.is_empty()
    }

    fn print(&mut self, character: char) {
        match width(character) {
            0 if self.marks.len() < MAX_MARKS => self.marks.push((self.column, character)),
            0 => {}
            1 => self.put(character),
            _ => {
                self.put(character);
                self.put(FILLER);
            }
        }
    }

    fn put(&mut self, character: char) {
        let column = self.column;
        self.column += 1;
        if column == self.cells.len() {
            return self.cells.push(character);
        }
        self.split_wide(column, character);
        self.cells[column] = character;
        self.marks.retain(|&(before, _)| before != column + 1);
    }

    /// Overwriting half of a wide character leaves a blank in place of the other half.
    fn split_wide(&mut self, column: usize, character: char) {
        let is_second_half = self.cells[column] == FILLER;
        if is_second_half && character != FILLER && column > 0 {
            self.cells[column - 1] = ' ';
        }
        if let Some(next) = self.cells.get_mut(column + 1)
            && *next == FILLER
        {
            *next = ' ';
        }
    }

    /// Drops everything from the cursor on.
    fn erase_to_end(&mut self) {
        let column = self.column;
        if self.cells.get(column) == Some(&FILLER) && column > 0 {
            self.cells[column - 1] = ' ';
        }
        self.cells.truncate(column);
        self.marks.retain(|&(before, _)| before <= column);
    }

    fn write(mut self, text: &mut String) {
        self.marks.sort_by_key(|&(before, _)| before);
        let mut marks = self.marks.into_iter().peekable();
        for (column, &cell) in self.cells.iter().enumerate() {
            while let Some((_, mark)) = marks.next_if(|&(before, _)| before <= column) {
                text.push(mark);
            }
            if cell != FILLER {
                text.push(cell);
            }
        }
        text.extend(marks.map(|(_, mark)| mark));
    }
}

/// Whether `line` has the shape of a log record: `[`, seconds padded to five or more, `.`, six digits, `] `.
fn is_log_line(line: &str) -> bool {
    let Some((seconds, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once('.')) else { return false };
    let Some((micros, _)) = rest.split_once("] ") else { return false };
    let digits = seconds.trim_start_matches(' ');
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    seconds.len() >= 5 && all_digits(digits) && micros.len() == 6 && all_digits(micros)
}
