//! Disk images as the recipes use them: fixtures are kept compressed and unpacked under target/ when needed, others are made there.

use crate::{Error, Result, workspace::Workspace};
use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions};
use flate2::read::GzDecoder;
use std::{
    fs::{self, File},
    io::{self, Cursor, Write},
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

/// Enough clusters of 512 bytes for FAT32.
const LEAST_BYTES: usize = 36 << 20;

/// Makes an image of one volume with these files in its root.
///
/// # Errors
/// [`Error::Io`] when the files do not fit or the image cannot be written.
pub fn with_files(workspace: &Workspace, name: &str, files: &[(String, Vec<u8>)]) -> Result<PathBuf> {
    let out = workspace.scratch("xtask/disks")?.join(name);
    let image = volume(files, &[]).map_err(Error::io(format!("making {}", out.display())))?;
    fs::write(&out, image).map_err(Error::io(format!("writing {}", out.display())))?;
    Ok(out)
}

/// The same, with a file `big.bin` in pieces of 16 KiB: for a large one, a driver cannot keep where they all are.
///
/// # Errors
/// The same.
pub fn with_pieces(workspace: &Workspace, name: &str, files: &[(String, Vec<u8>)], big: &[u8]) -> Result<PathBuf> {
    let out = workspace.scratch("xtask/disks")?.join(name);
    let image = volume(files, big).map_err(Error::io(format!("making {}", out.display())))?;
    fs::write(&out, image).map_err(Error::io(format!("writing {}", out.display())))?;
    Ok(out)
}

fn volume(files: &[(String, Vec<u8>)], big: &[u8]) -> io::Result<Vec<u8>> {
    // Both FATs take a 64th.
    let content: usize = files.iter().map(|(_, bytes)| bytes.len() + 512).sum::<usize>() + big.len() / 32 * 33;
    let mut disk = Cursor::new(vec![0; LEAST_BYTES.max((content + content / 32 + (1 << 20)).next_multiple_of(512))]);
    let options =
        FormatVolumeOptions::new().fat_type(FatType::Fat32).bytes_per_cluster(512).volume_label(*b"PROGRAMS   ");
    fatfs::format_volume(&mut disk, options)?;
    let volume = FileSystem::new(&mut disk, FsOptions::new())?;
    for (name, bytes) in files {
        volume.root_dir().create_file(name)?.write_all(bytes)?;
    }
    if !big.is_empty() {
        let (mut file, mut gaps) =
            (volume.root_dir().create_file("big.bin")?, volume.root_dir().create_file("gaps.bin")?);
        for piece in big.chunks(16 << 10) {
            file.write_all(piece)?;
            gaps.write_all(&[0; 512])?;
        }
    }
    volume.unmount()?;
    Ok(disk.into_inner())
}
