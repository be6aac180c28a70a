//! What the operands of an instruction are for.

/// What becomes of a general register that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Out {
    /// All 64 bits.
    Wide,
    /// The lower half; the upper half is zero afterwards.
    Narrow,
    /// Some of it.
    Part,
}

/// A form: what its operands are for. The number is how many bytes an operand in memory has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Writes a register from the second operand, which may be in memory (and from itself).
    Write(Out, u8),
    /// The same, but only between registers.
    Between(Out),
    /// Reads two operands, one of which may be in memory.
    Compare(u8),
    /// Writes memory.
    Store(u8),
    Lea(Out),
    /// Works on `rax` and `rdx`.
    Pair(Out, u8),
    /// Writes a vector register from one or from memory.
    Vector(u8),
    /// Writes a vector register from a general one, or from one of its kind.
    VectorBetween,
    Branch,
    Jump,
    JumpTo,
    Call,
    CallTo,
    Return,
    Push,
    Pop,
    PushMemory,
    PopMemory,
    Stop,
}
