//! The PVH side of [`BootInfo`]: a virtual machine monitor (QEMU's `-kernel`, Firecracker, Cloud Hypervisor) loads the
//! image without boot loader or firmware of its own (Xen, "x86/HVM direct boot ABI", `struct hvm_start_info`).
//!
//! Every address in the start info is physical. Only the first 4 GiB are mapped that early, so what lies above, or is
//! longer than its kind can sensibly be, is taken as absent.

#[cfg(velocity_bare)]
use super::{BootInfo, Firmware, List, text::FixedText};
use super::{Region, RegionKind};
use velocity_base::PhysAddr;

/// First word of the start info; the entry passes it on as the loader's magic.
pub const MAGIC: u32 = 0x336e_c578;

/// Sizes in bytes: of the start info since version 1, of an entry of its memory map, of one of its module list.
const START_INFO: usize = 56;
const MAP_ENTRY: usize = 24;
const MODULE: usize = 32;
/// Most entries looked at in either list.
const MOST: u32 = 1024;
/// Longest command line looked at, in bytes.
#[cfg(velocity_bare)]
const LONGEST_LINE: usize = 512;

/// Types of memory in the map (ACPI specification 6.5, table 15.3).
const USABLE: u32 = 1;
const ACPI_TABLES: u32 = 3;
const ACPI_STORAGE: u32 = 4;

/// `struct hvm_start_info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StartInfo {
    modules: Table,
    command_line: u64,
    rsdp: u64,
    map: Table,
}

/// An array at a physical address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Table {
    address: u64,
    entries: u32,
}

impl StartInfo {
    /// `None` for another magic, or for version 0, which has no memory map.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let is_known = word(bytes, 0)? == MAGIC && word(bytes, 4)? >= 1;
        is_known.then_some(())?;
        Some(Self {
            modules: Table { address: long(bytes, 16)?, entries: word(bytes, 12)? },
            command_line: long(bytes, 24)?,
            rsdp: long(bytes, 32)?,
            map: Table { address: long(bytes, 40)?, entries: word(bytes, 48)? },
        })
    }
}

impl Table {
    /// Length in bytes of its entries of `size` bytes each, but for those that are too many.
    fn len(self, size: usize) -> usize {
        self.entries.min(MOST) as usize * size
    }
}

/// A piece of memory of the map; `None` for what is neither free nor RAM that holds something.
fn region(entry: &[u8]) -> Option<Region> {
    let kind = match word(entry, 16)? {
        USABLE => RegionKind::Usable,
        ACPI_TABLES | ACPI_STORAGE => RegionKind::Reserved,
        _ => return None,
    };
    Some(Region { start: PhysAddr(long(entry, 0)?), len: long(entry, 8)?, kind })
}

/// A module's first byte and length.
fn module(entry: &[u8]) -> Option<(PhysAddr, u64)> {
    Some((PhysAddr(long(entry, 0)?), long(entry, 8)?))
}

/// The text up to its zero byte; "" when it is not UTF-8.
fn line(bytes: &[u8]) -> &str {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    core::str::from_utf8(&bytes[..end]).unwrap_or("")
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Copies what the monitor left at the physical address `info`.
#[cfg(velocity_bare)]
pub fn boot_info(info: u32) -> BootInfo {
    use crate::memory::layout::{self, BOOT_DIRECT_MAP};

    let Some(start) = StartInfo::parse(memory(u64::from(info), START_INFO)) else {
        crate::bare::early_halt("velocity: the start info of the direct boot is malformed or has no memory map");
    };
    let (mut regions, mut modules) = (List::default(), List::default());
    let map = memory(start.map.address, start.map.len(MAP_ENTRY)).chunks_exact(MAP_ENTRY);
    map.filter_map(region).for_each(|region| regions.push(region));
    let list = memory(start.modules.address, start.modules.len(MODULE)).chunks_exact(MODULE);
    list.filter_map(module).for_each(|module| modules.push(module));
    BootInfo {
        loader: FixedText::of("the machine monitor (PVH)"),
        firmware: Firmware::Untold,
        command_line: FixedText::of(line(memory(start.command_line, LONGEST_LINE))),
        direct_map: BOOT_DIRECT_MAP,
        kernel_base: PhysAddr(layout::image().start.as_u64() - layout::KERNEL_VMA),
        rsdp: Some(PhysAddr(start.rsdp)).filter(|rsdp| rsdp.0 != 0),
        framebuffer: None,
        parked: List::default(),
        regions,
        modules,
        loader_data: None,
    }
}

/// `len` bytes of physical memory as they are now; none where `address` is 0 or they do not lie in the first 4 GiB.
#[cfg(velocity_bare)]
fn memory(address: u64, len: usize) -> &'static [u8] {
    let end = address.checked_add(len as u64);
    if address == 0 || end.is_none_or(|end| end > 1 << 32) {
        return &[];
    }
    let mapped = (crate::memory::layout::BOOT_DIRECT_MAP + address) as *const u8;
    // SAFETY: 1. the entry maps the first 4 GiB at BOOT_DIRECT_MAP; 2. the range lies inside them; 3. nothing writes to
    // it before everything needed is copied out by the caller, and the caller keeps no reference.
    unsafe { core::slice::from_raw_parts(mapped, len) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A start info of version 1 with one module and two pieces of memory.
    fn start_info() -> Vec<u8> {
        let mut bytes = [MAGIC, 1, 0, 1].map(u32::to_le_bytes).concat();
        bytes.extend([0x1000_u64, 0x2000, 0xe_0000, 0x3000].map(u64::to_le_bytes).concat());
        bytes.extend([2_u32, 0].map(u32::to_le_bytes).concat());
        bytes
    }

    #[test]
    fn a_start_info_says_where_everything_is() {
        let bytes = start_info();
        assert_eq!(bytes.len(), START_INFO);
        let wanted = StartInfo {
            modules: Table { address: 0x1000, entries: 1 },
            command_line: 0x2000,
            rsdp: 0xe_0000,
            map: Table { address: 0x3000, entries: 2 },
        };
        assert_eq!(StartInfo::parse(&bytes), Some(wanted));
        assert_eq!((wanted.map.len(MAP_ENTRY), wanted.modules.len(MODULE)), (48, 32));
    }

    #[test]
    fn a_foreign_or_old_or_short_start_info_is_none() {
        let bytes = start_info();
        for (at, value) in [(0, 0), (4, 0)] {
            let mut broken = bytes.clone();
            broken[at] = value;
            assert_eq!(StartInfo::parse(&broken), None, "byte {at}");
        }
        for len in 0..52 {
            assert_eq!(StartInfo::parse(&bytes[..len]), None, "{len} bytes");
        }
    }

    #[test]
    fn lists_are_bounded() {
        assert_eq!(Table { address: 0, entries: u32::MAX }.len(MAP_ENTRY), 1024 * MAP_ENTRY);
    }

    #[test]
    fn memory_that_is_neither_free_nor_ram_is_left_out() {
        let entry = |kind: u32| {
            let mut bytes = [0x10_0000_u64, 0x7f0_0000].map(u64::to_le_bytes).concat();
            bytes.extend([kind, 0].map(u32::to_le_bytes).concat());
            region(&bytes)
        };
        let free = Region { start: PhysAddr(0x10_0000), len: 0x7f0_0000, kind: RegionKind::Usable };
        assert_eq!(entry(1), Some(free));
        assert_eq!(entry(3), Some(Region { kind: RegionKind::Reserved, ..free }));
        assert_eq!((entry(2), entry(5), entry(77)), (None, None, None));
    }

    #[test]
    fn modules_and_lines_are_read() {
        let bytes = [0x40_0000_u64, 512, 0, 0].map(u64::to_le_bytes).concat();
        assert_eq!(module(&bytes), Some((PhysAddr(0x40_0000), 512)));
        assert_eq!(line(b"fault=divide\0rest"), "fault=divide");
        assert_eq!((line(b"no end"), line(b"\xff\0"), line(b"")), ("no end", "", ""));
    }
}
