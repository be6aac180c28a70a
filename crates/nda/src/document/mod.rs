//! The binary document, `.nda`: a program as one sealed piece of bytes.
//!
//! A fixed header, then sections, each aligned to eight bytes (`layout`): bytes, or little-endian numbers as wide as the
//! largest needs (`numbers`). [`View::open`] checks the seal over everything and the structure (`check`), allocates nothing
//! and copies nothing; [`pack`] writes a document, the same for the same module; [`unpack`] reads a module back and checks
//! every hash in it. Code is kept short (`code`). The layout is described in `docs/nda.md`, the reasons in
//! `docs/adr/0008-document.md`.
//!
//! Invariants: no bytes make anything here panic or take more than linear time; a document of which one bit was changed
//! is refused; what the view hands out lies inside of the bytes. The code in a document is judged by nobody before
//! [`unpack`], and what that gives by nobody before [`validate`](crate::validate).

mod check;
mod code;
mod definition;
mod error;
mod layout;
mod numbers;
mod pack;
#[cfg(test)]
mod tests;
mod unpack;
mod view;

pub use definition::{DefinitionView, Types};
pub use error::{DocumentError, Section};
pub use layout::reseal;
pub use pack::pack;
pub use unpack::unpack;
pub use view::View;
