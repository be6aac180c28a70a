//! Registers by number, and places in memory.

pub(super) const RAX: u8 = 0;
pub(super) const RDX: u8 = 2;
pub(super) const RSP: u8 = 4;
pub(super) const RSI: u8 = 6;
pub(super) const R13: u8 = 13;
pub(super) const R14: u8 = 14;
pub(super) const R15: u8 = 15;

/// General registers with a meaning of their own.
pub(super) const RESERVED: u16 = 1 << RSP | 1 << R13 | 1 << R14 | 1 << R15;

/// Registers that a function keeps for its caller: `rbx`, `rbp`, `r8` to `r12`.
pub(super) const KEPT: u16 = 1 << 3 | 1 << 5 | 0x1F00;

/// An operand in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) base: Base,
    /// A register, and what it is multiplied by.
    pub(super) index: Option<(u8, u32)>,
    pub(super) displacement: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Of 64 bits.
    Gpr(u8),
    /// None, which is no place in memory.
    Nothing,
    /// The displacement is the place in the unit.
    Code,
}

impl Memory {
    pub(super) const fn at(base: u8, displacement: i64) -> Self {
        Self { base: Base::Gpr(base), index: None, displacement }
    }

    pub(super) const fn indexed(base: u8, index: u8, scale: u32) -> Self {
        Self { base: Base::Gpr(base), index: Some((index, scale)), displacement: 0 }
    }
}
