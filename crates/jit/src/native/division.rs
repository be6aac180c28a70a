//! Short cuts in front of the processor's division, for processors whose division is slow. Which of them are worth it only a
//! measurement on the processor can say; without one, code has none.

use crate::exec::fiber::RECIPROCALS;
use alloc::collections::TryReserveError;
use alloc::sync::Arc;
use alloc::vec::Vec;
use spin::Once;

/// The smallest divisor that has a reciprocal.
pub(super) const FIRST: u32 = 2;

/// The reciprocals of divisors of 16 bits: 2^64 over each, rounded up. The upper half of a dividend of 32 bits times that is the quotient,
/// as the divisor times the error is below 2^32 (Granlund, Montgomery 1994, theorem 4.2). They take 512 KiB from when the first code needs them.
#[derive(Debug, Default)]
pub struct Reciprocals(Once<Vec<u64>>);

impl Reciprocals {
    /// Computes them, if that was not done; whether there was memory for them.
    pub(super) fn fill(&self) -> bool {
        let made = self.0.try_call_once(|| {
            let mut all = Vec::new();
            all.try_reserve_exact(RECIPROCALS as usize)?;
            all.extend((FIRST..FIRST + RECIPROCALS).map(|divisor| u64::MAX / u64::from(divisor) + 1));
            Ok::<_, TryReserveError>(all)
        });
        made.is_ok()
    }

    /// 0 if nothing needed them yet.
    pub(super) fn address(&self) -> u64 {
        self.0.get().map_or(0, |all| all.as_ptr() as u64)
    }
}

/// How code divides whole numbers by what is not a constant. Results and traps are always the same.
#[derive(Clone, Debug, Default)]
pub struct Division {
    /// Numbers of 32 bits by divisors of 16 bits: by a product with the reciprocal from this table.
    pub reciprocals: Option<Arc<Reciprocals>>,
    /// Numbers of 64 bits that both fit 32 bits: by the division of 32 bits.
    pub narrows: bool,
}

/// The same, as far as it matters for making code.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ShortCuts {
    pub(crate) reciprocals: bool,
    pub(crate) narrows: bool,
}

impl Division {
    pub(super) const fn short_cuts(&self) -> ShortCuts {
        ShortCuts { reciprocals: self.reciprocals.is_some(), narrows: self.narrows }
    }
}
