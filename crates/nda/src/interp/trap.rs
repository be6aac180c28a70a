//! How a run can fail, before it starts and on the way. Names follow WebAssembly's specification tests.

use crate::diagnostics::render;
use crate::span::Span;
use alloc::string::String;
use core::fmt;

/// Why a program was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrapKind {
    /// `/` or `%` with a divisor of zero.
    DivideByZero,
    /// The smallest number divided by -1: the quotient does not fit.
    IntegerOverflow,
    /// More nodes were evaluated than [`Limits::fuel`](super::Limits::fuel).
    FuelExhausted,
    /// More calls or values are active than [`Limits`](super::Limits) allow.
    StackOverflow,
}

impl TrapKind {
    /// What to look at.
    const fn help(self) -> &'static str {
        match self {
            Self::DivideByZero => "test the divisor before dividing",
            Self::IntegerOverflow => "the smallest number has no positive counterpart; test for it, or use `i64`",
            Self::FuelExhausted => "the program used all the work it was given; look for a loop that does not end",
            Self::StackOverflow => "calls nest too deeply; look for a recursion that does not end, or use a loop",
        }
    }
}

impl fmt::Display for TrapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DivideByZero => "integer divide by zero",
            Self::IntegerOverflow => "integer overflow",
            Self::FuelExhausted => "fuel exhausted",
            Self::StackOverflow => "call stack exhausted",
        })
    }
}

/// A program was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Why.
    pub kind: TrapKind,
    /// The expression that was being evaluated.
    pub span: Span,
    /// The function it belongs to.
    pub function: String,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in function {}", self.kind, render::Quoted(&self.function))
    }
}

impl Trap {
    /// The trap as text for a person, with the source line it stands in.
    #[must_use]
    pub fn render(&self, file_name: &str, source: &str) -> String {
        let mut out = String::new();
        render::line(&mut out, format_args!("trap: {self}"));
        render::snippet(&mut out, file_name, source, self.span, "");
        render::line(&mut out, format_args!("  help: {}", self.kind.help()));
        out
    }
}

/// Why a program cannot start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The module has no function of this name.
    NoSuchFunction {
        /// The name asked for.
        name: String,
    },
    /// The function needs arguments, and there is nobody to give them.
    HasParameters {
        /// The function's name.
        name: String,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchFunction { name } => {
                write!(f, "the program has no function `{name}` to start with; add `fn {name}() {{ ... }}`")
            }
            Self::HasParameters { name } => {
                write!(f, "the program starts with `{name}`, which must have no parameters; write `fn {name}()`")
            }
        }
    }
}

impl core::error::Error for StartError {}
