//! Code that was made before: programs that are equal share one copy of it.
//!
//! What code depends on is one digest ([`super::digest`]). The cache keeps what was published under it, the least recently used going first
//! when there is more than a number of bytes; a copy in use stays until the last run that uses it is gone. If the code
//! memory has no room, everything goes that nobody uses.

#[cfg(test)]
mod tests;

use super::published::Published;
use crate::CodeMemory;
use alloc::sync::Arc;
use alloc::vec::Vec;
use spin::Mutex;
use velocity_base::ContentHash;

/// How many units are kept at most, whatever their size.
const MOST: usize = 512;

/// Pages are given to code whole.
const PAGE: usize = 4096;

/// Code of one code memory, for all stores whose code goes there.
#[derive(Debug)]
pub struct CodeCache {
    pub(super) memory: Arc<dyn CodeMemory>,
    limit: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    units: Vec<Unit>,
    bytes: usize,
    /// Counts uses.
    now: u64,
    hits: u64,
    misses: u64,
}

#[derive(Debug)]
struct Unit {
    key: ContentHash,
    code: Arc<Published>,
    bytes: usize,
    used: u64,
}

/// What a cache holds, and how often it had what was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// How often code was there.
    pub hits: u64,
    /// How often it was not, and was compiled.
    pub misses: u64,
    /// How many pieces of code there are: programs, and loops that are entered at their heads.
    pub units: usize,
    /// Their bytes, with what is known of each place in them.
    pub bytes: usize,
    /// How many bytes there may be.
    pub limit: usize,
}

impl CodeCache {
    /// Of this memory, with so many bytes at most. No other memory's code is in it.
    #[must_use]
    pub fn new(memory: Arc<dyn CodeMemory>, limit: usize) -> Self {
        Self { memory, limit, kept: Mutex::default() }
    }

    /// What it holds.
    #[must_use]
    pub fn figures(&self) -> CacheFigures {
        let kept = self.kept.lock();
        let Kept { bytes, hits, misses, .. } = *kept;
        CacheFigures { hits, misses, units: kept.units.len(), bytes, limit: self.limit }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.lock().units.is_empty()
    }

    pub(super) fn has(&self, key: &ContentHash) -> bool {
        self.kept.lock().units.iter().any(|unit| unit.key == *key)
    }

    /// The code of a key; a use, or a miss.
    pub(super) fn get(&self, key: &ContentHash) -> Option<Arc<Published>> {
        let mut kept = self.kept.lock();
        kept.now += 1;
        let now = kept.now;
        let found = kept.units.iter_mut().find(|unit| unit.key == *key).map(|unit| {
            unit.used = now;
            Arc::clone(&unit.code)
        });
        if found.is_some() {
            kept.hits += 1;
        } else {
            kept.misses += 1;
        }
        found
    }

    /// Keeps the code of a key, if it is not larger than all that may be kept; the least recently used goes until there is room.
    pub(super) fn put(&self, key: ContentHash, code: &Arc<Published>) {
        let bytes = code.bytes().next_multiple_of(PAGE);
        if bytes > self.limit {
            return;
        }
        let mut gone = Vec::new();
        let mut kept = self.kept.lock();
        while kept.bytes + bytes > self.limit || kept.units.len() >= MOST {
            let Some(at) = (0..kept.units.len()).min_by_key(|&at| kept.units[at].used) else { break };
            let unit = kept.units.swap_remove(at);
            kept.bytes -= unit.bytes;
            gone.push(unit);
        }
        let used = kept.now;
        kept.units.push(Unit { key, code: Arc::clone(code), bytes, used });
        kept.bytes += bytes;
        drop(kept);
        // Memory is given back when nobody else waits for the cache.
        drop(gone);
    }

    /// Forgets what nobody uses; whether there was anything.
    pub(super) fn shed(&self) -> bool {
        let mut kept = self.kept.lock();
        let (stay, gone): (Vec<Unit>, Vec<Unit>) =
            core::mem::take(&mut kept.units).into_iter().partition(|unit| Arc::strong_count(&unit.code) > 1);
        kept.bytes = stay.iter().map(|unit| unit.bytes).sum();
        kept.units = stay;
        drop(kept);
        !gone.is_empty()
    }
}
