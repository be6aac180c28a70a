//! Declarations: every item gets its key and its name before anything is read, so order does not matter.

use super::ty::Ty;
use super::{Checker, Entity, Head, Known, Use};
use crate::module::{
    Constant, Data, DataId, DataShape, Element, ElementId, ElementMode, FuncTable, Function, FunctionKind, Global,
    GlobalKind, Limits, List, Meta, Placement, SigId, Signature, TextId,
};
use crate::span::Span;
use crate::sys::{GROUP, shim_named};
use crate::text::ast::{DataType, Declared, Item, ItemKind, Name, SignatureId, Type};
use alloc::string::String;
use core::iter;

impl Checker<'_> {
    /// Declares everything that has a name or a place of its own.
    pub(super) fn declare(&mut self) {
        let file = self.file;
        self.keys.reserve(file.items.len());
        for (index, item) in file.items.iter().enumerate() {
            let key = self.declare_item(index as u32, item);
            self.keys.push(key);
        }
    }

    /// Gives the core key of an item that has one.
    fn declare_item(&mut self, index: u32, item: &Item) -> u32 {
        match &item.kind {
            ItemKind::Use { group, item } => self.declare_use(index, *group, *item),
            ItemKind::Function { name, signature, .. } => self.declare_function(index, item, *name, *signature),
            ItemKind::Import { what, .. } | ItemKind::Extern { what, .. } => self.declare_foreign(index, item, what),
            ItemKind::Global { name, mutable, ty, .. } => self.declare_global(index, item, *name, *mutable, *ty),
            ItemKind::Static { name, ty, .. } => self.declare_static(index, item, *name, *ty),
            ItemKind::Data { name, .. } => {
                let data = self.push_data(item, *name, DataShape::Text);
                self.declare_name(index, *name, Entity::Data(data));
                data.0
            }
            ItemKind::Table { name, .. } => self.declare_table(index, item, *name),
            ItemKind::Element { name, .. } => {
                let meta = self.meta(item, *name);
                let element = self.push_element(meta);
                self.declare_name(index, *name, Entity::Element(element));
                element.0
            }
            ItemKind::Memory(_) | ItemKind::Export { .. } | ItemKind::Start { .. } => 0,
        }
    }

    fn declare_foreign(&mut self, index: u32, item: &Item, what: &Declared) -> u32 {
        match what {
            Declared::Function { name, signature } => self.declare_function(index, item, *name, Some(*signature)),
            Declared::Global { name, mutable, ty } => self.declare_global(index, item, *name, *mutable, *ty),
            Declared::Static { name, ty } => self.declare_static(index, item, *name, *ty),
            Declared::Table { name, .. } => self.declare_table(index, item, *name),
            Declared::Memory { .. } => 0,
        }
    }

    fn declare_use(&mut self, index: u32, group: Name, item: Name) -> u32 {
        let shim = shim_named(self.names.text(item.symbol)).filter(|_| self.names.text(group.symbol) == GROUP);
        let Some(shim) = shim else {
            self.unknown_capability(group, item);
            return 0;
        };
        let functions = iter::repeat_n(None, shim.overloads.len()).collect();
        self.uses.push(Use { shim, item: index, functions });
        self.declare_name(index, Some(item), Entity::Shim(self.uses.len() - 1));
        0
    }

    fn declare_function(&mut self, index: u32, item: &Item, name: Name, signature: Option<SignatureId>) -> u32 {
        let meta = self.meta(item, Some(name));
        let (key, result) = match signature {
            Some(signature) => self.signature(signature),
            None => {
                self.signature.clear();
                self.signature.push(0);
                (self.interned_signature(), Ty::Error)
            }
        };
        self.heads.push(Head { signature, result });
        // Replaced when the function is read.
        let kind = FunctionKind::Defined(crate::module::Body {
            variables: List::EMPTY,
            names: List::EMPTY,
            first: crate::module::ExprId(0),
            root: crate::module::ExprId(0),
        });
        let function = self.module.functions.push(Function { meta, signature: key, kind });
        self.declare_name(index, Some(name), Entity::Function(function));
        function.0
    }

    fn declare_global(&mut self, index: u32, item: &Item, name: Name, mutable: bool, ty: Type) -> u32 {
        let meta = self.meta(item, Some(name));
        let ty = Ty::of(ty);
        self.globals.push(ty);
        let kind = GlobalKind::Defined(Constant::Value(ty.core().zero()));
        let global = self.module.globals.push(Global { meta, ty: ty.core(), mutable, kind });
        self.declare_name(index, Some(name), Entity::Global(global));
        global.0
    }

    fn declare_static(&mut self, index: u32, item: &Item, name: Name, ty: DataType) -> u32 {
        let shape = match (ty.cell, ty.count) {
            (None, _) => DataShape::Text,
            (Some(cell), None) => DataShape::One(cell),
            (Some(cell), Some(count)) => DataShape::Array(cell, self.cell_count(count, cell.bytes(), ty.span)),
        };
        let data = self.push_data(item, Some(name), shape);
        self.declare_name(index, Some(name), Entity::Static(data));
        data.0
    }

    /// How many cells a static has, if it fits into a memory at all.
    fn cell_count(&mut self, count: u64, bytes: u32, span: Span) -> u32 {
        let total = count.checked_mul(u64::from(bytes)).filter(|&total| total <= u64::from(u32::MAX));
        if total.is_none() {
            self.static_too_large(span);
        }
        total.map_or(0, |_| count as u32)
    }

    fn push_data(&mut self, item: &Item, name: Option<Name>, shape: DataShape) -> DataId {
        let meta = self.meta(item, name);
        self.module.data.push(Data { meta, placement: Placement::Passive, start: 0, len: 0, zeros: 0, shape })
    }

    fn declare_table(&mut self, index: u32, item: &Item, name: Name) -> u32 {
        let meta = self.meta(item, Some(name));
        let limits = Limits { min: 0, max: None };
        let table = self.module.tables.push(FuncTable { meta, limits, host: None });
        self.declare_name(index, Some(name), Entity::Table(table));
        table.0
    }

    pub(super) fn push_element(&mut self, meta: Meta) -> ElementId {
        self.module.elements.push(Element { meta, mode: ElementMode::Passive, items: List::EMPTY })
    }

    fn declare_name(&mut self, item: u32, name: Option<Name>, entity: Entity) {
        let Some(name) = name else { return };
        let known = Known { entity, item };
        if let Some(earlier) = self.known.replace(name.symbol, Some(known)) {
            self.known.replace(name.symbol, Some(earlier));
            self.duplicate(name, self.span_of_name(earlier.item));
        }
    }

    /// Where the item called `name` is declared.
    pub(super) fn item_span(&self, name: Name) -> Option<Span> {
        self.known.get(name.symbol).and_then(|known| self.span_of_name(known.item))
    }

    /// Where an item says its name.
    fn span_of_name(&self, item: u32) -> Option<Span> {
        name_of(&self.file.items[item as usize].kind).map(|name| name.span)
    }

    /// Name, documentation and place of an item.
    pub(super) fn meta(&mut self, item: &Item, name: Option<Name>) -> Meta {
        let name = name.map(|name| self.name_text(name.symbol));
        Meta { name, doc: self.doc_text(item.docs), span: item.span }
    }

    /// A name as a text of the module, kept once.
    pub(super) fn name_text(&mut self, symbol: crate::names::Symbol) -> TextId {
        if let Some(text) = self.texts.get(symbol) {
            return text;
        }
        let text = self.module.add_text(self.names.text(symbol));
        self.texts.replace(symbol, Some(text));
        text
    }

    /// The text of a doc comment: its lines without their slashes and the blank behind them.
    pub(super) fn doc_text(&mut self, docs: Span) -> Option<TextId> {
        if docs == Span::default() {
            return None;
        }
        let lines = docs.text(self.source).lines();
        let mut text = String::new();
        for (index, line) in lines.filter_map(|line| line.trim_start().strip_prefix("///")).enumerate() {
            if index > 0 {
                text.push('\n');
            }
            text.push_str(line.strip_prefix(' ').unwrap_or(line).trim_end());
        }
        Some(self.module.add_text(&text))
    }

    /// The core signature of a written one, and the type of a call's value.
    pub(super) fn signature(&mut self, id: SignatureId) -> (SigId, Ty) {
        let file = self.file;
        let signature = file.signatures[id];
        let (parameters, results) = (file.parameters.get(signature.parameters), file.types.get(signature.results));
        self.signature.clear();
        self.signature.extend(parameters.iter().map(|parameter| Ty::of(parameter.ty).core() as u8));
        self.signature.push(0);
        self.signature.extend(results.iter().map(|&ty| Ty::of(ty).core() as u8));
        let key = self.interned_signature();
        let result = match results {
            [] => Ty::Unit,
            &[ty] => Ty::of(ty),
            _ => {
                let from = self.parts.len();
                self.parts.extend(results.iter().map(|&ty| Ty::of(ty)));
                self.tuple_type(from)
            }
        };
        (key, result)
    }

    /// The signature that `self.signature` describes: types of the parameters, a zero, types of the results.
    pub(super) fn interned_signature(&mut self) -> SigId {
        if let Some(&id) = self.signatures.get(self.signature.as_slice()) {
            return id;
        }
        let types = |codes: &[u8]| {
            codes.iter().filter_map(|&code| crate::module::Type::of_code(code)).collect::<alloc::vec::Vec<_>>()
        };
        let mut parts = self.signature.split(|&code| code == 0);
        let (parameters, results) = (types(parts.next().unwrap_or(&[])), types(parts.next().unwrap_or(&[])));
        let parameters = self.module.pool.push(&parameters);
        let results = self.module.pool.push(&results);
        let id = self.module.signatures.push(Signature { parameters, results });
        self.signatures.insert(self.signature.clone(), id);
        id
    }
}

/// The name that an item declares.
pub(super) const fn name_of(kind: &ItemKind) -> Option<Name> {
    match kind {
        ItemKind::Use { item, .. } => Some(*item),
        ItemKind::Function { name, .. }
        | ItemKind::Global { name, .. }
        | ItemKind::Static { name, .. }
        | ItemKind::Table { name, .. } => Some(*name),
        ItemKind::Data { name, .. } | ItemKind::Element { name, .. } => *name,
        ItemKind::Import { what, .. } | ItemKind::Extern { what, .. } => match what {
            Declared::Function { name, .. }
            | Declared::Global { name, .. }
            | Declared::Static { name, .. }
            | Declared::Table { name, .. } => Some(*name),
            Declared::Memory { .. } => None,
        },
        ItemKind::Memory(_) | ItemKind::Export { .. } | ItemKind::Start { .. } => None,
    }
}
