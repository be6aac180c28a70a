//! What can go wrong, by who can act on it: the caller (a path), the disk, or somebody with fsck.fat.

use alloc::string::String;
use core::fmt;
use velocity_hal::BlockError;

/// Why a volume, folder or file cannot be had. After an error the volume stays usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FatError {
    /// The device failed.
    Io(BlockError),
    /// There is something else than FAT32 on the device.
    NotFat32 {
        /// What it looks like.
        found: Found,
    },
    /// The volume contradicts itself.
    Damaged {
        /// How.
        what: Damage,
        /// Where.
        at: Place,
    },
    /// Nothing has this name.
    NotFound {
        /// The path up to and with the name that is missing.
        path: String,
    },
    /// A folder is needed and this is a file.
    NotADirectory {
        /// The path of the file.
        path: String,
    },
    /// A file is needed and this is a folder.
    NotAFile {
        /// The path of the folder.
        path: String,
    },
}

/// What a device holds instead of FAT32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// FAT with 12-bit entries.
    Fat12,
    /// FAT with 16-bit entries.
    Fat16,
    /// exFAT.
    ExFat,
    /// NTFS.
    Ntfs,
    /// Nothing that this crate knows.
    Unknown,
}

/// Where damage was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The boot sector.
    BootSector,
    /// The file allocation table.
    Fat,
    /// The folder of this path.
    Folder(String),
    /// The file of this path.
    File(String),
}

/// How a volume contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// A field of the boot sector has a value that cannot be.
    Field {
        /// Which.
        field: BootField,
        /// Its value.
        value: u32,
    },
    /// The volume is larger than the device or partition it lies on.
    Truncated {
        /// Bytes that the boot sector claims.
        claimed: u64,
        /// Bytes that are there.
        present: u64,
    },
    /// The first two entries of every copy of the FAT are not what they must be; this is entry 0 of the first one.
    FatHead {
        /// Entry 0.
        entry: u32,
    },
    /// The chain of clusters begins outside the volume.
    ChainStart {
        /// The cluster it is said to begin with.
        cluster: u32,
    },
    /// The chain of clusters comes back to itself.
    ChainLoop {
        /// A cluster of the loop.
        cluster: u32,
    },
    /// The chain of clusters leads to one that is free.
    ChainFree {
        /// The free cluster.
        cluster: u32,
    },
    /// The chain of clusters leads into a bad cluster.
    ChainBad {
        /// The cluster before it.
        cluster: u32,
    },
    /// The chain of clusters leaves the volume.
    ChainOutside {
        /// The last cluster inside.
        cluster: u32,
        /// The cluster that would be next.
        next: u32,
    },
    /// The chain of clusters is too short for the file's size.
    ChainShort {
        /// Clusters in the chain.
        clusters: u32,
        /// Clusters that the size needs.
        needed: u32,
    },
    /// A folder of more than 65,536 entries.
    FolderTooLarge,
}

/// Fields of the boot sector that a volume can lie with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootField {
    /// `BPB_BytsPerSec`: 512, 1024, 2048 or 4096.
    BytesPerSector,
    /// `BPB_SecPerClus`: a power of two.
    SectorsPerCluster,
    /// `BPB_RsvdSecCnt`: at least 1.
    ReservedSectors,
    /// `BPB_NumFATs`: at least 1.
    FatCount,
    /// `BPB_RootEntCnt`: 0 on FAT32.
    RootEntries,
    /// `BPB_Media`: 0xF0, or 0xF8 and above.
    Media,
    /// `BPB_TotSec32`: room for at least one cluster, and not for more than FAT32 can number.
    TotalSectors,
    /// `BPB_FATSz32`: an entry for each cluster, and room behind it for clusters.
    FatSize,
    /// `BPB_ExtFlags`: the active FAT must exist.
    ActiveFat,
    /// `BPB_FSVer`: 0.
    Version,
    /// `BPB_RootClus`: a cluster of the volume.
    RootCluster,
}

/// What a mount worked around; worth a line each in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The boot sector is damaged in this way and its backup was used.
    BackupBootSector(FatError),
    /// The head of this copy of the FAT (from 0) is damaged and the next copy was used.
    FatCopySkipped(u8),
    /// The FSInfo sector is damaged, so the number of free clusters is not known.
    FsInfoIgnored,
    /// The volume was in use when it was last attached to a system; fsck.fat may find lost clusters.
    NotCleanlyUnmounted,
    /// A system met disk errors on the volume earlier.
    HadDiskErrors,
}

impl From<BlockError> for FatError {
    fn from(error: BlockError) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for FatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::NotFat32 { found: Found::Unknown } => f.write_str("no FAT32 volume; format it with mkfs.fat -F 32"),
            Self::NotFat32 { found } => {
                write!(f, "this is {found}, and only FAT32 is supported; copy its files to a FAT32 volume")
            }
            Self::Damaged { what: Damage::Truncated { claimed, present }, .. } => write!(
                f,
                "the volume is cut short: it claims {claimed} bytes and {present} are there; copy it again in full"
            ),
            Self::Damaged { what, at } => write!(f, "{at} is damaged: {what}; repair the volume with fsck.fat"),
            Self::NotFound { path } => write!(f, "{path}: no such file or folder"),
            Self::NotADirectory { path } => write!(f, "{path}: not a folder"),
            Self::NotAFile { path } => write!(f, "{path}: is a folder"),
        }
    }
}

impl core::error::Error for FatError {}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fat12 => "FAT12",
            Self::Fat16 => "FAT16",
            Self::ExFat => "exFAT",
            Self::Ntfs => "NTFS",
            Self::Unknown => "unknown",
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BootSector => f.write_str("the boot sector"),
            Self::Fat => f.write_str("the FAT"),
            Self::Folder(path) => write!(f, "folder {path}"),
            Self::File(path) => write!(f, "file {path}"),
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { field, value } => write!(f, "{field} cannot be {value}"),
            Self::Truncated { claimed, present } => write!(f, "{claimed} bytes claimed, {present} present"),
            Self::FatHead { entry } => write!(f, "no copy begins as it must (entry 0 is {entry:#010x})"),
            Self::ChainStart { cluster } => write!(f, "it begins at cluster {cluster}, which does not exist"),
            Self::ChainLoop { cluster } => write!(f, "its cluster chain comes back to cluster {cluster}"),
            Self::ChainFree { cluster } => write!(f, "its cluster chain leads to cluster {cluster}, which is free"),
            Self::ChainBad { cluster } => write!(f, "its cluster chain leads from cluster {cluster} into a bad one"),
            Self::ChainOutside { cluster, next } => {
                write!(f, "its cluster chain leads from cluster {cluster} to {next}, which does not exist")
            }
            Self::ChainShort { clusters, needed } => {
                write!(f, "its cluster chain ends after {clusters} clusters and its size needs {needed}")
            }
            Self::FolderTooLarge => f.write_str("it has more than 65,536 entries"),
        }
    }
}

impl fmt::Display for BootField {
    /// The field's name in fatgen103, for whoever looks at a hex dump.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BytesPerSector => "BPB_BytsPerSec",
            Self::SectorsPerCluster => "BPB_SecPerClus",
            Self::ReservedSectors => "BPB_RsvdSecCnt",
            Self::FatCount => "BPB_NumFATs",
            Self::RootEntries => "BPB_RootEntCnt",
            Self::Media => "BPB_Media",
            Self::TotalSectors => "BPB_TotSec32",
            Self::FatSize => "BPB_FATSz32",
            Self::ActiveFat => "BPB_ExtFlags",
            Self::Version => "BPB_FSVer",
            Self::RootCluster => "BPB_RootClus",
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BackupBootSector(error) => write!(f, "the backup boot sector is in use ({error})"),
            Self::FatCopySkipped(copy) => write!(f, "copy {copy} of the FAT is damaged, the next one is in use"),
            Self::FsInfoIgnored => f.write_str("the FSInfo sector is damaged and was ignored"),
            Self::NotCleanlyUnmounted => f.write_str("the volume was not cleanly unmounted; check it with fsck.fat"),
            Self::HadDiskErrors => f.write_str("disk errors were met on this volume earlier; check it with fsck.fat"),
        }
    }
}
