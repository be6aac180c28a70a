//! Submission queue entries (section 4.2): 64 bytes, built field by field.

/// Bytes in a submission queue entry.
pub(crate) const ENTRY_BYTES: usize = 64;

/// Every opcode this driver sends. Admin and NVM opcodes are separate spaces (figures 139 and 346).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    /// Admin 01h, section 5.4.
    CreateSubmissionQueue,
    /// Admin 05h, section 5.3.
    CreateCompletionQueue,
    /// Admin 06h, section 5.15.
    Identify,
    /// Admin 08h, section 5.1.
    Abort,
    /// Admin 09h, section 5.21.
    SetFeatures,
    /// NVM 00h, section 6.8.
    Flush,
    /// NVM 01h, section 6.15.
    Write,
    /// NVM 02h, section 6.9.
    Read,
}

impl Opcode {
    const fn byte(self) -> u8 {
        match self {
            Self::Flush => 0x00,
            Self::CreateSubmissionQueue | Self::Write => 0x01,
            Self::Read => 0x02,
            Self::CreateCompletionQueue => 0x05,
            Self::Identify => 0x06,
            Self::Abort => 0x08,
            Self::SetFeatures => 0x09,
        }
    }
}

/// One command; unset fields are zero. The command id is put in by the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What to do.
    pub(crate) opcode: Opcode,
    /// Namespace identifier; 0 where none applies.
    pub(crate) namespace: u32,
    /// Physical Region Page entry 1 (section 4.3): device address of the first page.
    pub(crate) prp1: u64,
    /// Physical Region Page entry 2: second page or PRP list.
    pub(crate) prp2: u64,
    /// Command dwords 10, 11 and 12.
    pub(crate) dwords: [u32; 3],
}

impl Entry {
    /// A command without data.
    pub(crate) const fn new(opcode: Opcode, namespace: u32) -> Self {
        Self { opcode, namespace, prp1: 0, prp2: 0, dwords: [0; 3] }
    }

    /// Identify with controller or namespace structure `cns` into the page at `prp1` (section 5.15).
    pub(crate) const fn identify(cns: u32, namespace: u32, prp1: u64) -> Self {
        Self { prp1, dwords: [cns, 0, 0], ..Self::new(Opcode::Identify, namespace) }
    }

    /// Set Features, Number of Queues (section 5.21.1.7): one I/O queue of each kind (zero-based).
    pub(crate) const fn set_one_queue() -> Self {
        Self { dwords: [0x07, 0, 0], ..Self::new(Opcode::SetFeatures, 0) }
    }

    /// Create I/O Completion Queue 1, contiguous (section 5.3); `interrupts` on vector 0.
    pub(crate) const fn create_completion_queue(entries: u16, address: u64, interrupts: bool) -> Self {
        let size_and_id = (entries as u32 - 1) << 16 | 1;
        let flags = (interrupts as u32) << 1 | 1;
        Self { prp1: address, dwords: [size_and_id, flags, 0], ..Self::new(Opcode::CreateCompletionQueue, 0) }
    }

    /// Create I/O Submission Queue 1, contiguous, completing into queue 1 (section 5.4).
    pub(crate) const fn create_submission_queue(entries: u16, address: u64) -> Self {
        let size_and_id = (entries as u32 - 1) << 16 | 1;
        Self { prp1: address, dwords: [size_and_id, 1 << 16 | 1, 0], ..Self::new(Opcode::CreateSubmissionQueue, 0) }
    }

    /// Abort command `id` of I/O queue 1 (section 5.1).
    pub(crate) const fn abort(id: u16) -> Self {
        Self { dwords: [(id as u32) << 16 | 1, 0, 0], ..Self::new(Opcode::Abort, 0) }
    }

    /// Read or write `blocks` blocks (1 to 65,536) from `first` on (sections 6.9 and 6.15).
    pub(crate) const fn transfer(opcode: Opcode, namespace: u32, first: u64, blocks: u32, prps: (u64, u64)) -> Self {
        let dwords = [first as u32, (first >> 32) as u32, blocks - 1];
        Self { opcode, namespace, prp1: prps.0, prp2: prps.1, dwords }
    }

    /// The entry as it lies in the queue.
    pub(crate) fn encode(&self, id: u16) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        let first = u32::from(id) << 16 | u32::from(self.opcode.byte());
        bytes[0..4].copy_from_slice(&first.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.namespace.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.prp1.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.prp2.to_le_bytes());
        bytes[40..44].copy_from_slice(&self.dwords[0].to_le_bytes());
        bytes[44..48].copy_from_slice(&self.dwords[1].to_le_bytes());
        bytes[48..52].copy_from_slice(&self.dwords[2].to_le_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_lies_in_the_queue_as_figure_348_draws_it() {
        let entry = Entry::transfer(Opcode::Read, 7, 0x1_2345_6789, 8, (0xa000, 0xb000));
        let bytes = entry.encode(0x1234);
        assert_eq!(bytes[..8], [0x02, 0, 0x34, 0x12, 7, 0, 0, 0]);
        assert_eq!(bytes[8..24], [0; 16]);
        assert_eq!(bytes[24..40], [0, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes[40..52], [0x89, 0x67, 0x45, 0x23, 1, 0, 0, 0, 7, 0, 0, 0]);
        assert_eq!(bytes[52..], [0; 12]);
    }

    #[test]
    fn queue_creation_packs_size_and_identifier() {
        assert_eq!(Entry::create_completion_queue(64, 0x5000, true).dwords, [63 << 16 | 1, 3, 0]);
        assert_eq!(Entry::create_completion_queue(64, 0x5000, false).dwords, [63 << 16 | 1, 1, 0]);
        assert_eq!(Entry::create_submission_queue(2, 0x6000).dwords, [1 << 16 | 1, 1 << 16 | 1, 0]);
        assert_eq!(Entry::abort(0xbeef).dwords, [0xbeef_0001, 0, 0]);
    }
}
