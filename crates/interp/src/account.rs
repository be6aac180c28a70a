//! The fuel of a run.
//!
//! What is left is split in two: the slice that the run may use now, and the rest. A run is charged without asking and may
//! overdraw its slice, and even the whole, by a bounded amount; it asks only where functions and loops begin and where
//! a long piece of work is paid for. An overdrawn slice is made up for by the next ones, so slices change nothing.

/// What a check of the account says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The charge is paid: go on.
    Paid,
    /// Nothing is paid; there is fuel, but not in this slice.
    SliceOver,
    /// There is less than the charge, and the account is empty now.
    Exhausted,
}

/// The fuel of a run. The sum of both parts is what is left.
#[derive(Clone, Copy, Debug, Default)]
pub struct Account {
    /// Of the slice; negative once it is overdrawn.
    slice: i64,
    /// Beyond the slice; not negative.
    rest: i64,
}

impl Account {
    /// The most fuel there can be.
    pub const MOST: u64 = 1 << 62;

    /// With so much fuel, at most [`Self::MOST`], and an empty slice.
    #[must_use]
    pub const fn new(fuel: u64) -> Self {
        Self { slice: 0, rest: if fuel < Self::MOST { fuel } else { Self::MOST } as i64 }
    }

    /// Begins a slice of so much more fuel; whether there is anything in it.
    pub fn begin_slice(&mut self, fuel: u64) -> bool {
        let granted = i64::try_from(fuel).unwrap_or(i64::MAX).min(self.rest);
        // A slice that was not used up does not last.
        let unused = self.slice.max(0);
        self.rest += unused;
        self.slice -= unused;
        self.slice += granted;
        self.rest -= granted;
        self.slice > 0 || self.rest == 0
    }

    /// Charges what is not checked.
    #[inline(always)]
    pub const fn charge(&mut self, fuel: u32) {
        self.slice -= fuel as i64;
    }

    /// Charges if there is as much.
    #[inline(always)]
    pub const fn checked(&mut self, fuel: u32) -> Checked {
        if self.slice >= fuel as i64 {
            self.slice -= fuel as i64;
            return Checked::Paid;
        }
        self.short(fuel)
    }

    #[cold]
    const fn short(&mut self, fuel: u32) -> Checked {
        if self.slice + self.rest < fuel as i64 {
            *self = Self { slice: 0, rest: 0 };
            return Checked::Exhausted;
        }
        if self.slice <= 0 && self.rest > 0 {
            return Checked::SliceOver;
        }
        self.slice -= fuel as i64;
        Checked::Paid
    }

    /// Pays for a long piece of work, from beyond the slice too; whether there was as much. The account is empty if not.
    pub fn pay(&mut self, fuel: u64) -> bool {
        let fuel = i64::try_from(fuel).unwrap_or(i64::MAX);
        if self.slice + self.rest < fuel {
            *self = Self { slice: 0, rest: 0 };
            return false;
        }
        self.slice -= fuel;
        true
    }

    /// What is left of the slice; negative if it is overdrawn.
    #[must_use]
    pub const fn slice(&self) -> i64 {
        self.slice
    }

    /// What is left of the slice after somebody else charged it.
    pub const fn set_slice(&mut self, slice: i64) {
        self.slice = slice;
    }

    /// What is left; nothing if the account is overdrawn.
    #[must_use]
    pub const fn left(&self) -> u64 {
        let left = self.slice + self.rest;
        if left > 0 { left as u64 } else { 0 }
    }
}
