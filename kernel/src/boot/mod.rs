//! What a boot loader tells, in one form whichever it was.
//!
//! [`BootInfo`] is of fixed size and copied out of the loader's memory before the kernel's own page tables replace the
//! loader's, so nothing later points into memory that may be reused.

pub mod text;

#[cfg(velocity_bare)]
mod entry32;
#[cfg(velocity_bare)]
mod limine;
#[cfg(velocity_bare)]
mod multiboot2;
#[cfg(any(test, velocity_bare))]
mod pvh;
#[cfg(velocity_bare)]
mod unpack;

use text::FixedText;
use velocity_base::PhysAddr;

/// Most memory regions kept; more are dropped and counted.
pub const MAX_REGIONS: usize = 192;
/// Most modules kept.
pub const MAX_MODULES: usize = 8;
/// Most cores started.
pub const MAX_CORES: usize = 64;

/// What a piece of physical memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionKind {
    /// Free for the kernel.
    Usable,
    /// RAM that holds something: ACPI tables, the loader's data, firmware run-time services.
    Reserved,
}

/// A range of physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// First byte.
    pub start: PhysAddr,
    /// Length in bytes.
    pub len: u64,
    /// What it is.
    pub kind: RegionKind,
}

/// A linear framebuffer of 32-bit pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framebuffer {
    /// First byte of the top row.
    pub base: PhysAddr,
    /// Bytes from one row to the next.
    pub pitch: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bit positions of the lowest bit of red, green and blue.
    pub shifts: [u8; 3],
}

impl Framebuffer {
    /// Length in bytes; `None` when the figures are nonsense.
    #[must_use]
    pub fn byte_len(&self) -> Option<u64> {
        let row = u64::from(self.width) * 4;
        (row <= u64::from(self.pitch) && self.width > 0 && self.height > 0 && self.width <= 16_384)
            .then(|| u64::from(self.pitch) * u64::from(self.height))
            .filter(|&len| len <= 1 << 30)
    }
}

/// A core as the Limine protocol hands it over, parked and waiting for an address.
#[derive(Clone, Copy, Debug)]
pub struct ParkedCore {
    /// Its local APIC id.
    pub apic_id: u32,
    /// The loader's record of it, with the mailbox it watches.
    pub mailbox: PhysAddr,
}

/// Which firmware started the loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// Legacy BIOS.
    Bios,
    /// UEFI.
    Uefi,
    /// None that the loader told of: a virtual machine monitor loaded the kernel itself.
    Untold,
}

/// Everything the kernel learns from its loader.
pub struct BootInfo {
    /// The loader's name and version.
    pub loader: FixedText<64>,
    /// The firmware below it.
    pub firmware: Firmware,
    /// The kernel's command line.
    pub command_line: FixedText<512>,
    /// Where physical memory is mapped now, until the kernel's own tables are in place.
    pub direct_map: u64,
    /// Physical address of the kernel image's first byte.
    pub kernel_base: PhysAddr,
    /// ACPI root pointer, if the loader found one.
    pub rsdp: Option<PhysAddr>,
    /// The screen, if there is one of a usable kind.
    pub framebuffer: Option<Framebuffer>,
    /// Cores that the loader started, without the one that boots.
    pub parked: List<ParkedCore, MAX_CORES>,
    /// Physical memory.
    pub regions: List<Region, MAX_REGIONS>,
    /// Boot modules as (start, length in bytes).
    pub modules: List<(PhysAddr, u64), MAX_MODULES>,
    /// Memory below which the loader's own structures end, besides what `regions` reserves.
    pub loader_data: Option<(PhysAddr, u64)>,
}

/// A list of fixed capacity that drops (and counts) what does not fit.
#[derive(Clone, Copy)]
pub struct List<T: Copy, const N: usize> {
    items: [Option<T>; N],
    len: usize,
    /// How many did not fit.
    pub dropped: usize,
}

impl<T: Copy, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self { items: [None; N], len: 0, dropped: 0 }
    }
}

impl<T: Copy, const N: usize> List<T, N> {
    /// Adds `item` if there is room.
    pub fn push(&mut self, item: T) {
        match self.items.get_mut(self.len) {
            Some(slot) => {
                *slot = Some(item);
                self.len += 1;
            }
            None => self.dropped += 1,
        }
    }

    /// All items in order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.items.iter().take(self.len).flatten().copied()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl BootInfo {
    /// The value of `name=value` on the command line, if it is there.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        option_of(self.command_line.as_str(), name)
    }
}

fn option_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split_ascii_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_by_their_whole_name() {
        let line = "quiet fault=divide faults=none";
        assert_eq!(option_of(line, "fault"), Some("divide"));
        assert_eq!(option_of(line, "faul"), None);
        assert_eq!(option_of("", "fault"), None);
    }

    #[test]
    fn a_full_list_counts_what_it_drops() {
        let mut list = List::<u8, 2>::default();
        for n in 0..5 {
            list.push(n);
        }
        assert_eq!(list.iter().collect::<Vec<_>>(), [0, 1]);
        assert_eq!((list.len(), list.dropped), (2, 3));
    }

    #[test]
    fn a_framebuffer_with_rows_longer_than_its_pitch_is_nonsense() {
        let good = Framebuffer { base: PhysAddr(0), pitch: 4096, width: 1024, height: 768, shifts: [16, 8, 0] };
        assert_eq!(good.byte_len(), Some(4096 * 768));
        assert_eq!(Framebuffer { pitch: 4092, ..good }.byte_len(), None);
        assert_eq!(Framebuffer { height: 0, ..good }.byte_len(), None);
    }
}
