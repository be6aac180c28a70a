//! What the processor can do, and switching it on (Intel SDM volume 3, chapters 2, 4, 12 and 13).

use alloc::string::String;
use core::arch::x86_64::{__cpuid, __cpuid_count};
use velocity_base::PhysAddr;
use x86_64::registers::control::{Cr0, Cr0Flags, Cr3, Cr3Flags, Cr4, Cr4Flags, Efer, EferFlags};
use x86_64::registers::model_specific::Msr;
use x86_64::registers::xcontrol::{XCr0, XCr0Flags};
use x86_64::structures::paging::PhysFrame;

/// `IA32_PAT`: entry 1 is write-combining, the others as after reset (WB, WC, UC-, UC, WB, WT, UC-, UC).
const PAT: (u32, u64) = (0x277, 0x0007_0406_0007_0106);

fn leaf(number: u32) -> core::arch::x86_64::CpuidResult {
    let base = number & 0x8000_0000;
    let zero = core::arch::x86_64::CpuidResult { eax: 0, ebx: 0, ecx: 0, edx: 0 };
    if __cpuid(base).eax < number { zero } else { __cpuid_count(number, 0) }
}

/// Whether tables may map 1 GiB at once.
#[must_use]
pub fn has_1gib_pages() -> bool {
    leaf(0x8000_0001).edx & (1 << 26) != 0
}

/// Whether AVX state can be enabled (XSAVE and AVX present).
#[must_use]
pub fn has_avx() -> bool {
    let features = leaf(1).ecx;
    features & (1 << 26) != 0 && features & (1 << 28) != 0
}

/// Whether the time-stamp counter runs at one rate in all states.
#[must_use]
pub fn has_invariant_tsc() -> bool {
    leaf(0x8000_0007).edx & (1 << 8) != 0
}

/// The counter's frequency in hertz where the processor tells it (leaf 15h).
#[must_use]
pub fn told_tsc_hertz() -> Option<u64> {
    let tsc = leaf(0x15);
    let known = tsc.eax != 0 && tsc.ebx != 0 && tsc.ecx != 0;
    known.then(|| u64::from(tsc.ecx) * u64::from(tsc.ebx) / u64::from(tsc.eax))
}

/// Whether a hypervisor is below.
#[must_use]
pub fn is_virtual() -> bool {
    leaf(1).ecx & (1 << 31) != 0
}

/// The brand string, trimmed.
#[must_use]
pub fn brand() -> String {
    let mut bytes = [0_u8; 48];
    for (number, part) in (0x8000_0002..).zip(bytes.chunks_exact_mut(16)) {
        let words = leaf(number);
        for (word, place) in [words.eax, words.ebx, words.ecx, words.edx].into_iter().zip(part.chunks_exact_mut(4)) {
            place.copy_from_slice(&word.to_le_bytes());
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.trim_matches(|character: char| character == '\0' || character.is_whitespace()).into()
}

/// NX, write protection, global pages and the page attribute table, on this core.
///
/// # Safety
/// 1. Ring 0. 2. No current mapping relies on PAT entry 1 being write-through.
pub unsafe fn enable_paging_features() {
    // SAFETY: 1. every 64-bit processor has NX, PGE and PAT; 2. the caller vouches for the mappings.
    unsafe {
        Efer::update(|efer| efer.insert(EferFlags::NO_EXECUTE_ENABLE));
        Cr0::update(|cr0| cr0.insert(Cr0Flags::WRITE_PROTECT));
        Cr4::update(|cr4| cr4.insert(Cr4Flags::PAGE_GLOBAL));
        Msr::new(PAT.0).write(PAT.1);
    }
}

/// Switches this core to the tables at `root`.
///
/// # Safety
/// The tables must map everything in use at the addresses in use.
pub unsafe fn load_root(root: PhysAddr) {
    let frame = PhysFrame::containing_address(x86_64::PhysAddr::new(root.0));
    // SAFETY: 1. the caller vouches for the tables.
    unsafe { Cr3::write(frame, Cr3Flags::empty()) };
}

/// `MXCSR` after reset: every exception masked, round to nearest, denormals kept (Intel SDM volume 1, section 10.2.3).
const MXCSR: u32 = 0x1f80;

/// Sets SSE's control word on this core, whatever the firmware left there, and enables AVX state where there is any; tells
/// whether it is on.
///
/// # Safety
/// Ring 0, SSE enabled.
pub unsafe fn enable_vectors() -> bool {
    // SAFETY: 1. SSE is enabled, says the caller; 2. the word lives on this stack; 3. no bit of it is reserved.
    unsafe { core::arch::asm!("ldmxcsr [{}]", in(reg) &MXCSR, options(nostack, readonly)) };
    if !has_avx() {
        return false;
    }
    // SAFETY: 1. XSAVE and AVX are present; 2. x87 and SSE bits are set together with AVX, as XCR0 demands.
    unsafe {
        Cr4::update(|cr4| cr4.insert(Cr4Flags::OSXSAVE));
        XCr0::write(XCr0Flags::X87 | XCr0Flags::SSE | XCr0Flags::AVX);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_processor_answers_sensibly() {
        assert!(!brand().contains('\0'));
        if let Some(hertz) = told_tsc_hertz() {
            assert!(hertz > 100_000_000);
        }
        assert!(std::arch::is_x86_feature_detected!("sse2"));
        assert!(!std::arch::is_x86_feature_detected!("avx") || has_avx());
    }

    #[test]
    fn pat_entry_one_is_write_combining_and_three_uncached() {
        assert_eq!(PAT.1.to_le_bytes(), [6, 1, 7, 0, 6, 4, 7, 0]);
    }
}
