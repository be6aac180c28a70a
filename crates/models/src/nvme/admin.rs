//! Admin commands (section 5).

use super::command::{Command, Completion, Status};
use super::controller::{IO_QUEUES, NvmeModel, VECTORS};
use super::io::NAMESPACE;
use super::prp::PAGE;
use super::queues::{CompletionQueue, SubmissionQueue};
use super::{identify, prp};
use velocity_base::PhysAddr;

const DELETE_SUBMISSION_QUEUE: u8 = 0x00;
const CREATE_SUBMISSION_QUEUE: u8 = 0x01;
const DELETE_COMPLETION_QUEUE: u8 = 0x04;
const CREATE_COMPLETION_QUEUE: u8 = 0x05;
const IDENTIFY: u8 = 0x06;
const ABORT: u8 = 0x08;
const SET_FEATURES: u8 = 0x09;
const GET_FEATURES: u8 = 0x0a;
const ASYNCHRONOUS_EVENT: u8 = 0x0c;

const FEATURE_WRITE_CACHE: u8 = 0x06;
const FEATURE_QUEUE_COUNT: u8 = 0x07;

/// Events that may be waited for at a time (AERL + 1).
const EVENT_REQUESTS: u32 = 1;
const EVENT_LIMIT: Status = Status(0x105);

/// PC of Create I/O Queue commands: physically contiguous, which CAP.CQR demands.
const CONTIGUOUS: u32 = 1;
/// IEN of Create I/O Completion Queue.
const INTERRUPTS: u32 = 2;

/// Dword 0 of the answer.
type Reply = Result<u32, Status>;

impl NvmeModel {
    /// Carries out what was fetched together from the admin queue; the answers go to `self.answers`.
    pub(super) fn admin_batch(&mut self, batch: &[Command]) {
        for command in batch {
            let Some(reply) = self.admin_command(command) else { continue };
            let (status, result) = reply.map_or_else(|status| (status, 0), |result| (Status::SUCCESS, result));
            self.answers.push((0, Completion { id: command.id, status, result }));
        }
    }

    /// `None` for a command that is answered later or never.
    fn admin_command(&mut self, command: &Command) -> Option<Reply> {
        if command.flags != 0 {
            return Some(Err(Status::INVALID_FIELD));
        }
        Some(match command.opcode {
            DELETE_SUBMISSION_QUEUE => self.delete_submission_queue(command),
            CREATE_SUBMISSION_QUEUE => self.create_submission_queue(command),
            DELETE_COMPLETION_QUEUE => self.delete_completion_queue(command),
            CREATE_COMPLETION_QUEUE => self.create_completion_queue(command),
            IDENTIFY => self.identify(command),
            ABORT => Ok(self.abort(command)),
            SET_FEATURES => self.set_features(command),
            GET_FEATURES => get_features(command),
            // Nothing that is worth an event ever happens here.
            ASYNCHRONOUS_EVENT if self.event_requests < EVENT_REQUESTS => {
                self.event_requests += 1;
                return None;
            }
            ASYNCHRONOUS_EVENT => Err(EVENT_LIMIT),
            _ => Err(Status::INVALID_OPCODE),
        })
    }

    fn identify(&mut self, command: &Command) -> Reply {
        let data = match command.dwords[0] as u8 {
            0 if command.namespace == NAMESPACE => {
                identify::namespace(self.blocks, self.block_bytes.trailing_zeros() as u8)
            }
            0 => return Err(Status::INVALID_NAMESPACE),
            1 => identify::controller(self.mdts),
            2 if command.namespace >= u32::MAX - 1 => return Err(Status::INVALID_NAMESPACE),
            2 => identify::active_namespaces(command.namespace),
            _ => return Err(Status::INVALID_FIELD),
        };
        let mut rest = &data[..];
        let mut result = Ok(0);
        prp::walk(&self.wiring.memory, command, data.len() as u64, |address, bytes| {
            let (part, tail) = rest.split_at(bytes);
            rest = tail;
            if self.wiring.memory.write(PhysAddr(address), part).is_err() {
                result = Err(Status::DATA_TRANSFER_ERROR);
            }
        })?;
        result
    }

    /// The queue identifier and number of entries of a Create I/O Queue command, checked.
    fn queue_to_create(&self, command: &Command, taken: bool) -> Result<(u16, u16), Status> {
        let (id, entries) = (command.dwords[0] as u16, (command.dwords[0] >> 16) + 1);
        if id == 0 || id > IO_QUEUES || taken {
            return Err(Status::INVALID_QUEUE_ID);
        }
        if entries < 2 || entries > u32::from(self.max_entries) {
            return Err(Status::INVALID_QUEUE_SIZE);
        }
        if command.dwords[1] & CONTIGUOUS == 0 {
            return Err(Status::INVALID_FIELD);
        }
        if !command.prp1.is_multiple_of(PAGE) {
            return Err(Status::INVALID_PRP_OFFSET);
        }
        Ok((id, entries as u16))
    }

    fn create_completion_queue(&mut self, command: &Command) -> Reply {
        let taken = self.completion_queue(command.dwords[0] as u16).is_some();
        let (id, entries) = self.queue_to_create(command, taken)?;
        let vector = (command.dwords[1] >> 16) as u16;
        if vector >= VECTORS {
            return Err(Status::INVALID_VECTOR);
        }
        let vector = (command.dwords[1] & INTERRUPTS != 0).then_some(vector);
        self.completions[usize::from(id)] = Some(CompletionQueue::new(command.prp1, entries, vector));
        Ok(0)
    }

    fn create_submission_queue(&mut self, command: &Command) -> Reply {
        let taken = self.submission_queue(command.dwords[0] as u16).is_some();
        let (id, entries) = self.queue_to_create(command, taken)?;
        let answers_go_to = (command.dwords[1] >> 16) as u16;
        if answers_go_to == 0 || self.completion_queue(answers_go_to).is_none() {
            return Err(Status::INVALID_COMPLETION_QUEUE);
        }
        self.submissions[usize::from(id)] = Some(SubmissionQueue::new(command.prp1, entries, answers_go_to));
        Ok(0)
    }

    /// What is under way in the queue is dropped.
    fn delete_submission_queue(&mut self, command: &Command) -> Reply {
        let id = command.dwords[0] as u16;
        if id == 0 || self.submission_queue(id).is_none() {
            return Err(Status::INVALID_QUEUE_ID);
        }
        self.submissions[usize::from(id)] = None;
        self.held.retain(|held| held.queue != id);
        Ok(0)
    }

    fn delete_completion_queue(&mut self, command: &Command) -> Reply {
        let id = command.dwords[0] as u16;
        if id == 0 || self.completion_queue(id).is_none() {
            return Err(Status::INVALID_QUEUE_ID);
        }
        if self.submissions.iter().flatten().any(|queue| queue.completion_queue == id) {
            return Err(Status::INVALID_QUEUE_DELETION);
        }
        self.completions[usize::from(id)] = None;
        Ok(0)
    }

    /// Ends a held command; the answer is 0 if there was one, 1 if not.
    fn abort(&mut self, command: &Command) -> u32 {
        let (queue, id) = (command.dwords[0] as u16, (command.dwords[0] >> 16) as u16);
        let held = self.held.iter().position(|held| held.queue == queue && held.command.id == id);
        let Some(index) = held else { return 1 };
        self.held.swap_remove(index);
        self.post(queue, &[(queue, Completion { id, status: Status::ABORT_REQUESTED, result: 0 })]);
        0
    }

    fn set_features(&mut self, command: &Command) -> Reply {
        match command.dwords[0] as u8 {
            FEATURE_QUEUE_COUNT if self.submissions.iter().skip(1).any(Option::is_some) => Err(Status::SEQUENCE_ERROR),
            FEATURE_QUEUE_COUNT if command.dwords[1] as u16 == u16::MAX => Err(Status::INVALID_FIELD),
            FEATURE_QUEUE_COUNT => Ok(queue_count()),
            FEATURE_WRITE_CACHE => Err(Status::FEATURE_NOT_CHANGEABLE),
            _ => Err(Status::INVALID_FIELD),
        }
    }
}

fn get_features(command: &Command) -> Reply {
    match command.dwords[0] as u8 {
        FEATURE_QUEUE_COUNT => Ok(queue_count()),
        FEATURE_WRITE_CACHE => Ok(1),
        _ => Err(Status::INVALID_FIELD),
    }
}

/// I/O submission and completion queues, zero-based, in two halves.
fn queue_count() -> u32 {
    let count = u32::from(IO_QUEUES) - 1;
    count << 16 | count
}
