//! The store (4.2.3): everything that instances are made of, and the names under which they find each other.
//!
//! `link` matches imports with what is registered, `instantiate` makes instances, `types` makes signatures of different
//! modules comparable.
//!
//! Invariants: addresses are positions in the tables of one store and stay valid as long as it lives; an address, an
//! instance or a run that is used with another store than its own meets the wrong item, or panics. Instances hold no
//! mutable parts: those lie in [`State`], so that a run can read the one while it changes the other.

mod instantiate;
mod link;
mod state;
mod types;

pub use instantiate::InstantiateError;
pub use link::LinkError;
pub use types::FunctionType;

pub use state::{Global, State};
pub use types::{TypeId, Types};

use crate::Limits;
use crate::engine::{Engine, Reference};
use crate::memory::Memory;
use crate::numeric::Slot;
use crate::table::Table;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use velocity_gate::{Charge, Program};
use velocity_nda::module::{
    ExportItem, ExprId, FuncId, GlobalId, Key, MAX_PAGES, Module, PAGE_BYTES, TableId, Type, Value,
};

macro_rules! addresses {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(u32);

        impl $name {
            /// Its position in the store.
            #[inline(always)]
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The one at a position, which must be one of the store's.
            #[must_use]
            pub const fn new(index: usize) -> Self {
                Self(index as u32)
            }
        }
    )+};
}

addresses! {
    /// An instance of a store.
    InstanceId;
    /// A function of a store.
    FunctionAddress;
    /// A global of a store.
    GlobalAddress;
    /// A table of a store.
    TableAddress;
    /// A memory of a store.
    MemoryAddress;
}

/// Something that one instance gives to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// A function.
    Function(FunctionAddress),
    /// A global.
    Global(GlobalAddress),
    /// A table.
    Table(TableAddress),
    /// A memory.
    Memory(MemoryAddress),
}

/// A function of a store.
#[derive(Clone, Copy, Debug)]
pub struct FunctionInstance {
    /// Parameters and results.
    pub ty: TypeId,
    /// How many parameters it has.
    pub parameters: u32,
    /// How many results it has.
    pub results: u32,
    /// What a call does.
    pub code: Code,
}

/// What a call of a function does.
#[derive(Clone, Copy, Debug)]
pub enum Code {
    /// Evaluates a body.
    Defined {
        /// The instance whose items it names.
        instance: InstanceId,
        /// Its key in the instance's module.
        function: FuncId,
        /// Its body.
        root: ExprId,
        /// How many variables it has beside its parameters, all zero at the start.
        variables: u32,
        /// How many slots of the stack a call takes.
        slots: u32,
    },
    /// Asks the host for the function of this number.
    Host(u32),
}

/// The parts of an instance that do not change.
#[derive(Debug)]
pub struct Instance {
    program: Program,
    /// The signatures of the module as types of the store.
    pub types: Vec<TypeId>,
    functions: Vec<FunctionAddress>,
    globals: Vec<GlobalAddress>,
    tables: Vec<TableAddress>,
    /// Its memory, if it has one.
    pub memory: Option<MemoryAddress>,
    /// Where each piece of data was placed; 0 for what is no static.
    pub placed: Arc<[u32]>,
    /// What is charged at each node.
    pub charges: Arc<[Charge]>,
}

impl Instance {
    /// Its module.
    #[inline(always)]
    #[must_use]
    pub fn module(&self) -> &Module {
        self.program.module()
    }

    /// What a function of the module is here.
    #[inline(always)]
    #[must_use]
    pub fn function(&self, id: FuncId) -> FunctionAddress {
        self.functions[id.index()]
    }

    /// What a global of the module is here.
    #[inline(always)]
    #[must_use]
    pub fn global(&self, id: GlobalId) -> GlobalAddress {
        self.globals[id.index()]
    }

    /// What a table of the module is here.
    #[inline(always)]
    #[must_use]
    pub fn table(&self, id: TableId) -> TableAddress {
        self.tables[id.index()]
    }

    fn item(&self, item: ExportItem) -> Option<Extern> {
        Some(match item {
            ExportItem::Function(id) => Extern::Function(self.function(id)),
            ExportItem::Global(id) => Extern::Global(self.global(id)),
            ExportItem::Table(id) => Extern::Table(self.table(id)),
            ExportItem::Memory => Extern::Memory(self.memory?),
        })
    }
}

/// The parts of a store that no run changes.
#[derive(Debug, Default)]
pub struct Fixed {
    /// All signatures.
    pub types: Types,
    /// All functions, by address.
    pub functions: Vec<FunctionInstance>,
    /// All instances, by number.
    pub instances: Vec<Instance>,
}

/// Instances and what they share.
#[derive(Debug)]
pub struct Store {
    pub(crate) limits: Limits,
    pub(crate) fixed: Fixed,
    pub(crate) state: State,
    /// What runs its programs.
    pub(crate) engine: Box<dyn Engine>,
    /// What imports find: by module, then by item.
    names: BTreeMap<String, BTreeMap<String, Extern>>,
}

impl Store {
    /// A store without instances, whose programs the reference interpreter runs.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::with_engine(limits, Box::new(Reference))
    }

    /// A store without instances, whose programs `engine` runs.
    #[must_use]
    pub fn with_engine(limits: Limits, engine: Box<dyn Engine>) -> Self {
        let state = State { spare_pages: limits.memory_pages, spare_entries: limits.table_entries, ..State::default() };
        Self { limits, fixed: Fixed::default(), state, engine, names: BTreeMap::new() }
    }

    /// What the store and its runs may use.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// How many pages of 64 KiB its memories have together.
    #[must_use]
    pub const fn pages(&self) -> u32 {
        self.limits.memory_pages.saturating_sub(self.state.spare_pages)
    }

    /// Why its engine leaves calls to a slower one; `None` if it does not, or none ran yet.
    #[must_use]
    pub fn fallback_reason(&self) -> Option<&'static str> {
        self.engine.fallback_reason()
    }

    /// Makes `module`.`item` stand for something when later instances import it. An earlier meaning is replaced.
    pub fn define(&mut self, module: &str, item: &str, what: Extern) {
        if !self.names.contains_key(module) {
            self.names.insert(module.into(), BTreeMap::new());
        }
        if let Some(items) = self.names.get_mut(module) {
            items.insert(item.into(), what);
        }
    }

    /// Lets later instances import all exports of this one as items of `module`.
    pub fn register(&mut self, module: &str, instance: InstanceId) {
        let instance_of = &self.fixed.instances[instance.index()];
        let core = instance_of.module();
        let exports: Vec<_> = core
            .exports
            .iter()
            .map(|export| (String::from(core.text(export.name)), instance_of.item(export.item)))
            .collect();
        self.names.insert(module.into(), BTreeMap::new());
        for (name, item) in exports {
            if let Some(item) = item {
                self.define(module, &name, item);
            }
        }
    }

    /// A function that the host carries out; `number` is what [`HostCall::function`](crate::HostCall::function) says.
    pub fn host_function(&mut self, number: u32, ty: FunctionType) -> FunctionAddress {
        let (parameters, results) = (ty.parameters.len() as u32, ty.results.len() as u32);
        let ty = self.fixed.types.intern(ty);
        self.add_function(FunctionInstance { ty, parameters, results, code: Code::Host(number) })
    }

    /// A global that no module defines.
    pub fn host_global(&mut self, value: Value, mutable: bool) -> GlobalAddress {
        self.add_global(value.ty(), mutable, value.bits())
    }

    /// A table of `len` empty entries that no module defines; `None` if the store has no room for it.
    pub fn host_table(&mut self, len: u32, max: Option<u32>) -> Option<TableAddress> {
        let spare = self.state.spare_entries.checked_sub(len)?;
        self.state.tables.push(Table::new(len, max)?);
        self.state.spare_entries = spare;
        Some(TableAddress::new(self.state.tables.len() - 1))
    }

    /// A memory of `pages` zero pages that no module defines; `None` if the store has no room for it.
    pub fn host_memory(&mut self, pages: u32, max: Option<u32>) -> Option<MemoryAddress> {
        let spare = self.state.spare_pages.checked_sub(pages).filter(|_| pages <= MAX_PAGES)?;
        let storage = self.engine.memory(pages as usize * PAGE_BYTES as usize);
        self.state.memories.push(Memory::new(pages, max, storage)?);
        self.state.spare_pages = spare;
        Some(MemoryAddress::new(self.state.memories.len() - 1))
    }

    /// What an instance exports under a name.
    #[must_use]
    pub fn export(&self, instance: InstanceId, name: &str) -> Option<Extern> {
        let instance = &self.fixed.instances[instance.index()];
        let module = instance.module();
        let export = module.exports.iter().find(|export| module.text(export.name) == name)?;
        instance.item(export.item)
    }

    /// A function of an instance by its key in the module, exported or not.
    #[must_use]
    pub fn function(&self, instance: InstanceId, id: FuncId) -> Option<FunctionAddress> {
        self.fixed.instances[instance.index()].functions.get(id.index()).copied()
    }

    /// What a global of an instance holds, by its number in the module, exported or not.
    #[must_use]
    pub fn global_of(&self, instance: InstanceId, index: u32) -> Option<Value> {
        let address = self.fixed.instances[instance.index()].globals.get(index as usize)?;
        Some(self.global(*address))
    }

    /// The function that an instance runs first, if its module has one.
    #[must_use]
    pub fn start_of(&self, instance: InstanceId) -> Option<FunctionAddress> {
        let instance = &self.fixed.instances[instance.index()];
        instance.module().start.map(|id| instance.function(id))
    }

    /// Parameters and results of a function.
    #[must_use]
    pub fn type_of(&self, function: FunctionAddress) -> &FunctionType {
        self.fixed.types.get(self.fixed.functions[function.index()].ty)
    }

    /// What a global holds.
    #[must_use]
    pub fn global(&self, global: GlobalAddress) -> Value {
        let global = self.state.globals[global.index()];
        Value::of_bits(global.ty, global.value)
    }

    /// A memory.
    #[must_use]
    pub fn memory(&self, memory: MemoryAddress) -> &Memory {
        &self.state.memories[memory.index()]
    }

    /// A memory, to be changed from outside between two calls.
    #[must_use]
    pub fn memory_mut(&mut self, memory: MemoryAddress) -> &mut Memory {
        &mut self.state.memories[memory.index()]
    }

    /// The memory of an instance, if it has one.
    #[must_use]
    pub fn memory_of(&self, instance: InstanceId) -> Option<MemoryAddress> {
        self.fixed.instances[instance.index()].memory
    }

    fn add_function(&mut self, function: FunctionInstance) -> FunctionAddress {
        self.fixed.functions.push(function);
        FunctionAddress::new(self.fixed.functions.len() - 1)
    }

    fn add_global(&mut self, ty: Type, mutable: bool, value: Slot) -> GlobalAddress {
        self.state.globals.push(Global { value, ty, mutable });
        GlobalAddress::new(self.state.globals.len() - 1)
    }
}
