//! What one node of a body does not tell alone: its parent, its subtree, the breaks to it, whether text shows its type.

use crate::module::{Body, Children, Expr, ExprId, Module, Shape, Yield};
use alloc::vec::Vec;

/// About one node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    /// The node above; the root's is itself.
    pub(super) parent: ExprId,
    /// The first node of its subtree.
    pub(super) first: ExprId,
    /// For a label: how many breaks lead to it.
    pub(super) breaks: u32,
    /// For a label: the first of those.
    pub(super) first_break: ExprId,
    /// For a label: a break to it brings something along, or a `branch` has it among its targets.
    pub(super) special: bool,
    pub(super) branched: bool,
    /// The text of the node has its type whatever stands around it.
    pub(super) typed: bool,
    /// A variable is declared right before this statement without a value.
    pub(super) declares: bool,
    /// A sequence that is written as a `for`.
    pub(super) counted: bool,
}

/// About all nodes of a body.
#[derive(Debug, Default)]
pub(super) struct Facts {
    base: u32,
    facts: Vec<Fact>,
    labels: Vec<ExprId>,
}

impl core::ops::Index<ExprId> for Facts {
    type Output = Fact;

    fn index(&self, node: ExprId) -> &Fact {
        &self.facts[(node.0 - self.base) as usize]
    }
}

impl core::ops::IndexMut<ExprId> for Facts {
    fn index_mut(&mut self, node: ExprId) -> &mut Fact {
        &mut self.facts[(node.0 - self.base) as usize]
    }
}

impl Facts {
    /// Reads a body: once forward for subtrees and types, once backward for the labels around each break.
    pub(super) fn learn(&mut self, module: &Module, body: &Body) {
        self.base = body.first.0;
        self.facts.clear();
        for node in (body.first.0..=body.root.0).map(ExprId) {
            self.facts.push(Fact {
                parent: node,
                first: node,
                breaks: 0,
                first_break: node,
                special: false,
                branched: false,
                typed: false,
                declares: false,
                counted: false,
            });
            self.adopt(module, node);
            self[node].typed = self.is_typed(module, node);
        }
        self.labels.clear();
        for node in (body.first.0..=body.root.0).rev().map(ExprId) {
            self.breaks(module, node);
        }
    }

    fn adopt(&mut self, module: &Module, node: ExprId) {
        match module.exprs[node].children() {
            Children::Few(children, count) => {
                for &child in &children[..count] {
                    self[child].parent = node;
                }
                if count > 0 {
                    self[node].first = self[children[0]].first;
                }
            }
            Children::List(list) => {
                for child in module.pool.get(list) {
                    self[child].parent = node;
                }
                if let Some(child) = module.pool.item(list, 0) {
                    self[node].first = self[child].first;
                }
            }
        }
    }

    fn breaks(&mut self, module: &Module, node: ExprId) {
        while self.labels.last().is_some_and(|&label| self[label].first > node) {
            self.labels.pop();
        }
        match module.exprs[node] {
            Expr::Block(_) | Expr::Loop(_) => self.labels.push(node),
            Expr::Break(depth, value) => {
                let special = !is_nothing(module, value);
                self.note(node, depth, special, false);
            }
            Expr::BreakTable(depths, value, _) => {
                let special = !is_nothing(module, value);
                for depth in module.pool.get(depths) {
                    self.note(node, depth, special, true);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, node: ExprId, depth: u32, special: bool, branched: bool) {
        let label = self.labels.len().checked_sub(depth as usize + 1).map(|at| self.labels[at]);
        if let Some(label) = label {
            let fact = &mut self[label];
            fact.breaks += 1;
            fact.first_break = node;
            fact.special |= special;
            fact.branched |= branched;
        }
    }

    /// Whether text shows the type of a node by itself. Saying no where it does costs a redundant `as`.
    fn is_typed(&self, module: &Module, node: ExprId) -> bool {
        match module.exprs[node] {
            Expr::I32(_) | Expr::I64(_) => false,
            Expr::F32(bits) => !f32::from_bits(bits).is_finite(),
            Expr::F64(bits) => !f64::from_bits(bits).is_finite(),
            Expr::Binary(op, a, b) => {
                let open = super::form::operator(op).is_some_and(|(_, power)| power != super::form::COMPARE);
                !open || self[a].typed || self[b].typed || never(module, a) || never(module, b)
            }
            Expr::Select(a, b, _) => self[a].typed || self[b].typed,
            Expr::IfElse(_, a, b) => self[a].typed && self[b].typed,
            Expr::Sequence(list) => {
                let last = module.pool.len(list).checked_sub(1).and_then(|last| module.pool.item(list, last));
                last.is_some_and(|last| self[last].typed)
            }
            Expr::Tuple(_) | Expr::Block(_) | Expr::Loop(_) => false,
            _ => matches!(module.yields[node].shape(), Shape::One(_) | Shape::Many(_)),
        }
    }
}

fn never(module: &Module, node: ExprId) -> bool {
    module.yields[node] == Yield::NEVER
}

/// Whether a node is what a break without a value brings along.
pub(super) fn is_nothing(module: &Module, node: ExprId) -> bool {
    matches!(module.exprs[node], Expr::Sequence(list) if list.position() == 0 || module.pool.is_empty(list))
}
