//! The root of a program: one hash over all that it means.
//!
//! It covers the memory, every definition that no other component refers to (and through their hashes all others), data
//! that is placed at the start, in an order that means what the module's means, exports by name, and the start
//! function. So a program has the same root before and after what it imports has been fetched.

use super::code::domain;
use super::hash::{Analysis, NONE};
use super::objects::exported;
use super::order::by_offset;
use crate::identity::Definition;
use crate::module::{Constant, DataId, ExportItem, Limits, Memory, Module, Placement};
use alloc::vec::Vec;
use velocity_base::{ContentHash, Hasher};

impl Analysis<'_> {
    /// The root of the program.
    pub(crate) fn root(&mut self, module: &Module) -> ContentHash {
        let mut out = Out { hasher: Hasher::new(), bytes: 0 };
        out.add(domain::ROOT);
        let of = |definition| self.of(definition).unwrap_or(NONE);
        let memory = if is_implied(module) { NONE } else { of(Definition::Memory) };
        out.add(&memory.0);
        out.hashes(&self.tops());
        out.hashes(&placed_data(module).into_iter().map(|id| of(Definition::Data(id))).collect::<Vec<_>>());
        let mut exports: Vec<_> =
            module.exports.iter().map(|export| (module.text(export.name), of(exported(export.item)))).collect();
        exports.sort_unstable();
        out.number(exports.len());
        for (name, hash) in exports {
            out.number(name.len());
            out.add(name.as_bytes());
            out.add(&hash.0);
        }
        out.add(&module.start.map_or(NONE, |start| of(Definition::Function(start))).0);
        self.hashed_bytes += out.bytes;
        out.hasher.finish()
    }

    /// The hash of a definition of this module.
    pub(super) fn of(&self, definition: Definition) -> Option<ContentHash> {
        self.hashes.get(self.encoded.numbering.number(definition)? as usize).copied()
    }

    /// Hashes of the definitions that nothing outside of their component refers to, sorted, each once.
    fn tops(&self) -> Vec<ContentHash> {
        let mut used = alloc::vec![false; self.components.ranges.len()];
        for user in 0..self.encoded.parts.len() as u32 {
            let own = self.components.of[user as usize];
            for target in self.encoded.targets(user) {
                let component = self.components.of[target as usize];
                used[component as usize] |= component != own;
            }
        }
        let top = |component: usize| self.components.members[self.components.ranges[component].clone()].iter();
        let tops = (0..used.len()).filter(|&component| !used[component]).flat_map(top);
        let memory = self.encoded.numbering.number(Definition::Memory);
        let tops = tops.filter(|&&member| Some(member) != memory);
        let mut hashes: Vec<ContentHash> = tops.map(|&member| self.hashes[member as usize]).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }
}

struct Out {
    hasher: Hasher,
    bytes: u64,
}

impl Out {
    fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    fn number(&mut self, number: usize) {
        self.add(&(number as u64).to_le_bytes());
    }

    fn hashes(&mut self, hashes: &[ContentHash]) {
        self.number(hashes.len());
        hashes.iter().for_each(|hash| self.add(&hash.0));
    }
}

/// Whether the memory is no more than what statics imply, so that a program that declares it says nothing new.
fn is_implied(module: &Module) -> bool {
    let implied = |memory: &Memory| memory.host.is_none() && memory.limits == Limits { min: 0, max: None };
    let exported = module.exports.iter().any(|export| export.item == ExportItem::Memory);
    !exported && module.memory.as_ref().is_some_and(implied)
}

/// The data that is placed at the start, by address where the order means nothing.
fn placed_data(module: &Module) -> Vec<DataId> {
    let placed = |id: &DataId| matches!(module.data[*id].placement, Placement::At(_));
    let mut all: Vec<DataId> = module.data.keys().filter(placed).collect();
    by_offset(&mut all, |&id| {
        let data = &module.data[id];
        let Placement::At(Constant::Value(address)) = data.placement else { return None };
        Some((address.bits(), data.size()))
    });
    all
}
