//! Measurements of whole simulated machines, printed as JSON lines.

mod boot;
mod frames;

pub use boot::{BootTimes, boot};
pub use frames::{FrameTimes, frames};
