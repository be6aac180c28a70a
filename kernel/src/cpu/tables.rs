//! Segment and interrupt tables (Intel SDM volume 3, sections 3.4 and 6.10–6.14).
//!
//! Every vector has an interrupt stack: prebuilt `core` is compiled with a red zone, which an interrupt on the
//! interrupted stack would overwrite. Exceptions, device interrupts and the critical few have one stack each, so a
//! fault inside a handler is still reported.

use super::core_local::CoreLocal;
use crate::memory::stacks::StackKind;
use alloc::boxed::Box;
use spin::Once;
use x86_64::instructions::segmentation::{CS, DS, ES, SS, Segment};
use x86_64::instructions::tables::load_tss;
use x86_64::registers::segmentation::SegmentSelector;
use x86_64::structures::gdt::{Descriptor, GlobalDescriptorTable};
#[cfg(velocity_bare)]
use x86_64::structures::idt::Entry;
use x86_64::structures::idt::InterruptDescriptorTable;
use x86_64::structures::tss::TaskStateSegment;

/// Interrupt stack indices.
const IST_FAULT: u16 = 0;
const IST_INTERRUPT: u16 = 1;
const IST_CRITICAL: u16 = 2;

/// Non-maskable interrupt, double fault, machine check.
const CRITICAL: [u8; 3] = [2, 8, 18];

static IDT: Once<InterruptDescriptorTable> = Once::new();

/// Loads segment tables, task state and interrupt table on the running core and installs `core` as its local data.
pub fn load(core: &'static CoreLocal) {
    let mut tss = Box::new(TaskStateSegment::new());
    let ists =
        [(IST_FAULT, StackKind::Fault), (IST_INTERRUPT, StackKind::Interrupt), (IST_CRITICAL, StackKind::Critical)];
    for (index, kind) in ists {
        tss.interrupt_stack_table[usize::from(index)] = core.stacks.top(kind);
    }
    let mut gdt = Box::new(GlobalDescriptorTable::new());
    let code = gdt.append(Descriptor::kernel_code_segment());
    let data = gdt.append(Descriptor::kernel_data_segment());
    let task = gdt.append(Descriptor::tss_segment(Box::leak(tss)));
    Box::leak(gdt).load();
    // SAFETY: 1. the selectors are those of the table just loaded; 2. the task state is never freed.
    unsafe {
        CS::set_reg(code);
        SS::set_reg(data);
        DS::set_reg(SegmentSelector::NULL);
        ES::set_reg(SegmentSelector::NULL);
        load_tss(task);
    }
    core.install();
    IDT.call_once(interrupt_table).load();
}

#[cfg(velocity_bare)]
fn interrupt_table() -> InterruptDescriptorTable {
    let mut idt = InterruptDescriptorTable::new();
    set(&mut idt.divide_error, 0);
    set(&mut idt.debug, 1);
    set(&mut idt.non_maskable_interrupt, 2);
    set(&mut idt.breakpoint, 3);
    set(&mut idt.overflow, 4);
    set(&mut idt.bound_range_exceeded, 5);
    set(&mut idt.invalid_opcode, 6);
    set(&mut idt.device_not_available, 7);
    set(&mut idt.double_fault, 8);
    set(&mut idt.invalid_tss, 10);
    set(&mut idt.segment_not_present, 11);
    set(&mut idt.stack_segment_fault, 12);
    set(&mut idt.general_protection_fault, 13);
    set(&mut idt.page_fault, 14);
    set(&mut idt.x87_floating_point, 16);
    set(&mut idt.alignment_check, 17);
    set(&mut idt.machine_check, 18);
    set(&mut idt.simd_floating_point, 19);
    set(&mut idt.virtualization, 20);
    for vector in 32..=255 {
        set(&mut idt[vector], vector);
    }
    idt
}

/// Fills the gate of `vector`. Once for each type of handler instead of once for each gate.
#[cfg(velocity_bare)]
#[inline(never)]
fn set<F>(entry: &mut Entry<F>, vector: u8) {
    let ist = match vector {
        _ if CRITICAL.contains(&vector) => IST_CRITICAL,
        0..32 => IST_FAULT,
        _ => IST_INTERRUPT,
    };
    // SAFETY: 1. the stub at this address saves all registers and returns with `iretq`; 2. the stack index is filled in
    // `load` on every core.
    unsafe { entry.set_handler_addr(super::vectors::stub(vector)).set_stack_index(ist) };
}

/// On the host there are no stubs; the table stays empty and is never loaded.
#[cfg(not(velocity_bare))]
fn interrupt_table() -> InterruptDescriptorTable {
    let _ = (CRITICAL, IST_FAULT, IST_INTERRUPT, IST_CRITICAL);
    InterruptDescriptorTable::new()
}
