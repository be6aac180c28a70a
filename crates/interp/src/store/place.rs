//! Where statics go in memory: what identity says, as far as a store needs it.

use alloc::vec::Vec;
use velocity_nda::module::{Module, PAGE_BYTES, Placement};

/// The addresses of a module's statics.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// The address of each piece of data; only those of statics are asked for.
    pub(super) addresses: Vec<u32>,
    /// How many pages reach behind the last static.
    pub(super) pages: u32,
}

/// Places the statics of a module; `None` if 4 GiB do not hold them. Without statics nothing is hashed.
pub(super) fn place(module: &Module) -> Option<Placed> {
    let is_static = |placement| matches!(placement, Placement::Anywhere(_));
    if !module.data.iter().any(|(_, data)| is_static(data.placement)) {
        return Some(Placed { addresses: alloc::vec![0; module.data.len()], pages: 0 });
    }
    let placement = velocity_nda::place(module);
    let pages = placement.end.div_ceil(u64::from(PAGE_BYTES));
    let addresses = module.data.keys().map(|key| placement.address(key));
    let pages = u32::try_from(pages).ok().filter(|&pages| pages <= crate::memory::MAX_PAGES)?;
    Some(Placed { addresses: addresses.collect(), pages })
}
