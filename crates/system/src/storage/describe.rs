//! Storage in words: the `disk` command and one line for the banner.

use super::{Contents, Controller, Disk, DiskName, Fate, Label, Place, Storage};
use crate::terminal::Terminal;
use core::fmt;
use velocity_partition::Scheme;

impl Storage {
    /// Lists controllers, disks, partitions and volumes, each failure with its reason.
    pub(crate) fn describe(&self, out: &mut Terminal) {
        if self.controllers.is_empty() {
            return out.line(format_args!("no NVMe controller found; `pci` lists what is there"));
        }
        for (number, controller) in self.controllers.iter().enumerate() {
            describe_controller(number, controller, out);
            for disk in self.disks.iter().filter(|disk| disk.name.controller == number) {
                self.describe_disk(disk, out);
            }
        }
    }

    /// What the person in front of the first prompt needs to know.
    pub(crate) fn summary(&self) -> impl fmt::Display {
        Summary(self)
    }

    fn describe_disk(&self, disk: &Disk, out: &mut Terminal) {
        let Disk { name, info, .. } = disk;
        let size = Size(info.blocks.saturating_mul(info.block_bytes.into()));
        match &disk.contents {
            Ok(contents) => {
                let (block_bytes, scheme) = (info.block_bytes, scheme_name(contents.scheme));
                out.line(format_args!("  {name}  {size} in blocks of {block_bytes} bytes, {scheme}"));
                for warning in &contents.warnings {
                    out.line(format_args!("    warning: {warning}"));
                }
                for place in &contents.partitions {
                    self.describe_place(disk, contents, place, out);
                }
            }
            Err(error) => out.line(format_args!("  {name}  {size}, not usable: {error}")),
        }
    }

    fn describe_place(&self, disk: &Disk, contents: &Contents, place: &Place, out: &mut Terminal) {
        let Place { partition, fate } = place;
        let described = Described { storage: self, fate };
        if contents.scheme == Scheme::None {
            out.line(format_args!("    {described}"));
        } else {
            let size = Size(partition.blocks.saturating_mul(disk.info.block_bytes.into()));
            let (number, kind, name) = (partition.number, partition.kind, PartitionName(&partition.name));
            out.line(format_args!("    p{number}  {size}, {kind}{name}: {described}"));
        }
        if let Fate::Mounted(number) = fate
            && let Some(mounted) = self.volumes.get(*number as usize)
        {
            for warning in mounted.volume.warnings() {
                out.line(format_args!("      warning: {warning}"));
            }
        }
    }
}

fn describe_controller(number: usize, controller: &Controller, out: &mut Terminal) {
    let address = controller.address;
    match &controller.driver {
        Ok(driver) => {
            let identity = driver.identity();
            let (model, serial, firmware) = (&identity.model, &identity.serial, &identity.firmware);
            out.line(format_args!("nvme{number}  {address}  {model}, serial {serial}, firmware {firmware}"));
            for refused in driver.refused_namespaces() {
                let name = DiskName { controller: number, namespace: refused.id };
                out.line(format_args!("  {name}  not usable: {}", refused.reason));
            }
        }
        Err(error) => out.line(format_args!("nvme{number}  {address}  not usable: {error}")),
    }
}

fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Gpt => "GPT",
        Scheme::Mbr => "MBR",
        Scheme::None => "no partition table",
    }
}

/// The name that a GPT gives a partition, if it does.
struct PartitionName<'a>(&'a str);

impl fmt::Display for PartitionName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " \"{}\"", self.0) }
    }
}

/// A partition's fate in words.
struct Described<'a> {
    storage: &'a Storage,
    fate: &'a Fate,
}

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fate {
            Fate::Refused(error) => write!(f, "not mounted: {error}"),
            Fate::Ledger => f.write_str("`board` tells what is in it"),
            Fate::Skipped => f.write_str("not tried, the disk had failed before"),
            Fate::Mounted(number) => {
                write!(f, "mounted as {number}:/")?;
                if *number == 0 {
                    f.write_str(" (the root)")?;
                }
                let Some(mounted) = self.storage.volumes.get(*number as usize) else { return Ok(()) };
                let info = mounted.volume.info();
                let size = Size(u64::from(info.clusters).saturating_mul(info.cluster_bytes.into()));
                let label = Label(mounted.volume.label());
                write!(f, ", FAT32 {label}, {size} in clusters of {} bytes", info.cluster_bytes)
            }
        }
    }
}

/// One line on the state of all disks.
struct Summary<'a>(&'a Storage);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Storage { controllers, volumes, .. } = self.0;
        match volumes.first() {
            Some(root) => {
                write!(f, "Root volume {} on {}", Label(root.volume.label()), root.name)?;
                match volumes.len() {
                    1 => f.write_str(". `help` lists the commands."),
                    count => write!(f, ", {count} volumes in all. `help` lists the commands."),
                }
            }
            None if controllers.is_empty() => f.write_str("No disk found. `pci` lists what is there."),
            None => f.write_str("No volume could be mounted. `disk` shows why."),
        }
    }
}

/// Bytes in the largest unit that gives at least 10, rounded down.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        let (mut value, mut unit) = (self.0, 0);
        while value >= 10 * 1024 && unit + 1 < UNITS.len() {
            (value, unit) = (value / 1024, unit + 1);
        }
        write!(f, "{value} {}", UNITS[unit])
    }
}
