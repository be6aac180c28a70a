//! A host that talks to the model by hand: entry by entry, register by register.

use super::{Backing, NvmeConfig, NvmeModel};
use crate::pci::{PciDevice, Wiring};
use crate::{GuestMemory, ManualClock, MsiController};
use std::sync::Arc;
use velocity_base::PhysAddr;
use velocity_hal::{DmaAllocator, DmaRegion};

pub(super) const ENTRIES: u16 = 8;
pub(super) const BLOCKS: usize = 2048;

/// A submission queue entry by its dwords.
#[derive(Clone, Copy, Default)]
pub(super) struct Entry(pub(super) [u32; 16]);

impl Entry {
    pub(super) fn new(opcode: u8, namespace: u32) -> Self {
        let mut entry = Self::default();
        entry.0[0] = opcode.into();
        entry.0[1] = namespace;
        entry
    }

    pub(super) fn prps(mut self, prp1: u64, prp2: u64) -> Self {
        self.0[6..10].copy_from_slice(&[prp1 as u32, (prp1 >> 32) as u32, prp2 as u32, (prp2 >> 32) as u32]);
        self
    }

    pub(super) fn dwords(mut self, dwords: [u32; 3]) -> Self {
        self.0[10..13].copy_from_slice(&dwords);
        self
    }
}

/// One queue pair as the host keeps it.
struct Pair {
    submission: Box<dyn DmaRegion>,
    completion: Box<dyn DmaRegion>,
    tail: u16,
    head: u16,
    phase: bool,
}

/// The host: two queue pairs and eight pages of data.
pub(super) struct Host {
    pub(super) device: NvmeModel,
    pub(super) memory: GuestMemory,
    pub(super) clock: ManualClock,
    pub(super) data: Box<dyn DmaRegion>,
    pairs: [Pair; 2],
    next_id: u16,
}

/// What a disk holds in every byte of a block.
pub(super) fn block_byte(block: usize) -> u8 {
    (block % 251) as u8
}

impl Host {
    /// A host before it enabled the device.
    pub(super) fn new(faults: &str) -> Self {
        let memory = GuestMemory::new(1 << 20);
        let clock = ManualClock::new();
        let wiring =
            Wiring { memory: memory.clone(), clock: Arc::new(clock.clone()), msi: Arc::new(MsiController::default()) };
        let disk = (0..BLOCKS).flat_map(|block| [block_byte(block); 512]).collect();
        let faults = faults.parse().unwrap();
        let config = NvmeConfig { faults, mdts: 3, max_entries: 64, ..NvmeConfig::new(Backing::Memory(disk)) };
        let mut device = NvmeModel::new(config, wiring).unwrap();
        device.config_mut().write32(4, 0b110, u32::MAX);
        let region = |bytes| memory.allocate(bytes).unwrap();
        let pair = || Pair { submission: region(4096), completion: region(4096), tail: 0, head: 0, phase: true };
        let (data, pairs) = (region(8 * 4096), [pair(), pair()]);
        Self { device, clock, data, pairs, memory: memory.clone(), next_id: 0 }
    }

    /// A host with queue 1 ready for I/O.
    pub(super) fn started(faults: &str) -> Self {
        let mut host = Self::new(faults);
        host.enable();
        assert_eq!(host.admin(host.create(0x05, 1, ENTRIES, 1)), (0, 0));
        assert_eq!(host.admin(host.create(0x01, 1, ENTRIES, 1 << 16 | 1)), (0, 0));
        host
    }

    pub(super) fn enable(&mut self) {
        self.write32(0x24, u32::from(ENTRIES - 1) << 16 | u32::from(ENTRIES - 1));
        let (submission, completion) = self.rings(0);
        self.device.bar_write(0, 0x28, 8, submission);
        self.device.bar_write(0, 0x30, 8, completion);
        self.write32(0x14, 4 << 20 | 6 << 16 | 1);
    }

    /// Addresses of a pair's rings.
    pub(super) fn rings(&self, pair: usize) -> (u64, u64) {
        let Pair { submission, completion, .. } = &self.pairs[pair];
        (submission.device_address().0, completion.device_address().0)
    }

    /// Create I/O Completion (05h) or Submission (01h) Queue `id` over the rings of pair 1.
    pub(super) fn create(&self, opcode: u8, id: u32, entries: u16, dword11: u32) -> Entry {
        let (submission, completion) = self.rings(1);
        let ring = if opcode == 0x05 { completion } else { submission };
        Entry::new(opcode, 0).prps(ring, 0).dwords([u32::from(entries - 1) << 16 | id, dword11, 0])
    }

    /// Address of byte `offset` of the data pages.
    pub(super) fn at(&self, offset: u64) -> u64 {
        self.data.device_address().0 + offset
    }

    pub(super) fn read32(&mut self, offset: u64) -> u32 {
        self.device.bar_read(0, offset, 4) as u32
    }

    pub(super) fn write32(&mut self, offset: u64, value: u32) {
        self.device.bar_write(0, offset, 4, value.into());
    }

    /// Puts an entry into a ring without telling; returns its id.
    pub(super) fn push(&mut self, pair: usize, mut entry: Entry) -> u16 {
        let id = self.next_id;
        self.next_id += 1;
        entry.0[0] |= u32::from(id) << 16;
        let Pair { submission, tail, .. } = &mut self.pairs[pair];
        for (index, dword) in entry.0.iter().enumerate() {
            submission.store32(usize::from(*tail) * 64 + index * 4, *dword);
        }
        *tail = (*tail + 1) % ENTRIES;
        id
    }

    /// Tells the device the tail.
    pub(super) fn ring(&mut self, pair: usize) {
        let tail = self.pairs[pair].tail;
        self.write32(0x1000 + pair as u64 * 8, tail.into());
    }

    /// The next completion: id, status and dword 0.
    pub(super) fn pop(&mut self, pair: usize) -> Option<(u16, u16, u32)> {
        let Pair { completion, head, phase, .. } = &mut self.pairs[pair];
        let at = usize::from(*head) * 16;
        let last = completion.load32(at + 12);
        if (last >> 16 & 1 != 0) != *phase {
            return None;
        }
        let result = completion.load32(at);
        *head = (*head + 1) % ENTRIES;
        *phase ^= *head == 0;
        Some((last as u16, (last >> 17 & 0x7ff) as u16, result))
    }

    /// Tells the device what was popped.
    pub(super) fn acknowledge(&mut self, pair: usize) {
        let head = self.pairs[pair].head;
        self.write32(0x1004 + pair as u64 * 8, head.into());
    }

    /// One command from beginning to end: status and dword 0.
    pub(super) fn run(&mut self, pair: usize, entry: Entry) -> (u16, u32) {
        let id = self.push(pair, entry);
        self.ring(pair);
        let (answered, status, result) = self.pop(pair).expect("an answer");
        assert_eq!((answered, self.pop(pair)), (id, None));
        self.acknowledge(pair);
        (status, result)
    }

    pub(super) fn admin(&mut self, entry: Entry) -> (u16, u32) {
        self.run(0, entry)
    }

    /// The status of one I/O command.
    pub(super) fn io(&mut self, entry: Entry) -> u16 {
        self.run(1, entry).0
    }

    /// Writes `words` as a PRP list.
    pub(super) fn put_list(&self, address: u64, words: &[u64]) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.memory.write(PhysAddr(address), &bytes).unwrap();
    }
}
