//! Runs a system until it ends, and types at it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use velocity_hal::InputEvent;
use velocity_models::InputHandle;
use velocity_system::{Next, System};

/// Where command lines come from when nobody types keys.
pub enum Lines {
    /// Nowhere: a person uses the keyboard.
    None,
    /// A script; the machine ends after the last line.
    Script(VecDeque<String>),
    /// Standard input that is no terminal; its end ends the machine only if `ends_machine`.
    Piped {
        /// The lines as they come.
        lines: Receiver<String>,
        /// Whether nobody else could type.
        ends_machine: bool,
    },
}

/// What to type next.
enum Typed {
    Line(String),
    NothingYet,
    End,
}

impl Lines {
    fn next(&mut self) -> Typed {
        match self {
            Self::None => Typed::NothingYet,
            Self::Script(lines) => lines.pop_front().map_or(Typed::End, Typed::Line),
            Self::Piped { lines, ends_machine } => match lines.try_recv() {
                Ok(line) => Typed::Line(line),
                Err(TryRecvError::Disconnected) if *ends_machine => Typed::End,
                Err(_) => Typed::NothingYet,
            },
        }
    }
}

/// Why a machine stopped running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was switched off, by its shell or by closing the window.
    PoweredOff,
    /// It asked to be started anew.
    Reboot,
    /// All lines were typed and done.
    LinesOver,
}

/// Runs `system` to its end. `closed` stops it from outside; whoever sets it wakes the machine.
pub fn drive(system: &mut System, lines: &mut Lines, input: &InputHandle, closed: &AtomicBool) -> End {
    loop {
        if closed.load(Ordering::Acquire) {
            return End::PoweredOff;
        }
        let until = match system.step() {
            Next::Again => continue,
            Next::PowerOff => return End::PoweredOff,
            Next::Reboot => return End::Reboot,
            Next::Agents => None,
            Next::WaitUntil(until) => Some(until),
        };
        let typed = if system.at_prompt() { lines.next() } else { Typed::NothingYet };
        match (typed, until) {
            (Typed::Line(line), _) => type_line(input, &line),
            (Typed::NothingYet, Some(until)) => system.wait(until),
            (Typed::NothingYet, None) => {}
            (Typed::End, _) => return End::LinesOver,
        }
    }
}

/// Types `line` and Enter on text port 0.
pub fn type_line(input: &InputHandle, line: &str) {
    for byte in line.bytes().chain([b'\r']) {
        input.push(InputEvent::Byte { port: 0, byte });
    }
}
