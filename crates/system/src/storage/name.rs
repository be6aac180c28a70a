//! What disks and partitions are called: `nvme0n1`, `nvme0n1p2`.

use core::fmt;

/// The name of a disk: its controller in the order of PCI addresses, its namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DiskName {
    /// Position in the list of controllers.
    pub controller: usize,
    /// Namespace identifier.
    pub namespace: u32,
}

/// The name of a place for a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlaceName {
    /// The disk.
    pub disk: DiskName,
    /// The partition's number; `None` for a disk without a partition table.
    pub partition: Option<u32>,
}

/// A volume's label in words.
pub(crate) struct Label<'a>(pub &'a str);

impl fmt::Display for DiskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nvme{}n{}", self.controller, self.namespace)
    }
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.disk)?;
        self.partition.map_or(Ok(()), |number| write!(f, "p{number}"))
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("without a label") } else { write!(f, "\"{}\"", self.0) }
    }
}
