//! The machine's clock: the host's time-stamp counter, calibrated against the host's own clock.
//!
//! Needs the invariant TSC that x86-64 processors have had since 2008. On another processor the counter is the host
//! clock's nanoseconds.

use std::sync::OnceLock;
use std::time::{Duration, Instant as HostInstant};
use velocity_base::{Cycles, Instant};
use velocity_hal::Clock;

/// How long calibration watches both clocks; the error of its two readings (about 100 ns) is then below 0.01 %.
const CALIBRATION: Duration = Duration::from_millis(2);

/// Fraction bits of the nanoseconds-per-tick factor.
const FRACTION_BITS: u32 = 32;

/// Ticks per second of this host's counter; measured once, because it never changes.
static FREQUENCY: OnceLock<u64> = OnceLock::new();

/// A clock that started when it was made.
#[derive(Clone, Copy, Debug)]
pub struct TscClock {
    start: u64,
    ticks_per_second: u64,
    /// Nanoseconds a tick, as a fixed-point number with [`FRACTION_BITS`].
    nanos_per_tick: u64,
}

impl TscClock {
    /// A clock that shows zero now. The first one of a process takes [`CALIBRATION`] to make.
    #[must_use]
    pub fn start() -> Self {
        let ticks_per_second = *FREQUENCY.get_or_init(measure);
        let nanos_per_tick = ((1_000_000_000_u128 << FRACTION_BITS) / u128::from(ticks_per_second)) as u64;
        Self { start: ticks(), ticks_per_second, nanos_per_tick }
    }
}

impl Clock for TscClock {
    fn now(&self) -> Instant {
        // Readings of two cores may differ by a few ticks: never go back past the start.
        let elapsed = ticks().saturating_sub(self.start);
        Instant::from_nanos(((u128::from(elapsed) * u128::from(self.nanos_per_tick)) >> FRACTION_BITS) as u64)
    }

    fn cycles(&self) -> Cycles {
        Cycles(ticks())
    }

    fn cycles_per_second(&self) -> u64 {
        self.ticks_per_second
    }
}

/// Ticks per second, at least 1 MHz so that the factor above fits.
fn measure() -> u64 {
    let (host, first) = (HostInstant::now(), ticks());
    while host.elapsed() < CALIBRATION {
        std::hint::spin_loop();
    }
    let (elapsed, last) = (host.elapsed(), ticks());
    let per_second = u128::from(last.saturating_sub(first)) * 1_000_000_000 / elapsed.as_nanos().max(1);
    u64::try_from(per_second).unwrap_or(u64::MAX).max(1_000_000)
}

#[cfg(target_arch = "x86_64")]
fn ticks() -> u64 {
    // SAFETY: 1. RDTSC is part of every x86-64 processor; 2. it touches no memory.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
fn ticks() -> u64 {
    static ORIGIN: OnceLock<HostInstant> = OnceLock::new();
    u64::try_from(ORIGIN.get_or_init(HostInstant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_agrees_with_the_hosts_clock() {
        let outer = HostInstant::now();
        let clock = TscClock::start();
        let inner = HostInstant::now();
        std::thread::sleep(Duration::from_millis(50));
        let shortest = inner.elapsed();
        let ours = Duration::from_nanos(clock.now().nanos);
        let longest = outer.elapsed();
        assert!(ours >= shortest.mul_f64(0.99) && ours <= longest.mul_f64(1.01), "{shortest:?} {ours:?} {longest:?}");
    }
}
