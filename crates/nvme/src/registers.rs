//! Controller registers (section 3.1): offsets, the fields this driver uses, and doorbells.
//!
//! Reads are by name; a value of all ones means that the device no longer answers (PCI Express, completion time-out).

use crate::error::NvmeError;
use alloc::sync::Arc;
use velocity_base::Duration;
use velocity_hal::Mmio;
use velocity_hal::dma::DMA_PAGE_BYTES;

/// Controller Capabilities.
const CAP: usize = 0x00;
/// Interrupt Mask Set.
const INTMS: usize = 0x0c;
/// Controller Configuration.
const CC: usize = 0x14;
/// Controller Status.
const CSTS: usize = 0x1c;
/// Admin Queue Attributes.
const AQA: usize = 0x24;
/// Admin Submission Queue Base Address.
const ASQ: usize = 0x28;
/// Admin Completion Queue Base Address.
const ACQ: usize = 0x30;
/// First doorbell (section 3.1.22).
const DOORBELLS: usize = 0x1000;

/// CC.EN.
const ENABLE: u32 = 1;
/// CC with 64-byte submission (2^6) and 16-byte completion entries (2^4), 4 KiB pages, NVM command set, enabled.
const ENABLED_CONFIGURATION: u32 = 4 << 20 | 6 << 16 | ENABLE;
/// CC.SHN = 01b: normal shutdown.
const NORMAL_SHUTDOWN: u32 = 1 << 14;

/// The CAP register (section 3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capabilities(u64);

impl Capabilities {
    /// Entries a queue may have: MQES + 1.
    pub(crate) fn max_queue_entries(self) -> u32 {
        (self.0 & 0xffff) as u32 + 1
    }

    /// Whether this driver can work with such a controller.
    fn check(self) -> Result<(), NvmeError> {
        let min_bytes = self.min_page_bytes();
        if self.max_queue_entries() < 2 {
            Err(NvmeError::QueuesTooShort)
        } else if !self.has_nvm_commands() {
            Err(NvmeError::NoNvmCommands)
        } else if min_bytes > DMA_PAGE_BYTES as u64 {
            Err(NvmeError::PageSize { min_bytes })
        } else {
            Ok(())
        }
    }

    /// Longest wait for CSTS.RDY to change: TO in units of 500 ms, at least one unit.
    pub(crate) fn ready_timeout(self) -> Duration {
        Duration::from_millis(500 * (self.0 >> 24 & 0xff).max(1))
    }

    /// Bytes from one doorbell to the next: 4 << DSTRD.
    pub(crate) fn doorbell_stride(self) -> usize {
        4 << (self.0 >> 32 & 0xf)
    }

    /// Whether the NVM command set is there (CSS bit 0, register bit 37).
    fn has_nvm_commands(self) -> bool {
        self.0 >> 37 & 1 == 1
    }

    /// Smallest memory page in bytes: 2^(12 + MPSMIN).
    pub(crate) fn min_page_bytes(self) -> u64 {
        4096 << (self.0 >> 48 & 0xf)
    }
}

/// The CSTS register (section 3.1.6) of a device that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ControllerStatus(u32);

impl ControllerStatus {
    /// RDY.
    pub(crate) fn is_ready(self) -> bool {
        self.0 & 1 != 0
    }

    /// CFS: only a reset helps.
    pub(crate) fn is_fatal(self) -> bool {
        self.0 & 2 != 0
    }

    /// SHST = 10b.
    pub(crate) fn is_shut_down(self) -> bool {
        self.0 >> 2 & 3 == 2
    }
}

/// Which of a queue pair's doorbells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doorbell {
    /// Submission Queue Tail.
    SubmissionTail = 0,
    /// Completion Queue Head.
    CompletionHead = 1,
}

/// The register window, checked once to hold the doorbells of queues 0 and 1.
pub(crate) struct Registers {
    window: Arc<dyn Mmio>,
    capabilities: Capabilities,
}

impl Registers {
    /// Reads CAP, checks it and the window.
    pub(crate) fn new(window: Arc<dyn Mmio>) -> Result<Self, NvmeError> {
        if window.len() < DOORBELLS {
            return Err(NvmeError::WindowTooSmall { needed: DOORBELLS, len: window.len() });
        }
        let raw = window.read64(CAP);
        if raw == u64::MAX {
            return Err(NvmeError::Gone);
        }
        let capabilities = Capabilities(raw);
        capabilities.check()?;
        let needed = DOORBELLS + 4 * capabilities.doorbell_stride();
        if window.len() < needed {
            return Err(NvmeError::WindowTooSmall { needed, len: window.len() });
        }
        Ok(Self { window, capabilities })
    }

    /// CAP as read at start; it never changes.
    pub(crate) fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// CSTS.
    pub(crate) fn status(&self) -> Result<ControllerStatus, NvmeError> {
        match self.window.read32(CSTS) {
            u32::MAX => Err(NvmeError::Gone),
            value => Ok(ControllerStatus(value)),
        }
    }

    /// CC.EN as it stands; firmware often leaves the controller enabled.
    pub(crate) fn is_enabled(&self) -> Result<bool, NvmeError> {
        match self.window.read32(CC) {
            u32::MAX => Err(NvmeError::Gone),
            value => Ok(value & ENABLE != 0),
        }
    }

    /// Clears CC.EN: a controller reset (section 7.3.2).
    pub(crate) fn disable(&self) {
        self.window.write32(CC, 0);
    }

    /// Sets CC.EN with this driver's entry sizes.
    pub(crate) fn enable(&self) {
        self.window.write32(CC, ENABLED_CONFIGURATION);
    }

    /// Asks for a normal shutdown (section 7.6.2).
    pub(crate) fn request_shutdown(&self) {
        self.window.write32(CC, ENABLED_CONFIGURATION | NORMAL_SHUTDOWN);
    }

    /// Masks the interrupt pin for a driver that polls (section 3.1.3).
    pub(crate) fn mask_pin(&self) {
        self.window.write32(INTMS, u32::MAX);
    }

    /// AQA, ASQ and ACQ: the admin queue pair, `entries` deep.
    pub(crate) fn set_admin_queues(&self, entries: u16, submission: u64, completion: u64) {
        let size = u32::from(entries - 1);
        self.window.write32(AQA, size << 16 | size);
        self.window.write64(ASQ, submission);
        self.window.write64(ACQ, completion);
    }

    /// Writes a doorbell of queue `queue`, which is 0 or 1.
    pub(crate) fn ring(&self, queue: u16, doorbell: Doorbell, value: u16) {
        let index = usize::from(queue) * 2 + doorbell as usize;
        self.window.write32(DOORBELLS + index * self.capabilities.doorbell_stride(), u32::from(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capability_fields_are_where_the_specification_has_them() {
        // MQES 1023, TO 30 (15 s), DSTRD 1, CSS bit 0, MPSMIN 1.
        let capabilities = Capabilities(1023 | 30 << 24 | 1 << 32 | 1 << 37 | 1 << 48);
        assert_eq!(capabilities.max_queue_entries(), 1024);
        assert_eq!(capabilities.ready_timeout(), Duration::from_secs(15));
        assert_eq!(capabilities.doorbell_stride(), 8);
        assert!(capabilities.has_nvm_commands());
        assert_eq!(capabilities.min_page_bytes(), 8192);
        assert_eq!(Capabilities(0).ready_timeout(), Duration::from_millis(500));
    }

    #[test]
    fn controllers_that_cannot_work_are_refused() {
        let good = 63 | 1 << 37;
        assert_eq!(Capabilities(good).check(), Ok(()));
        assert_eq!(Capabilities(good & !63).check(), Err(NvmeError::QueuesTooShort));
        assert_eq!(Capabilities(63).check(), Err(NvmeError::NoNvmCommands));
        assert_eq!(Capabilities(good | 2 << 48).check(), Err(NvmeError::PageSize { min_bytes: 16_384 }));
    }
}
