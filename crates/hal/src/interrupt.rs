//! Message-signalled interrupts as drivers see them.

use alloc::sync::Arc;
use core::fmt;

/// What a device writes, and where, to raise an interrupt (PCI Local Bus 3.0, section 6.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsiMessage {
    /// Message address.
    pub address: u64,
    /// Message data.
    pub data: u32,
}

/// One interrupt that a device may raise.
pub trait InterruptLine: Send + Sync {
    /// What to program into the device.
    fn message(&self) -> MsiMessage;
    /// Whether it arrived since the last [`InterruptLine::take`].
    fn is_pending(&self) -> bool;
    /// How often it arrived since the last call.
    fn take(&self) -> u32;
}

/// Why no interrupt could be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterruptError {
    /// All vectors are taken; the driver polls instead.
    NoVectorLeft,
    /// This machine routes no message-signalled interrupts.
    Unsupported,
}

impl fmt::Display for InterruptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVectorLeft => write!(f, "all interrupt vectors are taken; the driver will poll"),
            Self::Unsupported => write!(f, "this machine routes no MSI; the driver will poll"),
        }
    }
}

impl core::error::Error for InterruptError {}

/// Hands out interrupts.
pub trait Interrupts: Send + Sync {
    /// A fresh interrupt for the driver `owner`.
    ///
    /// # Errors
    /// [`InterruptError`] when there is none to give; a driver then polls.
    fn allocate_msi(&self, owner: &'static str) -> Result<Arc<dyn InterruptLine>, InterruptError>;
}
