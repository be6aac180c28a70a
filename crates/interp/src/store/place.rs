//! Where statics go in memory.

use alloc::vec::Vec;
use velocity_nda::module::{Constant, FIRST_PLACED, Module, PAGE_BYTES, Placement, Value};

/// The addresses of a module's statics.
#[derive(Debug)]
pub(super) struct Placed {
    /// The address of each piece of data; 0 for what is no static.
    pub(super) addresses: Vec<u32>,
    /// How many pages reach behind the last static.
    pub(super) pages: u32,
}

/// Places the statics of a module one behind the other; `None` if 4 GiB do not hold them.
pub(super) fn place(module: &Module) -> Option<Placed> {
    let mut at = FIRST_PLACED;
    for (_, data) in module.data.iter() {
        if let Placement::At(Constant::Value(Value::I32(start))) = data.placement {
            at = at.max((start as u32).checked_add(data.len)?.checked_add(data.zeros)?);
        }
    }
    let (mut addresses, mut end) = (Vec::new(), 0);
    for (_, data) in module.data.iter() {
        let Placement::Anywhere(align) = data.placement else {
            addresses.push(0);
            continue;
        };
        at = at.checked_next_multiple_of(align.max(1))?;
        addresses.push(at);
        at = at.checked_add(data.len)?.checked_add(data.zeros)?;
        end = at;
    }
    Some(Placed { addresses, pages: end.div_ceil(PAGE_BYTES) })
}
