//! Starting the other cores, and giving them work.
//!
//! Two roads lead to [`core_main`]: Limine has parked each core and waits for an address; under Multiboot2 they are
//! started by INIT and start-up interrupts (Intel SDM volume 3, section 9.4). Starting does not wait: [`start`] sends
//! the signals, the boot goes on, [`finish`] looks who came.

use super::apic;
use crate::boot::{BootInfo, MAX_CORES};
use crate::cpu::core_local::CoreLocal;
use crate::cpu::{features, tables};
use crate::memory::stacks::{self, StackKind};
use alloc::vec::Vec;
use core::sync::atomic::Ordering;
use velocity_base::{CoreId, Duration, PhysAddr};
use velocity_hal::{Clock, CoreInfo, CoreState, Cores, CoresError, Job};

/// How long [`finish`] waits for cores that have not come.
const START_TIMEOUT: Duration = Duration::from_millis(200);

/// Cores on their way.
pub struct Starting {
    cores: Vec<&'static CoreLocal>,
    page: Option<PhysAddr>,
}

/// The kernel's [`Cores`].
pub struct KernelCores {
    count: u32,
}

/// Makes stacks and data for every core but this one and sends them off. `apic_ids` are those of all usable cores.
#[must_use]
pub fn start(boot: &BootInfo, apic_ids: &[u32]) -> Starting {
    let own = apic::id();
    let mut cores = Vec::new();
    // Start-up code tells cores apart by their 8-bit initial APIC id.
    let mut others: Vec<u32> = apic_ids.iter().copied().filter(|&id| id != own && id <= 0xff).collect();
    others.sort_unstable();
    others.dedup();
    for apic_id in others {
        let id = CoreId(cores.len() as u32 + 1);
        let Ok(stacks) = stacks::for_core() else { break };
        let Some(core) = CoreLocal::register(id, apic_id, stacks) else { break };
        cores.push(core);
    }
    let page = if boot.parked.is_empty() { road::start(&cores) } else { road::release(boot, &cores) };
    Starting { cores, page }
}

impl Starting {
    /// Waits for the cores to arrive, asking again those that have not, and clears up behind them.
    #[must_use]
    pub fn finish(self, clock: &dyn Clock) -> KernelCores {
        let missing = || self.cores.iter().filter(|core| core.state() == CoreState::Offline);
        if let Some(page) = self.page {
            missing().for_each(|core| apic::send_start_up(core.apic_id, (page.0 / 4096) as u8));
        }
        let deadline = clock.now().after(START_TIMEOUT);
        while missing().next().is_some() && clock.now() < deadline {
            core::hint::spin_loop();
        }
        if missing().next().is_none()
            && let Some(page) = self.page
        {
            crate::memory::paging::unmap(page.0);
            crate::memory::frames::give_back(page, crate::memory::PAGE);
        }
        KernelCores { count: self.cores.len() as u32 + 1 }
    }
}

#[cfg(velocity_bare)]
mod road {
    use super::*;
    use crate::memory::{PAGE, frames, paging};
    use crate::platform::trampoline;
    use core::sync::atomic::AtomicU64;

    /// What a parked core needs, at addresses that the loader's tables map as well.
    struct Ticket {
        root: AtomicU64,
        stack: AtomicU64,
    }

    static TICKETS: [Ticket; MAX_CORES] =
        [const { Ticket { root: AtomicU64::new(0), stack: AtomicU64::new(0) } }; MAX_CORES];

    core::arch::global_asm!(
        r#"
    .text
    .global velocity_parked_core
velocity_parked_core:                /* rdi: the loader's record, `extra` at 24 */
    cli
    cld
    movq %cr0, %rax
    andq $~0xc, %rax
    orq $0x10022, %rax
    movq %rax, %cr0
    movq %cr4, %rax
    orq $0x680, %rax                 /* PGE, OSFXSR, OSXMMEXCPT */
    movq %rax, %cr4
    movq 24(%rdi), %rsi
    movq (%rsi), %rax
    movq 8(%rsi), %rsp
    movq %rax, %cr3
    xorl %ebp, %ebp
    call velocity_core_main
1:  hlt
    jmp 1b
    "#,
        options(att_syntax)
    );

    unsafe extern "C" {
        fn velocity_parked_core(core: &limine::mp::Cpu) -> !;
    }

    #[unsafe(no_mangle)]
    extern "C" fn velocity_core_main() -> ! {
        core_main()
    }

    /// Starts cores that the loader has parked.
    pub fn release(boot: &BootInfo, cores: &[&'static CoreLocal]) -> Option<PhysAddr> {
        for parked in boot.parked.iter() {
            let Some(core) = cores.iter().find(|core| core.apic_id == parked.apic_id) else { continue };
            let ticket = &TICKETS[core.id.0 as usize % MAX_CORES];
            ticket.root.store(paging::root().0, Ordering::Release);
            ticket.stack.store(core.stacks.top(StackKind::Main).as_u64(), Ordering::Release);
            // SAFETY: 1. the loader's record, in memory that stays reserved; 2. its fields are atomics.
            let record = unsafe { &*paging::window(parked.mailbox).cast::<limine::mp::Cpu>() };
            record.extra.store(core::ptr::from_ref(ticket) as u64, Ordering::Release);
            record.goto_address.write(velocity_parked_core);
        }
        None
    }

    /// Starts cores by INIT and start-up interrupt; gives the low page in use.
    pub fn start(cores: &[&'static CoreLocal]) -> Option<PhysAddr> {
        if cores.is_empty() || paging::root().0 >> 32 != 0 {
            return None;
        }
        let page = frames::take_low_page()?;
        paging::map(page.0, page, PAGE, paging::CODE).ok()?;
        let entry = velocity_core_main as *const () as u64;
        let stacks = cores.iter().map(|core| (core.apic_id, core.stacks.top(StackKind::Main).as_u64()));
        // SAFETY: 1. the page was just taken; it is written through the direct map.
        unsafe { trampoline::install(paging::window(page), paging::root(), entry, stacks) };
        // Processors since the P6 need no pause between INIT and the start-up interrupt.
        cores.iter().for_each(|core| apic::send_init(core.apic_id));
        cores.iter().for_each(|core| apic::send_start_up(core.apic_id, (page.0 / PAGE) as u8));
        Some(page)
    }
}

/// On the host no core can be started.
#[cfg(not(velocity_bare))]
mod road {
    use super::*;

    pub fn release(boot: &BootInfo, _cores: &[&'static CoreLocal]) -> Option<PhysAddr> {
        let _ = (boot.parked.len(), MAX_CORES, StackKind::Main, core_main as fn() -> !);
        None
    }

    pub fn start(_cores: &[&'static CoreLocal]) -> Option<PhysAddr> {
        None
    }
}

/// Where every other core begins, on its own stack and the kernel's page tables.
fn core_main() -> ! {
    // SAFETY: 1. ring 0, SSE on, and the tables in use are the kernel's own.
    let avx = unsafe {
        features::enable_paging_features();
        features::enable_vectors()
    };
    let apic_id = core::arch::x86_64::__cpuid(1).ebx >> 24;
    let known = (1..MAX_CORES as u32).filter_map(|id| CoreLocal::get(CoreId(id)));
    let Some(core) = known.into_iter().find(|core| core.apic_id == apic_id) else { halt() };
    tables::load(core);
    core.avx.store(avx, Ordering::Relaxed);
    if apic::enable().is_err() {
        halt();
    }
    work_loop(core)
}

fn halt() -> ! {
    loop {
        x86_64::instructions::interrupts::disable();
        x86_64::instructions::hlt();
    }
}

fn work_loop(core: &'static CoreLocal) -> ! {
    loop {
        core.set_state(CoreState::Idle);
        let job = loop {
            // A wake-up between looking and halting stays pending, as interrupts are off meanwhile.
            x86_64::instructions::interrupts::disable();
            let job = core.mailbox.lock().take();
            match job {
                Some(job) => break job,
                None => x86_64::instructions::interrupts::enable_and_hlt(),
            }
        };
        x86_64::instructions::interrupts::enable();
        core.set_state(CoreState::Busy);
        job();
        core.set_state(CoreState::Idle);
        wake_system();
    }
}

/// Wakes the core that runs the system: what it waits for may be there.
pub fn wake_system() {
    if let Some(core) = CoreLocal::get(CoreId(0)) {
        apic::wake(core.apic_id);
    }
}

impl Cores for KernelCores {
    fn count(&self) -> u32 {
        self.count
    }

    fn info(&self, id: CoreId) -> Option<CoreInfo> {
        let core = CoreLocal::get(id)?;
        let avx = core.avx.load(Ordering::Relaxed);
        Some(CoreInfo { id, apic_id: core.apic_id, state: core.state(), avx, brand: features::brand() })
    }

    fn run_on(&self, id: CoreId, job: Job) -> Result<(), CoresError> {
        let core = CoreLocal::get(id).ok_or(CoresError::Offline(id))?;
        match core.state() {
            CoreState::Idle => {}
            CoreState::Offline | CoreState::Halted => return Err(CoresError::Offline(id)),
            CoreState::System | CoreState::Busy => return Err(CoresError::Busy(id)),
        }
        let placed = x86_64::instructions::interrupts::without_interrupts(|| {
            let mut mailbox = core.mailbox.lock();
            let free = mailbox.is_none();
            if free {
                *mailbox = Some(job);
            }
            free
        });
        if !placed {
            return Err(CoresError::Busy(id));
        }
        apic::wake(core.apic_id);
        Ok(())
    }
}
