//! The board as `velocity-pci` and waiting drivers see it, with a device that does as little as possible.

use super::*;
use crate::HostClock;
use crate::pci::{BarKind, ConfigSpace, Identity, MsixLayout};
use proptest::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time;
use velocity_base::{Duration, Instant, PhysAddr};
use velocity_hal::{InterruptLine, MapError};
use velocity_pci::{Bar, Bus, Capability, Function, Header, Msix};

const BAR_BYTES: u64 = 0x4000;
/// Writing n here raises vector 0 in n nanoseconds.
const TIMER: usize = 8;
/// Writing n here raises vector n.
const RAISE: usize = 16;

struct Probe {
    config: ConfigSpace,
    clock: Arc<dyn Clock>,
    scratch: u64,
    due: Option<Instant>,
    plugged: Arc<AtomicBool>,
}

impl Probe {
    fn plug_into(board: &Board) -> Arc<AtomicBool> {
        let Wiring { clock, msi, .. } = board.wiring();
        let identity = Identity { vendor: 0x1234, device: 0x5678, class: [0xff, 0, 0], revision: 3 };
        let config = ConfigSpace::new(identity)
            .with_bar(0, BarKind::Memory64 { prefetchable: false }, BAR_BYTES)
            .with_bar(2, BarKind::Memory32, 16)
            .with_bar(5, BarKind::Io, 8)
            .with_capability(&[(0x0003_0001, 0), (0, 0)])
            .with_msix(MsixLayout { vectors: 40, bar: 0, table: 0x2000, pending: 0x3000 }, msi);
        let plugged = Arc::new(AtomicBool::new(true));
        let probe = Self { config, clock, scratch: 0, due: None, plugged: Arc::clone(&plugged) };
        board.attach(Box::new(probe));
        plugged
    }
}

impl PciDevice for Probe {
    fn config(&self) -> &ConfigSpace {
        &self.config
    }
    fn config_mut(&mut self) -> &mut ConfigSpace {
        &mut self.config
    }
    fn bar_read(&mut self, bar: u8, offset: u64, _size: u8) -> u64 {
        if bar == 0 && offset < 8 { self.scratch >> (offset * 8) } else { 0 }
    }
    fn bar_write(&mut self, bar: u8, offset: u64, _size: u8, value: u64) {
        match (bar, offset as usize) {
            (0, 0) => self.scratch = value,
            (0, TIMER) => self.due = Some(self.clock.now().after(Duration::from_nanos(value))),
            (0, RAISE) => self.config.raise(value as u16),
            _ => {}
        }
    }
    fn tick(&mut self, _now: Instant) {
        self.due = None;
        self.config.raise(0);
    }
    fn next_event(&self) -> Option<Instant> {
        self.due
    }
    fn is_present(&self) -> bool {
        self.plugged.load(Ordering::SeqCst)
    }
}

struct Fixture {
    board: Board,
    clock: ManualClock,
    bus: Bus,
    function: Function,
    registers: Arc<dyn Mmio>,
    plugged: Arc<AtomicBool>,
}

fn fixture() -> Fixture {
    let clock = ManualClock::new();
    let board = Board::new(BoardConfig::manual(clock.clone()));
    let plugged = Probe::plug_into(&board);
    let bus = Bus::new(board.pci_host());
    let function = bus.scan().remove(1);
    let registers = board.mmio_mapper().map(base(&function, 0), BAR_BYTES as usize).unwrap();
    Fixture { board, clock, bus, function, registers, plugged }
}

fn base(function: &Function, bar: usize) -> PhysAddr {
    match function.bars[bar] {
        Some(Bar::Memory { base, .. }) => base,
        other => panic!("BAR {bar} is {other:?}"),
    }
}

/// A line for `vector`, programmed and unmasked.
fn line(fixture: &Fixture, msix: &Msix, vector: u16) -> Arc<dyn InterruptLine> {
    let line = fixture.board.interrupts().allocate_msi("test").unwrap();
    msix.program(vector, line.message()).unwrap();
    line
}

fn started(fixture: &Fixture) -> (Msix, Arc<dyn InterruptLine>) {
    assert!(fixture.bus.enable(&fixture.function));
    let msix = fixture.bus.msix(&fixture.function, &*fixture.board.mmio_mapper()).unwrap();
    let line = line(fixture, &msix, 0);
    msix.enable(&fixture.bus);
    (msix, line)
}

#[test]
fn every_way_to_configuration_space_finds_the_same() {
    let mut scans = [(true, false), (false, false), (true, true), (false, true)].map(|(ecam, bridge)| {
        let board = Board::new(BoardConfig { ecam, bridge, ..BoardConfig::manual(ManualClock::new()) });
        Probe::plug_into(&board);
        let bus = Bus::new(board.pci_host());
        let before = bus.scan();
        assert_eq!(bus.scan(), before, "a scan leaves everything as it was");
        before
    });
    assert_eq!(scans[0], scans[1]);
    assert_eq!(scans[2], scans[3]);
    assert_eq!(scans[2][1].header, Header::Bridge { secondary: 1, subordinate: 1 });
    let (mut behind, direct) = (scans[2].remove(2), scans[0].remove(1));
    assert_eq!(behind.address.to_string(), "0000:01:00.0");
    behind.address = direct.address;
    assert_eq!(behind, direct);
    assert!(matches!(direct.bars[0], Some(Bar::Memory { len: BAR_BYTES, wide: true, prefetchable: false, .. })));
    assert!(matches!(direct.bars[2], Some(Bar::Memory { len: 16, wide: false, .. })));
    assert!(matches!(direct.bars[5], Some(Bar::Io { len: 8, .. })));
}

#[test]
fn capabilities_are_listed_in_order() {
    let Fixture { bus, function, .. } = fixture();
    let expected = [Capability { id: 0x01, offset: 0x40 }, Capability { id: Capability::MSIX, offset: 0x48 }];
    assert_eq!(bus.capabilities(&function), expected);
}

#[test]
fn narrow_configuration_accesses_reach_their_bytes() {
    let config = || BoardConfig::manual(ManualClock::new());
    let (Host::Ecam(windows), Host::Legacy(ports)) =
        (Board::new(config()).pci_host(), Board::new(BoardConfig { ecam: false, ..config() }).pci_host())
    else {
        panic!("a board has one window or the ports")
    };
    let ecam = &windows[0].registers;
    assert_eq!((ecam.read16(0), ecam.read8(0xb), ecam.read64(0x08)), (0x1b36, 0x06, 0x0600_0000));
    ecam.write8(0x3c, 0x5a);
    ecam.write16(0x04, 0xffff);
    assert_eq!((ecam.read32(0x3c), ecam.read32(0x04)), (0x5a, 0x0547));
    assert_eq!(ports.in32(0xcfc), u32::MAX, "nothing is selected");
    ports.out32(0xcf8, 0x8000_0008);
    assert_eq!((ports.in8(0xcff), ports.in16(0xcfe), ports.in32(0xcf8)), (0x06, 0x0600, 0x8000_0008));
    ports.out32(0xcf8, 0x8000_003c);
    ports.out8(0xcfc, 0x5a);
    ports.out8(0xcfd, 0xff);
    assert_eq!(ports.in32(0xcfc), 0x5a);
    assert_eq!((ports.in8(0x80), ports.in32(0xcf4)), (0xff, u32::MAX));
}

#[test]
fn the_port_pair_is_not_torn_between_threads() {
    let board = Board::new(BoardConfig { ecam: false, ..BoardConfig::manual(ManualClock::new()) });
    Probe::plug_into(&board);
    let bus = Bus::new(board.pci_host());
    let found = bus.scan();
    std::thread::scope(|scope| {
        for function in &found {
            let expected = u32::from(function.device) << 16 | u32::from(function.vendor);
            let bus = &bus;
            scope.spawn(move || (0..5_000).for_each(|_| assert_eq!(bus.read32(function.address, 0), expected)));
        }
    });
}

#[test]
fn a_bar_answers_only_while_it_is_decoded() {
    let Fixture { bus, function, registers, .. } = fixture();
    registers.write64(0, 0x1122_3344_5566_7788);
    assert_eq!((registers.read32(4), registers.read8(1)), (0x1122_3344, 0x77));
    bus.write32(function.address, 4, 0);
    registers.write32(0, 0);
    assert_eq!((registers.read64(0), registers.read16(2)), (u64::MAX, 0xffff));
    bus.write32(function.address, 4, 2);
    assert_eq!(registers.read64(0), 0x1122_3344_5566_7788);
}

#[test]
fn only_what_lies_in_a_bar_can_be_mapped() {
    let Fixture { board, function, .. } = fixture();
    let (mapper, at) = (board.mmio_mapper(), base(&function, 0));
    let error = |base: PhysAddr, len| mapper.map(base, len).err();
    assert_eq!(error(at, 0), Some(MapError::BadLength { base: at, len: 0 }));
    assert_eq!(error(at, 0x4001), Some(MapError::BadLength { base: at, len: 0x4001 }));
    let end = PhysAddr(at.0 + BAR_BYTES);
    assert_eq!(error(end, 4), Some(MapError::NothingThere(end)));
    let top = PhysAddr(u64::MAX);
    assert_eq!(error(top, 2), Some(MapError::BadLength { base: top, len: 2 }));
    assert_eq!(mapper.map(PhysAddr(end.0 - 8), 8).unwrap().read64(0), 0);
}

#[test]
#[should_panic(expected = "driver error: 4-byte access at 0x3ffe")]
fn a_driver_that_leaves_its_window_panics() {
    fixture().registers.read32(0x3ffe);
}

#[test]
fn interrupts_arrive_on_the_line_of_their_vector() {
    let fixture = fixture();
    let (msix, first) = started(&fixture);
    let last = line(&fixture, &msix, 39);
    assert_eq!(msix.vectors(), 40);
    fixture.registers.write32(RAISE, 39);
    fixture.registers.write32(RAISE, 39);
    assert_eq!((first.take(), last.take()), (0, 2));
    fixture.registers.write32(RAISE, 40);
    assert_eq!(fixture.board.spurious_interrupts(), 0, "there is no vector 40");
    assert!(msix.program(40, first.message()).is_err());
}

#[test]
fn masked_interrupts_wait_and_those_of_a_quiet_device_too() {
    let fixture = fixture();
    let (msix, line) = started(&fixture);
    msix.set_masked(0, true).unwrap();
    fixture.registers.write32(RAISE, 0);
    fixture.registers.write32(RAISE, 0);
    assert_eq!((line.take(), fixture.registers.read64(0x3000)), (0, 1));
    msix.set_masked(0, false).unwrap();
    assert_eq!((line.take(), fixture.registers.read64(0x3000)), (1, 0), "sent once");
    assert!(fixture.bus.quiesce(&fixture.function));
    fixture.registers.write32(RAISE, 0);
    assert_eq!(line.take(), 0);
    assert!(fixture.bus.enable(&fixture.function));
    assert_eq!(line.take(), 1);
    msix.disable(&fixture.bus);
    fixture.registers.write32(RAISE, 0);
    msix.enable(&fixture.bus);
    assert_eq!(line.take(), 0, "lost while MSI-X was off");
}

#[test]
fn an_unplugged_device_reads_as_ones_everywhere() {
    let Fixture { board, bus, function, registers, plugged, .. } = fixture();
    plugged.store(false, Ordering::SeqCst);
    registers.write32(0, 5);
    assert_eq!((registers.read64(0), registers.read32(0x2000)), (u64::MAX, u32::MAX));
    assert_eq!(bus.read32(function.address, 0), u32::MAX);
    assert!(!bus.enable(&function));
    assert!(bus.msix(&function, &*board.mmio_mapper()).is_err());
    assert_eq!(bus.scan().len(), 1);
}

#[test]
fn waiting_moves_a_manual_clock_to_the_next_event_or_the_deadline() {
    let fixture = fixture();
    let (_msix, line) = started(&fixture);
    let (idle, clock) = (fixture.board.idle(), &fixture.clock);
    fixture.registers.write32(TIMER, 7_000);
    idle.wait(Instant::from_nanos(50_000), &|| line.is_pending());
    assert_eq!((clock.now().nanos, line.take()), (7_000, 1));
    idle.wait(Instant::from_nanos(50_000), &|| line.is_pending());
    assert_eq!((clock.now().nanos, line.take()), (50_000, 0));
    idle.wait(Instant::from_nanos(40_000), &|| false);
    assert_eq!(clock.now().nanos, 50_000, "a deadline in the past returns at once");
}

#[test]
fn a_polling_loop_sees_events_and_time_outs_too() {
    let fixture = fixture();
    let (_msix, line) = started(&fixture);
    let idle = fixture.board.idle();
    fixture.registers.write32(TIMER, 25_000);
    while !line.is_pending() {
        idle.relax();
    }
    assert_eq!(fixture.clock.now().nanos, 25_000);
    idle.relax();
    assert!(fixture.clock.now().nanos > 25_000);
}

#[test]
fn a_host_clock_sleeps_until_the_event_or_a_wake_up() {
    let board = Board::new(BoardConfig::new(Arc::new(HostClock::new())));
    Probe::plug_into(&board);
    let bus = Bus::new(board.pci_host());
    let function = bus.scan().remove(1);
    let registers = board.mmio_mapper().map(base(&function, 0), 64).unwrap();
    bus.enable(&function);
    let msix = bus.msix(&function, &*board.mmio_mapper()).unwrap();
    let line = board.interrupts().allocate_msi("test").unwrap();
    msix.program(0, line.message()).unwrap();
    msix.enable(&bus);
    let (idle, far) = (board.idle(), Instant::from_nanos(3_600_000_000_000));
    registers.write32(TIMER, 2_000_000);
    idle.wait(far, &|| line.is_pending());
    assert_eq!(line.take(), 1);

    let (wake, flag) = (board.wake_handle(), Arc::new(AtomicBool::new(false)));
    let raised = Arc::clone(&flag);
    let other = std::thread::spawn(move || {
        std::thread::sleep(time::Duration::from_millis(2));
        raised.store(true, Ordering::SeqCst);
        wake.wake();
    });
    idle.wait(Instant::from_nanos(u64::MAX), &|| flag.load(Ordering::SeqCst));
    other.join().unwrap();
    let before = time::Instant::now();
    idle.wait(board.wiring().clock.now().after(Duration::from_millis(3)), &|| false);
    assert!(before.elapsed() >= time::Duration::from_millis(3));
}

#[test]
fn memory_is_counted_and_not_touched_before_it_is_used() {
    let board = Board::new(BoardConfig { memory_bytes: 1 << 46, ..BoardConfig::manual(ManualClock::new()) });
    assert_eq!(board.dma_in_use(), 0);
    let region = board.dma().allocate(10_000).unwrap();
    assert_eq!(board.dma_in_use(), 12_288);
    drop(region);
    assert_eq!(board.dma_in_use(), 0);
}

proptest! {
    #[test]
    fn no_sequence_of_register_accesses_breaks_a_model(
        accesses in proptest::collection::vec((0usize..6, any::<usize>(), any::<u64>()), 0..100),
    ) {
        let fixture = fixture();
        let place = fixture.function.address;
        for (kind, offset, value) in accesses {
            let at = |size: usize| offset % (BAR_BYTES as usize / size) * size;
            match kind {
                0 => fixture.bus.write32(place, offset as u16 % 0x110, value as u32),
                1 => fixture.registers.write8(at(1), value as u8),
                2 => fixture.registers.write32(at(4), value as u32),
                3 => fixture.registers.write64(at(8), value),
                4 => _ = (fixture.registers.read8(at(1)), fixture.registers.read16(at(2))),
                _ => _ = (fixture.registers.read32(at(4)), fixture.registers.read64(at(8))),
            }
        }
        prop_assert!(fixture.bus.scan().len() <= 2);
        fixture.board.idle().wait(Instant::from_nanos(1_000), &|| false);
    }
}
