//! Physical frames, page tables, stacks, heap, device memory, what programs run in, and the account of them all.

pub mod account;
pub mod code;
pub mod dma;
pub mod frames;
pub mod heap;
pub mod layout;
pub mod linear;
pub mod mmio;
pub mod paging;
pub mod range;
pub mod stacks;

/// Bytes in a page and in a frame.
pub const PAGE: u64 = 4096;
