//! A machine of models with a manual clock, and somebody who types at it.

use std::sync::{Arc, Mutex};
use velocity_base::{CoreId, Duration, Instant};
use velocity_hal::{
    Clock, CoreInfo, CoreState, Cores, CoresError, InputEvent, Job, Key, KeyEvent, MemoryReport, MemoryUsage,
    Modifiers, TextPort,
};
use velocity_jit::HostCode;
use velocity_models::nvme::{Backing, NvmeConfig, NvmeModel};
use velocity_models::{Board, BoardConfig, InputHandle, ManualClock, QueueInput, RecordingDisplay};
use velocity_system::{BootFacts, Compiled, Engines, Machine, Next, System};
use velocity_terminal::{PROMPT, Transcript};
use velocity_trace::Log;

/// Steps after which a command counts as endless.
const MAX_STEPS: usize = 200_000;

/// What the memory report of every machine says.
pub const USAGE: MemoryUsage = MemoryUsage {
    total: 64 << 20,
    heap: 2048 << 10,
    heap_used: 1000 << 10,
    stacks: 96 << 10,
    page_tables: 40 << 10,
    code: 500 << 10,
    queues: 540 << 10,
    screen: 3072 << 10,
};

/// What a machine is made of.
#[derive(Default)]
pub struct Parts {
    /// Disks, each with the faults it has.
    pub disks: Vec<(Vec<u8>, &'static str)>,
    /// Configuration space through ports instead of memory.
    pub ports: bool,
    /// No screen.
    pub blind: bool,
    /// The first controller never becomes ready.
    pub first_never_ready: bool,
    /// What runs programs; without it, all engines.
    pub engines: Option<Arc<dyn Engines>>,
}

/// A running machine.
pub struct Bench {
    pub system: System,
    pub input: InputHandle,
    pub clock: ManualClock,
    pub display: RecordingDisplay,
    pub log: Arc<Log>,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Bench {
    /// A machine with one good disk that holds `files`.
    pub fn with_files(files: &[(&str, &[u8])]) -> Self {
        Self::with_disk(crate::image::with_files(files), "")
    }

    /// A machine with one disk.
    pub fn with_disk(image: Vec<u8>, faults: &'static str) -> Self {
        Self::new(Parts { disks: vec![(image, faults)], ..Parts::default() })
    }

    pub fn new(parts: Parts) -> Self {
        let clock = ManualClock::new();
        let board = Board::new(BoardConfig { ecam: !parts.ports, ..BoardConfig::manual(clock.clone()) });
        for (number, (image, faults)) in parts.disks.into_iter().enumerate() {
            let ready_delay = if number == 0 && parts.first_never_ready { Duration::MAX } else { Duration::ZERO };
            let faults = faults.parse().unwrap();
            let config = NvmeConfig { faults, ready_delay, ..NvmeConfig::new(Backing::Memory(image)) };
            board.attach(Box::new(NvmeModel::new(config, board.wiring()).unwrap()));
        }
        let queue = QueueInput::new(1 << 16, board.wake_handle());
        let input = queue.handle();
        let display = RecordingDisplay::new(640, 480);
        let log = Arc::new(Log::new(256));
        let written = Arc::new(Mutex::new(Vec::new()));
        let machine = Machine {
            body: "test",
            log: Arc::clone(&log),
            clock: Arc::new(clock.clone()),
            idle: board.idle(),
            pci: board.pci_host(),
            mmio: board.mmio_mapper(),
            dma: board.dma(),
            interrupts: board.interrupts(),
            input: Box::new(queue),
            text_ports: vec![Box::new(Port(Arc::clone(&written)))],
            display: (!parts.blind).then(|| Box::new(display.clone()) as _),
            cores: Arc::new(OddCores),
            memory: Arc::new(Report),
            engines: parts.engines.unwrap_or_else(|| Arc::new(Compiled::new(Some(Arc::new(HostCode))))),
            seed: None,
            boot: BootFacts {
                loader: "test bench".into(),
                firmware: "none".into(),
                command_line: "quiet".into(),
                stages: vec![("entry", Instant::from_nanos(0))],
            },
        };
        let system = System::start(machine);
        Self { system, input, clock, display, log, written }
    }

    /// Everything written to the text port so far.
    pub fn written(&self) -> String {
        String::from_utf8(self.written.lock().unwrap().clone()).unwrap()
    }

    /// Types without waiting.
    pub fn type_text(&self, text: &str) {
        for byte in text.bytes() {
            assert!(self.input.push(InputEvent::Byte { port: 0, byte }));
        }
    }

    /// Presses a key of the local keyboard.
    pub fn press(&self, key: Key, control: bool) {
        let modifiers = Modifiers { control, ..Modifiers::default() };
        assert!(self.input.push(InputEvent::Key(KeyEvent { key, modifiers })));
    }

    /// Steps until the prompt waits for a line, or the machine goes off.
    pub fn settle(&mut self) -> Next {
        for _ in 0..MAX_STEPS {
            match self.system.step() {
                Next::Again => {}
                // Agents may go on for ever.
                next @ (Next::WaitUntil(_) | Next::Agents) if self.system.at_prompt() => return next,
                Next::Agents => {}
                // Jobs run on other threads: give them the host's time, and let the machine's pass.
                Next::WaitUntil(until) => self.system.wait(until),
                next => return next,
            }
        }
        panic!("no prompt after {MAX_STEPS} steps:\n{}", self.transcript());
    }

    /// What a transcript holds of everything so far.
    pub fn transcript(&self) -> String {
        let mut transcript = Transcript::new();
        transcript.feed(&self.written.lock().unwrap());
        transcript.finish()
    }

    /// Types `line` at the prompt and answers with what it printed.
    pub fn run(&mut self, line: &str) -> String {
        let before = self.transcript().len();
        self.type_text(line);
        self.type_text("\r");
        self.settle();
        let transcript = self.transcript();
        let output = transcript[before..].split_once('\n');
        let (echo, output) = output.unwrap_or_else(|| panic!("no line was entered: {transcript}"));
        assert_eq!(echo, format!("{PROMPT}{line}"), "the line was entered as typed");
        output.to_owned()
    }

    /// The log as `dmesg` prints it.
    pub fn log(&self) -> String {
        self.log.snapshot().0.iter().map(|record| format!("{record}\n")).collect()
    }

    /// Time since the clock's start.
    pub fn now(&self) -> Duration {
        self.clock.now().since(Instant::ZERO)
    }
}

struct Port(Arc<Mutex<Vec<u8>>>);

impl TextPort for Port {
    fn write(&mut self, bytes: &[u8]) {
        self.0.lock().unwrap().extend_from_slice(bytes);
    }
}

struct Report;

impl MemoryReport for Report {
    fn usage(&self) -> MemoryUsage {
        USAGE
    }
}

/// Five cores: the system's, one that answers at once, one that takes a job and stays silent, one that never started,
/// one that is busy.
struct OddCores;

impl Cores for OddCores {
    fn count(&self) -> u32 {
        5
    }

    fn info(&self, id: CoreId) -> Option<CoreInfo> {
        let states = [CoreState::System, CoreState::Idle, CoreState::Idle, CoreState::Offline, CoreState::Busy];
        let state = *states.get(id.0 as usize)?;
        Some(CoreInfo { id, apic_id: id.0 * 2, state, avx: id.0 == 0, brand: "Model 5".into() })
    }

    fn run_on(&self, core: CoreId, job: Job) -> Result<(), CoresError> {
        match core.0 {
            1 => job(),
            2 => {}
            3 => return Err(CoresError::Offline(core)),
            _ => return Err(CoresError::Busy(core)),
        }
        Ok(())
    }
}
