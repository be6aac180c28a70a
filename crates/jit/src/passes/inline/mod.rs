//! Calls of small functions become their blocks.
//!
//! Only what makes no call itself once it is made so (a leaf) is inlined, and what belongs to the caller's instance. The callee's slots get
//! numbers of their own behind the caller's. Its charges stay, so fuel is what it was, and so are the places where a slice ends. What its call
//! takes of the stack is asked for where the call was ([`Step::Room`]); since it makes no calls, nobody else can tell whether
//! it was taken. Blocks say which call they were inlined for ([`Block::within`](crate::ir::Block::within)), so that a trap names the
//! function whose code it is, and its callers.
//!
//! What comes behind a call of a function that never returns is gone: there, slots are read that nobody has set.
//!
//! Pre: what [`crate::ir::build`] gives, of the caller and of callees, with or without closed forms. Post: its invariants; results, traps,
//! their places and fuel are what they were. What is added to a function is bounded by its size ([`Growth`]); recursive functions are no
//! leaves.

mod rename;
mod splice;
#[cfg(test)]
mod tests;

use super::conditions::sweep;
use crate::ir::{self, BlockId, End, Function, Step};
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;
use velocity_interp::FunctionAddress;
use velocity_interp::engine::{Code, Fixed};
use velocity_nda::module::{Children, Expr, ExprId, Module, Type};

/// How many nodes a function may have that is inlined, those of its own callees included.
const MAX_NODES: u32 = 80;

/// How many it may have outside of loops: with that few, a call would be as much code.
const MAX_NODES_ONCE: u32 = 16;

/// How many calls deep functions are looked at for calls to inline.
const MAX_DEPTH: u32 = 4;

/// How many slots a function may get.
const MAX_SLOTS: usize = 256;

/// How many nodes a function may get: these, and so many for each of its statements.
const FREE_NODES: u32 = 160;
const NODES_A_STEP: u32 = 8;

/// What is inlined for a call.
#[derive(Debug)]
struct Body {
    function: Function,
    /// The types of its variables.
    variables: Vec<Type>,
    nodes: u32,
    returns: bool,
}

/// Where a call stands, and what becomes of its results.
#[derive(Clone, Copy)]
struct Site<'a> {
    /// The slot of the first argument and of the first result.
    base: u32,
    at: ExprId,
    next: BlockId,
    parameters: &'a [Type],
    /// The types of the callee's variables.
    variables: &'a [Type],
    results: &'a [Type],
}

/// What may still be added to a function.
struct Growth {
    nodes: u32,
    slots: usize,
}

impl Growth {
    fn of(function: &Function) -> Self {
        let steps: usize = function.order.iter().map(|&id| function.blocks[id as usize].steps.len() + 1).sum();
        let nodes = u32::try_from(steps).unwrap_or(u32::MAX).saturating_mul(NODES_A_STEP).saturating_add(FREE_NODES);
        Self { nodes, slots: MAX_SLOTS }
    }

    /// Takes what a body needs, if there is as much.
    fn take(&mut self, body: &Body) -> bool {
        let left = self.nodes.checked_sub(body.nodes).zip(self.slots.checked_sub(body.function.frame));
        if let Some((nodes, slots)) = left {
            (self.nodes, self.slots) = (nodes, slots);
        }
        left.is_some()
    }
}

/// What calls of a store's functions become: found once, when first asked for.
pub(crate) struct Inliner<'a> {
    fixed: &'a Fixed,
    /// Whether bodies have closed forms.
    forms: bool,
    /// By function address.
    bodies: BTreeMap<usize, Option<Rc<Body>>>,
}

impl<'a> Inliner<'a> {
    pub(crate) const fn new(fixed: &'a Fixed, forms: bool) -> Self {
        Self { fixed, forms, bodies: BTreeMap::new() }
    }

    /// Inlines calls of a function; how many.
    pub(crate) fn run(&mut self, function: &mut Function) -> usize {
        let calls = |&id: &BlockId| matches!(function.blocks[id as usize].end, End::Call(..));
        if !function.order.iter().any(calls) {
            return 0;
        }
        self.inline(function, 0)
    }

    fn inline(&mut self, function: &mut Function, depth: u32) -> usize {
        let loops = in_loops(function);
        let mut growth = Growth::of(function);
        let mut order = Vec::with_capacity(function.order.len());
        let before = function.inlined.len();
        let mut returns = true;
        for (id, in_loop) in core::mem::take(&mut function.order).into_iter().zip(loops) {
            order.push(id);
            let End::Call(callee, call) = function.blocks[id as usize].end else { continue };
            let Some(body) = self.body(callee, function, depth) else { continue };
            let most = if in_loop || depth > 0 { MAX_NODES } else { MAX_NODES_ONCE };
            if body.nodes > most || !growth.take(&body) {
                continue;
            }
            let ty = self.fixed.types.get(self.fixed.functions[callee.index()].ty);
            let site = Site {
                base: call.base,
                at: call.at,
                next: call.next,
                parameters: &ty.parameters,
                variables: &body.variables,
                results: &ty.results,
            };
            splice::splice(function, id, &body.function, site, &mut order);
            returns &= body.returns;
        }
        function.order = order;
        if !returns {
            sweep(function);
        }
        let count = function.inlined.len() - before;
        if count > 0 {
            splice::ask_once(function);
        }
        count
    }

    /// What a call of a function by another one becomes; `None` if it stays a call.
    fn body(&mut self, callee: FunctionAddress, caller: &Function, depth: u32) -> Option<Rc<Body>> {
        let Code::Defined { instance, function: key, root, .. } = self.fixed.functions[callee.index()].code else {
            return None;
        };
        if instance != caller.instance || key == caller.key || depth >= MAX_DEPTH {
            return None;
        }
        if let Some(known) = self.bodies.get(&callee.index()) {
            return known.clone();
        }
        // What calls itself finds that it stays a call.
        self.bodies.insert(callee.index(), None);
        let module = self.fixed.instances[instance.index()].module();
        let body = nodes(module, root).and_then(|nodes| self.make(callee, nodes, depth)).map(Rc::new);
        self.bodies.insert(callee.index(), body.clone());
        body
    }

    fn make(&mut self, callee: FunctionAddress, own: u32, depth: u32) -> Option<Body> {
        let mut function = ir::build(self.fixed, &self.fixed.functions[callee.index()])?;
        if self.forms {
            super::run(&mut function);
        }
        self.inline(&mut function, depth + 1);
        let blocks = || function.order.iter().map(|&id| &function.blocks[id as usize]);
        let returns = blocks().any(|block| matches!(block.end, End::Return(..) | End::ReturnValue(_)));
        let is_leaf = blocks().all(|block| {
            !matches!(block.end, End::Call(..) | End::CallIndirect(..))
                && !block.steps.iter().any(|step| matches!(step, Step::Host { .. }))
        });
        // About what was inlined, in nodes.
        let more: u32 = blocks().filter(|block| block.within > 0).map(|block| block.charge.fuel()).sum();
        let nodes = own.saturating_add(more);
        let module = self.fixed.instances[function.instance.index()].module();
        let variables = ir::local_types(module, function.key)?.split_off(function.parameters as usize);
        (is_leaf && nodes <= MAX_NODES).then_some(Body { function, variables, nodes, returns })
    }
}

/// How many nodes a body has; `None` if there are more than may be inlined.
fn nodes(module: &Module, root: ExprId) -> Option<u32> {
    let (mut work, mut count) = (Vec::from([root]), 0);
    while let Some(id) = work.pop() {
        count += 1;
        let expr = module.exprs[id];
        if count > MAX_NODES || matches!(expr, Expr::CallIndirect(..)) {
            return None;
        }
        match expr.children() {
            Children::Few(few, count) => work.extend(&few[..count]),
            Children::List(list) if module.pool.len(list) > MAX_NODES as usize => return None,
            Children::List(list) => work.extend(module.pool.get(list)),
        }
    }
    Some(count)
}

/// By place in the order: whether the block lies in a loop.
fn in_loops(function: &Function) -> Vec<bool> {
    let mut places = alloc::vec![0_usize; function.blocks.len()];
    function.order.iter().enumerate().for_each(|(place, &id)| places[id as usize] = place);
    // By place: where the loop ends whose head is there.
    let mut ends = alloc::vec![0_usize; function.order.len()];
    for (place, &id) in function.order.iter().enumerate() {
        function.blocks[id as usize].end.successors(|next| {
            let head = places[next as usize];
            if head <= place {
                ends[head] = ends[head].max(place + 1);
            }
        });
    }
    let mut reach = 0;
    let inside = |(place, end): (usize, usize)| {
        reach = reach.max(end);
        place < reach
    };
    ends.into_iter().enumerate().map(inside).collect()
}
