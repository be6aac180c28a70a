//! 4 KiB reads through driver and device model against plain `pread` of the same file, in one run.
//!
//! ```text
//! cargo run --release -p velocity-nvme --example nvme_bench [-- --mib 256 --rounds 61 --reads 2048 --case rnd-qd32]
//! ```
//! Prints one JSON object a line; `ratio` > 1 means that driver and model are faster than `pread`. Both sides read the
//! same blocks in the same order from the page cache and add up the first eight bytes of each. Rounds alternate; each
//! figure is the median over them, `ratio` that of the rounds' own ratios, so that a busy machine slows both sides.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use velocity_base::Lba;
use velocity_hal::Clock;
use velocity_models::nvme::{Backing, NvmeConfig, NvmeModel};
use velocity_models::{Board, BoardConfig, HostClock};
use velocity_nvme::{Condition, Controller, Io, Slot, attach};
use velocity_pci::Bus;

const READ_BYTES: usize = 4096;
const BLOCK_BYTES: u32 = 512;
const BLOCKS_PER_READ: u32 = READ_BYTES as u32 / BLOCK_BYTES;

type Failure = Box<dyn Error>;

/// What the command line may change.
struct Settings {
    mib: u64,
    rounds: usize,
    reads: usize,
    case: Option<String>,
}

impl Settings {
    fn from_arguments() -> Result<Self, Failure> {
        let mut settings = Self { mib: 256, rounds: 61, reads: 2048, case: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--mib" => settings.mib = value.parse()?,
                "--rounds" => settings.rounds = value.parse()?,
                "--reads" => settings.reads = value.parse()?,
                "--case" => settings.case = Some(value),
                _ => return Err(format!("unknown option {name}; known: --mib --rounds --reads --case").into()),
            }
        }
        let sensible = settings.mib > 0 && settings.rounds > 0 && settings.reads > 0;
        sensible.then_some(settings).ok_or_else(|| "all numbers must be at least 1".into())
    }
}

/// The file under test, removed at the end.
struct TestFile(PathBuf);

impl TestFile {
    /// Writes `mib` MiB of numbers, so that every block has its own checksum; leaves them in the page cache.
    fn create(mib: u64) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("velocity-nvme-bench-{}", std::process::id()));
        let this = Self(path);
        let mut file = File::create(&this.0)?;
        let mut chunk = vec![0; 1 << 20];
        for mebibyte in 0..mib {
            for (index, word) in chunk.as_chunks_mut::<8>().0.iter_mut().enumerate() {
                *word = scramble(mebibyte << 20 | index as u64).to_le_bytes();
            }
            file.write_all(&chunk)?;
        }
        Ok(this)
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A well-mixed function of `seed` (splitmix64).
fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// What one side of a round did: how long it took, and the sum of what it read.
struct Measured {
    seconds: f64,
    sum: u64,
}

fn measure(work: impl FnOnce() -> Result<u64, Failure>) -> Result<Measured, Failure> {
    let start = Instant::now();
    let sum = work()?;
    Ok(Measured { seconds: start.elapsed().as_secs_f64(), sum })
}

#[cfg(unix)]
fn pread(file: &File, page: u64, out: &mut [u8]) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, page * READ_BYTES as u64)
}

#[cfg(not(unix))]
fn pread(mut file: &File, page: u64, out: &mut [u8]) -> std::io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(page * READ_BYTES as u64))?;
    file.read_exact(out)
}

/// The peer: one `pread` after the other into one warm buffer.
fn read_plainly(file: &File, pages: &[u64]) -> Result<u64, Failure> {
    let mut buffer = [0; READ_BYTES];
    let mut sum = 0u64;
    for page in pages {
        pread(file, *page, &mut buffer)?;
        let (words, _) = buffer.as_chunks::<8>();
        sum = sum.wrapping_add(u64::from_le_bytes(words[0]));
    }
    Ok(sum)
}

/// Keeps `depth` reads under way until all `pages` are read.
fn read_through(io: &mut Io<'_>, clock: &dyn Clock, pages: &[u64], depth: usize) -> Result<u64, Failure> {
    let slots: Vec<Slot> = std::iter::from_fn(|| io.take_slot()).take(depth).collect();
    if slots.len() < depth {
        return Err("fewer slots than the queue depth".into());
    }
    let mut under_way = vec![false; depth];
    let mut left = pages.iter();
    let mut missing = pages.len();
    let mut sum = 0u64;
    while missing != 0 {
        let now = clock.now();
        for (slot, under_way) in slots.iter().zip(&mut under_way) {
            if *under_way {
                let Some(outcome) = io.outcome(*slot) else { continue };
                outcome?;
                let mut word = [0; 8];
                io.copy_out(*slot, 0, &mut word);
                sum = sum.wrapping_add(u64::from_le_bytes(word));
                missing -= 1;
            }
            *under_way = match left.next() {
                Some(page) => {
                    let first = Lba(page * u64::from(BLOCKS_PER_READ));
                    io.submit_read(*slot, first, BLOCKS_PER_READ, now)?;
                    true
                }
                None => false,
            };
        }
        io.ring();
        if io.poll(now) != Condition::Working {
            return Err("the controller failed".into());
        }
    }
    slots.into_iter().for_each(|slot| io.release(slot));
    Ok(sum)
}

fn start(file: File, clock: Arc<dyn Clock>) -> Result<Controller, Failure> {
    let board = Board::new(BoardConfig::new(Arc::clone(&clock)));
    let model = NvmeModel::new(NvmeConfig::new(Backing::File(file)), board.wiring())?;
    board.attach(Box::new(model));
    let bus = Bus::new(board.pci_host());
    let functions = bus.scan();
    let function = functions.iter().find(|function| function.class.base == 1).ok_or("no controller on the bus")?;
    let mapper = board.mmio_mapper();
    Ok(attach(&bus, function, &*mapper, &*board.interrupts(), board.dma(), clock, board.idle())?)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<(), Failure> {
    let settings = Settings::from_arguments()?;
    let test_file = TestFile::create(settings.mib)?;
    let file = File::open(&test_file.0)?;
    let clock: Arc<dyn Clock> = Arc::new(HostClock::new());
    let controller = start(File::open(&test_file.0)?, Arc::clone(&clock))?;
    let pages_there = settings.mib << 8;
    for depth in [1, 32] {
        for random in [false, true] {
            let case = format!("{}-qd{depth}", if random { "rnd" } else { "seq" });
            if settings.case.as_ref().is_some_and(|only| *only != case) {
                continue;
            }
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for round in 0..settings.rounds {
                let from = (round * settings.reads) as u64;
                let place = |n: u64| if random { scramble(n) } else { n };
                let pages: Vec<u64> = (from..from + settings.reads as u64).map(|n| place(n) % pages_there).collect();
                let plain = || measure(|| read_plainly(&file, &pages));
                let through = || measure(|| read_through(&mut controller.io(1)?, &*clock, &pages, depth));
                // Whoever goes second finds the processor's caches warm, so turns are taken.
                let (peer, us) = if round % 2 == 0 {
                    let peer = plain()?;
                    (peer, through()?)
                } else {
                    let us = through()?;
                    (plain()?, us)
                };
                if peer.sum != us.sum {
                    return Err("driver and pread read different data".into());
                }
                ours.push(settings.reads as f64 / us.seconds);
                theirs.push(settings.reads as f64 / peer.seconds);
            }
            let ratio = median(ours.iter().zip(&theirs).map(|(us, peer)| us / peer).collect());
            let (ours, theirs) = (median(ours), median(theirs));
            println!(
                "{{\"suite\":\"nvme\",\"case\":\"{case}\",\"metric\":\"reads_per_s\",\"value\":{ours:.0},\"unit\":\"1/s\",\
                 \"peer\":\"pread\",\"peer_value\":{theirs:.0},\"ratio\":{ratio:.3}}}"
            );
        }
    }
    Ok(())
}
