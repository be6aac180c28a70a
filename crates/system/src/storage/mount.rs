//! From disks to partitions to volumes.

use super::{
    Contents, Controller, Disk, DiskError, DiskName, Fate, Label, Mounted, Place, PlaceName, Storage, TheVolume,
};
use crate::platform::Platform;
use velocity_fat32::{FatError, Volume};
use velocity_hal::{BlockError, BlockErrorKind};
use velocity_nvme::{Namespace, NvmeError};
use velocity_partition::{PartitionError, Scheme, Slice};
use velocity_trace::Level;

impl Storage {
    /// Looks for volumes on all disks and mounts them in the order found; the first is the root.
    pub(crate) fn mount(&mut self, platform: &Platform) {
        for number in 0..self.controllers.len() {
            let Ok(driver) = &self.controllers[number].driver else { continue };
            for info in driver.namespaces().to_vec() {
                let name = DiskName { controller: number, namespace: info.id };
                let contents = scan(&self.controllers[number], name, platform);
                let disk = Disk { name, info, contents };
                self.mount_disk(disk, platform);
            }
        }
    }

    /// Tries again where a disk did not do what it was asked at the start, as long as there is no volume at all: a
    /// volume's number never changes while it is in use.
    pub(crate) fn mount_what_failed(&mut self, platform: &Platform) {
        if self.volumes.is_empty() && self.disks.iter().any(Disk::may_do_better) {
            self.disks.clear();
            self.mount(platform);
        }
    }

    fn mount_disk(&mut self, mut disk: Disk, platform: &Platform) {
        let name = disk.name;
        if let Ok(Contents { scheme, partitions, .. }) = &mut disk.contents {
            for place in partitions {
                let partition = (*scheme != Scheme::None).then_some(place.partition.number);
                place.fate = self.mount_place(PlaceName { disk: name, partition }, place, platform);
                if matches!(&place.fate, Fate::Refused(error) if is_disk_at_fault(error)) {
                    // Every further partition would cost the same wait again.
                    break;
                }
            }
        }
        self.disks.push(disk);
    }

    fn mount_place(&mut self, name: PlaceName, place: &Place, platform: &Platform) -> Fate {
        if place.partition.kind.is_ledger() {
            return Fate::Ledger;
        }
        let controller = &self.controllers[name.disk.controller];
        let mounted =
            twice(|| mount(controller, name.disk, place), |error| matches!(error, FatError::Io(e) if timed_out(e)));
        match mounted {
            Ok(volume) => {
                let number = self.volumes.len() as u32;
                let label = Label(volume.label());
                platform.record(Level::Info, "fat32", format_args!("{name}: volume {number}, {label}"));
                for warning in volume.warnings() {
                    platform.record(Level::Warn, "fat32", format_args!("{name}: {warning}"));
                }
                self.volumes.push(Mounted { volume, name });
                Fate::Mounted(number)
            }
            Err(error) => {
                platform.record(Level::Warn, "fat32", format_args!("{name}: {error}"));
                Fate::Refused(error)
            }
        }
    }
}

impl Disk {
    /// Whether what failed was a transfer, by a device that is still there, and not what lies on the disk.
    fn may_do_better(&self) -> bool {
        let transient = |error: &BlockError| error.kind != BlockErrorKind::Gone;
        match &self.contents {
            Err(DiskError::Table(PartitionError::Io(error))) => transient(error),
            Err(_) => false,
            Ok(contents) => contents
                .partitions
                .iter()
                .any(|place| matches!(&place.fate, Fate::Refused(FatError::Io(error)) if transient(error))),
        }
    }
}

/// Does `attempt`, and once more when it timed out: the driver has reset the device meanwhile.
fn twice<T, E>(mut attempt: impl FnMut() -> Result<T, E>, has_timed_out: impl Fn(&E) -> bool) -> Result<T, E> {
    match attempt() {
        Err(error) if has_timed_out(&error) => attempt(),
        done => done,
    }
}

fn timed_out(error: &BlockError) -> bool {
    error.kind == BlockErrorKind::TimedOut
}

/// Whether the disk itself does not answer, so that its other partitions need not be tried.
fn is_disk_at_fault(error: &FatError) -> bool {
    matches!(error, FatError::Io(error) if timed_out(error) || error.kind == BlockErrorKind::Gone)
}

/// Reads the partition table of a disk.
fn scan(controller: &Controller, name: DiskName, platform: &Platform) -> Result<Contents, DiskError> {
    let attempt = || Ok(velocity_partition::scan(&mut open(controller, name)?)?);
    let is_worth_another = |error: &DiskError| matches!(error, DiskError::Table(PartitionError::Io(e)) if timed_out(e));
    let table = twice(attempt, is_worth_another).inspect_err(|error| {
        platform.record(Level::Error, "partition", format_args!("{name}: {error}"));
    })?;
    for warning in &table.warnings {
        platform.record(Level::Warn, "partition", format_args!("{name}: {warning}"));
    }
    let untried = |partition| Place { partition, fate: Fate::Skipped };
    let partitions = table.partitions.into_iter().map(untried).collect();
    Ok(Contents { scheme: table.scheme, partitions, warnings: table.warnings })
}

fn mount(controller: &Controller, disk: DiskName, place: &Place) -> Result<TheVolume, FatError> {
    // The namespace was there when the table was read; a driver that lost it has lost the device.
    let gone = |_| BlockError::new(BlockErrorKind::Gone, place.partition.first);
    let device = open(controller, disk).map_err(gone)?;
    Volume::mount(Slice::new(device, place.partition.first, place.partition.blocks))
}

/// A handle of its own on a disk.
pub(super) fn open(controller: &Controller, disk: DiskName) -> Result<Namespace, NvmeError> {
    controller.driver.as_ref().map_err(|error| *error)?.namespace(disk.namespace)
}
