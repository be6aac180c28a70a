//! The boot sector: what kind of volume this is, and its geometry with every field checked.
//!
//! Source: fatgen103, "Boot Sector and BPB", "FAT Type Determination" and "FAT32 FSInfo Sector Structure and Backup
//! Boot Sector".

use crate::{
    BootField, Damage, FatError, Found, Place, Warning,
    bytes::Bytes,
    layout::{boot as at, fat, fs_info},
};
use alloc::vec::Vec;
use velocity_base::le::{u16_at, u32_at};
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};

/// A volume's parameters, each checked against the others and against the device. Offsets are bytes from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    pub sector_bytes: u32,
    pub cluster_bytes: u32,
    /// Number of clusters; they are numbered from 2 on.
    pub clusters: u32,
    pub fat_start: u64,
    /// Bytes in one copy of the FAT.
    pub fat_bytes: u64,
    /// First copy of the FAT to look at, and how many there are to choose from.
    pub fat_copies: (u8, u8),
    pub data_start: u64,
    pub root_cluster: u32,
    pub media: u8,
    /// Sector of the FSInfo structure, if there is one.
    pub fs_info: Option<u16>,
    pub serial: u32,
    pub label: [u8; 11],
}

impl Geometry {
    /// True if `cluster` is one of this volume.
    pub fn holds(&self, cluster: u32) -> bool {
        cluster >= fat::FIRST_CLUSTER && cluster - fat::FIRST_CLUSTER < self.clusters
    }
}

/// Reads the boot sector, or its backup where the first is damaged.
pub fn find<D: BlockDevice>(bytes: &mut Bytes<D>) -> Result<(Geometry, Option<Warning>), FatError> {
    let error = match read(bytes, 0) {
        Ok(geometry) => return Ok((geometry, None)),
        Err(error) => error,
    };
    if may_have_backup(&error) {
        for sector_bytes in [512, 1024, 2048, 4096] {
            match read(bytes, at::BACKUP_SECTOR * u64::from(sector_bytes)) {
                Ok(geometry) if geometry.sector_bytes == sector_bytes => {
                    return Ok((geometry, Some(Warning::BackupBootSector(error))));
                }
                _ => {}
            }
        }
    }
    Err(error)
}

/// True where a backup can be newer truth. A volume that is cut short is cut short by its backup too, and one that is
/// something else may have an old FAT32 backup lying about.
fn may_have_backup(error: &FatError) -> bool {
    match error {
        FatError::Damaged { what, .. } => !matches!(what, Damage::Truncated { .. }),
        FatError::NotFat32 { found } => *found == Found::Unknown,
        FatError::Io(error) => error.kind == BlockErrorKind::Media,
        _ => false,
    }
}

fn read<D: BlockDevice>(bytes: &mut Bytes<D>, start: u64) -> Result<Geometry, FatError> {
    let present = bytes.len();
    if present < start + at::BYTES as u64 {
        return Err(FatError::NotFat32 { found: Found::Unknown });
    }
    let mut sector = [0; at::BYTES];
    bytes.read(start, &mut sector)?;
    BootSector(&sector).geometry(present)
}

/// The number of free clusters that the FSInfo sector gives. It is a hint: a damaged one is worth a warning only.
pub fn read_free_count<D: BlockDevice>(
    bytes: &mut Bytes<D>,
    geometry: &Geometry,
    warnings: &mut Vec<Warning>,
) -> Result<Option<u32>, BlockError> {
    let Some(sector) = geometry.fs_info else { return Ok(None) };
    let mut info = [0; fs_info::BYTES];
    match bytes.read(u64::from(sector) * u64::from(geometry.sector_bytes), &mut info) {
        Err(error) if error.kind != BlockErrorKind::Media => return Err(error),
        Ok(()) if fs_info::SIGNATURES.iter().all(|(at, value)| u32_at(&info, *at) == *value) => {}
        _ => {
            warnings.push(Warning::FsInfoIgnored);
            return Ok(None);
        }
    }
    let free = u32_at(&info, fs_info::FREE_COUNT);
    Ok((free <= geometry.clusters).then_some(free))
}

/// View of a boot sector.
pub struct BootSector<'a>(pub &'a [u8; at::BYTES]);

impl BootSector<'_> {
    /// The checked geometry of a FAT32 volume on a device of `present` bytes.
    pub fn geometry(&self, present: u64) -> Result<Geometry, FatError> {
        self.check_signature()?;
        let sector_bytes = self.field16(BootField::BytesPerSector, at::BYTES_PER_SECTOR, |value| {
            value.is_power_of_two() && (512..=4096).contains(&value)
        })?;
        let cluster_sectors =
            self.field8(BootField::SectorsPerCluster, at::SECTORS_PER_CLUSTER, |value| value.is_power_of_two())?;
        let reserved = self.field16(BootField::ReservedSectors, at::RESERVED_SECTORS, |value| value != 0)?;
        let fat_count = self.field8(BootField::FatCount, at::FAT_COUNT, |value| value != 0)?;
        let media = self.field8(BootField::Media, at::MEDIA, |value| value == 0xF0 || value >= 0xF8)?;
        self.check_type(sector_bytes, cluster_sectors)?;
        self.field16(BootField::Version, at::FS_VERSION, |value| value == 0)?;

        let total = self.total_sectors();
        let fat_sectors = u32_at(self.0, at::FAT_SIZE_32);
        let data_sector = u64::from(reserved) + u64::from(fat_count) * u64::from(fat_sectors);
        let clusters = clusters(total, data_sector, fat_sectors, cluster_sectors)?;
        let fat_bytes = u64::from(fat_sectors) * u64::from(sector_bytes);
        if fat_bytes / fat::ENTRY_BYTES < u64::from(clusters) + u64::from(fat::FIRST_CLUSTER) {
            return Err(wrong(BootField::FatSize, fat_sectors));
        }
        let claimed = u64::from(total) * u64::from(sector_bytes);
        if claimed > present {
            return Err(FatError::Damaged { what: Damage::Truncated { claimed, present }, at: Place::BootSector });
        }
        let geometry = Geometry {
            sector_bytes: sector_bytes.into(),
            cluster_bytes: u32::from(sector_bytes) * u32::from(cluster_sectors),
            clusters,
            fat_start: u64::from(reserved) * u64::from(sector_bytes),
            fat_bytes,
            fat_copies: self.fat_copies(fat_count)?,
            data_start: data_sector * u64::from(sector_bytes),
            root_cluster: u32_at(self.0, at::ROOT_CLUSTER),
            media,
            fs_info: Some(u16_at(self.0, at::FS_INFO)).filter(|sector| *sector != 0 && *sector < reserved),
            serial: u32_at(self.0, at::VOLUME_ID),
            label: core::array::from_fn(|index| self.0[at::VOLUME_LABEL + index]),
        };
        if !geometry.holds(geometry.root_cluster) {
            return Err(wrong(BootField::RootCluster, geometry.root_cluster));
        }
        Ok(geometry)
    }

    /// Something with a boot sector, and nothing known to be another file system.
    fn check_signature(&self) -> Result<(), FatError> {
        let found = match &self.0[at::OEM_NAME..at::OEM_NAME + 8] {
            b"NTFS    " => Found::Ntfs,
            b"EXFAT   " => Found::ExFat,
            _ => Found::Unknown,
        };
        let jumps = (self.0[at::JUMP] == 0xEB && self.0[at::JUMP + 2] == 0x90) || self.0[at::JUMP] == 0xE9;
        if found != Found::Unknown || !jumps || u16_at(self.0, at::SIGNATURE) != 0xAA55 {
            return Err(FatError::NotFat32 { found });
        }
        Ok(())
    }

    /// Refuses FAT12 and FAT16 by name.
    ///
    /// The specification decides by the number of clusters alone. Linux and dosfstools look at the layout first, because
    /// small FAT32 volumes (below 65,525 clusters) exist: where there is neither a 16-bit FAT size nor a fixed root
    /// folder, it can only be FAT32. The cluster count then tells FAT12 from FAT16.
    fn check_type(&self, sector_bytes: u16, cluster_sectors: u8) -> Result<(), FatError> {
        let fat_sectors = u16_at(self.0, at::FAT_SIZE_16);
        let root_entries = u16_at(self.0, at::ROOT_ENTRIES);
        match (fat_sectors, root_entries) {
            (0, 0) => return Ok(()),
            (0, _) => return Err(wrong(BootField::RootEntries, root_entries.into())),
            _ => {}
        }
        let root_sectors = (u32::from(root_entries) * 32).div_ceil(u32::from(sector_bytes));
        let fats = u32::from(self.0[at::FAT_COUNT]) * u32::from(fat_sectors);
        let meta = u32::from(u16_at(self.0, at::RESERVED_SECTORS)) + fats + root_sectors;
        let clusters = self.total_sectors().saturating_sub(meta) / u32::from(cluster_sectors);
        let found = if clusters < 4085 { Found::Fat12 } else { Found::Fat16 };
        Err(FatError::NotFat32 { found })
    }

    /// The 16-bit field where it is used (as Linux does, though FAT32 should leave it 0), else the 32-bit one.
    fn total_sectors(&self) -> u32 {
        match u16_at(self.0, at::TOTAL_SECTORS_16) {
            0 => u32_at(self.0, at::TOTAL_SECTORS_32),
            small => small.into(),
        }
    }

    /// Which copies of the FAT count: all of them while they are mirrored, else the active one.
    fn fat_copies(&self, fat_count: u8) -> Result<(u8, u8), FatError> {
        let flags = u16_at(self.0, at::EXT_FLAGS);
        let (not_mirrored, active) = (flags & 0x80 != 0, (flags & 0x0F) as u8);
        match not_mirrored {
            false => Ok((0, fat_count)),
            true if active < fat_count => Ok((active, 1)),
            true => Err(wrong(BootField::ActiveFat, flags.into())),
        }
    }

    fn field8(&self, field: BootField, at: usize, valid: impl Fn(u8) -> bool) -> Result<u8, FatError> {
        let value = self.0[at];
        if valid(value) { Ok(value) } else { Err(wrong(field, value.into())) }
    }

    fn field16(&self, field: BootField, at: usize, valid: impl Fn(u16) -> bool) -> Result<u16, FatError> {
        let value = u16_at(self.0, at);
        if valid(value) { Ok(value) } else { Err(wrong(field, value.into())) }
    }
}

/// How many clusters lie between `data_sector` and `total`: at least one, and no more than there are numbers for.
fn clusters(total: u32, data_sector: u64, fat_sectors: u32, cluster_sectors: u8) -> Result<u32, FatError> {
    const MOST: u64 = (fat::BAD - fat::FIRST_CLUSTER) as u64;
    match u64::from(total).checked_sub(data_sector).map(|sectors| sectors / u64::from(cluster_sectors)) {
        Some(count @ 1..=MOST) => Ok(count as u32),
        None if total != 0 => Err(wrong(BootField::FatSize, fat_sectors)),
        _ => Err(wrong(BootField::TotalSectors, total)),
    }
}

fn wrong(field: BootField, value: u32) -> FatError {
    FatError::Damaged { what: Damage::Field { field, value }, at: Place::BootSector }
}
