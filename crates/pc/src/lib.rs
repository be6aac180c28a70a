//! Legacy devices of the PC: the 16550 serial port and the i8042 controller with PS/2 keyboard and mouse.
//!
//! Both work over `hal::PortIo`, borrow it for good, allocate nothing and are made for interrupt handlers: every call
//! has a bounded number of port accesses, because each may cost a microsecond and the device may never answer.
//! The decoders ([`Keyboard`], [`Mouse`]) take bytes and time, and touch no port. Tier 2, usable alone.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod i8042;
mod keyboard;
mod mouse;
mod uart;

pub use i8042::{I8042, I8042Error};
pub use keyboard::Keyboard;
pub use mouse::Mouse;
pub use uart::{COM1, Uart, UartError};
