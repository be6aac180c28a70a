//! What can be asked about every definition, whatever its sort: sort, name, documentation, place, import.

use crate::identity::Definition;
use crate::module::{FunctionKind, GlobalKind, Meta, Module, Placement};
use velocity_base::ContentHash;

/// The sort of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum DefKind {
    Function,
    Global,
    Table,
    Memory,
    Data,
    Element,
}

impl DefKind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Function, Self::Global, Self::Table, Self::Memory, Self::Data, Self::Element];

    /// The kind that is the object of a [`Predicate::Defines`](super::Predicate::Defines).
    #[must_use]
    pub fn of_code(code: u32) -> Option<Self> {
        Self::ALL.get(code as usize).copied()
    }

    /// As a person says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Global => "global",
            Self::Table => "table",
            Self::Memory => "memory",
            Self::Data => "data",
            Self::Element => "element",
        }
    }
}

impl Definition {
    /// Its sort.
    #[must_use]
    pub const fn kind(self) -> DefKind {
        match self {
            Self::Function(_) => DefKind::Function,
            Self::Global(_) => DefKind::Global,
            Self::Table(_) => DefKind::Table,
            Self::Memory => DefKind::Memory,
            Self::Data(_) => DefKind::Data,
            Self::Element(_) => DefKind::Element,
        }
    }

    /// Name, documentation and place; `None` for a key of another module.
    #[must_use]
    pub fn meta(self, module: &Module) -> Option<&Meta> {
        match self {
            Self::Function(id) => module.functions.get(id).map(|function| &function.meta),
            Self::Global(id) => module.globals.get(id).map(|global| &global.meta),
            Self::Table(id) => module.tables.get(id).map(|table| &table.meta),
            Self::Data(id) => module.data.get(id).map(|data| &data.meta),
            Self::Element(id) => module.elements.get(id).map(|element| &element.meta),
            Self::Memory => module.memory.as_ref().map(|memory| &memory.meta),
        }
    }

    /// The hash by which it is imported, if it is.
    #[must_use]
    pub fn imported(self, module: &Module) -> Option<ContentHash> {
        match self {
            Self::Function(id) => match module.functions.get(id)?.kind {
                FunctionKind::Import(hash) => Some(hash),
                _ => None,
            },
            Self::Global(id) => match module.globals.get(id)?.kind {
                GlobalKind::Import(hash) => Some(hash),
                _ => None,
            },
            Self::Data(id) => match module.data.get(id)?.placement {
                Placement::Import(hash) => Some(hash),
                _ => None,
            },
            Self::Table(_) | Self::Element(_) | Self::Memory => None,
        }
    }

    /// What it is called. The memory is called `memory`.
    #[must_use]
    pub fn name(self, module: &Module) -> Option<&str> {
        let name = self.meta(module).and_then(|meta| module.name(meta));
        if self == Self::Memory { name.or(Some("memory")) } else { name }
    }
}
