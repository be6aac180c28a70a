//! The controller as a PCI device: registers, reset and enable, doorbells, time.

use super::command::Command;
use super::gather::Gather;
use super::io::Held;
use super::prp::PAGE;
use super::queues::{Answer, CompletionQueue, SubmissionQueue};
use super::registers::*;
use super::script::Script;
use super::{Backing, FaultPlan};
use crate::pci::{BarKind, ConfigSpace, Identity, MsixLayout, PciDevice, Wiring};
use std::io;
use velocity_base::{Duration, Instant};

/// I/O queue pairs there may be.
pub(super) const IO_QUEUES: u16 = 4;

/// MSI-X vectors.
pub(super) const VECTORS: u16 = 4;

/// BAR 0: registers, doorbells, MSI-X table, MSI-X pending bits, 4 KiB each.
const BAR_BYTES: u64 = 4 * PAGE;
const MSIX: MsixLayout = MsixLayout { vectors: VECTORS, bar: 0, table: 2 * PAGE as u32, pending: 3 * PAGE as u32 };

/// Vendor and device of QEMU's own NVMe controller; class: mass storage, non-volatile memory, NVM Express.
const IDENTITY: Identity = Identity { vendor: 0x1b36, device: 0x0010, class: [0x01, 0x08, 0x02], revision: 2 };

/// CAP.TO in units of 500 ms.
const READY_TIMEOUT: u64 = 10;

/// What a modelled controller is like.
pub struct NvmeConfig {
    /// Where its blocks are. An incomplete block at the end is ignored.
    pub backing: Backing,
    /// What it does wrong.
    pub faults: FaultPlan,
    /// Bytes in a block: 512, 1024, 2048 or 4096.
    pub block_bytes: u32,
    /// MDTS: base-2 logarithm of the longest transfer in pages, 0 for the longest that a command can name.
    pub mdts: u8,
    /// Entries a queue may have, 2 to 4096 (CAP.MQES + 1).
    pub max_entries: u16,
    /// CAP.DSTRD: doorbells are 4 << this bytes apart; at most 6.
    pub doorbell_stride: u8,
    /// How long it takes to become ready.
    pub ready_delay: Duration,
}

impl NvmeConfig {
    /// A good disk with blocks of 512 bytes over `backing`.
    #[must_use]
    pub fn new(backing: Backing) -> Self {
        Self {
            backing,
            faults: FaultPlan::default(),
            block_bytes: 512,
            mdts: 7,
            max_entries: 1024,
            doorbell_stride: 0,
            ready_delay: Duration::ZERO,
        }
    }
}

/// An NVMe controller with one namespace, to be put on a board.
pub struct NvmeModel {
    config: ConfigSpace,
    pub(super) wiring: Wiring,
    pub(super) backing: Backing,
    pub(super) script: Script,
    pub(super) block_bytes: u32,
    pub(super) blocks: u64,
    pub(super) mdts: u8,
    pub(super) max_transfer_bytes: u64,
    pub(super) max_entries: u16,
    doorbell_stride: u8,
    ready_delay: Duration,

    present: bool,
    /// Stopped by a fault until the next reset.
    stuck: bool,
    registers: Registers,
    ready_at: Option<Instant>,
    pub(super) event_requests: u32,
    /// Index 0: the admin queues.
    pub(super) submissions: [Option<SubmissionQueue>; IO_QUEUES as usize + 1],
    pub(super) completions: [Option<CompletionQueue>; IO_QUEUES as usize + 1],
    pub(super) held: Vec<Held>,

    // Scratch space, kept to allocate nothing per command.
    batch: Vec<Command>,
    pub(super) answers: Vec<Answer>,
    pub(super) gather: Gather,
}

impl NvmeModel {
    /// A controller as `config` describes it, connected to a board by `wiring`.
    ///
    /// # Errors
    /// When the length of the backing cannot be had.
    ///
    /// # Panics
    /// When `config` describes a controller that cannot exist: the caller is wrong.
    pub fn new(config: NvmeConfig, wiring: Wiring) -> io::Result<Self> {
        let NvmeConfig { mut backing, faults, block_bytes, mdts, max_entries, doorbell_stride, ready_delay } = config;
        assert!(matches!(block_bytes, 512 | 1024 | 2048 | 4096), "blocks of {block_bytes} bytes");
        assert!((2..=4096).contains(&max_entries) && doorbell_stride <= 6 && mdts < 32);
        let blocks = backing.len()? / u64::from(block_bytes);
        let config = ConfigSpace::new(IDENTITY)
            .with_bar(0, BarKind::Memory64 { prefetchable: false }, BAR_BYTES)
            .with_msix(MSIX, wiring.msi.clone());
        Ok(Self {
            config,
            wiring,
            backing,
            script: Script::new(faults),
            block_bytes,
            blocks,
            mdts,
            max_transfer_bytes: if mdts == 0 { u64::MAX } else { PAGE << mdts },
            max_entries,
            doorbell_stride,
            ready_delay,
            present: true,
            stuck: false,
            registers: Registers::default(),
            ready_at: None,
            event_requests: 0,
            submissions: [None; IO_QUEUES as usize + 1],
            completions: [const { None }; IO_QUEUES as usize + 1],
            held: Vec::new(),
            batch: Vec::new(),
            answers: Vec::new(),
            gather: Gather::default(),
        })
    }

    /// Whether commands are fetched and answered at all.
    pub(super) fn answers_commands(&self) -> bool {
        self.present && !self.stuck && self.registers.status & CSTS_READY != 0
    }

    /// Stops answering until a reset.
    pub(super) fn hang(&mut self) {
        self.stuck = true;
    }

    /// Reports a fatal status and stops until a reset.
    pub(super) fn fail(&mut self) {
        self.registers.status |= CSTS_FATAL;
        self.stuck = true;
    }

    /// Is gone for good.
    pub(super) fn unplug(&mut self) {
        self.present = false;
    }

    pub(super) fn submission_queue(&mut self, id: u16) -> Option<&mut SubmissionQueue> {
        self.submissions.get_mut(usize::from(id))?.as_mut()
    }

    pub(super) fn completion_queue(&mut self, id: u16) -> Option<&mut CompletionQueue> {
        self.completions.get_mut(usize::from(id))?.as_mut()
    }

    /// Posts `answers` to commands of submission queue `queue`, and raises the interrupt.
    pub(super) fn post(&mut self, queue: u16, answers: &[Answer]) {
        if let Some(id) = self.submission_queue(queue).map(|queue| queue.completion_queue) {
            self.post_to(id, answers);
        }
    }

    fn post_to(&mut self, id: u16, answers: &[Answer]) {
        let submissions = &self.submissions;
        let heads = |queue: u16| submissions[usize::from(queue)].as_ref().map_or(0, SubmissionQueue::head);
        let Some(Some(queue)) = self.completions.get_mut(usize::from(id)) else { return };
        match queue.post(&self.wiring.memory, answers, heads) {
            Ok(true) => {
                if let Some(vector) = queue.vector {
                    self.config.raise(vector);
                }
            }
            Ok(false) => {}
            Err(_) => self.fail(),
        }
    }

    /// The driver moved the tail of submission queue `id`: fetch, carry out, answer.
    fn submission_doorbell(&mut self, id: u16, tail: u32) {
        if !self.answers_commands() || !self.submission_queue(id).is_some_and(|queue| queue.set_tail(tail)) {
            return;
        }
        let mut batch = std::mem::take(&mut self.batch);
        batch.clear();
        let fetched = match &mut self.submissions[usize::from(id)] {
            Some(queue) if self.config.is_bus_master() => queue.fetch(&self.wiring.memory, &mut batch).is_ok(),
            _ => false,
        };
        if fetched {
            self.answers.clear();
            match id {
                0 => self.admin_batch(&batch),
                _ => self.io_batch(id, &batch),
            }
            let answers = std::mem::take(&mut self.answers);
            self.post(id, &answers);
            self.answers = answers;
        } else {
            self.fail();
        }
        self.batch = batch;
    }

    /// The driver moved the head of completion queue `id`: there may be room for what had to wait.
    fn completion_doorbell(&mut self, id: u16, head: u32) {
        if self.answers_commands() && self.completion_queue(id).is_some_and(|queue| queue.set_head(head)) {
            self.post_to(id, &[]);
        }
    }

    fn doorbell(&mut self, offset: u64, value: u32) {
        let stride = 4 << self.doorbell_stride;
        let Ok(index) = u16::try_from(offset / stride) else { return };
        if !offset.is_multiple_of(stride) {
            return;
        }
        match index % 2 {
            0 => self.submission_doorbell(index / 2, value),
            _ => self.completion_doorbell(index / 2, value),
        }
    }

    fn configure(&mut self, value: u32) {
        let old = std::mem::replace(&mut self.registers.configuration, value);
        match (old & CC_ENABLE != 0, value & CC_ENABLE != 0) {
            (false, true) => self.enable(),
            (true, false) => self.reset(),
            _ => {}
        }
        if value & CC_ENABLE != 0 && value & CC_SHUTDOWN != 0 && old & CC_SHUTDOWN == 0 {
            // A backing that cannot be flushed is told to the driver's next flush, not here.
            let _ = self.backing.flush();
            self.registers.status |= CSTS_SHUT_DOWN;
        }
    }

    /// A controller reset (section 7.3.2): everything but the admin queue registers goes back to power-on.
    fn reset(&mut self) {
        self.submissions = [None; IO_QUEUES as usize + 1];
        self.completions = [const { None }; IO_QUEUES as usize + 1];
        self.held.clear();
        self.event_requests = 0;
        self.stuck = false;
        self.ready_at = None;
        self.registers.status = 0;
    }

    fn enable(&mut self) {
        let Registers { configuration, admin_attributes, admin_submission, admin_completion, .. } = self.registers;
        let submission_entries = (admin_attributes & 0xfff) as u16 + 1;
        let completion_entries = (admin_attributes >> 16 & 0xfff) as u16 + 1;
        let good = configuration & CC_SETTINGS == CC_GOOD_SETTINGS
            && (submission_entries >= 2 && completion_entries >= 2)
            && (admin_submission.is_multiple_of(PAGE) && admin_completion.is_multiple_of(PAGE));
        if !good {
            return self.fail();
        }
        self.submissions[0] = Some(SubmissionQueue::new(admin_submission, submission_entries, 0));
        self.completions[0] = Some(CompletionQueue::new(admin_completion, completion_entries, Some(0)));
        if self.ready_delay.is_zero() {
            self.registers.status |= CSTS_READY;
        } else {
            self.ready_at = Some(self.wiring.clock.now().after(self.ready_delay));
        }
    }

    /// Carries out the held commands that are due at `now`.
    fn release(&mut self, now: Instant) {
        while let Some(index) = self.held.iter().position(|held| held.due.is_some_and(|due| due <= now)) {
            let Held { queue, command, .. } = self.held.swap_remove(index);
            self.answers.clear();
            self.io_command(queue, &command);
            self.finish_reads();
            let answers = std::mem::take(&mut self.answers);
            self.post(queue, &answers);
            self.answers = answers;
        }
    }

    /// The eight bytes of registers at `offset`, a multiple of eight.
    fn register_pair(&self, offset: u64) -> u64 {
        let Registers { interrupt_mask, configuration, status, admin_attributes, .. } = self.registers;
        let pair = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        match offset {
            CAP => {
                let entries = u64::from(self.max_entries - 1);
                // CQR: queues are contiguous. CSS: the NVM command set.
                entries | 1 << 16 | READY_TIMEOUT << 24 | u64::from(self.doorbell_stride) << 32 | 1 << 37
            }
            VS => pair(VERSION, interrupt_mask),
            INTMC => pair(interrupt_mask, configuration),
            0x18 => pair(0, status),
            0x20 => pair(0, admin_attributes),
            ASQ => self.registers.admin_submission,
            ACQ => self.registers.admin_completion,
            _ => 0,
        }
    }

    fn write_register(&mut self, offset: u64, value: u32) {
        let registers = &mut self.registers;
        match offset {
            INTMS => registers.interrupt_mask |= value,
            INTMC => registers.interrupt_mask &= !value,
            CC => self.configure(value),
            AQA => registers.admin_attributes = value & 0x0fff_0fff,
            ASQ => set_low(&mut registers.admin_submission, value),
            ACQ => set_low(&mut registers.admin_completion, value),
            0x2c => set_high(&mut registers.admin_submission, value),
            0x34 => set_high(&mut registers.admin_completion, value),
            DOORBELLS.. => self.doorbell(offset - DOORBELLS, value),
            _ => {}
        }
    }
}

fn set_low(register: &mut u64, value: u32) {
    *register = *register & !u64::from(u32::MAX) | u64::from(value);
}

fn set_high(register: &mut u64, value: u32) {
    *register = *register & u64::from(u32::MAX) | u64::from(value) << 32;
}

impl PciDevice for NvmeModel {
    fn config(&self) -> &ConfigSpace {
        &self.config
    }

    fn config_mut(&mut self) -> &mut ConfigSpace {
        &mut self.config
    }

    fn bar_read(&mut self, _bar: u8, offset: u64, size: u8) -> u64 {
        let bits = u32::from(size) * 8;
        self.register_pair(offset & !7) >> (offset % 8 * 8) & u64::MAX >> (64 - bits)
    }

    /// Registers take accesses of 4 and 8 bytes (section 3.1); others are dropped.
    fn bar_write(&mut self, _bar: u8, offset: u64, size: u8, value: u64) {
        if size >= 4 {
            self.write_register(offset, value as u32);
        }
        if size == 8 {
            self.write_register(offset + 4, (value >> 32) as u32);
        }
    }

    fn tick(&mut self, now: Instant) {
        if self.ready_at.is_some_and(|ready_at| ready_at <= now) {
            self.ready_at = None;
            self.registers.status |= CSTS_READY;
        }
        if self.answers_commands() {
            self.release(now);
        }
    }

    fn next_event(&self) -> Option<Instant> {
        let held = if self.answers_commands() { self.held.iter().filter_map(|held| held.due).min() } else { None };
        [self.ready_at, held].into_iter().flatten().min()
    }

    fn is_present(&self) -> bool {
        self.present
    }
}
