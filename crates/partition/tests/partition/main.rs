//! Tests of `velocity-partition` from outside: tables built by hand, the fixture images, and hostile bytes.
#![cfg(test)]

mod build;
mod fixtures;
mod gpt;
mod hostile;
mod mbr;
#[path = "../../../../fixtures/disks/memory_disk.rs"]
mod memory_disk;
mod slice;
