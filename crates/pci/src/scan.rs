//! Enumeration: which functions there are (PCI 3.2.2.3.4; PCI-to-PCI Bridge 3.2.5).
//!
//! Buses are visited depth first, in the order bridges lead to them. A bus is entered once, and only if its bridge
//! numbers it above its own bus, so a circle of bridges ends; 512 functions end it too.

use crate::host::Access;
use crate::registers::{ABSENT, BUS_NUMBERS, CLASS, HEADER, ID};
use crate::{Address, ClassCode, Function, Header};
use alloc::{vec, vec::Vec};

/// More functions than any machine has that this system runs on.
const MAX_FUNCTIONS: usize = 512;
const MULTI_FUNCTION: u8 = 0x80;

pub(crate) struct Scan<'a> {
    access: &'a Access,
    found: Vec<Function>,
}

impl<'a> Scan<'a> {
    pub(crate) const fn new(access: &'a Access) -> Self {
        Self { access, found: Vec::new() }
    }

    pub(crate) fn run(mut self) -> Vec<Function> {
        for (segment, first, last) in self.access.roots() {
            let mut visited = [false; 256];
            let mut waiting = vec![first];
            while let Some(bus) = waiting.pop() {
                if core::mem::replace(&mut visited[usize::from(bus)], true) {
                    continue;
                }
                let start = self.found.len();
                self.bus(segment, bus);
                let behind = self.found[start..].iter().rev().filter_map(|function| match function.header {
                    Header::Bridge { secondary, .. } => Some(secondary),
                    _ => None,
                });
                waiting.extend(behind.filter(|secondary| *secondary > bus && *secondary <= last));
            }
        }
        self.found
    }

    fn bus(&mut self, segment: u16, bus: u8) {
        for device in 0..32 {
            let address = Address { segment, bus, device, function: 0 };
            let Some(header) = self.function(address) else { continue };
            if header & MULTI_FUNCTION != 0 {
                for function in 1..8 {
                    self.function(Address { function, ..address });
                }
            }
        }
    }

    /// Looks at one function; returns its header type byte if it is there.
    fn function(&mut self, address: Address) -> Option<u8> {
        if self.found.len() == MAX_FUNCTIONS {
            return None;
        }
        let id = self.access.read32(address, ID);
        let (vendor, device) = (id as u16, (id >> 16) as u16);
        if vendor == 0xffff || vendor == 0 {
            return None;
        }
        let [revision, interface, sub, base] = self.access.read32(address, CLASS).to_le_bytes();
        let class = ClassCode { base, sub, interface };
        let [_, _, header_type, _] = self.access.read32(address, HEADER).to_le_bytes();
        let header = self.header(address, header_type);
        self.found.push(Function { address, vendor, device, class, revision, header, bars: [None; 6] });
        Some(header_type)
    }

    fn header(&self, address: Address, header_type: u8) -> Header {
        match header_type & !MULTI_FUNCTION {
            0 => Header::Device,
            1 => match self.access.read32(address, BUS_NUMBERS) {
                ABSENT => Header::Other(header_type),
                numbers => {
                    let [_, secondary, subordinate, _] = numbers.to_le_bytes();
                    Header::Bridge { secondary, subordinate }
                }
            },
            other => Header::Other(other),
        }
    }
}
