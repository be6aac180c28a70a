//! Builds machines: a board with a disk, cores, a screen and the accounts that the system shows.
//!
//! A [`Rig`] outlives its machines, so that screen and transcript go on over a reboot; the disk is attached anew.

use crate::disk::{self, Embedded};
use crate::error::SimError;
use crate::options::Options;
use crate::port::{HeapAccount, TscClock, image_bytes};
use crate::screenshot::Picture;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use velocity_base::Duration;
use velocity_hal::{Clock, MemoryReport, MemoryUsage, TextPort};
use velocity_jit::HostCode;
use velocity_models::nvme::FaultPlan;
use velocity_models::{
    Board, BoardConfig, HostThreads, InputHandle, ManualClock, PowerCut, QueueInput, RecordingDisplay, SteppingClock,
};
use velocity_system::{BootFacts, Compiled, Engines, Machine, System};
use velocity_terminal::Transcript;
use velocity_trace::Log;

/// The screen's size in pixels.
pub const SCREEN: (u32, u32) = (1024, 768);

/// Events that wait for the system at most: many times the longest command line.
const INPUT_EVENTS: usize = 64 * 1024;

/// Records that the event log keeps.
const LOG_RECORDS: usize = 512;

/// How much time a look at the clock takes where a seed says what happens.
const STEP: Duration = Duration::from_micros(1);

/// Stack of the thread that runs the system, in bytes.
pub const SYSTEM_STACK_BYTES: usize = 512 * 1024;

/// What stays when a machine is started anew.
pub struct Rig {
    options: Options,
    screen: RecordingDisplay,
    /// What was shown so far, if anybody wants to know: it grows without bound.
    transcript: Option<Arc<Mutex<Transcript>>>,
    embedded: Embedded,
    /// A disk that is in every machine in place of the one that the options name.
    disk: Option<PowerCut>,
    /// What runs programs in place of the usual engines.
    engines: Option<Arc<dyn Engines>>,
}

impl Rig {
    /// A rig for machines as `options` describe them, which keeps a transcript if `records`.
    #[must_use]
    pub fn new(options: Options, records: bool) -> Self {
        let screen = RecordingDisplay::new(SCREEN.0, SCREEN.1);
        Self {
            options,
            screen,
            transcript: records.then(Arc::default),
            embedded: Embedded::default(),
            disk: None,
            engines: None,
        }
    }

    /// The same with a disk that keeps what was durable when power goes.
    #[must_use]
    pub fn with_disk(self, disk: PowerCut) -> Self {
        Self { disk: Some(disk), ..self }
    }

    /// The same with other engines, such as fail on request.
    #[must_use]
    pub fn with_engines(self, engines: Arc<dyn Engines>) -> Self {
        Self { engines: Some(engines), ..self }
    }

    /// The screen of every machine of this rig.
    #[must_use]
    pub const fn screen(&self) -> &RecordingDisplay {
        &self.screen
    }

    /// The transcript of all machines so far; empty if none is kept.
    #[must_use]
    pub fn transcript(&self) -> String {
        let copy = |kept: &Arc<Mutex<Transcript>>| kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.transcript.as_ref().map(copy).unwrap_or_default().finish()
    }

    /// What the screen shows.
    #[must_use]
    pub fn picture(&self) -> Picture {
        Picture { width: SCREEN.0, height: SCREEN.1, pixels: self.screen.pixels() }
    }

    /// Switches on a machine whose text port 0 also writes to `terminal`.
    ///
    /// # Errors
    /// [`SimError`] when the disk cannot be opened.
    pub fn start(&self, terminal: Option<Box<dyn TextPort>>) -> Result<(System, InputHandle), SimError> {
        let Parts { machine, input, account } = self.machine(terminal)?;
        let system = System::start(machine);
        account.screen.store(system.screen_bytes(), Ordering::Relaxed);
        Ok((system, input))
    }

    /// A machine that is still switched off.
    ///
    /// # Errors
    /// [`SimError`] when the disk cannot be opened.
    pub(crate) fn machine(&self, terminal: Option<Box<dyn TextPort>>) -> Result<Parts, SimError> {
        let options = &self.options;
        let memory_bytes = (options.memory_mib as usize) << 20;
        let (clock, board): (Arc<dyn Clock>, _) = match options.seed {
            Some(_) => {
                let own = ManualClock::new();
                (Arc::new(SteppingClock::new(own.clone(), STEP)), BoardConfig::manual(own))
            }
            None => {
                let host = Arc::new(TscClock::start());
                (host.clone(), BoardConfig::new(host))
            }
        };
        let board = Arc::new(Board::new(BoardConfig { memory_bytes, ..board }));
        disk::attach(&board, options, self.disk.as_ref(), &self.embedded)?;
        let input = QueueInput::new(INPUT_EVENTS, board.wake_handle());
        let handle = input.handle();
        let account = Arc::new(Account::open(Arc::clone(&board), memory_bytes as u64));
        let recorder = self.transcript.clone().map(|transcript| Box::new(Recorder(transcript)) as Box<dyn TextPort>);
        let text_ports = terminal.into_iter().chain(recorder).collect();
        let log = Arc::new(Log::new(LOG_RECORDS));
        log.info(clock.now(), "sim", format_args!("{}, faults: {}", Seed(options.seed), Faults(&options.faults)));
        let machine = Machine {
            body: "sim",
            log,
            clock,
            idle: board.idle(),
            pci: board.pci_host(),
            mmio: board.mmio_mapper(),
            dma: board.dma(),
            interrupts: board.interrupts(),
            input: Box::new(input),
            text_ports,
            display: Some(Box::new(self.screen.clone())),
            cores: Arc::new(HostThreads::new(options.cores, "host thread", board.wake_handle())),
            memory: account.clone(),
            engines: self.engines.clone().unwrap_or_else(|| Arc::new(engines())),
            seed: options.seed,
            boot: BootFacts { loader: "host".into(), firmware: "host".into(), ..BootFacts::default() },
        };
        Ok(Parts { machine, input: handle, account })
    }
}

/// The engines of every machine, unless it is given others.
#[must_use]
pub fn engines() -> Compiled {
    Compiled::new(Some(Arc::new(HostCode))).on_all_cores()
}

/// A machine that is switched off, and what stays outside of it.
pub(crate) struct Parts {
    /// The machine.
    pub machine: Machine,
    /// The way to type at it.
    pub input: InputHandle,
    account: Arc<Account>,
}

/// A seed in words.
struct Seed(Option<u64>);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(seed) => write!(f, "seed {seed}"),
            None => f.write_str("no seed"),
        }
    }
}

/// A fault plan in words.
struct Faults<'a>(&'a FaultPlan);

impl fmt::Display for Faults<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.faults.is_empty() { f.write_str("none") } else { write!(f, "{}", self.0) }
    }
}

/// Text port that only records.
struct Recorder(Arc<Mutex<Transcript>>);

impl TextPort for Recorder {
    fn write(&mut self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).feed(bytes);
    }
}

/// The system's account of memory, as far as a host can give one.
///
/// Page tables are the host's, so that line is zero. The threads that stand for further cores, the memory behind the
/// screen and the disk image are the machine, not the system.
struct Account {
    board: Arc<Board>,
    heap: HeapAccount,
    code: u64,
    total: u64,
    /// Bytes of the heap that are screen buffers; known once the system has made them.
    screen: AtomicU64,
}

impl Account {
    /// An account that begins now: to be opened when the machine's own memory is there.
    fn open(board: Arc<Board>, total: u64) -> Self {
        let code = image_bytes().saturating_sub(disk::embedded_bytes());
        Self { board, code, total, screen: AtomicU64::new(0), heap: HeapAccount::open() }
    }
}

impl MemoryReport for Account {
    fn usage(&self) -> MemoryUsage {
        let screen = self.screen.load(Ordering::Relaxed);
        MemoryUsage {
            total: self.total,
            heap: self.heap.peak().saturating_sub(screen),
            heap_used: self.heap.used().saturating_sub(screen),
            stacks: SYSTEM_STACK_BYTES as u64,
            page_tables: 0,
            code: self.code,
            queues: self.board.dma_in_use(),
            screen,
        }
    }
}
