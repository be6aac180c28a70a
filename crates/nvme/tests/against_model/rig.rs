//! A board with one modelled controller, and the driver started on it.

use std::sync::Arc;
use velocity_base::{Duration, Instant, Lba};
use velocity_hal::{BlockDevice, BlockError, Clock, InterruptLine, Mmio};
use velocity_models::nvme::{Backing, NvmeConfig, NvmeModel};
use velocity_models::{Board, BoardConfig, HostClock, ManualClock};
use velocity_nvme::{Controller, Namespace, NvmeError, Options, Parts};
use velocity_pci::{Bar, Bus};

/// What to build; the default is a good disk of 4 MiB.
pub struct Setup {
    pub bytes: usize,
    pub faults: &'static str,
    pub block_bytes: u32,
    pub mdts: u8,
    pub max_entries: u16,
    pub doorbell_stride: u8,
    pub ready_delay: Duration,
    pub interrupts: bool,
    /// The host's clock runs the board: for tests with several threads, where a manual clock, which jumps to the
    /// deadline of whoever waits, would let one thread time out while another is at work.
    pub host_clock: bool,
    pub options: Options,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            bytes: 4 << 20,
            faults: "",
            block_bytes: 512,
            mdts: 7,
            max_entries: 1024,
            doorbell_stride: 0,
            ready_delay: Duration::ZERO,
            interrupts: true,
            host_clock: false,
            options: Options::default(),
        }
    }
}

/// The board before the driver runs.
pub struct Bench {
    pub board: Board,
    pub clock: ManualClock,
    /// What the driver and the board go by: `clock`, or the host's.
    pub board_clock: Arc<dyn Clock>,
    pub registers: Arc<dyn Mmio>,
    pub line: Option<Arc<dyn InterruptLine>>,
    options: Options,
}

/// A started driver.
pub struct Rig {
    pub board: Board,
    pub clock: ManualClock,
    pub line: Option<Arc<dyn InterruptLine>>,
    pub controller: Controller,
    pub disk: Namespace,
}

/// The byte of the pattern that a fresh disk holds at `offset`.
pub fn pattern(offset: usize) -> u8 {
    (offset ^ offset >> 9 ^ offset >> 17).wrapping_mul(0x9d) as u8
}

/// `len` bytes of the pattern from `offset` on.
pub fn patterned(offset: usize, len: usize) -> Vec<u8> {
    (offset..offset + len).map(pattern).collect()
}

impl Setup {
    /// Plugs the model in and programs MSI-X, as `attach` does.
    pub fn plug(self) -> Bench {
        let backing = Backing::Memory(patterned(0, self.bytes));
        self.plug_with(backing)
    }

    pub fn plug_with(self, backing: Backing) -> Bench {
        let clock = ManualClock::new();
        let board_clock: Arc<dyn Clock> =
            if self.host_clock { Arc::new(HostClock::new()) } else { Arc::new(clock.clone()) };
        let manual = (!self.host_clock).then(|| clock.clone());
        let board = Board::new(BoardConfig { manual, ..BoardConfig::new(Arc::clone(&board_clock)) });
        let config = NvmeConfig {
            faults: self.faults.parse().unwrap(),
            block_bytes: self.block_bytes,
            mdts: self.mdts,
            max_entries: self.max_entries,
            doorbell_stride: self.doorbell_stride,
            ready_delay: self.ready_delay,
            ..NvmeConfig::new(backing)
        };
        board.attach(Box::new(NvmeModel::new(config, board.wiring()).unwrap()));
        let bus = Bus::new(board.pci_host());
        let functions = bus.scan();
        let function = functions.iter().find(|function| function.class.base == 1).unwrap();
        assert!(bus.enable(function));
        let mapper = board.mmio_mapper();
        let Some(Bar::Memory { base, len, .. }) = function.bars[0] else { panic!("no BAR 0") };
        let registers = mapper.map(base, len as usize).unwrap();
        let line = self.interrupts.then(|| {
            let msix = bus.msix(function, &*mapper).unwrap();
            let line = board.interrupts().allocate_msi("test").unwrap();
            msix.program(0, line.message()).unwrap();
            msix.enable(&bus);
            line
        });
        Bench { board, clock, board_clock, registers, line, options: self.options }
    }

    pub fn try_start(self) -> Result<Rig, NvmeError> {
        self.plug().try_start()
    }

    pub fn start(self) -> Rig {
        self.try_start().unwrap()
    }
}

impl Bench {
    pub fn try_start(self) -> Result<Rig, NvmeError> {
        let parts = Parts {
            registers: Arc::clone(&self.registers),
            dma: self.board.dma(),
            clock: Arc::clone(&self.board_clock),
            idle: self.board.idle(),
            interrupt: self.line.clone(),
        };
        let controller = Controller::start(parts, self.options)?;
        let disk = controller.namespace(1)?;
        Ok(Rig { board: self.board, clock: self.clock, line: self.line, controller, disk })
    }
}

impl Rig {
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn read(&mut self, lba: u64, bytes: usize) -> Result<Vec<u8>, BlockError> {
        let mut out = vec![0xaa; bytes];
        self.disk.read(Lba(lba), &mut out).map(|()| out)
    }

    pub fn write(&mut self, lba: u64, data: &[u8]) -> Result<(), BlockError> {
        self.disk.write(Lba(lba), data)
    }

    /// Asserts that the disk still gives the right data.
    pub fn assert_works(&mut self) {
        assert_eq!(self.read(100, 8192), Ok(patterned(100 * 512, 8192)));
    }
}
