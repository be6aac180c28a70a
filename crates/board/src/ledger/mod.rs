//! A log to which records are only added.
//!
//! ```text
//! block 0        1        ...
//! +---------+--------------------+----------+---- zeros
//! | first   | record             | record   |
//! +---------+--------------------+----------+----
//!      hash ─────► before   hash ──► before
//! ```
//!
//! Adding one writes the blocks behind the last record and flushes them. If power goes meanwhile, any of those blocks may be there, in whole or in part: the
//! record does not match its hash then, and is not one. Opening cuts it off, and makes zeros of whatever may have been written, so that a body is
//! never taken for a record.

mod error;
mod layout;
#[cfg(test)]
mod tests;

pub use error::{LedgerError, What};

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ops::ControlFlow;
use layout::{HEADER_BYTES, Header};
use velocity_base::{ContentHash, Lba};
use velocity_hal::BlockDevice;

/// The longest body of a record, in bytes.
pub const MAX_BODY_BYTES: usize = 256 << 10;

/// The kind of the first record, which says how large blocks are. It has one block.
const FIRST: u16 = 0;

/// What the first record follows on.
const NOTHING: ContentHash = ContentHash([0; 32]);

/// A record, as it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'b> {
    /// Its number, from 1 on.
    pub sequence: u64,
    /// What it is about: the business of who wrote it.
    pub kind: u16,
    /// What it says.
    pub body: &'b [u8],
    /// The hash of all of it, and so of all before it.
    pub hash: ContentHash,
}

/// What was found when a ledger was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Records.
    pub records: u64,
    /// A record that was being written when power went was cut off.
    pub cut: bool,
    /// Something is wrong behind those records: nothing more can be added.
    pub corrupt: Option<What>,
}

/// What a look at every record gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Records.
    pub records: u64,
    /// Bytes on the disk.
    pub bytes: u64,
    /// The hash of the last one. Whoever has it can tell that nothing before it was changed.
    pub head: ContentHash,
}

/// A log on a device of its own.
pub struct Ledger {
    device: Box<dyn BlockDevice>,
    block_bytes: usize,
    /// The block behind the last record.
    end: u64,
    next: u64,
    head: ContentHash,
    corrupt: Option<What>,
    /// An addition failed: what it wrote has to be looked at first.
    doubtful: bool,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("records", &self.len()).field("head", &self.head).finish_non_exhaustive()
    }
}

/// What lies on a block.
enum Found {
    Record(Header, Vec<u8>),
    /// Nothing: zeros.
    Nothing,
    /// Something else.
    Other(What),
}

impl Ledger {
    /// Opens the ledger on a device, or a new one if there are only zeros where it would begin. Nothing is written to a new one before the first record.
    ///
    /// # Errors
    /// [`LedgerError`]: something else lies there, or the device failed.
    pub fn open(device: Box<dyn BlockDevice>) -> Result<(Self, Opened), LedgerError> {
        let block_bytes = device.block_bytes() as usize;
        let mut ledger = Self { device, block_bytes, end: 0, next: 0, head: NOTHING, corrupt: None, doubtful: false };
        if ledger.device.block_count() < 2 {
            return Err(LedgerError::TooSmall);
        }
        ledger.find_first()?;
        while ledger.step()? {}
        // What lies behind a block of zeros is looked at before anything is added: starting a machine need not wait for that.
        ledger.doubtful = ledger.corrupt.is_none();
        let cut =
            ledger.doubtful && ledger.next > 0 && !ledger.is_zero(ledger.end, ledger.end + 1)? && ledger.settle()?;
        let opened = Opened { records: ledger.len(), cut, corrupt: ledger.corrupt };
        Ok((ledger, opened))
    }

    /// How many records there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.next.saturating_sub(1)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The hash of the last record.
    #[must_use]
    pub const fn head(&self) -> ContentHash {
        self.head
    }

    /// Bytes that are left for records, each of which takes whole blocks.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        self.device.block_count().saturating_sub(self.end) * self.block_bytes as u64
    }

    /// Adds a record; its number. It is durable when this returns.
    ///
    /// # Errors
    /// [`LedgerError`]. After an error of the device the record may be there, or not: the next addition finds out.
    pub fn append(&mut self, kind: u16, body: &[u8]) -> Result<u64, LedgerError> {
        if body.len() > MAX_BODY_BYTES {
            return Err(LedgerError::TooLarge { bytes: body.len() });
        }
        self.settle()?;
        if let Some(what) = self.corrupt {
            return Err(LedgerError::Corrupt { sequence: self.next, what });
        }
        if self.next == 0 {
            let block = (self.block_bytes as u32).to_le_bytes();
            self.write(FIRST, &block)?;
        }
        self.write(kind, body)
    }

    fn write(&mut self, kind: u16, body: &[u8]) -> Result<u64, LedgerError> {
        let header = Header::new(kind, self.next, self.head, body);
        let blocks = self.blocks(body.len());
        let needed = blocks * self.block_bytes as u64;
        if needed > self.free_bytes() {
            return Err(LedgerError::Full { free: self.free_bytes(), needed });
        }
        let mut bytes = vec![0; needed as usize];
        bytes[..HEADER_BYTES].copy_from_slice(&header.encode());
        bytes[HEADER_BYTES..HEADER_BYTES + body.len()].copy_from_slice(body);
        self.doubtful = true;
        self.device.write(Lba(self.end), &bytes)?;
        self.device.flush()?;
        self.doubtful = false;
        self.pass(&header);
        Ok(header.sequence)
    }

    /// Shows all records to `each`, the oldest first, until it breaks off. Each is checked again.
    ///
    /// # Errors
    /// [`LedgerError`]: the device failed, or a record is not what it was.
    pub fn replay(&mut self, each: &mut dyn FnMut(Record<'_>) -> ControlFlow<()>) -> Result<(), LedgerError> {
        let (mut at, mut before, mut sequence) = (0, NOTHING, 0);
        while at < self.end {
            let found = self.read(at, sequence, before)?;
            let Found::Record(header, body) = found else {
                let what = if let Found::Other(what) = found { what } else { What::Missing };
                return Err(LedgerError::Corrupt { sequence, what });
            };
            let Header { kind, hash, .. } = header;
            if sequence > 0 && each(Record { sequence, kind, body: &body, hash }).is_break() {
                return Ok(());
            }
            (at, before, sequence) = (at + self.blocks(body.len()), hash, sequence + 1);
        }
        Ok(())
    }

    /// Looks at every record, and at the end.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] with the record and what is wrong with it.
    pub fn verify(&mut self) -> Result<Verified, LedgerError> {
        let mut records = 0;
        self.replay(&mut |_| {
            records += 1;
            ControlFlow::Continue(())
        })?;
        if self.end > 0 {
            self.settle()?;
        }
        match self.corrupt {
            Some(what) => Err(LedgerError::Corrupt { sequence: self.next, what }),
            None => Ok(Verified { records, bytes: self.end * self.block_bytes as u64, head: self.head }),
        }
    }

    /// Finds out what an addition that was not acknowledged has left; whether anything was cut off.
    fn settle(&mut self) -> Result<bool, LedgerError> {
        if !self.doubtful {
            return Ok(false);
        }
        while self.step()? {}
        if self.end == 0 && !self.is_zero(1, self.end_of_longest())? {
            return Err(LedgerError::Foreign);
        }
        let cut = self.cut_tail()?;
        self.doubtful = false;
        Ok(cut)
    }

    /// The first record is there, or nothing is.
    fn find_first(&mut self) -> Result<(), LedgerError> {
        let first = self.block(0)?;
        if layout::starts(&first) {
            let body = &first[HEADER_BYTES..HEADER_BYTES + 4];
            let whole =
                Header::decode(&first).filter(|header| header.sequence == 0 && header.hash_with(body) == header.hash);
            return match whole {
                Some(_) if body != (self.block_bytes as u32).to_le_bytes() => Err(LedgerError::BlockSize),
                Some(_) => {
                    let is_sound = matches!(self.read(0, 0, NOTHING)?, Found::Record(..));
                    self.corrupt = (!is_sound).then_some(What::Hash);
                    Ok(())
                }
                // One that was not written to its end is written again.
                None if self.is_zero(1, self.end_of_longest())? => self.erase(1),
                None => {
                    self.corrupt = Some(What::Hash);
                    Ok(())
                }
            };
        }
        if first.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(LedgerError::Foreign) }
    }

    /// Goes past the next record, if there is one.
    fn step(&mut self) -> Result<bool, LedgerError> {
        match self.read(self.end, self.next, self.head)? {
            Found::Record(header, _) => {
                self.pass(&header);
                Ok(true)
            }
            Found::Nothing | Found::Other(_) => Ok(false),
        }
    }

    fn pass(&mut self, header: &Header) {
        self.end += self.blocks(header.body_bytes as usize);
        self.next = header.sequence + 1;
        self.head = header.hash;
    }

    /// Makes zeros behind the last record, if a record was being written there. Where a later record follows, something is wrong before it.
    fn cut_tail(&mut self) -> Result<bool, LedgerError> {
        if self.is_zero(self.end, self.end_of_longest())? {
            return Ok(false);
        }
        for at in self.end..self.device.block_count() {
            let later = Header::decode(&self.block(at)?).filter(|header| header.sequence >= self.next);
            let Some(header) = later else { continue };
            if let Some(body) = self.body(at, &header)?
                && header.hash == header.hash_with(&body)
            {
                let found = self.read(self.end, self.next, self.head)?;
                self.corrupt = Some(if let Found::Other(what) = found { what } else { What::Missing });
                return Ok(false);
            }
        }
        self.erase(self.end_of_longest() - self.end)?;
        Ok(true)
    }

    fn erase(&mut self, blocks: u64) -> Result<(), LedgerError> {
        let zeros = vec![0; self.block_bytes * blocks as usize];
        self.device.write(Lba(self.end), &zeros)?;
        Ok(self.device.flush()?)
    }

    /// Whether there are only zeros from a block on, up to another one and as far as the device goes.
    fn is_zero(&mut self, from: u64, to: u64) -> Result<bool, LedgerError> {
        let blocks = to.min(self.device.block_count()).saturating_sub(from);
        let mut bytes = vec![0; self.block_bytes * blocks as usize];
        self.device.read(Lba(from), &mut bytes)?;
        Ok(bytes.iter().all(|byte| *byte == 0))
    }

    /// As far as one record can have been written from the end on.
    fn end_of_longest(&self) -> u64 {
        (self.end + self.blocks(MAX_BODY_BYTES)).min(self.device.block_count())
    }

    fn blocks(&self, body_bytes: usize) -> u64 {
        (HEADER_BYTES + body_bytes).div_ceil(self.block_bytes) as u64
    }

    fn block(&mut self, at: u64) -> Result<Vec<u8>, LedgerError> {
        let mut block = vec![0; self.block_bytes];
        self.device.read(Lba(at), &mut block)?;
        Ok(block)
    }

    /// What a header says is behind it, if there is room for it.
    fn body(&mut self, at: u64, header: &Header) -> Result<Option<Vec<u8>>, LedgerError> {
        let len = header.body_bytes as usize;
        if len > MAX_BODY_BYTES || self.blocks(len) > self.device.block_count() - at {
            return Ok(None);
        }
        let mut bytes = vec![0; self.blocks(len) as usize * self.block_bytes];
        self.device.read(Lba(at), &mut bytes)?;
        let padding_is_zero = bytes[HEADER_BYTES + len..].iter().all(|byte| *byte == 0);
        bytes.truncate(HEADER_BYTES + len);
        bytes.drain(..HEADER_BYTES);
        Ok(padding_is_zero.then_some(bytes))
    }

    /// What is on a block where a record of a number could begin.
    fn read(&mut self, at: u64, sequence: u64, before: ContentHash) -> Result<Found, LedgerError> {
        if at >= self.device.block_count() {
            return Ok(Found::Nothing);
        }
        let block = self.block(at)?;
        let Some(header) = Header::decode(&block) else {
            let is_zero = block.iter().all(|byte| *byte == 0);
            return Ok(if is_zero { Found::Nothing } else { Found::Other(What::Missing) });
        };
        if header.sequence != sequence {
            return Ok(Found::Other(What::Sequence { found: header.sequence }));
        }
        if header.before != before {
            return Ok(Found::Other(What::Chain));
        }
        match self.body(at, &header)? {
            Some(body) if header.hash_with(&body) == header.hash => Ok(Found::Record(header, body)),
            _ => Ok(Found::Other(What::Hash)),
        }
    }
}
