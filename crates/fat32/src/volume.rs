//! A mounted volume: folders and files by path.

use crate::{
    Damage, DirEntry, FatError, Place, Walk, Warning,
    boot::{self, Geometry},
    bytes::Bytes,
    chain::{Chain, ChainFault},
    entry::Kind,
    folder,
    name::{Name, label_chars},
    path,
    store::Store,
};
use alloc::{boxed::Box, string::String, vec::Vec};
use core::{fmt, ops::ControlFlow};
use velocity_hal::BlockDevice;

/// A FAT32 volume on `D`.
pub struct Volume<D> {
    store: Store<D>,
    label: String,
    free_clusters: Option<u32>,
    warnings: Vec<Warning>,
}

/// What a volume says about itself, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Bytes in a sector: 512, 1024, 2048 or 4096.
    pub sector_bytes: u32,
    /// Bytes in a cluster.
    pub cluster_bytes: u32,
    /// Number of clusters.
    pub clusters: u32,
    /// Number of free clusters, if recorded. A hint: nothing keeps it in step with the FAT.
    pub free_clusters: Option<u32>,
    /// The volume's serial number.
    pub serial: u32,
}

/// An open file. It belongs to the volume that opened it; used with another one it gives that one's bytes or an error.
#[derive(Clone, Debug)]
pub struct File {
    path: String,
    size: u32,
    chain: Chain,
}

impl File {
    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Its path from the volume's root, `.` and `..` resolved.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// What a path leads to.
enum Target {
    Root,
    Item(DirEntry),
}

impl<D> fmt::Debug for Volume<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Volume").field("label", &self.label).finish_non_exhaustive()
    }
}

impl<D: BlockDevice> Volume<D> {
    /// Mounts the volume that lies on `device` from block 0 on.
    ///
    /// # Errors
    /// [`FatError::NotFat32`] for something else, [`FatError::Damaged`] where boot sector, FAT or root folder cannot
    /// be used, [`FatError::Io`].
    pub fn mount(device: D) -> Result<Self, FatError> {
        let mut bytes = Bytes::new(device);
        let (geometry, warning) = boot::find(&mut bytes)?;
        let mut warnings: Vec<_> = warning.into_iter().collect();
        let free_clusters = boot::read_free_count(&mut bytes, &geometry, &mut warnings)?;
        let mut store = Store::new(bytes, geometry);
        store.fat.check_head(&mut store.bytes, &geometry, &mut warnings)?;
        let label = read_label(&mut store, &geometry)?;
        Ok(Self { store, label, free_clusters, warnings })
    }

    /// Follows links of the FAT in another way from now on.
    pub fn set_walk(&mut self, walk: Box<dyn Walk>) {
        self.store.fat.set_walk(walk);
    }

    /// The device that it lies on.
    pub fn device_mut(&mut self) -> &mut D {
        self.store.bytes.device_mut()
    }

    /// Tells what can be replaced that nothing is being asked of it.
    pub fn quiesce(&mut self) {
        self.store.fat.quiesce();
    }

    /// The label in the root folder, or else the boot sector's; empty if there is none.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The volume's parameters.
    #[must_use]
    pub fn info(&self) -> Info {
        let Geometry { sector_bytes, cluster_bytes, clusters, serial, .. } = self.store.geometry;
        Info { sector_bytes, cluster_bytes, clusters, free_clusters: self.free_clusters, serial }
    }

    /// What the mount worked around.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The entries of a folder in the order of the disk, without `.`, `..` and the label. A damaged folder can contain
    /// one of the folders above it, so whoever descends must bound the depth.
    ///
    /// # Errors
    /// [`FatError::NotFound`], [`FatError::NotADirectory`], [`FatError::Damaged`], [`FatError::Io`].
    pub fn read_dir(&mut self, path: &str) -> Result<Vec<DirEntry>, FatError> {
        let names = path::names(path);
        let first = match self.resolve(&names)? {
            Target::Root => self.store.geometry.root_cluster,
            Target::Item(entry) if entry.is_dir => entry.first_cluster,
            Target::Item(_) => return Err(FatError::NotADirectory { path: path::join(&names) }),
        };
        let mut entries = Vec::new();
        self.walk(first, &names, |entry, long_name| {
            entries.push(entry.to_value(long_name));
            ControlFlow::<()>::Continue(())
        })?;
        Ok(entries)
    }

    /// Opens a file: finds it and walks its chain of clusters to the end, so that a damaged chain is an error now and
    /// not after some of the bytes were used.
    ///
    /// # Errors
    /// [`FatError::NotFound`], [`FatError::NotAFile`], [`FatError::NotADirectory`] for a file in the middle of the
    /// path, [`FatError::Damaged`], [`FatError::Io`].
    pub fn open(&mut self, path: &str) -> Result<File, FatError> {
        let names = path::names(path);
        let path = path::join(&names);
        let entry = match self.resolve(&names)? {
            Target::Item(entry) if !entry.is_dir => entry,
            _ => return Err(FatError::NotAFile { path }),
        };
        match self.file_chain(&entry) {
            Ok(chain) => Ok(File { path, size: entry.size, chain }),
            Err(fault) => Err(at(fault, || Place::File(path))),
        }
    }

    /// Reads from byte `offset` of `file`; returns how many bytes, which is less than `out` holds only at the end.
    ///
    /// # Errors
    /// [`FatError::Io`], and [`FatError::Damaged`] if the device gives another FAT than when the file was opened.
    pub fn read_at(&mut self, file: &mut File, offset: u64, out: &mut [u8]) -> Result<usize, FatError> {
        let left = u64::from(file.size).saturating_sub(offset);
        let len = left.min(out.len() as u64) as usize;
        let read = self.store.read(&mut file.chain, offset, &mut out[..len]);
        read.map(|()| len).map_err(|fault| at(fault, || Place::File(file.path.clone())))
    }

    /// The chain of a file, at least as long as its size needs.
    fn file_chain(&mut self, entry: &DirEntry) -> Result<Chain, ChainFault> {
        let needed = entry.size.div_ceil(self.store.geometry.cluster_bytes);
        match (needed, entry.first_cluster) {
            (0, _) => return Ok(Chain::default()),
            (_, 0) => return Err(ChainFault::Damage(Damage::ChainShort { clusters: 0, needed })),
            _ => {}
        }
        match Chain::walk(&mut self.store, entry.first_cluster, needed)? {
            (_, clusters) if clusters < needed => Err(ChainFault::Damage(Damage::ChainShort { clusters, needed })),
            (chain, _) => Ok(chain),
        }
    }

    /// Follows `names` from the root.
    fn resolve(&mut self, names: &[&str]) -> Result<Target, FatError> {
        let mut target = Target::Root;
        for (depth, name) in names.iter().enumerate() {
            let (above, below) = (&names[..depth], &names[..=depth]);
            let folder = match target {
                Target::Root => self.store.geometry.root_cluster,
                Target::Item(entry) if entry.is_dir => entry.first_cluster,
                Target::Item(_) => return Err(FatError::NotADirectory { path: path::join(above) }),
            };
            let found = self.find(folder, above, name)?;
            target = Target::Item(found.ok_or_else(|| FatError::NotFound { path: path::join(below) })?);
        }
        Ok(target)
    }

    /// The entry called `name`, by its long or its short name, in the folder that begins at `first`.
    fn find(&mut self, first: u32, folder: &[&str], name: &str) -> Result<Option<DirEntry>, FatError> {
        self.walk(first, folder, |entry, long_name| {
            let same = long_name.is_some_and(|units| Name::Long(units).is(name)) || entry.name().is(name);
            if same { ControlFlow::Break(entry.to_value(long_name)) } else { ControlFlow::Continue(()) }
        })
    }

    /// Shows the files and folders of the folder that begins at `first` to `visit`; `names` lead to it.
    fn walk<T>(
        &mut self,
        first: u32,
        names: &[&str],
        mut visit: impl FnMut(crate::entry::Entry<'_>, Option<&[u16]>) -> ControlFlow<T>,
    ) -> Result<Option<T>, FatError> {
        let store = &mut self.store;
        let walked = folder::open(store, first).and_then(|mut chain| {
            folder::walk(store, &mut chain, |entry, long_name| match entry.kind() {
                Kind::Label => ControlFlow::Continue(()),
                _ => visit(entry, long_name),
            })
        });
        walked.map_err(|fault| at(fault, || Place::Folder(path::join(names))))
    }
}

/// The label entry of the root folder, or the one in the boot sector.
fn read_label<D: BlockDevice>(store: &mut Store<D>, geometry: &Geometry) -> Result<String, FatError> {
    let labelled = folder::open(store, geometry.root_cluster).and_then(|mut chain| {
        folder::walk(store, &mut chain, |entry, _| match entry.kind() {
            Kind::Label => ControlFlow::Break(label_chars(entry.short_name()).collect()),
            _ => ControlFlow::Continue(()),
        })
    });
    let label = labelled.map_err(|fault| at(fault, || Place::Folder(path::join(&[]))))?;
    Ok(label.unwrap_or_else(|| label_chars(&geometry.label).collect()))
}

/// The error for `fault` at `place`.
fn at(fault: ChainFault, place: impl FnOnce() -> Place) -> FatError {
    match fault {
        ChainFault::Io(error) => FatError::Io(error),
        ChainFault::Damage(what) => FatError::Damaged { what, at: place() },
    }
}
