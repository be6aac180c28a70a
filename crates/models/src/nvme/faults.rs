//! Scripted misbehaviour, as text: what `--faults` takes.
//!
//! A plan is a comma-separated list; commands are counted from 1 since power-on and per kind where the form says so.

use super::command::Status;
use std::fmt;
use std::str::FromStr;
use velocity_base::Duration;

/// One piece of misbehaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `read@LBA=status:CODE`: every read that covers the block is answered with the status.
    ReadStatus {
        /// The block.
        lba: u64,
        /// Status code type << 8 | status code.
        status: u16,
    },
    /// `write@LBA=status:CODE`: the same for writes; nothing is written.
    WriteStatus {
        /// The block.
        lba: u64,
        /// Status code type << 8 | status code.
        status: u16,
    },
    /// `timeout@N`: the Nth I/O command is never carried out; an abort ends it.
    Timeout(u64),
    /// `hang@N`: from the Nth I/O command on nothing is answered, admin commands included, until a reset.
    Hang(u64),
    /// `fatal@N`: at the Nth I/O command the controller reports a fatal status and stops until a reset.
    Fatal(u64),
    /// `unplug@N`: at the Nth I/O command the device is gone for good.
    Unplug(u64),
    /// `torn@N`: the Nth write stores its first half only, then the device is gone for good.
    Torn(u64),
    /// `delay@N=TIME`: the Nth I/O command takes that long.
    Delay(u64, Duration),
    /// `reorder`: commands fetched together are completed in reverse order.
    Reorder,
}

/// The forms that a fault may take, as they are shown to a person who got one wrong.
const FORMS: &str = "read@LBA=status:CODE, write@LBA=status:CODE, timeout@N, hang@N, fatal@N, unplug@N, torn@N, \
                     delay@N=TIME (like 5ms, 200us, 1s), reorder";

/// A text that is no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError {
    /// The text.
    pub spec: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault `{}`: {}; valid forms: {FORMS}", self.spec, self.problem)
    }
}

impl std::error::Error for FaultError {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadStatus { lba, status } => write!(f, "read@{lba}=status:{status:#x}"),
            Self::WriteStatus { lba, status } => write!(f, "write@{lba}=status:{status:#x}"),
            Self::Timeout(nth) => write!(f, "timeout@{nth}"),
            Self::Hang(nth) => write!(f, "hang@{nth}"),
            Self::Fatal(nth) => write!(f, "fatal@{nth}"),
            Self::Unplug(nth) => write!(f, "unplug@{nth}"),
            Self::Torn(nth) => write!(f, "torn@{nth}"),
            Self::Delay(nth, time) => write!(f, "delay@{nth}={}us", time.as_micros()),
            Self::Reorder => f.write_str("reorder"),
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(spec: &str) -> Result<Self, FaultError> {
        parse(spec).map_err(|problem| FaultError { spec: spec.to_owned(), problem })
    }
}

fn parse(spec: &str) -> Result<Fault, &'static str> {
    let (head, value) = spec.split_once('=').map_or((spec, None), |(head, value)| (head, Some(value)));
    let (kind, place) = head.split_once('@').map_or((head, None), |(kind, place)| (kind, Some(place)));
    let place = place.map(number).transpose()?;
    let nth = place.filter(|nth| *nth != 0).ok_or("a number from 1 on must follow the `@`");
    let fault = match kind {
        "read" | "write" => {
            let lba = place.ok_or("a block number must follow the `@`")?;
            let status = status(value.ok_or("`=status:CODE` is missing")?)?;
            if kind == "read" { Fault::ReadStatus { lba, status } } else { Fault::WriteStatus { lba, status } }
        }
        "delay" => Fault::Delay(nth?, duration(value.ok_or("`=TIME` is missing")?)?),
        "timeout" => Fault::Timeout(nth?),
        "hang" => Fault::Hang(nth?),
        "fatal" => Fault::Fatal(nth?),
        "unplug" => Fault::Unplug(nth?),
        "torn" => Fault::Torn(nth?),
        "reorder" if place.is_none() => Fault::Reorder,
        "reorder" => return Err("`reorder` takes no number"),
        _ => return Err("unknown kind"),
    };
    let takes_value = matches!(kind, "read" | "write" | "delay");
    if takes_value || value.is_none() { Ok(fault) } else { Err("nothing may follow the number") }
}

fn number(text: &str) -> Result<u64, &'static str> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| "not a number (decimal, or hexadecimal after 0x)")
}

fn status(text: &str) -> Result<u16, &'static str> {
    let code = number(text.strip_prefix("status:").ok_or("`status:CODE` is expected after the `=`")?)?;
    let code = u16::try_from(code).ok().filter(|code| (1..=Status::LARGEST).contains(code));
    code.ok_or("a status code lies between 0x1 and 0x7ff")
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let count = number(&text[..text.len() - unit.len()])?;
    match unit {
        "us" => Ok(Duration::from_micros(count)),
        "ms" => Ok(Duration::from_millis(count)),
        "s" => Ok(Duration::from_secs(count)),
        _ => Err("a time needs a unit: us, ms or s"),
    }
}

/// Everything that a model does wrong; empty for a good device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultPlan {
    /// The faults, in no particular order.
    pub faults: Vec<Fault>,
}

impl FromStr for FaultPlan {
    type Err = FaultError;

    /// Faults separated by commas; an empty text is an empty plan.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let specs = text.split(',').map(str::trim).filter(|spec| !spec.is_empty());
        Ok(Self { faults: specs.map(Fault::from_str).collect::<Result<_, _>>()? })
    }
}

impl fmt::Display for FaultPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{fault}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_shown_alike() {
        let text = "read@100=status:0x281,write@7=status:0x280,timeout@3,hang@4,fatal@5,unplug@6,torn@1,\
                    delay@2=5000us,reorder";
        let plan: FaultPlan = text.parse().unwrap();
        assert_eq!(plan.to_string(), text);
        assert_eq!(plan.faults[7], Fault::Delay(2, Duration::from_millis(5)));
        assert_eq!("delay@0x2=5ms".parse(), Ok(plan.faults[7]));
        assert_eq!(" , ".parse(), Ok(FaultPlan::default()));
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        let wrong = " read read@ read@5 read@5=0x281 read@5=status:0 read@5=status:0x800 timeout timeout@0 timeout@-1 \
                     timeout@x timeout@1=2 torn@1@2 delay@1 delay@1=5 delay@1=ms reorder@1 reorder=1 explode@1 \
                     unplug@99999999999999999999";
        for spec in wrong.split(' ') {
            let error = spec.parse::<Fault>().unwrap_err();
            assert!(error.to_string().contains("valid forms: read@LBA"), "{error}");
        }
    }
}
