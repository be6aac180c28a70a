//! The functions of the registry of shims, as host functions of a store: each has the number of its row.

use crate::{Extern, FunctionType, Store};
use velocity_nda::sys::{self, Overload};

/// The rows of the registry with the capability of each.
fn rows() -> impl Iterator<Item = (&'static str, &'static Overload)> {
    sys::SHIMS.iter().flat_map(|shim| shim.overloads.iter().map(|overload| (shim.capability, overload)))
}

/// Makes the functions of all capabilities known to a store that `has` says yes to.
pub fn define_shims(store: &mut Store, has: impl Fn(&str) -> bool) {
    for (number, (_, overload)) in rows().enumerate().filter(|(_, (capability, _))| has(capability)) {
        let parameters = overload.parameters.iter().map(|ty| ty.core()).collect();
        let results = overload.result.iter().map(|ty| ty.core()).collect();
        let function = store.host_function(number as u32, FunctionType { parameters, results });
        store.define(sys::GROUP, overload.item, Extern::Function(function));
    }
}

/// The capability and the row behind the number of a host function that [`define_shims`] made.
#[must_use]
pub fn shim_behind(function: u32) -> Option<(&'static str, &'static Overload)> {
    rows().nth(function as usize)
}
