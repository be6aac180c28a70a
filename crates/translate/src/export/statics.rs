//! Where statics lie, and how large the memory must be for them.

use super::ExportError;
use velocity_nda::identity::Placement as Places;
use velocity_nda::module::{DataId, Limits, MAX_PAGES, Memory, Module, PAGE_BYTES, Placement};

/// The places of a module's statics.
pub(super) struct Statics {
    places: Places,
    /// How many pages reach behind the last one.
    pages: u32,
}

impl Statics {
    /// Places the statics of a module. Without statics nothing is hashed.
    pub(super) fn of(module: &Module) -> Result<Self, ExportError> {
        if !module.data.iter().any(|(_, data)| matches!(data.placement, Placement::Anywhere(_))) {
            return Ok(Self { places: Places::default(), pages: 0 });
        }
        let places = velocity_nda::place(module);
        let pages = u32::try_from(places.end.div_ceil(u64::from(PAGE_BYTES))).unwrap_or(u32::MAX);
        let most = module.memory.and_then(|memory| memory.limits.max).unwrap_or(MAX_PAGES);
        if pages > most { Err(ExportError::Statics) } else { Ok(Self { places, pages }) }
    }

    /// The address of a static.
    pub(super) fn address(&self, id: DataId) -> u32 {
        self.places.address(id)
    }

    /// The sizes of the memory, which has room for them.
    pub(super) fn limits(&self, memory: &Memory) -> Limits {
        Limits { min: memory.limits.min.max(self.pages), max: memory.limits.max }
    }
}
