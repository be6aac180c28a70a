//! The one way out: everything a person reads goes through [`Terminal`] to all text ports and the screen alike.
//!
//! Commands use [`Terminal::line`] and [`Terminal::print`], which make every control character visible, so that no
//! file, program, device or volume label can drive the terminal; only the line editor's echo is written raw.
//! Neighbours: `velocity-canvas` draws, `velocity-terminal` edits. Invariant: nothing is lost and nothing is collected
//! without bound; at [`PENDING_BYTES`] the buffer is written out.

use alloc::{boxed::Box, vec::Vec};
use core::fmt::{self, Write};
use velocity_base::{Duration, Instant};
use velocity_canvas::Console;
use velocity_hal::{Display, TextPort};

/// Output kept back until the end of a step, in bytes.
const PENDING_BYTES: usize = 16 * 1024;

/// Shortest time between two screen updates while a command runs: what scrolls by faster nobody can read.
const FRAME: Duration = Duration::from_millis(16);

/// Text ports and screen as one terminal.
pub(crate) struct Terminal {
    ports: Vec<Box<dyn TextPort>>,
    screen: Option<Screen>,
    pending: Vec<u8>,
    at_line_start: bool,
    presented: Option<Instant>,
}

/// A display and the text on it.
struct Screen {
    display: Box<dyn Display>,
    /// Made when there is something to show, which is after the text ports have it: the buffer is large.
    console: Option<Console>,
}

impl Screen {
    fn console(&mut self) -> &mut Console {
        let (width, height) = self.display.size();
        self.console.get_or_insert_with(|| Console::new(width, height))
    }

    /// Shows what changed; tells whether anything did.
    fn present(&mut self) -> bool {
        let Some(console) = &mut self.console else { return false };
        let damage = console.take_damage();
        if let Some(damage) = damage {
            self.display.present(console.pixels(), damage);
        }
        damage.is_some()
    }
}

impl Terminal {
    /// A terminal on `ports` and, if there is one, `display`.
    pub(crate) fn new(ports: Vec<Box<dyn TextPort>>, display: Option<Box<dyn Display>>) -> Self {
        let screen = display.map(|display| Screen { display, console: None });
        Self { ports, screen, pending: Vec::new(), at_line_start: true, presented: None }
    }

    /// Bytes of the screen's back buffer; 0 without a screen or before anything was written.
    pub(crate) fn screen_bytes(&self) -> u64 {
        let console = self.screen.as_ref().and_then(|screen| screen.console.as_ref());
        console.map_or(0, Console::buffer_bytes)
    }

    /// Writes `text` with `\n` and `\r\n` as line ends, tabs as they are and every other control character escaped.
    pub(crate) fn print(&mut self, text: &str) {
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\n' => self.pending.extend_from_slice(b"\r\n"),
                '\r' if characters.peek() == Some(&'\n') => {}
                '\t' => self.pending.push(b'\t'),
                _ if drives_terminals(character) => self.escape(character),
                _ => self.pending.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if let Some(last) = text.as_bytes().last() {
            self.at_line_start = *last == b'\n';
        }
        self.write_out_when_full();
    }

    /// Writes formatted text as [`Terminal::print`] does.
    pub(crate) fn write(&mut self, text: fmt::Arguments<'_>) {
        let _infallible = self.write_fmt(text);
    }

    /// Writes one line, line end included.
    pub(crate) fn line(&mut self, text: fmt::Arguments<'_>) {
        self.write(text);
        self.print("\n");
    }

    /// Writes the line editor's bytes as they are.
    pub(crate) fn echo(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        if let Some(last) = bytes.last() {
            self.at_line_start = *last == b'\n';
        }
        self.write_out_when_full();
    }

    /// Goes to the start of a line, if the cursor is not there.
    pub(crate) fn fresh_line(&mut self) {
        if !self.at_line_start {
            self.print("\n");
        }
    }

    /// Hands everything written so far to the ports and the screen's back buffer.
    pub(crate) fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        for port in &mut self.ports {
            port.write(&self.pending);
        }
        if let Some(screen) = &mut self.screen {
            screen.console().write(&self.pending);
        }
        self.pending.clear();
    }

    /// Flushes, then shows what changed on the screen: at once when `settled`, else at most every [`FRAME`].
    pub(crate) fn present(&mut self, now: Instant, settled: bool) {
        self.flush();
        let is_due = self.presented.is_none_or(|last| now.since(last) >= FRAME);
        let Some(screen) = self.screen.as_mut().filter(|_| settled || is_due) else { return };
        if screen.present() {
            self.presented = Some(now);
        }
    }

    fn escape(&mut self, character: char) {
        let code = u32::from(character);
        let mut escaped = Escaped(&mut self.pending);
        let _infallible =
            if code < 0x100 { write!(escaped, "\\x{code:02x}") } else { write!(escaped, "\\u{{{code:x}}}") };
    }

    fn write_out_when_full(&mut self) {
        if self.pending.len() >= PENDING_BYTES {
            self.flush();
        }
    }
}

impl Write for Terminal {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.print(text);
        Ok(())
    }
}

/// Lets `write!` append to the pending bytes.
struct Escaped<'a>(&'a mut Vec<u8>);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Whether printing `character` could do more than show a character: controls, and what reorders text (UAX 9).
pub(crate) fn drives_terminals(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
