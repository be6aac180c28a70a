//! Message-signalled interrupts: a vector each, delivered to the core that booted (Intel SDM volume 3, section 11.11).

use crate::cpu::interrupts::{MSI_ARRIVALS, MSI_COUNT, MSI_FIRST};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};
use velocity_hal::{InterruptError, InterruptLine, Interrupts, MsiMessage};

/// Gives out vectors.
pub struct MsiVectors {
    /// APIC id of the core that handles them; at most 255, as the address format has no more room.
    pub apic_id: u32,
    next: AtomicUsize,
}

impl MsiVectors {
    /// Vectors that interrupt the core with `apic_id`.
    #[must_use]
    pub const fn new(apic_id: u32) -> Self {
        Self { apic_id, next: AtomicUsize::new(0) }
    }
}

struct Line {
    index: usize,
    apic_id: u32,
}

impl Interrupts for MsiVectors {
    fn allocate_msi(&self, _owner: &'static str) -> Result<Arc<dyn InterruptLine>, InterruptError> {
        if self.apic_id > 0xff {
            return Err(InterruptError::Unsupported);
        }
        let taken =
            self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| (next < MSI_COUNT).then_some(next + 1));
        let index = taken.map_err(|_| InterruptError::NoVectorLeft)?;
        Ok(Arc::new(Line { index, apic_id: self.apic_id }))
    }
}

impl InterruptLine for Line {
    fn message(&self) -> MsiMessage {
        let address = 0xfee0_0000 | u64::from(self.apic_id) << 12;
        MsiMessage { address, data: u32::from(MSI_FIRST) + self.index as u32 }
    }
    fn is_pending(&self) -> bool {
        MSI_ARRIVALS[self.index].load(Ordering::Acquire) != 0
    }
    fn take(&self) -> u32 {
        MSI_ARRIVALS[self.index].swap(0, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_run_out_and_say_so() {
        let vectors = MsiVectors::new(3);
        let first = vectors.allocate_msi("test").expect("a vector");
        assert_eq!(first.message(), MsiMessage { address: 0xfee0_3000, data: 0x40 });
        for _ in 1..MSI_COUNT {
            assert!(vectors.allocate_msi("test").is_ok());
        }
        assert_eq!(vectors.allocate_msi("test").err(), Some(InterruptError::NoVectorLeft));
        assert_eq!(MsiVectors::new(256).allocate_msi("test").err(), Some(InterruptError::Unsupported));
    }
}
