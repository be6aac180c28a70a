//! Tables, what fills them, exports and the start function.

use super::ty::Ty;
use super::{Checker, Entity};
use crate::arena::List;
use crate::module::{Constant, ElementId, ElementMode, Export, ExportItem, FuncId, Key, Limits, Meta, TableId, Type};
use crate::span::Span;
use crate::text::ast::{self, Name, TableSizes};
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};

impl Checker<'_> {
    /// A table, and if it is written with its functions, the segment that fills it.
    pub(super) fn table_item(&mut self, id: TableId, sizes: &TableSizes) {
        match *sizes {
            TableSizes::Given(sizes) => {
                self.module.tables[id].limits = self.limits(sizes, u64::from(u32::MAX), "entries");
            }
            TableSizes::Filled(items) => {
                let count = self.file.names.get(items).len() as u32;
                self.module.tables[id].limits = Limits { min: count, max: Some(count) };
                let element = self.push_element(Meta::default());
                let mode = ElementMode::At(id, Constant::Value(Type::I32.zero()));
                self.fill_element(element, mode, items);
            }
        }
    }

    pub(super) fn element_item(&mut self, id: ElementId, at: Option<(Name, ast::ExprId)>, items: List<Name>) {
        let mode = match at {
            None => ElementMode::Passive,
            Some((table, place)) => {
                let constant = self.place(place);
                match self.known.get(table.symbol).map(|known| known.entity) {
                    Some(Entity::Table(table)) => ElementMode::At(table, constant),
                    _ => return self.no_table(table),
                }
            }
        };
        self.fill_element(id, mode, items);
    }

    fn fill_element(&mut self, id: ElementId, mode: ElementMode, items: List<Name>) {
        let file = self.file;
        let mut words = alloc::vec::Vec::with_capacity(file.names.get(items).len());
        for &name in file.names.get(items) {
            words.push(self.entry(name).map_or(0, |function| function.0 + 1));
        }
        self.module.elements[id].mode = mode;
        self.module.elements[id].items = self.module.pool.push(&words);
    }

    /// The function that an entry names; none for `null`.
    fn entry(&mut self, name: Name) -> Option<FuncId> {
        match self.known.get(name.symbol).map(|known| known.entity) {
            Some(Entity::Function(function)) => Some(function),
            None if self.names.text(name.symbol) == "null" => None,
            Some(_) => self.no_item(name.span, "the name of a function"),
            None => {
                self.unknown_function(name);
                None
            }
        }
    }

    /// `export "name" = item;`
    pub(super) fn export_item(&mut self, name: Span, item: Name, earlier: &mut BTreeMap<String, Span>) {
        let found = match self.known.get(item.symbol).map(|known| known.entity) {
            Some(Entity::Function(function)) => ExportItem::Function(function),
            Some(Entity::Global(global)) => ExportItem::Global(global),
            Some(Entity::Table(table)) => ExportItem::Table(table),
            None if self.names.text(item.symbol) == "memory" => {
                self.memory_used = true;
                ExportItem::Memory
            }
            _ => return self.not_exported(item),
        };
        let Some(text) = self.text(name) else { return };
        let written = self.module.text(text).to_string();
        if let Some(&first) = earlier.get(&written) {
            return self.exported_twice(name, first);
        }
        earlier.insert(written, name);
        self.module.exports.push(Export { name: text, item: found });
    }

    /// `start function;`
    pub(super) fn start_item(&mut self, name: Name) {
        let Some(Entity::Function(function)) = self.known.get(name.symbol).map(|known| known.entity) else {
            return self.unknown_function(name);
        };
        if self.module.start.is_some() {
            return self.second_start(name.span);
        }
        let signature = self.module.functions[function].signature;
        let takes = self.module.parameters(signature).len();
        if takes > 0 || self.heads[function.index()].result != Ty::Unit {
            return self.wrong_start(name);
        }
        self.module.start = Some(function);
    }
}
