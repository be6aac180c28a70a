//! PCI and PCI Express configuration space: enumeration, BARs, capabilities, MSI-X.
//!
//! A [`Bus`] reaches configuration space in the way the machine names ([`Host`]), finds the functions, and sets them up
//! for a driver. It takes addresses as firmware assigned them and never assigns any itself.
//!
//! Tier 2, usable alone. Configuration space is input: a function may answer all ones, lie about its BARs, lead its
//! capability list or its bridges in a circle; every walk here is bounded and every derived range is checked.
//! Specifications: PCI Local Bus 3.0 ("PCI"), PCI Express Base 6.0 ("PCIe"), PCI-to-PCI Bridge 1.2.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod address;
mod bar;
mod bus;
mod capability;
mod class;
mod function;
mod host;
mod msix;
mod registers;
mod scan;

pub use address::Address;
pub use bar::Bar;
pub use bus::Bus;
pub use capability::Capability;
pub use class::{ClassCode, class_name};
pub use function::{Function, Header};
pub use host::{EcamWindow, Host};
pub use msix::{Msix, MsixError};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
