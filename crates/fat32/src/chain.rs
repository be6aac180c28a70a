//! Chains of clusters, as runs.
//!
//! The FAT gives the clusters of a file as a linked list. [`Chain::walk`] follows it once, to its end, when a file or
//! folder is opened, and keeps it as runs of neighbouring clusters, so that reading afterwards needs no FAT as a rule
//! and goes to the device in pieces as large as the disk has them.
//!
//! **Loops.** A damaged list may be a ring. Remembering every cluster would cost memory in proportion to the volume;
//! Brent's algorithm needs one cluster and a step counter. It compares each cluster with a mark that is moved up to the
//! current cluster at every power of two of steps. If the list repeats itself within its first *k* clusters, the mark
//! lies in the ring and the ring is shorter than the mark's distance after at most *2k* steps, and one more turn of at
//! most *k* steps meets the mark. So *3k* steps prove that no cluster occurs twice among the first *k*, which are all
//! that a file of *k* clusters uses; a list that goes on behind them without an end is longer than its file, which is
//! allowed (Linux leaves such lists when it allocates ahead).
//!
//! **Memory.** At most [`MAX_RUNS`] runs are kept. A file in more pieces keeps every second, fourth, … run, spread
//! evenly, and a look-up walks the FAT from the kept run before it; the cursor makes reading in order free of that.

use crate::{Damage, layout::fat};
use alloc::vec::Vec;
use velocity_hal::BlockError;

/// Most runs that a chain keeps: 12 KiB.
pub const MAX_RUNS: usize = 1024;

/// Where a cluster leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// To this cluster of the volume.
    Next(u32),
    /// It is the last of its chain.
    End,
    /// It belongs to no chain.
    Free,
    /// To a bad cluster.
    Bad,
    /// To a cluster that the volume does not have.
    Outside(u32),
}

/// Something that knows where clusters lead.
pub trait Links {
    /// True if the volume has `cluster`.
    fn holds(&self, cluster: u32) -> bool;

    /// Where `cluster`, one of the volume, leads.
    fn link(&mut self, cluster: u32) -> Result<Link, BlockError>;
}

/// Why a chain cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainFault {
    Io(BlockError),
    Damage(Damage),
}

impl From<BlockError> for ChainFault {
    fn from(error: BlockError) -> Self {
        Self::Io(error)
    }
}

/// `len` clusters from `cluster` on; the first is number `ordinal` of its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    ordinal: u32,
    cluster: u32,
    len: u32,
}

impl Run {
    /// The number of the first cluster behind this run.
    fn end(&self) -> u32 {
        self.ordinal + self.len
    }

    fn last_cluster(&self) -> u32 {
        self.cluster + (self.len - 1)
    }
}

/// The clusters of a file or folder.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Kept runs by ordinal; the first run of the chain is always among them.
    runs: Vec<Run>,
    /// One run in so many is kept: a power of two.
    stride: u32,
    /// Runs met so far.
    met: u32,
    /// The run that the last look-up ended in.
    cursor: Option<Run>,
    /// Clusters that may be looked up.
    kept: u32,
}

impl Chain {
    /// Walks the chain that begins at `first`, keeps up to `keep` (at least 1) clusters of it, and returns it with the
    /// number of clusters met, which is larger than `keep` if there are more. Takes at most `3 * keep` steps.
    pub fn walk(links: &mut impl Links, first: u32, keep: u32) -> Result<(Self, u32), ChainFault> {
        if !links.holds(first) {
            return Err(ChainFault::Damage(Damage::ChainStart { cluster: first }));
        }
        let mut chain = Self { stride: 1, ..Self::default() };
        let mut run = Run { ordinal: 0, cluster: first, len: 1 };
        let mut loops = LoopCheck { mark: first, steps: 0, next_mark: 1 };
        let (mut cluster, mut met) = (first, 1);
        while met <= keep.saturating_mul(3) {
            let Some(next) = follow(links, cluster)? else { break };
            if loops.has_come_back(next) {
                return Err(ChainFault::Damage(Damage::ChainLoop { cluster: next }));
            }
            if met >= keep {
                // Behind what the file uses: only the loop check goes on.
            } else if next == cluster + 1 {
                run.len += 1;
            } else {
                chain.keep(run);
                run = Run { ordinal: met, cluster: next, len: 1 };
            }
            (cluster, met) = (next, met + 1);
        }
        chain.keep(run);
        chain.kept = run.end();
        Ok((chain, met))
    }

    /// Clusters that can be looked up.
    pub fn clusters(&self) -> u32 {
        self.kept
    }

    /// The cluster that is number `ordinal` of this chain, and how many follow it without a gap, itself included.
    pub fn locate(&mut self, links: &mut impl Links, ordinal: u32) -> Result<(u32, u32), ChainFault> {
        let short = ChainFault::Damage(Damage::ChainShort { clusters: self.kept, needed: ordinal.saturating_add(1) });
        if ordinal >= self.kept {
            return Err(short);
        }
        let index = self.runs.partition_point(|run| run.ordinal <= ordinal);
        let kept = index.checked_sub(1).map(|before| self.runs[before]);
        let cursor = self.cursor.filter(|run| run.ordinal <= ordinal);
        let mut run = kept.into_iter().chain(cursor).max_by_key(|run| run.ordinal).ok_or(short)?;
        while run.end() <= ordinal {
            run = self.run_behind(links, run)?;
        }
        self.cursor = Some(run);
        let within = ordinal - run.ordinal;
        Ok((run.cluster + within, run.len - within))
    }

    /// The run that follows `run`, from the FAT. It is there, because the walk has met it; if the device now tells
    /// something else, that is an error.
    fn run_behind(&self, links: &mut impl Links, run: Run) -> Result<Run, ChainFault> {
        let short = Damage::ChainShort { clusters: run.end(), needed: self.kept };
        let cluster = follow(links, run.last_cluster())?.ok_or(ChainFault::Damage(short))?;
        let mut next = Run { ordinal: run.end(), cluster, len: 1 };
        while next.end() < self.kept && follow(links, next.last_cluster())? == Some(next.last_cluster() + 1) {
            next.len += 1;
        }
        Ok(next)
    }

    fn keep(&mut self, run: Run) {
        if self.runs.len() == MAX_RUNS {
            let mut place = 0;
            self.runs.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.stride *= 2;
        }
        if self.met.is_multiple_of(self.stride) {
            self.runs.push(run);
        }
        self.met += 1;
    }
}

/// The cluster behind `cluster`; `None` at the end.
fn follow(links: &mut impl Links, cluster: u32) -> Result<Option<u32>, ChainFault> {
    let damage = match links.link(cluster)? {
        Link::Next(next) => return Ok(Some(next)),
        Link::End => return Ok(None),
        Link::Free => Damage::ChainFree { cluster },
        Link::Bad => Damage::ChainBad { cluster },
        Link::Outside(next) => Damage::ChainOutside { cluster, next },
    };
    Err(ChainFault::Damage(damage))
}

/// Brent's cycle detection; see the top of this file.
struct LoopCheck {
    mark: u32,
    steps: u32,
    next_mark: u32,
}

impl LoopCheck {
    /// Takes the next cluster of the chain; true if it is one that was met before.
    fn has_come_back(&mut self, cluster: u32) -> bool {
        if cluster == self.mark {
            return true;
        }
        self.steps += 1;
        if self.steps == self.next_mark {
            self.mark = cluster;
            self.steps = 0;
            self.next_mark = self.next_mark.saturating_mul(2);
        }
        false
    }
}

/// Clusters are numbered from 2 to below this, so ordinals, ends and run lengths fit 32 bits with room to spare.
const _: () = assert!(fat::BAD < u32::MAX / 4);

#[cfg(test)]
mod tests;
