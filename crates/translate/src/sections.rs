//! The sections of a module: types, imports, functions, tables, memory, globals, exports, start, elements, code, data.
//!
//! Each payload goes through the validator before anything is made of it, so that what is read here is valid in the
//! covered part of WebAssembly; the rest that is refused here is what validation must accept for that part's sake
//! (references as values). Indices stay what they are: function 7 of the bytes is function 7 of the module.

use crate::body::{Context, read_body, value_type};
use crate::{TranslateError, WORDS, WORDS_PER_BYTE, names};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_nda::module::{
    Body, Constant, Data, DataShape, Element, ElementMode, Export, ExportItem, ExprId, FuncId, FuncTable, Function,
    FunctionKind, Global, GlobalId, GlobalKind, HostItem, Limits, List, Memory, Meta, Module, Placement, SigId,
    TableId, Type, Value,
};
use velocity_nda::{MAX_MODULE_NODES, MAX_PARAMETERS, MAX_RESULTS};
use wasmparser::{
    ConstExpr, DataKind, DataSectionReader, ElementItems, ElementKind, ElementSectionReader, ExportSectionReader,
    ExternalKind, FuncToValidate, FuncValidatorAllocations, FunctionBody, FunctionSectionReader, GlobalSectionReader,
    GlobalType, ImportSectionReader, MemoryType, Operator, Parser, Payload, RefType, TableInit, TableSectionReader,
    TableType, TypeRef, TypeSectionReader, ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

/// What is covered. Reference types are among it for tables and element segments.
const FEATURES: WasmFeatures = WasmFeatures::FLOATS
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES);

/// Reads all sections.
pub(crate) fn read(bytes: &[u8]) -> Result<Module, TranslateError> {
    let mut parser = Parser::new(0);
    parser.set_features(FEATURES);
    let mut validator = Validator::new_with_features(FEATURES);
    let mut reader = Reader::new(bytes);
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        match validator.payload(&payload)? {
            ValidPayload::Func(function, body) => reader.code(function, &body)?,
            _ => reader.payload(payload)?,
        }
    }
    names::from_exports(&mut reader.module);
    Ok(reader.module)
}

/// A module that is being read.
struct Reader<'a> {
    bytes: &'a [u8],
    module: Module,
    /// The signature of each type.
    signatures: Vec<SigId>,
    /// Signatures by parameters and results.
    known: BTreeMap<(Vec<Type>, Vec<Type>), SigId>,
    /// How many more nodes, list items and variables the module may become.
    budget: usize,
    allocations: FuncValidatorAllocations,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            module: Module::default(),
            signatures: Vec::new(),
            known: BTreeMap::new(),
            budget: (WORDS + bytes.len() * WORDS_PER_BYTE).min(4 * MAX_MODULE_NODES),
            allocations: FuncValidatorAllocations::default(),
        }
    }

    fn payload(&mut self, payload: Payload<'_>) -> Result<(), TranslateError> {
        match payload {
            Payload::TypeSection(section) => self.types(section),
            Payload::ImportSection(section) => self.imports(section),
            Payload::FunctionSection(section) => self.functions(section),
            Payload::TableSection(section) => self.tables(section),
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memory(&memory?, None);
                }
                Ok(())
            }
            Payload::GlobalSection(section) => self.globals(section),
            Payload::ExportSection(section) => self.exports(section),
            Payload::StartSection { func, .. } => {
                self.module.start = Some(FuncId(func));
                Ok(())
            }
            Payload::ElementSection(section) => self.elements(section),
            Payload::DataSection(section) => self.data(section),
            Payload::CustomSection(section) => {
                names::read(&mut self.module, &section, &mut self.budget);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn types(&mut self, section: TypeSectionReader<'_>) -> Result<(), TranslateError> {
        for ty in section.into_iter_err_on_gc_types() {
            let ty = ty?;
            let types = |types: &[wasmparser::ValType]| {
                types.iter().map(|&ty| value_type(ty, 0)).collect::<Result<Vec<_>, _>>()
            };
            let (parameters, results) = (types(ty.params())?, types(ty.results())?);
            at_most("parameters of a function", MAX_PARAMETERS, parameters.len())?;
            at_most("results of a function", MAX_RESULTS, results.len())?;
            let signature = self.signature_of(parameters, results);
            self.signatures.push(signature);
        }
        Ok(())
    }

    /// The one signature of these types.
    fn signature_of(&mut self, parameters: Vec<Type>, results: Vec<Type>) -> SigId {
        let module = &mut self.module;
        *self.known.entry((parameters, results)).or_insert_with_key(|(parameters, results)| {
            let parameters = module.pool.push(parameters);
            let results = module.pool.push(results);
            module.signatures.push(velocity_nda::module::Signature { parameters, results })
        })
    }

    fn signature(&self, index: u32) -> Result<SigId, TranslateError> {
        self.signatures.get(index as usize).copied().ok_or_else(|| TranslateError::inconsistent(0))
    }

    fn imports(&mut self, section: ImportSectionReader<'_>) -> Result<(), TranslateError> {
        for import in section.into_imports_with_offsets() {
            let (offset, import) = import?;
            let module = self.module.add_text(import.module);
            let host = HostItem { module, item: self.module.add_text(import.name) };
            match import.ty {
                TypeRef::Func(index) => {
                    let signature = self.signature(index)?;
                    let kind = FunctionKind::Host(host);
                    self.module.functions.push(Function { meta: Meta::default(), signature, kind });
                }
                TypeRef::Table(table) => self.table(&table, Some(host), offset)?,
                TypeRef::Memory(memory) => self.memory(&memory, Some(host)),
                TypeRef::Global(global) => self.global(global, GlobalKind::Host(host), offset)?,
                TypeRef::Tag(_) | TypeRef::FuncExact(_) => {
                    return Err(TranslateError::unsupported("exceptions", offset));
                }
            }
        }
        Ok(())
    }

    fn functions(&mut self, section: FunctionSectionReader<'_>) -> Result<(), TranslateError> {
        for index in section {
            let signature = self.signature(index?)?;
            // Replaced when the code comes; validation makes sure that it does.
            let body = Body { variables: List::EMPTY, names: List::EMPTY, first: ExprId(0), root: ExprId(0) };
            let kind = FunctionKind::Defined(body);
            self.module.functions.push(Function { meta: Meta::default(), signature, kind });
        }
        Ok(())
    }

    fn code(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        code: &FunctionBody<'_>,
    ) -> Result<(), TranslateError> {
        let id = FuncId(function.index);
        let signature = self.module.functions.get(id).map(|function| function.signature);
        let signature = signature.ok_or_else(|| TranslateError::inconsistent(code.range().start))?;
        let mut validator = function.into_validator(core::mem::take(&mut self.allocations));
        let context = Context {
            module: &mut self.module,
            signatures: &self.signatures,
            bytes: self.bytes,
            budget: &mut self.budget,
        };
        let body = read_body(context, signature, &mut validator, code)?;
        at_most("nodes", MAX_MODULE_NODES, self.module.exprs.len())?;
        self.allocations = validator.into_allocations();
        self.module.functions[id].kind = FunctionKind::Defined(body);
        Ok(())
    }

    fn tables(&mut self, section: TableSectionReader<'_>) -> Result<(), TranslateError> {
        for table in section.into_iter_with_offsets() {
            let (offset, table) = table?;
            if matches!(table.init, TableInit::Expr(_)) {
                return Err(TranslateError::unsupported("typed function references", offset));
            }
            self.table(&table.ty, None, offset)?;
        }
        Ok(())
    }

    fn table(&mut self, table: &TableType, host: Option<HostItem>, offset: u64) -> Result<(), TranslateError> {
        if table.element_type != RefType::FUNCREF {
            return Err(TranslateError::unsupported("reference types", offset));
        }
        let limits = limits(table.initial, table.maximum);
        self.module.tables.push(FuncTable { meta: Meta::default(), limits, host });
        Ok(())
    }

    fn memory(&mut self, memory: &MemoryType, host: Option<HostItem>) {
        let limits = limits(memory.initial, memory.maximum);
        self.module.memory = Some(Memory { meta: Meta::default(), limits, host });
    }

    fn globals(&mut self, section: GlobalSectionReader<'_>) -> Result<(), TranslateError> {
        for global in section.into_iter_with_offsets() {
            let (offset, global) = global?;
            let first = constant(&global.init_expr, offset)?;
            self.global(global.ty, GlobalKind::Defined(first), offset)?;
        }
        Ok(())
    }

    fn global(&mut self, global: GlobalType, kind: GlobalKind, offset: u64) -> Result<(), TranslateError> {
        let ty = value_type(global.content_type, offset)?;
        self.module.globals.push(Global { meta: Meta::default(), ty, mutable: global.mutable, kind });
        Ok(())
    }

    fn exports(&mut self, section: ExportSectionReader<'_>) -> Result<(), TranslateError> {
        for export in section.into_iter_with_offsets() {
            let (offset, export) = export?;
            let name = self.module.add_text(export.name);
            let item = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => ExportItem::Function(FuncId(export.index)),
                ExternalKind::Table => ExportItem::Table(TableId(export.index)),
                ExternalKind::Memory => ExportItem::Memory,
                ExternalKind::Global => ExportItem::Global(GlobalId(export.index)),
                ExternalKind::Tag => return Err(TranslateError::unsupported("exceptions", offset)),
            };
            self.module.exports.push(Export { name, item });
        }
        Ok(())
    }

    fn elements(&mut self, section: ElementSectionReader<'_>) -> Result<(), TranslateError> {
        for element in section.into_iter_with_offsets() {
            let (offset, element) = element?;
            let mut items = entries(&element.items, offset)?;
            let mode = match element.kind {
                ElementKind::Passive => ElementMode::Passive,
                // It is as if it were dropped when the module is instantiated: nothing is in it.
                ElementKind::Declared => {
                    items.clear();
                    ElementMode::Passive
                }
                ElementKind::Active { table_index, offset_expr } => {
                    ElementMode::At(TableId(table_index.unwrap_or(0)), constant(&offset_expr, offset)?)
                }
            };
            let items = self.module.pool.push(&items);
            self.module.elements.push(Element { meta: Meta::default(), mode, items });
        }
        Ok(())
    }

    fn data(&mut self, section: DataSectionReader<'_>) -> Result<(), TranslateError> {
        for data in section.into_iter_with_offsets() {
            let (offset, data) = data?;
            let placement = match data.kind {
                DataKind::Passive => Placement::Passive,
                DataKind::Active { offset_expr, .. } => Placement::At(constant(&offset_expr, offset)?),
            };
            let start = self.module.bytes.len() as u32;
            self.module.bytes.extend_from_slice(data.data);
            let (len, shape) = (data.data.len() as u32, DataShape::Text);
            self.module.data.push(Data { meta: Meta::default(), placement, start, len, zeros: 0, shape });
        }
        Ok(())
    }
}

fn at_most(what: &'static str, limit: usize, count: usize) -> Result<(), TranslateError> {
    if count > limit { Err(TranslateError::too_large(what, limit, 0)) } else { Ok(()) }
}

/// Limits as the core has them; validation has refused what needs more than 32 bits.
fn limits(initial: u64, maximum: Option<u64>) -> Limits {
    let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Limits { min: narrow(initial), max: maximum.map(narrow) }
}

/// The functions of a segment: key plus one, or 0 for an empty entry.
fn entries(items: &ElementItems<'_>, offset: u64) -> Result<Vec<u32>, TranslateError> {
    match items {
        ElementItems::Functions(functions) => functions.clone().into_iter().map(|index| Ok(index? + 1)).collect(),
        ElementItems::Expressions(ty, _) if *ty != RefType::FUNCREF => {
            Err(TranslateError::unsupported("reference types", offset))
        }
        ElementItems::Expressions(_, expressions) => {
            expressions.clone().into_iter().map(|expression| entry(&expression?, offset)).collect()
        }
    }
}

fn entry(expression: &ConstExpr<'_>, offset: u64) -> Result<u32, TranslateError> {
    match expression.get_operators_reader().read()? {
        Operator::RefFunc { function_index } => Ok(function_index + 1),
        Operator::RefNull { .. } => Ok(0),
        _ => Err(TranslateError::unsupported("reference types", offset)),
    }
}

/// The value of a constant expression, which is one operator.
fn constant(expression: &ConstExpr<'_>, offset: u64) -> Result<Constant, TranslateError> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(Constant::Value(Value::I32(value))),
        Operator::I64Const { value } => Ok(Constant::Value(Value::I64(value))),
        Operator::F32Const { value } => Ok(Constant::Value(Value::F32(value.bits()))),
        Operator::F64Const { value } => Ok(Constant::Value(Value::F64(value.bits()))),
        Operator::GlobalGet { global_index } => Ok(Constant::Global(GlobalId(global_index))),
        _ => Err(TranslateError::unsupported("reference types", offset)),
    }
}
