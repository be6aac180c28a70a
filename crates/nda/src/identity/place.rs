//! Where statics lie in memory: by content, so that neither names nor the order of a text move anything.

use super::encoded::Encoded;
use super::hash::Analysis;
use super::{Definition, Identities};
use crate::module::{Constant, DataId, FIRST_PLACED, Module, Placement as Where, Table};
use alloc::vec::Vec;
use velocity_base::{ContentHash, Hasher};

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
    match alone(module).or_else(|| by_users(module)) {
        Some(statics) => place_sorted(module, statics),
        None => place_by(module, &Identities::of(module)),
    }
}

/// The statics of a module with their hashes, of which none is asked for if there is only one static. `None` if two have the
/// same content: then their hashes depend on who uses them.
fn alone(module: &Module) -> Option<Vec<(ContentHash, DataId)>> {
    let all = module.data.iter().filter(|(_, data)| matches!(data.placement, Where::Anywhere(_)));
    let mut statics: Vec<(ContentHash, DataId)> = all.map(|(id, _)| (ContentHash([0; 32]), id)).collect();
    if statics.len() > 1 {
        let encoded = Encoded::of_data(module, statics.iter().map(|&(_, id)| id));
        for ((hash, _), part) in statics.iter_mut().zip(&encoded.parts) {
            let mut hasher = Hasher::new();
            hasher.update(encoded.front(part).as_flattened());
            hasher.update(encoded.body(part).as_flattened());
            *hash = hasher.finish();
        }
        statics.sort_unstable();
    }
    statics.is_sorted_by(|one, other| one.0 != other.0).then_some(statics)
}

/// [`place`] for a module whose identities are already known.
#[must_use]
pub fn place_by(module: &Module, identities: &Identities) -> Placement {
    let statics = module.data.iter().filter(|(_, data)| matches!(data.placement, Where::Anywhere(_)));
    let hash = |(id, _)| identities.get(Definition::Data(id)).map(|hash| (hash, id));
    let mut statics: Vec<(ContentHash, DataId)> = statics.filter_map(hash).collect();
    statics.sort_unstable();
    place_sorted(module, statics)
}

/// The statics of a module with their hashes, if the shapes of their users tell apart those of the same content. Nothing else has to be
/// hashed for that: what is told apart so stays as it is, and a static refers to nothing.
fn by_users(module: &Module) -> Option<Vec<(ContentHash, DataId)>> {
    let mut analysis = Analysis::new(Encoded::of(module));
    analysis.number_plain_objects(module);
    let mut statics = Vec::new();
    for (id, data) in module.data.iter() {
        if matches!(data.placement, Where::Anywhere(_)) {
            let number = analysis.encoded.numbering.number(Definition::Data(id))?;
            statics.push((analysis.definition_hash(number), id));
        }
    }
    statics.sort_unstable();
    statics.is_sorted_by(|one, other| one.0 != other.0).then_some(statics)
}

fn place_sorted(module: &Module, statics: Vec<(ContentHash, DataId)>) -> Placement {
    let mut placement = Placement { end: u64::from(FIRST_PLACED), ..Placement::default() };
    for (_, data) in module.data.iter() {
        let mut address = 0;
        if let Where::At(Constant::Value(value)) = data.placement {
            address = value.bits() as u32;
            placement.end = placement.end.max(u64::from(address) + data.size());
        }
        placement.addresses.push(address);
    }
    for (_, id) in statics {
        let data = &module.data[id];
        let Where::Anywhere(align) = data.placement else { continue };
        let start = placement.end.next_multiple_of(u64::from(align.max(1)));
        placement.addresses[id] = start as u32;
        placement.end = start + data.size();
    }
    placement
}
