//! What a call costs at most, in nodes evaluated, and how much stack it takes.
//!
//! A node costs 1 and what its children cost; of two arms the dearer counts; a loop counts as often as it turns
//! ([`super::loops`]), a call what its callee costs. Where nothing can be derived, the first reason is kept with its place.

use super::calls::{Node, Order, of_signature};
use super::loops::Loops;
use super::tree::Tree;
use super::{for_children, nodes};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use velocity_nda::Span;
use velocity_nda::module::{ExportItem, Expr, ExprId, FuncId, FunctionKind, Module, Shape, TableId};

/// Bytes that a call takes beside its locals and pending values: where to go on, which function, which labels.
const CALL_BYTES: u64 = 32;
/// Bytes of a local or pending value.
const VALUE_BYTES: u64 = 8;

/// The worst cost of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// At most so many nodes are evaluated; `u64::MAX` stands for that many or more.
    AtMost(u64),
    /// No bound was found, because of this, here: it runs under fuel.
    Unbounded(Reason, Span),
}

/// Why no bound was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// How often a loop turns depends on the run.
    Loop,
    /// Functions call themselves, directly or through others.
    Recursion,
    /// A table is called through that others can fill.
    OpenTable,
    /// A function of another module is called.
    Foreign,
    /// A function is called that is imported by hash and not there.
    Unresolved,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loop => "a loop turns as often as the run decides",
            Self::Recursion => "functions call themselves",
            Self::OpenTable => "functions are called through a table that others can fill",
            Self::Foreign => "a function of another module is called",
            Self::Unresolved => "an imported function is not there",
        })
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(u64::MAX) => f.write_str("cost >= 2^64, runs under fuel"),
            Self::AtMost(nodes) => write!(f, "cost <= {nodes}"),
            Self::Unbounded(reason, _) => write!(f, "unbounded, runs under fuel: {reason}"),
        }
    }
}

/// Cost and stack of every function.
pub(super) struct Summary {
    pub(super) costs: Vec<Cost>,
    pub(super) stacks: Vec<u64>,
}

/// What is gathered on the way through the call graph.
struct Pass<'m> {
    module: &'m Module,
    /// Of functions and signatures.
    costs: Vec<Cost>,
    stacks: Vec<u64>,
    tree: Tree,
    loops: Loops,
    /// Cost and stack of each node of the body at hand.
    nodes: Vec<(u64, u32)>,
    open_tables: Vec<bool>,
}

impl Summary {
    pub(super) fn of(module: &Module, order: &Order) -> Self {
        let count = module.functions.len() + module.signatures.len();
        let (costs, stacks) = (vec![Cost::AtMost(0); count], vec![0; count]);
        let open_tables = module.tables.keys().map(|id| is_open(module, id)).collect();
        let mut pass = Pass {
            module,
            costs,
            stacks,
            tree: Tree::default(),
            loops: Loops::default(),
            nodes: Vec::new(),
            open_tables,
        };
        for component in order.components() {
            pass.component(order, component);
        }
        pass.costs.truncate(module.functions.len());
        pass.stacks.truncate(module.functions.len());
        Self { costs: pass.costs, stacks: pass.stacks }
    }
}

/// Whether somebody else can put functions into a table.
fn is_open(module: &Module, id: TableId) -> bool {
    module.tables[id].host.is_some() || module.exports.iter().any(|export| export.item == ExportItem::Table(id))
}

impl Pass<'_> {
    /// Functions that call each other, whose callees outside are known.
    fn component(&mut self, order: &Order, component: &[Node]) {
        let recursive = order.is_recursive(component);
        let (mut own, mut below, mut place) = (0_u64, 0, Span::default());
        for &node in component {
            let (cost, frame) = self.node(order, node);
            own = own.saturating_add(frame);
            let callees = order.callees(node).iter().filter(|&&callee| !order.together(node, callee));
            below = callees.map(|&callee| self.stacks[callee as usize]).fold(below, u64::max);
            self.costs[node as usize] = cost;
            if let Some(function) = self.module.functions.get(FuncId(node)) {
                place = function.meta.span;
            }
        }
        for &node in component {
            self.stacks[node as usize] = own.saturating_add(below);
            if recursive {
                self.costs[node as usize] = Cost::Unbounded(Reason::Recursion, place);
            }
        }
    }

    /// Cost and frame of a function, or the worst of a signature.
    fn node(&mut self, order: &Order, node: Node) -> (Cost, u64) {
        let Some(function) = self.module.functions.get(FuncId(node)) else {
            let costs = order.callees(node).iter().map(|&callee| self.costs[callee as usize]);
            return (costs.max().unwrap_or(Cost::AtMost(0)), 0);
        };
        match function.kind {
            FunctionKind::Defined(_) => self.function(FuncId(node)),
            FunctionKind::Host(host) if self.module.text(host.module) == velocity_nda::sys::GROUP => {
                (Cost::AtMost(0), CALL_BYTES)
            }
            FunctionKind::Host(_) => (Cost::Unbounded(Reason::Foreign, function.meta.span), CALL_BYTES),
            FunctionKind::Import(_) => (Cost::Unbounded(Reason::Unresolved, function.meta.span), CALL_BYTES),
        }
    }

    fn function(&mut self, id: FuncId) -> (Cost, u64) {
        let module = self.module;
        let function = &module.functions[id];
        let FunctionKind::Defined(body) = function.kind else { return (Cost::AtMost(0), 0) };
        self.tree.read(module, &body);
        let parameters = module.parameters(function.signature).len() as u32;
        self.loops.read(module, &self.tree, &body, parameters);
        self.nodes.clear();
        let mut unbounded = None;
        for node in nodes(function) {
            let cost = self.cost_of(node, body.first.0);
            let nodes = cost.unwrap_or_else(|reason| {
                unbounded = unbounded.or(Some(reason));
                1
            });
            let pending = self.pending(node, body.first.0);
            self.nodes.push((nodes, pending));
        }
        let (cost, pending) = self.nodes.last().copied().unwrap_or_default();
        let locals = module.parameters(function.signature).len() + module.pool.len(body.variables);
        let frame = CALL_BYTES + VALUE_BYTES * (locals as u64 + u64::from(pending));
        (unbounded.unwrap_or(Cost::AtMost(cost)), frame)
    }

    /// The cost of a node whose children are known.
    fn cost_of(&self, node: ExprId, base: u32) -> Result<u64, Cost> {
        let module = self.module;
        let of = |child: ExprId| self.nodes[(child.0 - base) as usize].0;
        let mut sum = 1_u64;
        let expr = &module.exprs[node];
        for_children(module, expr, |child| sum = sum.saturating_add(of(child)));
        match *expr {
            Expr::IfElse(condition, then, otherwise) => {
                Ok(of(condition).saturating_add(of(then).max(of(otherwise))).saturating_add(1))
            }
            Expr::Loop(_) if self.tree.breaks(node) == 0 => Ok(sum),
            Expr::Loop(body) => {
                let unknown = Cost::Unbounded(Reason::Loop, module.spans[node]);
                let turns = self.loops.turns(node).ok_or(unknown)?;
                let last = match module.exprs[body] {
                    // The last look at the condition finds it false.
                    Expr::If(condition, _) if turns.by_condition => of(condition).saturating_add(1),
                    _ => of(body),
                };
                Ok(turns.again.saturating_mul(of(body)).saturating_add(last).saturating_add(1))
            }
            Expr::Call(callee, _) => self.called(callee.0, sum),
            Expr::CallIndirect(_, table, _) if self.open_tables[table.0 as usize] => {
                Err(Cost::Unbounded(Reason::OpenTable, module.spans[node]))
            }
            Expr::CallIndirect(signature, ..) => self.called(of_signature(module, signature.0), sum),
            _ => Ok(sum),
        }
    }

    fn called(&self, callee: Node, arguments: u64) -> Result<u64, Cost> {
        match self.costs[callee as usize] {
            Cost::AtMost(cost) => Ok(arguments.saturating_add(cost)),
            unbounded @ Cost::Unbounded(..) => Err(unbounded),
        }
    }

    /// The most values that lie ready while a node is evaluated, its own result included.
    fn pending(&self, node: ExprId, base: u32) -> u32 {
        let module = self.module;
        let (mut held, mut most) = (0_u32, 0);
        for_children(module, &module.exprs[node], |child| {
            most = most.max(held.saturating_add(self.nodes[(child.0 - base) as usize].1));
            held = held.saturating_add(values(module, child));
        });
        most.max(held).max(values(module, node))
    }
}

/// How many values a node leaves.
fn values(module: &Module, node: ExprId) -> u32 {
    match module.yields[node].shape() {
        Shape::None | Shape::Never => 0,
        Shape::One(_) => 1,
        Shape::Many(types) => module.pool.len(types) as u32,
    }
}
