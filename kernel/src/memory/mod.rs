//! Physical frames, page tables, stacks, heap, device memory, and the account of them all.

pub mod account;
pub mod dma;
pub mod frames;
pub mod heap;
pub mod layout;
pub mod mmio;
pub mod paging;
pub mod stacks;

/// Bytes in a page and in a frame.
pub const PAGE: u64 = 4096;
