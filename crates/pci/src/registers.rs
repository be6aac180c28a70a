//! Offsets and bits of the configuration header (PCI 6.1 and 6.2; PCI-to-PCI Bridge 3.2).

/// Vendor in the low half, device in the high half.
pub const ID: u16 = 0x00;
/// Command in the low half, status in the high half; status bits are cleared by writing ones, so zeros are harmless.
pub const COMMAND: u16 = 0x04;
/// Revision, interface, sub-class, base class from the low byte up.
pub const CLASS: u16 = 0x08;
/// Cache line, latency timer, header type, self test from the low byte up.
pub const HEADER: u16 = 0x0c;
/// The first BAR; six in a type 0 header.
pub const BAR0: u16 = 0x10;
/// Type 1: primary, secondary, subordinate bus, latency timer from the low byte up.
pub const BUS_NUMBERS: u16 = 0x18;
/// Offset of the first capability in the low byte.
pub const CAPABILITIES: u16 = 0x34;

/// Command: answers on its I/O BARs.
pub const COMMAND_IO: u32 = 1;
/// Command: answers on its memory BARs.
pub const COMMAND_MEMORY: u32 = 1 << 1;
/// Command: may read and write memory, and so send MSI.
pub const COMMAND_MASTER: u32 = 1 << 2;
/// Command: never asserts its interrupt pin.
pub const COMMAND_INTERRUPT_DISABLE: u32 = 1 << 10;
/// The half of the command register's word that is command.
pub const COMMAND_MASK: u32 = 0xffff;
/// Status: there is a capability list.
pub const STATUS_CAPABILITIES: u32 = 1 << 20;

/// What nobody's answer reads as.
pub const ABSENT: u32 = u32::MAX;
