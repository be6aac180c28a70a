//! NVM commands (section 6): read, write, flush, and what a script makes of them.

use super::command::{Command, Completion, Status};
use super::controller::NvmeModel;
use super::prp;
use super::queues::Answer;
use super::script::Twist;
use velocity_base::{Instant, PhysAddr};

pub(super) const FLUSH: u8 = 0x00;
pub(super) const WRITE: u8 = 0x01;
pub(super) const READ: u8 = 0x02;

/// The one namespace, and the wildcard that flush takes.
pub(super) const NAMESPACE: u32 = 1;
const ALL_NAMESPACES: u32 = u32::MAX;

/// A command that is not answered yet.
pub(super) struct Held {
    /// The submission queue it came from.
    pub(super) queue: u16,
    pub(super) command: Command,
    /// When it will be carried out; `None`: only an abort ends it.
    pub(super) due: Option<Instant>,
}

impl NvmeModel {
    /// Carries out what was fetched together from `queue`; the answers go to `self.answers`.
    pub(super) fn io_batch(&mut self, queue: u16, batch: &[Command]) {
        for command in batch {
            let twist = if self.script.is_empty() { None } else { self.script.next(command) };
            match twist {
                None => self.io_command(queue, command),
                Some(twist) => self.twisted(queue, command, twist),
            }
            if !self.answers_commands() {
                break;
            }
        }
        self.finish_reads();
        if self.script.reorders() {
            self.answers.reverse();
        }
    }

    /// Carries out one command. Its answer is there at once; reads may still change it until [`Self::finish_reads`].
    pub(super) fn io_command(&mut self, queue: u16, command: &Command) {
        let answer = self.answers.len();
        self.answer(queue, command, Status::SUCCESS);
        let result = match command.opcode {
            _ if command.flags != 0 => Err(Status::INVALID_FIELD),
            FLUSH if command.namespace == ALL_NAMESPACES => self.flush(),
            _ if command.namespace != NAMESPACE => Err(Status::INVALID_NAMESPACE),
            READ => self.read(command, answer),
            WRITE => self.write(command, usize::MAX),
            FLUSH => self.flush(),
            _ => Err(Status::INVALID_OPCODE),
        };
        if let Err(status) = result {
            self.answers[answer].1.status = status;
        }
    }

    /// Carries out the reads that were gathered.
    pub(super) fn finish_reads(&mut self) {
        let answers = &mut self.answers;
        self.gather.execute(&self.wiring.memory, &self.backing, |answer, status| answers[answer].1.status = status);
    }

    fn answer(&mut self, queue: u16, command: &Command, status: Status) {
        let answer: Answer = (queue, Completion { id: command.id, status, result: 0 });
        self.answers.push(answer);
    }

    fn twisted(&mut self, queue: u16, command: &Command, twist: Twist) {
        match twist {
            Twist::Status(status) => self.answer(queue, command, status),
            Twist::Timeout => self.held.push(Held { queue, command: *command, due: None }),
            Twist::Delay(time) => {
                let due = Some(self.wiring.clock.now().after(time));
                self.held.push(Held { queue, command: *command, due });
            }
            Twist::Hang => self.hang(),
            Twist::Fatal => self.fail(),
            Twist::Unplug => self.unplug(),
            Twist::Torn => {
                let bytes = command.blocks() as usize * self.block_bytes as usize;
                // Whatever comes of it, nobody will be told.
                let _ = self.write(command, bytes / 2);
                self.unplug();
            }
        }
    }

    fn read(&mut self, command: &Command, answer: usize) -> Result<(), Status> {
        let place = self.place(command)?;
        self.gather.add(&self.wiring.memory, command, place, answer)
    }

    /// Writes the first `limit` bytes of the command's data.
    fn write(&mut self, command: &Command, mut limit: usize) -> Result<(), Status> {
        let (mut offset, bytes) = self.place(command)?;
        self.finish_reads();
        let Self { backing, wiring, .. } = self;
        let mut result = Ok(());
        prp::walk(&wiring.memory, command, bytes, |address, bytes| {
            let bytes = bytes.min(limit);
            if result.is_ok() {
                let written = wiring.memory.with_bytes(PhysAddr(address), bytes, |data| backing.write_at(offset, data));
                result = match written {
                    Err(_) => Err(Status::DATA_TRANSFER_ERROR),
                    Ok(Err(_)) => Err(Status::WRITE_FAULT),
                    Ok(Ok(())) => Ok(()),
                };
            }
            limit -= bytes;
            offset += bytes as u64;
        })?;
        result
    }

    fn flush(&mut self) -> Result<(), Status> {
        self.finish_reads();
        self.backing.flush().map_err(|_| Status::WRITE_FAULT)
    }

    /// Where on the disk a transfer begins, and its length, in bytes.
    fn place(&self, command: &Command) -> Result<(u64, u64), Status> {
        let (first, blocks) = (command.first_lba(), command.blocks());
        if first.checked_add(blocks).is_none_or(|end| end > self.blocks) {
            return Err(Status::LBA_OUT_OF_RANGE);
        }
        let bytes = blocks * u64::from(self.block_bytes);
        if bytes > self.max_transfer_bytes {
            return Err(Status::INVALID_FIELD);
        }
        Ok((first * u64::from(self.block_bytes), bytes))
    }
}
