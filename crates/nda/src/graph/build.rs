//! From a module to facts: one pass over the nodes of each definition.

use super::Graph;
use super::fact::{Def, Fact, Predicate};
use super::facts::Facts;
use super::texts::Texts;
use super::types::type_of;
use crate::identity::{Definition, Identities, exported};
use crate::module::{
    Constant, Data, ElementId, ElementMode, Expr, ExprId, FuncId, Function, FunctionKind, Global, GlobalKind, HostItem,
    Module, Placement,
};
use crate::sys;
use alloc::vec::Vec;
use velocity_base::ContentHash;

impl Graph {
    /// The graph of a module. Definitions are numbered as in its [`Numbering`](crate::identity::Numbering).
    #[must_use]
    pub fn of(module: &Module, identities: &Identities) -> Self {
        let numbering = identities.numbering();
        let (mut graph, mut all) = (Self::default(), Vec::new());
        for ((item, hash), number) in identities.iter().zip(0..) {
            let def = Def(number);
            graph.set_hash(def, hash);
            gather(module, item, &mut graph.texts, &mut |predicate, object| {
                let object = object.number(|item| numbering.number(item));
                all.extend(object.map(|object| Fact::new(def, predicate, object)));
            });
        }
        for (item, predicate, object) in beside(module, &mut graph.texts) {
            let object = object.number(|item| numbering.number(item));
            all.extend(numbering.number(item).zip(object).map(|(def, object)| Fact::new(Def(def), predicate, object)));
        }
        graph.facts = Facts::new(all);
        graph
    }
}

/// The facts that do not stand at the definition they are about, sorted by that: exports, and what fills a table.
pub(super) fn beside(module: &Module, texts: &mut Texts) -> Vec<(Definition, Predicate, Object)> {
    let mut all = Vec::new();
    for export in &module.exports {
        let name = Object::Number(texts.number(module.text(export.name)));
        all.push((exported(export.item), Predicate::Exports, name));
    }
    for (id, element) in module.elements.iter() {
        if let ElementMode::At(table, _) = element.mode {
            all.push((Definition::Table(table), Predicate::Uses, Object::Item(Definition::Element(id))));
        }
    }
    all.sort_unstable_by_key(|&(item, predicate, _)| (item, predicate));
    all
}

/// The capability behind a host item; `None` for what another module provides.
fn capability_of(module: &str, item: &str) -> Option<&'static str> {
    let (shim, _) = (module == sys::GROUP).then(|| sys::behind(item))??;
    Some(shim.capability)
}

/// The object of a fact before definitions have numbers.
#[derive(Clone, Copy)]
pub(super) enum Object {
    Item(Definition),
    Number(u32),
}

impl Object {
    pub(super) fn number(self, of: impl FnOnce(Definition) -> Option<u32>) -> Option<u32> {
        match self {
            Self::Item(item) => of(item),
            Self::Number(number) => Some(number),
        }
    }
}

/// Hands every fact about one definition to `say`, some of them more than once.
pub(super) fn gather(module: &Module, item: Definition, texts: &mut Texts, say: &mut dyn FnMut(Predicate, Object)) {
    let mut facts = Gather { module, texts, say };
    facts.number(Predicate::Defines, item.kind() as u32);
    if let Some(name) = item.name(module) {
        facts.text(Predicate::Named, name);
    }
    facts.text(Predicate::HasType, &type_of(module, item));
    match item {
        Definition::Function(id) => facts.function(&module.functions[id]),
        Definition::Global(id) => facts.global(&module.globals[id]),
        Definition::Table(id) => facts.host(module.tables[id].host),
        Definition::Memory => facts.host(module.memory.and_then(|memory| memory.host)),
        Definition::Data(id) => facts.data(&module.data[id]),
        Definition::Element(id) => facts.element(id),
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

    fn item(&mut self, predicate: Predicate, item: Definition) {
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
                self.item(Calls, Definition::Function(id));
                self.capability(id);
            }
            Expr::GlobalGet(id) | Expr::GlobalSet(id, _) => self.item(Uses, Definition::Global(id)),
            Expr::Address(id) | Expr::DataDrop(id) => self.item(Uses, Definition::Data(id)),
            Expr::CallIndirect(_, id, _) => self.item(Uses, Definition::Table(id)),
            Expr::ElementDrop(id) => self.item(Uses, Definition::Element(id)),
            Expr::TableInit(table, element, _) => {
                self.item(Uses, Definition::Table(table));
                self.item(Uses, Definition::Element(element));
            }
            Expr::TableCopy(to, from, _) => {
                self.item(Uses, Definition::Table(to));
                self.item(Uses, Definition::Table(from));
            }
            Expr::MemoryInit(id, _) => {
                self.item(Uses, Definition::Data(id));
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
            self.item(predicate, Definition::Memory);
        }
    }

    fn constant(&mut self, constant: Constant) {
        match constant {
            Constant::Value(_) => {}
            Constant::Global(id) => self.item(Predicate::Uses, Definition::Global(id)),
            Constant::Address(id) => self.item(Predicate::Uses, Definition::Data(id)),
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
            self.item(Predicate::Uses, Definition::Function(FuncId(function)));
        }
        if let ElementMode::At(table, constant) = element.mode {
            self.constant(constant);
            self.item(Predicate::Fills, Definition::Table(table));
        }
    }
}
