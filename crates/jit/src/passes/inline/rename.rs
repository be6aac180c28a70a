//! Steps and ends of a callee as its caller has them: slots by other numbers, parameters that are known put in their places.

use super::Site;
use crate::ir::{Block, Call, End, Step, Tree};
use alloc::boxed::Box;
use alloc::vec::Vec;
use velocity_interp::engine::{binary, unary};

/// How the blocks of a callee become blocks of its caller.
pub(super) struct Rename<'a> {
    /// By slot of the callee: the slot of the caller that stands for it.
    pub(super) slots: &'a [u32],
    /// By parameter: what it always is.
    pub(super) constants: &'a [Option<u64>],
    /// What is added to the numbers of its blocks.
    pub(super) blocks: u32,
    /// What is added to the slots of the stack that calls in it ask for: its own.
    pub(super) room: u32,
    pub(super) site: Site<'a>,
    /// What is added to [`Block::within`] of calls that were inlined into it, and what it is for its own blocks.
    pub(super) inlined: u32,
    pub(super) own: u32,
}

impl Rename<'_> {
    pub(super) fn block(&self, block: &Block) -> Block {
        let mut steps: Vec<Step> = block.steps.iter().map(|step| self.step(step)).collect();
        let end = self.end(&block.end, &mut steps);
        let within = if block.within == 0 { self.own } else { block.within + self.inlined };
        Block { charge: block.charge, head: block.head, steps, end, within }
    }

    fn slot(&self, slot: u32) -> u32 {
        self.slots[slot as usize]
    }

    fn step(&self, step: &Step) -> Step {
        match step {
            Step::Set { slot, ty, tree, traps } => {
                Step::Set { slot: self.slot(*slot), ty: *ty, tree: self.tree(tree), traps: *traps }
            }
            Step::Evaluate(tree) => Step::Evaluate(self.tree(tree)),
            Step::SetGlobal(global, tree) => Step::SetGlobal(*global, self.tree(tree)),
            Step::Store { op, offset, at, operands, traps } => {
                let [address, value] = &**operands;
                let operands = Box::new([self.tree(address), self.tree(value)]);
                Step::Store { op: *op, offset: *offset, at: *at, operands, traps: *traps }
            }
            Step::Bulk { expr, at, base } => Step::Bulk { expr: *expr, at: *at, base: self.slot(*base) },
            Step::Grow { at, slot } => Step::Grow { at: *at, slot: self.slot(*slot) },
            Step::DropData(data) => Step::DropData(*data),
            Step::DropElement(element) => Step::DropElement(*element),
            Step::Room { slots, at } => Step::Room { slots: slots.saturating_add(self.room), at: *at },
            Step::Host { callee, at, base } => Step::Host { callee: *callee, at: *at, base: self.slot(*base) },
        }
    }

    /// What returns sets the results where the caller wants them, and goes on there.
    fn end(&self, end: &End, steps: &mut Vec<Step>) -> End {
        let to = |block: u32| block + self.blocks;
        match end {
            End::Nowhere => End::Nowhere,
            End::Goto(next) => End::Goto(to(*next)),
            End::If { test, traps, then, otherwise } => {
                End::If { test: self.tree(test), traps: *traps, then: to(*then), otherwise: to(*otherwise) }
            }
            End::Table(index, targets) => End::Table(self.tree(index), targets.iter().copied().map(to).collect()),
            End::Call(callee, call) => End::Call(*callee, self.call(*call)),
            End::CallIndirect(what, index, call) => End::CallIndirect(*what, self.slot(*index), self.call(*call)),
            End::Trap(kind, at) => End::Trap(*kind, *at),
            End::Counted { fuel, closed, looped } => {
                End::Counted { fuel: self.tree(fuel), closed: to(*closed), looped: to(*looped) }
            }
            End::Return(first, _) => {
                for (at, &ty) in (0..).zip(self.site.results) {
                    let tree = self.tree(&Tree::Slot(first + at, ty));
                    steps.push(Step::Set { slot: self.site.base + at, ty, tree, traps: false });
                }
                End::Goto(self.site.next)
            }
            End::ReturnValue(tree) => {
                if let Some(&ty) = self.site.results.first() {
                    let tree = self.tree(tree);
                    let traps = crate::ir::traps(&tree);
                    steps.push(Step::Set { slot: self.site.base, ty, tree, traps });
                }
                End::Goto(self.site.next)
            }
        }
    }

    fn call(&self, call: Call) -> Call {
        Call { base: self.slot(call.base), at: call.at, next: call.next + self.blocks }
    }

    /// A tree over the caller's slots; what has become constant is computed.
    pub(super) fn tree(&self, tree: &Tree) -> Tree {
        match tree {
            Tree::Slot(slot, ty) => match self.constants.get(*slot as usize) {
                Some(Some(value)) => Tree::Constant(*value),
                _ => Tree::Slot(self.slot(*slot), *ty),
            },
            Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => tree.clone(),
            Tree::Unary(op, id, operand) => match self.tree(operand) {
                Tree::Constant(value) if unary(*op, value).is_ok() => {
                    Tree::Constant(unary(*op, value).unwrap_or_default())
                }
                operand => Tree::Unary(*op, *id, Box::new(operand)),
            },
            Tree::Binary(op, id, operands) => match [self.tree(&operands[0]), self.tree(&operands[1])] {
                [Tree::Constant(left), Tree::Constant(right)] if binary(*op, left, right).is_ok() => {
                    Tree::Constant(binary(*op, left, right).unwrap_or_default())
                }
                operands => Tree::Binary(*op, *id, Box::new(operands)),
            },
            Tree::Divided(op, id, operands, reciprocal) => {
                let operands = Box::new([self.tree(&operands[0]), self.tree(&operands[1])]);
                Tree::Divided(*op, *id, operands, self.slot(*reciprocal))
            }
            Tree::Load(load, id, address) => Tree::Load(*load, *id, Box::new(self.tree(address))),
            Tree::Select(operands) => {
                let [one, two, test] = &**operands;
                Tree::Select(Box::new([self.tree(one), self.tree(two), self.tree(test)]))
            }
        }
    }
}
