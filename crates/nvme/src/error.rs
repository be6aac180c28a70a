//! Everything that can go wrong, split by who has to act.
//!
//! [`NvmeError`]: the controller as a whole (bring-up, admin commands). [`SubmitError`]: the caller's request never left.
//! [`CommandError`]: the device's answer to one I/O command, or the lack of one.

use crate::Status;
use core::fmt;
use velocity_base::Duration;
use velocity_hal::{BlockErrorKind, DmaError, MapError};

/// Admin commands that bring-up sends, for error texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminCommand {
    /// Identify Controller (CNS 01h).
    IdentifyController,
    /// Active Namespace ID list (CNS 02h).
    ListNamespaces,
    /// Identify Namespace (CNS 00h).
    IdentifyNamespace,
    /// Set Features, Number of Queues.
    SetQueueCount,
    /// Create I/O Completion Queue.
    CreateCompletionQueue,
    /// Create I/O Submission Queue.
    CreateSubmissionQueue,
    /// Abort.
    Abort,
}

impl fmt::Display for AdminCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdentifyController => "Identify Controller",
            Self::ListNamespaces => "Identify Active Namespaces",
            Self::IdentifyNamespace => "Identify Namespace",
            Self::SetQueueCount => "Set Features (number of queues)",
            Self::CreateCompletionQueue => "Create I/O Completion Queue",
            Self::CreateSubmissionQueue => "Create I/O Submission Queue",
            Self::Abort => "Abort",
        })
    }
}

/// Why a controller does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NvmeError {
    /// Registers read as all ones: the device was unplugged or lost power.
    Gone,
    /// CSTS.RDY did not change within the time that the controller itself announced (CAP.TO).
    NotReady {
        /// Whether it was being enabled (else disabled).
        enabling: bool,
        /// How long it had.
        waited: Duration,
    },
    /// CSTS.CFS: the controller reports a fatal condition even after a reset.
    Fatal,
    /// It was shut down by [`Controller::shut_down`](crate::Controller::shut_down).
    ShutDown,
    /// It posts completions for commands that nobody sent.
    Insane,
    /// The register window is too small for its doorbells.
    WindowTooSmall {
        /// Bytes needed.
        needed: usize,
        /// Bytes there.
        len: usize,
    },
    /// The function has no memory BAR 0.
    NoRegisters,
    /// It needs memory pages larger than 4 KiB (CAP.MPSMIN).
    PageSize {
        /// The smallest page it accepts, in bytes.
        min_bytes: u64,
    },
    /// It has no NVM command set (CAP.CSS).
    NoNvmCommands,
    /// Its queues hold a single entry (CAP.MQES = 0), which the specification forbids.
    QueuesTooShort,
    /// An admin command was answered with an error.
    Refused {
        /// The command.
        command: AdminCommand,
        /// The answer.
        status: Status,
    },
    /// An admin command was not answered.
    TimedOut {
        /// The command.
        command: AdminCommand,
    },
    /// No memory for queues and buffers.
    Dma(DmaError),
    /// The registers could not be mapped.
    Map(MapError),
    /// There is no such usable namespace.
    NoNamespace {
        /// The namespace asked for.
        id: u32,
    },
}

impl fmt::Display for NvmeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("the controller is gone; attach it and restart"),
            Self::NotReady { enabling, waited } => {
                let what = if *enabling { "become ready" } else { "stop" };
                write!(f, "the controller did not {what} within {} ms; power-cycle it", waited.as_millis())
            }
            Self::Fatal => f.write_str("the controller reports a fatal condition; power-cycle it"),
            Self::ShutDown => f.write_str("the controller was shut down"),
            Self::Insane => f.write_str("the controller completes commands nobody sent; check its firmware"),
            Self::WindowTooSmall { needed, len } => {
                write!(f, "the register window has {len} bytes, its doorbells need {needed}; check BAR 0")
            }
            Self::NoRegisters => f.write_str("the function has no memory BAR 0; is it an NVMe controller?"),
            Self::PageSize { min_bytes } => {
                write!(f, "the controller needs pages of {min_bytes} bytes; only 4096 are supported")
            }
            Self::NoNvmCommands => f.write_str("the controller lacks the NVM command set; it is no disk"),
            Self::QueuesTooShort => f.write_str("the controller's queues hold one entry; check its firmware"),
            Self::Refused { command, status } => write!(f, "{command} failed: {status}"),
            Self::TimedOut { command } => write!(f, "{command} was not answered in time; power-cycle the device"),
            Self::Dma(error) => error.fmt(f),
            Self::Map(error) => error.fmt(f),
            Self::NoNamespace { id } => write!(f, "there is no usable namespace {id}; `disk` lists those there are"),
        }
    }
}

impl core::error::Error for NvmeError {}

impl From<DmaError> for NvmeError {
    fn from(error: DmaError) -> Self {
        Self::Dma(error)
    }
}

impl From<MapError> for NvmeError {
    fn from(error: MapError) -> Self {
        Self::Map(error)
    }
}

/// Why a request was not sent to the device: the caller is wrong, or the controller is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmitError {
    /// The slot was not taken from this controller, or its command is still under way.
    SlotBusy,
    /// The blocks do not all lie on the namespace.
    OutOfRange,
    /// Not a whole number of blocks, none at all, or more than a slot holds.
    BadLength {
        /// Most bytes of one command.
        max_bytes: u32,
    },
    /// The controller is down; recover it first.
    Down(NvmeError),
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SlotBusy => f.write_str("the slot is not free; take one and wait for its command"),
            Self::OutOfRange => f.write_str("the blocks lie outside the namespace"),
            Self::BadLength { max_bytes } => {
                write!(f, "one command moves whole blocks, at least one and at most {max_bytes} bytes; split it")
            }
            Self::Down(error) => write!(f, "the controller is down: {error}"),
        }
    }
}

impl core::error::Error for SubmitError {}

impl SubmitError {
    /// What it means to a caller who only knows blocks.
    #[must_use]
    pub const fn kind(self) -> BlockErrorKind {
        match self {
            Self::OutOfRange => BlockErrorKind::OutOfRange,
            Self::BadLength { .. } => BlockErrorKind::Misaligned,
            Self::Down(NvmeError::Gone) => BlockErrorKind::Gone,
            Self::Down(_) => BlockErrorKind::TimedOut,
            Self::SlotBusy => BlockErrorKind::Refused,
        }
    }
}

/// How an I/O command failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// The device answered with an error.
    Status(Status),
    /// It did not answer in time and was aborted or went down with a controller reset.
    TimedOut,
    /// The controller failed (fatal status, or completions nobody asked for) and was reset.
    ControllerFailed,
    /// The device is gone.
    Gone,
}

impl CommandError {
    /// What it means to a caller who only knows blocks.
    #[must_use]
    pub const fn kind(self) -> BlockErrorKind {
        match self {
            Self::Status(status) => status.kind(),
            Self::TimedOut | Self::ControllerFailed => BlockErrorKind::TimedOut,
            Self::Gone => BlockErrorKind::Gone,
        }
    }

    /// The device's status code, 0 when it gave none.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Status(status) => status.value(),
            _ => 0,
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::TimedOut => f.write_str("no answer in time; the command was aborted, try again"),
            Self::ControllerFailed => f.write_str("the controller failed and was reset; try again"),
            Self::Gone => f.write_str("the device is gone; attach it and restart"),
        }
    }
}

impl core::error::Error for CommandError {}
