//! The i8042 keyboard controller and its two PS/2 ports (IBM PS/2 Hardware Interface Reference, keyboard controller).
//!
//! Start-up leaves out what takes long on real hardware and firmware has done already: the controller's self-test and
//! the keyboard's reset. While it runs, the controller's interrupts are off and at most one port may send, so an answer
//! can only come from where it was asked for. Waits are counted in looks at the status port, about a microsecond each.

use crate::{Keyboard, Mouse};
use core::fmt;
use core::hint::spin_loop;
use velocity_base::Instant;
use velocity_hal::{InputEvent, PortIo};

const DATA: u16 = 0x60;
/// Status when read, command when written.
const STATUS: u16 = 0x64;

const OUTPUT_FULL: u8 = 1;
const INPUT_FULL: u8 = 1 << 1;
/// The waiting byte comes from the second port.
const FROM_MOUSE: u8 = 1 << 5;
/// The waiting byte is damaged: time-out or parity error.
const BAD_BYTE: u8 = 0b1100_0000;
/// Status where no controller is.
const ABSENT: u8 = 0xff;

const READ_CONFIG: u8 = 0x20;
const WRITE_CONFIG: u8 = 0x60;
const DISABLE_MOUSE: u8 = 0xa7;
const DISABLE_KEYBOARD: u8 = 0xad;
const TO_MOUSE: u8 = 0xd4;

const KEYBOARD_INTERRUPT: u8 = 1;
const MOUSE_INTERRUPT: u8 = 1 << 1;
const KEYBOARD_OFF: u8 = 1 << 4;
const MOUSE_OFF: u8 = 1 << 5;
/// The controller translates scan code set 2 to set 1.
const TRANSLATE: u8 = 1 << 6;

const SET_DEFAULTS: u8 = 0xf6;
const ENABLE: u8 = 0xf4;
const SET_RATE: u8 = 0xf3;
const GET_ID: u8 = 0xf2;
const ACKNOWLEDGE: u8 = 0xfa;
/// The rates whose sequence turns the wheel on, and what the mouse then calls itself.
const WHEEL_KNOCK: [u8; 3] = [200, 100, 80];
const WHEEL_ID: u8 = 3;

/// Looks at the status until the controller itself must have answered.
const CONTROLLER_POLLS: u32 = 4_000;
/// Looks at the status until a device must have answered; the specification gives it 20 ms.
const DEVICE_POLLS: u32 = 25_000;
/// Stale bytes thrown away at the start: more than both devices' buffers hold.
const STALE_LIMIT: u32 = 64;
/// Bytes that one [`I8042::service`] takes at most: more than both devices can have queued.
const SERVICE_LIMIT: u32 = 256;

/// Why the controller cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum I8042Error {
    /// There is none.
    Absent,
    /// It never takes what is written to it.
    Stuck,
    /// It does not answer this command.
    Silent(u8),
}

impl fmt::Display for I8042Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => write!(f, "there is no keyboard controller; use the serial line"),
            Self::Stuck => write!(f, "the keyboard controller takes no commands; use the serial line"),
            Self::Silent(command) => {
                write!(f, "the keyboard controller does not answer command {command:#04x}; use the serial line")
            }
        }
    }
}

impl core::error::Error for I8042Error {}

/// The controller with what is plugged into it.
pub struct I8042<'p> {
    wire: Wire<'p>,
    keyboard: Keyboard,
    mouse: Option<Mouse>,
}

impl<'p> I8042<'p> {
    /// Sets up controller, mouse and keyboard and turns on the interrupts (1 and 12) of what is there.
    ///
    /// To be called while nobody else reads the ports: with those interrupts masked. Bytes that wait are thrown away.
    /// Takes about 90 port accesses when everything answers at once, one when there is no controller.
    ///
    /// # Errors
    /// [`I8042Error`]; a missing keyboard or mouse is none.
    pub fn start(ports: &'p dyn PortIo) -> Result<Self, I8042Error> {
        let wire = Wire { ports };
        if wire.status() == ABSENT {
            return Err(I8042Error::Absent);
        }
        wire.command(DISABLE_KEYBOARD)?;
        wire.command(DISABLE_MOUSE)?;
        wire.throw_away_stale();
        wire.command(READ_CONFIG)?;
        let config = wire.answer(0, CONTROLLER_POLLS).ok_or(I8042Error::Silent(READ_CONFIG))?;
        let quiet = (config | TRANSLATE | KEYBOARD_OFF | MOUSE_OFF) & !(KEYBOARD_INTERRUPT | MOUSE_INTERRUPT);
        // A controller with one port never had a second one to switch off.
        let mouse = if config & MOUSE_OFF != 0 {
            wire.configure(quiet & !MOUSE_OFF)?;
            start_mouse(&wire)
        } else {
            None
        };
        wire.configure(quiet & !KEYBOARD_OFF)?;
        // Firmware leaves the keyboard scanning; one that does not answer this may still send keys.
        let _ = wire.ask(0, ENABLE);
        let (on, off) = match &mouse {
            Some(_) => (KEYBOARD_INTERRUPT | MOUSE_INTERRUPT, KEYBOARD_OFF | MOUSE_OFF),
            None => (KEYBOARD_INTERRUPT, KEYBOARD_OFF),
        };
        wire.configure(quiet & !off | on)?;
        Ok(Self { wire, keyboard: Keyboard::new(), mouse })
    }

    /// The mouse, if one answered.
    #[must_use]
    pub const fn mouse(&self) -> Option<&Mouse> {
        self.mouse.as_ref()
    }

    /// Takes what both devices have sent and passes the events to `sink`: the handler of both interrupts.
    ///
    /// At most 513 port accesses, one when nothing waits.
    pub fn service(&mut self, now: Instant, sink: &mut dyn FnMut(InputEvent)) {
        for _ in 0..SERVICE_LIMIT {
            let status = self.wire.status();
            if status == ABSENT || status & OUTPUT_FULL == 0 {
                return;
            }
            let byte = self.wire.ports.in8(DATA);
            let event = match (&mut self.mouse, status & FROM_MOUSE != 0, status & BAD_BYTE != 0) {
                (_, false, false) => self.keyboard.feed(byte).map(InputEvent::Key),
                (Some(mouse), true, false) => mouse.feed(byte, now).map(InputEvent::Mouse),
                (Some(mouse), true, true) => {
                    mouse.resync();
                    None
                }
                _ => None,
            };
            if let Some(event) = event {
                sink(event);
            }
        }
    }
}

/// Resets the mouse to its defaults, turns on its wheel if it has one, and lets it send.
fn start_mouse(wire: &Wire<'_>) -> Option<Mouse> {
    wire.ask(FROM_MOUSE, SET_DEFAULTS)?;
    for rate in WHEEL_KNOCK {
        wire.ask(FROM_MOUSE, SET_RATE)?;
        wire.ask(FROM_MOUSE, rate)?;
    }
    wire.ask(FROM_MOUSE, GET_ID)?;
    let wheel = wire.answer(FROM_MOUSE, DEVICE_POLLS)? == WHEEL_ID;
    wire.ask(FROM_MOUSE, ENABLE)?;
    Some(Mouse::new(wheel))
}

/// The two ports and how bytes cross them.
struct Wire<'p> {
    ports: &'p dyn PortIo,
}

impl Wire<'_> {
    fn status(&self) -> u8 {
        self.ports.in8(STATUS)
    }

    /// Writes to `port` once the controller has taken what was written before.
    fn put(&self, port: u16, byte: u8) -> Result<(), I8042Error> {
        for _ in 0..CONTROLLER_POLLS {
            if self.status() & INPUT_FULL == 0 {
                self.ports.out8(port, byte);
                return Ok(());
            }
            spin_loop();
        }
        Err(I8042Error::Stuck)
    }

    fn command(&self, command: u8) -> Result<(), I8042Error> {
        self.put(STATUS, command)
    }

    fn configure(&self, config: u8) -> Result<(), I8042Error> {
        self.command(WRITE_CONFIG)?;
        self.put(DATA, config)
    }

    /// The next byte from `source`, 0 or [`FROM_MOUSE`]; those from the other are dropped.
    fn answer(&self, source: u8, polls: u32) -> Option<u8> {
        for _ in 0..polls {
            let status = self.status();
            if status == ABSENT {
                return None;
            }
            if status & OUTPUT_FULL != 0 {
                let byte = self.ports.in8(DATA);
                if status & FROM_MOUSE == source {
                    return (status & BAD_BYTE == 0).then_some(byte);
                }
            }
            spin_loop();
        }
        None
    }

    /// Sends `byte` to the device `source` and waits for its acknowledgement.
    fn ask(&self, source: u8, byte: u8) -> Option<()> {
        if source == FROM_MOUSE {
            self.command(TO_MOUSE).ok()?;
        }
        self.put(DATA, byte).ok()?;
        (self.answer(source, DEVICE_POLLS)? == ACKNOWLEDGE).then_some(())
    }

    fn throw_away_stale(&self) {
        for _ in 0..STALE_LIMIT {
            if self.status() & OUTPUT_FULL == 0 {
                return;
            }
            self.ports.in8(DATA);
        }
    }
}

#[cfg(test)]
mod tests;
