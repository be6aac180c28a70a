//! The file allocation table: one link for each cluster, read through a small cache.
//!
//! A chain is followed entry by entry and mostly forwards, so the cache holds a few lines of 1,024 entries. Where a
//! line cannot be read, the next copy of the table answers: that is what the copies are for.
//!
//! Source: fatgen103, "FAT Data Structure".

use crate::walk::{Original, Run, Walk};
use crate::{Damage, FatError, Place, Warning, boot::Geometry, bytes::Bytes, chain::Link, layout::fat as format};
use alloc::{boxed::Box, vec::Vec};
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};

const LINE_BYTES: u64 = 4096;
const MAX_LINES: usize = 8;

/// The table of one volume.
pub struct FatCache {
    lines: Vec<Line>,
    /// The line that answered last.
    recent: usize,
    /// The line to be replaced next.
    oldest: usize,
    /// First copy in use, and how many there are from it on.
    copies: (u8, u8),
    /// Says how far clusters follow on each other, and what it said last.
    walk: Box<dyn Walk>,
    run: Run,
}

struct Line {
    number: u64,
    bytes: Vec<u8>,
}

impl FatCache {
    pub fn new(geometry: &Geometry) -> Self {
        Self {
            lines: Vec::new(),
            recent: 0,
            oldest: 0,
            copies: geometry.fat_copies,
            walk: Box::new(Original),
            run: Run::default(),
        }
    }

    /// Follows links in another way from now on.
    pub fn set_walk(&mut self, walk: Box<dyn Walk>) {
        self.walk = walk;
    }

    /// Says that nothing is being asked.
    pub fn quiesce(&mut self) {
        self.walk.quiesce();
    }

    /// Where `cluster`, one of the volume, leads.
    pub fn link<D: BlockDevice>(
        &mut self,
        bytes: &mut Bytes<D>,
        geometry: &Geometry,
        cluster: u32,
    ) -> Result<Link, BlockError> {
        let next = cluster.saturating_add(1);
        if self.run.leads_on(cluster) && geometry.holds(next) {
            return Ok(Link::Next(next));
        }
        let at = self.find(bytes, geometry, cluster)?;
        let links = self.lines[self.recent].links(at);
        let value = u32::from_le_bytes(links[0]) & format::VALUE;
        self.run = Run::ask(&mut *self.walk, links, cluster);
        Ok(match value {
            0 => Link::Free,
            next if geometry.holds(next) => Link::Next(next),
            format::BAD => Link::Bad,
            format::END.. => Link::End,
            next => Link::Outside(next),
        })
    }

    /// Settles on the first copy whose first two entries are what they must be: the media byte under ones, and an end
    /// mark in which two bits tell how the volume was left.
    pub fn check_head<D: BlockDevice>(
        &mut self,
        bytes: &mut Bytes<D>,
        geometry: &Geometry,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), FatError> {
        let mut first_seen = None;
        while self.copies.1 > 0 {
            let head = (self.entry(bytes, geometry, 0)?, self.entry(bytes, geometry, 1)?);
            if is_head(head, geometry.media) {
                warnings.extend((head.1 & format::CLEAN_SHUTDOWN == 0).then_some(Warning::NotCleanlyUnmounted));
                warnings.extend((head.1 & format::NO_HARD_ERRORS == 0).then_some(Warning::HadDiskErrors));
                return Ok(());
            }
            first_seen.get_or_insert(head.0);
            warnings.push(Warning::FatCopySkipped(self.copies.0));
            self.copies = (self.copies.0 + 1, self.copies.1 - 1);
            self.lines.clear();
            self.run = Run::default();
        }
        let what = Damage::FatHead { entry: first_seen.unwrap_or_default() };
        Err(FatError::Damaged { what, at: Place::Fat })
    }

    /// Entry `index` of the table, all 32 bits.
    fn entry<D: BlockDevice>(
        &mut self,
        bytes: &mut Bytes<D>,
        geometry: &Geometry,
        index: u32,
    ) -> Result<u32, BlockError> {
        let at = self.find(bytes, geometry, index)?;
        Ok(u32::from_le_bytes(self.lines[self.recent].links(at)[0]))
    }

    /// Makes the line of entry `index` the recent one; which of its entries that is.
    fn find<D: BlockDevice>(
        &mut self,
        bytes: &mut Bytes<D>,
        geometry: &Geometry,
        index: u32,
    ) -> Result<usize, BlockError> {
        let offset = u64::from(index) * format::ENTRY_BYTES;
        let number = offset / LINE_BYTES;
        if self.lines.get(self.recent).is_none_or(|line| line.number != number) {
            self.recent = match self.lines.iter().position(|line| line.number == number) {
                Some(held) => held,
                None => self.load(bytes, geometry, number)?,
            };
        }
        Ok((offset % LINE_BYTES / format::ENTRY_BYTES) as usize)
    }

    /// Reads line `number` in place of the oldest; returns where it is.
    fn load<D: BlockDevice>(
        &mut self,
        bytes: &mut Bytes<D>,
        geometry: &Geometry,
        number: u64,
    ) -> Result<usize, BlockError> {
        let offset = number * LINE_BYTES;
        let len = LINE_BYTES.min(geometry.fat_bytes - offset) as usize;
        let mut line = match self.lines.len() {
            MAX_LINES => core::mem::replace(&mut self.lines[self.oldest], Line::EMPTY),
            _ => Line::EMPTY,
        };
        line.bytes.resize(len, 0);
        self.read_copy(bytes, geometry, offset, &mut line.bytes)?;
        line.number = number;
        if self.lines.len() < MAX_LINES {
            self.lines.push(line);
            return Ok(self.lines.len() - 1);
        }
        let place = self.oldest;
        self.lines[place] = line;
        self.oldest = (place + 1) % MAX_LINES;
        Ok(place)
    }

    /// Fills `out` from the first copy that can be read.
    fn read_copy<D: BlockDevice>(
        &self,
        bytes: &mut Bytes<D>,
        geometry: &Geometry,
        offset: u64,
        out: &mut [u8],
    ) -> Result<(), BlockError> {
        let (first, count) = self.copies;
        let mut read = |copy: u8| bytes.read(geometry.fat_start + u64::from(copy) * geometry.fat_bytes + offset, out);
        let mut result = read(first);
        for copy in first + 1..first + count {
            match result {
                Err(error) if error.kind == BlockErrorKind::Media => result = read(copy).map_err(|_| error),
                _ => break,
            }
        }
        result
    }
}

impl Line {
    /// Holds nothing, and no line has its number.
    const EMPTY: Self = Self { number: u64::MAX, bytes: Vec::new() };

    /// Its entries from one on.
    fn links(&self, at: usize) -> &[[u8; 4]] {
        &self.bytes.as_chunks().0[at..]
    }
}

fn is_head((zero, one): (u32, u32), media: u8) -> bool {
    let end = one & format::VALUE | format::CLEAN_SHUTDOWN | format::NO_HARD_ERRORS;
    zero & format::VALUE == format::VALUE & !0xFF | u32::from(media) && end >= format::END
}
