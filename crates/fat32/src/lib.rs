//! Reading FAT32 volumes.
//!
//! [`Volume::mount`] takes a [`BlockDevice`](velocity_hal::BlockDevice) that holds a volume from its block 0 on (a
//! `velocity_partition::Slice`, as a rule) and gives folders and files by path. Read-only: nothing here writes.
//!
//! ```text
//! Volume (paths) ─► Folder walk ─► Chain (runs of clusters) ─► Store ─► Bytes (device blocks)
//!                   LongName                                    └─► FatCache ─► Walk (replaceable)
//! ```
//!
//! A volume comes from a disk that anybody may have written. Invariants:
//! - No byte of it makes this crate panic, recurse, or loop for ever. A folder, and the chain of every file opened, is
//!   walked to its end before the first byte is handed out, and a chain that comes back to itself is an error.
//! - Memory is bounded: a mounted volume holds at most 36 KiB (and one device block, where that is larger than 4 KiB),
//!   an open file 12 KiB, a folder listing 65,536 entries.
//! - Names carry no control character and no `/`; where the disk has one, U+FFFD stands for it.
//! - A read of 4 KiB or more takes one device read for each run of neighbouring clusters, straight into the caller's
//!   buffer as far as whole blocks go; smaller ones pass through a window of 4 KiB.
//!
//! Source: Microsoft Extensible Firmware Initiative FAT32 File System Specification, version 1.03 ("fatgen103"); its
//! section titles are cited. Where it is silent or disks differ from it, Linux and dosfstools are followed, and the
//! place says so.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod boot;
mod bytes;
mod chain;
mod codepage;
mod entry;
mod error;
mod fat;
mod folder;
mod layout;
mod long_name;
mod name;
mod path;
mod store;
mod time;
mod volume;
mod walk;

pub use entry::{Attributes, DirEntry};
pub use error::{BootField, Damage, FatError, Found, Place, Warning};
pub use time::{Date, DateTime};
pub use volume::{File, Info, Volume};
pub use walk::{MAX_LINKS, Original, Walk, neighbours};
