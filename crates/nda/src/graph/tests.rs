//! Graphs of small modules, built by hand.

use super::*;
use crate::identity::Identities;
use crate::module::{
    Body, Constant, Data, DataShape, Element, ElementMode, Export, ExportItem, Expr, ExprId, FuncId, FuncTable,
    Function, FunctionKind, HostItem, Limits, List, Memory, Meta, Module, Placement, SigId, Signature, TableId, Value,
    Yield,
};
use crate::span::Span;
use alloc::string::{String, ToString};

/// A module of functions without parameters; each one's body calls and uses what is listed, in order.
#[derive(Default)]
pub(super) struct Maker {
    pub(super) module: Module,
}

impl Maker {
    pub(super) fn meta(&mut self, name: &str) -> Meta {
        let name = (!name.is_empty()).then(|| self.module.add_text(name));
        Meta { name, ..Meta::default() }
    }

    fn signature(&mut self) -> SigId {
        if self.module.signatures.is_empty() {
            self.module.signatures.push(Signature { parameters: List::EMPTY, results: List::EMPTY });
        }
        SigId(0)
    }

    pub(super) fn function(&mut self, name: &str, nodes: &[Expr]) -> FuncId {
        let (meta, signature) = (self.meta(name), self.signature());
        let ids: Vec<ExprId> = nodes.iter().map(|&expr| self.module.add(expr, Yield::NONE, Span::default())).collect();
        let root = Expr::Sequence(self.module.pool.push(&ids));
        let root = self.module.add(root, Yield::NONE, Span::default());
        let first = ids.first().copied().unwrap_or(root);
        let body = Body { variables: List::EMPTY, names: List::EMPTY, first, root };
        self.module.functions.push(Function { meta, signature, kind: FunctionKind::Defined(body) })
    }

    pub(super) fn calls(&mut self, name: &str, callees: &[u32]) -> FuncId {
        let nodes: Vec<Expr> = callees.iter().map(|&callee| Expr::Call(FuncId(callee), List::EMPTY)).collect();
        self.function(name, &nodes)
    }

    fn host(&mut self, name: &str, item: &str) -> FuncId {
        let (meta, signature) = (self.meta(name), self.signature());
        let (module, item) = (self.module.add_text("sys"), self.module.add_text(item));
        let kind = FunctionKind::Host(HostItem { module, item });
        self.module.functions.push(Function { meta, signature, kind })
    }
}

/// print <- log <- work <- main; work reads a static through memory; a table holds `log`; `loner` calls itself.
fn sample() -> Maker {
    let mut maker = Maker::default();
    let print = maker.host("print", "print_i32");
    let log = maker.calls("log", &[print.0]);
    let meta = maker.meta("numbers");
    let shape = DataShape::Array(crate::module::Cell::I32, 4);
    let data = Data { meta, placement: Placement::Anywhere(4), start: 0, len: 0, zeros: 16, shape };
    let data = maker.module.data.push(data);
    let table = maker.meta("handlers");
    let limits = Limits { min: 1, max: Some(4) };
    let table = maker.module.tables.push(FuncTable { meta: table, limits, host: None });
    let items = maker.module.pool.push(&[log.0 + 1, 0]);
    let mode = ElementMode::At(table, Constant::Value(Value::I32(0)));
    maker.module.elements.push(Element { meta: Meta::default(), mode, items });
    let limits = Limits { min: 1, max: None };
    maker.module.memory = Some(Memory { meta: Meta::default(), limits, host: None });
    let load = Expr::Load(crate::module::LoadOp::I32Load, 0, ExprId(0));
    let work = maker.function("work", &[Expr::Address(data), load, Expr::Call(log, List::EMPTY)]);
    let indirect = Expr::CallIndirect(SigId(0), TableId(0), List::EMPTY);
    maker.function("main", &[Expr::Call(work, List::EMPTY), Expr::Call(work, List::EMPTY), indirect]);
    maker.calls("loner", &[4]);
    let name = maker.module.add_text("begin");
    maker.module.exports.push(Export { name, item: ExportItem::Function(FuncId(3)) });
    maker
}

fn graph(maker: &Maker) -> Graph {
    Graph::of(&maker.module, &Identities::of(&maker.module))
}

fn names(graph: &Graph, defs: impl IntoIterator<Item = Def>) -> Vec<String> {
    let name = |def| graph.name(def).map_or_else(|| graph.kind(def).unwrap().name().to_string(), String::from);
    let mut names: Vec<String> = defs.into_iter().map(name).collect();
    names.sort_unstable();
    names
}

fn def(graph: &Graph, name: &str) -> Def {
    graph.named(name).next().unwrap_or_else(|| panic!("no definition `{name}`"))
}

#[test]
fn direct_questions() {
    let graph = graph(&sample());
    let of = |name| def(&graph, name);
    assert_eq!(names(&graph, graph.who_calls(of("log"))), ["work"]);
    assert_eq!(names(&graph, graph.who_calls(of("work"))), ["main"]);
    assert_eq!(names(&graph, graph.who_calls(of("main"))), [""; 0]);
    assert_eq!(names(&graph, graph.who_calls(of("loner"))), ["loner"]);
    assert_eq!(names(&graph, graph.who_uses(of("numbers"))), ["work"]);
    assert_eq!(names(&graph, graph.who_uses(of("memory"))), ["work"]);
    assert_eq!(names(&graph, graph.uses_capability("console")), ["log"]);
    assert_eq!(graph.uses_capability("ports").count() + graph.named("nobody").count(), 0);
    assert_eq!((graph.type_text(of("work")), graph.type_text(of("numbers"))), ("fn()", "[i32; 4]"));
    assert_eq!((graph.type_text(of("handlers")), graph.cost(of("work"))), ("table 1 to 4", Some(4)));
    let exports: Vec<&str> =
        graph.facts().objects(of("main"), Predicate::Exports).map(|text| graph.text(text)).collect();
    assert_eq!(exports, ["begin"]);
}

#[test]
fn questions_that_follow_the_graph() {
    let graph = graph(&sample());
    let of = |name| def(&graph, name);
    let needs = |name| names(&graph, graph.needs(of(name)));
    assert_eq!(needs("log"), ["print"]);
    assert_eq!(needs("work"), ["log", "memory", "numbers", "print"]);
    assert_eq!(needs("main"), ["element", "handlers", "log", "memory", "numbers", "print", "work"]);
    assert_eq!(needs("loner"), [""; 0]);
    assert_eq!(names(&graph, graph.dependants(of("numbers"))), ["main", "work"]);
    assert_eq!(graph.needed_capabilities(of("main")).into_iter().collect::<Vec<_>>(), ["console"]);
}

#[test]
fn hashes_lead_to_definitions() {
    let maker = sample();
    let graph = graph(&maker);
    let (work, hash) = (def(&graph, "work"), Identities::of(&maker.module).function(FuncId(2)));
    assert_eq!(graph.hash(work), Some(hash));
    assert_eq!(graph.with_hash(hash).collect::<Vec<_>>(), [work]);
    assert_eq!(graph.with_prefix(&hash.0[..6]).collect::<Vec<_>>(), [work]);
    assert_eq!(graph.with_prefix(&[]).count(), graph.len());
    assert_eq!(graph.with_hash(ContentHash::of(b"nothing")).count(), 0);
}

#[test]
fn an_edit_replaces_facts_and_names_the_stale() {
    let mut graph = graph(&sample());
    let (log, old) = (def(&graph, "log"), graph.hash(def(&graph, "log")).unwrap());
    let mut part = Maker::default();
    part.calls("log", &[1]);
    part.calls("helper", &[]);
    let update = graph.update(&part.module, &Identities::of(&part.module));
    assert_eq!(
        (update.changed.clone(), names(&graph, update.added.iter().copied())),
        (vec![log], vec!["helper".into()])
    );
    assert_eq!(names(&graph, update.stale.iter().copied()), ["element", "handlers", "main", "work"]);
    assert_eq!(names(&graph, graph.who_calls(def(&graph, "helper"))), ["log"]);
    assert_eq!(graph.who_calls(def(&graph, "print")).count() + graph.uses_capability("console").count(), 0);
    let past = graph.facts().object(log, Predicate::DerivedFrom).and_then(|number| graph.past(number));
    assert_eq!((past, graph.with_hash(old).count()), (Some(old), 0));
    assert_eq!(
        graph.update(&part.module, &Identities::of(&part.module)),
        Update::default(),
        "nothing is new the second time"
    );
    graph.remove(def(&graph, "helper"));
    assert_eq!((graph.named("helper").count(), graph.kind(Def(graph.len() as u32 - 1))), (0, None));
}
