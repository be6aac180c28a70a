//! Reads that were fetched together, carried out together.
//!
//! The device is free to answer commands in any order, so it may look at all of a batch before it touches the disk: it
//! then finds the guest memory once for all of them, and reads that follow each other on the disk become one access to
//! the backing. That is what a disk's read-ahead does, and what makes a deep queue worth having.

use super::Backing;
use super::command::{Command, Status};
use super::prp;
use crate::GuestMemory;
use std::io::{self, IoSliceMut};
use velocity_base::PhysAddr;

/// Longest access to the backing.
const MAX_STRETCH_BYTES: usize = 1 << 20;

/// Bytes that lie together on the disk and in guest memory.
#[derive(Clone, Copy)]
struct Piece {
    offset: u64,
    address: u64,
    bytes: usize,
}

impl Piece {
    fn disk_end(&self) -> u64 {
        self.offset + self.bytes as u64
    }

    /// Saturating: an address so high faults.
    fn memory_end(&self) -> u64 {
        self.address.saturating_add(self.bytes as u64)
    }
}

/// A read that was gathered.
struct Read {
    /// Which answer tells how it went.
    answer: usize,
    offset: u64,
    bytes: u64,
    command: Command,
}

/// The reads of a batch so far.
#[derive(Default)]
pub(super) struct Gather {
    reads: Vec<Read>,
    pieces: Vec<Piece>,
}

impl Gather {
    /// Adds a read of `place.1` bytes from byte `place.0` of the disk, for answer number `answer`.
    pub(super) fn add(
        &mut self,
        memory: &GuestMemory,
        command: &Command,
        place: (u64, u64),
        answer: usize,
    ) -> Result<(), Status> {
        let (offset, bytes) = place;
        let (count, last) = (self.pieces.len(), self.pieces.last().copied());
        let mut at = offset;
        let pieces = &mut self.pieces;
        let walked = prp::walk(memory, command, bytes, |address, bytes| {
            let piece = Piece { offset: at, address, bytes };
            at = piece.disk_end();
            push(pieces, piece);
        });
        if walked.is_ok() {
            self.reads.push(Read { answer, offset, bytes, command: *command });
        } else {
            self.pieces.truncate(count);
            if let (Some(old), Some(joined)) = (last, self.pieces.last_mut()) {
                *joined = old;
            }
        }
        walked
    }

    /// Carries the reads out and forgets them; tells `failed` the answer and status of those that fail.
    pub(super) fn execute(&mut self, memory: &GuestMemory, backing: &Backing, mut failed: impl FnMut(usize, Status)) {
        if !self.pieces.is_empty() && read_all(memory, backing, &self.pieces).is_err() {
            // Once more one by one, to know which.
            for read in &self.reads {
                if let Err(status) = read.alone(memory, backing) {
                    failed(read.answer, status);
                }
            }
        }
        self.reads.clear();
        self.pieces.clear();
    }
}

impl Read {
    fn alone(&self, memory: &GuestMemory, backing: &Backing) -> Result<(), Status> {
        let mut offset = self.offset;
        let mut result = Ok(());
        prp::walk(memory, &self.command, self.bytes, |address, bytes| {
            if result.is_ok() {
                result = read_all(memory, backing, &[Piece { offset, address, bytes }]);
            }
            offset += bytes as u64;
        })?;
        result
    }
}

/// Appends `piece`, to the last one if it goes on there in both places.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match pieces.last_mut() {
        Some(last)
            if last.disk_end() == piece.offset
                && last.memory_end() == piece.address
                && last.bytes + piece.bytes <= MAX_STRETCH_BYTES =>
        {
            last.bytes += piece.bytes;
        }
        _ => pieces.push(piece),
    }
}

/// Reads all pieces, which must lie in one region of memory.
fn read_all(memory: &GuestMemory, backing: &Backing, pieces: &[Piece]) -> Result<(), Status> {
    let base = pieces.iter().map(|piece| piece.address).min().unwrap_or(0);
    let end = pieces.iter().map(Piece::memory_end).max().unwrap_or(base);
    let span = usize::try_from(end - base).map_err(|_| Status::DATA_TRANSFER_ERROR)?;
    let read = memory.with_bytes_mut(PhysAddr(base), span, |bytes| fill(bytes, base, backing, pieces));
    read.map_err(|_| Status::DATA_TRANSFER_ERROR)?.map_err(|_| Status::UNRECOVERED_READ)
}

/// Reads `pieces` into `bytes`, which lie at `base`: one access for what follows each other on the disk and ascends in
/// memory.
fn fill(bytes: &mut [u8], base: u64, backing: &Backing, pieces: &[Piece]) -> io::Result<()> {
    let place = |piece: &Piece| (piece.address - base) as usize;
    let goes_on = |a: &Piece, b: &Piece| a.disk_end() == b.offset && a.memory_end() <= b.address;
    for stretch in pieces.chunk_by(goes_on) {
        if let [piece] = stretch {
            backing.read_at(piece.offset, &mut bytes[place(piece)..][..piece.bytes])?;
            continue;
        }
        let mut parts = Vec::with_capacity(stretch.len());
        let (mut rest, mut at) = (&mut bytes[..], 0);
        for piece in stretch {
            let (_, tail) = rest.split_at_mut(place(piece) - at);
            let (part, tail) = tail.split_at_mut(piece.bytes);
            parts.push(IoSliceMut::new(part));
            (rest, at) = (tail, place(piece) + piece.bytes);
        }
        backing.read_scattered(stretch[0].offset, &mut parts)?;
    }
    Ok(())
}
