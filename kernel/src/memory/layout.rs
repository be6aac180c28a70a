//! The kernel's address space.
//!
//! ```text
//! ffff_8000_0000_0000  direct map of physical RAM (no execute; the image itself is left out)
//! ffff_c000_0000_0000  device registers, uncached; framebuffer, write-combining
//! ffff_d000_0000_0000  stacks, each above an unmapped guard page
//! ffff_e000_0000_0000  machine code of programs, r-x
//! ffff_e100_0000_0000  linear memories of programs, each with unmapped addresses behind it
//! ffff_ffff_8020_0000  the image: text r-x, constants r--, data rw-
//! ```

use x86_64::VirtAddr;

/// Where the image's physical address 0 would lie; `link.ld` has the same figure.
pub const KERNEL_VMA: u64 = 0xffff_ffff_8000_0000;
/// Physical memory in the kernel's own tables.
pub const DIRECT_MAP: u64 = 0xffff_8000_0000_0000;
/// Physical memory in the Multiboot2 entry's tables (first 4 GiB).
pub const BOOT_DIRECT_MAP: u64 = DIRECT_MAP;
/// Device registers.
pub const DEVICES: u64 = 0xffff_c000_0000_0000;
/// Stacks.
pub const STACKS: u64 = 0xffff_d000_0000_0000;
/// Address space for one stack and its guard.
pub const STACK_SLOT: u64 = 256 * 1024;

/// Machine code of programs.
pub const CODE: Span = Span::new(0xffff_e000_0000_0000, 16 << 20);
/// Linear memories of programs.
pub const LINEAR: Span = Span::new(0xffff_e100_0000_0000, 1 << 44);

/// A range of virtual addresses, page-aligned.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// First byte.
    pub start: VirtAddr,
    /// One past the last byte.
    pub end: VirtAddr,
}

impl Span {
    const fn new(start: u64, len: u64) -> Self {
        Self { start: VirtAddr::new(start), end: VirtAddr::new(start + len) }
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> u64 {
        self.end - self.start
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether `address` lies inside.
    #[must_use]
    pub fn contains(self, address: u64) -> bool {
        (self.start.as_u64()..self.end.as_u64()).contains(&address)
    }
}

#[cfg(velocity_bare)]
mod image {
    use super::Span;
    use x86_64::VirtAddr;

    unsafe extern "C" {
        static text_start: u8;
        static text_end: u8;
        static rodata_start: u8;
        static rodata_end: u8;
        static data_start: u8;
        static data_end: u8;
    }

    macro_rules! span {
        ($start:ident, $end:ident) => {
            // Only the addresses of these link-script symbols mean anything; they are never read.
            Span { start: VirtAddr::from_ptr(&raw const $start), end: VirtAddr::from_ptr(&raw const $end) }
        };
    }

    /// Code.
    pub fn text() -> Span {
        span!(text_start, text_end)
    }
    /// Constants.
    pub fn rodata() -> Span {
        span!(rodata_start, rodata_end)
    }
    /// Static data, zeroed data included.
    pub fn data() -> Span {
        span!(data_start, data_end)
    }
}

#[cfg(not(velocity_bare))]
mod image {
    use super::Span;
    use x86_64::VirtAddr;

    const NOTHING: Span = Span { start: VirtAddr::zero(), end: VirtAddr::zero() };

    /// Code: nothing on the host.
    pub fn text() -> Span {
        NOTHING
    }
    /// Constants: nothing on the host.
    pub fn rodata() -> Span {
        NOTHING
    }
    /// Static data: nothing on the host.
    pub fn data() -> Span {
        NOTHING
    }
}

pub use image::{data, rodata, text};

/// The whole image.
#[must_use]
pub fn image() -> Span {
    Span { start: text().start, end: data().end }
}
