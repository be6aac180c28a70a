//! Scripted configuration spaces: a well-behaved function to edit, and spaces that do what no device should.

use crate::{Address, EcamWindow, Host};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use spin::Mutex;
use velocity_base::PhysAddr;
use velocity_hal::{MapError, Mmio, MmioMapper, PortIo};

/// Anything that answers configuration accesses.
pub trait Space: Send {
    fn read(&mut self, address: Address, register: u16) -> u32;
    fn write(&mut self, address: Address, register: u16, value: u32);
}

/// Answers every read with the same word.
pub struct Constant(pub u32);

impl Space for Constant {
    fn read(&mut self, _: Address, _: u16) -> u32 {
        self.0
    }
    fn write(&mut self, _: Address, _: u16, _: u32) {}
}

/// The address `bus:device.function` in segment 0.
pub const fn at(bus: u8, device: u8, function: u8) -> Address {
    Address { segment: 0, bus, device, function }
}

/// A function with registers and masks of writable bits.
#[derive(Clone)]
pub struct FakeFunction {
    pub words: [u32; 64],
    pub writable: [u32; 64],
}

impl FakeFunction {
    /// A device of `class` (base, sub, interface in the upper three bytes) without BARs.
    pub fn new(class: u32) -> Self {
        let mut function = Self { words: [0; 64], writable: [0; 64] };
        function.words[0] = 0x5678_1234;
        function.words[2] = class;
        function.writable[1] = 0x547;
        function
    }

    pub fn bridge(secondary: u8) -> Self {
        let mut function = Self::new(0x0604_0000);
        function.words[3] = 1 << 16;
        function.words[6] = u32::from(secondary) << 16 | u32::from(secondary) << 8;
        function
    }

    pub fn word(mut self, index: usize, value: u32, writable: u32) -> Self {
        self.words[index] = value;
        self.writable[index] = writable;
        self
    }
}

/// A bus full of [`FakeFunction`]s.
#[derive(Default)]
pub struct FakeBus(pub BTreeMap<Address, FakeFunction>);

impl Space for FakeBus {
    fn read(&mut self, address: Address, register: u16) -> u32 {
        let function = self.0.get(&address);
        function.map_or(u32::MAX, |function| function.words.get(usize::from(register / 4)).copied().unwrap_or(0))
    }

    fn write(&mut self, address: Address, register: u16, value: u32) {
        let index = usize::from(register / 4);
        if let Some(function) = self.0.get_mut(&address)
            && index < 64
        {
            let mask = function.writable[index];
            function.words[index] = function.words[index] & !mask | value & mask;
        }
    }
}

/// Puts a [`Space`] behind both access mechanisms and counts accesses.
pub struct Script<S> {
    state: Mutex<(S, u32, usize)>,
}

impl<S: Space + 'static> Script<S> {
    pub fn new(space: S) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new((space, 0, 0)) })
    }

    pub fn legacy(self: &Arc<Self>) -> Host {
        Host::Legacy(Arc::clone(self) as Arc<dyn PortIo>)
    }

    pub fn ecam(self: &Arc<Self>, segment: u16, first_bus: u8, last_bus: u8) -> Host {
        let registers = Arc::clone(self) as Arc<dyn Mmio>;
        Host::Ecam([EcamWindow { segment, first_bus, last_bus, registers }].to_vec())
    }

    /// Port or memory accesses so far.
    pub fn accesses(&self) -> usize {
        self.state.lock().2
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        look(&mut self.state.lock().0)
    }
}

impl<S: Space> PortIo for Script<S> {
    fn in32(&self, port: u16) -> u32 {
        let mut state = self.state.lock();
        state.2 += 1;
        assert_eq!(port, 0xcfc);
        let (address, register) = selected(state.1);
        state.0.read(address, register)
    }

    fn out32(&self, port: u16, value: u32) {
        let mut state = self.state.lock();
        state.2 += 1;
        match port {
            0xcf8 => state.1 = value,
            0xcfc => {
                let (address, register) = selected(state.1);
                state.0.write(address, register, value);
            }
            other => panic!("port {other:#x} is not configuration space"),
        }
    }

    fn in8(&self, _: u16) -> u8 {
        panic!("configuration space is read in words");
    }
    fn in16(&self, _: u16) -> u16 {
        panic!("configuration space is read in words");
    }
    fn out8(&self, _: u16, _: u8) {
        panic!("configuration space is written in words");
    }
    fn out16(&self, _: u16, _: u16) {
        panic!("configuration space is written in words");
    }
}

fn selected(selector: u32) -> (Address, u16) {
    assert_eq!(selector & 0xff00_0003, 0x8000_0000, "enable bit set, reserved bits clear");
    let [register, place, bus, _] = selector.to_le_bytes();
    (at(bus, place >> 3, place & 7), register.into())
}

impl<S: Space> Mmio for Script<S> {
    /// Two buses, whatever the window claims.
    fn len(&self) -> usize {
        2 << 20
    }

    fn read32(&self, offset: usize) -> u32 {
        assert!(offset.is_multiple_of(4) && offset + 4 <= self.len());
        let mut state = self.state.lock();
        state.2 += 1;
        let address = at((offset >> 20) as u8, (offset >> 15 & 31) as u8, (offset >> 12 & 7) as u8);
        state.0.read(address, (offset & 0xfff) as u16)
    }

    fn write32(&self, offset: usize, value: u32) {
        assert!(offset.is_multiple_of(4) && offset + 4 <= self.len());
        let mut state = self.state.lock();
        state.2 += 1;
        let address = at((offset >> 20) as u8, (offset >> 15 & 31) as u8, (offset >> 12 & 7) as u8);
        state.0.write(address, (offset & 0xfff) as u16, value);
    }

    fn read8(&self, _: usize) -> u8 {
        panic!("configuration space is read in words");
    }
    fn read16(&self, _: usize) -> u16 {
        panic!("configuration space is read in words");
    }
    fn read64(&self, _: usize) -> u64 {
        panic!("configuration space is read in words");
    }
    fn write8(&self, _: usize, _: u8) {
        panic!("configuration space is written in words");
    }
    fn write16(&self, _: usize, _: u16) {
        panic!("configuration space is written in words");
    }
    fn write64(&self, _: usize, _: u64) {
        panic!("configuration space is written in words");
    }
}

/// A mapper that refuses.
pub struct NoMapper;

impl MmioMapper for NoMapper {
    fn map(&self, base: PhysAddr, _: usize) -> Result<Arc<dyn Mmio>, MapError> {
        Err(MapError::NothingThere(base))
    }
}
