//! The machine's disk: a file of the host, or the image that is part of this program.

use crate::error::SimError;
use crate::options::Options;
use flate2::read::GzDecoder;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::OnceLock;
use velocity_hal::BlockDevice;
use velocity_models::nvme::{Backing, NvmeConfig, NvmeModel};
use velocity_models::{Board, PowerCut};

/// The default disk, compressed.
const EMBEDDED: &[u8] = include_bytes!("../../fixtures/disks/default.img.gz");

/// Bytes in a block of nearly all disk images.
const SMALL_BLOCK: u32 = 512;

/// Bytes in a block of images of "4K native" disks.
const LARGE_BLOCK: u32 = 4096;

/// Bytes of this program that are the machine's disk rather than the system's code.
#[must_use]
pub const fn embedded_bytes() -> u64 {
    EMBEDDED.len() as u64
}

/// The embedded image, decompressed when it is first asked for.
#[derive(Default)]
pub(crate) struct Embedded(OnceLock<Vec<u8>>);

impl Embedded {
    fn image(&self) -> Result<&[u8], SimError> {
        if let Some(image) = self.0.get() {
            return Ok(image);
        }
        let image = embedded()?;
        Ok(self.0.get_or_init(|| image))
    }
}

/// The embedded image, decompressed.
///
/// # Errors
/// [`SimError::EmbeddedDisk`]: this program was damaged.
pub fn embedded() -> Result<Vec<u8>, SimError> {
    let mut image = Vec::new();
    GzDecoder::new(EMBEDDED).read_to_end(&mut image).map_err(SimError::EmbeddedDisk)?;
    Ok(image)
}

/// Puts a disk into `board`: `own`, or the one that `options` ask for.
pub(crate) fn attach(
    board: &Board,
    options: &Options,
    own: Option<&PowerCut>,
    embedded: &Embedded,
) -> Result<(), SimError> {
    let (backing, block_bytes) = match (own, &options.disk) {
        (Some(disk), _) => (Backing::Power(disk.clone()), disk.block_bytes()),
        (None, Some(path)) => {
            let mut file = open(path)?;
            let block_bytes = block_bytes(&mut file).map_err(|error| unusable(Some(path), error))?;
            (Backing::File(file), block_bytes)
        }
        (None, None) => (Backing::Memory(embedded.image()?.to_vec()), SMALL_BLOCK),
    };
    let config = NvmeConfig { faults: options.faults.clone(), block_bytes, ..NvmeConfig::new(backing) };
    let model = NvmeModel::new(config, board.wiring()).map_err(|error| unusable(options.disk.as_deref(), error))?;
    board.attach(Box::new(model));
    Ok(())
}

/// The block size that `image` was made for: 4096 if a GPT lies where only such blocks put it, else 512.
fn block_bytes(image: &mut File) -> io::Result<u32> {
    let mut has_gpt_at = |offset: u32| -> io::Result<bool> {
        let mut signature = [0; 8];
        image.seek(SeekFrom::Start(offset.into()))?;
        match image.read_exact(&mut signature) {
            Ok(()) => Ok(&signature == b"EFI PART"),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    };
    let is_large = has_gpt_at(LARGE_BLOCK)? && !has_gpt_at(SMALL_BLOCK)?;
    Ok(if is_large { LARGE_BLOCK } else { SMALL_BLOCK })
}

/// Opens `path` for reading and writing, or for reading only where writing is not allowed.
fn open(path: &Path) -> Result<File, SimError> {
    let opened = OpenOptions::new().read(true).write(true).open(path).or_else(|_| File::open(path));
    let file = opened.and_then(|file| match file.metadata()?.is_dir() {
        true => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        false => Ok(file),
    });
    file.map_err(|error| unusable(Some(path), error))
}

fn unusable(path: Option<&Path>, error: io::Error) -> SimError {
    let advice = "give --disk the path of a disk image, or leave it out for the embedded disk";
    let path = path.unwrap_or(Path::new("(embedded)")).into();
    SimError::File { role: "disk image", path, error, advice }
}
