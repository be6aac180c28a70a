//! Moving data between backing and guest memory.
//!
//! Reads that were fetched together and follow each other on the disk are gathered into one [`Run`], so that pages that
//! follow each other in memory too are filled by one access to the backing: what a disk's read-ahead does.

use super::Backing;
use super::command::{Command, Status};
use super::prp::{self, Segment};
use crate::GuestMemory;
use velocity_base::PhysAddr;

/// Longest run in bytes; keeps one access to the backing short.
const MAX_RUN_BYTES: u64 = 1 << 20;

/// Reads waiting to be carried out together.
#[derive(Default)]
pub(super) struct Run {
    /// Where on the disk it begins and ends.
    offset: u64,
    end: u64,
    segments: Vec<Segment>,
    reads: Vec<Read>,
}

/// One read of a run.
struct Read {
    /// Which answer tells how it went.
    answer: usize,
    /// Where on the disk it begins.
    offset: u64,
    /// Its segments end here; they begin where the previous read's end.
    segments_end: usize,
}

impl Run {
    /// Whether a read of `bytes` at `offset` continues the run.
    pub(super) fn takes(&self, offset: u64, bytes: u64) -> bool {
        self.reads.is_empty() || offset == self.end && self.end - self.offset + bytes <= MAX_RUN_BYTES
    }

    /// Adds a read that the run takes: `bytes` from `offset` on, for answer number `answer`.
    pub(super) fn add(
        &mut self,
        memory: &GuestMemory,
        command: &Command,
        place: (u64, u64),
        answer: usize,
    ) -> Result<(), Status> {
        let (offset, bytes) = place;
        let before = self.segments.len();
        if let Err(status) = prp::walk(memory, command, bytes, &mut self.segments) {
            self.segments.truncate(before);
            return Err(status);
        }
        if self.reads.is_empty() {
            self.offset = offset;
        }
        self.end = offset + bytes;
        self.reads.push(Read { answer, offset, segments_end: self.segments.len() });
        Ok(())
    }

    /// Carries the reads out and empties the run; tells `failed` the answer and status of those that fail.
    pub(super) fn execute(&mut self, memory: &GuestMemory, backing: &Backing, mut failed: impl FnMut(usize, Status)) {
        if self.reads.is_empty() {
            return;
        }
        if !read(memory, backing, self.offset, &self.segments).is_success() {
            // Once more one by one, to know which.
            let mut begin = 0;
            for one in &self.reads {
                let status = read(memory, backing, one.offset, &self.segments[begin..one.segments_end]);
                if !status.is_success() {
                    failed(one.answer, status);
                }
                begin = one.segments_end;
            }
        }
        self.reads.clear();
        self.segments.clear();
    }
}

/// Reads from byte `offset` of the disk into `segments`.
fn read(memory: &GuestMemory, backing: &Backing, offset: u64, segments: &[Segment]) -> Status {
    let access = |offset, Segment { address, bytes }: Segment| {
        match memory.with_bytes_mut(PhysAddr(address), bytes, |out| backing.read_at(offset, out)) {
            Err(_) => Status::DATA_TRANSFER_ERROR,
            Ok(Err(_)) => Status::UNRECOVERED_READ,
            Ok(Ok(())) => Status::SUCCESS,
        }
    };
    each_joined(offset, segments, access)
}

/// Writes the first `limit` bytes of `segments` to the disk from byte `offset` on.
pub(super) fn write(
    memory: &GuestMemory,
    backing: &mut Backing,
    offset: u64,
    segments: &[Segment],
    mut limit: usize,
) -> Status {
    each_joined(offset, segments, |offset, Segment { address, bytes }| {
        let bytes = bytes.min(limit);
        limit -= bytes;
        match memory.with_bytes(PhysAddr(address), bytes, |data| backing.write_at(offset, data)) {
            Err(_) => Status::DATA_TRANSFER_ERROR,
            Ok(Err(_)) => Status::WRITE_FAULT,
            Ok(Ok(())) => Status::SUCCESS,
        }
    })
}

/// Copies `data` into `segments`.
pub(super) fn copy_in(memory: &GuestMemory, data: &[u8], segments: &[Segment]) -> Status {
    each_joined(0, segments, |offset, Segment { address, bytes }| {
        let part = &data[offset as usize..][..bytes];
        memory.write(PhysAddr(address), part).map_or(Status::DATA_TRANSFER_ERROR, |()| Status::SUCCESS)
    })
}

/// Calls `access` with disk offset and memory of each stretch of `segments`, neighbours joined, until one fails.
fn each_joined(mut offset: u64, segments: &[Segment], mut access: impl FnMut(u64, Segment) -> Status) -> Status {
    let follows = |a: &Segment, b: &Segment| a.address.checked_add(a.bytes as u64) == Some(b.address);
    for stretch in segments.chunk_by(follows) {
        let bytes = stretch.iter().map(|segment| segment.bytes).sum();
        let status = access(offset, Segment { address: stretch[0].address, bytes });
        if !status.is_success() {
            return status;
        }
        offset += bytes as u64;
    }
    Status::SUCCESS
}
