//! What each core keeps to itself, found through the GS base.

use crate::boot::MAX_CORES;
use crate::memory::stacks::CoreStacks;
use alloc::boxed::Box;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, Ordering};
use spin::Mutex;
use velocity_base::CoreId;
use velocity_hal::{CoreState, Job};
use x2apic::lapic::LocalApic;
use x86_64::VirtAddr;
use x86_64::registers::model_specific::GsBase;

/// One core's data. Made once per core and never freed.
#[repr(C)]
pub struct CoreLocal {
    /// Its own address, so that `gs:[0]` finds it.
    this: *const Self,
    /// Its number.
    pub id: CoreId,
    /// Its local APIC id.
    pub apic_id: u32,
    /// Its stacks.
    pub stacks: CoreStacks,
    /// Whether AVX state is on.
    pub avx: AtomicBool,
    state: AtomicU8,
    /// Work handed to it; taken by the core itself.
    pub mailbox: Mutex<Option<Job>>,
    apic: UnsafeCell<Option<LocalApic>>,
}

// SAFETY: 1. `apic` is touched by its own core only, through `with_apic`, with interrupts off; 2. all else is atomic,
// locked or never written after `register`.
unsafe impl Sync for CoreLocal {}
// SAFETY: 1. made on one core and used on another; 2. what is not atomic or locked is used by its own core alone.
unsafe impl Send for CoreLocal {}

static CORES: [AtomicPtr<CoreLocal>; MAX_CORES] = [const { AtomicPtr::new(core::ptr::null_mut()) }; MAX_CORES];

const STATES: [CoreState; 5] =
    [CoreState::Offline, CoreState::System, CoreState::Idle, CoreState::Busy, CoreState::Halted];

impl CoreLocal {
    /// Makes and registers the data of core `id`; `None` past [`MAX_CORES`].
    #[must_use]
    pub fn register(id: CoreId, apic_id: u32, stacks: CoreStacks) -> Option<&'static Self> {
        let slot = CORES.get(id.0 as usize)?;
        let core = Box::leak(Box::new(Self {
            this: core::ptr::null(),
            id,
            apic_id,
            stacks,
            avx: AtomicBool::new(false),
            state: AtomicU8::new(0),
            mailbox: Mutex::new(None),
            apic: UnsafeCell::new(None),
        }));
        core.this = core;
        slot.store(core, Ordering::Release);
        Some(core)
    }

    /// Makes this the data of the running core.
    pub fn install(&'static self) {
        GsBase::write(VirtAddr::from_ptr(self));
    }

    /// The running core's data; `None` before [`CoreLocal::install`].
    #[must_use]
    pub fn current() -> Option<&'static Self> {
        let base = GsBase::read().as_ptr::<Self>();
        // SAFETY: 1. the GS base is zero until `install`, which alone writes it; 2. the data is never freed.
        unsafe { base.as_ref() }
    }

    /// The data of core `id`, if it was registered.
    #[must_use]
    pub fn get(id: CoreId) -> Option<&'static Self> {
        let pointer = CORES.get(id.0 as usize)?.load(Ordering::Acquire);
        // SAFETY: 1. null or made by `register`; 2. never freed.
        unsafe { pointer.as_ref() }
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> CoreState {
        STATES[usize::from(self.state.load(Ordering::Acquire)).min(STATES.len() - 1)]
    }

    /// Says what it is doing from now on.
    pub fn set_state(&self, state: CoreState) {
        let code = STATES.iter().position(|&known| known == state).unwrap_or(0);
        self.state.store(code as u8, Ordering::Release);
    }
}

/// Gives `work` the running core's local APIC with interrupts off; `None` before it is set up.
pub fn with_apic<R>(work: impl FnOnce(&mut LocalApic) -> R) -> Option<R> {
    x86_64::instructions::interrupts::without_interrupts(|| {
        let core = CoreLocal::current()?;
        // SAFETY: 1. only the core itself comes here; 2. interrupts are off and `work` does not come back here, so
        // this is the only reference.
        let apic = unsafe { &mut *core.apic.get() };
        apic.as_mut().map(work)
    })
}

/// Stores the running core's local APIC.
pub fn set_apic(apic: LocalApic) {
    x86_64::instructions::interrupts::without_interrupts(|| {
        if let Some(core) = CoreLocal::current() {
            // SAFETY: 1. only the core itself comes here; 2. interrupts are off, so this is the only reference.
            unsafe { *core.apic.get() = Some(apic) };
        }
    });
}
