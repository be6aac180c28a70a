//! Disks, partitions, volumes and the files on them.
//!
//! Volumes are numbered in the order of controllers, namespaces and partitions; volume 0 is the root. Invariant: a disk
//! or volume that fails stays listed with its reason, and no failure of one keeps another from being used.

mod attach;
mod describe;
mod error;
mod live;
mod mount;
mod name;
mod path;

pub(crate) use attach::Ports;
pub(crate) use error::{DiskError, StorageError};
pub(crate) use path::{VolumePath, fold};

use name::{DiskName, Label, PlaceName};

use crate::platform::Platform;
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use velocity_fat32::{DirEntry, FatError, File, Volume};
use velocity_nvme::{Namespace, NamespaceInfo, NvmeError};
use velocity_partition::{Partition, Scheme, Slice, Warning};
use velocity_trace::Level;

/// All disks of a machine.
pub(crate) struct Storage {
    controllers: Vec<Controller>,
    disks: Vec<Disk>,
    volumes: Vec<Mounted>,
}

/// An NVMe controller, started or not.
struct Controller {
    address: velocity_pci::Address,
    driver: Result<velocity_nvme::Controller, NvmeError>,
}

/// A namespace of a controller.
struct Disk {
    name: DiskName,
    info: NamespaceInfo,
    contents: Result<Contents, DiskError>,
}

/// What lies on a disk.
struct Contents {
    scheme: Scheme,
    partitions: Vec<Place>,
    /// What is wrong with the partition table and was worked around.
    warnings: Vec<Warning>,
}

/// A partition and what became of it.
struct Place {
    partition: Partition,
    fate: Fate,
}

/// What became of a partition.
enum Fate {
    /// It is volume number so and so.
    Mounted(u32),
    /// It holds no usable volume.
    Refused(FatError),
    /// It was not tried because the disk had failed.
    Skipped,
    /// It is for the ledger.
    Ledger,
}

/// A volume in use.
struct Mounted {
    volume: TheVolume,
    name: PlaceName,
}

/// The one kind of volume there is.
type TheVolume = Volume<Slice<Namespace>>;

/// A file in use.
pub(crate) struct OpenFile {
    volume: u32,
    file: File,
    path: String,
}

impl OpenFile {
    /// Its size in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.file.size().into()
    }
}

impl Storage {
    /// The entries of a folder, in the order of the volume.
    ///
    /// # Errors
    /// [`StorageError`] when there is no such folder or it cannot be read.
    pub(crate) fn list(&mut self, path: VolumePath<'_>) -> Result<Vec<DirEntry>, StorageError> {
        let listed = self.volume(path.volume)?.read_dir(path.path);
        listed.map_err(|error| StorageError::of(error, path))
    }

    /// The entry of a file or folder, as its folder lists it; `None` for a root folder and for names that FAT finds but
    /// does not list, such as short names.
    ///
    /// # Errors
    /// [`StorageError`] when the folder cannot be read.
    pub(crate) fn entry(&mut self, path: VolumePath<'_>) -> Result<Option<DirEntry>, StorageError> {
        let (folder, name) = path.split_last();
        let wanted = fold(name);
        Ok(self.list(folder)?.into_iter().find(|entry| fold(&entry.name) == wanted))
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    /// [`StorageError`] when there is no such file.
    pub(crate) fn open(&mut self, path: VolumePath<'_>) -> Result<OpenFile, StorageError> {
        let opened = self.volume(path.volume)?.open(path.path);
        let file = opened.map_err(|error| StorageError::of(error, path))?;
        Ok(OpenFile { volume: path.volume, file, path: path.to_string() })
    }

    /// Reads from `file` at byte `offset`; fewer bytes than asked for only at its end.
    ///
    /// # Errors
    /// [`StorageError`] when the disk fails or the volume is damaged.
    pub(crate) fn read(&mut self, file: &mut OpenFile, offset: u64, out: &mut [u8]) -> Result<usize, StorageError> {
        let volume = self.volume(file.volume)?;
        let read = volume.read_at(&mut file.file, offset, out);
        read.map_err(|error| StorageError::of(error, VolumePath::parse(&file.path)))
    }

    /// Has every disk make durable what it holds and stop. A disk that does not answer is the log's business.
    pub(crate) fn shut_down(&self, platform: &Platform) {
        for (number, controller) in self.controllers.iter().enumerate() {
            if let Ok(driver) = &controller.driver
                && let Err(error) = driver.shut_down()
            {
                platform.record(Level::Warn, "nvme", format_args!("nvme{number}: {error}"));
            }
        }
    }

    fn volume(&mut self, number: u32) -> Result<&mut TheVolume, StorageError> {
        let count = self.volumes.len() as u32;
        match self.volumes.get_mut(number as usize) {
            Some(mounted) => Ok(&mut mounted.volume),
            None if count == 0 => Err(StorageError::NoVolumes),
            None => Err(StorageError::NoSuchVolume { number, count }),
        }
    }
}
