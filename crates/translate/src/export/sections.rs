//! The sections of a module, in the order of the specification (5.5.2).

use super::spaces::Spaces;
use super::statics::Statics;
use super::types::{Types, value_type};
use super::{ENTRY, ExportError, MEMORY, Room, names};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use velocity_nda::module::{
    Constant, Data, DataId, Element, ElementMode, ExportItem, FuncId, FuncTable, FunctionKind, Global, GlobalId,
    GlobalKind, HostItem, Limits, Module, Placement, TableId,
};
use velocity_nda::sys;
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, FunctionSection, GlobalSection, GlobalType, HeapType, ImportSection, MemorySection, MemoryType,
    Module as Binary, RefType, Section, StartSection, TableSection, TableType,
};

/// More than the numbers of any one entry of a section take.
const ENTRY_BYTES: usize = 32;

/// A module that is being written.
pub(super) struct Writer<'e> {
    pub(super) module: &'e Module,
    pub(super) spaces: &'e Spaces,
    pub(super) statics: &'e Statics,
    pub(super) room: Room,
}

impl Writer<'_> {
    /// All sections; those without entries are left out.
    pub(super) fn write(
        mut self,
        types: &Types<'_>,
        code: &CodeSection,
        uses_data: bool,
    ) -> Result<Vec<u8>, ExportError> {
        let mut out = Binary::new();
        put(&mut out, self.module.signatures.is_empty() && types.is_plain(), &types.section());
        let imports = self.imports()?;
        put(&mut out, imports.is_empty(), &imports);
        let functions = self.functions()?;
        put(&mut out, functions.is_empty(), &functions);
        let tables = self.tables()?;
        put(&mut out, tables.is_empty(), &tables);
        let memory = self.memory();
        put(&mut out, memory.is_empty(), &memory);
        let globals = self.globals()?;
        put(&mut out, globals.is_empty(), &globals);
        let exports = self.exports()?;
        put(&mut out, exports.is_empty(), &exports);
        if let Some(start) = self.module.start {
            out.section(&StartSection { function_index: self.spaces.functions.index(start.0) });
        }
        let elements = self.elements()?;
        put(&mut out, elements.is_empty(), &elements);
        put(&mut out, !uses_data, &DataCountSection { count: self.module.data.len() as u32 });
        put(&mut out, code.is_empty(), code);
        let data = self.data()?;
        put(&mut out, data.is_empty(), &data);
        let names = names::section(self.module, self.spaces, &mut self.room)?;
        names.iter().for_each(|names| _ = out.section(names));
        Ok(out.finish())
    }

    fn imports(&mut self) -> Result<ImportSection, ExportError> {
        let (module, spaces) = (self.module, self.spaces);
        let mut section = ImportSection::new();
        for &key in spaces.functions.imported() {
            let function = module.functions[FuncId(key)];
            if let FunctionKind::Host(host) = function.kind {
                self.import(&mut section, host, EntityType::Function(function.signature.0))?;
            }
        }
        for &key in spaces.globals.imported() {
            let global = &module.globals[GlobalId(key)];
            if let GlobalKind::Host(host) = global.kind {
                self.import(&mut section, host, global_type(global).into())?;
            }
        }
        for &key in spaces.tables.imported() {
            let table = &module.tables[TableId(key)];
            if let Some(host) = table.host {
                self.import(&mut section, host, table_type(table).into())?;
            }
        }
        if let Some((memory, host)) = module.memory.as_ref().and_then(|memory| memory.host.map(|host| (memory, host))) {
            self.import(&mut section, host, memory_type(self.statics.limits(memory)).into())?;
        }
        Ok(section)
    }

    fn import(&mut self, section: &mut ImportSection, host: HostItem, ty: EntityType) -> Result<(), ExportError> {
        let (module, item) = (self.module.text(host.module), self.module.text(host.item));
        self.room.take(ENTRY_BYTES + module.len() + item.len())?;
        section.import(module, item, ty);
        Ok(())
    }

    fn functions(&mut self) -> Result<FunctionSection, ExportError> {
        let mut section = FunctionSection::new();
        for &key in self.spaces.functions.defined() {
            self.room.take(ENTRY_BYTES)?;
            section.function(self.module.functions[FuncId(key)].signature.0);
        }
        Ok(section)
    }

    fn tables(&mut self) -> Result<TableSection, ExportError> {
        let mut section = TableSection::new();
        for &key in self.spaces.tables.defined() {
            self.room.take(ENTRY_BYTES)?;
            section.table(table_type(&self.module.tables[TableId(key)]));
        }
        Ok(section)
    }

    fn memory(&self) -> MemorySection {
        let mut section = MemorySection::new();
        if let Some(memory) = self.module.memory.filter(|memory| memory.host.is_none()) {
            section.memory(memory_type(self.statics.limits(&memory)));
        }
        section
    }

    fn globals(&mut self) -> Result<GlobalSection, ExportError> {
        let mut section = GlobalSection::new();
        for &key in self.spaces.globals.defined() {
            let global = &self.module.globals[GlobalId(key)];
            if let GlobalKind::Defined(first) = global.kind {
                self.room.take(ENTRY_BYTES)?;
                section.global(global_type(global), &self.constant(first));
            }
        }
        Ok(section)
    }

    fn constant(&self, constant: Constant) -> ConstExpr {
        self.spaces.constant(constant, self.statics)
    }

    /// What the module exports, and what else others need to run it.
    fn exports(&mut self) -> Result<ExportSection, ExportError> {
        let module = self.module;
        let mut section = ExportSection::new();
        let mut entry = module.function_named(ENTRY).map(ExportItem::Function);
        let mut memory = self.shows_memory().then_some(ExportItem::Memory);
        for export in &module.exports {
            let name = module.text(export.name);
            self.export(&mut section, name, export.item)?;
            entry = entry.filter(|_| name != ENTRY);
            memory = memory.filter(|_| name != MEMORY);
        }
        for (name, item) in [(ENTRY, entry), (MEMORY, memory)] {
            item.map_or(Ok(()), |item| self.export(&mut section, name, item))?;
        }
        Ok(section)
    }

    fn export(&mut self, section: &mut ExportSection, name: &str, item: ExportItem) -> Result<(), ExportError> {
        let spaces = self.spaces;
        let (kind, index) = match item {
            ExportItem::Function(id) => (ExportKind::Func, spaces.functions.index(id.0)),
            ExportItem::Global(id) => (ExportKind::Global, spaces.globals.index(id.0)),
            ExportItem::Table(id) => (ExportKind::Table, spaces.tables.index(id.0)),
            ExportItem::Memory => (ExportKind::Memory, 0),
        };
        self.room.take(ENTRY_BYTES + name.len())?;
        section.export(name, kind, index);
        Ok(())
    }

    /// Whether host functions of the language are imported, to which the caller's memory is open.
    fn shows_memory(&self) -> bool {
        let is_sys = |host: HostItem| self.module.text(host.module) == sys::GROUP;
        let mut functions = self.module.functions.as_slice().iter();
        self.module.memory.is_some() && functions.any(|f| matches!(f.kind, FunctionKind::Host(host) if is_sys(host)))
    }

    fn elements(&mut self) -> Result<ElementSection, ExportError> {
        let module = self.module;
        let mut section = ElementSection::new();
        for (_, element) in module.elements.iter() {
            self.room.take(ENTRY_BYTES + 8 * module.pool.len(element.items))?;
            let entries = self.entries(element);
            match element.mode {
                ElementMode::Passive => section.passive(entries),
                ElementMode::At(table, offset) => {
                    let table = Some(self.spaces.tables.index(table.0)).filter(|&table| table > 0);
                    section.active(table, &self.constant(offset), entries)
                }
            };
        }
        Ok(section)
    }

    /// The functions of a segment; only expressions can say that an entry is empty.
    fn entries(&self, element: &Element) -> Elements<'static> {
        let items = self.module.pool.words(element.items);
        let function = |item: u32| self.spaces.functions.index(item - 1);
        if !items.contains(&0) {
            return Elements::Functions(items.iter().map(|&item| function(item)).collect());
        }
        let expression = |&item: &u32| match item {
            0 => ConstExpr::ref_null(HeapType::FUNC),
            item => ConstExpr::ref_func(function(item)),
        };
        Elements::Expressions(RefType::FUNCREF, Cow::Owned(items.iter().map(expression).collect()))
    }

    /// All data, each piece under its own number. The zeros of a static are written where memory may not be zero.
    fn data(&mut self) -> Result<DataSection, ExportError> {
        let module = self.module;
        let mut section = DataSection::new();
        let mut clean = module.memory.is_none_or(|memory| memory.host.is_none());
        for (id, data) in module.data.iter() {
            let zeros = if clean { 0 } else { data.zeros as usize };
            self.room.take(ENTRY_BYTES + data.len as usize)?;
            self.room.take(zeros)?;
            let bytes = [module.bytes_of(data), &alloc::vec![0; zeros]].concat();
            match self.offset(id, data) {
                Some(offset) => section.active(0, &offset, bytes),
                None => section.passive(bytes),
            };
            // Statics lie behind what is placed at a number, but not behind what is placed elsewhere.
            clean &= !matches!(data.placement, Placement::At(Constant::Global(_) | Constant::Address(_)));
        }
        Ok(section)
    }

    /// Where data goes when the module is instantiated.
    fn offset(&self, id: DataId, data: &Data) -> Option<ConstExpr> {
        match data.placement {
            Placement::Anywhere(_) => Some(ConstExpr::i32_const(self.statics.address(id) as i32)),
            Placement::At(offset) => Some(self.constant(offset)),
            Placement::Passive | Placement::Import(_) => None,
        }
    }
}

/// Appends a section that has entries.
fn put(out: &mut Binary, is_empty: bool, section: &impl Section) {
    if !is_empty {
        out.section(section);
    }
}

const fn global_type(global: &Global) -> GlobalType {
    GlobalType { val_type: value_type(global.ty), mutable: global.mutable, shared: false }
}

fn table_type(table: &FuncTable) -> TableType {
    let Limits { min, max } = table.limits;
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: min.into(),
        maximum: max.map(u64::from),
        shared: false,
    }
}

fn memory_type(limits: Limits) -> MemoryType {
    MemoryType {
        minimum: limits.min.into(),
        maximum: limits.max.map(u64::from),
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}
