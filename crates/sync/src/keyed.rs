//! Packets that a neighbour cannot forge.
//!
//! The threat: somebody who can read and write the shared page, and so compute any hash that has no key. Both ends have a key from the system; the neighbour has not.
//! Each packet's hash is 64 bits of a keyed BLAKE3 over its place and what it is; a batch ends with a packet that carries a keyed BLAKE3, of 256 bits, over the batch before and
//! the root of a Merkle tree over the batch's packets. So one altered packet is named at once, by a receiver that a forger deceives once in 2^64 tries, and no batch
//! is taken for good, dropped or put in another's place, that was not sent. A single packet can be shown to belong to a batch by the hashes beside its way to the root.

use crate::chain::{Chain, Fault, Packet, TooLong};

/// The kind of the packet that ends a batch. No other packet has it.
pub const CLOSE: u16 = u16::MAX;

/// How many packets a batch has at most.
pub const MOST: u32 = 1 << 16;

/// How high a tree over as many grows.
const HEIGHT: usize = 17;

/// What ends a batch takes so many words: how many packets it had, and the keyed hash.
const CLOSE_WORDS: usize = 5;

type Hash = [u8; 32];

/// One end of a link with a key: where it stands.
#[derive(Clone)]
pub struct Keyed {
    key: Hash,
    chain: Chain,
    /// The keyed hash of the batch before.
    before: Hash,
    tree: Tree,
}

impl core::fmt::Debug for Keyed {
    /// Without the key.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Keyed").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// The roots of the whole trees that a batch's packets make so far, the largest first: one for each bit of their number.
#[derive(Clone, Copy)]
struct Tree {
    count: u32,
    roots: [Hash; HEIGHT],
}

impl Tree {
    const EMPTY: Self = Self { count: 0, roots: [[0; 32]; HEIGHT] };

    fn add(&mut self, key: &Hash, mut leaf: Hash) {
        let mut height = self.count.count_ones() as usize;
        let mut whole = self.count;
        while whole & 1 != 0 {
            height -= 1;
            leaf = keyed(key, b"node", &[&self.roots[height], &leaf]);
            whole >>= 1;
        }
        self.roots[height] = leaf;
        self.count += 1;
    }

    fn root(&self, key: &Hash) -> Hash {
        let mut roots = self.roots[..self.count.count_ones() as usize].iter().rev();
        let last = roots.next().copied().unwrap_or_default();
        roots.fold(last, |right, left| keyed(key, b"node", &[left, &right]))
    }
}

/// A hash that only who has the key can compute; what it is for comes first.
fn keyed(key: &Hash, what: &[u8; 4], parts: &[&[u8]]) -> Hash {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(what);
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// What came of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// A packet of the batch that goes on.
    Packet,
    /// The batch is over and was as it was sent.
    Batch,
}

/// Why nothing was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSealed {
    /// The kind is [`CLOSE`].
    Reserved,
    /// The batch has [`MOST`] packets: end it first.
    BatchFull,
    /// It does not fit into a packet.
    TooLong(TooLong),
}

impl Keyed {
    /// The start of a link with a key that its two ends have, and nobody else.
    #[must_use]
    pub const fn start(key: Hash, link: u64, epoch: u8, number: u32) -> Self {
        Self { key, chain: Chain::start(link, epoch, number), before: [0; 32], tree: Tree::EMPTY }
    }

    /// Makes the next packet of the batch.
    ///
    /// # Errors
    /// If it does not fit, or the batch is full.
    pub fn seal<const WORDS: usize>(&mut self, kind: u16, bytes: &[u8]) -> Result<Packet<WORDS>, NotSealed> {
        match kind {
            CLOSE => return Err(NotSealed::Reserved),
            _ if self.tree.count >= MOST => return Err(NotSealed::BatchFull),
            _ => {}
        }
        let packet = self.chain.seal(kind, bytes).map_err(NotSealed::TooLong)?;
        let leaf = self.leaf(&packet);
        self.tree.add(&self.key, leaf);
        Ok(packet.with_hash(short(&leaf)))
    }

    /// Ends the batch.
    pub fn close<const WORDS: usize>(&mut self) -> Packet<WORDS> {
        const { assert!(WORDS >= CLOSE_WORDS, "what ends a batch takes five words") };
        let (count, hash) = (self.tree.count, self.batch());
        let mut words = [0; WORDS];
        words[0] = count.into();
        for (word, bytes) in words[1..].iter_mut().zip(hash.chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        let packet = self.chain.seal_words(CLOSE, CLOSE_WORDS * 8, words);
        let leaf = self.leaf(&packet);
        (self.before, self.tree) = (hash, Tree::EMPTY);
        packet.with_hash(short(&leaf))
    }

    /// Looks at a packet, and goes on behind it if it is the next one and what was sent.
    ///
    /// # Errors
    /// What is wrong with it; the link stays where it is.
    pub fn open<const WORDS: usize>(&mut self, packet: &Packet<WORDS>) -> Result<Opened, Fault> {
        let leaf = self.leaf(packet);
        let altered = Fault::Altered { number: packet.number() };
        let mut chain = self.chain;
        chain.pass(packet)?;
        if !same(&packet.hash().to_le_bytes(), &leaf[..8]) {
            return Err(altered);
        }
        if packet.kind() != CLOSE {
            if self.tree.count >= MOST {
                return Err(altered);
            }
            self.tree.add(&self.key, leaf);
            self.chain = chain;
            return Ok(Opened::Packet);
        }
        let hash = self.batch();
        let mut found = [0; 32];
        for (bytes, word) in found.chunks_exact_mut(8).zip(packet.words().iter().skip(1)) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        if packet.words().first() != Some(&self.tree.count.into()) || !same(&found, &hash) {
            return Err(altered);
        }
        (self.chain, self.before, self.tree) = (chain, hash, Tree::EMPTY);
        Ok(Opened::Batch)
    }

    fn leaf<const WORDS: usize>(&self, packet: &Packet<WORDS>) -> Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"leaf");
        hasher.update(&self.chain.link_hash().to_le_bytes());
        hasher.update(&self.before);
        // All but the hash, which is what is to come of it.
        for (at, word) in packet.to_words().enumerate() {
            if at != 1 {
                hasher.update(&word.to_le_bytes());
            }
        }
        *hasher.finalize().as_bytes()
    }

    /// The keyed hash of the batch.
    fn batch(&self) -> Hash {
        let root = self.tree.root(&self.key);
        let count = self.tree.count.to_le_bytes();
        keyed(&self.key, b"last", &[&self.chain.link_hash().to_le_bytes(), &self.before, &count, &root])
    }
}

/// The first 64 bits.
fn short(hash: &Hash) -> u64 {
    hash[..8].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Compares without telling by the time how much is the same.
fn same(one: &[u8], two: &[u8]) -> bool {
    one.len() == two.len() && one.iter().zip(two).fold(0, |all, (one, two)| all | (one ^ two)) == 0
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    const KEY: Hash = [7; 32];

    /// Batches of these sizes, each with its end.
    fn batches(sizes: &[u32], key: Hash) -> Vec<Packet<6>> {
        let mut keyed = Keyed::start(key, 3, 0, 0);
        let mut all = Vec::new();
        for &size in sizes {
            all.extend((0..size).map(|number| keyed.seal(5, &number.to_le_bytes()).expect("it fits")));
            all.push(keyed.close());
        }
        all
    }

    #[test]
    fn batches_of_all_sizes_open() {
        let sizes: Vec<u32> = (0..20).chain([64, 100]).collect();
        let mut keyed = Keyed::start(KEY, 3, 0, 0);
        let ends = batches(&sizes, KEY).iter().filter(|packet| keyed.open(packet) == Ok(Opened::Batch)).count();
        assert_eq!(ends, sizes.len());
        assert_eq!(keyed.seal::<6>(CLOSE, &[]), Err(NotSealed::Reserved));
        assert_eq!(keyed.seal::<6>(0, &[0; 49]), Err(NotSealed::TooLong(TooLong { most: 48 })));
    }

    #[test]
    fn no_flipped_bit_goes_through() {
        let mut keyed = Keyed::start(KEY, 3, 0, 0);
        for packet in batches(&[3, 1], KEY) {
            let words: Vec<u64> = packet.to_words().collect();
            for bit in 0..words.len() * 64 {
                let flipped = Packet::<6>::from_words(|at| words[at] ^ u64::from(at == bit / 64) << (bit % 64));
                assert!(keyed.open(&flipped).is_err(), "{bit}");
            }
            assert!(keyed.open(&packet).is_ok());
        }
    }

    /// A neighbour who knows all but the key makes packets of its own, leaves some out, or changes their places.
    #[test]
    fn nothing_that_a_neighbour_makes_goes_through() {
        let (good, forged) = (batches(&[3, 2], KEY), batches(&[3, 2], [8; 32]));
        for (at, (good_one, forged_one)) in good.iter().zip(&forged).enumerate() {
            let mut keyed = Keyed::start(KEY, 3, 0, 0);
            good[..at].iter().for_each(|packet| assert!(keyed.open(packet).is_ok()));
            assert_eq!(keyed.open(forged_one), Err(Fault::Altered { number: at as u32 }));
            for (other, packet) in good.iter().enumerate().filter(|(other, _)| *other != at) {
                let fault = keyed.open(packet).expect_err("it is not the next one");
                let (expected, found) = (at as u32, other as u32);
                assert_eq!(
                    fault,
                    if other > at { Fault::Missing { expected, found } } else { Fault::Repeated { expected, found } }
                );
            }
            assert!(keyed.open(good_one).is_ok());
        }
        // The same packets on another link, in another epoch, or behind another batch.
        let mut other = Keyed::start(KEY, 4, 0, 0);
        assert_eq!(other.open(&good[0]), Err(Fault::Altered { number: 0 }));
        let mut behind = Keyed::start(KEY, 3, 0, 0);
        batches(&[3], KEY)[..3].iter().for_each(|packet| assert!(behind.open(packet).is_ok()));
        let short = batches(&[2, 0], KEY);
        assert!(behind.open(&short[3]).is_err());
    }

    #[test]
    fn a_tree_is_that_of_its_leaves() {
        let leaf = |number: u8| [number; 32];
        let node = |one: &Hash, two: &Hash| keyed(&KEY, b"node", &[one, two]);
        let tree = |count: u8| {
            let mut tree = Tree::EMPTY;
            (0..count).for_each(|number| tree.add(&KEY, leaf(number)));
            tree.root(&KEY)
        };
        let two = |at: u8| node(&leaf(at), &leaf(at + 1));
        let four = node(&two(0), &two(2));
        assert_eq!((tree(1), tree(2), tree(4)), (leaf(0), two(0), four));
        assert_eq!(tree(3), node(&two(0), &leaf(2)));
        assert_eq!(tree(7), node(&four, &node(&two(4), &leaf(6))));
    }
}
