//! Everything outside of bodies: texts, signatures, heads of functions, globals, tables, memory, data, elements, exports.

use super::error::text;
use super::{Checker, Fault, Place, Rule, ValidateError};
use crate::module::{
    Constant, Data, DataId, DataShape, Element, ElementMode, Export, ExportItem, FIRST_PLACED, FuncId, Function,
    FunctionKind, Global, GlobalId, GlobalKind, HostItem, Key, Limits, MAX_PAGES, Memory, Meta, PAGE_BYTES, Placement,
    SigId, Type, Value,
};
use crate::{MAX_LOCALS, MAX_PARAMETERS, MAX_RESULTS};
use alloc::collections::BTreeSet;

type Checked = Result<(), Fault>;

/// `Ok` if a rule is kept.
fn keep(rule: Rule, kept: bool) -> Checked {
    if kept { Ok(()) } else { Err(rule.into()) }
}

impl Checker<'_> {
    /// Texts lie one behind the other and are cut between characters.
    pub(super) fn texts(&self) -> Checked {
        let mut start = 0;
        for &end in self.module.text_ends.as_slice() {
            keep(Rule::TextRange, start <= end && self.module.text.is_char_boundary(end as usize))?;
            start = end;
        }
        Ok(())
    }

    pub(super) fn items(&mut self) -> Result<(), ValidateError> {
        let module = self.module;
        let mut signatures = BTreeSet::new();
        for (id, signature) in module.signatures.iter() {
            let mut check = || {
                keep(Rule::TooManyParameters, self.type_list(signature.parameters)? <= MAX_PARAMETERS)?;
                keep(Rule::TooManyResults, self.type_list(signature.results)? <= MAX_RESULTS)?;
                let words = (module.pool.words(signature.parameters), module.pool.words(signature.results));
                keep(Rule::SignatureTwice, signatures.insert(words))
            };
            check().map_err(|fault| fault.at(Place::Signature(id), module))?;
        }
        for (id, function) in module.functions.iter() {
            self.function(function).map_err(|fault| fault.at(Place::Function(id), module))?;
        }
        for (id, global) in module.globals.iter() {
            self.global(id, global).map_err(|fault| fault.at(Place::Global(id), module))?;
        }
        for (id, table) in module.tables.iter() {
            let check = || {
                self.meta(&table.meta)?;
                self.host(table.host)?;
                limits(table.limits)
            };
            check().map_err(|fault| fault.at(Place::Table(id), module))?;
        }
        if let Some(memory) = &module.memory {
            self.memory(memory).map_err(|fault| fault.at(Place::Memory, module))?;
        }
        self.all_data()?;
        for (id, element) in module.elements.iter() {
            self.element(element).map_err(|fault| fault.at(Place::Element(id), module))?;
        }
        self.exports()?;
        let start = module.start.map_or(Ok(()), |id| self.start(id));
        start.map_err(|fault| fault.at(Place::Start, module))
    }

    fn meta(&self, meta: &Meta) -> Checked {
        meta.name.into_iter().chain(meta.doc).try_for_each(|id| text(self.module, id))
    }

    fn host(&self, host: Option<HostItem>) -> Checked {
        host.map_or(Ok(()), |host| text(self.module, host.module).and(text(self.module, host.item)))
    }

    /// The head of a function; `bodies` does the rest.
    fn function(&mut self, function: &Function) -> Checked {
        self.meta(&function.meta)?;
        let signature = *self.module.signatures.get(function.signature).ok_or(Rule::SignatureKey)?;
        match function.kind {
            FunctionKind::Host(host) => self.host(Some(host)),
            FunctionKind::Import(_) => Ok(()),
            FunctionKind::Defined(body) => {
                let locals = self.module.pool.len(signature.parameters) + self.type_list(body.variables)?;
                keep(Rule::TooManyLocals, locals <= MAX_LOCALS)?;
                let names = self.list(body.names)?;
                keep(Rule::LocalNames, names.is_empty() || names.len() == locals)?;
                names.iter().try_for_each(|&word| text(self.module, crate::module::TextId(word)))
            }
        }
    }

    fn global(&self, id: GlobalId, global: &Global) -> Checked {
        self.meta(&global.meta)?;
        match global.kind {
            GlobalKind::Host(host) => self.host(Some(host)),
            GlobalKind::Import(_) => Ok(()),
            GlobalKind::Defined(constant) => self.constant(constant, global.ty, id),
        }
    }

    /// A constant of type `ty`, which may name the immutable globals before `end`.
    fn constant(&self, constant: Constant, ty: Type, end: GlobalId) -> Checked {
        let found = match constant {
            Constant::Value(value) => value.ty(),
            Constant::Global(id) => {
                let global = self.module.globals.get(id).ok_or(Rule::GlobalKey)?;
                keep(Rule::ConstantGlobal, id < end && !global.mutable)?;
                global.ty
            }
            Constant::Address(id) => {
                self.static_key(id)?;
                Type::I32
            }
        };
        keep(Rule::ConstantType, found == ty)
    }

    /// Data of which there is an address.
    pub(super) fn static_key(&self, id: DataId) -> Checked {
        let data = self.module.data.get(id).ok_or(Rule::DataKey)?;
        keep(Rule::NotAStatic, matches!(data.placement, Placement::Anywhere(_) | Placement::Import(_)))
    }

    fn memory(&self, memory: &Memory) -> Checked {
        self.meta(&memory.meta)?;
        self.host(memory.host)?;
        let max = memory.limits.max.unwrap_or(0);
        keep(Rule::MemoryPages, memory.limits.min <= MAX_PAGES && max <= MAX_PAGES)?;
        limits(memory.limits)
    }

    /// Every piece of data, and whether there is room for all that is placed.
    fn all_data(&self) -> Result<(), ValidateError> {
        let module = self.module;
        let (mut bytes, mut fixed, mut statics) = (module.bytes.len(), FIRST_PLACED.into(), 0_u64);
        for (id, data) in module.data.iter() {
            self.data(data).map_err(|fault| fault.at(Place::Data(id), module))?;
            let shared = Fault::from(Rule::SharedBytes);
            bytes = bytes.checked_sub(data.len as usize).ok_or_else(|| shared.at(Place::Data(id), module))?;
            match data.placement {
                Placement::Anywhere(align) => statics += data.size() + u64::from(align - 1),
                Placement::At(Constant::Value(Value::I32(at))) => {
                    fixed = u64::max(fixed, u64::from(at as u32) + u64::from(data.len));
                }
                _ => {}
            }
        }
        let pages = module.memory.and_then(|memory| memory.limits.max).unwrap_or(MAX_PAGES);
        let room = u64::from(pages) * u64::from(PAGE_BYTES);
        let kept = keep(Rule::TooMuchData, statics == 0 || fixed + statics <= room);
        kept.map_err(|fault| fault.at(Place::Module, module))
    }

    fn data(&self, data: &Data) -> Checked {
        self.meta(&data.meta)?;
        let end = u64::from(data.start) + u64::from(data.len);
        keep(Rule::DataRange, end <= self.module.bytes.len() as u64)?;
        keep(Rule::DataZeros, data.len == 0 || data.zeros == 0)?;
        match data.placement {
            Placement::Anywhere(align) => {
                self.needs_memory()?;
                keep(Rule::Alignment, align == element_bytes(data.shape))?;
                keep(Rule::DataShape, shape_size(data.shape).is_none_or(|wanted| wanted == data.size()))
            }
            Placement::Import(_) => self.needs_memory(),
            Placement::At(offset) => {
                self.needs_memory()?;
                keep(Rule::DataZeros, data.zeros == 0)?;
                self.offset(offset)
            }
            Placement::Passive => keep(Rule::DataZeros, data.zeros == 0),
        }
    }

    pub(super) fn needs_memory(&self) -> Checked {
        keep(Rule::NoMemory, self.module.memory.is_some())
    }

    /// The place of data or of elements: any immutable global is known by then.
    fn offset(&self, offset: Constant) -> Checked {
        self.constant(offset, Type::I32, self.module.globals.next_key())
    }

    fn element(&mut self, element: &Element) -> Checked {
        self.meta(&element.meta)?;
        if let ElementMode::At(table, offset) = element.mode {
            keep(Rule::TableKey, table.index() < self.module.tables.len())?;
            self.offset(offset)?;
        }
        let functions = self.module.functions.len();
        let items = self.list(element.items)?;
        keep(Rule::FunctionKey, items.iter().all(|&item| item as usize <= functions))
    }

    fn exports(&self) -> Result<(), ValidateError> {
        let mut names = BTreeSet::new();
        for (index, export) in self.module.exports.iter().enumerate() {
            let check = self.export(export).and_then(|()| {
                let name = self.module.text(export.name);
                keep(Rule::ExportTwice, names.insert(name))
            });
            check.map_err(|fault| fault.at(Place::Export(index), self.module))?;
        }
        Ok(())
    }

    fn export(&self, export: &Export) -> Checked {
        text(self.module, export.name)?;
        match export.item {
            ExportItem::Function(id) => keep(Rule::FunctionKey, self.module.functions.get(id).is_some()),
            ExportItem::Global(id) => keep(Rule::GlobalKey, self.module.globals.get(id).is_some()),
            ExportItem::Table(id) => keep(Rule::TableKey, self.module.tables.get(id).is_some()),
            ExportItem::Memory => self.needs_memory(),
        }
    }

    fn start(&self, id: FuncId) -> Checked {
        let signature: SigId = self.module.functions.get(id).ok_or(Rule::FunctionKey)?.signature;
        let empty = self.module.parameters(signature).len() == 0 && self.module.results(signature).len() == 0;
        keep(Rule::StartSignature, empty)
    }
}

fn limits(limits: Limits) -> Checked {
    keep(Rule::Limits, limits.max.is_none_or(|max| limits.min <= max))
}

/// How a static of this shape is aligned.
const fn element_bytes(shape: DataShape) -> u32 {
    match shape {
        DataShape::Text => 1,
        DataShape::Array(cell, _) | DataShape::One(cell) => cell.bytes(),
    }
}

/// How long data of this shape is; text may have any length.
fn shape_size(shape: DataShape) -> Option<u64> {
    match shape {
        DataShape::Text => None,
        DataShape::Array(cell, count) => Some(u64::from(cell.bytes()) * u64::from(count)),
        DataShape::One(cell) => Some(cell.bytes().into()),
    }
}
