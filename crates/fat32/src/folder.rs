//! Walking a folder: its entries in the order of the disk, each with its long name.

use crate::{
    Damage,
    chain::{Chain, ChainFault},
    entry::{Entry, Kind},
    layout::entry,
    long_name::LongName,
    store::Store,
};
use alloc::vec;
use core::ops::ControlFlow;
use velocity_hal::BlockDevice;

/// Most bytes in a folder: 65,536 entries (fatgen103, "FAT Directory Structure").
const MAX_BYTES: u32 = 65_536 * entry::BYTES as u32;

/// Entries are read in pieces of this many bytes, which every cluster is a multiple or a fraction of.
const PIECE_BYTES: u64 = 4096;

/// The chain of the folder that begins at `first`, walked to its end.
pub fn open<D: BlockDevice>(store: &mut Store<D>, first: u32) -> Result<Chain, ChainFault> {
    let most = (MAX_BYTES / store.geometry.cluster_bytes).max(1);
    match Chain::walk(store, first, most)? {
        (chain, clusters) if clusters <= most => Ok(chain),
        _ => Err(ChainFault::Damage(Damage::FolderTooLarge)),
    }
}

/// Shows every label, file and folder to `visit`, with its long name, until it breaks off or the folder ends. Long
/// entries are seen only as the name of what follows them.
pub fn walk<D: BlockDevice, T>(
    store: &mut Store<D>,
    chain: &mut Chain,
    mut visit: impl FnMut(Entry<'_>, Option<&[u16]>) -> ControlFlow<T>,
) -> Result<Option<T>, ChainFault> {
    let total = u64::from(chain.clusters()) * u64::from(store.geometry.cluster_bytes);
    let mut piece = vec![0; PIECE_BYTES.min(total) as usize];
    let mut long_name = LongName::new();
    let mut offset = 0;
    while offset < total {
        let len = PIECE_BYTES.min(total - offset) as usize;
        store.read(chain, offset, &mut piece[..len])?;
        for bytes in piece[..len].as_chunks().0 {
            let entry = Entry(bytes);
            match entry.kind() {
                Kind::End => return Ok(None),
                Kind::LongName => {
                    long_name.feed(bytes);
                    continue;
                }
                Kind::Label | Kind::Item => {
                    if let ControlFlow::Break(found) = visit(entry, long_name.name_of(entry.short_name())) {
                        return Ok(Some(found));
                    }
                }
                Kind::Deleted | Kind::Dot => {}
            }
            long_name.clear();
        }
        offset += len as u64;
    }
    Ok(None)
}
