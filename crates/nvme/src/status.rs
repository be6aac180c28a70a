//! Completion status (section 4.6.1): what a controller says about a command, by name.
//!
//! Values and names follow figures 126 to 132. An unlisted value keeps its number and is shown as such.

use core::fmt;
use velocity_hal::BlockErrorKind;

/// Status Code Type (figure 126).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusType {
    /// 0h: applies to all commands.
    Generic,
    /// 1h: depends on the command.
    CommandSpecific,
    /// 2h: media and data integrity errors.
    Media,
    /// 3h: path related.
    Path,
    /// 7h: vendor specific.
    Vendor,
    /// 4h to 6h.
    Reserved(u8),
}

macro_rules! status_codes {
    ($($value:literal $name:ident $text:literal $kind:ident,)*) => {
        /// A named status: status code type << 8 | status code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum StatusCode {
            $(#[doc = $text] $name = $value,)*
        }

        impl StatusCode {
            /// The named status for `value`, if this driver knows it.
            #[must_use]
            pub const fn from_value(value: u16) -> Option<Self> {
                match value {
                    $($value => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The specification's words for it.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What it means to a caller who only knows blocks.
            #[must_use]
            pub const fn kind(self) -> BlockErrorKind {
                match self {
                    $(Self::$name => BlockErrorKind::$kind,)*
                }
            }
        }
    };
}

status_codes! {
    0x001 InvalidOpcode "invalid command opcode" Refused,
    0x002 InvalidField "invalid field in command" Refused,
    0x003 CommandIdConflict "command id conflict" Refused,
    0x004 DataTransferError "data transfer error" Refused,
    0x005 PowerLoss "commands aborted due to power loss notification" Refused,
    0x006 InternalError "internal error" Refused,
    0x007 AbortRequested "command abort requested" TimedOut,
    0x008 QueueDeleted "command aborted due to submission queue deletion" Refused,
    0x009 FusedFailed "command aborted due to failed fused command" Refused,
    0x00a FusedMissing "command aborted due to missing fused command" Refused,
    0x00b InvalidNamespace "invalid namespace or format" Refused,
    0x00c SequenceError "command sequence error" Refused,
    0x00d InvalidSglSegment "invalid SGL segment descriptor" Refused,
    0x00e InvalidSglCount "invalid number of SGL descriptors" Refused,
    0x00f InvalidDataSglLength "data SGL length invalid" Refused,
    0x010 InvalidMetadataSglLength "metadata SGL length invalid" Refused,
    0x011 InvalidSglType "SGL descriptor type invalid" Refused,
    0x012 InvalidUseOfBuffer "invalid use of controller memory buffer" Refused,
    0x013 InvalidPrpOffset "PRP offset invalid" Refused,
    0x014 AtomicWriteUnit "atomic write unit exceeded" Refused,
    0x015 OperationDenied "operation denied" Refused,
    0x016 InvalidSglOffset "SGL offset invalid" Refused,
    0x018 HostIdFormat "host identifier inconsistent format" Refused,
    0x019 KeepAliveExpired "keep alive timer expired" Refused,
    0x01a InvalidKeepAlive "keep alive timeout invalid" Refused,
    0x01b PreemptAbort "command aborted due to preempt and abort" Refused,
    0x01c SanitizeFailed "sanitize failed" Refused,
    0x01d SanitizeInProgress "sanitize in progress" Refused,
    0x01e InvalidSglGranularity "SGL data block granularity invalid" Refused,
    0x01f QueueInBuffer "command not supported for queue in controller memory buffer" Refused,
    0x020 WriteProtected "namespace is write protected" Refused,
    0x021 Interrupted "command interrupted" Refused,
    0x022 TransientTransport "transient transport error" Refused,
    0x080 LbaOutOfRange "LBA out of range" OutOfRange,
    0x081 CapacityExceeded "capacity exceeded" OutOfRange,
    0x082 NamespaceNotReady "namespace not ready" Refused,
    0x083 ReservationConflict "reservation conflict" Refused,
    0x084 FormatInProgress "format in progress" Refused,
    0x100 InvalidCompletionQueue "completion queue invalid" Refused,
    0x101 InvalidQueueId "invalid queue identifier" Refused,
    0x102 InvalidQueueSize "invalid queue size" Refused,
    0x103 AbortLimit "abort command limit exceeded" Refused,
    0x105 AsyncEventLimit "asynchronous event request limit exceeded" Refused,
    0x106 InvalidFirmwareSlot "invalid firmware slot" Refused,
    0x107 InvalidFirmware "invalid firmware image" Refused,
    0x108 InvalidVector "invalid interrupt vector" Refused,
    0x109 InvalidLogPage "invalid log page" Refused,
    0x10a InvalidFormat "invalid format" Refused,
    0x10b FirmwareNeedsReset "firmware activation requires conventional reset" Refused,
    0x10c InvalidQueueDeletion "invalid queue deletion" Refused,
    0x10d FeatureNotSaveable "feature identifier not saveable" Refused,
    0x10e FeatureNotChangeable "feature not changeable" Refused,
    0x10f FeatureNotNamespace "feature not namespace specific" Refused,
    0x110 FirmwareNeedsSubsystemReset "firmware activation requires NVM subsystem reset" Refused,
    0x115 InsufficientCapacity "namespace insufficient capacity" Refused,
    0x116 NoNamespaceId "namespace identifier unavailable" Refused,
    0x118 AlreadyAttached "namespace already attached" Refused,
    0x119 NamespacePrivate "namespace is private" Refused,
    0x11a NotAttached "namespace not attached" Refused,
    0x11c InvalidControllerList "controller list invalid" Refused,
    0x11d SelfTestInProgress "device self-test in progress" Refused,
    0x180 ConflictingAttributes "conflicting attributes" Refused,
    0x181 InvalidProtection "invalid protection information" Refused,
    0x182 ReadOnlyRange "attempted write to read only range" Refused,
    0x280 WriteFault "write fault" Media,
    0x281 UnrecoveredRead "unrecovered read error" Media,
    0x282 GuardCheck "end-to-end guard check error" Media,
    0x283 ApplicationTagCheck "end-to-end application tag check error" Media,
    0x284 ReferenceTagCheck "end-to-end reference tag check error" Media,
    0x285 CompareFailure "compare failure" Refused,
    0x286 AccessDenied "access denied" Refused,
    0x287 Deallocated "deallocated or unwritten logical block" Media,
    0x300 InternalPathError "internal path error" Refused,
    0x301 AccessLoss "asymmetric access persistent loss" Refused,
    0x302 AccessInaccessible "asymmetric access inaccessible" Refused,
    0x303 AccessTransition "asymmetric access transition" Refused,
    0x360 ControllerPathError "controller pathing error" Refused,
    0x370 HostPathError "host pathing error" Refused,
    0x371 AbortedByHost "command aborted by host" Refused,
}

/// The status field of a completion: bits 31:17 of dword 3, moved down by one so that the phase tag is gone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Status(u16);

impl Status {
    /// Success.
    pub const SUCCESS: Self = Self(0);

    /// From dword 3 of a completion.
    #[must_use]
    pub const fn from_dword3(dword: u32) -> Self {
        Self((dword >> 17) as u16)
    }

    /// From a status code type << 8 | status code, as [`Status::value`] gives it.
    #[must_use]
    pub const fn from_value(value: u16) -> Self {
        Self(value & 0x7ff)
    }

    /// Whether the command succeeded.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.value() == 0
    }

    /// Status code type << 8 | status code.
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0 & 0x7ff
    }

    /// The status code type.
    #[must_use]
    pub const fn code_type(self) -> StatusType {
        match self.value() >> 8 {
            0 => StatusType::Generic,
            1 => StatusType::CommandSpecific,
            2 => StatusType::Media,
            3 => StatusType::Path,
            7 => StatusType::Vendor,
            other => StatusType::Reserved(other as u8),
        }
    }

    /// The named code; `None` for success and for values this driver does not know.
    #[must_use]
    pub const fn code(self) -> Option<StatusCode> {
        StatusCode::from_value(self.value())
    }

    /// DNR: the same command would fail again.
    #[must_use]
    pub const fn do_not_retry(self) -> bool {
        self.0 & 1 << 14 != 0
    }

    /// What it means to a caller who only knows blocks. An unknown media status is still a media error.
    #[must_use]
    pub const fn kind(self) -> BlockErrorKind {
        match self.code() {
            Some(code) => code.kind(),
            None if matches!(self.code_type(), StatusType::Media) => BlockErrorKind::Media,
            None => BlockErrorKind::Refused,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code() {
            Some(code) => write!(f, "{} (status {:#05x})", code.text(), self.value()),
            None if self.is_success() => f.write_str("success"),
            None => write!(f, "{:?} status {:#05x}", self.code_type(), self.value()),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dword3_is_cut_where_the_specification_cuts_it() {
        // Unrecovered read error with DNR and the phase tag, command id 0xffff below.
        let status = Status::from_dword3(1 << 31 | 2 << 25 | 0x81 << 17 | 1 << 16 | 0xffff);
        assert_eq!(status.value(), 0x281);
        assert_eq!(status.code(), Some(StatusCode::UnrecoveredRead));
        assert_eq!(status.code_type(), StatusType::Media);
        assert!(status.do_not_retry() && !status.is_success());
        assert_eq!(status.to_string(), "unrecovered read error (status 0x281)");
    }

    #[test]
    fn every_value_has_a_kind_and_a_text() {
        let kinds = [0x080, 0x281, 0x2f0, 0x001, 0x7ff, 0x4aa, 0x007].map(|value| Status::from_value(value).kind());
        use BlockErrorKind::{Media, OutOfRange, Refused, TimedOut};
        assert_eq!(kinds, [OutOfRange, Media, Media, Refused, Refused, Refused, TimedOut]);
        assert_eq!(Status::from_value(0x4aa).to_string(), "Reserved(4) status 0x4aa");
        for value in 0..0x800 {
            assert!(!Status::from_value(value).to_string().is_empty());
            assert_eq!(
                StatusCode::from_value(value).map(|code| code as u16),
                Status::from_value(value).code().map(|_| value)
            );
        }
    }
}
