//! WebAssembly's index spaces (2.5.1): functions, globals and tables are numbered with the imported ones first.

use super::statics::Statics;
use alloc::vec::Vec;
use velocity_nda::module::{Constant, FunctionKind, Global, GlobalId, GlobalKind, Key, Module, Table, Value};
use wasm_encoder::{ConstExpr, Ieee32, Ieee64};

/// One index space.
pub(super) struct Space {
    /// The index of each key.
    indices: Vec<u32>,
    /// The key of each index.
    keys: Vec<u32>,
    /// How many of them are imported.
    imported: usize,
}

impl Space {
    fn of<K: Key, T>(table: &Table<K, T>, is_imported: impl Fn(&T) -> bool) -> Self {
        let all = || (0..).zip(table.as_slice());
        let mut keys: Vec<u32> = all().filter(|(_, item)| is_imported(item)).map(|(key, _)| key).collect();
        let imported = keys.len();
        keys.extend(all().filter(|(_, item)| !is_imported(item)).map(|(key, _)| key));
        let mut indices = alloc::vec![0; keys.len()];
        for (index, &key) in (0..).zip(&keys) {
            indices[key as usize] = index;
        }
        Self { indices, keys, imported }
    }

    /// The index of a key, which is one of the module.
    pub(super) fn index(&self, key: u32) -> u32 {
        self.indices.get(key as usize).copied().unwrap_or(key)
    }

    /// All keys, in the order of their indices.
    pub(super) fn keys(&self) -> &[u32] {
        &self.keys
    }

    /// The keys of what is imported.
    pub(super) fn imported(&self) -> &[u32] {
        &self.keys[..self.imported]
    }

    /// The keys of what the module defines.
    pub(super) fn defined(&self) -> &[u32] {
        &self.keys[self.imported..]
    }
}

/// All index spaces that are not the core's own, and what constants come to.
pub(super) struct Spaces {
    pub(super) functions: Space,
    pub(super) globals: Space,
    pub(super) tables: Space,
    /// What each global is at first, by key.
    firsts: Vec<Known>,
}

/// What a constant comes to: WebAssembly 2.0 has no constants that name globals defined in the module.
#[derive(Clone, Copy)]
pub(super) enum Known {
    Value(Value),
    /// The value of the imported global of this index.
    Imported(u32),
}

impl Spaces {
    pub(super) fn of(module: &Module, statics: &Statics) -> Self {
        let mut spaces = Self {
            functions: Space::of(&module.functions, |function| !matches!(function.kind, FunctionKind::Defined(_))),
            globals: Space::of(&module.globals, |global| !matches!(global.kind, GlobalKind::Defined(_))),
            tables: Space::of(&module.tables, |table| table.host.is_some()),
            firsts: Vec::with_capacity(module.globals.len()),
        };
        for (id, global) in module.globals.iter() {
            let first = spaces.first(id, global, statics);
            spaces.firsts.push(first);
        }
        spaces
    }

    fn first(&self, id: GlobalId, global: &Global, statics: &Statics) -> Known {
        match global.kind {
            GlobalKind::Defined(constant) => self.known(constant, statics),
            GlobalKind::Host(_) | GlobalKind::Import(_) => Known::Imported(self.globals.index(id.0)),
        }
    }

    /// What a constant comes to; a global that it names comes before it.
    fn known(&self, constant: Constant, statics: &Statics) -> Known {
        match constant {
            Constant::Value(value) => Known::Value(value),
            Constant::Global(id) => self.firsts.get(id.index()).copied().unwrap_or(Known::Imported(id.0)),
            Constant::Address(id) => Known::Value(Value::I32(statics.address(id) as i32)),
        }
    }

    /// A constant as a constant expression.
    pub(super) fn constant(&self, constant: Constant, statics: &Statics) -> ConstExpr {
        match self.known(constant, statics) {
            Known::Value(Value::I32(value)) => ConstExpr::i32_const(value),
            Known::Value(Value::I64(value)) => ConstExpr::i64_const(value),
            Known::Value(Value::F32(bits)) => ConstExpr::f32_const(Ieee32::new(bits)),
            Known::Value(Value::F64(bits)) => ConstExpr::f64_const(Ieee64::new(bits)),
            Known::Imported(index) => ConstExpr::global_get(index),
        }
    }
}
