//! Time: the time-stamp counter, calibrated once, and the local APIC timer's rate beside it.

use super::apic;
use super::firmware::Firmware;
use crate::cpu::features;
use core::arch::x86_64::_rdtsc;
use velocity_base::{Cycles, Instant};
use velocity_hal::Clock;
use x86_64::instructions::port::Port;

/// Frequency of the ACPI power-management timer, in hertz (ACPI 6.5, section 4.8.3.3).
const PM_TIMER_HERTZ: u64 = 3_579_545;
/// Frequency of the 8254 interval timer, in hertz.
const PIT_HERTZ: u64 = 1_193_182;
/// Length of the calibration, in microseconds: long enough for an error below one in a thousand, short enough that
/// nobody waits for it.
const CALIBRATION_US: u64 = 2_000;
/// Polls before a dead reference timer is given up.
const PATIENCE: u32 = 1_000_000;

/// The raw counter.
#[must_use]
pub fn tsc() -> u64 {
    // SAFETY: 1. every 64-bit processor has it, and ring 0 may read it.
    unsafe { _rdtsc() }
}

/// The calibrated clock.
#[derive(Clone, Copy, Debug)]
pub struct TscClock {
    start: u64,
    hertz: u64,
    /// Nanoseconds per tick as a 32.32 fixed-point number.
    scale: u64,
    /// Ticks of the local APIC timer per second, as divided.
    pub apic_hertz: u64,
}

impl TscClock {
    fn new(start: u64, hertz: u64, apic_hertz: u64) -> Self {
        let scale = (1_000_000_000_u128 << 32) / u128::from(hertz.max(1));
        Self { start, hertz, scale: u64::try_from(scale).unwrap_or(u64::MAX), apic_hertz }
    }

    /// The instant at which the counter stood at `tsc`.
    #[must_use]
    pub fn at(&self, tsc: u64) -> Instant {
        let ticks = u128::from(tsc.saturating_sub(self.start));
        Instant::from_nanos(((ticks * u128::from(self.scale)) >> 32) as u64)
    }

    /// Timer ticks until `deadline`, at least 1, at most what the timer counts.
    #[must_use]
    pub fn timer_ticks(&self, now: Instant, deadline: Instant) -> u32 {
        let nanos = u128::from(deadline.nanos.saturating_sub(now.nanos));
        let ticks = nanos * u128::from(self.apic_hertz) / 1_000_000_000;
        u32::try_from(ticks).unwrap_or(u32::MAX).max(1)
    }
}

impl Clock for TscClock {
    fn now(&self) -> Instant {
        self.at(tsc())
    }
    fn cycles(&self) -> Cycles {
        Cycles(tsc())
    }
    fn cycles_per_second(&self) -> u64 {
        self.hertz
    }
}

/// The power-management timer: what it showed at the start.
#[derive(Clone, Copy)]
struct PmTimer {
    port: u16,
    start: u32,
}

impl PmTimer {
    const MASK: u32 = 0xff_ffff;

    fn begin(port: u16) -> Self {
        Self { port, start: Self::read(port) }
    }

    fn read(port: u16) -> u32 {
        // SAFETY: 1. the firmware's tables name this port as the timer's; reading it has no effect.
        unsafe { Port::<u32>::new(port).read() & Self::MASK }
    }

    /// Waits until the calibration's length is over; gives the nanoseconds that have passed.
    fn wait(self) -> Option<u64> {
        let target = (PM_TIMER_HERTZ * CALIBRATION_US / 1_000_000) as u32;
        let mut passed = (0..PATIENCE).map(|_| Self::read(self.port).wrapping_sub(self.start) & Self::MASK);
        let passed = passed.find(|&passed| passed >= target)?;
        Some(u64::from(passed) * 1_000_000_000 / PM_TIMER_HERTZ)
    }
}

/// A calibration under way: the boot goes on while the counters run.
pub struct Calibration {
    pm_timer: Option<PmTimer>,
    counters: Counters,
}

/// What is calibrated.
#[derive(Clone, Copy)]
struct Counters {
    tsc: u64,
    apic: u32,
}

impl Counters {
    fn read() -> Self {
        Self { tsc: tsc(), apic: apic::timer_left() }
    }
}

impl Calibration {
    /// Starts the local APIC's timer, which must be up, and notes where the best reference stands.
    #[must_use]
    pub fn begin(firmware: &Firmware) -> Self {
        apic::start_timer(u32::MAX);
        Self { pm_timer: firmware.pm_timer.map(PmTimer::begin), counters: Counters::read() }
    }

    /// Waits for what is left of the calibration's length. `start` is the counter at the clock's zero.
    #[must_use]
    pub fn finish(mut self, start: u64) -> TscClock {
        let waited_ns = self.pm_timer.and_then(PmTimer::wait).or_else(|| {
            self.counters = Counters::read();
            wait_pit()
        });
        let now = Counters::read();
        apic::start_timer(0);
        let Some(waited_ns) = waited_ns else {
            // Without any reference a plausible figure keeps time moving; `version` shows what was assumed.
            return TscClock::new(start, features::told_tsc_hertz().unwrap_or(1_000_000_000), 1_000_000);
        };
        let rate = |ticks: u64| (u128::from(ticks) * 1_000_000_000 / u128::from(waited_ns.max(1))) as u64;
        let hertz = features::told_tsc_hertz().unwrap_or_else(|| rate(now.tsc - self.counters.tsc));
        TscClock::new(start, hertz, rate(u64::from(self.counters.apic - now.apic)))
    }
}

/// Waits for the calibration's length on channel 2 of the interval timer.
fn wait_pit() -> Option<u64> {
    let count = PIT_HERTZ * CALIBRATION_US / 1_000_000;
    let mut gate = Port::<u8>::new(0x61);
    // SAFETY: 1. channel 2 drives the speaker only, which stays off; 2. its gate and output are at port 61h on every PC.
    unsafe {
        let control = gate.read() & 0xfc;
        gate.write(control | 1);
        Port::<u8>::new(0x43).write(0xb0);
        Port::<u8>::new(0x42).write(count as u8);
        Port::<u8>::new(0x42).write((count >> 8) as u8);
        (0..PATIENCE).any(|_| gate.read() & 0x20 != 0).then_some(CALIBRATION_US * 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_nanoseconds_without_drift() {
        let clock = TscClock::new(1_000, 2_500_000_000, 62_500_000);
        assert_eq!(clock.at(1_000), Instant::ZERO);
        assert_eq!(clock.at(0), Instant::ZERO);
        let year_ticks = 2_500_000_000 * 365 * 86_400;
        let year_ns = 365 * 86_400 * 1_000_000_000_u64;
        assert!(clock.at(1_000 + year_ticks).nanos.abs_diff(year_ns) < year_ns / 100_000_000);
    }

    #[test]
    fn timer_ticks_stay_in_range() {
        let clock = TscClock::new(0, 1, 62_500_000);
        let at = Instant::from_nanos;
        assert_eq!(clock.timer_ticks(at(5), at(5)), 1);
        assert_eq!(clock.timer_ticks(at(0), at(1_000_000_000)), 62_500_000);
        assert_eq!(clock.timer_ticks(at(0), at(u64::MAX)), u32::MAX);
    }
}
