//! What a controller is started with.

use alloc::sync::Arc;
use velocity_base::Duration;
use velocity_hal::{Clock, DmaAllocator, Idle, InterruptLine, Mmio};

/// Most slots: a slot number takes the lower six bits of a command id.
pub(crate) const MAX_SLOTS: u16 = 64;

/// Most bytes of a slot: a PRP list of one page (512 entries) and the page named by PRP1.
const MAX_SLOT_BYTES: u32 = 513 * 4096;

/// The machine as a driver sees it.
pub struct Parts {
    /// The controller's registers (BAR 0), doorbells included.
    pub registers: Arc<dyn Mmio>,
    /// Memory for queues and buffers.
    pub dma: Arc<dyn DmaAllocator>,
    /// Time for deadlines.
    pub clock: Arc<dyn Clock>,
    /// How to wait.
    pub idle: Arc<dyn Idle>,
    /// MSI-X vector 0, already programmed and unmasked; without it the driver polls.
    pub interrupt: Option<Arc<dyn InterruptLine>>,
}

/// Sizes and patience. The default takes 540 KiB of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Entries of the I/O queues, 2 to 4096; the controller's limit (CAP.MQES) applies.
    pub queue_entries: u16,
    /// Commands under way at most, 1 to 64, each with its own buffer; one less than `queue_entries` applies.
    pub slots: u16,
    /// Bytes of a slot's buffer, and so of the largest command: rounded up to whole pages, at most 2 MiB + 4 KiB.
    pub slot_bytes: u32,
    /// How long a command may take before it is aborted.
    pub timeout: Duration,
    /// How long an abort may take before the controller is reset.
    pub abort_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_entries: 64,
            slots: 32,
            slot_bytes: 16 * 1024,
            timeout: Duration::from_secs(5),
            abort_timeout: Duration::from_millis(500),
        }
    }
}

impl Options {
    /// The nearest options that this driver and a controller with queues of `max_queue_entries` can work with.
    pub(crate) fn fitted(self, max_queue_entries: u32) -> Self {
        let limit = u16::try_from(max_queue_entries).unwrap_or(u16::MAX).min(4096);
        let queue_entries = self.queue_entries.clamp(2, limit);
        Self {
            queue_entries,
            slots: self.slots.clamp(1, (queue_entries - 1).min(MAX_SLOTS)),
            slot_bytes: self.slot_bytes.clamp(1, MAX_SLOT_BYTES).next_multiple_of(4096),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_fitted_to_the_controller() {
        let asked = Options { queue_entries: 0, slots: 0, slot_bytes: 0, ..Options::default() };
        let fitted = asked.fitted(65_536);
        assert_eq!((fitted.queue_entries, fitted.slots, fitted.slot_bytes), (2, 1, 4096));
        let asked = Options { queue_entries: u16::MAX, slots: u16::MAX, slot_bytes: u32::MAX, ..asked };
        let fitted = asked.fitted(65_536);
        assert_eq!((fitted.queue_entries, fitted.slots, fitted.slot_bytes), (4096, 64, MAX_SLOT_BYTES));
        let fitted = asked.fitted(2);
        assert_eq!((fitted.queue_entries, fitted.slots), (2, 1));
    }
}
