//! Tests of `velocity-fat32` from outside: volumes built by hand, the fixture images, and hostile bytes.
#![cfg(test)]

mod boot;
mod build;
mod chains;
mod fixtures;
mod folders;
mod hostile;
#[path = "../../../../fixtures/disks/memory_disk.rs"]
mod memory_disk;
mod reading;
mod table;
