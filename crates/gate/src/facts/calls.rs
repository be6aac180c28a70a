//! The call graph, in an order in which callees come before their callers.
//!
//! An indirect call may reach every function of its signature that an element segment holds. So that this stays linear,
//! the graph has a node for each function and one for each signature, and an indirect call leads to the latter.
//! Strongly connected components are found by Tarjan's algorithm with a stack of its own.

use super::nodes;
use alloc::vec;
use alloc::vec::Vec;
use velocity_nda::module::{Expr, FuncId, Module};

/// A function (from 0 on) or a signature (behind all functions).
pub(super) type Node = u32;

/// The call graph and the order of its components.
#[derive(Debug)]
pub(super) struct Order {
    /// Where each node's callees begin in `callees`; one more at the end.
    starts: Vec<u32>,
    callees: Vec<Node>,
    /// Nodes, those of one component side by side, callees' components first.
    nodes: Vec<Node>,
    /// Where each component ends in `nodes`.
    ends: Vec<u32>,
    /// The number of each node's component.
    component: Vec<u32>,
}

impl Order {
    pub(super) fn of(module: &Module) -> Self {
        let (starts, callees) = edges(module);
        let mut order = Self { starts, callees, nodes: Vec::new(), ends: Vec::new(), component: Vec::new() };
        order.component.resize(order.starts.len() - 1, 0);
        order.sort();
        order
    }

    pub(super) fn callees(&self, node: Node) -> &[Node] {
        let (from, to) = (self.starts[node as usize], self.starts[node as usize + 1]);
        &self.callees[from as usize..to as usize]
    }

    /// The components, callees' first.
    pub(super) fn components(&self) -> impl Iterator<Item = &[Node]> {
        let starts = core::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(&from, &to)| &self.nodes[from as usize..to as usize])
    }

    /// Whether two nodes belong to one component.
    pub(super) fn together(&self, one: Node, other: Node) -> bool {
        self.component[one as usize] == self.component[other as usize]
    }

    /// Whether the members of a component may call themselves.
    pub(super) fn is_recursive(&self, component: &[Node]) -> bool {
        component.len() > 1 || component.iter().any(|&node| self.callees(node).contains(&node))
    }

    /// The first function of each circle of calls, and how many functions belong to it.
    pub(super) fn recursive(&self, module: &Module) -> Vec<(FuncId, usize)> {
        let is_function = |node: &&Node| (**node as usize) < module.functions.len();
        let circles = self.components().filter(|component| self.is_recursive(component));
        let first = |component: &[Node]| {
            let count = component.iter().filter(is_function).count();
            component.iter().filter(is_function).min().map(|&node| (FuncId(node), count))
        };
        circles.filter_map(first).collect()
    }

    /// Tarjan's algorithm: `low[n]` becomes the earliest node on the stack that `n` reaches.
    fn sort(&mut self) {
        let count = self.starts.len() - 1;
        let (mut found, mut low) = (vec![0_u32; count], vec![0_u32; count]);
        let (mut on_stack, mut stack, mut next) = (vec![false; count], Vec::new(), 1);
        for root in 0..count as u32 {
            if found[root as usize] != 0 {
                continue;
            }
            let mut path = vec![(root, 0_usize)];
            while let Some(&mut (node, ref mut edge)) = path.last_mut() {
                let at = node as usize;
                if *edge == 0 && found[at] == 0 {
                    (found[at], low[at], next) = (next, next, next + 1);
                    stack.push(node);
                    on_stack[at] = true;
                }
                if let Some(&callee) = self.callees(node).get(*edge) {
                    *edge += 1;
                    match callee as usize {
                        to if found[to] == 0 => path.push((callee, 0)),
                        to if on_stack[to] => low[at] = low[at].min(found[to]),
                        _ => {}
                    }
                    continue;
                }
                path.pop();
                if let Some(&(caller, _)) = path.last() {
                    low[caller as usize] = low[caller as usize].min(low[at]);
                }
                if low[at] == found[at] {
                    self.close(node, &mut stack, &mut on_stack);
                }
            }
        }
    }

    /// Moves a component from the stack to the result.
    fn close(&mut self, node: Node, stack: &mut Vec<Node>, on_stack: &mut [bool]) {
        while let Some(member) = stack.pop() {
            on_stack[member as usize] = false;
            self.component[member as usize] = self.ends.len() as u32;
            self.nodes.push(member);
            if member == node {
                break;
            }
        }
        self.ends.push(self.nodes.len() as u32);
    }
}

/// The node of a signature.
pub(super) fn of_signature(module: &Module, signature: u32) -> Node {
    module.functions.len() as u32 + signature
}

/// Edges of every node, one node's behind the other's.
fn edges(module: &Module) -> (Vec<u32>, Vec<Node>) {
    let (mut starts, mut callees) = (vec![0], Vec::new());
    for (_, function) in module.functions.iter() {
        callees.extend(nodes(function).filter_map(|node| match module.exprs[node] {
            Expr::Call(callee, _) => Some(callee.0),
            Expr::CallIndirect(signature, ..) => Some(of_signature(module, signature.0)),
            _ => None,
        }));
        starts.push(callees.len() as u32);
    }
    let mut held: Vec<(u32, u32)> = module
        .elements
        .iter()
        .flat_map(|(_, element)| module.pool.get(element.items))
        .filter_map(|item| item.checked_sub(1))
        .map(|function| (module.functions[FuncId(function)].signature.0, function))
        .collect();
    held.sort_unstable();
    held.dedup();
    let mut at = 0;
    for signature in 0..module.signatures.len() as u32 {
        while let Some(&(_, function)) = held.get(at).filter(|&&(held, _)| held == signature) {
            callees.push(function);
            at += 1;
        }
        starts.push(callees.len() as u32);
    }
    (starts, callees)
}
