//! Disk images as the recipes use them: fixtures are kept compressed and unpacked under target/ when needed.

use crate::{Error, Result, workspace::Workspace};
use flate2::read::GzDecoder;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The largest image that is unpacked; fixtures are far smaller, so more means a damaged file.
const MAX_IMAGE_BYTES: u64 = 1 << 32;

/// The simulator's default disk, as a compressed fixture.
pub const DEFAULT_DISK: &str = "fixtures/disks/default.img.gz";

/// A plain image of `disk`: itself, or what is in it when its name ends in `.gz`. `copy` names the unpacked file.
///
/// # Errors
/// [`Error::Io`] when it cannot be read or written, or is no gzip file.
pub fn plain(workspace: &Workspace, disk: &Path, copy: &str) -> Result<PathBuf> {
    if disk.extension().is_none_or(|extension| extension != "gz") {
        fs::metadata(disk).map_err(Error::io(format!("disk image {}", disk.display())))?;
        return Ok(disk.to_path_buf());
    }
    let folder = workspace.scratch("xtask/disks")?;
    let name = disk.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let out = folder.join(format!("{copy}-{name}"));
    let source = File::open(disk).map_err(Error::io(format!("disk image {}", disk.display())))?;
    let mut target = File::create(&out).map_err(Error::io(format!("making {}", out.display())))?;
    let mut bytes = io::Read::take(GzDecoder::new(source), MAX_IMAGE_BYTES);
    io::copy(&mut bytes, &mut target).map_err(Error::io(format!("unpacking {}", disk.display())))?;
    Ok(out)
}
