//! The clusters of a mounted volume.

use crate::{
    boot::Geometry,
    bytes::Bytes,
    chain::{Chain, ChainFault, Link, Links},
    fat::FatCache,
    layout::fat,
};
use velocity_hal::{BlockDevice, BlockError};

/// A device, its geometry and its FAT: everything that chains need.
pub struct Store<D> {
    pub bytes: Bytes<D>,
    pub geometry: Geometry,
    pub fat: FatCache,
}

impl<D: BlockDevice> Links for Store<D> {
    fn holds(&self, cluster: u32) -> bool {
        self.geometry.holds(cluster)
    }

    fn link(&mut self, cluster: u32) -> Result<Link, BlockError> {
        self.fat.link(&mut self.bytes, &self.geometry, cluster)
    }
}

impl<D: BlockDevice> Store<D> {
    pub fn new(bytes: Bytes<D>, geometry: Geometry) -> Self {
        let fat = FatCache::new(&geometry);
        Self { bytes, geometry, fat }
    }

    /// Fills `out` from byte `offset` of the chain on. Neighbouring clusters are read at once.
    pub fn read(&mut self, chain: &mut Chain, mut offset: u64, mut out: &mut [u8]) -> Result<(), ChainFault> {
        let cluster_bytes = u64::from(self.geometry.cluster_bytes);
        while !out.is_empty() {
            let ordinal = u32::try_from(offset / cluster_bytes).unwrap_or(u32::MAX);
            let within = offset % cluster_bytes;
            let (cluster, neighbours) = chain.locate(self, ordinal)?;
            let together = (u64::from(neighbours) * cluster_bytes - within).min(out.len() as u64);
            let (now, rest) = out.split_at_mut(together as usize);
            let start = self.geometry.data_start + u64::from(cluster - fat::FIRST_CLUSTER) * cluster_bytes;
            self.bytes.read(start + within, now)?;
            (out, offset) = (rest, offset + together);
        }
        Ok(())
    }
}
