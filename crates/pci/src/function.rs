//! A function as enumeration found it.

use crate::{Address, Bar, ClassCode};

/// The kind of configuration header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// Type 0: a device.
    Device,
    /// Type 1: a bridge to other buses.
    Bridge {
        /// The bus right behind it.
        secondary: u8,
        /// The highest bus behind it.
        subordinate: u8,
    },
    /// Anything else (CardBus, or a broken header).
    Other(u8),
}

/// One function, with what a driver needs to decide and start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Where it sits.
    pub address: Address,
    /// Vendor number.
    pub vendor: u16,
    /// Device number.
    pub device: u16,
    /// What it is.
    pub class: ClassCode,
    /// Its revision.
    pub revision: u8,
    /// Its header.
    pub header: Header,
    /// Its BARs by register; a 64-bit one fills the lower of its two. `None`: not there, never given an address by
    /// firmware, nonsense, or not looked at yet ([`crate::Bus::size_bars`]). Not looked at in bridges.
    pub bars: [Option<Bar>; 6],
}
