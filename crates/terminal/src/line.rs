//! One line of text with a cursor, and the bytes that show each change of it.
//!
//! A position is a count of characters and never lies before a zero-width character: a base and its combining marks
//! are moved over and erased together, because a terminal cannot take a mark off a cell. Redrawing uses printable
//! characters, BS and `ESC [ K` only, so it is right at any column of a terminal of any width, as long as the line has
//! not wrapped (BS does not go back over a wrap on every terminal).
//! Invariant: no control characters; at most [`MAX_LINE_BYTES`] bytes; the first character is not zero-width.

use crate::MAX_LINE_BYTES;
use alloc::{string::String, vec::Vec};
use velocity_vt::width;

const ERASE_TO_END: &[u8] = b"\x1b[K";

#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    text: Vec<char>,
    cursor: usize,
    /// Length of `text` in UTF-8.
    bytes: usize,
}

impl Line {
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The cursor as a byte offset into [`Line::text`].
    pub fn cursor_bytes(&self) -> usize {
        self.text[..self.cursor].iter().map(|c| c.len_utf8()).sum()
    }

    /// Whether the line may hold `character` at `position`.
    fn takes(&self, character: char) -> bool {
        !character.is_control()
            && self.bytes + character.len_utf8() <= MAX_LINE_BYTES
            && (width(character) > 0 || self.cursor > 0)
    }

    /// Puts `characters` in at the cursor, leaving out what the line cannot hold, and shows it.
    pub fn insert(&mut self, characters: impl Iterator<Item = char>, echo: &mut Vec<u8>) {
        let start = self.cursor;
        let tail = self.text.split_off(start);
        for character in characters {
            if self.takes(character) {
                self.text.push(character);
                self.cursor += 1;
                self.bytes += character.len_utf8();
            }
        }
        self.text.extend(tail);
        if self.cursor > start {
            show(&self.text[start..], echo);
            back_over(&self.text[self.cursor..], echo);
        }
    }

    /// Removes everything between `position` and the cursor, whichever comes first, and shows it.
    pub fn remove_to(&mut self, position: usize, echo: &mut Vec<u8>) {
        let position = position.min(self.text.len());
        let (start, end) = (position.min(self.cursor), position.max(self.cursor));
        if start == end {
            return;
        }
        back_over(&self.text[start..self.cursor], echo);
        self.bytes -= self.text.drain(start..end).map(char::len_utf8).sum::<usize>();
        self.cursor = start;
        show(&self.text[start..], echo);
        echo.extend_from_slice(ERASE_TO_END);
        back_over(&self.text[start..], echo);
    }

    /// Moves the cursor and shows it.
    pub fn move_to(&mut self, position: usize, echo: &mut Vec<u8>) {
        let position = position.min(self.text.len());
        if position < self.cursor {
            back_over(&self.text[position..self.cursor], echo);
        } else {
            show(&self.text[self.cursor..position], echo);
        }
        self.cursor = position;
    }

    /// Replaces the whole line and shows it.
    pub fn replace(&mut self, text: &str, echo: &mut Vec<u8>) {
        self.move_to(0, echo);
        if !self.is_empty() {
            echo.extend_from_slice(ERASE_TO_END);
        }
        self.clear();
        self.insert(text.chars(), echo);
    }

    /// Forgets the text without showing anything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Shows the whole line and puts the cursor where it was, as after a fresh prompt.
    pub fn redraw(&self, echo: &mut Vec<u8>) {
        show(&self.text, echo);
        back_over(&self.text[self.cursor..], echo);
    }

    pub fn end(&self) -> usize {
        self.text.len()
    }

    /// One base character to the left, with its marks.
    pub fn left(&self) -> usize {
        self.base_at_or_before(self.cursor.saturating_sub(1))
    }

    /// One base character to the right, with its marks.
    pub fn right(&self) -> usize {
        self.past_marks(self.cursor + 1)
    }

    /// Start of the word before the cursor; `belongs` says what a word is made of.
    pub fn word_left(&self, belongs: impl Fn(char) -> bool) -> usize {
        let before = &self.text[..self.cursor];
        let gap = before.iter().rev().take_while(|&&c| !belongs(c)).count();
        let word = before.iter().rev().skip(gap).take_while(|&&c| belongs(c)).count();
        self.base_at_or_before(self.cursor - gap - word)
    }

    /// End of the word after the cursor.
    pub fn word_right(&self, belongs: impl Fn(char) -> bool) -> usize {
        let after = &self.text[self.cursor..];
        let gap = after.iter().take_while(|&&c| !belongs(c)).count();
        let word = after.iter().skip(gap).take_while(|&&c| belongs(c)).count();
        self.past_marks(self.cursor + gap + word)
    }

    fn base_at_or_before(&self, mut position: usize) -> usize {
        while position > 0 && self.text.get(position).is_some_and(|&c| width(c) == 0) {
            position -= 1;
        }
        position
    }

    fn past_marks(&self, mut position: usize) -> usize {
        while self.text.get(position).is_some_and(|&c| width(c) == 0) {
            position += 1;
        }
        position.min(self.text.len())
    }
}

fn show(text: &[char], echo: &mut Vec<u8>) {
    let mut buffer = [0; 4];
    for character in text {
        echo.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }
}

fn back_over(text: &[char], echo: &mut Vec<u8>) {
    let columns = text.iter().map(|&c| width(c)).sum::<usize>();
    echo.resize(echo.len() + columns, b'\x08');
}
