//! The Multiboot2 side of [`BootInfo`] (Multiboot2 specification 2.0, section 3.6).

use super::text::FixedText;
use super::{BootInfo, Firmware, Framebuffer, List, Region, RegionKind};
use crate::memory::layout::{self, BOOT_DIRECT_MAP};
use multiboot2::{BootInformation, BootInformationHeader, FramebufferType, MemoryAreaType, TagType};
use velocity_base::PhysAddr;

/// What `eax` holds when a Multiboot2 loader enters.
pub const MAGIC: u32 = 0x36d7_6289;

/// Copies what the loader left at the physical address `info`.
pub fn boot_info(info: u32) -> BootInfo {
    let address = (BOOT_DIRECT_MAP + u64::from(info)) as *const BootInformationHeader;
    // SAFETY: 1. the loader's magic says `info` points at its boot information; 2. the first 4 GiB are mapped at
    // BOOT_DIRECT_MAP; 3. nothing writes there before everything needed is copied out below.
    let Ok(loaded) = (unsafe { BootInformation::load(address) }) else {
        crate::bare::early_halt("velocity: the loader's boot information is malformed");
    };
    copied(&loaded, u64::from(info))
}

fn copied(loaded: &BootInformation<'_>, address: u64) -> BootInfo {
    let mut regions = List::default();
    if let Some(map) = loaded.memory_map_tag() {
        for area in map.memory_areas() {
            let kind = match area.typ() {
                MemoryAreaType::Available => RegionKind::Usable,
                MemoryAreaType::AcpiAvailable | MemoryAreaType::ReservedHibernate => RegionKind::Reserved,
                _ => continue,
            };
            regions.push(Region { start: PhysAddr(area.start_address()), len: area.size(), kind });
        }
    }
    let mut modules = List::default();
    for module in loaded.module_tags() {
        modules.push((PhysAddr(u64::from(module.start_address())), u64::from(module.module_size())));
    }
    let efi = loaded.tags().any(|tag| {
        let kind = TagType::from(tag.header().typ);
        matches!(kind, TagType::Efi64 | TagType::Efi32 | TagType::Efi64Ih | TagType::Efi32Ih | TagType::EfiMmap)
    });
    BootInfo {
        loader: FixedText::of(loaded.boot_loader_name_tag().and_then(|tag| tag.name().ok()).unwrap_or("")),
        firmware: if efi { Firmware::Uefi } else { Firmware::Bios },
        command_line: FixedText::of(loaded.command_line_tag().and_then(|tag| tag.cmdline().ok()).unwrap_or("")),
        direct_map: BOOT_DIRECT_MAP,
        kernel_base: PhysAddr(layout::image().start.as_u64() - layout::KERNEL_VMA),
        rsdp: rsdp(loaded),
        framebuffer: framebuffer(loaded),
        parked: List::default(),
        regions,
        modules,
        loader_data: Some((PhysAddr(address), loaded.total_size() as u64)),
    }
}

/// The loader copies the root pointer into its tag; its address there serves as well as the original's.
fn rsdp(loaded: &BootInformation<'_>) -> Option<PhysAddr> {
    let new = loaded.rsdp_v2_tag().map(|tag| core::ptr::from_ref(tag) as *const u8 as u64);
    let old = loaded.rsdp_v1_tag().map(|tag| core::ptr::from_ref(tag) as *const u8 as u64);
    // The tag's 8-byte header (type, size) precedes the structure itself.
    new.or(old).map(|tag| PhysAddr(tag - BOOT_DIRECT_MAP + 8))
}

fn framebuffer(loaded: &BootInformation<'_>) -> Option<Framebuffer> {
    let tag = loaded.framebuffer_tag()?.ok()?;
    let Ok(FramebufferType::RGB { red, green, blue }) = tag.buffer_type() else { return None };
    (tag.bpp() == 32).then(|| Framebuffer {
        base: PhysAddr(tag.address()),
        pitch: tag.pitch(),
        width: tag.width(),
        height: tag.height(),
        shifts: [red.position, green.position, blue.position],
    })
}
