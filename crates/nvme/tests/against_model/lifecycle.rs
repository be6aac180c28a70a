//! Start, identify, sizes, shutdown, and what happens to memory.

use crate::rig::{Setup, patterned};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use velocity_base::{Duration, Lba};
use velocity_hal::{BlockDevice, BlockErrorKind, Clock, Mmio};
use velocity_models::nvme::{Backing, NvmeConfig, NvmeModel};
use velocity_models::{Board, BoardConfig, HostClock};
use velocity_nvme::{NamespaceInfo, NvmeError, Options, Refusal, attach};
use velocity_pci::Bus;

#[test]
fn identify_tells_who_and_what() {
    let rig = Setup::default().start();
    let identity = rig.controller.identity();
    assert_eq!(identity.model, "VELOCITY NVMe model");
    assert_eq!((identity.serial.as_str(), identity.firmware.as_str()), ("VELOCITY0001", "1.0"));
    assert_eq!((identity.vendor, identity.version, identity.max_namespace), (0x1b36, 0x1_0400, 1));
    assert_eq!(identity.max_transfer_bytes, Some(512 << 10));
    assert!(identity.write_cache && rig.controller.uses_interrupts());
    assert_eq!(rig.controller.namespaces(), [NamespaceInfo { id: 1, blocks: 8192, block_bytes: 512 }]);
    assert_eq!((rig.disk.block_count(), rig.disk.block_bytes()), (8192, 512));
    assert_eq!(rig.controller.namespace(2).err(), Some(NvmeError::NoNamespace { id: 2 }));
}

#[test]
fn attach_finds_everything_on_the_bus_and_sleeps_on_the_host() {
    for (ecam, bridge) in [(true, false), (false, true)] {
        let clock: Arc<dyn Clock> = Arc::new(HostClock::new());
        let board = Board::new(BoardConfig { ecam, bridge, ..BoardConfig::new(Arc::clone(&clock)) });
        let config = NvmeConfig {
            faults: "delay@1=30ms".parse().unwrap(),
            ..NvmeConfig::new(Backing::Memory(patterned(0, 4096)))
        };
        board.attach(Box::new(NvmeModel::new(config, board.wiring()).unwrap()));
        let bus = Bus::new(board.pci_host());
        let functions = bus.scan();
        let function = functions.iter().find(|function| function.class.base == 1).unwrap();
        let (mapper, interrupts) = (board.mmio_mapper(), board.interrupts());
        let controller = attach(&bus, function, &*mapper, &*interrupts, board.dma(), clock, board.idle()).unwrap();
        assert!(controller.uses_interrupts());
        let mut out = [0; 512];
        controller.namespace(1).unwrap().read(Lba(3), &mut out).unwrap();
        assert_eq!(out[..], patterned(1536, 512));
        assert_eq!(board.spurious_interrupts(), 0);
    }
}

#[test]
fn every_block_size_and_doorbell_stride_works() {
    for (block_bytes, doorbell_stride) in [(512, 0), (1024, 1), (2048, 3), (4096, 6)] {
        let mut rig = Setup { block_bytes, doorbell_stride, ..Setup::default() }.start();
        assert_eq!((rig.disk.block_bytes(), rig.disk.block_count()), (block_bytes, (4 << 20) / u64::from(block_bytes)));
        assert_eq!(
            rig.read(5, 3 * block_bytes as usize),
            Ok(patterned(5 * block_bytes as usize, 3 * block_bytes as usize))
        );
    }
}

#[test]
fn a_controller_that_is_slow_to_be_ready_is_waited_for_and_a_dead_one_is_not() {
    let rig = Setup { ready_delay: Duration::from_secs(4), ..Setup::default() }.start();
    assert!(rig.now().nanos >= 4_000_000_000);
    let dead = Setup { ready_delay: Duration::from_secs(3600), ..Setup::default() }.plug();
    let (clock, waited) = (dead.clock.clone(), Duration::from_secs(5));
    assert_eq!(dead.try_start().err(), Some(NvmeError::NotReady { enabling: true, waited }));
    assert!(clock.now().nanos < 6_000_000_000);
}

#[test]
fn the_smallest_controller_limits_everything() {
    let mut rig = Setup { max_entries: 2, mdts: 1, ..Setup::default() }.start();
    let options = rig.controller.options();
    assert_eq!((options.queue_entries, options.slots, options.slot_bytes), (2, 1, 8192));
    assert_eq!(rig.read(1, 100 * 512), Ok(patterned(512, 100 * 512)));
    assert_eq!(rig.controller.statistics().submitted, 7);
}

#[test]
fn an_empty_disk_is_refused_and_the_controller_lives() {
    let bench = Setup { bytes: 511, ..Setup::default() }.plug();
    let parts = velocity_nvme::Parts {
        registers: bench.registers,
        dma: bench.board.dma(),
        clock: Arc::new(bench.clock),
        idle: bench.board.idle(),
        interrupt: None,
    };
    let controller = velocity_nvme::Controller::start(parts, Options::default()).unwrap();
    assert!(controller.namespaces().is_empty());
    assert_eq!(controller.refused_namespaces()[0].reason, Refusal::Empty);
}

#[test]
fn memory_is_modest_and_given_back() {
    let rig = Setup::default().start();
    assert!(rig.board.dma_in_use() <= 1 << 20, "{} bytes", rig.board.dma_in_use());
    assert_eq!(rig.board.dma_in_use(), 512 * 1024 + 3 * 8192 - 4096);
    let (board, disk) = (rig.board, rig.disk);
    drop(rig.controller);
    assert_ne!(board.dma_in_use(), 0);
    drop(disk);
    assert_eq!(board.dma_in_use(), 0);
}

#[test]
fn no_memory_is_an_error_and_costs_none() {
    let bench = Setup { options: Options { slots: 64, slot_bytes: 2 << 20, ..Options::default() }, ..Setup::default() };
    let bench = bench.plug();
    let memory = bench.board.wiring().memory;
    assert!(matches!(bench.try_start().err(), Some(NvmeError::Dma(_))));
    assert_eq!(memory.in_use(), 0);
}

#[test]
fn shutdown_is_clean_and_a_later_command_starts_again() {
    let mut rig = Setup::default().start();
    rig.write(0, &[7; 512]).unwrap();
    rig.controller.shut_down().unwrap();
    rig.controller.shut_down().unwrap();
    assert_eq!(rig.read(0, 512), Ok(vec![7; 512]));
    rig.assert_works();
    assert_eq!(rig.controller.statistics().resets, 1);
}

#[test]
fn without_msix_the_driver_polls_and_no_message_is_sent() {
    let mut rig = Setup { interrupts: false, faults: "delay@2=7ms", ..Setup::default() }.start();
    assert!(!rig.controller.uses_interrupts());
    rig.assert_works();
    rig.assert_works();
    assert!(rig.now().nanos >= 7_000_000);
    assert_eq!(rig.board.spurious_interrupts(), 0);
}

#[test]
fn with_msix_a_batch_of_completions_raises_the_line_once() {
    let mut rig = Setup::default().start();
    let line = rig.line.clone().unwrap();
    line.take();
    assert_eq!(rig.read(0, 512 << 10), Ok(patterned(0, 512 << 10)));
    assert_eq!(line.take(), 1);
    assert_eq!(rig.board.spurious_interrupts(), 0);
}

#[test]
fn callers_mistakes_are_told_before_the_device_hears_of_them() {
    let mut rig = Setup::default().start();
    let before = rig.controller.statistics().submitted;
    let kind = |result: Result<Vec<u8>, velocity_hal::BlockError>| result.map_err(|error| error.kind);
    assert_eq!(kind(rig.read(8191, 1024)), Err(BlockErrorKind::OutOfRange));
    assert_eq!(kind(rig.read(u64::MAX, 512)), Err(BlockErrorKind::OutOfRange));
    assert_eq!(kind(rig.read(0, 513)), Err(BlockErrorKind::Misaligned));
    assert_eq!(kind(rig.read(8192, 0)), Ok(vec![]));
    assert_eq!(rig.controller.statistics().submitted, before);
}

/// Registers that count accesses.
struct Counting {
    inner: Arc<dyn Mmio>,
    accesses: AtomicU32,
}

impl Counting {
    fn count(&self) -> &dyn Mmio {
        self.accesses.fetch_add(1, Ordering::Relaxed);
        &*self.inner
    }
}

impl Mmio for Counting {
    fn len(&self) -> usize {
        self.inner.len()
    }
    fn read8(&self, offset: usize) -> u8 {
        self.count().read8(offset)
    }
    fn read16(&self, offset: usize) -> u16 {
        self.count().read16(offset)
    }
    fn read32(&self, offset: usize) -> u32 {
        self.count().read32(offset)
    }
    fn read64(&self, offset: usize) -> u64 {
        self.count().read64(offset)
    }
    fn write8(&self, offset: usize, value: u8) {
        self.count().write8(offset, value);
    }
    fn write16(&self, offset: usize, value: u16) {
        self.count().write16(offset, value);
    }
    fn write32(&self, offset: usize, value: u32) {
        self.count().write32(offset, value);
    }
    fn write64(&self, offset: usize, value: u64) {
        self.count().write64(offset, value);
    }
}

/// Under emulation every register access costs microseconds, so their number is part of the design.
#[test]
fn a_start_takes_eleven_register_accesses_and_a_read_one() {
    let mut bench = Setup::default().plug();
    let registers = Arc::new(Counting { inner: bench.registers, accesses: AtomicU32::new(0) });
    bench.registers = Arc::clone(&registers) as Arc<dyn Mmio>;
    let mut rig = bench.try_start().unwrap();
    let taken = || registers.accesses.swap(0, Ordering::Relaxed);
    // CAP, CC, CSTS, AQA, ASQ, ACQ, CC, CSTS; three rounds of admin commands.
    assert_eq!(taken(), 11);
    rig.assert_works();
    assert_eq!(taken(), 1);
    for _ in 0..31 {
        rig.assert_works();
    }
    // The completion head is told once in half a ring.
    assert_eq!(taken(), 31 + 1);
}
