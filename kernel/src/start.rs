//! From the loader's hand-over to the system's loop.

use crate::boot::{BootInfo, RegionKind};
use crate::cpu::core_local::CoreLocal;
use crate::cpu::{fault, features, interrupts, tables};
use crate::memory::stacks::{CoreStacks, StackKind};
use crate::memory::{account, frames, layout, paging, stacks};
use crate::platform::clock::{Calibration, tsc};
use crate::platform::display::Screen;
use crate::platform::firmware::Firmware;
use crate::platform::{apic, cores, emergency, io_apic, ports, power};
use crate::{drill, machine, qemu};
use core::sync::atomic::Ordering;
use velocity_base::CoreId;
use velocity_hal::{Clock, CoreState};
use velocity_system::{Next, System};

/// Called by both entries, on the boot stack, with the loader's page tables.
pub fn kernel_main(boot: BootInfo) -> ! {
    let entered = tsc();
    // SAFETY: 1. ring 0 with SSE on, says the entry.
    let avx = unsafe { features::enable_vectors() };
    collect_memory(&boot);
    // SAFETY: 1. first and only call; 2. the boot stack and `boot` on it are part of the image.
    if unsafe { paging::build(&boot) }.is_err() {
        give_up("velocity: no memory for page tables");
    }
    let Ok(stacks) = stacks::for_core() else { give_up("velocity: no memory for stacks") };
    let hand_over = HandOver { boot: &boot, stacks, avx, entered };
    // SAFETY: 1. the new stack is mapped and unused; 2. `hand_over` stays on the boot stack, which is never reused;
    // 3. the function called does not return.
    unsafe {
        core::arch::asm!(
            "mov rsp, {stack}", "xor ebp, ebp", "call {next}", "ud2",
            stack = in(reg) stacks.top(StackKind::Main).as_u64(),
            next = sym on_own_stack,
            in("rdi") &raw const hand_over,
            options(noreturn)
        )
    }
}

/// What crosses from the boot stack to the kernel's own.
struct HandOver<'a> {
    boot: &'a BootInfo,
    stacks: CoreStacks,
    avx: bool,
    entered: u64,
}

fn give_up(message: &str) -> ! {
    emergency::serial_line(message);
    fault::stop(qemu::OUT_OF_MEMORY)
}

/// Files what the loader reports as free, without what is already used.
fn collect_memory(boot: &BootInfo) {
    frames::with_free(|free| {
        for region in boot.regions.iter() {
            account::TOTAL.add(region.len);
            if region.kind == RegionKind::Usable {
                free.add(region.start.0, region.len);
            }
        }
        free.remove(0, crate::memory::PAGE);
        free.remove(boot.kernel_base.0, layout::image().len());
        for (start, len) in boot.modules.iter().chain(boot.loader_data) {
            free.remove(start.0, len);
        }
    });
}

extern "C" fn on_own_stack(hand_over: &HandOver<'_>) -> ! {
    let boot = hand_over.boot;
    let apic_id = core::arch::x86_64::__cpuid(1).ebx >> 24;
    let Some(core) = CoreLocal::register(CoreId(0), apic_id, hand_over.stacks) else {
        give_up("velocity: no core data")
    };
    tables::load(core);
    core.set_state(CoreState::System);
    core.avx.store(hand_over.avx, Ordering::Relaxed);
    let tables_done = tsc();
    let screen = boot.framebuffer.and_then(Screen::map);
    let firmware = Firmware::read(boot.rsdp);
    let firmware_done = tsc();
    apic::silence_legacy_controllers();
    if let Err(reason) = apic::enable() {
        panic!("the local APIC cannot be used: {reason}");
    }
    let calibration = Calibration::begin(&firmware);
    let starting = cores::start(boot, &firmware.cores);
    let ports = ports::start(&firmware);
    let routes = [(4, interrupts::SERIAL), (1, interrupts::KEYBOARD), (12, interrupts::MOUSE)];
    io_apic::route(&firmware, &routes, apic::id());
    let ports_done = tsc();
    let clock = calibration.finish(hand_over.entered);
    ports::set_clock(clock);
    x86_64::instructions::interrupts::enable();
    let clock_done = tsc();
    let cores = starting.finish(&clock);
    drill::run(boot.option("fault"));
    let stages = [
        ("memory", clock.at(tables_done)),
        ("firmware", clock.at(firmware_done)),
        ("ports", clock.at(ports_done)),
        ("clock", clock.at(clock_done)),
        ("cores", clock.now()),
    ];
    let parts = machine::Parts { boot, firmware: &firmware, clock, screen, cores, ports, stages: &stages };
    run(System::start(machine::assemble(parts)), &firmware)
}

fn run(mut system: System, firmware: &Firmware) -> ! {
    account::SCREEN.add(system.screen_bytes());
    loop {
        match system.step() {
            Next::Again | Next::Agents => {}
            Next::WaitUntil(deadline) => system.wait(deadline),
            Next::PowerOff => power::off(firmware),
            Next::Reboot => power::reset(firmware),
        }
    }
}
