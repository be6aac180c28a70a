//! From partitions to volumes.

use super::{Contents, Disk, Fate, Mounted, Storage, attach};
use crate::platform::Platform;
use velocity_fat32::{FatError, Volume};
use velocity_hal::BlockErrorKind;
use velocity_partition::Slice;
use velocity_trace::Level;

impl Storage {
    /// Looks for volumes on all disks and mounts them in the order found; the first is the root.
    pub(crate) fn mount(&mut self, platform: &Platform) {
        self.find_disks(platform);
        for disk in 0..self.disks.len() {
            self.mount_disk(disk, platform);
        }
    }

    fn mount_disk(&mut self, disk: usize, platform: &Platform) {
        let Self { controllers, disks, volumes } = self;
        let Disk { controller, namespace, contents: Ok(Contents { partitions, .. }) } = &mut disks[disk] else {
            return;
        };
        let Ok(driver) = &controllers[*controller].driver else { return };
        for place in partitions {
            let Ok(device) = attach::open(driver, *namespace) else { return };
            let slice = Slice::new(device, place.partition.first, place.partition.blocks);
            let (unit, id, number) = (*controller, namespace.id, place.partition.number);
            place.fate = match Volume::mount(slice) {
                Ok(volume) => {
                    let at = volumes.len() as u32;
                    let label = volume.label();
                    platform.record(Level::Info, "fat32", format_args!("nvme{unit}n{id}p{number}: {at}:/ \"{label}\""));
                    for warning in volume.warnings() {
                        platform.record(Level::Warn, "fat32", format_args!("{at}:/: {warning}"));
                    }
                    volumes.push(Mounted { volume, disk, partition: number });
                    Fate::Mounted(at)
                }
                Err(error) => {
                    platform.record(Level::Warn, "fat32", format_args!("nvme{unit}n{id}p{number}: {error}"));
                    Fate::Refused(error)
                }
            };
            if matches!(&place.fate, Fate::Refused(error) if is_hopeless(error)) {
                // Every further partition would cost the same wait again.
                return;
            }
        }
    }
}

/// Whether the disk itself is at fault, so that its other partitions need not be tried.
fn is_hopeless(error: &FatError) -> bool {
    matches!(error, FatError::Io(error) if matches!(error.kind, BlockErrorKind::TimedOut | BlockErrorKind::Gone))
}
