//! A link goes on after a fault, and nothing that was good is lost.
//!
//! The sender keeps what it sent until the receiver says that it has it. There is one message back: a [`Standing`], "I have all before this number, and I am in this epoch".
//! It may be said at any time and as often as one likes. When a packet is not the next one, or not what was sent, the receiver begins a new epoch; a sender that hears of it sends all again
//! from that number on, as packets of a chain of their own. Packets of older epochs that are still under way are passed over.
//!
//! Sans-IO: packets go through whatever ring there is; nothing here waits or reads a clock.

use crate::chain::{Chain, Fault, Packet, TooLong};

/// What a receiver has: a message to the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The epoch that packets are to be of.
    pub epoch: u8,
    /// The number of the packet that it waits for.
    pub next: u32,
    /// A hash of both, by which an altered one is passed over.
    hash: u64,
}

impl Standing {
    const fn of(link: u64, chain: &Chain) -> Self {
        let (epoch, next) = (chain.epoch(), chain.next());
        Self { epoch, next, hash: Chain::start(!link, epoch, next).hash() }
    }

    /// The message as two words.
    #[must_use]
    pub const fn to_words(&self) -> [u64; 2] {
        [self.next as u64 | (self.epoch as u64) << 32, self.hash]
    }

    /// The message of two words, if it is one of this link.
    #[must_use]
    pub fn from_words(link: u64, [word, hash]: [u64; 2]) -> Option<Self> {
        let (epoch, next) = ((word >> 32) as u8, word as u32);
        let standing = Self { epoch, next, hash: Chain::start(!link, epoch, next).hash() };
        (standing.to_words() == [word, hash]).then_some(standing)
    }
}

/// Why nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// The receiver has too much before it: try again when it has said more.
    Full,
    /// It does not fit into a packet.
    TooLong(TooLong),
}

/// The sender's end: what it sent and the receiver has not confirmed, at most `WINDOW` packets, a power of two.
#[derive(Debug)]
pub struct Outbox<const WORDS: usize, const WINDOW: usize> {
    link: u64,
    chain: Chain,
    /// The packets from `confirmed` on, by number modulo `WINDOW`.
    kept: [Packet<WORDS>; WINDOW],
    /// The receiver has all before this number.
    confirmed: u32,
    /// The number behind the last packet that was given to [`Self::send`].
    end: u32,
}

impl<const WORDS: usize, const WINDOW: usize> Outbox<WORDS, WINDOW> {
    const MASK: usize = {
        assert!(WINDOW.is_power_of_two() && WINDOW <= 1 << 16, "a window is a power of two, not above 65,536");
        WINDOW - 1
    };

    /// Of a link, which both ends call by the same number.
    #[must_use]
    pub fn new(link: u64) -> Self {
        let chain = Chain::start(link, 0, 0);
        let nothing = Chain::start(link, 0, 0).seal_words(0, 0, [0; WORDS]);
        Self { link, chain, kept: [nothing; WINDOW], confirmed: 0, end: 0 }
    }

    /// How many packets may be given to it before the receiver confirms one.
    #[must_use]
    pub const fn room(&self) -> usize {
        WINDOW - self.end.wrapping_sub(self.confirmed) as usize
    }

    /// Takes a packet to be sent.
    ///
    /// # Errors
    /// When it does not fit, or nobody has confirmed what was sent before; nothing is lost.
    pub fn send(&mut self, kind: u16, bytes: &[u8]) -> Result<(), NotSent> {
        if self.room() == 0 {
            return Err(NotSent::Full);
        }
        let number = self.end;
        let mut unsent = Chain::start(self.link, 0, number);
        self.kept[number as usize & Self::MASK] = unsent.seal(kind, bytes).map_err(NotSent::TooLong)?;
        self.end = number.wrapping_add(1);
        Ok(())
    }

    /// The next packet to go out, if there is one; `put` says whether it went. What did not go comes again.
    pub fn next(&mut self, put: impl FnOnce(Packet<WORDS>) -> bool) -> bool {
        let number = self.chain.next();
        if number == self.end {
            return false;
        }
        let kept = &self.kept[number as usize & Self::MASK];
        let mut chain = self.chain;
        let packet = chain.seal_words(kept.kind(), kept.len(), *kept.words());
        let went = put(packet);
        if went {
            self.chain = chain;
        }
        went
    }

    /// Hears what the receiver has. What cannot be is passed over: numbers that were not sent, and epochs gone by.
    pub fn hear(&mut self, standing: Standing) {
        let (ahead, sent) =
            (standing.next.wrapping_sub(self.confirmed), self.chain.next().wrapping_sub(self.confirmed));
        let newer = standing.epoch.wrapping_sub(self.chain.epoch());
        if ahead > sent || newer >= 1 << 7 {
            return;
        }
        self.confirmed = standing.next;
        if newer > 0 {
            self.chain = Chain::start(self.link, standing.epoch, standing.next);
        }
    }
}

/// The receiver's end.
#[derive(Debug)]
pub struct Inbox {
    link: u64,
    chain: Chain,
    /// A fault was met, and nothing of the new epoch has come yet.
    waits: bool,
    /// How many faults there were.
    faults: u64,
}

/// What came of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is the next one: use it.
    Good,
    /// It belongs to an epoch that is over.
    Old,
    /// Something is wrong. The sender is to be told the [`Inbox::standing`], until packets of the new epoch come.
    Fault(Fault),
}

impl Inbox {
    /// Of a link, which both ends call by the same number.
    #[must_use]
    pub const fn new(link: u64) -> Self {
        Self { link, chain: Chain::start(link, 0, 0), waits: false, faults: 0 }
    }

    /// Looks at a packet.
    #[inline]
    pub fn take<const WORDS: usize>(&mut self, packet: &Packet<WORDS>) -> Taken {
        match self.chain.open(packet) {
            Ok(()) => {
                self.waits = false;
                Taken::Good
            }
            // While it waits, whatever comes was sent before the sender heard of it, or is of no use.
            Err(_) if self.waits => Taken::Old,
            Err(fault) => {
                self.faults += 1;
                self.restart();
                Taken::Fault(fault)
            }
        }
    }

    /// Begins a new epoch: after a fault, or when nothing good came for too long while it waited, as the first packets of an epoch may have been bad.
    pub fn restart(&mut self) {
        self.chain = Chain::start(self.link, self.chain.epoch().wrapping_add(1), self.chain.next());
        self.waits = true;
    }

    /// What to tell the sender.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        Standing::of(self.link, &self.chain)
    }

    /// Whether it waits for the sender to begin anew.
    #[must_use]
    pub const fn waits(&self) -> bool {
        self.waits
    }

    /// How many faults it has met.
    #[must_use]
    pub const fn faults(&self) -> u64 {
        self.faults
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use alloc::collections::VecDeque;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// A way that does to packets what it is told: loses, repeats, swaps with the next, flips a bit.
    fn harm(way: &mut VecDeque<Packet<2>>, packet: Packet<2>, what: u8, bit: usize) {
        let words: Vec<u64> = packet.to_words().collect();
        let flipped = Packet::from_words(|at| words[at] ^ u64::from(at == bit / 64) << (bit % 64));
        match what {
            0 => {}
            1 => way.extend([packet, packet]),
            2 => way.push_back(flipped),
            3 => {
                let last = way.pop_back();
                way.push_back(packet);
                way.extend(last);
            }
            _ => way.push_back(packet),
        }
    }

    /// Sends numbers over a bad way, with bad answers; how many faults the receiver met.
    fn talk(count: u32, harms: &[(u8, usize)]) -> u64 {
        let (mut outbox, mut inbox) = (Outbox::<2, 8>::new(5), Inbox::new(5));
        let (mut way, mut harms, mut got) = (VecDeque::new(), harms.iter().copied(), Vec::new());
        let (mut given, mut silent) = (0_u32, 0);
        for turn in 0.. {
            assert!(turn < 20_000, "{count} packets, {} came, {outbox:?}, {inbox:?}", got.len());
            while given < count && outbox.send(given as u16, &given.to_le_bytes()).is_ok() {
                given += 1;
            }
            while way.len() < 4
                && outbox.next(|packet| {
                    let (what, bit) = harms.next().unwrap_or((9, 0));
                    harm(&mut way, packet, what, bit % 256);
                    true
                })
            {}
            let before = got.len();
            while let Some(packet) = way.pop_front() {
                if inbox.take(&packet) == Taken::Good {
                    let mut bytes = [0; 4];
                    assert_eq!((packet.copy_to(&mut bytes), packet.kind()), (4, u32::from_le_bytes(bytes) as u16));
                    got.push(u32::from_le_bytes(bytes));
                }
            }
            silent = if got.len() > before { 0 } else { silent + 1 };
            if silent > 5 {
                inbox.restart();
                silent = 0;
            }
            // Answers are lost or altered, too.
            let mut words = inbox.standing().to_words();
            match harms.next().unwrap_or((9, 0)) {
                (0, _) => continue,
                (2, bit) => words[bit % 128 / 64] ^= 1 << (bit % 64),
                _ => {}
            }
            Standing::from_words(5, words).into_iter().for_each(|standing| outbox.hear(standing));
            if got.len() as u32 == count && outbox.room() == 8 {
                break;
            }
        }
        assert_eq!(got, (0..count).collect::<Vec<u32>>());
        inbox.faults()
    }

    #[test]
    fn a_good_way_has_no_faults() {
        assert_eq!(talk(1000, &[]), 0);
    }

    proptest! {
        #[test]
        fn everything_comes_once_and_in_order(harms in prop::collection::vec((0_u8..8, 0_usize..256), 0..400)) {
            talk(200, &harms);
        }
    }

    #[test]
    fn what_the_receiver_cannot_have_is_passed_over() {
        let mut outbox = Outbox::<2, 4>::new(1);
        for number in 0..4 {
            assert_eq!(outbox.send(0, &[number]), Ok(()));
        }
        assert_eq!((outbox.send(0, &[4]), outbox.send(0, &[0; 17])), (Err(NotSent::Full), Err(NotSent::Full)));
        // Nothing has gone out yet.
        let of = |epoch, next| Standing::of(1, &Chain::start(1, epoch, next));
        for (epoch, next, room) in
            [(0, 1, 0), (0, 5, 0), (0, u32::MAX, 0), (200, 2, 0), (0, 1, 1), (0, 0, 1), (3, 2, 2), (2, 4, 2), (3, 4, 4)]
        {
            outbox.hear(of(epoch, next));
            assert_eq!(outbox.room(), room, "{epoch}, {next}");
            while outbox.next(|_| true) {}
        }
        assert_eq!(outbox.send(0, &[0; 17]), Err(NotSent::TooLong(TooLong { most: 16 })));
    }
}
