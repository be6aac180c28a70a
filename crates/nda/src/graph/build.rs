//! From a module to facts: one pass over the nodes of each definition.

use super::Graph;
use super::fact::{Def, Fact, Predicate};
use super::facts::Facts;
use super::numbering::{Item, Numbering};
use super::texts::Texts;
use super::types::type_of;
use crate::module::{
    Constant, Data, ElementId, ElementMode, ExportItem, Expr, ExprId, FuncId, Function, FunctionKind, Global,
    GlobalKind, HostItem, Module, Placement,
};
use alloc::vec::Vec;
use velocity_base::ContentHash;

impl Graph {
    /// The graph of a module whose definitions have these hashes. Definitions are numbered as in [`Numbering`].
    pub fn of(module: &Module, hash: impl Fn(Item) -> ContentHash) -> Self {
        let numbering = Numbering::of(module);
        let (mut graph, mut all) = (Self::default(), Vec::new());
        for (number, item) in numbering.items().enumerate() {
            let def = Def(number as u32);
            graph.set_hash(def, hash(item));
            gather(module, item, &mut graph.texts, &mut |predicate, object| {
                let object = object.number(|item| numbering.def(item));
                all.push(Fact::new(def, predicate, object));
            });
        }
        for (item, name) in exports(module) {
            all.push(Fact::new(numbering.def(item), Predicate::Exports, graph.texts.number(name)));
        }
        graph.facts = Facts::new(all);
        graph
    }
}

/// What a module exports, with the names.
pub(super) fn exports(module: &Module) -> impl Iterator<Item = (Item, &str)> {
    module.exports.iter().map(|export| {
        let item = match export.item {
            ExportItem::Function(id) => Item::Function(id),
            ExportItem::Global(id) => Item::Global(id),
            ExportItem::Table(id) => Item::Table(id),
            ExportItem::Memory => Item::Memory,
        };
        (item, module.text(export.name))
    })
}

/// The capability behind a host item; `None` for what another module provides.
fn capability_of(module: &str, item: &str) -> Option<&'static str> {
    let group = item.split_once('_').map_or(item, |(group, _)| group);
    match (module, group) {
        ("sys", "print" | "write") if item != "write_mem" && !item.starts_with("write_mem_") => Some("console"),
        ("sys", "in" | "out") => Some("ports"),
        ("sys", "read" | "write") => Some("physical-memory"),
        _ => None,
    }
}

/// The object of a fact before definitions have numbers.
#[derive(Clone, Copy)]
pub(super) enum Object {
    Item(Item),
    Number(u32),
}

impl Object {
    pub(super) fn number(self, of: impl FnOnce(Item) -> Def) -> u32 {
        match self {
            Self::Item(item) => of(item).0,
            Self::Number(number) => number,
        }
    }
}

/// Hands every fact about one definition to `say`, some of them more than once.
pub(super) fn gather(module: &Module, item: Item, texts: &mut Texts, say: &mut dyn FnMut(Predicate, Object)) {
    let mut facts = Gather { module, texts, say };
    facts.number(Predicate::Defines, item.kind() as u32);
    if let Some(name) = item.name(module) {
        facts.text(Predicate::Named, name);
    }
    facts.text(Predicate::HasType, &type_of(module, item));
    match item {
        Item::Function(id) => facts.function(&module.functions[id]),
        Item::Global(id) => facts.global(&module.globals[id]),
        Item::Table(id) => facts.host(module.tables[id].host),
        Item::Memory => facts.host(module.memory.and_then(|memory| memory.host)),
        Item::Data(id) => facts.data(&module.data[id]),
        Item::Element(id) => facts.element(id),
    }
}

struct Gather<'a> {
    module: &'a Module,
    texts: &'a mut Texts,
    say: &'a mut dyn FnMut(Predicate, Object),
}

impl Gather<'_> {
    fn number(&mut self, predicate: Predicate, number: u32) {
        (self.say)(predicate, Object::Number(number));
    }

    fn text(&mut self, predicate: Predicate, text: &str) {
        let number = self.texts.number(text);
        self.number(predicate, number);
    }

    fn item(&mut self, predicate: Predicate, item: Item) {
        (self.say)(predicate, Object::Item(item));
    }

    fn host(&mut self, host: Option<HostItem>) {
        let Some(host) = host else { return };
        let (module, item) = (self.module.text(host.module), self.module.text(host.item));
        self.text(Predicate::Imports, &alloc::format!("{module}::{item}"));
    }

    fn import(&mut self, hash: ContentHash) {
        self.text(Predicate::Imports, &alloc::format!("{hash}"));
    }

    fn capability(&mut self, id: FuncId) {
        let module = self.module;
        let Some(FunctionKind::Host(host)) = module.functions.get(id).map(|function| function.kind) else { return };
        if let Some(capability) = capability_of(module.text(host.module), module.text(host.item)) {
            self.text(Predicate::UsesCap, capability);
        }
    }

    fn function(&mut self, function: &Function) {
        match function.kind {
            FunctionKind::Host(host) => self.host(Some(host)),
            FunctionKind::Import(hash) => self.import(hash),
            FunctionKind::Defined(body) => {
                self.number(Predicate::Cost, (body.root.0 + 1).saturating_sub(body.first.0));
                for node in body.first.0..=body.root.0 {
                    if let Some(&expr) = self.module.exprs.get(ExprId(node)) {
                        self.expr(expr);
                    }
                }
            }
        }
    }

    fn expr(&mut self, expr: Expr) {
        use Predicate::{Calls, Uses};
        match expr {
            Expr::Call(id, _) => {
                self.item(Calls, Item::Function(id));
                self.capability(id);
            }
            Expr::GlobalGet(id) | Expr::GlobalSet(id, _) => self.item(Uses, Item::Global(id)),
            Expr::Address(id) | Expr::DataDrop(id) => self.item(Uses, Item::Data(id)),
            Expr::CallIndirect(_, id, _) => self.item(Uses, Item::Table(id)),
            Expr::ElementDrop(id) => self.item(Uses, Item::Element(id)),
            Expr::TableInit(table, element, _) => {
                self.item(Uses, Item::Table(table));
                self.item(Uses, Item::Element(element));
            }
            Expr::TableCopy(to, from, _) => {
                self.item(Uses, Item::Table(to));
                self.item(Uses, Item::Table(from));
            }
            Expr::MemoryInit(id, _) => {
                self.item(Uses, Item::Data(id));
                self.memory(Uses);
            }
            Expr::Load(..)
            | Expr::Store(..)
            | Expr::MemorySize
            | Expr::MemoryGrow(_)
            | Expr::MemoryCopy(..)
            | Expr::MemoryFill(..) => self.memory(Uses),
            _ => {}
        }
    }

    fn memory(&mut self, predicate: Predicate) {
        if self.module.memory.is_some() {
            self.item(predicate, Item::Memory);
        }
    }

    fn constant(&mut self, constant: Constant) {
        match constant {
            Constant::Value(_) => {}
            Constant::Global(id) => self.item(Predicate::Uses, Item::Global(id)),
            Constant::Address(id) => self.item(Predicate::Uses, Item::Data(id)),
        }
    }

    fn global(&mut self, global: &Global) {
        match global.kind {
            GlobalKind::Defined(constant) => self.constant(constant),
            GlobalKind::Host(host) => self.host(Some(host)),
            GlobalKind::Import(hash) => self.import(hash),
        }
    }

    fn data(&mut self, data: &Data) {
        self.number(Predicate::Cost, data.len.saturating_add(data.zeros));
        match data.placement {
            Placement::Anywhere(_) | Placement::Passive => {}
            Placement::Import(hash) => self.import(hash),
            Placement::At(constant) => {
                self.constant(constant);
                self.memory(Predicate::Fills);
            }
        }
    }

    fn element(&mut self, id: ElementId) {
        let element = &self.module.elements[id];
        self.number(Predicate::Cost, self.module.pool.len(element.items) as u32);
        for function in self.module.pool.get(element.items).filter_map(|item| item.checked_sub(1)) {
            self.item(Predicate::Uses, Item::Function(FuncId(function)));
        }
        if let ElementMode::At(table, constant) = element.mode {
            self.constant(constant);
            self.item(Predicate::Fills, Item::Table(table));
        }
    }
}
