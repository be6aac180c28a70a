//! Why an import could not be resolved.

use crate::identity::DecodeError;
use core::fmt;
use velocity_base::ContentHash;

/// An import that could not be resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolveError {
    /// What was to be fetched.
    pub hash: ContentHash,
    /// Why it was not.
    pub fault: ResolveFault,
}

/// What went wrong with an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResolveFault {
    /// The store does not have it.
    Missing,
    /// The store's bytes have this hash instead. So ends every circle of imports that a store pretends to have: nothing
    /// can refer to itself by a hash that covers the reference.
    WrongBytes(ContentHash),
    /// The bytes have the right hash but are no definition.
    Malformed(DecodeError),
    /// It is not what stands there: a function where data is wanted, for example.
    WrongKind,
    /// Its type is not the one that is declared or referred to.
    WrongType,
    /// The program has this object already; two names for one object would be two objects.
    SameObject,
    /// It is not written in the canonical form, so that its hash would change.
    NotCanonical,
    /// More definitions are needed than the limit allows.
    TooMany(usize),
    /// More bytes are needed than the limit allows.
    TooLarge(usize),
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hash, fault } = self;
        write!(f, "import of {hash}: ")?;
        match fault {
            ResolveFault::Missing => f.write_str("the store does not have it; add the document that defines it"),
            ResolveFault::WrongBytes(found) => {
                write!(f, "the store's bytes have the hash {found}; add the document that defines it again")
            }
            ResolveFault::Malformed(error) => error.fmt(f),
            ResolveFault::WrongKind => f.write_str("it is another kind of definition; import it as what it is"),
            ResolveFault::WrongType => f.write_str("it has another type; import it with its own type"),
            ResolveFault::SameObject => {
                f.write_str("the program has this object already; use that one instead of importing it again")
            }
            ResolveFault::NotCanonical => f.write_str("it is not in canonical form; make it anew from its text"),
            ResolveFault::TooMany(limit) => write!(f, "it needs more than {limit} definitions; raise the limit"),
            ResolveFault::TooLarge(limit) => write!(f, "it needs more than {limit} bytes; raise the limit"),
        }
    }
}

impl core::error::Error for ResolveError {}
