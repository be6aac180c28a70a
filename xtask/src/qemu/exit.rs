//! How a virtual machine ended, by the table of docs/exit-codes.md.

use std::fmt;

/// Value of the first exception; the vector is added.
const EXCEPTION: u8 = 0x20;

/// Why the machine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Powered off through ACPI.
    PowerOff,
    /// Restarted (QEMU runs with `-no-reboot`, so it ends there); a triple fault looks the same.
    Restart,
    /// The do-nothing kernel was reached.
    Nothing,
    /// A processor exception, by vector.
    Exception(u8),
    /// The stack ran into its guard page.
    StackOverflow,
    /// The kernel panicked.
    Panic,
    /// Memory ran out.
    OutOfMemory,
    /// The boot loader's information was unusable.
    BadBoot,
    /// Power off by ACPI did not work.
    NoPowerOff,
    /// QEMU itself failed, or a status that the table does not know.
    Unknown(i32),
    /// It did not end in time and was stopped.
    TimedOut,
}

impl Ending {
    /// What an exit status of QEMU means; `restarted` is what QMP said of the reason.
    #[must_use]
    pub fn of(status: i32, restarted: bool) -> Self {
        if status == 0 {
            return if restarted { Self::Restart } else { Self::PowerOff };
        }
        let Ok(byte) = u8::try_from(status) else { return Self::Unknown(status) };
        match byte >> 1 {
            _ if byte & 1 == 0 => Self::Unknown(status),
            0x10 => Self::Nothing,
            value @ EXCEPTION..0x40 => Self::Exception(value - EXCEPTION),
            0x40 => Self::StackOverflow,
            0x50 => Self::Panic,
            0x51 => Self::OutOfMemory,
            0x52 => Self::BadBoot,
            0x53 => Self::NoPowerOff,
            _ => Self::Unknown(status),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PowerOff => write!(f, "powered off"),
            Self::Restart => write!(f, "restarted, or a triple fault"),
            Self::Nothing => write!(f, "do-nothing kernel reached"),
            Self::Exception(vector) => write!(f, "exception {vector}"),
            Self::StackOverflow => write!(f, "stack overflow"),
            Self::Panic => write!(f, "panic"),
            Self::OutOfMemory => write!(f, "out of memory"),
            Self::BadBoot => write!(f, "unusable boot information"),
            Self::NoPowerOff => write!(f, "ACPI power off did not work"),
            Self::Unknown(status) => write!(f, "unknown exit status {status}"),
            Self::TimedOut => write!(f, "did not end in time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_table_and_the_code_agree() {
        let page = include_str!("../../../docs/exit-codes.md");
        let rows: Vec<Vec<&str>> =
            page.lines().filter(|l| l.starts_with("| 0x")).map(|l| l.split('|').map(str::trim).collect()).collect();
        assert!(rows.len() >= 10, "only {} rows found", rows.len());
        for row in rows {
            let value = i32::from_str_radix(row[1].trim_start_matches("0x"), 16).unwrap();
            let status: i32 = row[2].parse().unwrap();
            assert_eq!(value * 2 + 1, status, "{row:?}");
            let ending = Ending::of(status, false).to_string();
            let words = ending.trim_end_matches(" reached");
            assert!(row[3].contains(words), "the page says {:?}, the code {words:?}", row[3]);
        }
    }

    #[test]
    fn every_code_of_the_kernel_is_documented() {
        let page = include_str!("../../../docs/exit-codes.md");
        let source = include_str!("../../../kernel/src/qemu.rs");
        let codes: Vec<&str> = source
            .lines()
            .filter_map(|l| l.strip_prefix("pub const ")?.split_once(": u8 = "))
            .map(|(_, v)| v)
            .collect();
        assert!(codes.len() >= 4, "only {codes:?} found");
        for code in codes {
            let row = format!("| {} |", code.trim_end_matches(';'));
            assert!(page.contains(&row), "docs/exit-codes.md has no row {row}");
        }
    }

    #[test]
    fn statuses_outside_the_table_are_unknown() {
        for status in [1, 2, 64, 131, 137, 169, 255, -1, 300] {
            assert_eq!(Ending::of(status, false), Ending::Unknown(status));
        }
    }

    #[test]
    fn status_zero_is_told_apart_by_qmp() {
        assert_eq!(Ending::of(0, false), Ending::PowerOff);
        assert_eq!(Ending::of(0, true), Ending::Restart);
    }
}
