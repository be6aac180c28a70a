//! How a run can fail. Names follow the specification's own tests.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use velocity_gate::secrets::{Redactor, redact};
use velocity_nda::{Quoted, Span, line, place_of, snippet};

/// Why a host function did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostError(
    /// What is wrong, as the end of a sentence: "the port is not there".
    pub &'static str,
);

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for HostError {}

/// Declares the traps: name, text, help.
macro_rules! traps {
    ($($(#[doc = $doc:literal])+ $name:ident $text:literal $help:literal,)+) => {
        /// Why a program was stopped.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum TrapKind {
            $($(#[doc = $doc])+ $name,)+
            /// A host function failed.
            Host(HostError),
        }

        impl TrapKind {
            /// What to look at.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self {
                    $(Self::$name => $help,)+
                    Self::Host(_) => "the system refused what the program asked for; look at the arguments",
                }
            }
        }

        impl fmt::Display for TrapKind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name => f.write_str($text),)+
                    Self::Host(error) => error.fmt(f),
                }
            }
        }
    };
}

traps! {
    /// An integer division with a divisor of zero.
    DivideByZero "integer divide by zero" "test the divisor before dividing",
    /// The smallest number divided by -1, or a float too large for the integer: the result does not fit.
    IntegerOverflow "integer overflow"
        "the result does not fit its type; test for the ends of the range, or use a wider type",
    /// An integer asked for what is not a number.
    InvalidConversion "invalid conversion to integer" "test the number with `x == x` before converting it",
    /// A load, a store or a bulk operation outside of the memory.
    MemoryBounds "out of bounds memory access" "check the index against the length, or let the memory grow first",
    /// A bulk operation outside of a table, or of an element segment.
    TableBounds "out of bounds table access" "check the range against the size of the table",
    /// An indirect call beyond the end of the table.
    UndefinedElement "undefined element" "check the index against the size of the table",
    /// An indirect call of an empty entry.
    UninitializedElement "uninitialized element" "put a function there with an `element` item",
    /// An indirect call of a function with another signature.
    IndirectCallType "indirect call type mismatch" "the function at that index has other parameters or results",
    /// `unreachable` was reached.
    Unreachable "unreachable" "the program says that it never comes here; look at what led to it",
    /// More fuel was needed than [`Limits::fuel`](crate::Limits::fuel).
    FuelExhausted "fuel exhausted" "the program used all the work it was given; look for a loop that does not end",
    /// More calls or values are active than [`Limits`](crate::Limits) allow.
    StackOverflow "call stack exhausted"
        "calls nest too deeply; look for a recursion that does not end, or use a loop",
}

/// A program was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Why.
    pub kind: TrapKind,
    /// The node that was being evaluated; empty if the module was not read from text.
    pub span: Span,
    /// The function it belongs to, or its number if it has no name; empty outside of every function.
    pub function: String,
    /// Who called it, and who called that: the latest calls first, [`Callers::MOST`](crate::engine::Callers::MOST) at most.
    pub callers: Vec<CallSite>,
    /// How many calls were active beside those.
    pub more_callers: u64,
}

/// A call that was active when a program was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSite {
    /// The function that called, or its number if it has no name.
    pub function: String,
    /// The node of the call; empty if the module was not read from text.
    pub span: Span,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        if self.function.is_empty() {
            return Ok(());
        }
        write!(f, " in function {}", Quoted(&self.function))
    }
}

impl core::error::Error for Trap {}

impl Trap {
    /// The trap as text for a person, with the source line it stands in, if it stands in one. A program may hold secrets
    /// that a comment or a policy allows; they are replaced by stars.
    #[must_use]
    pub fn render(&self, file_name: &str, source: &str) -> String {
        let mut out = String::new();
        let headline = alloc::format!("trap: {self}");
        line(&mut out, format_args!("{}", Redactor::of(source.as_bytes()).clean(&headline)));
        if self.span != Span::default() {
            snippet(&mut out, file_name, &redact(source), self.span, "");
        }
        let redactor = Redactor::of(source.as_bytes());
        for caller in &self.callers {
            let mut text = alloc::format!("  called by {}", Quoted(&caller.function));
            if caller.span != Span::default() {
                text += &alloc::format!(" at {}", place_of(file_name, source, caller.span));
            }
            line(&mut out, format_args!("{}", redactor.clean(&text)));
        }
        if self.more_callers > 0 {
            line(&mut out, format_args!("  and {} more calls", self.more_callers));
        }
        line(&mut out, format_args!("  help: {}", self.kind.help()));
        out
    }

    /// Outside of every function.
    #[must_use]
    pub(crate) const fn nowhere(kind: TrapKind, span: Span) -> Self {
        Self { kind, span, function: String::new(), callers: Vec::new(), more_callers: 0 }
    }
}
