//! The line editor: keys in, echo bytes and finished lines out.
//!
//! Emacs keys as in every shell; see `docs/shell.md` for the list. The caller writes [`LineEditor::prompt`] when it is
//! ready for a command and then feeds keys until an [`Outcome`] other than `Pending` comes back.

use crate::{Completer, History, PROMPT_LINE, complete::common_prefix, line::Line};
use alloc::{string::String, vec::Vec};
use velocity_hal::{Key, KeyEvent};
use velocity_vt::width;

use crate::complete::MAX_LISTED;

const CLEAR_SCREEN: &[u8] = b"\x1b[H\x1b[2J";
const NEW_LINE: &[u8] = b"\r\n";

/// What a key led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The line is still being edited.
    Pending,
    /// Enter: the line, without its end. The cursor stands on a fresh row.
    Line(String),
    /// Ctrl-C: the line was thrown away. The cursor stands on a fresh row.
    Interrupt,
    /// Ctrl-D on an empty line. The cursor stands on a fresh row.
    EndOfInput,
}

/// Whether `key` is Ctrl-C: to be asked of keys that arrive while a program runs.
#[must_use]
pub fn is_interrupt(key: &KeyEvent) -> bool {
    key.modifiers.control && matches!(key.key, Key::Char('c' | 'C'))
}

/// Edits one line at a time.
#[derive(Clone, Debug, Default)]
pub struct LineEditor {
    line: Line,
    history: History,
    /// Whether the last key was a Tab that changed nothing: the next one lists.
    tabbed: bool,
}

impl LineEditor {
    /// An editor with an empty line and no history.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows the prompt and the line so far; to be called at the start of a row.
    pub fn prompt(&self, echo: &mut Vec<u8>) {
        echo.extend_from_slice(PROMPT_LINE.as_bytes());
        self.line.redraw(echo);
    }

    /// The line as it stands.
    #[must_use]
    pub fn text(&self) -> String {
        self.line.text()
    }

    /// What was entered before.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Takes in one key and appends to `echo` what the terminals are to show.
    pub fn feed(&mut self, event: KeyEvent, completer: &mut dyn Completer, echo: &mut Vec<u8>) -> Outcome {
        let tabbed = core::mem::take(&mut self.tabbed);
        let modifiers = event.modifiers;
        match event.key {
            Key::Char(character) if modifiers.control && !modifiers.alt => {
                return self.control(character.to_ascii_lowercase(), tabbed, completer, echo);
            }
            Key::Char(character) if modifiers.alt && !modifiers.control => self.alt(character, echo),
            // Control and Alt together are AltGr: the layout has already made its character.
            Key::Char(character) => self.line.insert(core::iter::once(character), echo),
            Key::Enter => return self.enter(echo),
            Key::Tab => self.tab(tabbed, completer, echo),
            Key::Backspace if modifiers.alt || modifiers.control => {
                self.line.remove_to(self.line.word_left(is_word), echo);
            }
            Key::Backspace => self.line.remove_to(self.line.left(), echo),
            Key::Delete => self.line.remove_to(self.line.right(), echo),
            Key::Left if modifiers.control || modifiers.alt => self.line.move_to(self.line.word_left(is_word), echo),
            Key::Right if modifiers.control || modifiers.alt => self.line.move_to(self.line.word_right(is_word), echo),
            Key::Left => self.line.move_to(self.line.left(), echo),
            Key::Right => self.line.move_to(self.line.right(), echo),
            Key::Home => self.line.move_to(0, echo),
            Key::End => self.line.move_to(self.line.end(), echo),
            Key::Up => self.older(echo),
            Key::Down => self.newer(echo),
            Key::Escape | Key::PageUp | Key::PageDown | Key::Function(_) => {}
        }
        Outcome::Pending
    }

    fn control(&mut self, letter: char, tabbed: bool, completer: &mut dyn Completer, echo: &mut Vec<u8>) -> Outcome {
        let line = &mut self.line;
        match letter {
            'a' => line.move_to(0, echo),
            'b' => line.move_to(line.left(), echo),
            'c' => return self.interrupt(echo),
            'd' if line.is_empty() => return self.end_of_input(echo),
            'd' => line.remove_to(line.right(), echo),
            'e' => line.move_to(line.end(), echo),
            'f' => line.move_to(line.right(), echo),
            'h' => line.remove_to(line.left(), echo),
            'i' => self.tab(tabbed, completer, echo),
            'j' | 'm' => return self.enter(echo),
            'k' => line.remove_to(line.end(), echo),
            'l' => self.clear_screen(echo),
            'n' => self.newer(echo),
            'p' => self.older(echo),
            'u' => line.remove_to(0, echo),
            'w' => line.remove_to(line.word_left(|c| !c.is_whitespace()), echo),
            _ => {}
        }
        Outcome::Pending
    }

    fn alt(&mut self, letter: char, echo: &mut Vec<u8>) {
        let line = &mut self.line;
        match letter.to_ascii_lowercase() {
            'b' => line.move_to(line.word_left(is_word), echo),
            'f' => line.move_to(line.word_right(is_word), echo),
            'd' => line.remove_to(line.word_right(is_word), echo),
            _ => {}
        }
    }

    fn enter(&mut self, echo: &mut Vec<u8>) -> Outcome {
        self.line.move_to(self.line.end(), echo);
        echo.extend_from_slice(NEW_LINE);
        let text = self.line.text();
        self.history.add(&text);
        self.line.clear();
        Outcome::Line(text)
    }

    fn interrupt(&mut self, echo: &mut Vec<u8>) -> Outcome {
        self.line.move_to(self.line.end(), echo);
        echo.extend_from_slice(b"^C\r\n");
        self.history.reset();
        self.line.clear();
        Outcome::Interrupt
    }

    fn end_of_input(&mut self, echo: &mut Vec<u8>) -> Outcome {
        echo.extend_from_slice(NEW_LINE);
        self.history.reset();
        Outcome::EndOfInput
    }

    fn clear_screen(&self, echo: &mut Vec<u8>) {
        echo.extend_from_slice(CLEAR_SCREEN);
        self.prompt(echo);
    }

    fn older(&mut self, echo: &mut Vec<u8>) {
        let line = &mut self.line;
        if let Some(text) = self.history.older(|| line.text()) {
            line.replace(text, echo);
        }
    }

    fn newer(&mut self, echo: &mut Vec<u8>) {
        if let Some(text) = self.history.newer() {
            self.line.replace(text, echo);
        }
    }

    /// Completes as far as all candidates agree; a second Tab that finds nothing to add lists them.
    fn tab(&mut self, tabbed: bool, completer: &mut dyn Completer, echo: &mut Vec<u8>) {
        let (text, cursor) = (self.line.text(), self.line.cursor_bytes());
        let completion = completer.complete(&text, cursor);
        let Some(typed) = text.get(completion.replace_from..cursor) else { return };
        let typed_chars = typed.chars().count();
        let common = common_prefix(&completion.candidates);
        let is_only = completion.candidates.len() == 1;
        if (is_only && common != typed) || common.chars().count() > typed_chars {
            self.line.remove_to(self.line.cursor() - typed_chars, echo);
            self.line.insert(common.chars(), echo);
        } else if tabbed && completion.candidates.len() > 1 {
            self.list(&completion.candidates, echo);
        } else {
            self.tabbed = true;
        }
    }

    fn list(&self, candidates: &[String], echo: &mut Vec<u8>) {
        let mut listing = String::new();
        for candidate in candidates.iter().take(MAX_LISTED) {
            listing.extend(candidate.trim_end().chars().map(printable));
            listing.push_str("  ");
        }
        let more = candidates.len().saturating_sub(MAX_LISTED);
        if more > 0 {
            listing.push_str(&alloc::format!("and {more} more"));
        }
        echo.extend_from_slice(NEW_LINE);
        echo.extend_from_slice(listing.trim_end().as_bytes());
        echo.extend_from_slice(NEW_LINE);
        self.prompt(echo);
    }
}

/// What words are made of for the keys that move by words. Marks belong to what they mark.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || width(character) == 0
}

fn printable(character: char) -> char {
    if character.is_control() { char::REPLACEMENT_CHARACTER } else { character }
}
