//! MSI-X: finding, mapping and programming the vector table (PCI 6.8.2).

use crate::{Address, Bar, Bus, Capability, Function};
use alloc::sync::Arc;
use core::fmt;
use velocity_hal::{MapError, Mmio, MmioMapper, MsiMessage};

const ENABLE: u32 = 1 << 31;
const FUNCTION_MASK: u32 = 1 << 30;
const ENTRY_BYTES: usize = 16;
const ENTRY_MASKED: u32 = 1;

/// Why MSI-X of a function cannot be used; its driver polls instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MsixError {
    /// The function has no MSI-X capability.
    Absent(Address),
    /// The capability names a BAR that is not memory or is shorter than the table.
    BadTable {
        /// The function.
        address: Address,
        /// The BAR it names.
        bar: u8,
        /// Where in the BAR the table would start.
        offset: u32,
    },
    /// The table could not be mapped.
    Unmapped(MapError),
    /// There is no such vector.
    NoVector {
        /// The vector asked for.
        vector: u16,
        /// How many there are.
        vectors: u16,
    },
}

impl fmt::Display for MsixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(address) => write!(f, "{address} has no MSI-X; its driver polls"),
            Self::BadTable { address, bar, offset } => {
                write!(f, "{address} puts its MSI-X table outside BAR {bar} (at {offset:#x}); its driver polls")
            }
            Self::Unmapped(error) => write!(f, "the MSI-X table is out of reach: {error}"),
            Self::NoVector { vector, vectors } => write!(f, "MSI-X vector {vector} of {vectors} does not exist"),
        }
    }
}

impl core::error::Error for MsixError {}

/// The mapped MSI-X table of one function. All vectors are off until [`Msix::enable`].
pub struct Msix {
    address: Address,
    capability: Capability,
    control: u32,
    table: Arc<dyn Mmio>,
}

impl Msix {
    pub(crate) fn locate(bus: &Bus, function: &Function, mapper: &dyn MmioMapper) -> Result<Self, MsixError> {
        let address = function.address;
        let (capability, control) = bus.find_capability(address, Capability::MSIX).ok_or(MsixError::Absent(address))?;
        let place = bus.read32(address, u16::from(capability.offset) + 4);
        let (bar, offset) = ((place & 7) as u8, place & !7);
        let bytes = (usize::from(vectors(control))) * ENTRY_BYTES;
        let end = u64::from(offset) + bytes as u64;
        let base = match function.bars.get(usize::from(bar)).copied().flatten() {
            Some(Bar::Memory { base, len, .. }) if end <= len => base.checked_add(offset.into()),
            _ => None,
        };
        let base = base.ok_or(MsixError::BadTable { address, bar, offset })?;
        let table = mapper.map(base, bytes).map_err(MsixError::Unmapped)?;
        Ok(Self { address, capability, control, table })
    }

    /// How many vectors the function has.
    #[must_use]
    pub fn vectors(&self) -> u16 {
        vectors(self.control)
    }

    /// Makes `vector` send `message`, and unmasks it.
    ///
    /// # Errors
    /// [`MsixError::NoVector`].
    pub fn program(&self, vector: u16, message: MsiMessage) -> Result<(), MsixError> {
        let entry = self.entry(vector)?;
        // Masked first: an entry must not be used half written.
        self.table.write32(entry + 12, ENTRY_MASKED);
        self.table.write32(entry, message.address as u32);
        self.table.write32(entry + 4, (message.address >> 32) as u32);
        self.table.write32(entry + 8, message.data);
        self.table.write32(entry + 12, 0);
        Ok(())
    }

    /// Holds back (or lets through) `vector`; what arrives meanwhile stays pending in the device.
    ///
    /// # Errors
    /// [`MsixError::NoVector`].
    pub fn set_masked(&self, vector: u16, masked: bool) -> Result<(), MsixError> {
        let entry = self.entry(vector)?;
        self.table.write32(entry + 12, if masked { ENTRY_MASKED } else { 0 });
        Ok(())
    }

    /// Switches the function from its interrupt pin to MSI-X.
    pub fn enable(&self, bus: &Bus) {
        bus.write32(self.address, self.capability.offset.into(), self.control & !FUNCTION_MASK | ENABLE);
    }

    /// Switches MSI-X off.
    pub fn disable(&self, bus: &Bus) {
        bus.write32(self.address, self.capability.offset.into(), self.control & !(FUNCTION_MASK | ENABLE));
    }

    fn entry(&self, vector: u16) -> Result<usize, MsixError> {
        let vectors = self.vectors();
        let inside = vector < vectors;
        inside.then(|| usize::from(vector) * ENTRY_BYTES).ok_or(MsixError::NoVector { vector, vectors })
    }
}

/// The table's length, 1 to 2048, from the capability's first word.
fn vectors(control: u32) -> u16 {
    (control >> 16 & 0x7ff) as u16 + 1
}
