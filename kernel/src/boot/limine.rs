//! The Limine side of [`BootInfo`] (Limine boot protocol, base revision 3).
//!
//! Limine enters in 64-bit mode in the higher half with physical memory mapped at an offset it tells, but leaves SSE
//! off, so the entry is assembly. A Limine that knows only revision 2 (8.2 and older) serves as well: of the
//! differences only the root pointer's address concerns this code, and that is recognised.

use super::text::FixedText;
use super::{BootInfo, Firmware, Framebuffer, List, ParkedCore, Region, RegionKind};
use limine::BaseRevision;
use limine::firmware_type::FirmwareType;
use limine::memory_map::EntryType;
use limine::request::{
    BootloaderInfoRequest, ExecutableAddressRequest, ExecutableCmdlineRequest, FirmwareTypeRequest, FramebufferRequest,
    HhdmRequest, MemoryMapRequest, ModuleRequest, MpRequest, RequestsEndMarker, RequestsStartMarker, RsdpRequest,
};
use velocity_base::PhysAddr;

macro_rules! requests {
    ($($name:ident: $kind:ty = $value:expr;)*) => { $(
        #[used]
        #[unsafe(link_section = ".limine_requests")]
        static $name: $kind = $value;
    )* };
}

#[used]
#[unsafe(link_section = ".limine_start")]
static START: RequestsStartMarker = RequestsStartMarker::new();
#[used]
#[unsafe(link_section = ".limine_end")]
static END: RequestsEndMarker = RequestsEndMarker::new();

requests! {
    BASE_REVISION: BaseRevision = BaseRevision::with_revision(3);
    LOADER: BootloaderInfoRequest = BootloaderInfoRequest::new();
    FIRMWARE: FirmwareTypeRequest = FirmwareTypeRequest::new();
    COMMAND_LINE: ExecutableCmdlineRequest = ExecutableCmdlineRequest::new();
    ADDRESS: ExecutableAddressRequest = ExecutableAddressRequest::new();
    HHDM: HhdmRequest = HhdmRequest::new();
    MEMORY_MAP: MemoryMapRequest = MemoryMapRequest::new();
    FRAMEBUFFER: FramebufferRequest = FramebufferRequest::new();
    RSDP: RsdpRequest = RsdpRequest::new();
    MODULES: ModuleRequest = ModuleRequest::new();
    CORES: MpRequest = MpRequest::new();
}

core::arch::global_asm!(
    r#"
    .section .boot.text, "ax"
    .code64
    .global limine_entry
limine_entry:
    cli
    cld
    movq %cr0, %rax
    andq $~0xc, %rax             /* no EM, no TS */
    orq $0x10022, %rax           /* WP, NE, MP */
    movq %rax, %cr0
    movq %cr4, %rax
    orq $0x600, %rax             /* OSFXSR, OSXMMEXCPT */
    movq %rax, %cr4
    movabsq $boot_stack_top, %rsp
    call boot_unpack
    xorl %ebp, %ebp
    call limine_main
1:  hlt
    jmp 1b
    .text
    "#,
    options(att_syntax)
);

/// Called by the entry on the boot stack.
#[unsafe(no_mangle)]
extern "C" fn limine_main() -> ! {
    match boot_info() {
        Some(boot) => crate::start::kernel_main(boot),
        None => crate::bare::early_halt(
            "velocity: Limine gave no memory map, direct map or load address; use Limine 8 or newer",
        ),
    }
}

fn boot_info() -> Option<BootInfo> {
    let mut loader = FixedText::default();
    if let Some(info) = LOADER.get_response() {
        loader.push(info.name());
        loader.push(" ");
        loader.push(info.version());
    }
    let firmware = match FIRMWARE.get_response().map(|response| response.firmware_type()) {
        Some(FirmwareType::UEFI_32 | FirmwareType::UEFI_64) => Firmware::Uefi,
        _ => Firmware::Bios,
    };
    let line = COMMAND_LINE.get_response().map_or("", |response| response.cmdline().to_str().unwrap_or(""));
    let hhdm = HHDM.get_response()?.offset();
    let mut modules = List::default();
    for module in MODULES.get_response().map_or(&[][..], |response| response.modules()) {
        modules.push((PhysAddr((module.addr() as u64).wrapping_sub(hhdm)), module.size()));
    }
    Some(BootInfo {
        loader,
        firmware,
        command_line: FixedText::of(line),
        direct_map: hhdm,
        kernel_base: PhysAddr(ADDRESS.get_response()?.physical_base()),
        rsdp: RSDP.get_response().map(|response| physical(response.address() as u64, hhdm)),
        framebuffer: framebuffer(hhdm),
        parked: parked(hhdm),
        regions: regions()?,
        modules,
        loader_data: None,
    })
}

/// Revision 3 gives a physical address, revision 2 one in the direct map.
fn physical(address: u64, hhdm: u64) -> PhysAddr {
    PhysAddr(if address >= hhdm { address - hhdm } else { address })
}

fn regions() -> Option<List<Region, { super::MAX_REGIONS }>> {
    let mut regions = List::default();
    for entry in MEMORY_MAP.get_response()?.entries() {
        let kind = match entry.entry_type {
            EntryType::USABLE => RegionKind::Usable,
            EntryType::BOOTLOADER_RECLAIMABLE | EntryType::ACPI_RECLAIMABLE | EntryType::ACPI_NVS => {
                RegionKind::Reserved
            }
            _ => continue,
        };
        regions.push(Region { start: PhysAddr(entry.base), len: entry.length, kind });
    }
    Some(regions)
}

fn framebuffer(hhdm: u64) -> Option<Framebuffer> {
    let frame = FRAMEBUFFER.get_response()?.framebuffers().next()?;
    (frame.bpp() == 32).then(|| Framebuffer {
        base: PhysAddr((frame.addr() as u64).wrapping_sub(hhdm)),
        pitch: u32::try_from(frame.pitch()).unwrap_or(0),
        width: u32::try_from(frame.width()).unwrap_or(0),
        height: u32::try_from(frame.height()).unwrap_or(0),
        shifts: [frame.red_mask_shift(), frame.green_mask_shift(), frame.blue_mask_shift()],
    })
}

fn parked(hhdm: u64) -> List<ParkedCore, { super::MAX_CORES }> {
    let mut parked = List::default();
    if let Some(cores) = CORES.get_response() {
        for core in cores.cpus().iter().filter(|core| core.lapic_id != cores.bsp_lapic_id()) {
            parked.push(ParkedCore {
                apic_id: core.lapic_id,
                mailbox: PhysAddr((core::ptr::from_ref(*core) as u64).wrapping_sub(hhdm)),
            });
        }
    }
    parked
}
