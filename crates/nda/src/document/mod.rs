//! The binary document, `.nda`: a program as one sealed piece of bytes.
//!
//! A fixed header, then sections of plain little-endian records, each aligned to eight bytes (`layout`). [`View::open`]
//! checks the seal over everything and the structure, allocates nothing and copies nothing; [`pack`] writes a document,
//! the same for the same module; [`unpack`] reads a module back and checks every hash in it. The layout is described
//! in `docs/nda.md`, the reasons in `docs/adr/0008-document.md`.
//!
//! Invariants: no bytes make anything here panic or take more than linear time; a document of which one bit was changed
//! is refused; what the view hands out lies inside of the bytes. The code in a document is judged by nobody before
//! [`unpack`], and what that gives by nobody before [`validate`](crate::validate).

mod definition;
mod error;
mod layout;
mod pack;
#[cfg(test)]
mod tests;
mod unpack;
mod view;

pub use definition::{DefinitionView, Types};
pub use error::{DocumentError, Section};
pub use pack::pack;
pub use unpack::unpack;
pub use view::View;
