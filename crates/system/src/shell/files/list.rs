//! `ls`.
//!
//! Folders come first, then files, each by name without regard to case, so that the order depends on nothing but the
//! names. The name stands last in a line and may hold anything.

use crate::shell::{Services, ShellError, Start, Task, Turn, command::Command};
use crate::storage::{Storage, StorageError, VolumePath, fold};
use alloc::{
    string::String,
    vec::{self, Vec},
};
use core::fmt::{self, Write};
use velocity_fat32::{Attributes, DateTime, DirEntry};

const USAGE: &str = "ls [-l] [PATH]";

/// Lines a turn.
const LINES_A_TURN: usize = 64;

/// The command.
pub(super) const COMMAND: Command = Command {
    name: "ls",
    usage: USAGE,
    summary: "list a folder",
    details: "Shows size in bytes and name; with -l also attributes and the time of the last change.\n\
              Without PATH it lists the root. `ls 1:/` lists volume 1; `disk` shows which volumes there are.",
    takes_paths: true,
    start,
};

fn start(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let mut long = false;
    let mut path = None;
    for argument in arguments {
        match argument.as_str() {
            "-l" => long = true,
            option if option.starts_with('-') && option.len() > 1 => {
                return Err(ShellError::UnknownOption { option: option.into(), command: "ls" });
            }
            name if path.is_none() => path = Some(name),
            _ => return Err(ShellError::Usage { usage: USAGE }),
        }
    }
    let entries = entries(services.storage, VolumePath::parse(path.unwrap_or("/")))?;
    Ok(Start::task(Listing { entries: entries.into_iter(), long }))
}

/// The entries of the folder `path`, or the one entry of the file `path`, sorted.
fn entries(storage: &mut Storage, path: VolumePath<'_>) -> Result<Vec<DirEntry>, StorageError> {
    let mut entries = match storage.list(path) {
        Err(StorageError::IsFile { .. }) => storage.entry(path)?.into_iter().collect(),
        listed => listed?,
    };
    entries.sort_by_cached_key(|entry| (!entry.is_dir, fold(&entry.name), entry.name.clone()));
    Ok(entries)
}

/// Prints entries, some a turn.
struct Listing {
    entries: vec::IntoIter<DirEntry>,
    long: bool,
}

impl Task for Listing {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        for entry in self.entries.by_ref().take(LINES_A_TURN) {
            if self.long {
                services.out.write(format_args!("{}  {}", Flags(entry.attributes), Time(entry.modified)));
            }
            match entry.is_dir {
                true => services.out.line(format_args!("{:>10}  {}/", "folder", entry.name)),
                false => services.out.line(format_args!("{:>10}  {}", entry.size, entry.name)),
            }
        }
        Ok(if self.entries.as_slice().is_empty() { Turn::Done } else { Turn::Again })
    }
}

/// Attributes as letters: read-only, hidden, system, archive.
struct Flags(Attributes);

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = self.0;
        let letters = [
            ('r', flags.is_read_only()),
            ('h', flags.is_hidden()),
            ('s', flags.is_system()),
            ('a', flags.is_archive()),
        ];
        letters.iter().try_for_each(|&(letter, is_set)| f.write_char(if is_set { letter } else { '-' }))
    }
}

/// The time of the last change to the minute, in 16 columns.
struct Time(Option<DateTime>);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(DateTime { date, hour, minute, .. }) = self.0 else { return write!(f, "{:16}", "not recorded") };
        write!(f, "{:04}-{:02}-{:02} {hour:02}:{minute:02}", date.year, date.month, date.day)
    }
}
