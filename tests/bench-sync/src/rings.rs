//! Packets of 64 bytes through rings.

use crate::figures::{Contestant, compare, contestant};
use crossbeam_queue::ArrayQueue;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use velocity_sync::chain::{Chain, Packet};
use velocity_sync::keyed::Keyed;
use velocity_sync::ring::{mpsc, spsc};

type Words = [u64; 8];

const SLOTS: usize = 256;
const BATCH: usize = 64;
const SLOTS_ACROSS: usize = 1024;

pub fn measure(rounds: usize) {
    compare(("rings", "one thread", "64-byte push and pop"), on_one_thread(), 3, (rounds, 400_000));
    let [chained, with_keys] = hashed();
    compare(("rings", "hash or key", "64-byte push and pop"), vec![with_keys, chained], 1, (rounds, 20_000));
    compare(("rings", "two threads", "64-byte packet in batches of 64"), across_threads(), 1, (5 * rounds, 400_000));
}

/// Packets with a hash, and with a key.
fn hashed() -> [Contestant; 2] {
    let chained = |count| {
        let packets = packets();
        let mut ring = Box::new(spsc::Ring::<Packet<8>, SLOTS>::new());
        let (mut sender, mut receiver) = ring.split();
        let (mut seal, mut open) = (Chain::start(1, 0, 0), Chain::start(1, 0, 0));
        for number in 0..count {
            assert!(sender.push_with(|| seal.seal_words(3, 64, packets[black_box(number) as usize % BATCH])));
            let is_good = receiver.pop_with(|packet| open.open(black_box(packet)).is_ok());
            assert_eq!(is_good, Some(true));
        }
    };
    let with_keys = |count| {
        let mut ring = Box::new(spsc::Ring::<Packet<8>, SLOTS>::new());
        let (mut sender, mut receiver) = ring.split();
        let (mut seal, mut open) = (Keyed::start([7; 32], 1, 0, 0), Keyed::start([7; 32], 1, 0, 0));
        for number in 0..count {
            let packet = match number % BATCH as u64 {
                0 => seal.close(),
                _ => seal.seal(3, &[black_box(number) as u8; 64]).expect("it fits"),
            };
            assert!(sender.push(packet).is_ok());
            assert!(open.open(&receiver.pop().expect("what was sent")).is_ok());
        }
    };
    [contestant("ours with the chain", chained), contestant("ours with keys", with_keys)]
}

/// What is sent, from memory.
fn packets() -> [Words; BATCH] {
    black_box(std::array::from_fn(|at| words(at as u64)))
}

/// What a packet carries.
const fn words(number: u64) -> Words {
    [number, !number, number << 1, number >> 1, number ^ 5, number + 3, 7, number]
}

fn on_one_thread() -> Vec<Contestant> {
    let plain = |count| {
        let packets = packets();
        let mut ring = Box::new(spsc::Ring::<Words, SLOTS>::new());
        let (mut sender, mut receiver) = ring.split();
        for number in 0..count {
            assert!(sender.push(packets[black_box(number) as usize % BATCH]).is_ok());
            black_box(&receiver.pop());
        }
    };
    let [chained, _] = hashed();
    let many = |count| {
        let packets = packets();
        let mut ring = Box::new(mpsc::Ring::<Words, SLOTS>::new());
        let (sender, mut receiver) = ring.split();
        for number in 0..count {
            assert!(sender.push(packets[black_box(number) as usize % BATCH]).is_ok());
            black_box(&receiver.pop());
        }
    };
    let rtrb = |count| {
        let packets = packets();
        let (mut sender, mut receiver) = rtrb::RingBuffer::<Words>::new(SLOTS);
        for number in 0..count {
            assert!(sender.push(packets[black_box(number) as usize % BATCH]).is_ok());
            black_box(&receiver.pop());
        }
    };
    let heapless = |count| {
        let packets = packets();
        let mut ring = Box::new(heapless::spsc::Queue::<Words, SLOTS>::new());
        let (mut sender, mut receiver) = ring.split();
        for number in 0..count {
            assert!(sender.enqueue(packets[black_box(number) as usize % BATCH]).is_ok());
            black_box(&receiver.dequeue());
        }
    };
    let crossbeam = |count| {
        let packets = packets();
        let ring = ArrayQueue::<Words>::new(SLOTS);
        for number in 0..count {
            assert!(ring.push(packets[black_box(number) as usize % BATCH]).is_ok());
            black_box(&ring.pop());
        }
    };
    vec![
        contestant("ours", plain),
        chained,
        contestant("ours for many senders", many),
        contestant("rtrb", rtrb),
        contestant("heapless", heapless),
        contestant("crossbeam", crossbeam),
    ]
}

/// Looks at a packet.
fn see(packet: &Words) {
    black_box(packet);
}

/// Lets one thread send and another receive; `send` and `receive` do as much as they can and say how much.
fn between(count: u64, mut send: impl FnMut(u64) -> u64 + Send, mut receive: impl FnMut() -> u64) {
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut sent = 0;
            while sent < count {
                let more = send(count - sent);
                sent += more;
                if more == 0 {
                    std::hint::spin_loop();
                }
            }
        });
        let mut got = 0;
        while got < count {
            let more = receive();
            got += more;
            if more == 0 {
                std::hint::spin_loop();
            }
        }
    });
}

fn across_threads() -> Vec<Contestant> {
    const PACKETS: [Words; BATCH] = [words(9); BATCH];
    let plain = |count| {
        let mut ring = Box::new(spsc::Ring::<Words, SLOTS_ACROSS>::new());
        let (mut sender, mut receiver) = ring.split();
        between(
            count,
            move |left| sender.push_all(&PACKETS[..BATCH.min(left as usize)]) as u64,
            || receiver.pop_all(BATCH, see) as u64,
        );
    };
    let rtrb = |count| {
        let (mut sender, mut receiver) = rtrb::RingBuffer::<Words>::new(SLOTS_ACROSS);
        let send = move |left: u64| {
            let most = sender.slots().min(BATCH).min(left as usize);
            let Ok(chunk) = sender.write_chunk_uninit(most) else { return 0 };
            chunk.fill_from_iter(PACKETS.iter().copied()) as u64
        };
        let receive = || {
            let most = receiver.slots().min(BATCH);
            let Ok(chunk) = receiver.read_chunk(most) else { return 0 };
            let (one, two) = chunk.as_slices();
            one.iter().chain(two).for_each(see);
            chunk.commit_all();
            most as u64
        };
        between(count, send, receive);
    };
    let heapless = |count| {
        let mut ring = Box::new(heapless::spsc::Queue::<Words, SLOTS_ACROSS>::new());
        let (mut sender, mut receiver) = ring.split();
        let send = move |left: u64| {
            let most = BATCH.min(left as usize);
            PACKETS[..most].iter().take_while(|packet| sender.enqueue(**packet).is_ok()).count() as u64
        };
        let receive = || (0..BATCH).map_while(|_| receiver.dequeue().map(|packet| see(&packet))).count() as u64;
        between(count, send, receive);
    };
    let crossbeam = |count| {
        let ring = Arc::new(ArrayQueue::<Words>::new(SLOTS_ACROSS));
        let other = Arc::clone(&ring);
        let send = move |left: u64| {
            let most = BATCH.min(left as usize);
            PACKETS[..most].iter().take_while(|packet| other.push(**packet).is_ok()).count() as u64
        };
        let receive = || (0..BATCH).map_while(|_| ring.pop().map(|packet| see(&packet))).count() as u64;
        between(count, send, receive);
    };
    vec![
        contestant("ours", plain),
        contestant("rtrb", rtrb),
        contestant("heapless", heapless),
        contestant("crossbeam", crossbeam),
    ]
}
