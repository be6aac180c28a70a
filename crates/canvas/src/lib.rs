//! What the screen shows: a raster, a font and a text console.
//!
//! [`Surface`] is pixels and nothing else; [`Console`] is a grid of characters driven by the same bytes as a serial
//! line and drawn onto a surface only where it changed. Tier 2, no knowledge of any device: the caller hands
//! [`Console::pixels`] and the damage to a [`velocity_hal::Display`]. Invariants: any bytes and sizes may be hostile;
//! nothing panics; memory is bounded by the screen's size, and that by [`MAX_PIXELS`].
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod console;
mod font;
mod grid;
mod paint;
mod palette;
mod screen;
mod surface;

pub use console::Console;
pub use font::{CELL_HEIGHT, CELL_WIDTH};
pub use palette::{BACKGROUND, PALETTE};
pub use surface::{MAX_PIXELS, Mask, Ramp, Surface, union};

#[cfg(test)]
mod tests;
