//! The host as a port: time-stamp counter, heap and image size of this process.
//!
//! Everything here is either unsafe or specific to a host; the rest of the simulator is neither.

mod heap;
mod image;
mod tsc;

pub use heap::HeapAccount;
pub use image::image_bytes;
pub use tsc::TscClock;
