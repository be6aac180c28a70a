//! Which registers have a zero upper half: a forward analysis over the basic blocks of a function.
//!
//! A bounds check compares a sum of 64 bits with the length of memory; it says something only of an address that is a value of 32 bits.
//! While a function is walked, each block says what it needs at its beginning, and each edge what it brings; afterwards the greatest
//! solution is computed, beginning with everything, where every edge can only take away. A block is looked at again only when it has lost
//! a register, so that work is bounded by 16 times the edges.

use alloc::vec::Vec;

/// Sets of registers with a zero upper half, relative to the beginning of a block: always (in the lower half), or if they had it at the
/// beginning. One word, as it is written a little and read as a whole in turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Upper(u32);

impl Upper {
    /// At the beginning of a block.
    pub(super) const START: Self = Self((u16::MAX as u32) << 16);

    #[inline(always)]
    pub(super) const fn set(&mut self, register: u8, zero: bool) {
        let at = register & 15;
        self.0 = self.0 & !(0x1_0001 << at) | (zero as u32) << at;
    }

    pub(super) const fn keep(&mut self, set: u16) {
        self.0 &= set as u32 * 0x1_0001;
    }

    pub(super) const fn is_zero(self, register: u8) -> bool {
        self.0 >> (register & 15) & 1 != 0
    }

    const fn is_same(self, register: u8) -> bool {
        self.0 >> (register & 15) >> 16 & 1 != 0
    }

    const fn of(self, start: u16) -> u16 {
        self.0 as u16 | (self.0 >> 16) as u16 & start
    }
}

/// A way from a block to a place.
#[derive(Clone, Copy, Debug)]
struct Edge {
    to: u32,
    brings: Upper,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    offset: u32,
    needs: u16,
    /// Its edges end here; they begin where those of the block before end.
    edges: usize,
}

/// The blocks of a function, in the order of their offsets.
#[derive(Debug, Default)]
pub(super) struct Graph {
    blocks: Vec<Block>,
    edges: Vec<Edge>,
    /// By block: what has a zero upper half at its beginning.
    starts: Vec<u16>,
    /// Blocks that have to be looked at, and by block whether it is among them.
    waiting: Vec<u32>,
    waits: Vec<bool>,
}

impl Graph {
    /// Room for how many items its largest list has.
    pub(super) fn room(&self) -> usize {
        let lists = [self.blocks.capacity(), self.edges.capacity(), self.starts.capacity(), self.waiting.capacity()];
        lists.into_iter().fold(self.waits.capacity(), usize::max)
    }

    /// Forgets everything, to take the blocks of another function.
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
        self.edges.clear();
    }

    pub(super) fn block(&mut self, offset: u32) {
        self.blocks.push(Block { offset, needs: 0, edges: self.edges.len() });
    }

    /// From the last block.
    pub(super) fn edge(&mut self, to: u32, brings: Upper) {
        self.edges.push(Edge { to, brings });
        if let Some(block) = self.blocks.last_mut() {
            block.edges = self.edges.len();
        }
    }

    /// The last block needs a zero upper half of a register; whether it may have it.
    pub(super) fn need(&mut self, upper: Upper, register: u8) -> bool {
        if upper.is_same(register)
            && let Some(block) = self.blocks.last_mut()
        {
            block.needs |= 1 << (register & 15);
            return true;
        }
        upper.is_zero(register)
    }

    /// Where a block begins that does not get what it needs.
    pub(super) fn solve(&mut self) -> Option<u32> {
        if self.blocks.iter().all(|block| block.needs == 0) {
            return None;
        }
        let Self { blocks, edges, starts, waiting, waits } = self;
        starts.clear();
        starts.resize(blocks.len(), u16::MAX);
        // Who calls the function promises nothing.
        *starts.first_mut()? = 0;
        waiting.clear();
        waiting.extend((0..blocks.len() as u32).rev());
        waits.clear();
        waits.resize(blocks.len(), true);
        while let Some(at) = waiting.pop() {
            let at = at as usize;
            waits[at] = false;
            let first = at.checked_sub(1).map_or(0, |before| blocks[before].edges);
            for edge in &edges[first..blocks[at].edges] {
                // Every place that an edge leads to is a block; what is none needs nothing.
                let Ok(to) = blocks.binary_search_by_key(&edge.to, |block| block.offset) else { continue };
                let start = starts[to] & edge.brings.of(starts[at]);
                if start != starts[to] {
                    starts[to] = start;
                    if !core::mem::replace(&mut waits[to], true) {
                        waiting.push(to as u32);
                    }
                }
            }
        }
        let lacks = blocks.iter().zip(starts).find(|(block, start)| block.needs & !**start != 0);
        lacks.map(|(block, _)| block.offset)
    }
}
