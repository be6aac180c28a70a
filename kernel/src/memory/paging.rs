//! The kernel's own page tables.
//!
//! Built once while the loader's tables are still in use, from the boot memory map; afterwards changed only through
//! [`map`] and [`unmap`] under one lock. Flags give W^X by construction: nothing writable is mapped without NX, and the
//! direct map leaves the image out, so text has no writable alias.

use super::layout::{self, DIRECT_MAP};
use super::{PAGE, account, frames};
use crate::boot::BootInfo;
use core::sync::atomic::{AtomicU64, Ordering};
use spin::Mutex;
use velocity_base::PhysAddr;
use x86_64::structures::paging::mapper::MapToError;
use x86_64::structures::paging::page_table::PageTableEntry;
use x86_64::structures::paging::{
    FrameAllocator, Mapper, OffsetPageTable, Page, PageSize, PageTable, PageTableFlags as Flags, PhysFrame, Size1GiB,
    Size2MiB, Size4KiB,
};
use x86_64::{PhysAddr as Phys, VirtAddr};

/// Data: writable, never executable.
pub const DATA: Flags = Flags::PRESENT.union(Flags::WRITABLE).union(Flags::NO_EXECUTE).union(Flags::GLOBAL);
/// Data of one program, which one core uses.
pub const LINEAR: Flags = Flags::PRESENT.union(Flags::WRITABLE).union(Flags::NO_EXECUTE);
/// Code of one program, which one core runs.
pub const PUBLISHED: Flags = Flags::PRESENT;
/// Constants.
pub const CONSTANTS: Flags = Flags::PRESENT.union(Flags::NO_EXECUTE).union(Flags::GLOBAL);
/// Code.
pub const CODE: Flags = Flags::PRESENT.union(Flags::GLOBAL);
/// Device registers: uncached (PAT entry 3).
pub const DEVICE: Flags = DATA.union(Flags::NO_CACHE).union(Flags::WRITE_THROUGH);
/// Framebuffer: write-combining (PAT entry 1, which [`crate::cpu::features`] programs so).
pub const WRITE_COMBINING: Flags = DATA.union(Flags::WRITE_THROUGH);

/// Entries of a table at any level.
const ENTRIES: usize = 512;

/// Flags of tables above the last level: rights are decided at the leaf.
const PARENT: Flags = Flags::PRESENT.union(Flags::WRITABLE);

/// Why a page could not be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingError {
    /// No frame left for a table.
    OutOfFrames,
    /// The page is mapped already.
    InUse(u64),
}

/// Physical address of the root table; 0 until [`build`].
static ROOT: AtomicU64 = AtomicU64::new(0);
/// Where physical memory is reachable right now.
static WINDOW: AtomicU64 = AtomicU64::new(0);
static LOCK: Mutex<()> = Mutex::new(());

/// Physical address of the root table, for other cores' `cr3`.
#[must_use]
pub fn root() -> PhysAddr {
    PhysAddr(ROOT.load(Ordering::Acquire))
}

/// The current virtual address of `physical`.
#[must_use]
pub fn window(physical: PhysAddr) -> *mut u8 {
    (WINDOW.load(Ordering::Acquire) + physical.0) as *mut u8
}

struct TableFrames;

// SAFETY: 1. `frames::take` gives each frame to one owner; 2. it is zeroed before use; 3. it is never given back.
unsafe impl FrameAllocator<Size4KiB> for TableFrames {
    fn allocate_frame(&mut self) -> Option<PhysFrame<Size4KiB>> {
        let frame = frames::take(PAGE)?;
        account::PAGE_TABLES.add(PAGE);
        // SAFETY: 1. the frame was free and is now ours; 2. the window maps all usable memory writable.
        unsafe { window(frame).write_bytes(0, PAGE as usize) };
        Some(PhysFrame::containing_address(Phys::new(frame.0)))
    }
}

fn with_tables<R>(work: impl FnOnce(&mut OffsetPageTable<'_>) -> R) -> R {
    let _guard = LOCK.lock();
    let root = window(root()).cast::<PageTable>();
    // SAFETY: 1. ROOT is a table made by `build`; 2. the window maps all of physical memory that tables live in;
    // 3. LOCK makes this the only reference to any table.
    let mut tables = unsafe { OffsetPageTable::new(&mut *root, VirtAddr::new(WINDOW.load(Ordering::Acquire))) };
    work(&mut tables)
}

fn map_one<S: PageSize>(
    tables: &mut OffsetPageTable<'_>,
    at: u64,
    physical: u64,
    flags: Flags,
) -> Result<(), PagingError>
where
    for<'a> OffsetPageTable<'a>: Mapper<S>,
{
    let page = Page::<S>::containing_address(VirtAddr::new(at));
    let frame = PhysFrame::<S>::containing_address(Phys::new(physical));
    // SAFETY: 1. callers pass physical ranges that are theirs to map; 2. an existing mapping is refused, never
    // replaced.
    let mapped = unsafe { tables.map_to_with_table_flags(page, frame, flags, PARENT, &mut TableFrames) };
    match mapped {
        Ok(flush) => {
            // Nothing was mapped here, and processors do not cache that; under emulation a flush costs the whole TLB.
            flush.ignore();
            Ok(())
        }
        Err(MapToError::FrameAllocationFailed) => Err(PagingError::OutOfFrames),
        Err(MapToError::PageAlreadyMapped(_) | MapToError::ParentEntryHugePage) => Err(PagingError::InUse(at)),
    }
}

/// Maps the 4 KiB pages after one just mapped, as far as its table reaches: walking from the root for each takes an
/// emulator tens of times longer. Gives the bytes mapped; 0 where a new table begins.
fn map_on(
    tables: &mut OffsetPageTable<'_>,
    at: u64,
    physical: u64,
    len: u64,
    flags: Flags,
) -> Result<u64, PagingError> {
    let page = VirtAddr::new(at);
    let first = usize::from(page.p1_index());
    if first == 0 {
        return Ok(0);
    }
    let mut table: &mut PageTable = tables.level_4_table_mut();
    for index in [page.p4_index(), page.p3_index(), page.p2_index()] {
        let below = window(PhysAddr(table[index].addr().as_u64()));
        // SAFETY: 1. the page before `at` was just mapped through these very entries, so each points to a table; 2. the
        // caller holds the lock on all tables.
        table = unsafe { &mut *below.cast::<PageTable>() };
    }
    let (mut index, mut done) = (first, 0);
    while index < ENTRIES && done < len {
        let entry = &mut table[index];
        if !entry.is_unused() {
            return Err(PagingError::InUse(at + done));
        }
        entry.set_addr(Phys::new(physical + done), flags);
        (index, done) = (index + 1, done + PAGE);
    }
    Ok(done)
}

/// Maps `len` bytes at `physical` to `at` (all multiples of [`PAGE`]) with the largest pages that fit.
///
/// # Errors
/// [`PagingError`]; pages before the failing one stay mapped.
pub fn map(at: u64, physical: PhysAddr, len: u64, flags: Flags) -> Result<(), PagingError> {
    with_tables(|tables| {
        let mut done = 0;
        while done < len {
            let (virt, phys, left) = (at + done, physical.0 + done, len - done);
            let fits = |size: u64| (virt | phys) % size == 0 && left >= size;
            if fits(Size1GiB::SIZE) && crate::cpu::features::has_1gib_pages() {
                map_one::<Size1GiB>(tables, virt, phys, flags)?;
                done += Size1GiB::SIZE;
            } else if fits(Size2MiB::SIZE) {
                map_one::<Size2MiB>(tables, virt, phys, flags)?;
                done += Size2MiB::SIZE;
            } else {
                map_one::<Size4KiB>(tables, virt, phys, flags)?;
                done += PAGE;
                done += map_on(tables, at + done, physical.0 + done, len - done, flags)?;
            }
        }
        Ok(())
    })
}

/// Unmaps the 4 KiB page at `at`, if it is mapped, and tells what was there. Other cores must not use it.
pub fn unmap(at: u64) -> Option<PhysAddr> {
    with_tables(|tables| {
        let (frame, flush) = tables.unmap(Page::<Size4KiB>::containing_address(VirtAddr::new(at))).ok()?;
        flush.flush();
        Some(PhysAddr(frame.start_address().as_u64()))
    })
}

/// What `at` is mapped to, if anything.
#[must_use]
pub fn translate(at: u64) -> Option<PhysAddr> {
    use x86_64::structures::paging::Translate;
    let at = VirtAddr::try_new(at).ok()?;
    with_tables(|tables| tables.translate_addr(at).map(|physical| PhysAddr(physical.as_u64())))
}

/// Gives pages of the direct map other rights. Other cores may go by the old ones until they forget them.
///
/// # Errors
/// [`PagingError::OutOfFrames`] when a large page has to be split and there is no memory for that; pages before it are changed.
pub fn protect_direct(physical: PhysAddr, len: u64, flags: Flags) -> Result<(), PagingError> {
    with_tables(|tables| {
        for page in (0..len).step_by(PAGE as usize) {
            let at = VirtAddr::new(DIRECT_MAP + physical.0 + page);
            let mut table: &mut PageTable = tables.level_4_table_mut();
            for (index, size) in [(at.p4_index(), 0), (at.p3_index(), Size1GiB::SIZE), (at.p2_index(), Size2MiB::SIZE)]
            {
                let entry = &mut table[index];
                if entry.flags().contains(Flags::HUGE_PAGE) {
                    split(entry, size / ENTRIES as u64)?;
                }
                let below = window(PhysAddr(entry.addr().as_u64()));
                // SAFETY: 1. All of memory that is taken from `frames` is in the direct map, so each entry points to a table, now that
                // none is a large page; 2. the lock on all tables is held.
                table = unsafe { &mut *below.cast::<PageTable>() };
            }
            table[at.p1_index()].set_flags(flags);
            x86_64::instructions::tlb::flush(at);
        }
        Ok(())
    })
}

/// Puts a table of pages of `size` bytes into the place of one large page. What is mapped stays the same.
fn split(entry: &mut PageTableEntry, size: u64) -> Result<(), PagingError> {
    let frame = TableFrames.allocate_frame().ok_or(PagingError::OutOfFrames)?;
    let flags = if size == PAGE { entry.flags() - Flags::HUGE_PAGE } else { entry.flags() };
    let mut table = PageTable::new();
    for (place, part) in table.iter_mut().zip(0..) {
        place.set_addr(entry.addr() + part * size, flags);
    }
    // SAFETY: 1. The frame is new, ours alone and as large as a table; 2. the window maps it writable.
    unsafe { window(PhysAddr(frame.start_address().as_u64())).cast::<PageTable>().write(table) };
    entry.set_addr(frame.start_address(), PARENT);
    Ok(())
}

/// Builds the kernel's tables and switches to them.
///
/// # Errors
/// [`PagingError`] when memory for tables runs out; the loader's tables are then still in use.
///
/// # Safety
/// 1. Called once, on the core that boots, with the loader's tables active and the boot memory map in [`frames`].
/// 2. Nothing but the image and the current (boot) stack, which is part of it, is used across the call.
pub unsafe fn build(boot: &BootInfo) -> Result<(), PagingError> {
    WINDOW.store(boot.direct_map, Ordering::Release);
    let frame = TableFrames.allocate_frame().ok_or(PagingError::OutOfFrames)?;
    ROOT.store(frame.start_address().as_u64(), Ordering::Release);
    let image = layout::image();
    for (span, flags) in [(layout::text(), CODE), (layout::rodata(), CONSTANTS), (layout::data(), DATA)] {
        let physical = boot.kernel_base.0 + (span.start - image.start);
        map(span.start.as_u64(), PhysAddr(physical), span.len(), flags)?;
    }
    let hole = (boot.kernel_base.0, boot.kernel_base.0 + image.len());
    for region in boot.regions.iter() {
        map_direct(region.start.0, region.len, hole)?;
    }
    if let Some((start, len)) = boot.loader_data {
        map_direct(start.0, len, hole)?;
    }
    // SAFETY: 1. the new tables map the image (code, data and boot stack) at the addresses in use now; 2. the caller
    // uses nothing else; 3. PAT and NX are set up.
    unsafe {
        crate::cpu::features::enable_paging_features();
        crate::cpu::features::load_root(root());
    }
    WINDOW.store(DIRECT_MAP, Ordering::Release);
    Ok(())
}

/// Maps RAM into the direct map, whole pages around it, without the image and without what is mapped already.
fn map_direct(start: u64, len: u64, hole: (u64, u64)) -> Result<(), PagingError> {
    let end = start.saturating_add(len).next_multiple_of(PAGE);
    let start = start / PAGE * PAGE;
    for (from, to) in [(start, end.min(hole.0)), (start.max(hole.1), end)] {
        if from < to {
            map_fresh(from, to)?;
        }
    }
    Ok(())
}

/// Loaders report ranges that share a page; the second one then finds part of itself mapped and goes on behind it.
fn map_fresh(mut from: u64, to: u64) -> Result<(), PagingError> {
    while from < to {
        match map(DIRECT_MAP + from, PhysAddr(from), to - from, DATA) {
            Err(PagingError::InUse(at)) => from = at - DIRECT_MAP + PAGE,
            other => return other,
        }
    }
    Ok(())
}

/// Makes sure that firmware memory at `physical` can be read through the direct map (tables outside the memory map).
///
/// # Errors
/// [`PagingError::OutOfFrames`].
pub fn reach(physical: PhysAddr, len: u64) -> Result<(), PagingError> {
    let start = physical.0 / PAGE * PAGE;
    let end = physical.0.saturating_add(len).next_multiple_of(PAGE);
    let mut page = start;
    while page < end {
        if translate(DIRECT_MAP + page).is_none() {
            map(DIRECT_MAP + page, PhysAddr(page), PAGE, CONSTANTS)?;
        }
        page += PAGE;
    }
    Ok(())
}
