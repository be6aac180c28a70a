//! Packets that say which they are: each carries its number, its kind, its length, and a hash over all packets so far.
//!
//! Against accidents: a flipped bit, a packet that is lost, repeated, or in another's place. A neighbour who writes what it likes can compute the hash
//! as well; against that, there are keys ([`keyed`](crate::keyed)).
//!
//! The hash takes 128 bits at a time, as one product whose halves are joined (the folded multiplication of wyhash; Wang Yi 2019). What it is over does not
//! wait for what came before but in the last step, so that a processor computes its products at the same time. It misses what is altered once in 2^64 times.

/// A packet with `WORDS` words of 8 bytes for what it carries, at most 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Packet<const WORDS: usize> {
    /// Number (32 bits), kind (16), length in bytes (8) and epoch (8), from the lowest on.
    head: u64,
    hash: u64,
    words: [u64; WORDS],
}

/// What is wrong with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Packets before this one are missing.
    Missing {
        /// The number that was to come.
        expected: u32,
        /// The number that came.
        found: u32,
    },
    /// It came before, or it comes after one that was to come later.
    Repeated {
        /// The number that was to come.
        expected: u32,
        /// The number that came.
        found: u32,
    },
    /// It is not what was sent, or not after what was sent.
    Altered {
        /// Its number.
        number: u32,
    },
}

impl core::fmt::Display for Fault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Missing { expected, found } => {
                write!(f, "packet {found} came where {expected} was to come: ask for those between")
            }
            Self::Repeated { expected, found } => {
                write!(f, "packet {found} came again where {expected} was to come: ask for that one")
            }
            Self::Altered { number } => write!(f, "packet {number} is not what was sent: ask for it again"),
        }
    }
}

/// What is too long for a packet: how many bytes fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// So many bytes fit.
    pub most: usize,
}

/// One end of a chain: where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    number: u32,
    epoch: u8,
    hash: u64,
    /// What the chain began with.
    start: u64,
}

/// Odd numbers without a pattern: the first 64 bits of the fractions of the square roots of 2, 3, 5 and 7.
const KEYS: [u64; 4] = [0x6A09_E667_F3BC_C909, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1];

/// By how many bits the sum of products turns with each: no two of sixteen stand at the same place.
const TURN: u32 = 23;

#[inline(always)]
const fn fold(one: u64, two: u64) -> u64 {
    let product = one as u128 * two as u128;
    product as u64 ^ (product >> 64) as u64
}

/// The hash of a packet behind others.
#[inline(always)]
fn after<const WORDS: usize>(before: u64, head: u64, words: &[u64; WORDS]) -> u64 {
    let mut own = head ^ KEYS[0].rotate_left(WORDS as u32);
    let mut at = 0;
    while at < WORDS {
        let next = if at + 1 < WORDS { words[at + 1] } else { 0 };
        // A product's place among the others counts, too.
        own = own.rotate_left(TURN).wrapping_add(fold(words[at] ^ KEYS[2], next ^ KEYS[3]));
        at += 2;
    }
    fold(own ^ KEYS[1], before ^ KEYS[2])
}

impl<const WORDS: usize> Packet<WORDS> {
    /// How many bytes a packet carries at most.
    pub const MOST: usize = {
        assert!(WORDS < 32, "the length has eight bits");
        WORDS * 8
    };

    /// Its number.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.head as u32
    }

    /// What its sender says it is.
    #[must_use]
    pub const fn kind(&self) -> u16 {
        (self.head >> 32) as u16
    }

    /// The epoch of the link in which it was sent.
    #[must_use]
    pub const fn epoch(&self) -> u8 {
        (self.head >> 56) as u8
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    /// The same with another hash.
    pub(crate) const fn with_hash(self, hash: u64) -> Self {
        Self { hash, ..self }
    }

    /// How many bytes it says that it carries.
    #[must_use]
    pub const fn len(&self) -> usize {
        (self.head >> 48) as u8 as usize
    }

    /// Whether that is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What it carries, with zeros behind it.
    #[must_use]
    pub const fn words(&self) -> &[u64; WORDS] {
        &self.words
    }

    /// Copies what it carries to the front of `to`, as far as that goes; how many bytes.
    pub fn copy_to(&self, to: &mut [u8]) -> usize {
        let most = self.len().min(Self::MOST).min(to.len());
        for (bytes, word) in to[..most].chunks_mut(8).zip(&self.words) {
            bytes.copy_from_slice(&word.to_le_bytes()[..bytes.len()]);
        }
        most
    }

    /// All of it as words: head, hash, and what it carries.
    pub fn to_words(&self) -> impl Iterator<Item = u64> {
        [self.head, self.hash].into_iter().chain(self.words)
    }

    /// The packet of such words; whatever they are, it is looked at before it is believed.
    #[must_use]
    pub fn from_words(mut words: impl FnMut(usize) -> u64) -> Self {
        Self { head: words(0), hash: words(1), words: core::array::from_fn(|at| words(at + 2)) }
    }
}

impl Chain {
    /// The start of a link in an epoch, before the packet of a number.
    #[must_use]
    pub const fn start(link: u64, epoch: u8, number: u32) -> Self {
        let start = fold(link ^ KEYS[0], (epoch as u64) << 32 ^ number as u64 ^ KEYS[3]);
        Self { number, epoch, hash: start, start }
    }

    /// The number of the next packet.
    #[must_use]
    pub const fn next(&self) -> u32 {
        self.number
    }

    /// The epoch of the link.
    #[must_use]
    pub const fn epoch(&self) -> u8 {
        self.epoch
    }

    /// The hash over all packets so far.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        self.hash
    }

    /// What stands for the link and its epoch.
    pub(crate) const fn link_hash(&self) -> u64 {
        self.start
    }

    /// Goes on behind a packet, if it is the next one by what it says of itself.
    pub(crate) fn pass<const WORDS: usize>(&mut self, packet: &Packet<WORDS>) -> Result<(), Fault> {
        let is_next = packet.number() == self.number && packet.epoch() == self.epoch;
        if !is_next || packet.len() > Packet::<WORDS>::MOST {
            return Err(self.fault(packet));
        }
        self.number = self.number.wrapping_add(1);
        Ok(())
    }

    /// Makes the next packet.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn seal<const WORDS: usize>(&mut self, kind: u16, bytes: &[u8]) -> Result<Packet<WORDS>, TooLong> {
        if bytes.len() > Packet::<WORDS>::MOST {
            return Err(TooLong { most: Packet::<WORDS>::MOST });
        }
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks(8)) {
            let mut whole = [0; 8];
            whole[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_le_bytes(whole);
        }
        Ok(self.seal_words(kind, bytes.len(), words))
    }

    /// The same of words, of which so many bytes count; the others are zero.
    #[inline(always)]
    pub fn seal_words<const WORDS: usize>(&mut self, kind: u16, len: usize, words: [u64; WORDS]) -> Packet<WORDS> {
        let len = if len > Packet::<WORDS>::MOST { Packet::<WORDS>::MOST } else { len };
        let head = self.number as u64 | (kind as u64) << 32 | (len as u64) << 48 | (self.epoch as u64) << 56;
        let hash = after(self.hash, head, &words);
        (self.number, self.hash) = (self.number.wrapping_add(1), hash);
        Packet { head, hash, words }
    }

    /// Looks at a packet, and goes on behind it if it is the next one and what was sent.
    ///
    /// # Errors
    /// What is wrong with it; the chain stays where it is.
    #[inline(always)]
    pub fn open<const WORDS: usize>(&mut self, packet: &Packet<WORDS>) -> Result<(), Fault> {
        let hash = after(self.hash, packet.head, &packet.words);
        let is_next = packet.number() == self.number && packet.epoch() == self.epoch;
        if !is_next || hash != packet.hash || packet.len() > Packet::<WORDS>::MOST {
            return Err(self.fault(packet));
        }
        (self.number, self.hash) = (self.number.wrapping_add(1), hash);
        Ok(())
    }

    #[cold]
    fn fault<const WORDS: usize>(&self, packet: &Packet<WORDS>) -> Fault {
        let (expected, found) = (self.number, packet.number());
        match found.wrapping_sub(expected) {
            0 => Fault::Altered { number: found },
            ahead if ahead < 1 << 31 => Fault::Missing { expected, found },
            _ => Fault::Repeated { expected, found },
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    const LINK: u64 = 7;

    fn packets(count: u32, start: u32) -> Vec<Packet<6>> {
        let mut chain = Chain::start(LINK, 0, start);
        (0..count)
            .map(|number| chain.seal(number as u16, &[number as u8; 48][..number as usize % 49]).expect("it fits"))
            .collect()
    }

    #[test]
    fn what_is_sealed_opens_in_order() {
        for start in [0, u32::MAX - 3] {
            let mut chain = Chain::start(LINK, 0, start);
            for (number, packet) in packets(60, start).iter().enumerate() {
                assert_eq!(chain.open(packet), Ok(()));
                let mut bytes = [0xFF; 64];
                let len = packet.copy_to(&mut bytes);
                assert_eq!((packet.kind(), &bytes[..len]), (number as u16, &[number as u8; 48][..number % 49]));
            }
        }
        let too_long = Chain::start(LINK, 0, 0).seal::<6>(0, &[0; 49]);
        assert_eq!(too_long, Err(TooLong { most: 48 }));
    }

    /// Every bit of every packet.
    #[test]
    fn no_flipped_bit_goes_through() {
        let mut chain = Chain::start(LINK, 0, 0);
        for packet in packets(50, 0) {
            let words: Vec<u64> = packet.to_words().collect();
            for bit in 0..words.len() * 64 {
                let flipped = Packet::<6>::from_words(|at| words[at] ^ u64::from(at == bit / 64) << (bit % 64));
                let (before, fault) = (chain, chain.open(&flipped).expect_err("a bit is flipped"));
                assert_eq!(chain, before);
                match (bit, fault) {
                    // The number itself.
                    (0..32, Fault::Missing { .. } | Fault::Repeated { .. }) => {}
                    (32.., Fault::Altered { number }) => assert_eq!(number, packet.number()),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(chain.open(&packet), Ok(()));
        }
    }

    #[test]
    fn what_is_not_the_next_is_named() {
        let all = packets(4, 0);
        let mut chain = Chain::start(LINK, 0, 0);
        assert_eq!(chain.open(&all[1]), Err(Fault::Missing { expected: 0, found: 1 }));
        assert_eq!((chain.open(&all[0]), chain.open(&all[1])), (Ok(()), Ok(())));
        assert_eq!(chain.open(&all[0]), Err(Fault::Repeated { expected: 2, found: 0 }));
        assert_eq!(chain.open(&all[3]), Err(Fault::Missing { expected: 2, found: 3 }));
        // The same number of another link, or another epoch.
        for (link, epoch) in [(LINK + 1, 0), (LINK, 1)] {
            let other = Chain::start(link, epoch, 2).seal::<6>(2, &[2; 2]).expect("it fits");
            assert_eq!(chain.open(&other), Err(Fault::Altered { number: 2 }));
        }
        assert_eq!(chain.open(&all[2]), Ok(()));
    }

    proptest! {
        #[test]
        fn nothing_that_was_not_sealed_opens(words: [u64; 8]) {
            let mut chain = Chain::start(LINK, 0, words[0] as u32);
            prop_assert!(chain.open(&Packet::<6>::from_words(|at| words[at])).is_err());
        }
    }
}
