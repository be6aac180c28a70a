//! From a canonical form back to an item of a module.
//!
//! Two steps, because definitions refer to each other: [`Builder::declare`] makes an item that has a type and nothing
//! else; when everything it refers to has been declared, [`Builder::fill`] gives it its meaning.

use super::body::{self, Scope, Targets};
use super::canonical::{DecodeFault, Decoded, Form, Reader};
use super::code::{constant, kind};
use crate::identity::Definition;
use crate::module::{
    Body, Cell, Constant, Data, DataShape, Element, ElementId, ElementMode, FuncTable, Function, FunctionKind, Global,
    GlobalKind, HostItem, Limits, List, Memory, Meta, Module, Placement, SigId, Signature, TableId, Type, Value,
};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// The shape of a static that nobody has declared: no static has it.
pub(crate) const UNKNOWN: DataShape = DataShape::Array(Cell::U8, u32::MAX);

const NO_LIMITS: Limits = Limits { min: 0, max: None };

/// A module that is being put together.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    pub(crate) module: Module,
    signatures: BTreeMap<(Vec<u8>, Vec<u8>), SigId>,
}

impl Builder {
    /// Goes on with a module.
    pub(crate) fn of(module: Module) -> Self {
        let words = |list: List<Type>| module.pool.words(list).iter().map(|&word| word as u8).collect::<Vec<u8>>();
        let signature = |(id, one): (SigId, &Signature)| ((words(one.parameters), words(one.results)), id);
        let signatures = module.signatures.iter().map(signature).collect();
        Self { module, signatures }
    }

    /// The module's signature of these types.
    pub(crate) fn signature(&mut self, (parameters, results): (&[u8], &[u8])) -> SigId {
        let key = (parameters.to_vec(), results.to_vec());
        if let Some(&id) = self.signatures.get(&key) {
            return id;
        }
        let signature = Signature { parameters: self.types(parameters), results: self.types(results) };
        let id = self.module.signatures.push(signature);
        self.signatures.insert(key, id);
        id
    }

    fn types(&mut self, codes: &[u8]) -> List<Type> {
        let types: Vec<Type> = codes.iter().filter_map(|&code| Type::of_code(code)).collect();
        self.module.pool.push(&types)
    }

    /// Makes an item of this form's kind and type, to be had from `hash` until it is filled.
    pub(crate) fn declare(&mut self, form: &Form<'_>, hash: ContentHash, meta: Meta) -> Option<Definition> {
        let module = &mut self.module;
        Some(match form.kind {
            kind::FUNCTION | kind::HOST_FUNCTION => {
                let signature = self.signature(*form.signatures.first()?);
                let function = Function { meta, signature, kind: FunctionKind::Import(hash) };
                Definition::Function(self.module.functions.push(function))
            }
            kind::GLOBAL | kind::HOST_GLOBAL => {
                let kind = GlobalKind::Import(hash);
                Definition::Global(module.globals.push(Global { meta, ty: form.ty?, mutable: form.mutable, kind }))
            }
            kind::TABLE | kind::HOST_TABLE => {
                Definition::Table(module.tables.push(FuncTable { meta, limits: NO_LIMITS, host: None }))
            }
            kind::MEMORY | kind::HOST_MEMORY => {
                module.memory = Some(Memory { meta, limits: NO_LIMITS, host: None });
                Definition::Memory
            }
            kind::STATIC | kind::PASSIVE_DATA | kind::PLACED_DATA => {
                let (placement, shape) = (Placement::Import(hash), UNKNOWN);
                Definition::Data(module.data.push(Data { meta, placement, start: 0, len: 0, zeros: 0, shape }))
            }
            _ => {
                let mode = ElementMode::Passive;
                Definition::Element(module.elements.push(Element { meta, mode, items: List::EMPTY }))
            }
        })
    }

    /// Reads the body of a declared item. `targets` are what its references lead to.
    pub(crate) fn fill(
        &mut self,
        item: Definition,
        form: &Form<'_>,
        targets: &[Definition],
        body: Reader<'_>,
    ) -> Decoded<()> {
        let mut fill = Fill { builder: self, form, targets: Targets { rest: targets }, reader: body };
        match item {
            Definition::Function(id) => {
                let kind = fill.function()?;
                let names = match self.module.functions[id].kind {
                    FunctionKind::Defined(Body { names, .. }) => names,
                    _ => List::EMPTY,
                };
                self.module.functions[id].kind = match kind {
                    FunctionKind::Defined(body) => FunctionKind::Defined(Body { names, ..body }),
                    other => other,
                };
            }
            Definition::Global(id) => {
                let kind = fill.global()?;
                self.module.globals[id].kind = kind;
            }
            Definition::Table(id) => fill.table(id)?,
            Definition::Memory => fill.memory()?,
            Definition::Data(id) => {
                let meta = fill.builder.module.data[id].meta;
                let shape = fill.builder.module.data[id].shape;
                let data = fill.data(meta, shape)?;
                self.module.data[id] = data;
            }
            Definition::Element(id) => {
                let items = fill.element()?;
                self.module.elements[id].items = items;
            }
        }
        Ok(())
    }
}

struct Fill<'f, 'b> {
    builder: &'f mut Builder,
    form: &'f Form<'b>,
    targets: Targets<'f>,
    reader: Reader<'b>,
}

impl Fill<'_, '_> {
    fn function(&mut self) -> Decoded<FunctionKind> {
        if self.form.kind == kind::HOST_FUNCTION {
            return Ok(FunctionKind::Host(self.host()?));
        }
        let count = self.reader.number()? as usize;
        let variables = self.reader.types(count)?;
        let signatures: Vec<SigId> = self.form.signatures.iter().map(|&one| self.builder.signature(one)).collect();
        let parameters = self.form.signatures.first().map_or(&[][..], |one| one.0);
        let locals = [parameters, variables].concat();
        let scope = Scope { locals: &locals, signatures: &signatures, references: self.targets.rest };
        let (first, root) = body::read(&mut self.builder.module, &scope, &mut self.reader)?;
        self.targets.rest = &[];
        let variables = self.builder.types(variables);
        self.end()?;
        Ok(FunctionKind::Defined(Body { variables, names: List::EMPTY, first, root }))
    }

    fn global(&mut self) -> Decoded<GlobalKind> {
        let kind = match self.form.kind {
            kind::HOST_GLOBAL => GlobalKind::Host(self.host()?),
            _ => GlobalKind::Defined(self.constant()?),
        };
        self.end()?;
        Ok(kind)
    }

    fn table(&mut self, id: TableId) -> Decoded<()> {
        let limits = self.limits()?;
        let host = if self.form.kind == kind::HOST_TABLE { Some(self.pair()?) } else { None };
        let (count, mut used) = (self.reader.number()?, Vec::new());
        for _ in 0..count {
            let offset = self.constant()?;
            used.push((self.targets.element(&self.reader)?, offset));
        }
        self.end()?;
        used.into_iter().for_each(|(element, offset)| self.put(element, id, offset));
        let table = &mut self.builder.module.tables[id];
        (table.limits, table.host) = (limits, host);
        Ok(())
    }

    /// Puts an element segment into a table; one that is already in a table goes there as a second one.
    fn put(&mut self, id: ElementId, table: TableId, offset: Constant) {
        let elements = &mut self.builder.module.elements;
        let mode = ElementMode::At(table, offset);
        match elements[id].mode {
            ElementMode::Passive => elements[id].mode = mode,
            ElementMode::At(..) => {
                let again = Element { mode, ..elements[id] };
                elements.push(again);
            }
        }
    }

    fn memory(&mut self) -> Decoded<()> {
        let limits = self.limits()?;
        let host = if self.form.kind == kind::HOST_MEMORY { Some(self.pair()?) } else { None };
        self.end()?;
        if let Some(memory) = &mut self.builder.module.memory {
            (memory.limits, memory.host) = (limits, host);
        }
        Ok(())
    }

    fn data(&mut self, meta: Meta, wanted: DataShape) -> Decoded<Data> {
        let placement = match self.form.kind {
            kind::STATIC => Placement::Anywhere(self.reader.number()?),
            kind::PASSIVE_DATA => Placement::Passive,
            _ => Placement::At(self.constant()?),
        };
        let total = self.reader.number()?;
        let bytes = self.reader.bytes()?;
        self.end()?;
        let zeros = if bytes.is_empty() { total } else { 0 };
        if bytes.len() as u64 + u64::from(zeros) != u64::from(total) {
            return self.reader.fault(DecodeFault::Number);
        }
        let shape = match placement {
            Placement::Anywhere(align) => shape(align, total, wanted),
            _ => Some(DataShape::Text),
        };
        let Some(shape) = shape else { return self.reader.fault(DecodeFault::Number) };
        let store = &mut self.builder.module.bytes;
        let start = store.len() as u32;
        store.extend_from_slice(bytes);
        Ok(Data { meta, placement, start, len: bytes.len() as u32, zeros, shape })
    }

    fn element(&mut self) -> Decoded<List<u32>> {
        let count = self.reader.number()? as usize;
        if count > self.reader.words_left() {
            return self.reader.fault(DecodeFault::Truncated);
        }
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(match self.reader.word()? {
                0 => 0,
                1 => self.targets.function(&self.reader)?.0 + 1,
                _ => return self.reader.fault(DecodeFault::Number),
            });
        }
        self.end()?;
        Ok(self.builder.module.pool.push(&items))
    }

    fn limits(&mut self) -> Decoded<Limits> {
        let min = self.reader.number()?;
        let max = match self.reader.clone().word()? {
            u64::MAX => {
                self.reader.word()?;
                None
            }
            _ => Some(self.reader.number()?),
        };
        Ok(Limits { min, max })
    }

    fn constant(&mut self) -> Decoded<Constant> {
        let (word, bits) = (self.reader.word()?, self.reader.word()?);
        match (u32::from(word as u8), Type::of_code((word >> 8) as u8), word >> 16) {
            (constant::VALUE, Some(ty), 0) => {
                let value = Value::of_bits(ty, bits);
                if value.bits() == bits { Ok(Constant::Value(value)) } else { self.reader.fault(DecodeFault::Number) }
            }
            (constant::GLOBAL, None, 0) if word >> 8 == 0 && bits == 0 => {
                self.targets.global(&self.reader).map(Constant::Global)
            }
            (constant::ADDRESS, None, 0) if word >> 8 == 0 && bits == 0 => {
                self.targets.data(&self.reader).map(Constant::Address)
            }
            _ => self.reader.fault(DecodeFault::Type),
        }
    }

    /// Everything has been read and used.
    fn end(&self) -> Decoded<()> {
        self.reader.end()?;
        self.targets.end(&self.reader)
    }

    fn host(&mut self) -> Decoded<HostItem> {
        let host = self.pair()?;
        self.end()?;
        Ok(host)
    }

    fn pair(&mut self) -> Decoded<HostItem> {
        let (module, item) = (self.reader.text()?, self.reader.text()?);
        let texts = &mut self.builder.module;
        Ok(HostItem { module: texts.add_text(module), item: texts.add_text(item) })
    }
}

/// How text may write so many bytes with this alignment: as is wanted if that fits, else as plain numbers.
fn shape(align: u32, total: u32, wanted: DataShape) -> Option<DataShape> {
    let fits = match wanted {
        DataShape::Text => align == 1,
        DataShape::Array(cell, count) => cell.bytes() == align && cell.bytes().checked_mul(count) == Some(total),
        DataShape::One(cell) => cell.bytes() == align && total == align,
    };
    let cell = match align {
        1 => Cell::U8,
        2 => Cell::U16,
        4 => Cell::I32,
        8 => Cell::I64,
        _ => return None,
    };
    if fits {
        return Some(wanted);
    }
    total.is_multiple_of(align).then_some(DataShape::Array(cell, total / align))
}
