//! The traits between the system and the hardware it runs on, real or modelled.
//!
//! `kernel` implements them with ports and mapped registers, `velocity-models` with device models that misbehave on
//! request; drivers and `velocity-system` see nothing else. Tier 1, traits and plain values only.
//! Invariant: no trait here lets safe code break memory safety; an offset outside its window is a driver bug and
//! panics with the offset named.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod block;
pub mod clock;
pub mod cores;
pub mod display;
pub mod dma;
pub mod input;
pub mod interrupt;
pub mod memory;
pub mod mmio;
pub mod text;

pub use block::{BlockDevice, BlockError, BlockErrorKind};
pub use clock::{Clock, Idle};
pub use cores::{CoreInfo, CoreState, Cores, CoresError, Job};
pub use display::{Display, Rect};
pub use dma::{DmaAllocator, DmaError, DmaRegion};
pub use input::{Input, InputEvent, Key, KeyEvent, Modifiers, MouseEvent};
pub use interrupt::{InterruptError, InterruptLine, Interrupts, MsiMessage};
pub use memory::{MemoryReport, MemoryUsage};
pub use mmio::{MapError, Mmio, MmioMapper, PortIo};
pub use text::TextPort;
