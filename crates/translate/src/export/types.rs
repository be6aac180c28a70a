//! The type section: the signatures of the module, and behind them the types of blocks with several values.

use super::{ExportError, Room};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_nda::module::{Module, Pooled, Shape, Type, Yield};
use wasm_encoder::{BlockType, TypeSection, ValType};

/// The types of a module: the index of a signature is its key.
pub(super) struct Types<'m> {
    module: &'m Module,
    /// The index of each type without parameters that has several results.
    several: BTreeMap<&'m [u32], u32>,
    /// The results of the types behind the signatures.
    added: Vec<&'m [u32]>,
}

impl<'m> Types<'m> {
    pub(super) fn of(module: &'m Module, room: &mut Room) -> Result<Self, ExportError> {
        let mut several = BTreeMap::new();
        for (index, signature) in (0..).zip(module.signatures.as_slice()) {
            let results = module.pool.words(signature.results);
            let parameters = module.pool.len(signature.parameters);
            room.take(8 + parameters + results.len())?;
            if parameters == 0 && results.len() > 1 {
                several.insert(results, index);
            }
        }
        Ok(Self { module, several, added: Vec::new() })
    }

    /// The type of a block that yields this.
    pub(super) fn block(&mut self, yields: Yield) -> BlockType {
        match yields.shape() {
            Shape::None | Shape::Never => BlockType::Empty,
            Shape::One(ty) => BlockType::Result(value_type(ty)),
            Shape::Many(list) => {
                let results = self.module.pool.words(list);
                let next = (self.module.signatures.len() + self.added.len()) as u32;
                let index = *self.several.entry(results).or_insert(next);
                if index == next {
                    self.added.push(results);
                }
                BlockType::FunctionType(index)
            }
        }
    }

    /// Whether there is no type behind the signatures.
    pub(super) fn is_plain(&self) -> bool {
        self.added.is_empty()
    }

    pub(super) fn section(&self) -> TypeSection {
        let mut section = TypeSection::new();
        for id in self.module.signatures.keys() {
            let parameters = self.module.parameters(id).map(value_type);
            section.ty().function(parameters, self.module.results(id).map(value_type));
        }
        for results in &self.added {
            let results = results.iter().map(|&word| value_type(Type::from_word(word)));
            section.ty().function([], results);
        }
        section
    }
}

/// The value type for a type of the core.
pub(super) const fn value_type(ty: Type) -> ValType {
    match ty {
        Type::I32 => ValType::I32,
        Type::I64 => ValType::I64,
        Type::F32 => ValType::F32,
        Type::F64 => ValType::F64,
    }
}
