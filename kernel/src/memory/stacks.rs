//! Stacks, each with an unmapped guard page below it.

use super::layout::{STACK_SLOT, STACKS};
use super::{PAGE, account, frames, paging};
use core::sync::atomic::{AtomicU64, Ordering};
use x86_64::VirtAddr;

/// What a stack is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StackKind {
    /// Ordinary code of a core.
    Main,
    /// Exceptions.
    Fault,
    /// Device interrupts.
    Interrupt,
    /// Double faults, non-maskable interrupts, machine checks.
    Critical,
}

impl StackKind {
    /// Usable bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        match self {
            // Compiling the most deeply nested program allowed needs 105 KiB of it (docs/nda.md, limits): the parser does,
            // engines take no more for depth.
            Self::Main => 192 * 1024,
            Self::Fault => 16 * 1024,
            Self::Interrupt | Self::Critical => 8 * 1024,
        }
    }

    const ALL: [Self; 4] = [Self::Main, Self::Fault, Self::Interrupt, Self::Critical];
}

/// The four stacks of one core, given by their tops.
#[derive(Clone, Copy, Debug)]
pub struct CoreStacks {
    tops: [VirtAddr; 4],
}

impl CoreStacks {
    /// The top (initial stack pointer) of one of them.
    #[must_use]
    pub fn top(&self, kind: StackKind) -> VirtAddr {
        self.tops[kind as usize]
    }
}

static NEXT_SLOT: AtomicU64 = AtomicU64::new(0);

/// Makes the stacks of the next core.
///
/// # Errors
/// [`paging::PagingError`] when memory runs out.
pub fn for_core() -> Result<CoreStacks, paging::PagingError> {
    let mut tops = [VirtAddr::zero(); 4];
    for kind in StackKind::ALL {
        tops[kind as usize] = VirtAddr::new(make(kind)?);
    }
    Ok(CoreStacks { tops })
}

fn make(kind: StackKind) -> Result<u64, paging::PagingError> {
    let slot = NEXT_SLOT.fetch_add(1, Ordering::Relaxed);
    let top = STACKS + (slot + 1) * STACK_SLOT;
    let memory = frames::take(kind.bytes()).ok_or(paging::PagingError::OutOfFrames)?;
    paging::map(top - kind.bytes(), memory, kind.bytes(), paging::DATA)?;
    account::STACKS.add(kind.bytes());
    Ok(top)
}

/// The guard page that `address` hits, told as (core, kind), if it lies in the one right below a stack.
#[must_use]
pub fn guard_hit(address: u64) -> Option<(u64, StackKind)> {
    let slot = address.checked_sub(STACKS)? / STACK_SLOT;
    if slot >= NEXT_SLOT.load(Ordering::Relaxed) {
        return None;
    }
    let kind = StackKind::ALL[(slot % 4) as usize];
    let bottom = STACKS + (slot + 1) * STACK_SLOT - kind.bytes();
    (bottom - PAGE..bottom).contains(&address).then_some((slot / 4, kind))
}

/// Whether the 16 bytes at `address` lie on some stack, so that a back-trace may read them.
#[must_use]
pub fn is_on_stack(address: u64) -> bool {
    let Some(slot) = address.checked_sub(STACKS).map(|offset| offset / STACK_SLOT) else { return false };
    let kind = StackKind::ALL[(slot % 4) as usize];
    let top = STACKS + (slot + 1) * STACK_SLOT;
    slot < NEXT_SLOT.load(Ordering::Relaxed) && address >= top - kind.bytes() && address <= top - 16
}
