//! Linking: what each import of a module stands for, and whether it fits (3.2 "Matching").

use super::{Extern, FunctionAddress, FunctionType, GlobalAddress, MemoryAddress, Store, TableAddress};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use velocity_nda::module::{FunctionKind, GlobalKind, HostItem, Limits, Module, SigId};

/// An import that cannot be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkError {
    /// The module that was asked for it.
    pub module: String,
    /// The item.
    pub item: String,
    /// What was asked for, such as ``a function `fn(i32)` ``.
    pub wanted: String,
    /// What is there instead; `None` if there is nothing of that name.
    pub found: Option<String>,
}

/// What an import is, as far as it must fit.
enum Kind {
    /// A function of this type.
    Function(FunctionType),
    /// A global, such as `mutable i32`.
    Global(String),
    /// A table of a size in these bounds.
    Table(Limits),
    /// A memory of a size in these bounds.
    Memory(Limits),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, limits, unit) = match self {
            Self::Function(ty) => return write!(f, "a function `{ty}`"),
            Self::Global(text) => return write!(f, "a global `{text}`"),
            Self::Table(limits) => ("table", limits, "entries"),
            Self::Memory(limits) => ("memory", limits, "pages"),
        };
        match limits.max {
            Some(max) => write!(f, "a {what} of {} to {max} {unit}", limits.min),
            None => write!(f, "a {what} of {} or more {unit}", limits.min),
        }
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, item, wanted, found } = self;
        match found {
            None => write!(f, "unknown import `{module}.{item}`: the program needs {wanted}"),
            Some(found) => write!(
                f,
                "incompatible import type: the program needs `{module}.{item}` to be {wanted}, \
                but it is {found}"
            ),
        }
    }
}

impl core::error::Error for LinkError {}

/// What all imports of a module stand for; `None` for what the module defines itself.
#[derive(Debug, Default)]
pub(super) struct Linked {
    pub(super) functions: Vec<Option<FunctionAddress>>,
    pub(super) globals: Vec<Option<GlobalAddress>>,
    pub(super) tables: Vec<Option<TableAddress>>,
    pub(super) memory: Option<MemoryAddress>,
}

impl Store {
    /// Finds all imports of a module.
    pub(super) fn link(&self, module: &Module) -> Result<Linked, LinkError> {
        let mut linked = Linked {
            functions: Vec::with_capacity(module.functions.len()),
            globals: Vec::with_capacity(module.globals.len()),
            tables: Vec::with_capacity(module.tables.len()),
            memory: None,
        };
        for (_, function) in module.functions.iter() {
            let found = match function.kind {
                FunctionKind::Host(item) => Some(self.link_function(module, item, function.signature)?),
                FunctionKind::Defined(_) | FunctionKind::Import(_) => None,
            };
            linked.functions.push(found);
        }
        for (_, global) in module.globals.iter() {
            let found = match global.kind {
                GlobalKind::Host(item) => Some(self.link_global(module, item, global)?),
                GlobalKind::Defined(_) | GlobalKind::Import(_) => None,
            };
            linked.globals.push(found);
        }
        for (_, table) in module.tables.iter() {
            let found = table.host.map(|item| self.link_table(module, item, table.limits)).transpose()?;
            linked.tables.push(found);
        }
        let memory = module.memory.and_then(|memory| memory.host.zip(Some(memory.limits)));
        linked.memory = memory.map(|(item, limits)| self.link_memory(module, item, limits)).transpose()?;
        Ok(linked)
    }

    fn link_function(&self, module: &Module, item: HostItem, signature: SigId) -> Result<FunctionAddress, LinkError> {
        let wanted = function_type(module, signature);
        match self.find(module, item) {
            Some(Extern::Function(address)) if *self.type_of(address) == wanted => Ok(address),
            found => Err(self.mismatch(module, item, Kind::Function(wanted), found)),
        }
    }

    fn link_global(
        &self,
        module: &Module,
        item: HostItem,
        wanted: &velocity_nda::module::Global,
    ) -> Result<GlobalAddress, LinkError> {
        let found = self.find(module, item);
        if let Some(Extern::Global(address)) = found {
            let global = self.state.globals[address.index()];
            if (global.ty, global.mutable) == (wanted.ty, wanted.mutable) {
                return Ok(address);
            }
        }
        let wanted = global_text(wanted.mutable, wanted.ty);
        Err(self.mismatch(module, item, wanted, found))
    }

    fn link_table(&self, module: &Module, item: HostItem, wanted: Limits) -> Result<TableAddress, LinkError> {
        match self.find(module, item) {
            Some(Extern::Table(address)) if fits(wanted, self.table_limits(address)) => Ok(address),
            found => Err(self.mismatch(module, item, Kind::Table(wanted), found)),
        }
    }

    fn link_memory(&self, module: &Module, item: HostItem, wanted: Limits) -> Result<MemoryAddress, LinkError> {
        match self.find(module, item) {
            Some(Extern::Memory(address)) if fits(wanted, self.memory_limits(address)) => Ok(address),
            found => Err(self.mismatch(module, item, Kind::Memory(wanted), found)),
        }
    }

    fn find(&self, module: &Module, item: HostItem) -> Option<Extern> {
        self.names.get(module.text(item.module))?.get(module.text(item.item)).copied()
    }

    #[cold]
    fn mismatch(&self, module: &Module, item: HostItem, wanted: Kind, found: Option<Extern>) -> LinkError {
        LinkError {
            module: module.text(item.module).into(),
            item: module.text(item.item).into(),
            wanted: wanted.to_string(),
            found: found.map(|found| self.kind_of(found).to_string()),
        }
    }

    fn kind_of(&self, what: Extern) -> Kind {
        match what {
            Extern::Function(address) => Kind::Function(self.type_of(address).clone()),
            Extern::Global(address) => {
                let global = self.state.globals[address.index()];
                global_text(global.mutable, global.ty)
            }
            Extern::Table(address) => Kind::Table(self.table_limits(address)),
            Extern::Memory(address) => Kind::Memory(self.memory_limits(address)),
        }
    }

    fn table_limits(&self, address: TableAddress) -> Limits {
        let table = &self.state.tables[address.index()];
        Limits { min: table.len(), max: table.max }
    }

    fn memory_limits(&self, address: MemoryAddress) -> Limits {
        let memory = self.memory(address);
        Limits { min: memory.pages(), max: memory.max() }
    }
}

fn global_text(mutable: bool, ty: velocity_nda::module::Type) -> Kind {
    Kind::Global(if mutable { alloc::format!("mutable {ty}") } else { ty.to_string() })
}

/// Whether something of the limits `found` will do where `wanted` is asked for.
fn fits(wanted: Limits, found: Limits) -> bool {
    let max_fits = wanted.max.is_none_or(|wanted| found.max.is_some_and(|found| found <= wanted));
    wanted.min <= found.min && max_fits
}

/// A signature of a module, free of the module.
pub(super) fn function_type(module: &Module, signature: SigId) -> FunctionType {
    FunctionType { parameters: module.parameters(signature).collect(), results: module.results(signature).collect() }
}
