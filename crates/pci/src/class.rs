//! Class codes and what to call them (PCI Code and ID Assignment 1.11, section 1).

/// What kind of device a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClassCode {
    /// Base class.
    pub base: u8,
    /// Sub-class.
    pub sub: u8,
    /// Programming interface.
    pub interface: u8,
}

impl ClassCode {
    /// An NVM Express I/O controller.
    pub const NVME: Self = Self { base: 0x01, sub: 0x08, interface: 0x02 };

    /// Whether this is a host bridge, whatever its interface.
    pub(crate) const fn is_host_bridge(self) -> bool {
        self.base == 0x06 && self.sub == 0x00
    }
}

/// A person's word for `class`.
#[must_use]
pub const fn class_name(class: ClassCode) -> &'static str {
    match (class.base, class.sub, class.interface) {
        (0x01, 0x01, _) => "IDE controller",
        (0x01, 0x06, 0x01) => "AHCI controller",
        (0x01, 0x08, 0x02) => "NVMe controller",
        (0x01, ..) => "storage controller",
        (0x02, 0x00, _) => "Ethernet controller",
        (0x02, ..) => "network controller",
        (0x03, 0x00, _) => "VGA controller",
        (0x03, ..) => "display controller",
        (0x04, 0x03, _) => "audio device",
        (0x04, ..) => "multimedia device",
        (0x05, ..) => "memory controller",
        (0x06, 0x00, _) => "host bridge",
        (0x06, 0x01, _) => "ISA bridge",
        (0x06, 0x04, _) => "PCI bridge",
        (0x06, ..) => "bridge",
        (0x07, 0x00, _) => "serial controller",
        (0x07, ..) => "communication controller",
        (0x08, ..) => "system device",
        (0x09, ..) => "input controller",
        (0x0b, ..) => "processor",
        (0x0c, 0x03, 0x20) => "USB 2 controller",
        (0x0c, 0x03, 0x30) => "USB 3 controller",
        (0x0c, 0x03, _) => "USB controller",
        (0x0c, 0x05, _) => "SMBus controller",
        (0x0c, ..) => "serial bus controller",
        (0x0d, ..) => "wireless controller",
        (0x12, ..) => "accelerator",
        _ => "unknown device",
    }
}
