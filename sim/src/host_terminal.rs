//! The host's terminal as the machine's text port 0.
//!
//! On a terminal the bytes of both directions pass as they are, in raw mode. Output that goes anywhere else is plain
//! text, and input from anywhere else is read line by line and typed when the system is ready for a line.

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::Once;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use velocity_hal::TextPort;
use velocity_vt::{Actor, Parser, Sequence};

/// Raw mode of the host's terminal, left when this is dropped or the program panics.
pub struct RawMode(());

impl RawMode {
    /// Enters raw mode if both ends of the terminal are one; `None` otherwise.
    #[must_use]
    pub fn enter() -> Option<Self> {
        static HOOK: Once = Once::new();
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return None;
        }
        HOOK.call_once(|| {
            let report = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                leave();
                report(panic);
            }));
        });
        enable_raw_mode().ok().map(|()| Self(()))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        leave();
    }
}

/// Leaves raw mode. There is nobody to tell if that fails.
fn leave() {
    let _gone = disable_raw_mode();
}

/// Hands bytes from the terminal to `typed` as they come, on a thread of its own that ends with the process.
///
/// # Errors
/// When the host gives no thread.
pub fn read_bytes(mut typed: impl FnMut(&[u8]) + Send + 'static) -> io::Result<()> {
    let read = move || {
        let (mut input, mut bytes) = (io::stdin().lock(), [0; 256]);
        while let Ok(count @ 1..) = input.read(&mut bytes) {
            typed(&bytes[..count]);
        }
    };
    thread::Builder::new().name("terminal".into()).spawn(read).map(drop)
}

/// Lines of standard input as they come, on a thread of its own; `arrived` is called after each and at the end.
///
/// # Errors
/// When the host gives no thread.
pub fn read_lines(arrived: impl Fn() + Send + 'static) -> io::Result<Receiver<String>> {
    let (sender, receiver) = channel();
    let read = move || {
        send_lines(&sender, &arrived);
        drop(sender);
        arrived();
    };
    thread::Builder::new().name("lines".into()).spawn(read)?;
    Ok(receiver)
}

fn send_lines(sender: &Sender<String>, arrived: &impl Fn()) {
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    while let Ok(1..) = input.read_until(b'\n', &mut line) {
        let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
        if sender.send(text).is_err() {
            return;
        }
        arrived();
        line.clear();
    }
}

/// Standard output as a text port.
pub struct HostPort {
    /// What makes plain text of the bytes when standard output is no terminal.
    plain: Option<Parser>,
    /// Whether the last line is not ended.
    in_line: bool,
}

impl HostPort {
    /// The port; looks at once what standard output is.
    #[must_use]
    pub fn new() -> Self {
        Self { plain: (!io::stdout().is_terminal()).then(Parser::new), in_line: false }
    }
}

impl Default for HostPort {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for HostPort {
    /// Leaves the cursor at the start of a line for whoever writes next.
    fn drop(&mut self) {
        if self.in_line {
            self.write(b"\r\n");
        }
    }
}

impl TextPort for HostPort {
    fn write(&mut self, bytes: &[u8]) {
        self.in_line = bytes.last().map_or(self.in_line, |last| *last != b'\n');
        let mut out = io::stdout().lock();
        let written = match &mut self.plain {
            None => out.write_all(bytes),
            Some(parser) => {
                let mut text = PlainText(String::new());
                parser.feed(bytes, &mut text);
                out.write_all(text.0.as_bytes())
            }
        };
        // A reader that has left is like an unplugged serial cable.
        let _unplugged = written.and_then(|()| out.flush());
    }
}

/// Keeps characters and line ends of a byte stream.
struct PlainText(String);

impl Actor for PlainText {
    fn print(&mut self, character: char) {
        self.0.push(character);
    }

    fn control(&mut self, byte: u8) {
        if matches!(byte, b'\n' | b'\t') {
            self.0.push(char::from(byte));
        }
    }

    fn sequence(&mut self, _: &Sequence) {}
}
