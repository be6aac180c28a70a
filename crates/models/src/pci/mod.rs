//! PCI devices as the bus sees them.
//!
//! A device model implements [`PciDevice`]: it owns a [`ConfigSpace`] and answers accesses to its base address
//! registers (BARs). [`ConfigSpace`] carries everything that is the same in all devices: header, BAR sizing,
//! capabilities, MSI-X with masks and pending bits. The bus routes accesses to the MSI-X table itself.

mod bus;
mod config;
mod device;
mod msix;
mod routes;

pub(crate) use bus::PciBus;
pub use config::{BarKind, ConfigSpace, Identity};
pub use device::{PciDevice, Wiring};
pub use msix::MsixLayout;
pub(crate) use routes::{BarMapper, ConfigPorts, Ecam};
