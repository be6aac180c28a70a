//! What can go wrong between a path and its bytes.

use super::VolumePath;
use alloc::string::{String, ToString};
use core::fmt;
use velocity_fat32::FatError;
use velocity_nvme::NvmeError;
use velocity_partition::PartitionError;
use velocity_terminal::quote;

/// Why a path cannot be used.
#[derive(Debug)]
pub(crate) enum StorageError {
    /// Not a single volume is mounted.
    NoVolumes,
    /// There are only volumes 0 to `count` - 1.
    NoSuchVolume { number: u32, count: u32 },
    /// Nothing has this name; `folder` is where it was looked for.
    NotFound { path: String, folder: String },
    /// A folder stands where a file is needed.
    IsFolder { path: String },
    /// A file stands where a folder is needed.
    IsFile { path: String },
    /// The volume or its disk failed.
    Volume { path: String, error: FatError },
}

impl StorageError {
    /// What `error` means to a person who named `path`.
    pub(super) fn of(error: FatError, path: VolumePath<'_>) -> Self {
        let on_volume = |found: &str| path.with_path(found).to_string();
        match error {
            FatError::NotFound { path: missing } => Self::NotFound {
                folder: path.with_path(&missing).split_last().0.to_string(),
                path: on_volume(&missing),
            },
            FatError::NotAFile { path } => Self::IsFolder { path: on_volume(&path) },
            FatError::NotADirectory { path } => Self::IsFile { path: on_volume(&path) },
            error => Self::Volume { path: path.to_string(), error },
        }
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVolumes => f.write_str("no volume is mounted; `disk` shows why"),
            Self::NoSuchVolume { number, count: 1 } => write!(f, "{number}: no such volume; there is only 0:/"),
            Self::NoSuchVolume { number, count } => {
                write!(f, "{number}: no such volume; there are 0:/ to {}:/, `disk` lists them", count - 1)
            }
            Self::NotFound { path, folder } => {
                write!(f, "{path}: no such file or folder; `ls {}` shows what is there", quote(folder))
            }
            Self::IsFolder { path } => write!(f, "{path}: is a folder; `ls {}` shows what is in it", quote(path)),
            Self::IsFile { path } => write!(f, "{path}: is a file, not a folder; `cat {}` shows it", quote(path)),
            Self::Volume { path, error } => write!(f, "{path}: {error}"),
        }
    }
}

impl core::error::Error for StorageError {}

/// Why a disk cannot be used at all.
#[derive(Debug)]
pub(crate) enum DiskError {
    /// The controller does not give it out.
    Driver(NvmeError),
    /// Its partition table cannot be used.
    Table(PartitionError),
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Driver(error) => write!(f, "{error}"),
            Self::Table(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for DiskError {}

impl From<NvmeError> for DiskError {
    fn from(error: NvmeError) -> Self {
        Self::Driver(error)
    }
}

impl From<PartitionError> for DiskError {
    fn from(error: PartitionError) -> Self {
        Self::Table(error)
    }
}
