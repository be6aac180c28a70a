//! Making an instance of a program (4.5.4): link, allocate, place, fill tables and memory.
//!
//! The start function is not run here: it needs fuel and may take long, so it is a run like any other.

use super::link::{Linked, function_type};
use super::state::Dropped;
use super::{
    Code, Fixed, FunctionAddress, FunctionInstance, GlobalAddress, Instance, InstanceId, LinkError, MemoryAddress,
    State, Store, TableAddress,
};
use crate::numeric::Slot;
use crate::{Trap, TrapKind};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use velocity_gate::{Placed, Program};
use velocity_nda::Span;
use velocity_nda::identity::Numbering;
use velocity_nda::module::{
    Constant, DataId, ElementId, ElementMode, FuncId, Function, FunctionKind, GlobalKind, Key, Module, Placement,
};

/// Why there is no instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstantiateError {
    /// An import cannot be met.
    Link(LinkError),
    /// An import by hash was not resolved before.
    Unresolved {
        /// What is imported, or its hash if it has no name.
        name: String,
    },
    /// The store has no room for the memory.
    Memory {
        /// How many pages it needs.
        pages: u32,
        /// How many the store has left.
        spare: u32,
    },
    /// The store has no room for a table.
    Table {
        /// How many entries it needs.
        entries: u32,
        /// How many the store has left.
        spare: u32,
    },
    /// Statics take more than there is in 4 GiB, or than an imported memory has.
    Statics,
    /// A segment does not fit, or the start function failed.
    Trap(Trap),
}

impl fmt::Display for InstantiateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(error) => error.fmt(f),
            Self::Unresolved { name } => {
                write!(f, "the import `{name}` was not resolved; bring its definition and resolve it first")
            }
            Self::Memory { pages, spare } => {
                let plural = if *pages == 1 { "" } else { "s" };
                write!(f, "the program needs {pages} page{plural} of memory, and {spare} are left; ask for fewer")
            }
            Self::Table { entries, spare } => {
                write!(f, "the program needs a table of {entries} entries, and {spare} are left; ask for fewer")
            }
            Self::Statics => f.write_str("the statics do not fit into the memory; make them smaller"),
            Self::Trap(trap) => write!(f, "the program failed before it began: {trap}"),
        }
    }
}

impl core::error::Error for InstantiateError {}

impl From<LinkError> for InstantiateError {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl Store {
    /// Makes an instance of a program: links its imports, allocates what it defines and applies its segments. Its start
    /// function ([`Self::start_of`]) has not run yet.
    ///
    /// # Errors
    /// [`InstantiateError`]. What segments wrote before one of them failed stays written, as the specification wants.
    pub fn prepare(&mut self, program: &Program) -> Result<InstanceId, InstantiateError> {
        let module = program.module();
        resolved(module)?;
        let linked = self.link(module)?;
        let placed = program.measure().placed().ok_or(InstantiateError::Statics)?;
        let memory = self.make_memory(module, &linked, placed)?;
        let tables = self.make_tables(module, &linked)?;
        let id = InstanceId::new(self.fixed.instances.len());
        let types = module.signatures.keys().map(|key| self.fixed.types.intern(function_type(module, key))).collect();
        let mut instance = Instance {
            program: program.clone(),
            types,
            functions: Vec::new(),
            globals: Vec::with_capacity(module.globals.len()),
            tables,
            memory,
            placed: Arc::clone(&placed.addresses),
            charges: Arc::clone(program.measure().charges()),
        };
        instance.functions = make_functions(&mut self.fixed, module, id, &instance, &linked);
        self.make_globals(&mut instance, &linked);
        self.state.dropped.push(Dropped {
            data: alloc::vec![false; module.data.len()],
            elements: alloc::vec![false; module.elements.len()],
        });
        self.fixed.instances.push(instance);
        self.apply_elements(id).map_err(InstantiateError::Trap)?;
        let is_new = linked.memory.is_none();
        self.apply_data(id, is_new).map_err(InstantiateError::Trap)?;
        Ok(id)
    }

    fn make_memory(
        &mut self,
        module: &Module,
        linked: &Linked,
        placed: &Placed,
    ) -> Result<Option<MemoryAddress>, InstantiateError> {
        let Some(memory) = &module.memory else { return Ok(None) };
        if let Some(address) = linked.memory {
            let fits = self.memory(address).pages() >= placed.pages;
            return if fits { Ok(Some(address)) } else { Err(InstantiateError::Statics) };
        }
        let pages = memory.limits.min.max(placed.pages);
        if memory.limits.max.is_some_and(|max| pages > max) {
            return Err(InstantiateError::Statics);
        }
        let spare = self.state.spare_pages;
        let made = self.host_memory(pages, memory.limits.max);
        made.map(Some).ok_or(InstantiateError::Memory { pages, spare })
    }

    fn make_tables(&mut self, module: &Module, linked: &Linked) -> Result<Vec<TableAddress>, InstantiateError> {
        let all = module.tables.iter().zip(&linked.tables);
        all.map(|((_, table), linked)| match *linked {
            Some(address) => Ok(address),
            None => {
                let (entries, spare) = (table.limits.min, self.state.spare_entries);
                let made = self.host_table(entries, table.limits.max);
                made.ok_or(InstantiateError::Table { entries, spare })
            }
        })
        .collect()
    }

    fn make_globals(&mut self, instance: &mut Instance, linked: &Linked) {
        for index in 0..instance.module().globals.len() {
            let global = instance.module().globals[Key::new(index)];
            let address = match (linked.globals[index], global.kind) {
                (Some(address), _) => address,
                (None, GlobalKind::Defined(constant)) => {
                    let value = value_of(&self.state, instance, constant);
                    self.add_global(global.ty, global.mutable, value)
                }
                (None, GlobalKind::Host(_) | GlobalKind::Import(_)) => GlobalAddress::new(0),
            };
            instance.globals.push(address);
        }
    }

    /// Element segments, in order; each is dropped once it was applied.
    fn apply_elements(&mut self, id: InstanceId) -> Result<(), Trap> {
        let (instance, state) = (&self.fixed.instances[id.index()], &mut self.state);
        for (element, segment) in instance.module().elements.iter() {
            let ElementMode::At(table, offset) = segment.mode else { continue };
            let len = instance.module().pool.len(segment.items) as u32;
            let to = value_of(state, instance, offset) as u32;
            let target = (instance.table(table), to);
            let done = state.table_init((id, instance), target, (element, 0), len);
            done.map_err(|kind| outside(kind, segment.meta.span))?;
            state.dropped[id.index()].elements[ElementId::index(element)] = true;
        }
        Ok(())
    }

    /// Data, in order; each is dropped once it was applied. A new memory holds zeros: those of a piece are not written again, unless they
    /// may lie where something was written.
    fn apply_data(&mut self, id: InstanceId, is_new: bool) -> Result<(), Trap> {
        let (instance, state) = (&self.fixed.instances[id.index()], &mut self.state);
        let mut written = Written::default();
        for (key, data) in instance.module().data.iter() {
            let to = match data.placement {
                Placement::Anywhere(_) => instance.placed[key.index()],
                Placement::At(offset) => value_of(state, instance, offset) as u32,
                Placement::Passive | Placement::Import(_) => continue,
            };
            let len =
                data.len.checked_add(data.zeros).ok_or_else(|| outside(TrapKind::MemoryBounds, data.meta.span))?;
            let inside = state.check_memory_init((id, instance), (key, 0), to, len);
            inside.map_err(|kind| outside(kind, data.meta.span))?;
            let is_zero = is_new && !written.may_touch(u64::from(to) + u64::from(data.len), data.zeros);
            let done = state.memory_init((id, instance), (key, 0), to, if is_zero { data.len } else { len });
            done.map_err(|kind| outside(kind, data.meta.span))?;
            written.add(to, data.len);
            state.dropped[id.index()].data[DataId::index(key)] = true;
        }
        Ok(())
    }
}

/// Reaches from the first to the last byte of memory that data were written to.
#[derive(Debug, Default)]
struct Written(Option<(u64, u64)>);

impl Written {
    /// So many bytes from an address on are written.
    fn add(&mut self, to: u32, len: u32) {
        let (start, end) = (u64::from(to), u64::from(to) + u64::from(len));
        if len > 0 {
            let (first, last) = self.0.unwrap_or((start, end));
            self.0 = Some((first.min(start), last.max(end)));
        }
    }

    /// Whether some of so many bytes may have been written.
    fn may_touch(&self, start: u64, len: u32) -> bool {
        self.0.is_some_and(|(first, last)| start < last && first < start + u64::from(len))
    }
}

/// A trap outside of every function.
#[cold]
fn outside(kind: TrapKind, span: Span) -> Trap {
    Trap::nowhere(kind, span)
}

/// Nothing is imported by hash.
fn resolved(module: &Module) -> Result<(), InstantiateError> {
    let mut all = Numbering::of(module).iter().filter_map(|item| item.imported(module).map(|hash| (item, hash)));
    match all.next() {
        None => Ok(()),
        Some((item, hash)) => {
            let name = item.name(module).map_or_else(|| alloc::format!("{hash}"), String::from);
            Err(InstantiateError::Unresolved { name })
        }
    }
}

fn make_functions(
    fixed: &mut Fixed,
    module: &Module,
    id: InstanceId,
    instance: &Instance,
    linked: &Linked,
) -> Vec<FunctionAddress> {
    fixed.functions.reserve(module.functions.len());
    let all = module.functions.iter().zip(&linked.functions);
    all.map(|((key, function), linked)| {
        linked.unwrap_or_else(|| {
            fixed.functions.push(make_function(module, id, instance, key, function));
            FunctionAddress::new(fixed.functions.len() - 1)
        })
    })
    .collect()
}

fn make_function(
    module: &Module,
    id: InstanceId,
    instance: &Instance,
    key: FuncId,
    function: &Function,
) -> FunctionInstance {
    let code = match function.kind {
        FunctionKind::Defined(body) => Code::Defined {
            instance: id,
            function: key,
            root: body.root,
            variables: module.pool.len(body.variables) as u32,
            slots: instance.program.measure().slots(key),
        },
        // Refused before: imports are resolved, and host items are linked.
        FunctionKind::Host(_) | FunctionKind::Import(_) => Code::Host(u32::MAX),
    };
    FunctionInstance {
        ty: instance.types[function.signature.index()],
        parameters: module.parameters(function.signature).len() as u32,
        results: module.results(function.signature).len() as u32,
        code,
    }
}

fn value_of(state: &State, instance: &Instance, constant: Constant) -> Slot {
    match constant {
        Constant::Value(value) => value.bits(),
        Constant::Global(id) => state.globals[instance.global(id).index()].value,
        Constant::Address(id) => instance.placed[id.index()].into(),
    }
}
