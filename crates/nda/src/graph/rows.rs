//! Facts as they lie in a document: each once, sorted by subject, and their order by object.
//!
//! ```text
//! 0   how many facts: 32 bits
//! 4   bytes of an upper half, of a lower half, of a rank: 2 or 4 each; then a zero
//! 8   for each fact, sorted: the upper half of its key by subject (subject and predicate), the lower (object)
//!     ranks: the positions of the facts above, sorted by their keys by object
//! ```
//!
//! Invariant of [`Rows`]: its bytes are as long as its header asks for.

use super::fact::Predicate;
use super::run::FactsError;
use alloc::vec::Vec;

const HEADER: usize = 8;

/// Sorted facts in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    bytes: &'a [u8],
    count: usize,
    upper: Width,
    lower: Width,
    rank: Width,
    /// Where the ranks begin.
    ranks: usize,
}

/// How many bytes a number has.
#[derive(Clone, Copy, Debug)]
struct Width {
    bytes: usize,
    mask: u64,
}

impl Width {
    fn new(bytes: u8) -> Option<Self> {
        (bytes == 2 || bytes == 4).then(|| Self { bytes: usize::from(bytes), mask: u64::MAX >> (64 - 8 * bytes) })
    }

    const fn bits(self) -> usize {
        8 * self.bytes
    }
}

impl<'a> Rows<'a> {
    /// Checks all; nothing is allocated.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, FactsError> {
        let rows = Self::of(bytes).ok_or(FactsError::Length(bytes.len()))?;
        rows.check()?;
        Ok(rows)
    }

    fn of(bytes: &'a [u8]) -> Option<Self> {
        let &[a, b, c, d, upper, lower, rank, 0] = bytes.first_chunk::<HEADER>()? else { return None };
        let count = u32::from_le_bytes([a, b, c, d]) as usize;
        let (upper, lower, rank) = (Width::new(upper)?, Width::new(lower)?, Width::new(rank)?);
        let ranks = count.checked_mul(upper.bytes + lower.bytes)?.checked_add(HEADER)?;
        let end = count.checked_mul(rank.bytes)?.checked_add(ranks)?;
        (end == bytes.len()).then_some(Self { bytes, count, upper, lower, rank, ranks })
    }

    /// Both orders ascend, and every predicate is known.
    fn check(&self) -> Result<(), FactsError> {
        let sound = match (self.upper.bytes + self.lower.bytes, self.rank.bytes) {
            (4, 2) => self.is_sound::<4, 2>(),
            (4, _) => self.is_sound::<4, 4>(),
            (6, 2) => self.is_sound::<6, 2>(),
            (6, _) => self.is_sound::<6, 4>(),
            (_, 2) => self.is_sound::<8, 2>(),
            _ => self.is_sound::<8, 4>(),
        };
        if sound { Ok(()) } else { Err(FactsError::Order(self.wrong())) }
    }

    /// Whether all is right, for rows and ranks of so many bytes. The loops have no way out: what is right is read once
    /// and quickly.
    fn is_sound<const ROW: usize, const RANK: usize>(&self) -> bool {
        let (rows, ranks) = (&self.bytes[HEADER..self.ranks], &self.bytes[self.ranks..]);
        let (rows, ranks) = (rows.as_chunks::<ROW>().0, ranks.as_chunks::<RANK>().0);
        let mut before = None;
        let mut sound = true;
        for row in rows {
            let key = self.key(wide(row));
            sound &= before < Some(key) && (key >> 32) & 15 < Predicate::ALL.len() as u64;
            before = Some(key);
        }
        let mut before = None;
        for rank in ranks {
            let Some(row) = rows.get(wide(rank) as usize) else { return false };
            let key = by_object(self.key(wide(row)));
            sound &= before < Some(key);
            before = Some(key);
        }
        sound
    }

    /// The first position, in whichever order, that is not right.
    fn wrong(&self) -> usize {
        let known = |at: usize| (self.by_subject(at) >> 32) & 15 < Predicate::ALL.len() as u64;
        let ascends = |at: usize| at == 0 || self.by_subject(at - 1) < self.by_subject(at);
        let by_subject = (0..self.count).find(|&at| !known(at) || !ascends(at));
        let ascends = |at: usize| at == 0 || self.by_object(at - 1) < self.by_object(at);
        let by_object = || (0..self.count).find(|&at| self.rank(at) >= self.count || !ascends(at));
        by_subject.or_else(by_object).unwrap_or(self.count)
    }

    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// The largest subject.
    pub(crate) fn last_subject(&self) -> Option<u32> {
        let last = self.count.checked_sub(1)?;
        Some((self.by_subject(last) >> 36) as u32)
    }

    /// The key by subject at a position; of one outside, the largest.
    #[inline]
    pub(super) fn by_subject(&self, at: usize) -> u64 {
        if at >= self.count {
            return u64::MAX;
        }
        self.key(self.word(HEADER + at * (self.upper.bytes + self.lower.bytes)))
    }

    /// The key by subject that stands in the lower bytes of `row`.
    #[inline]
    const fn key(&self, row: u64) -> u64 {
        (row & self.upper.mask) << 32 | (row >> self.upper.bits()) & self.lower.mask
    }

    /// The key by object at a position of that order; of one outside, the largest.
    #[inline]
    pub(super) fn by_object(&self, at: usize) -> u64 {
        if at >= self.count {
            return u64::MAX;
        }
        by_object(self.by_subject(self.rank(at)))
    }

    #[inline]
    fn rank(&self, at: usize) -> usize {
        (self.word(self.ranks + at * self.rank.bytes) & self.rank.mask) as usize
    }

    /// Eight bytes from `at` on; zeros for those behind the end.
    #[inline]
    fn word(&self, at: usize) -> u64 {
        let rest = self.bytes.get(at..).unwrap_or(&[]);
        match rest.first_chunk() {
            Some(word) => u64::from_le_bytes(*word),
            None => rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        }
    }
}

/// The key by object of the fact that has this key by subject.
#[inline]
const fn by_object(key: u64) -> u64 {
    (key >> 32 & 15) << 60 | (key & 0xFFFF_FFFF) << 28 | key >> 36
}

/// Up to eight bytes as a number.
#[inline]
fn wide<const N: usize>(bytes: &[u8; N]) -> u64 {
    let mut word = [0; 8];
    word[..N].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

/// Appends facts, given by their keys by subject, sorted.
pub(super) fn write(keys: &[u64], out: &mut Vec<u8>) {
    let halves = |key: u64| [(key >> 32) as u32, key as u32];
    let largest = |half: usize| keys.iter().map(|&key| halves(key)[half]).max().unwrap_or(0);
    let mut ranks: Vec<u32> = (0..keys.len() as u32).collect();
    ranks.sort_by_cached_key(|&rank| by_object(keys[rank as usize]));
    let widths = [largest(0), largest(1), keys.len() as u32].map(|largest| if largest <= 0xFFFF { 2 } else { 4 });
    out.extend_from_slice(&(keys.len() as u32).to_le_bytes());
    out.extend(widths.map(|width: usize| width as u8));
    out.push(0);
    for &key in keys {
        for (half, width) in halves(key).into_iter().zip(widths) {
            out.extend_from_slice(&half.to_le_bytes()[..width]);
        }
    }
    ranks.iter().for_each(|rank| out.extend_from_slice(&rank.to_le_bytes()[..widths[2]]));
}
