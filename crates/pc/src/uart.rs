//! The 16550 UART (National PC16550D data sheet; register numbers are offsets from its base port).
//!
//! Runs at 115,200 baud, 8 data bits, no parity, one stop bit. With FIFOs, 16 bytes go out per look at the line status,
//! which matters where a port access costs more than a byte's time on the wire. A port that stops sending swallows
//! output after one bounded wait instead of stopping the system.

use core::fmt;
use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use velocity_hal::{PortIo, TextPort};

/// Base port of the first serial line.
pub const COM1: u16 = 0x3f8;

/// Receive buffer, transmit holding register; divisor low byte while DLAB is set.
const DATA: u16 = 0;
/// Interrupt enable; divisor high byte while DLAB is set.
const INTERRUPT_ENABLE: u16 = 1;
/// Interrupt identification when read, FIFO control when written.
const FIFO: u16 = 2;
const LINE_CONTROL: u16 = 3;
const MODEM_CONTROL: u16 = 4;
const LINE_STATUS: u16 = 5;
const SCRATCH: u16 = 7;

const RECEIVE_INTERRUPT: u8 = 1;
/// FIFOs on and emptied, interrupt at every byte.
const FIFO_SETUP: u8 = 0x07;
const FIFO_WORKS: u8 = 0xc0;
const DIVISOR_LATCH: u8 = 0x80;
const EIGHT_BITS: u8 = 0x03;
const DIVISOR_115200: u8 = 1;
/// DTR, RTS, and OUT2, which lets the interrupt through on a PC.
const MODEM_READY: u8 = 0x0b;

const DATA_READY: u8 = 1;
const OVERRUN: u8 = 1 << 1;
/// Parity error, framing error, break.
const BAD_BYTE: u8 = 0b1_1100;
const TRANSMITTER_EMPTY: u8 = 1 << 5;
/// Line status of a port that is not there.
const ABSENT: u8 = 0xff;

/// Bytes the transmit FIFO takes when it is empty.
const FIFO_DEPTH: usize = 16;
/// Looks at the line status before output is given up: far longer than the 1.4 ms that 16 bytes take.
const TRANSMIT_POLLS: u32 = 20_000;
/// Bytes that one [`Uart::receive`] takes at most.
const RECEIVE_LIMIT: u32 = 64;

/// Why a serial port cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UartError {
    /// Nothing at this base port behaves like a UART.
    Absent(u16),
}

impl fmt::Display for UartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(base) => write!(f, "there is no serial port at {base:#x}; the system goes on without it"),
        }
    }
}

impl core::error::Error for UartError {}

/// A serial port. Shared by reference: reading and writing from several cores at once mixes bytes but harms nothing.
pub struct Uart<'p> {
    ports: &'p dyn PortIo,
    base: u16,
    depth: usize,
    /// Whether the transmitter was stuck when last asked; it then gets one look per write instead of a wait.
    stuck: AtomicBool,
    lost: AtomicU32,
}

impl<'p> Uart<'p> {
    /// Finds the port at `base` and sets it up, interrupts off. At most 14 port accesses.
    ///
    /// # Errors
    /// [`UartError::Absent`] when the scratch register does not keep what is written to it.
    pub fn start(ports: &'p dyn PortIo, base: u16) -> Result<Self, UartError> {
        let mut uart = Self { ports, base, depth: 1, stuck: AtomicBool::new(false), lost: AtomicU32::new(0) };
        for probe in [0x5a, 0xa5] {
            uart.put(SCRATCH, probe);
            if uart.get(SCRATCH) != probe {
                return Err(UartError::Absent(base));
            }
        }
        uart.put(INTERRUPT_ENABLE, 0);
        uart.put(LINE_CONTROL, DIVISOR_LATCH);
        uart.put(DATA, DIVISOR_115200);
        uart.put(INTERRUPT_ENABLE, 0);
        uart.put(LINE_CONTROL, EIGHT_BITS);
        uart.put(FIFO, FIFO_SETUP);
        uart.put(MODEM_CONTROL, MODEM_READY);
        if uart.get(FIFO) & FIFO_WORKS == FIFO_WORKS {
            uart.depth = FIFO_DEPTH;
        }
        Ok(uart)
    }

    /// Raises an interrupt for every byte that arrives, from now on.
    pub fn enable_receive_interrupt(&self) {
        self.put(INTERRUPT_ENABLE, RECEIVE_INTERRUPT);
    }

    /// The oldest received byte, if any. Bytes that arrived damaged are dropped and counted.
    pub fn try_read(&self) -> Option<u8> {
        (0..FIFO_DEPTH).map_while(|_| self.take()).flatten().next()
    }

    /// Passes what has arrived to `sink`: the interrupt handler. Takes at most 64 bytes; if more wait, the interrupt is
    /// switched off and on, because an edge-triggered controller would otherwise never hear of them.
    pub fn receive(&self, sink: &mut dyn FnMut(u8)) {
        for _ in 0..RECEIVE_LIMIT {
            match self.take() {
                Some(Some(byte)) => sink(byte),
                Some(None) => {}
                None => return,
            }
        }
        self.put(INTERRUPT_ENABLE, 0);
        self.enable_receive_interrupt();
    }

    /// Takes the oldest byte out of the receiver, if there is one; `Some(None)` when it arrived damaged.
    fn take(&self) -> Option<Option<u8>> {
        let status = self.get(LINE_STATUS);
        if status == ABSENT || status & DATA_READY == 0 {
            return None;
        }
        let byte = self.get(DATA);
        if status & (OVERRUN | BAD_BYTE) != 0 {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Some((status & BAD_BYTE == 0).then_some(byte))
    }

    /// Sends `bytes`; returns how many were taken. Fewer than all means that the transmitter is stuck.
    pub fn send(&self, bytes: &[u8]) -> usize {
        let mut sent = 0;
        for chunk in bytes.chunks(self.depth) {
            if !self.wait_for_room() {
                break;
            }
            chunk.iter().for_each(|byte| self.put(DATA, *byte));
            sent += chunk.len();
        }
        sent
    }

    /// Bytes that arrived damaged, and times the receiver overran.
    #[must_use]
    pub fn lost(&self) -> u32 {
        self.lost.load(Ordering::Relaxed)
    }

    fn wait_for_room(&self) -> bool {
        let polls = if self.stuck.load(Ordering::Relaxed) { 1 } else { TRANSMIT_POLLS };
        for _ in 0..polls {
            let status = self.get(LINE_STATUS);
            if status == ABSENT {
                break;
            }
            if status & TRANSMITTER_EMPTY != 0 {
                self.stuck.store(false, Ordering::Relaxed);
                return true;
            }
            spin_loop();
        }
        self.stuck.store(true, Ordering::Relaxed);
        false
    }

    fn get(&self, register: u16) -> u8 {
        self.ports.in8(self.base + register)
    }

    fn put(&self, register: u16, value: u8) {
        self.ports.out8(self.base + register, value);
    }
}

impl TextPort for &Uart<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.send(bytes);
    }
}

#[cfg(test)]
mod tests;
