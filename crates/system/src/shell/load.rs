//! Reads a program from the disk, a piece a turn.

use super::{Services, ShellError};
use crate::storage::{OpenFile, VolumePath};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use velocity_nda::MAX_SOURCE_BYTES;

/// Bytes read a turn.
const READ_BYTES: usize = 64 * 1024;

/// A program on its way from the disk.
pub(super) struct Loading {
    /// The file's name, without folders.
    pub(super) name: String,
    file: OpenFile,
    /// `bytes[..filled]` are read.
    bytes: Vec<u8>,
    filled: usize,
}

impl Loading {
    /// Opens a file, unless it has more than [`MAX_SOURCE_BYTES`].
    pub(super) fn open(services: &mut Services<'_>, path: &str) -> Result<Self, ShellError> {
        let path = VolumePath::parse(path);
        let file = services.storage.open(path)?;
        let (name, path, bytes) = (path.split_last().1.to_string(), path.to_string(), file.size());
        if bytes > MAX_SOURCE_BYTES as u64 {
            return Err(ShellError::ProgramTooLarge { path, bytes, limit: MAX_SOURCE_BYTES });
        }
        Ok(Self { name, file, bytes: alloc::vec![0; bytes as usize], filled: 0 })
    }

    /// Reads on. Gives all bytes once they are there.
    pub(super) fn turn(&mut self, services: &mut Services<'_>) -> Result<Option<Vec<u8>>, ShellError> {
        let end = self.bytes.len().min(self.filled + READ_BYTES);
        let read = services.storage.read(&mut self.file, self.filled as u64, &mut self.bytes[self.filled..end])?;
        self.filled += read;
        if read > 0 && self.filled < self.bytes.len() {
            return Ok(None);
        }
        self.bytes.truncate(self.filled);
        Ok(Some(core::mem::take(&mut self.bytes)))
    }
}
