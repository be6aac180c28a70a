//! Submission queue entries, status codes and completions as the device sees them (sections 4.2 and 4.6).

/// Bytes in a submission queue entry.
pub(super) const COMMAND_BYTES: usize = 64;

/// Bytes in a completion queue entry.
pub(super) const COMPLETION_BYTES: usize = 16;

/// The fields of a submission queue entry that this device knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) opcode: u8,
    /// FUSE and PSDT; anything but 0 asks for fused commands or SGLs, which this device has not.
    pub(super) flags: u8,
    pub(super) id: u16,
    pub(super) namespace: u32,
    pub(super) prp1: u64,
    pub(super) prp2: u64,
    /// Command dwords 10, 11 and 12.
    pub(super) dwords: [u32; 3],
}

impl Command {
    pub(super) fn decode(bytes: &[u8; COMMAND_BYTES]) -> Self {
        Self {
            opcode: bytes[0],
            flags: bytes[1],
            id: u16::from_le_bytes([bytes[2], bytes[3]]),
            namespace: u32_at(bytes, 4),
            prp1: u64::from(u32_at(bytes, 24)) | u64::from(u32_at(bytes, 28)) << 32,
            prp2: u64::from(u32_at(bytes, 32)) | u64::from(u32_at(bytes, 36)) << 32,
            dwords: [u32_at(bytes, 40), u32_at(bytes, 44), u32_at(bytes, 48)],
        }
    }

    /// Starting LBA of a read or write.
    pub(super) fn first_lba(&self) -> u64 {
        u64::from(self.dwords[0]) | u64::from(self.dwords[1]) << 32
    }

    /// Number of blocks of a read or write; the field is zero-based.
    pub(super) fn blocks(&self) -> u64 {
        u64::from(self.dwords[2] & 0xffff) + 1
    }
}

fn u32_at(bytes: &[u8; COMMAND_BYTES], offset: usize) -> u32 {
    u32::from_le_bytes([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]])
}

/// Status code type << 8 | status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status(pub(super) u16);

impl Status {
    /// The largest value that fits type and code.
    pub(super) const LARGEST: u16 = 0x7ff;

    pub(super) const SUCCESS: Self = Self(0x000);
    pub(super) const INVALID_OPCODE: Self = Self(0x001);
    pub(super) const INVALID_FIELD: Self = Self(0x002);
    pub(super) const DATA_TRANSFER_ERROR: Self = Self(0x004);
    pub(super) const ABORT_REQUESTED: Self = Self(0x007);
    pub(super) const INVALID_NAMESPACE: Self = Self(0x00b);
    pub(super) const SEQUENCE_ERROR: Self = Self(0x00c);
    pub(super) const INVALID_PRP_OFFSET: Self = Self(0x013);
    pub(super) const LBA_OUT_OF_RANGE: Self = Self(0x080);
    pub(super) const INVALID_COMPLETION_QUEUE: Self = Self(0x100);
    pub(super) const INVALID_QUEUE_ID: Self = Self(0x101);
    pub(super) const INVALID_QUEUE_SIZE: Self = Self(0x102);
    pub(super) const INVALID_VECTOR: Self = Self(0x108);
    pub(super) const INVALID_QUEUE_DELETION: Self = Self(0x10c);
    pub(super) const FEATURE_NOT_CHANGEABLE: Self = Self(0x10e);
    pub(super) const WRITE_FAULT: Self = Self(0x280);
    pub(super) const UNRECOVERED_READ: Self = Self(0x281);

    /// Whether the same command would fail again (DNR): the driver's fault, not the medium's or the moment's.
    fn do_not_retry(self) -> bool {
        !matches!(self, Self::SUCCESS | Self::DATA_TRANSFER_ERROR | Self::ABORT_REQUESTED) && self.0 >> 8 != 2
    }
}

/// An answered command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Completion {
    pub(super) id: u16,
    pub(super) status: Status,
    /// Dword 0.
    pub(super) result: u32,
}

impl Completion {
    /// The entry of submission queue `queue`, whose head is `head`, with phase tag `phase`.
    pub(super) fn encode(&self, queue: u16, head: u16, phase: bool) -> [u8; COMPLETION_BYTES] {
        let status = u32::from(self.status.0) << 17 | u32::from(self.status.do_not_retry()) << 31;
        let dwords = [
            self.result,
            0,
            u32::from(queue) << 16 | u32::from(head),
            status | u32::from(phase) << 16 | u32::from(self.id),
        ];
        let mut bytes = [0; COMPLETION_BYTES];
        for (field, dword) in bytes.chunks_exact_mut(4).zip(dwords) {
            field.copy_from_slice(&dword.to_le_bytes());
        }
        bytes
    }
}
