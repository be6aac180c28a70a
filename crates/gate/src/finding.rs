//! What the gate finds: rules, how bad breaking them is, and the findings themselves.

use alloc::string::String;
use core::fmt;
use velocity_nda::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something worth knowing.
    Note,
    /// Something worth mending; the program may run.
    Warning,
    /// The program may not run.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Declares the rules, each with its name, how bad breaking it is, and whether a policy may relax it.
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident $name:literal $severity:ident $relax:literal,)+) => {
        /// The rules; `docs/gate.md` has a section on each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $($(#[doc = $doc])+ $rule,)+
        }

        impl Rule {
            /// All of them, in the order in which they are applied.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$rule),+];

            /// The name by which findings, policies and the documentation call it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$rule => $name,)+
                }
            }

            /// How bad breaking it is, unless a policy relaxes it.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$rule => Severity::$severity,)+
                }
            }

            /// Whether a policy may turn its errors into warnings.
            #[must_use]
            pub const fn can_be_relaxed(self) -> bool {
                match self {
                    $(Self::$rule => $relax,)+
                }
            }
        }
    };
}

rules! {
    /// The source text does not compile.
    Text "text" Error false,
    /// The binary document is damaged or of an unknown version.
    Document "document" Error false,
    /// The core breaks an invariant that engines rely on.
    Structure "structure" Error false,
    /// There are more functions than the policy allows.
    LimitFunctions "limit-functions" Error false,
    /// There are more nodes than the policy allows.
    LimitNodes "limit-nodes" Error false,
    /// The deepest chain of calls needs more stack than the policy allows.
    LimitStack "limit-stack" Error false,
    /// The memory is larger, or may grow larger, than the policy allows.
    LimitMemory "limit-memory" Error false,
    /// The tables have more entries than the policy allows.
    LimitTable "limit-table" Error false,
    /// There is more data than the policy allows.
    LimitData "limit-data" Error false,
    /// A function may call itself, directly or through others.
    Recursion "recursion" Note false,
    /// Something is imported that nothing reachable uses.
    UnreachableImport "unreachable-import" Error true,
    /// A definition imported by hash is not there.
    UnresolvedImport "unresolved-import" Error false,
    /// A host item is named that nobody knows.
    UnknownHostItem "unknown-host-item" Error false,
    /// A host item is named with other parameters or results than it has.
    HostItemType "host-item-type" Error false,
    /// A host item is used whose capability the origin was not granted.
    Capability "capability" Error false,
    /// A string, a comment, a name or data holds what looks like a secret.
    Secret "secret" Error true,
    /// What a run costs at most, or that it has no bound.
    Cost "cost" Note false,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that the gate found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: Rule,
    /// How bad it is under the policy.
    pub severity: Severity,
    /// The place in the source text; empty if the candidate is none, or the whole of it is meant.
    pub span: Span,
    /// The definition it lies in, in words, such as "function `main`"; empty if the whole candidate is meant.
    pub place: String,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub advice: String,
}
