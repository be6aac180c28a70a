//! What is known at an instruction, along a straight line.

use super::operand::KEPT;
use super::upper::Upper;

/// What is known of a general register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fact {
    #[default]
    Unknown,
    Constant(u64),
    /// Another register and so many bytes; the other one has not been written since.
    Sum(u8, u64),
    /// Where globals lie.
    Globals,
    /// The length of memory: 2^32 at most.
    Length,
    /// Where functions lie.
    Functions,
}

/// What the last instruction compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Compared {
    #[default]
    Nothing,
    /// A register and so many bytes with the length of memory.
    Bounds(u8, u64),
}

#[derive(Clone, Debug)]
pub(super) struct State {
    facts: [Fact; 16],
    /// How many bytes from where a register points lie in memory.
    checked: [u64; 16],
    pub(super) compared: Compared,
    pub(super) upper: Upper,
    /// The instance whose memory is held.
    pub(super) held: Option<u32>,
}

impl State {
    /// At a place of which nothing else is known.
    pub(super) const fn new(held: Option<u32>, upper: Upper) -> Self {
        Self { facts: [Fact::Unknown; 16], checked: [0; 16], compared: Compared::Nothing, upper, held }
    }

    pub(super) fn fact(&self, register: u8) -> Fact {
        self.facts.get(register as usize).copied().unwrap_or_default()
    }

    /// A register gets a value of which this is known.
    pub(super) fn write(&mut self, register: u8, fact: Fact, zero: bool) {
        for known in &mut self.facts {
            if matches!(known, Fact::Sum(base, _) if *base == register) {
                *known = Fact::Unknown;
            }
        }
        if let Some(known) = self.facts.get_mut(register as usize) {
            *known = fact;
        }
        self.set_checked(register, 0);
        self.upper.set(register, zero);
    }

    fn set_checked(&mut self, register: u8, bytes: u64) {
        if let Some(checked) = self.checked.get_mut(register as usize) {
            *checked = bytes;
        }
    }

    /// So many bytes from a register on lie in memory.
    pub(super) fn check(&mut self, register: u8, bytes: u64) {
        if self.checked(register) < bytes {
            self.set_checked(register, bytes);
        }
    }

    fn checked(&self, register: u8) -> u64 {
        self.checked.get(register as usize).copied().unwrap_or_default()
    }

    /// Whether so many bytes from a register on are known to lie in memory.
    pub(super) fn is_checked(&self, register: u8, bytes: u64) -> bool {
        match self.fact(register) {
            Fact::Sum(base, past) => past.checked_add(bytes).is_some_and(|past| past <= self.checked(base)),
            _ => bytes <= self.checked(register),
        }
    }

    /// Code that is elsewhere has run: registers keep their values if they are in the set.
    pub(super) fn forget(&mut self, kept: u16) {
        let mut upper = self.upper;
        upper.keep(kept);
        *self = Self::new(self.held, upper);
    }

    pub(super) fn forget_by_call(&mut self) {
        self.forget(KEPT);
    }
}
