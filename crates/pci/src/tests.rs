//! Enumeration, sizing and capability walks over scripted configuration spaces, sane and hostile.

use crate::testing::{Constant, FakeBus, FakeFunction, NoMapper, Script, Space, at};
use crate::*;
use alloc::sync::Arc;
use alloc::vec::Vec;
use proptest::prelude::*;
use velocity_base::PhysAddr;
use velocity_hal::MapError;

const NVME: u32 = 0x0108_0201;
const MEMORY_AND_MASTER: u32 = 0b110;

fn bus_of(functions: &[(Address, FakeFunction)]) -> Arc<Script<FakeBus>> {
    Script::new(FakeBus(functions.iter().cloned().collect()))
}

fn addresses(bus: &Bus) -> Vec<Address> {
    bus.scan().iter().map(|function| function.address).collect()
}

#[test]
fn a_64_bit_bar_is_sized_with_decoding_off_and_left_as_it_was() {
    /// Notes whether a BAR changed while the function decoded it.
    struct Watch(FakeBus, bool);
    impl Space for Watch {
        fn read(&mut self, address: Address, register: u16) -> u32 {
            self.0.read(address, register)
        }
        fn write(&mut self, address: Address, register: u16, value: u32) {
            self.1 |= (0x10..0x28).contains(&register) && self.0.read(address, 4) & 0b11 != 0;
            self.0.write(address, register, value);
        }
    }
    let nvme = FakeFunction::new(NVME)
        .word(1, 0x0010_0000 | MEMORY_AND_MASTER, 0x547)
        .word(4, 0xfebf_000c, 0xffff_c000)
        .word(5, 0x0000_0008, u32::MAX)
        .word(6, 0x0000_c001, 0x0000_ffe0);
    let script = Script::new(Watch(FakeBus([(at(0, 3, 0), nvme.clone())].into()), false));
    let found = Bus::new(script.legacy()).scan();
    let base = PhysAddr(0x8_febf_0000);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].class, ClassCode::NVME);
    assert_eq!(found[0].bars[0], Some(Bar::Memory { base, len: 0x4000, prefetchable: true, wide: true }));
    assert_eq!(found[0].bars[1], None);
    assert_eq!(found[0].bars[2], Some(Bar::Io { port: 0xc000, len: 32 }));
    script.with(|watch| {
        assert_eq!(watch.0.0[&at(0, 3, 0)].words, nvme.words);
        assert!(!watch.1, "a BAR was written while it was decoded");
    });
}

#[test]
fn functions_above_0_are_looked_at_only_where_function_0_says_so() {
    let single = FakeFunction::new(0x0200_0000);
    let multi = single.clone().word(3, 0x80 << 16, 0);
    let script = bus_of(&[
        (at(0, 1, 0), single.clone()),
        (at(0, 1, 5), single.clone()),
        (at(0, 2, 0), multi),
        (at(0, 2, 7), single),
    ]);
    assert_eq!(addresses(&Bus::new(script.legacy())), [at(0, 1, 0), at(0, 2, 0), at(0, 2, 7)]);
}

#[test]
fn bridges_lead_to_each_bus_once_even_in_a_circle() {
    let device = FakeFunction::new(NVME);
    let script = bus_of(&[
        (at(0, 1, 0), FakeFunction::bridge(4)),
        (at(0, 2, 0), FakeFunction::bridge(4)),
        (at(0, 3, 0), FakeFunction::bridge(0)),
        (at(4, 0, 0), FakeFunction::bridge(9)),
        (at(9, 0, 0), FakeFunction::bridge(4)),
        (at(9, 1, 0), device),
    ]);
    let found = addresses(&Bus::new(script.legacy()));
    assert_eq!(found, [at(0, 1, 0), at(0, 2, 0), at(0, 3, 0), at(4, 0, 0), at(9, 0, 0), at(9, 1, 0)]);
}

#[test]
fn ecam_reaches_its_window_and_nothing_else() {
    let script = bus_of(&[(at(1, 31, 7), FakeFunction::new(NVME)), (at(0, 0, 0), FakeFunction::bridge(3))]);
    let bus = Bus::new(script.ecam(5, 0, 255));
    let inside = Address { segment: 5, ..at(1, 31, 7) };
    assert_eq!(bus.read32(inside, 8), NVME);
    assert_eq!(bus.read32(at(1, 31, 7), 8), u32::MAX, "another segment");
    assert_eq!(bus.read32(inside, 4096), u32::MAX, "past the function");
    assert_eq!(bus.read32(Address { bus: 2, ..inside }, 0), u32::MAX, "past the mapped part");
    bus.write32(Address { bus: 2, ..inside }, 0, 0);
    assert_eq!(addresses(&bus), [Address { segment: 5, ..at(0, 0, 0) }]);
}

#[test]
fn a_window_that_starts_above_bus_0_starts_there() {
    let script = bus_of(&[(at(0, 4, 0), FakeFunction::new(NVME))]);
    assert_eq!(addresses(&Bus::new(script.ecam(0, 0x40, 0x41))), [at(0x40, 4, 0)]);
}

#[test]
fn a_space_that_answers_the_same_everywhere_ends_the_scan() {
    assert_eq!(Bus::new(Host::None).scan(), []);
    assert_eq!(Bus::new(Script::new(Constant(u32::MAX)).legacy()).scan(), []);
    // Everything present, multi-function, and a bridge to a bus that looks the same.
    let script = Script::new(Constant(0x0181_8101));
    let found = Bus::new(script.legacy()).scan();
    assert_eq!(found.len(), 512);
    assert!(script.accesses() < 30_000, "{} accesses", script.accesses());
}

#[test]
fn bars_that_lie_are_dropped() {
    let bars = [0x8000_0008, 0x9000_0000, 0xa000_0002, 0xb001, 0x1000_0006, 0xc000_0004];
    let mut function = FakeFunction::new(NVME);
    for (bar, value) in bars.into_iter().enumerate() {
        function = function.word(4 + bar, value, 0);
    }
    // BAR 1 keeps a pattern with holes; the last says 64 bits and has no second half.
    function.writable[5] = 0x0f0f_0000;
    let script = bus_of(&[(at(0, 0, 0), function)]);
    let found = &Bus::new(script.legacy()).scan()[0];
    // A fixed address is no lie: it is as long as its alignment.
    let fixed = Bar::Memory { base: PhysAddr(0x8000_0000), len: 0x8000_0000, prefetchable: true, wide: false };
    assert_eq!(found.bars, [Some(fixed), None, None, None, None, None]);
}

#[test]
fn enabling_sets_what_a_driver_needs_and_keeps_the_rest() {
    let script = bus_of(&[(at(0, 1, 0), FakeFunction::new(NVME).word(1, 0xf010_0100, 0x547))]);
    let bus = Bus::new(script.legacy());
    let function = bus.scan().remove(0);
    assert!(bus.enable(&function));
    assert_eq!(bus.read32(function.address, 4), 0xf010_0506);
    assert!(bus.quiesce(&function));
    assert_eq!(bus.read32(function.address, 4), 0xf010_0502);
    script.with(|bus| bus.0.clear());
    assert!(!bus.enable(&function), "unplugged");
}

#[test]
fn capability_lists_end_however_they_are_linked() {
    let listed = FakeFunction::new(NVME).word(1, 0x0010_0000, 0);
    type Case = (u32, &'static [(usize, u32)], usize);
    let cases: [Case; 5] = [
        (0x40, &[(16, 0x0000_5001), (20, 0x0000_0011)], 2),
        (0x40, &[(16, 0x0000_4001)], 48), // leads to itself
        (0x40, &[(16, 0x0000_1001)], 1),  // leads into the header
        (0x43, &[(16, 0x0000_0001)], 1),  // reserved bits of the pointer set
        (0x40, &[(16, 0xffff_ffff)], 0),  // nobody there
    ];
    for (first, words, expected) in cases {
        let mut function = listed.clone().word(13, first, 0);
        for (word, value) in words {
            function = function.word(*word, *value, 0);
        }
        let bus = Bus::new(bus_of(&[(at(0, 1, 0), function)]).legacy());
        assert_eq!(bus.capabilities(&bus.scan()[0]).len(), expected, "{words:x?}");
    }
    let unlisted = FakeFunction::new(NVME).word(13, 0x40, 0).word(16, 0x11, 0);
    let bus = Bus::new(bus_of(&[(at(0, 1, 0), unlisted)]).legacy());
    assert_eq!(bus.capabilities(&bus.scan()[0]), [], "the status bit decides");
}

#[test]
fn an_msix_table_that_is_not_in_its_bar_is_refused() {
    let with_table = |control: u32, table: u32| {
        let function = FakeFunction::new(NVME)
            .word(1, 0x0010_0000, 0x547)
            .word(4, 0xfebf_0004, 0xffff_e000)
            .word(5, 0x1, u32::MAX)
            .word(13, 0x40, 0)
            .word(16, control << 16 | 0x11, 0)
            .word(17, table, 0);
        let bus = Bus::new(bus_of(&[(at(0, 1, 0), function)]).legacy());
        let function = bus.scan().remove(0);
        bus.msix(&function, &NoMapper).err()
    };
    let bad = |bar, offset| Some(MsixError::BadTable { address: at(0, 1, 0), bar, offset });
    assert_eq!(with_table(0, 0x2000), bad(0, 0x2000), "starts at the end");
    assert_eq!(with_table(1, 0x1ff0), bad(0, 0x1ff0), "ends past the end");
    assert_eq!(with_table(0x7ff, 0xffff_fff8), bad(0, 0xffff_fff8));
    assert_eq!(with_table(0, 1), bad(1, 0), "the upper half of BAR 0");
    assert_eq!(with_table(0, 7), bad(7, 0));
    let unmapped = MsixError::Unmapped(MapError::NothingThere(PhysAddr(0x1_febf_1ff0)));
    assert_eq!(with_table(0, 0x1ff0), Some(unmapped));
}

#[test]
fn a_typical_machine_is_scanned_in_few_accesses() {
    // QEMU's i440FX machine with a VGA, a network and an NVMe controller.
    let memory = |function: FakeFunction, bar: usize, base: u32, len: u32| function.word(4 + bar, base, !(len - 1));
    let vga = memory(FakeFunction::new(0x0300_0000).word(1, 0b11, 0x547), 0, 0xfd00_0008, 1 << 24);
    let net = memory(FakeFunction::new(0x0200_0000).word(1, 0b11, 0x547), 0, 0xfeb8_0000, 1 << 17);
    let nvme = FakeFunction::new(NVME).word(1, 0b11, 0x547).word(4, 0xfebf_0004, 0xffff_c000);
    let isa = FakeFunction::new(0x0601_0000).word(3, 0x80 << 16, 0);
    let script = bus_of(&[
        (at(0, 0, 0), FakeFunction::new(0x0600_0000)),
        (at(0, 1, 0), isa),
        (at(0, 1, 1), FakeFunction::new(0x0101_8000).word(8, 0xc001, 0xfff0)),
        (at(0, 1, 3), FakeFunction::new(0x0680_0000)),
        (at(0, 2, 0), memory(vga, 2, 0xfebf_4000, 4096)),
        (at(0, 3, 0), net.word(5, 0xc041, 0xffc0)),
        (at(0, 4, 0), nvme.word(5, 0x1, u32::MAX)),
    ]);
    let bus = Bus::new(script.ecam(0, 0, 0));
    let mut found = bus.enumerate();
    let enumerated = script.accesses();
    assert_eq!((found.len(), enumerated), (7, 53), "functions and accesses through ECAM");
    bus.size_bars(&mut found[6]);
    let sized = script.accesses() - enumerated;
    assert!(sized <= 16, "{sized} accesses for one 64-bit BAR");
    let all = bus.scan();
    assert_eq!(all[6], found[6]);
    assert_eq!(all.iter().flat_map(|function| &function.bars).flatten().count(), 6);
}

proptest! {
    #[test]
    fn random_configuration_space_never_panics_and_always_ends(
        words in proptest::collection::vec(any::<u32>(), 64),
        writable in proptest::collection::vec(any::<u32>(), 64),
    ) {
        let mut function = FakeFunction::new(NVME);
        function.words.copy_from_slice(&words);
        function.writable.copy_from_slice(&writable);
        function.words[0] &= 0x7fff_7fff;
        let bus = Bus::new(bus_of(&[(at(0, 0, 0), function)]).legacy());
        for function in bus.scan() {
            bus.enable(&function);
            prop_assert!(bus.capabilities(&function).len() <= 48);
            prop_assert!(bus.msix(&function, &NoMapper).is_err());
            for bar in function.bars.into_iter().flatten() {
                match bar {
                    Bar::Memory { base, len, .. } => prop_assert!(base.checked_add(len).is_some() && len > 0),
                    Bar::Io { port, len } => prop_assert!(u32::from(port) + len <= 0x1_0000),
                }
            }
        }
    }
}
