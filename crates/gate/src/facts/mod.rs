//! What the rules know about a valid module: who calls whom, what is reached, how deep the stack gets, what a run costs.
//!
//! [`calls`] orders the functions so that callees come first, [`tree`] reads one body, [`loops`] counts turns with the
//! numbers that [`range`] reads, [`cost`] and
//! [`reach`] put it together. Invariants: nothing recurses, every walk is a linear scan (but for a logarithm where
//! things are looked up), and every sum saturates.

mod calls;
mod cost;
mod loops;
mod range;
mod reach;
mod tree;

#[cfg(test)]
mod tests;

pub use cost::{Cost, Reason};

use alloc::vec::Vec;
use velocity_nda::module::{Children, Expr, ExprId, FuncId, Function, FunctionKind, Module};

/// Everything found out about a module.
#[derive(Debug)]
pub(crate) struct Facts {
    /// What a call of each function costs at most.
    pub(crate) costs: Vec<Cost>,
    /// Bytes of stack that a call of each function takes, with the deepest chain of calls below it, recursion apart.
    pub(crate) stacks: Vec<u64>,
    /// Functions that may call themselves, with how many take part: one of each circle.
    pub(crate) recursive: Vec<(FuncId, usize)>,
    /// What is reached from where a run can begin.
    pub(crate) reached: reach::Reached,
    /// Where a run can begin: `main`, exports, start.
    pub(crate) entries: Vec<FuncId>,
}

impl Facts {
    /// Reads a valid module.
    pub(crate) fn of(module: &Module) -> Self {
        let order = calls::Order::of(module);
        let summary = cost::Summary::of(module, &order);
        Self {
            costs: summary.costs,
            stacks: summary.stacks,
            recursive: order.recursive(module),
            reached: reach::Reached::of(module),
            entries: reach::entries(module),
        }
    }

    /// The worst cost of any entry; that of nothing is 0.
    pub(crate) fn cost(&self) -> Cost {
        self.entries.iter().map(|id| self.costs[id.0 as usize]).max().unwrap_or(Cost::AtMost(0))
    }
}

/// Calls `each` with every child of a node, in order.
fn for_children(module: &Module, expr: &Expr, mut each: impl FnMut(ExprId)) {
    match expr.children() {
        Children::Few(few, count) => few[..count].iter().copied().for_each(&mut each),
        Children::List(list) => module.pool.get(list).for_each(&mut each),
    }
}

/// The nodes of a function's body, children first; none if it is not defined here.
fn nodes(function: &Function) -> impl Iterator<Item = ExprId> + use<> {
    let range = match function.kind {
        FunctionKind::Defined(body) => body.first.0..body.root.0 + 1,
        _ => 0..0,
    };
    range.map(ExprId)
}
