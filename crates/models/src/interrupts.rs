//! Where message-signalled interrupts arrive: the board's interrupt controller.
//!
//! A device raises an interrupt by a memory write of 32 bits (PCI Local Bus 3.0, section 6.8). [`MsiController`] turns
//! such a write into a count on the line that owns the message and wakes whoever sleeps. A message that belongs to no
//! line is counted, as a spurious interrupt would be.

use crate::wake::WakeHandle;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use velocity_hal::{InterruptError, InterruptLine, Interrupts, MsiMessage};

/// Where the local APIC of core 0 takes messages (Intel SDM volume 3, section 11.11).
const MESSAGE_ADDRESS: u64 = 0xfee0_0000;

/// The first vector given out; those below belong to exceptions and the system.
const FIRST_VECTOR: u32 = 0x40;

/// How many lines there are.
const LINES: usize = 0xb0;

/// What a device model raises its interrupts through.
pub trait MsiSink: Send + Sync {
    /// The device writes `message`.
    fn deliver(&self, message: MsiMessage);
}

struct Line {
    message: MsiMessage,
    arrived: AtomicU32,
}

impl InterruptLine for Line {
    fn message(&self) -> MsiMessage {
        self.message
    }

    fn is_pending(&self) -> bool {
        self.arrived.load(Ordering::Acquire) != 0
    }

    fn take(&self) -> u32 {
        self.arrived.swap(0, Ordering::AcqRel)
    }
}

/// Hands out interrupt lines and marks them when their message is written.
#[derive(Default)]
pub struct MsiController {
    lines: RwLock<Vec<Arc<Line>>>,
    spurious: AtomicU64,
    wake: WakeHandle,
}

impl MsiController {
    /// A controller that wakes sleepers through `wake`.
    #[must_use]
    pub fn new(wake: WakeHandle) -> Self {
        Self { wake, ..Self::default() }
    }

    /// Messages that belonged to no line.
    #[must_use]
    pub fn spurious(&self) -> u64 {
        self.spurious.load(Ordering::Relaxed)
    }
}

impl MsiSink for MsiController {
    fn deliver(&self, message: MsiMessage) {
        let lines = self.lines.read().unwrap_or_else(PoisonError::into_inner);
        let index = message.data.checked_sub(FIRST_VECTOR).map(|index| index as usize);
        match index.and_then(|index| lines.get(index)).filter(|line| line.message == message) {
            Some(line) => {
                line.arrived.fetch_add(1, Ordering::AcqRel);
                self.wake.wake();
            }
            None => {
                self.spurious.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Interrupts for MsiController {
    fn allocate_msi(&self, _owner: &'static str) -> Result<Arc<dyn InterruptLine>, InterruptError> {
        let mut lines = self.lines.write().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES {
            return Err(InterruptError::NoVectorLeft);
        }
        let message = MsiMessage { address: MESSAGE_ADDRESS, data: FIRST_VECTOR + lines.len() as u32 };
        let line = Arc::new(Line { message, arrived: AtomicU32::new(0) });
        lines.push(Arc::clone(&line));
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_marks_its_own_line_only() {
        let controller = MsiController::default();
        let first = controller.allocate_msi("first").unwrap();
        let second = controller.allocate_msi("second").unwrap();
        controller.deliver(second.message());
        controller.deliver(second.message());
        assert!(second.is_pending() && !first.is_pending());
        assert_eq!((first.take(), second.take(), second.take()), (0, 2, 0));
    }

    #[test]
    fn a_stray_message_is_counted_and_harms_nothing() {
        let controller = MsiController::default();
        let line = controller.allocate_msi("line").unwrap();
        let message = line.message();
        controller.deliver(MsiMessage { address: 0, ..message });
        for data in [0, message.data + 1, u32::MAX] {
            controller.deliver(MsiMessage { data, ..message });
        }
        assert_eq!((controller.spurious(), line.take()), (4, 0));
    }

    #[test]
    fn vectors_run_out_with_an_error() {
        let controller = MsiController::default();
        for _ in 0..LINES {
            controller.allocate_msi("many").unwrap();
        }
        assert_eq!(controller.allocate_msi("one more").err(), Some(InterruptError::NoVectorLeft));
    }
}
