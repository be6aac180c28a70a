//! How operators compare integers.

use super::BinaryOp as Op;

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `==`
    Equal,
    /// `!=`
    Different,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

use Relation as Is;

impl Relation {
    /// What holds when it does not.
    #[must_use]
    pub const fn not(self) -> Self {
        match self {
            Is::Equal => Is::Different,
            Is::Different => Is::Equal,
            Is::Less => Is::GreaterEqual,
            Is::LessEqual => Is::Greater,
            Is::Greater => Is::LessEqual,
            Is::GreaterEqual => Is::Less,
        }
    }

    /// The same with both sides exchanged, or negated.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Is::Less => Is::Greater,
            Is::LessEqual => Is::GreaterEqual,
            Is::Greater => Is::Less,
            Is::GreaterEqual => Is::LessEqual,
            same => same,
        }
    }
}

impl Op {
    /// What it compares integers by, and whether they have a sign for it; `None` if it does something else.
    #[must_use]
    pub const fn relation(self) -> Option<(Relation, bool)> {
        Some(match self {
            Self::I32Eq | Self::I64Eq => (Is::Equal, true),
            Self::I32Ne | Self::I64Ne => (Is::Different, true),
            Self::I32LtS | Self::I64LtS => (Is::Less, true),
            Self::I32LtU | Self::I64LtU => (Is::Less, false),
            Self::I32LeS | Self::I64LeS => (Is::LessEqual, true),
            Self::I32LeU | Self::I64LeU => (Is::LessEqual, false),
            Self::I32GtS | Self::I64GtS => (Is::Greater, true),
            Self::I32GtU | Self::I64GtU => (Is::Greater, false),
            Self::I32GeS | Self::I64GeS => (Is::GreaterEqual, true),
            Self::I32GeU | Self::I64GeU => (Is::GreaterEqual, false),
            _ => return None,
        })
    }
}
