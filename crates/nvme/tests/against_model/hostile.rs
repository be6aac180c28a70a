//! A controller that lies: whatever it puts into registers, completions and identify data, the driver does not panic,
//! gives no wrong data for a success it did not get, and comes to an end in bounded time.

use crate::rig::Setup;
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use velocity_base::{Lba, PhysAddr};
use velocity_hal::{BlockDevice, Clock, Mmio};
use velocity_models::GuestMemory;
use velocity_nvme::{Controller, NvmeError, Options, Parts};

const ACQ: usize = 0x30;
const ASQ: usize = 0x28;
const DOORBELLS: usize = 0x1000;

/// One lie, told at one register access.
#[derive(Clone, Copy, Debug)]
enum Lie {
    /// None.
    Truth,
    /// A read gives this.
    Register(u64),
    /// After a write these words lie in completion queue entry `entry` of the admin or I/O queue.
    Completion { io: bool, entry: u8, words: [u32; 4] },
    /// After a write every entry of a completion queue holds this, with either phase.
    Flood { io: bool, dword3: u32 },
    /// After a write this word lies in the data of the last Identify command.
    Identify { word: u16, value: u32 },
    /// A write is swallowed.
    Swallow,
}

fn lie() -> impl Strategy<Value = Lie> {
    prop_oneof![
        6 => Just(Lie::Truth),
        1 => any::<u64>().prop_map(Lie::Register),
        1 => prop_oneof![Just(0), Just(u64::MAX), Just(2), Just(3)].prop_map(Lie::Register),
        3 => (any::<bool>(), 0u8..64, any::<[u32; 4]>())
            .prop_map(|(io, entry, words)| Lie::Completion { io, entry, words }),
        1 => (any::<bool>(), any::<u32>()).prop_map(|(io, dword3)| Lie::Flood { io, dword3 }),
        2 => (0u16..1024, any::<u32>()).prop_map(|(word, value)| Lie::Identify { word, value }),
        1 => Just(Lie::Swallow),
    ]
}

/// Sits between the driver and a good model and tells lies in turn.
struct Liar {
    inner: Arc<dyn Mmio>,
    memory: GuestMemory,
    lies: Vec<Lie>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    turn: usize,
    admin_submission: u64,
    admin_completion: u64,
    io_completion: u64,
    identify: u64,
}

impl Liar {
    fn next(&self) -> Lie {
        let mut state = self.state.lock().unwrap();
        state.turn += 1;
        self.lies.get(state.turn - 1).or(self.lies.last()).copied().unwrap_or(Lie::Truth)
    }

    /// Looks into the admin queue for addresses worth spoiling.
    fn learn(&self) {
        let mut state = self.state.lock().unwrap();
        let mut entry = [0; 64];
        for index in 0..16 {
            if self.memory.read(PhysAddr(state.admin_submission + index * 64), &mut entry).is_ok() {
                let prp1 = u64::from_le_bytes(entry[24..32].try_into().unwrap());
                match entry[0] {
                    5 => state.io_completion = prp1,
                    6 => state.identify = prp1,
                    _ => {}
                }
            }
        }
    }

    fn spoil(&self, lie: Lie) {
        let state = self.state.lock().unwrap();
        let queue = |io| if io { state.io_completion } else { state.admin_completion };
        let put = |address: u64, word: u32| {
            // Addresses may be anything by now; a fault is fine.
            let _ = self.memory.write(PhysAddr(address), &word.to_le_bytes());
        };
        match lie {
            Lie::Completion { io, entry, words } => {
                let at = queue(io) + u64::from(entry % if io { 64 } else { 16 }) * 16;
                words.iter().zip(0..).for_each(|(word, index)| put(at + index * 4, *word));
            }
            Lie::Flood { io, dword3 } => {
                (0..64).for_each(|entry| put(queue(io) + entry * 16 + 12, dword3 ^ (entry as u32 & 1) << 16));
            }
            Lie::Identify { word, value } => put(state.identify + u64::from(word) * 4, value),
            _ => {}
        }
    }

    fn write(&self, offset: usize, value: u64, write: impl FnOnce()) {
        match offset {
            ASQ => self.state.lock().unwrap().admin_submission = value,
            ACQ => self.state.lock().unwrap().admin_completion = value,
            _ => {}
        }
        let lie = self.next();
        if !matches!(lie, Lie::Swallow) {
            write();
        }
        if offset >= DOORBELLS {
            self.learn();
            self.spoil(lie);
        }
    }

    fn read(&self, truth: u64) -> u64 {
        match self.next() {
            Lie::Register(value) => value,
            _ => truth,
        }
    }
}

impl Mmio for Liar {
    fn len(&self) -> usize {
        self.inner.len()
    }
    fn read8(&self, offset: usize) -> u8 {
        self.read(self.inner.read8(offset).into()) as u8
    }
    fn read16(&self, offset: usize) -> u16 {
        self.read(self.inner.read16(offset).into()) as u16
    }
    fn read32(&self, offset: usize) -> u32 {
        self.read(self.inner.read32(offset).into()) as u32
    }
    fn read64(&self, offset: usize) -> u64 {
        self.read(self.inner.read64(offset))
    }
    fn write8(&self, offset: usize, value: u8) {
        self.write(offset, value.into(), || self.inner.write8(offset, value));
    }
    fn write16(&self, offset: usize, value: u16) {
        self.write(offset, value.into(), || self.inner.write16(offset, value));
    }
    fn write32(&self, offset: usize, value: u32) {
        self.write(offset, value.into(), || self.inner.write32(offset, value));
    }
    fn write64(&self, offset: usize, value: u64) {
        self.write(offset, value, || self.inner.write64(offset, value));
    }
}

/// The longest that any one call may take: both ready waits at the largest CAP.TO, and every admin round.
const LONGEST_NANOS: u64 = 600 * 1_000_000_000;

fn run(lies: Vec<Lie>, interrupts: bool) -> Result<(), NvmeError> {
    let bench = Setup { bytes: 1 << 20, interrupts, ..Setup::default() }.plug();
    let memory = bench.board.wiring().memory;
    let liar = Liar { inner: bench.registers, memory, lies, state: Mutex::default() };
    let parts = Parts {
        registers: Arc::new(liar),
        dma: bench.board.dma(),
        clock: Arc::new(bench.clock.clone()),
        idle: bench.board.idle(),
        interrupt: bench.line,
    };
    let mut before = bench.clock.now();
    let mut bounded = |what: &str| {
        let now = bench.clock.now();
        assert!(now.since(before).as_nanos() < u128::from(LONGEST_NANOS), "{what} took {:?}", now.since(before));
        before = now;
    };
    let started = Controller::start(parts, Options::default());
    bounded("start");
    let controller = started?;
    for info in controller.namespaces().to_vec() {
        let mut disk = controller.namespace(info.id)?;
        let mut out = vec![0; 8 * info.block_bytes as usize];
        for turn in 0..4 {
            // Whether it succeeds is the liar's business; that it ends is ours.
            let _ = disk.read(Lba(turn), &mut out);
            bounded("read");
            let _ = disk.write(Lba(turn), &out);
            bounded("write");
            let _ = disk.flush();
            bounded("flush");
        }
    }
    drop(controller);
    bounded("drop");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn lies_never_panic_and_always_end(lies in prop::collection::vec(lie(), 1..120), interrupts: bool) {
        let _ = run(lies, interrupts);
    }

    /// The same with a good start, so that the lies meet the I/O queues.
    #[test]
    fn lies_after_a_good_start_never_panic_and_always_end(
        lies in prop::collection::vec(lie(), 1..60),
        interrupts: bool,
    ) {
        let truths = std::iter::repeat_n(Lie::Truth, 16);
        prop_assert_eq!(run(truths.chain(lies).collect(), interrupts), Ok(()));
    }
}

#[test]
fn a_truthful_liar_is_a_good_controller() {
    assert_eq!(run(vec![Lie::Truth], true), Ok(()));
}

#[test]
fn one_lie_for_ever_ends_too() {
    for lie in [
        Lie::Register(0),
        Lie::Register(u64::MAX),
        Lie::Register(1),
        Lie::Register(2),
        Lie::Swallow,
        Lie::Flood { io: false, dword3: 0 },
        Lie::Flood { io: true, dword3: u32::MAX },
    ] {
        for truths in [0, 1, 3, 9, 16, 20] {
            let lies = std::iter::repeat_n(Lie::Truth, truths).chain([lie]).collect();
            let _ = run(lies, truths % 2 == 0);
        }
    }
}
