//! Signatures of all modules of a store, each kept once, so that two are equal if their numbers are.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use velocity_nda::module::Type;

/// Parameters and results of a function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionType {
    /// From left to right.
    pub parameters: Vec<Type>,
    /// None, one or several.
    pub results: Vec<Type>,
}

impl FunctionType {
    /// With these parameters and results.
    #[must_use]
    pub fn new(parameters: &[Type], results: &[Type]) -> Self {
        Self { parameters: parameters.into(), results: results.into() }
    }
}

impl fmt::Display for FunctionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fn")?;
        list(f, &self.parameters)?;
        match self.results.as_slice() {
            [] => Ok(()),
            [one] => write!(f, " -> {one}"),
            several => {
                f.write_str(" -> ")?;
                list(f, several)
            }
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, types: &[Type]) -> fmt::Result {
    f.write_str("(")?;
    for (index, ty) in types.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{ty}")?;
    }
    f.write_str(")")
}

/// A signature of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeId(u32);

impl TypeId {
    /// Its number: equal types of a store have the same one.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }
}

/// All signatures of the store.
#[derive(Debug, Default)]
pub struct Types {
    types: Vec<Arc<FunctionType>>,
    known: BTreeMap<Arc<FunctionType>, TypeId>,
}

impl Types {
    /// The number of a signature, the same for equal ones.
    pub(crate) fn intern(&mut self, ty: FunctionType) -> TypeId {
        if let Some(&known) = self.known.get(&ty) {
            return known;
        }
        let (id, ty) = (TypeId(self.types.len() as u32), Arc::new(ty));
        self.types.push(Arc::clone(&ty));
        self.known.insert(ty, id);
        id
    }

    /// The signature of a number.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &FunctionType {
        &self.types[id.0 as usize]
    }
}
