//! Where a modelled disk keeps its blocks: a host file or memory.

use crate::PowerCut;
use std::fs::File;
use std::io::{self, IoSliceMut, Read, Seek, SeekFrom};

/// The bytes of a disk.
pub enum Backing {
    /// A file, opened for reading or for reading and writing. Its length is the disk's.
    File(File),
    /// Memory; what is written is lost with the model.
    Memory(Vec<u8>),
    /// Memory behind a volatile cache, which stays when the model goes.
    Power(PowerCut),
}

impl Backing {
    /// Its length in bytes; block devices count too.
    pub(super) fn len(&mut self) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(SeekFrom::End(0)),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
            Self::Power(disk) => Ok(disk.bytes()),
        }
    }

    /// Fills `out` from byte `offset` on.
    pub(super) fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match self {
            Self::File(file) => read_exact_at(file, offset, out),
            Self::Memory(bytes) => {
                out.copy_from_slice(part(bytes.len(), offset, out.len()).map(|part| &bytes[part])?);
                Ok(())
            }
            Self::Power(disk) => disk.read_at(offset, out),
        }
    }

    /// Fills `parts`, one after the other, from byte `offset` on. Uses the file's own position.
    pub(super) fn read_scattered(&self, offset: u64, parts: &mut [IoSliceMut<'_>]) -> io::Result<()> {
        match self {
            Self::File(file) => read_exact_vectored(file, offset, parts),
            Self::Memory(_) | Self::Power(_) => {
                let mut offset = offset;
                for part in parts {
                    self.read_at(offset, part)?;
                    offset += part.len() as u64;
                }
                Ok(())
            }
        }
    }

    /// Stores `data` from byte `offset` on.
    pub(super) fn write_at(&mut self, offset: u64, data: &[u8]) -> io::Result<()> {
        match self {
            Self::File(file) => write_all_at(file, offset, data),
            Self::Memory(bytes) => {
                let part = part(bytes.len(), offset, data.len())?;
                bytes[part].copy_from_slice(data);
                Ok(())
            }
            Self::Power(disk) => disk.write_at(offset, data),
        }
    }

    /// Makes what was written durable.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.sync_data(),
            Self::Memory(_) => Ok(()),
            Self::Power(disk) => disk.sync(),
        }
    }
}

fn part(len: usize, offset: u64, count: usize) -> io::Result<std::ops::Range<usize>> {
    let start = usize::try_from(offset).ok().filter(|start| *start <= len && count <= len - start);
    start.map(|start| start..start + count).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// The standard library has no stable positioned vectored read, so this takes a seek.
fn read_exact_vectored(mut file: &File, offset: u64, mut parts: &mut [IoSliceMut<'_>]) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    while !parts.is_empty() {
        match file.read_vectored(parts) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => IoSliceMut::advance_slices(&mut parts, count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn read_exact_at(file: &File, offset: u64, out: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}

#[cfg(unix)]
fn write_all_at(file: &File, offset: u64, data: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, data, offset)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, offset: u64, out: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(out)
}

#[cfg(not(unix))]
fn write_all_at(mut file: &File, offset: u64, data: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    io::Write::write_all(&mut file, data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn check(mut backing: Backing) {
        assert_eq!(backing.len().unwrap(), 8);
        backing.write_at(2, b"abc").unwrap();
        let mut out = [0; 6];
        backing.read_at(1, &mut out).unwrap();
        assert_eq!(&out, b"\0abc\0\0");
        backing.flush().unwrap();
        let (mut first, mut second) = ([0; 1], [0; 3]);
        let mut parts = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        backing.read_scattered(2, &mut parts).unwrap();
        assert_eq!((&first, &second), (b"a", b"bc\0"));
        let mut parts = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        assert!(backing.read_scattered(5, &mut parts).is_err());
        assert!(backing.read_at(3, &mut out).is_err());
        assert!(backing.read_at(u64::MAX, &mut out).is_err());
    }

    #[test]
    fn all_of_them_behave_alike() {
        check(Backing::Memory(vec![0; 8]));
        check(Backing::Power(PowerCut::new(4, 2)));
        let path = std::env::temp_dir().join(format!("velocity-backing-{}", std::process::id()));
        let mut file = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        file.write_all(&[0; 8]).unwrap();
        check(Backing::File(file));
        std::fs::remove_file(path).unwrap();
    }
}
