//! Where statics lie in memory: by content, so that neither names nor the order of a text move anything.

use super::Identities;
use crate::identity::Definition;
use crate::module::{Constant, DataId, FIRST_PLACED, Module, Placement as Where, Table};
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// The address of every piece of data, and where the room behind them begins.
#[derive(Clone, Debug, Default)]
pub struct Placement {
    addresses: Table<DataId, u32>,
    /// The first byte behind everything that is placed: how large the memory must at least be. It may lie beyond
    /// 32 bits; then the data does not fit, and addresses mean nothing.
    pub end: u64,
}

impl Placement {
    /// The address of a static, or of data that is placed at a known address; 0 for all other data, and for a static
    /// that is still to be imported.
    #[must_use]
    pub fn address(&self, id: DataId) -> u32 {
        self.addresses.get(id).copied().unwrap_or(0)
    }
}

/// Places the statics of a module: from [`FIRST_PLACED`] on, behind all data that is placed at a known address, sorted
/// by hash, each aligned as it asks.
#[must_use]
pub fn place(module: &Module) -> Placement {
    let identities = Identities::of(module);
    place_by(module, &identities)
}

/// [`place`] for a module whose identities are already known.
#[must_use]
pub fn place_by(module: &Module, identities: &Identities) -> Placement {
    let mut placement = Placement { end: u64::from(FIRST_PLACED), ..Placement::default() };
    let mut statics: Vec<(ContentHash, DataId)> = Vec::new();
    for (id, data) in module.data.iter() {
        let mut address = 0;
        match data.placement {
            Where::At(Constant::Value(value)) => {
                address = value.bits() as u32;
                placement.end = placement.end.max(u64::from(address) + data.size());
            }
            Where::Anywhere(_) => statics.extend(identities.get(Definition::Data(id)).map(|hash| (hash, id))),
            Where::At(_) | Where::Passive | Where::Import(_) => {}
        }
        placement.addresses.push(address);
    }
    statics.sort_unstable();
    for (_, id) in statics {
        let data = &module.data[id];
        let Where::Anywhere(align) = data.placement else { continue };
        let start = placement.end.next_multiple_of(u64::from(align.max(1)));
        placement.addresses[id] = start as u32;
        placement.end = start + data.size();
    }
    placement
}
