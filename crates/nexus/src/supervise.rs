//! What is done about an agent that has ended.

use velocity_base::Duration;

/// Whether an agent that has ended begins anew. Each time, it waits twice as long, and no longer than [`Restart::LONGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Restart {
    /// It does not.
    #[default]
    Never,
    /// If it has failed, so many times.
    OnFailure(u32),
    /// However it has ended, so many times.
    Always(u32),
}

impl Restart {
    /// How long it waits the first time.
    pub const FIRST: Duration = Duration::from_millis(10);
    /// How long it waits at most.
    pub const LONGEST: Duration = Duration::from_secs(10);

    /// How long it waits before it begins anew after it was begun anew so many times; `None` if it does not.
    #[must_use]
    pub fn wait(self, failed: bool, restarts: u32) -> Option<Duration> {
        let (applies, most) = match self {
            Self::Never => (false, 0),
            Self::OnFailure(most) => (failed, most),
            Self::Always(most) => (true, most),
        };
        let wait = Self::FIRST.saturating_mul(1 << restarts.min(20)).min(Self::LONGEST);
        (applies && restarts < most).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_it_waits_twice_as_long() {
        let waits: Vec<_> = (0..13).map_while(|restarts| Restart::OnFailure(12).wait(true, restarts)).collect();
        assert_eq!(waits.len(), 12);
        assert_eq!((waits[0], waits[1], waits[9]), (Restart::FIRST, Restart::FIRST * 2, Restart::FIRST * 512));
        assert!(waits[10..].iter().all(|wait| *wait == Restart::LONGEST));
        assert_eq!(Restart::OnFailure(12).wait(false, 0), None);
        assert_eq!(Restart::Always(u32::MAX).wait(false, u32::MAX - 1), Some(Restart::LONGEST));
        assert_eq!(Restart::Never.wait(true, 0), None);
    }
}
