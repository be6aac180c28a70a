//! The shape of a body: one tree in post-order, and the labels that enclose each node.
//!
//! Two scans. Forward, a stack holds the subtrees that no node has taken yet: a node takes its children from the top
//! and puts itself there, so that consecutive subtrees, each used once, are what remains possible; the first node of
//! each label's subtree is noted on the way. Backward, parents come before children: a label is entered at its own
//! node and left when the scan passes the first node of its subtree, so the stack of labels is that of the enclosing
//! ones at every node, and each node's types are checked there (`node`).

use super::{Checker, Fault, Place, Rule, ValidateError, check_types};
use crate::MAX_RESULTS;
use crate::module::{Body, Children, Expr, ExprId, FuncId, FunctionKind, Key, List, Shape, Type, Yield};
use alloc::vec::Vec;

/// What the scans need, kept from body to body.
#[derive(Default)]
struct Scratch {
    /// Subtrees without a parent so far: their roots, and their first nodes.
    loose: Vec<(ExprId, ExprId)>,
    /// First nodes of the subtrees of all labels, in the order of the labels.
    firsts: Vec<ExprId>,
    /// The labels that enclose the node at hand.
    labels: Vec<Label>,
}

/// A block or loop.
pub(super) struct Label {
    node: ExprId,
    /// The first node inside.
    first: ExprId,
    /// What a break to it brings along.
    takes: Yield,
    /// A break to it brings what it takes, so that it may end by that alone.
    reached: bool,
    /// What a block holds; `None` for a loop.
    body: Option<ExprId>,
}

/// A function whose body is being checked.
pub(super) struct Frame<'m> {
    /// Types of the parameters, as they are stored.
    pub(super) parameters: &'m [u32],
    pub(super) variables: &'m [u32],
    pub(super) results: Yield,
}

impl Checker<'_> {
    /// Checks all bodies, which share no nodes.
    pub(super) fn bodies(&mut self) -> Result<(), ValidateError> {
        let module = self.module;
        let mut ranges: Vec<(ExprId, ExprId, FuncId)> = Vec::new();
        for (id, function) in module.functions.iter() {
            if let FunctionKind::Defined(body) = function.kind {
                ranges.push((body.first, body.root, id));
            }
        }
        ranges.sort_unstable();
        let mut scratch = Scratch::default();
        let mut next = ExprId(0);
        for (first, root, id) in ranges {
            let FunctionKind::Defined(body) = module.functions[id].kind else { continue };
            let fault = |rule| Fault::from(rule).at(Place::Function(id), module);
            if first > root || root.index() >= module.exprs.len() {
                return Err(fault(Rule::BodyRange));
            }
            if first < next {
                return Err(fault(Rule::BodyOverlap));
            }
            next = ExprId(root.0 + 1);
            self.body(id, &body, &mut scratch)?;
        }
        Ok(())
    }

    fn body(&mut self, id: FuncId, body: &Body, scratch: &mut Scratch) -> Result<(), ValidateError> {
        let module = self.module;
        scratch.loose.clear();
        scratch.firsts.clear();
        scratch.labels.clear();
        for node in (body.first.0..=body.root.0).map(ExprId) {
            let shape = self.yield_list(module.yields[node]).and_then(|()| self.place(node, scratch));
            shape.map_err(|fault| fault.at(Place::Node(id, node), module))?;
        }
        if scratch.loose.len() != 1 {
            return Err(Fault::from(Rule::BodyLoose).at(Place::Function(id), module));
        }
        let signature = module.functions[id].signature;
        let frame = Frame {
            parameters: module.pool.words(module.signatures[signature].parameters),
            variables: module.pool.words(body.variables),
            results: module.result_yield(signature),
        };
        for node in (body.first.0..=body.root.0).rev().map(ExprId) {
            let check = self.labels_before(node, scratch);
            let check = check.and_then(|()| self.node(&frame, node, &mut scratch.labels));
            check.map_err(|fault| fault.at(Place::Node(id, node), module))?;
        }
        self.leave(&mut scratch.labels).map_err(|fault| fault.at(Place::Function(id), module))?;
        if !self.fits(module.yields[body.root], frame.results) {
            let fault = Fault::operand(Rule::BodyValue, body.root);
            return Err(fault.at(Place::Function(id), module));
        }
        Ok(())
    }

    /// A yield of several values has a sound list of two types or more.
    fn yield_list(&self, yields: Yield) -> Result<(), Fault> {
        let Shape::Many(list) = yields.shape() else { return Ok(()) };
        let words = self.words(list)?;
        if words.len() < 2 || words.len() > MAX_RESULTS {
            return Err(Rule::Yields.into());
        }
        check_types(words)
    }

    /// Takes the node's children from the loose subtrees and puts the node there.
    fn place(&self, node: ExprId, scratch: &mut Scratch) -> Result<(), Fault> {
        let expr = self.module.exprs[node];
        let loose = &mut scratch.loose;
        let mut first = node;
        let mut take = |count: usize, is_child: &dyn Fn(usize, ExprId) -> bool| {
            let from = loose.len().checked_sub(count).ok_or(Rule::Children)?;
            let given = &loose[from..];
            if !given.iter().enumerate().all(|(index, &(child, _))| is_child(index, child)) {
                return Err(Rule::Children);
            }
            first = given.first().map_or(node, |&(_, first)| first);
            loose.truncate(from);
            Ok(())
        };
        match expr.children() {
            Children::Few(children, count) => take(count, &|index, child| children[index] == child)?,
            Children::List(list) => {
                let words = self.words(list)?;
                take(words.len(), &|index, child| words[index] == child.0)?;
            }
        }
        if matches!(expr, Expr::Block(_) | Expr::Loop(_)) {
            scratch.firsts.push(first);
        }
        scratch.loose.push((node, first));
        Ok(())
    }

    /// Leaves the labels that do not enclose `node`.
    fn labels_before(&self, node: ExprId, scratch: &mut Scratch) -> Result<(), Fault> {
        while scratch.labels.last().is_some_and(|label| label.first > node) {
            self.leave_one(&mut scratch.labels)?;
        }
        let (body, takes) = match self.module.exprs[node] {
            Expr::Block(body) => (Some(body), self.module.yields[node]),
            Expr::Loop(_) => (None, Yield::NONE),
            _ => return Ok(()),
        };
        let first = scratch.firsts.pop().unwrap_or(node);
        scratch.labels.push(Label { node, first, takes, reached: false, body });
        Ok(())
    }

    /// Leaves all labels: the scan is through.
    fn leave(&self, labels: &mut Vec<Label>) -> Result<(), Fault> {
        while !labels.is_empty() {
            self.leave_one(labels)?;
        }
        Ok(())
    }

    /// Leaves the innermost label. All breaks to it are known, and so is what a block yields.
    fn leave_one(&self, labels: &mut Vec<Label>) -> Result<(), Fault> {
        let Some(label) = labels.pop() else { return Ok(()) };
        let Some(body) = label.body else { return Ok(()) };
        let yields = self.module.yields[body];
        let given = label.reached || yields != Yield::NEVER || label.takes == Yield::NEVER;
        if given && self.fits(yields, label.takes) {
            return Ok(());
        }
        Err(Fault::operand(Rule::BlockYield, label.node))
    }

    /// Whether a node that yields `found` may stand where `wanted` is taken.
    pub(super) fn fits(&self, found: Yield, wanted: Yield) -> bool {
        found == Yield::NEVER || self.same(found, wanted)
    }

    /// Checks a break that brings `value` to the label of this depth.
    pub(super) fn break_to(&self, labels: &mut [Label], depth: u32, value: ExprId) -> Result<(), Fault> {
        let outer = labels.len().checked_sub(1).and_then(|last| last.checked_sub(depth as usize));
        let label = outer.and_then(|at| labels.get_mut(at)).ok_or(Rule::Label)?;
        let found = self.module.yields[value];
        self.nothing(value)?;
        if label.body.is_none() && !self.is_nothing(value) {
            return Err(Fault::operand(Rule::Nothing, value));
        }
        if !self.fits(found, label.takes) {
            return Err(Fault::operand(Rule::BreakValue, value));
        }
        label.reached |= found != Yield::NEVER;
        Ok(())
    }

    /// Types of a list that belongs to one node, as far as it is one.
    pub(super) fn types_of(&self, list: List<Type>) -> &[u32] {
        self.module.pool.words(list)
    }
}
