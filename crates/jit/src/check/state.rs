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

#[derive(Debug)]
pub(super) struct State {
    /// Only those of registers in `known` mean something.
    facts: [Fact; 16],
    known: u16,
    /// Those that are sums.
    sums: u16,
    /// How many bytes from where a register points lie in memory: of registers in `reaching`, of all others none.
    checked: [u64; 16],
    reaching: u16,
    pub(super) compared: Compared,
    pub(super) upper: Upper,
    /// The instance whose memory is held.
    pub(super) held: Option<u32>,
}

impl State {
    /// At a place of which nothing else is known.
    pub(super) const fn new(held: Option<u32>, upper: Upper) -> Self {
        Self {
            facts: [Fact::Unknown; 16],
            known: 0,
            sums: 0,
            checked: [0; 16],
            reaching: 0,
            compared: Compared::Nothing,
            upper,
            held,
        }
    }

    /// The same, in the place of what was known.
    pub(super) const fn renew(&mut self, held: Option<u32>, upper: Upper) {
        (self.known, self.sums, self.reaching, self.compared) = (0, 0, 0, Compared::Nothing);
        (self.upper, self.held) = (upper, held);
    }

    pub(super) fn fact(&self, register: u8) -> Fact {
        if has(self.known, register) { self.facts[register as usize & 15] } else { Fact::Unknown }
    }

    /// A register gets a value of which this is known.
    pub(super) fn write(&mut self, register: u8, fact: Fact, zero: bool) {
        let mut sums = self.sums;
        while sums != 0 {
            let sum = sums.trailing_zeros() as u8;
            sums &= sums - 1;
            if matches!(self.facts[sum as usize & 15], Fact::Sum(base, _) if base == register) {
                (self.known, self.sums) = (self.known & !bit(sum), self.sums & !bit(sum));
            }
        }
        let own = bit(register);
        self.facts[register as usize & 15] = fact;
        self.known = if fact == Fact::Unknown { self.known & !own } else { self.known | own };
        self.sums = if matches!(fact, Fact::Sum(..)) { self.sums | own } else { self.sums & !own };
        self.reaching &= !own;
        self.upper.set(register, zero);
    }

    /// So many bytes from a register on lie in memory.
    pub(super) fn check(&mut self, register: u8, bytes: u64) {
        if self.checked(register) < bytes {
            self.checked[register as usize & 15] = bytes;
            self.reaching |= bit(register);
        }
    }

    fn checked(&self, register: u8) -> u64 {
        if has(self.reaching, register) { self.checked[register as usize & 15] } else { 0 }
    }

    /// Whether so many bytes from a register on are known to lie in memory.
    pub(super) fn is_checked(&self, register: u8, bytes: u64) -> bool {
        match self.fact(register) {
            Fact::Sum(base, past) => past.checked_add(bytes).is_some_and(|past| past <= self.checked(base)),
            _ => bytes <= self.checked(register),
        }
    }

    /// Code that is elsewhere has run: registers keep their values if they are in the set.
    pub(super) const fn forget(&mut self, kept: u16) {
        let mut upper = self.upper;
        upper.keep(kept);
        self.renew(self.held, upper);
    }

    pub(super) const fn forget_by_call(&mut self) {
        self.forget(KEPT);
    }
}

/// A register as a set.
const fn bit(register: u8) -> u16 {
    1 << (register & 15)
}

const fn has(set: u16, register: u8) -> bool {
    set & bit(register) != 0
}
