//! The tree of one function while it is being built, and its layout in post-order.
//!
//! A statement is complete before operands that come earlier in the code are (a pending constant, the condition of an
//! `if`), so nodes are made here in any order, and [`Scratch::lay_out`] copies them into the module when the function
//! ends. Here a jump names its label, not a depth: whether a block is a label is known only at its end.
//!
//! Invariants: each node is the child of one node; `Block` and `Loop` stand at the label `Node::label`, `Break` and
//! `BreakTable` hold labels where the module's nodes hold depths.

use alloc::vec::Vec;
use velocity_nda::Span;
use velocity_nda::module::{Children, Expr, ExprId, Key, List, LocalId, Module, Pool, Yield};

/// A label of a function.
pub(crate) type Label = u32;

/// Stands for no label.
const NONE: Label = u32::MAX;

struct Node {
    expr: Expr,
    yields: Yield,
    label: Label,
}

/// The nodes of a function that is being built.
#[derive(Default)]
pub(crate) struct Scratch {
    nodes: Vec<Node>,
    lists: Pool,
    /// How many labels are around each label, as far as laid out; as many as there are labels.
    levels: Vec<u32>,
}

/// What is left to do when laying out.
#[derive(Clone, Copy)]
enum Step {
    Enter(ExprId),
    Leave(ExprId),
}

impl Scratch {
    /// A new label.
    pub(crate) fn label(&mut self) -> Label {
        self.levels.push(0);
        self.levels.len() as u32 - 1
    }

    /// Appends a node that is no label.
    pub(crate) fn add(&mut self, expr: Expr, yields: Yield) -> ExprId {
        self.add_labelled(expr, yields, NONE)
    }

    /// Appends a block or loop with its label.
    pub(crate) fn add_labelled(&mut self, expr: Expr, yields: Yield, label: Label) -> ExprId {
        self.nodes.push(Node { expr, yields, label });
        ExprId::new(self.nodes.len() - 1)
    }

    /// What a node yields.
    pub(crate) fn yields(&self, id: ExprId) -> Yield {
        self.nodes[id.index()].yields
    }

    /// The lists of the nodes.
    pub(crate) fn lists(&mut self) -> &mut Pool {
        &mut self.lists
    }

    /// Copies the tree below `root` into the module, children first, and returns its first and last node.
    pub(crate) fn lay_out(&mut self, root: ExprId, module: &mut Module) -> (ExprId, ExprId) {
        let first = module.exprs.next_key();
        let (mut steps, mut done, mut level) = (alloc::vec![Step::Enter(root)], Vec::new(), 0_u32);
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(id) => {
                    steps.push(Step::Leave(id));
                    let Node { expr, label, .. } = self.nodes[id.index()];
                    if let Some(outside) = self.levels.get_mut(label as usize) {
                        *outside = level;
                        level += 1;
                    }
                    match expr.children() {
                        Children::Few(few, count) => steps.extend(few[..count].iter().rev().map(|&id| Step::Enter(id))),
                        Children::List(list) => steps.extend(self.lists.get(list).rev().map(Step::Enter)),
                    }
                }
                Step::Leave(id) => {
                    let Node { expr, yields, label } = self.nodes[id.index()];
                    level -= u32::from(label != NONE);
                    let count = self.count(&expr);
                    let expr = self.rebuild(expr, &done[done.len() - count..], level, &mut module.pool);
                    done.truncate(done.len() - count);
                    done.push(module.add(expr, yields, Span::default()));
                }
            }
        }
        module.close(first);
        (first, done.pop().unwrap_or(first))
    }

    fn count(&self, expr: &Expr) -> usize {
        match expr.children() {
            Children::Few(_, count) => count,
            Children::List(list) => self.lists.len(list),
        }
    }

    /// The depth of a label at a place that so many labels are around.
    fn depth(&self, label: Label, level: u32) -> u32 {
        level - 1 - self.levels[label as usize]
    }

    /// A node with other children, its lists and jumps as they are in a module.
    fn rebuild(&self, expr: Expr, children: &[ExprId], level: u32, pool: &mut Pool) -> Expr {
        let child = |index: usize| children[index];
        match expr {
            Expr::LocalSet(local, _) => Expr::LocalSet(local, child(0)),
            Expr::LocalTee(local, _) => Expr::LocalTee(local, child(0)),
            Expr::LocalSetMany(locals, _) => Expr::LocalSetMany(self.copy::<LocalId>(locals, pool), child(0)),
            Expr::GlobalSet(global, _) => Expr::GlobalSet(global, child(0)),
            Expr::Unary(op, _) => Expr::Unary(op, child(0)),
            Expr::Binary(op, _, _) => Expr::Binary(op, child(0), child(1)),
            Expr::Select(..) => Expr::Select(child(0), child(1), child(2)),
            Expr::Load(op, offset, _) => Expr::Load(op, offset, child(0)),
            Expr::Store(op, offset, _, _) => Expr::Store(op, offset, child(0), child(1)),
            Expr::MemoryGrow(_) => Expr::MemoryGrow(child(0)),
            Expr::MemoryCopy(..) => Expr::MemoryCopy(child(0), child(1), child(2)),
            Expr::MemoryFill(..) => Expr::MemoryFill(child(0), child(1), child(2)),
            Expr::MemoryInit(data, _) => Expr::MemoryInit(data, pool.push(children)),
            Expr::TableInit(table, elements, _) => Expr::TableInit(table, elements, pool.push(children)),
            Expr::TableCopy(to, from, _) => Expr::TableCopy(to, from, pool.push(children)),
            Expr::Sequence(_) => Expr::Sequence(pool.push(children)),
            Expr::Tuple(_) => Expr::Tuple(pool.push(children)),
            Expr::Drop(_) => Expr::Drop(child(0)),
            Expr::Block(_) => Expr::Block(child(0)),
            Expr::Loop(_) => Expr::Loop(child(0)),
            Expr::If(..) => Expr::If(child(0), child(1)),
            Expr::IfElse(..) => Expr::IfElse(child(0), child(1), child(2)),
            Expr::Break(label, _) => Expr::Break(self.depth(label, level), child(0)),
            Expr::BreakTable(labels, _, _) => {
                let depths: Vec<u32> = self.lists.get(labels).map(|label| self.depth(label, level)).collect();
                Expr::BreakTable(pool.push(&depths), child(0), child(1))
            }
            Expr::Return(_) => Expr::Return(child(0)),
            Expr::Call(function, _) => Expr::Call(function, pool.push(children)),
            Expr::CallIndirect(signature, table, _) => Expr::CallIndirect(signature, table, pool.push(children)),
            leaf => leaf,
        }
    }

    fn copy<T: velocity_nda::module::Pooled>(&self, list: List<T>, pool: &mut Pool) -> List<T> {
        let items: Vec<T> = self.lists.get(list).collect();
        pool.push(&items)
    }
}
