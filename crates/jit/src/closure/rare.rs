//! What operations leave to others: statements that need the whole store, and those whose slots operations cannot name.

use super::context::Rare;
use crate::ir::{Step, Tree};
use velocity_interp::engine::{Account, Bulk, Fixed, Range, Slot, State, binary, unary};
use velocity_interp::{InstanceId, Memory, TrapKind};
use velocity_nda::module::ExprId;

/// What is needed to do it: the memory of the instance is where it belongs.
pub(super) struct Whole<'a> {
    pub(super) fixed: &'a Fixed,
    pub(super) state: &'a mut State,
    pub(super) account: &'a mut Account,
    /// From the start of the frame on.
    pub(super) frame: &'a mut [Slot],
    pub(super) instance: InstanceId,
    /// Its address; nothing is there if the instance has none.
    pub(super) memory: usize,
}

/// A trap, and the node that is to blame.
type Failed = (TrapKind, ExprId);

impl Whole<'_> {
    /// Does it, and gives the value that goes where values stand in registers.
    pub(super) fn run(&mut self, rare: &Rare) -> Result<Slot, Failed> {
        match rare {
            Rare::Step(step) => self.step(step)?,
            Rare::Value(tree) => return self.value(tree),
            Rare::Results(first, count) => {
                self.frame.copy_within(*first as usize..(*first + *count) as usize, 0);
            }
            Rare::Clear(first, count) => self.frame[*first as usize..(*first + *count) as usize].fill(0),
            Rare::Trap(kind, at) => return Err((*kind, *at)),
        }
        Ok(0)
    }

    fn step(&mut self, step: &Step) -> Result<(), Failed> {
        match step {
            Step::Set { slot, tree, .. } => self.frame[*slot as usize] = self.value(tree)?,
            Step::Evaluate(tree) => {
                self.value(tree)?;
            }
            Step::SetGlobal(global, tree) => self.state.globals[*global as usize].value = self.value(tree)?,
            Step::Store { op, offset, at, operands, .. } => {
                let (address, value) = (self.value(&operands[0])?, self.value(&operands[1])?);
                let memory = self.state.memories.get_mut(self.memory).ok_or((TrapKind::MemoryBounds, *at))?;
                memory.store(*op, address, *offset, value).map_err(|kind| (kind, *at))?;
            }
            Step::Bulk { expr, at, base } => {
                let [to, from, len] = [0, 1, 2].map(|at| self.frame[*base as usize + at] as u32);
                self.bulk().range(*expr, Range { to, from, len }).map_err(|kind| (kind, *at))?;
            }
            Step::Grow { at, slot } => {
                let pages = self.frame[*slot as usize] as u32;
                self.frame[*slot as usize] = self.bulk().grow(pages).map_err(|kind| (kind, *at))?;
            }
            Step::DropData(data) => self.state.dropped[self.instance.index()].data[data.0 as usize] = true,
            Step::DropElement(element) => {
                self.state.dropped[self.instance.index()].elements[element.0 as usize] = true;
            }
            // Operations of their own.
            Step::Host { .. } | Step::Room { .. } => {}
        }
        Ok(())
    }

    fn bulk(&mut self) -> Bulk<'_> {
        let instance = &self.fixed.instances[self.instance.index()];
        Bulk { id: self.instance, instance, state: self.state, account: self.account }
    }

    /// The value of a tree. It recurses as deep as trees are, which have few nodes.
    fn value(&self, tree: &Tree) -> Result<Slot, Failed> {
        Ok(match tree {
            Tree::Slot(slot, _) => self.frame[*slot as usize],
            Tree::Constant(value) => *value,
            Tree::Global(global, _) => self.state.globals[*global as usize].value,
            Tree::MemorySize => self.memory().map_or(0, |memory| memory.pages().into()),
            Tree::Unary(op, at, operand) => unary(*op, self.value(operand)?).map_err(|kind| (kind, *at))?,
            Tree::Binary(op, at, operands) | Tree::Divided(op, at, operands, _) => {
                let (left, right) = (self.value(&operands[0])?, self.value(&operands[1])?);
                binary(*op, left, right).map_err(|kind| (kind, *at))?
            }
            Tree::Load((op, offset), at, address) => {
                let address = self.value(address)?;
                let memory = self.memory().ok_or((TrapKind::MemoryBounds, *at))?;
                memory.load(*op, address, *offset).map_err(|kind| (kind, *at))?
            }
            Tree::Select(operands) => {
                let (one, two) = (self.value(&operands[0])?, self.value(&operands[1])?);
                if self.value(&operands[2])? as u32 == 0 { two } else { one }
            }
        })
    }

    fn memory(&self) -> Option<&Memory> {
        self.state.memories.get(self.memory)
    }
}
