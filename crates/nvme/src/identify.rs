//! Identify data structures (section 5.15.2): checked views of what the controller says about itself.
//!
//! Every field is the controller's word: lengths are bounded, texts are cleaned, a namespace that this driver could not
//! read correctly is refused with its reason.

use crate::Status;
use alloc::string::String;
use core::fmt;
use velocity_hal::dma::DMA_PAGE_BYTES;

/// Bytes of every Identify data structure.
pub(crate) const IDENTIFY_BYTES: usize = 4096;
const _: () = assert!(IDENTIFY_BYTES == DMA_PAGE_BYTES);

/// Most namespaces looked at; the rest is ignored.
pub(crate) const MAX_NAMESPACES: usize = 16;

/// Who the controller is (Identify Controller, figure 247).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// PCI vendor id.
    pub vendor: u16,
    /// Model number.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// Firmware revision.
    pub firmware: String,
    /// Specification version: major << 16 | minor << 8 | tertiary; 0 before 1.2.
    pub version: u32,
    /// Most bytes of one command (MDTS), `None` without a limit.
    pub max_transfer_bytes: Option<u64>,
    /// Whether there is a volatile write cache, so that flush matters.
    pub write_cache: bool,
    /// Largest namespace identifier (NN).
    pub max_namespace: u32,
}

impl Identity {
    /// Decodes the controller structure; `min_page_bytes` (CAP.MPSMIN) is the unit of MDTS.
    pub(crate) fn decode(data: &[u8; IDENTIFY_BYTES], min_page_bytes: u64) -> Self {
        let mdts = u32::from(data[77]);
        // A shift past 63 bits is no limit that anything here could reach.
        let limit = min_page_bytes.checked_shl(mdts).filter(|limit| mdts != 0 && *limit >= min_page_bytes);
        Self {
            vendor: u16::from_le_bytes([data[0], data[1]]),
            serial: text(&data[4..24]),
            model: text(&data[24..64]),
            firmware: text(&data[64..72]),
            version: u32_at(data, 80),
            max_transfer_bytes: limit,
            write_cache: data[525] & 1 != 0,
            max_namespace: u32_at(data, 516),
        }
    }
}

/// A namespace that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamespaceInfo {
    /// Its identifier.
    pub id: u32,
    /// Number of blocks.
    pub blocks: u64,
    /// Bytes in a block: 512, 1024, 2048 or 4096.
    pub block_bytes: u32,
}

/// Why a namespace cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The controller did not identify it.
    Unidentified {
        /// Its answer.
        status: Status,
    },
    /// It has no blocks.
    Empty,
    /// Its block size is not 512 to 4096 bytes.
    BlockSize {
        /// Base-2 logarithm of the block size, as reported (LBADS).
        log2: u8,
    },
    /// Its blocks carry metadata.
    Metadata {
        /// Bytes of metadata per block.
        bytes: u16,
    },
    /// It claims more bytes than 64 bits can count.
    TooLarge {
        /// Number of blocks, as reported (NSZE).
        blocks: u64,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unidentified { status } => write!(f, "the controller did not identify it: {status}"),
            Self::Empty => f.write_str("it has no blocks"),
            Self::BlockSize { log2 } => write!(f, "its blocks have 2^{log2} bytes; 512 to 4096 are supported"),
            Self::Metadata { bytes } => {
                write!(f, "its blocks carry {bytes} bytes of metadata; format it without")
            }
            Self::TooLarge { blocks } => write!(f, "it claims {blocks} blocks, more than can exist"),
        }
    }
}

/// A namespace that was found and refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedNamespace {
    /// Its identifier.
    pub id: u32,
    /// Why.
    pub reason: Refusal,
}

impl NamespaceInfo {
    /// Decodes the namespace structure (figure 245).
    pub(crate) fn decode(id: u32, data: &[u8; IDENTIFY_BYTES]) -> Result<Self, RefusedNamespace> {
        let refuse = |reason| Err(RefusedNamespace { id, reason });
        let blocks = u64_at(data, 0);
        if blocks == 0 {
            return refuse(Refusal::Empty);
        }
        // FLBAS: format index in bits 3:0; bits 6:5 extend it from specification 2.0 on and are 0 before.
        let flbas = usize::from(data[26]);
        let format = 128 + 4 * (flbas & 0xf | (flbas >> 5 & 3) << 4);
        let metadata = u16::from_le_bytes([data[format], data[format + 1]]);
        let log2 = data[format + 2];
        if !(9..=12).contains(&log2) {
            return refuse(Refusal::BlockSize { log2 });
        }
        if metadata != 0 {
            return refuse(Refusal::Metadata { bytes: metadata });
        }
        let block_bytes = 1u32 << log2;
        if blocks.checked_mul(u64::from(block_bytes)).is_none() {
            return refuse(Refusal::TooLarge { blocks });
        }
        Ok(Self { id, blocks, block_bytes })
    }
}

/// The identifiers of an active namespace list (figure 246): ascending, ended by 0.
pub(crate) fn active_namespaces(data: &[u8; IDENTIFY_BYTES]) -> impl Iterator<Item = u32> {
    let mut last = 0;
    let ids = (0..MAX_NAMESPACES).map(|index| u32_at(data, index * 4));
    ids.take_while(move |id| {
        let ascending = *id > last && *id != u32::MAX;
        last = *id;
        ascending
    })
}

fn u32_at(data: &[u8; IDENTIFY_BYTES], offset: usize) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&data[offset..offset + 4]);
    u32::from_le_bytes(bytes)
}

fn u64_at(data: &[u8; IDENTIFY_BYTES], offset: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&data[offset..offset + 8]);
    u64::from_le_bytes(bytes)
}

/// An ASCII field without its padding; anything unprintable shows as `?`.
fn text(field: &[u8]) -> String {
    let field = field.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
    field.iter().map(|byte| if matches!(byte, 0x20..=0x7e) { char::from(*byte) } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_cleaned() {
        let mut data = [0; IDENTIFY_BYTES];
        data[24..64].fill(b' ');
        data[24..32].copy_from_slice(b"QEMU\x1b[2J");
        data[4..8].copy_from_slice(b"ab\0c");
        data[77] = 5;
        let identity = Identity::decode(&data, 4096);
        assert_eq!((identity.model.as_str(), identity.serial.as_str()), ("QEMU?[2J", "ab"));
        assert_eq!(identity.max_transfer_bytes, Some(128 * 1024));
        data[77] = 255;
        assert_eq!(Identity::decode(&data, 4096).max_transfer_bytes, None);
        data[77] = 60;
        assert_eq!(Identity::decode(&data, 4096).max_transfer_bytes, None);
    }

    #[test]
    fn a_namespace_is_taken_or_refused_by_its_format() {
        let mut data = [0; IDENTIFY_BYTES];
        let decode = |data: &[u8; IDENTIFY_BYTES]| NamespaceInfo::decode(1, data).map_err(|refused| refused.reason);
        assert_eq!(decode(&data), Err(Refusal::Empty));
        data[0] = 200;
        assert_eq!(decode(&data), Err(Refusal::BlockSize { log2: 0 }));
        data[26] = 0b0010_0011;
        let format = 128 + 4 * 19;
        data[format + 2] = 12;
        assert_eq!(decode(&data), Ok(NamespaceInfo { id: 1, blocks: 200, block_bytes: 4096 }));
        data[format] = 8;
        assert_eq!(decode(&data), Err(Refusal::Metadata { bytes: 8 }));
        data[format] = 0;
        data[7] = 0xff;
        assert_eq!(decode(&data), Err(Refusal::TooLarge { blocks: 0xff << 56 | 200 }));
    }

    #[test]
    fn the_namespace_list_ends_at_zero_or_at_nonsense() {
        let mut data = [0; IDENTIFY_BYTES];
        data[0] = 1;
        data[4] = 9;
        assert_eq!(active_namespaces(&data).collect::<Vec<_>>(), [1, 9]);
        data[8] = 9;
        assert_eq!(active_namespaces(&data).collect::<Vec<_>>(), [1, 9]);
        assert_eq!(active_namespaces(&[0xff; IDENTIFY_BYTES]).count(), 0);
        let full: Vec<u8> = (1..=1024u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(active_namespaces(&full.try_into().unwrap()).count(), MAX_NAMESPACES);
    }
}
