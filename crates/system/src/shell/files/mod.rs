//! `ls`, `cat`, `sha256`: what is on the volumes.

mod cat;
mod list;
mod sha256;

use super::{Services, ShellError, Turn, command::Command};
use crate::storage::{OpenFile, StorageError, VolumePath};
use alloc::{collections::VecDeque, string::String, vec, vec::Vec};

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[list::COMMAND, cat::COMMAND, sha256::COMMAND];

/// What is done with the files named on a command line, one after the other.
trait FileReader {
    /// The command, for errors about one of several files.
    const NAME: &'static str;
    /// Bytes read a turn.
    const READ_BYTES: usize;

    /// Takes in the next bytes of the file.
    fn bytes(&mut self, bytes: &[u8], services: &mut Services<'_>);

    /// The file has ended.
    fn end(&mut self, path: &str, services: &mut Services<'_>);

    /// The file could not be read to its end: forgets what was taken in.
    fn abandon(&mut self);
}

/// Reads files piece by piece and feeds them to a [`FileReader`]. A file that fails costs a line, not the others.
struct Files<R> {
    paths: VecDeque<String>,
    open: Option<(String, OpenFile, u64)>,
    buffer: Vec<u8>,
    reader: R,
}

impl<R: FileReader> Files<R> {
    fn new(paths: &[String], reader: R) -> Self {
        Self { paths: paths.iter().cloned().collect(), open: None, buffer: vec![0; R::READ_BYTES], reader }
    }

    /// Opens the next file or reads the next piece of the one at hand.
    fn advance(&mut self, services: &mut Services<'_>) -> Result<Turn, StorageError> {
        let Some((path, file, offset)) = &mut self.open else {
            let Some(path) = self.paths.pop_front() else { return Ok(Turn::Done) };
            let file = services.storage.open(VolumePath::parse(&path))?;
            self.open = Some((path, file, 0));
            return Ok(Turn::Again);
        };
        let read = services.storage.read(file, *offset, &mut self.buffer)?;
        *offset += read as u64;
        self.reader.bytes(&self.buffer[..read], services);
        if read == 0 || *offset >= file.size() {
            self.reader.end(path, services);
            self.open = None;
        }
        Ok(Turn::Again)
    }
}

impl<R: FileReader + Send> super::Task for Files<R> {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        let turn = self.advance(services);
        Ok(turn.unwrap_or_else(|error| {
            self.open = None;
            self.reader.abandon();
            super::report(R::NAME, &error.into(), services.out);
            Turn::Again
        }))
    }
}
