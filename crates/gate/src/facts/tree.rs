//! One body, read once: parents, where subtrees begin, which locals are set where, how often a loop is begun anew.

use super::for_children;
use alloc::vec::Vec;
use velocity_nda::module::{Body, Expr, ExprId, LocalId, Module};

/// The body that was read last. One is used for all bodies of a module, so that its memory is that of the largest.
#[derive(Debug, Default)]
pub(super) struct Tree {
    base: u32,
    first: Vec<u32>,
    parent: Vec<u32>,
    breaks: Vec<u32>,
    /// The break to a label that was found last.
    from: Vec<u32>,
    /// Which local is set by which node, sorted.
    sets: Vec<(LocalId, ExprId)>,
}

impl Tree {
    /// Reads a body of a valid module.
    pub(super) fn read(&mut self, module: &Module, body: &Body) {
        let count = (body.root.0 - body.first.0 + 1) as usize;
        self.base = body.first.0;
        for table in [&mut self.first, &mut self.parent, &mut self.breaks, &mut self.from] {
            table.clear();
            table.resize(count, 0);
        }
        self.sets.clear();
        for node in (body.first.0..=body.root.0).map(ExprId) {
            self.take(module, node);
        }
        self.sets.sort_unstable();
        self.count_breaks(module, body);
    }

    fn take(&mut self, module: &Module, node: ExprId) {
        let expr = &module.exprs[node];
        let mut first = node.0;
        for_children(module, expr, |child| {
            first = first.min(self.first(child).0);
            let at = self.at(child);
            self.parent[at] = node.0;
        });
        let at = self.at(node);
        self.first[at] = first;
        match *expr {
            Expr::LocalSet(local, _) | Expr::LocalTee(local, _) => self.sets.push((local, node)),
            Expr::LocalSetMany(locals, _) => self.sets.extend(module.pool.get(locals).map(|local| (local, node))),
            _ => {}
        }
    }

    /// From the root down, so that labels open before what breaks to them.
    fn count_breaks(&mut self, module: &Module, body: &Body) {
        let mut labels: Vec<ExprId> = Vec::new();
        for node in (body.first.0..=body.root.0).rev().map(ExprId) {
            while labels.last().is_some_and(|&label| node < self.first(label)) {
                labels.pop();
            }
            let mut begin_anew = |depth: u32| {
                let label = labels.len().checked_sub(1 + depth as usize).map(|at| labels[at]);
                if let Some(label) = label {
                    self.breaks[(label.0 - self.base) as usize] += 1;
                    self.from[(label.0 - self.base) as usize] = node.0;
                }
            };
            match module.exprs[node] {
                Expr::Block(_) | Expr::Loop(_) => labels.push(node),
                Expr::Break(depth, _) => begin_anew(depth),
                Expr::BreakTable(depths, ..) => module.pool.get(depths).for_each(&mut begin_anew),
                _ => {}
            }
        }
    }

    fn at(&self, node: ExprId) -> usize {
        (node.0 - self.base) as usize
    }

    /// The first node of a subtree.
    pub(super) fn first(&self, node: ExprId) -> ExprId {
        ExprId(self.first[self.at(node)])
    }

    /// The node whose child this is; of the root, no node of the body.
    pub(super) fn parent(&self, node: ExprId) -> ExprId {
        ExprId(self.parent[self.at(node)])
    }

    /// How many breaks lead to a label.
    pub(super) fn breaks(&self, label: ExprId) -> u32 {
        self.breaks[self.at(label)]
    }

    /// The only break to a label; `None` if there are others, or none.
    pub(super) fn only_break(&self, label: ExprId) -> Option<ExprId> {
        (self.breaks(label) == 1).then(|| ExprId(self.from[self.at(label)]))
    }

    /// Whether a node is in the subtree of another one.
    pub(super) fn is_in(&self, node: ExprId, of: ExprId) -> bool {
        self.first(of) <= node && node <= of
    }

    /// All nodes that set a local.
    pub(super) fn sets(&self, local: LocalId) -> &[(LocalId, ExprId)] {
        let from = self.sets.partition_point(|&(set, _)| set < local);
        let count = self.sets[from..].partition_point(|&(set, _)| set == local);
        &self.sets[from..from + count]
    }

    /// How many nodes of a subtree set a local.
    pub(super) fn sets_in(&self, local: LocalId, node: ExprId) -> usize {
        let place = |node: ExprId| self.sets.partition_point(|&set| set < (local, node));
        place(ExprId(node.0 + 1)) - place(self.first(node))
    }

    /// The last node before `node` that sets a local.
    pub(super) fn set_before(&self, local: LocalId, node: ExprId) -> Option<ExprId> {
        let next = self.sets.partition_point(|&set| set < (local, node));
        let (found, at) = *self.sets.get(next.checked_sub(1)?)?;
        (found == local).then_some(at)
    }
}
