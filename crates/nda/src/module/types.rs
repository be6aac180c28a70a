//! Types and values of the core (WebAssembly core specification 1.0, 2.3 "Types"; 2.0 for several results).

use super::{List, Pooled};
use core::fmt;

/// A value type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Type {
    /// 32-bit integer.
    I32 = 1,
    /// 64-bit integer.
    I64 = 2,
    /// IEEE 754 binary32.
    F32 = 3,
    /// IEEE 754 binary64.
    F64 = 4,
}

impl Type {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::I32, Self::I64, Self::F32, Self::F64];

    /// The type of number `code`, which is 1 to 4.
    #[must_use]
    pub const fn of_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::I32),
            2 => Some(Self::I64),
            3 => Some(Self::F32),
            4 => Some(Self::F64),
            _ => None,
        }
    }

    /// Bytes in linear memory.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            Self::I32 | Self::F32 => 4,
            Self::I64 | Self::F64 => 8,
        }
    }

    /// The value of all zero bits: what a local is before it is set.
    #[must_use]
    pub const fn zero(self) -> Value {
        match self {
            Self::I32 => Value::I32(0),
            Self::I64 => Value::I64(0),
            Self::F32 => Value::F32(0),
            Self::F64 => Value::F64(0),
        }
    }
}

impl Pooled for Type {
    fn to_word(self) -> u32 {
        self as u32
    }

    /// Words that are no type (which only a damaged pool holds) read as `i32`.
    fn from_word(word: u32) -> Self {
        u8::try_from(word).ok().and_then(Self::of_code).unwrap_or(Self::I32)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
        })
    }
}

/// A value with its type. Floating-point values are kept as bits, so that a NaN keeps its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a binary32.
    F32(u32),
    /// The bits of a binary64.
    F64(u64),
}

impl Value {
    /// Its type.
    #[must_use]
    pub const fn ty(self) -> Type {
        match self {
            Self::I32(_) => Type::I32,
            Self::I64(_) => Type::I64,
            Self::F32(_) => Type::F32,
            Self::F64(_) => Type::F64,
        }
    }

    /// Its bits in the low end of a word; the rest is zero.
    #[must_use]
    pub const fn bits(self) -> u64 {
        match self {
            Self::I32(value) => value as u32 as u64,
            Self::I64(value) => value as u64,
            Self::F32(bits) => bits as u64,
            Self::F64(bits) => bits,
        }
    }

    /// The value of type `ty` whose bits are in the low end of `bits`.
    #[must_use]
    pub const fn of_bits(ty: Type, bits: u64) -> Self {
        match ty {
            Type::I32 => Self::I32(bits as u32 as i32),
            Type::I64 => Self::I64(bits as i64),
            Type::F32 => Self::F32(bits as u32),
            Type::F64 => Self::F64(bits),
        }
    }
}

impl fmt::Display for Value {
    /// Integers in decimal; floats as the shortest text that reads back as the same number, always with a `.` or an
    /// exponent; `inf`, `-inf`, `nan` otherwise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::I32(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
            Self::F32(bits) if f32::from_bits(bits).is_nan() => f.write_str("nan"),
            Self::F64(bits) if f64::from_bits(bits).is_nan() => f.write_str("nan"),
            Self::F32(bits) => fmt::Debug::fmt(&f32::from_bits(bits), f),
            Self::F64(bits) => fmt::Debug::fmt(&f64::from_bits(bits), f),
        }
    }
}

/// Parameters and results of a function.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// From left to right.
    pub parameters: List<Type>,
    /// None, one or several.
    pub results: List<Type>,
}

/// What the evaluation of a node leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Yield(u32);

impl Yield {
    /// No value.
    pub const NONE: Self = Self(0);
    /// Control never comes back: fits wherever anything is wanted.
    pub const NEVER: Self = Self(5);

    /// One value.
    #[must_use]
    pub const fn one(ty: Type) -> Self {
        Self(ty as u32)
    }

    /// Two or more values, of the types in `list`, which is not empty.
    #[must_use]
    pub const fn many(list: List<Type>) -> Self {
        Self(5 + list.position())
    }

    /// The shape, for matching.
    #[must_use]
    pub const fn shape(self) -> Shape {
        match self.0 {
            0 => Shape::None,
            1 => Shape::One(Type::I32),
            2 => Shape::One(Type::I64),
            3 => Shape::One(Type::F32),
            4 => Shape::One(Type::F64),
            5 => Shape::Never,
            other => Shape::Many(List::at(other - 5)),
        }
    }
}

/// A [`Yield`] taken apart.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// No value.
    None,
    /// One value.
    One(Type),
    /// Two or more values.
    Many(List<Type>),
    /// Control never comes back.
    Never,
}
