//! Blocks, loops, conditions and jumps.
//!
//! A block that nothing jumps to leaves no node: its statements go on in the frame around it, or in a sequence. Values
//! that a jump carries to a loop go through locals that belong to the loop; all others are the jump's own child.
//!
//! Invariant: a tree that never yields is never an operand; it ends its frame ([`Builder::terminate`]).

use crate::TranslateError;
use crate::frame::{Frame, FrameKind, Operand, Tree, Weight};
use crate::scratch::Label;
use crate::stack::Builder;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_nda::module::{Expr, LocalId, Shape, Yield};

impl Builder<'_> {
    /// `block`
    pub(crate) fn block(&mut self, parameters: Yield, results: Yield) {
        self.open(FrameKind::Block, parameters, results);
    }

    /// `loop`: its parameters go into locals that a jump back sets again.
    pub(crate) fn enter_loop(&mut self, parameters: Yield, results: Yield) -> Result<(), TranslateError> {
        let operands = self.pop_many(self.count(parameters))?;
        let locals = self.temporaries(parameters)?;
        if !locals.is_empty() {
            let value = self.gather(&operands, parameters)?;
            let set = self.set_many(&locals, value)?;
            self.emit(set)?;
        }
        locals.iter().for_each(|&local| self.push_local(local));
        self.open(FrameKind::Loop(locals), parameters, results);
        Ok(())
    }

    /// `if`: parameters are settled before the condition, so that both arms can read them.
    pub(crate) fn enter_if(&mut self, parameters: Yield, results: Yield) -> Result<(), TranslateError> {
        let condition = self.pop()?;
        let count = self.count(parameters);
        if count > 0 {
            self.settle_all()?;
        }
        self.charge(count)?;
        let inputs = self.pop_many(count)?;
        self.operands.extend_from_slice(&inputs);
        self.open(FrameKind::If(condition, inputs), parameters, results);
        Ok(())
    }

    /// `else`: the first arm is complete.
    pub(crate) fn enter_else(&mut self) -> Result<(), TranslateError> {
        let arm = self.body()?;
        let frame = self.frame()?;
        let FrameKind::If(condition, inputs) = core::mem::replace(&mut frame.kind, FrameKind::Block) else {
            return Err(TranslateError::inconsistent(0));
        };
        frame.kind = FrameKind::Else(condition, arm);
        (frame.reachable, frame.weight) = (true, Weight::default());
        self.operands.extend(inputs);
        Ok(())
    }

    /// `end`, unless it ends the function.
    pub(crate) fn end(&mut self) -> Result<(), TranslateError> {
        let Frame { used, operands, .. } = *self.frame()?;
        let plain = matches!(self.frame()?.kind, FrameKind::Block | FrameKind::Loop(_)) && !used;
        if plain && self.outer()?.settled == operands { self.dissolve() } else { self.close() }
    }

    fn outer(&mut self) -> Result<&mut Frame, TranslateError> {
        self.frames.iter_mut().nth_back(1).ok_or_else(|| TranslateError::inconsistent(0))
    }

    /// Ends a frame that is no label and that nothing waits outside of: its statements go on in the outer frame.
    fn dissolve(&mut self) -> Result<(), TranslateError> {
        let Frame { weight, reachable, window, .. } = *self.frame()?;
        self.frames.pop();
        let outer = self.frame()?;
        outer.window.dissolve(&window);
        outer.weight = outer.weight.beside(weight);
        if !reachable {
            (outer.reachable, outer.settled) = (false, outer.operands);
            let operands = outer.operands;
            self.operands.truncate(operands);
        }
        Ok(())
    }

    /// Ends a frame that becomes a node of the outer one.
    fn close(&mut self) -> Result<(), TranslateError> {
        let body = self.body()?;
        let Some(Frame { kind, label, used, parameters, results, window, .. }) = self.frames.pop() else {
            return Err(TranslateError::inconsistent(0));
        };
        self.frame()?.window.close(&window);
        let tree = match kind {
            FrameKind::Loop(_) if used => self.labelled(Expr::Loop(body.id), self.scratch.yields(body.id), label, body),
            FrameKind::If(condition, inputs) => {
                let tree = self.finish_if(condition, body, &inputs, parameters)?;
                self.block_if(used, tree, results, label)
            }
            FrameKind::Else(condition, first) => {
                let tree = self.if_else(condition, first, body);
                self.block_if(used, tree, results, label)
            }
            FrameKind::Block => self.block_if(used, body, results, label),
            FrameKind::Loop(_) | FrameKind::Function => body,
        };
        self.place(tree)
    }

    fn labelled(&mut self, expr: Expr, yields: Yield, label: Label, body: Tree) -> Tree {
        Tree { id: self.scratch.add_labelled(expr, yields, label), weight: body.weight.above() }
    }

    fn block_if(&mut self, used: bool, tree: Tree, results: Yield, label: Label) -> Tree {
        if used { self.labelled(Expr::Block(tree.id), results, label, tree) } else { tree }
    }

    /// An `if` without `else`: its parameters are its results.
    fn finish_if(
        &mut self,
        condition: Tree,
        arm: Tree,
        inputs: &[Operand],
        results: Yield,
    ) -> Result<Tree, TranslateError> {
        if inputs.is_empty() {
            let weight = condition.weight.beside(arm.weight);
            return Ok(self.tree(Expr::If(condition.id, arm.id), Yield::NONE, weight));
        }
        let other = self.gather(inputs, results)?;
        Ok(self.if_else(condition, arm, other))
    }

    fn if_else(&mut self, condition: Tree, first: Tree, second: Tree) -> Tree {
        let weight = condition.weight.beside(first.weight).beside(second.weight);
        let yields = match self.scratch.yields(first.id) {
            Yield::NEVER => self.scratch.yields(second.id),
            yields => yields,
        };
        self.tree(Expr::IfElse(condition.id, first.id, second.id), yields, weight)
    }

    /// Puts a finished tree where it belongs: end of the frame, statement, operand, or locals.
    pub(crate) fn place(&mut self, tree: Tree) -> Result<(), TranslateError> {
        let yields = self.scratch.yields(tree.id);
        match yields.shape() {
            Shape::Never => self.terminate(tree),
            Shape::None => self.emit(tree),
            Shape::One(ty) => self.push(tree, ty),
            Shape::Many(_) => {
                let locals = self.temporaries(yields)?;
                let set = self.set_many(&locals, tree)?;
                self.emit(set)?;
                locals.iter().for_each(|&local| self.push_local(local));
                Ok(())
            }
        }
    }

    /// The statements of the frame and, if its end is reached, the values that wait there, as one node.
    pub(crate) fn body(&mut self) -> Result<Tree, TranslateError> {
        let Frame { items, reachable, mut weight, results, .. } = *self.frame()?;
        let mut list = self.items.split_off(items);
        self.charge(list.len())?;
        let yields = if reachable { results } else { Yield::NEVER };
        if reachable && yields != Yield::NONE {
            let operands = self.pop_many(self.count(results))?;
            let value = self.gather(&operands, results)?;
            weight = weight.beside(value.weight);
            list.push(value.id);
        }
        Ok(match *list.as_slice() {
            [id] => Tree { id, weight },
            _ => {
                let list = self.scratch.lists().push(&list);
                self.tree(Expr::Sequence(list), yields, weight)
            }
        })
    }

    /// The index of the frame that a jump of this depth leads to.
    fn target(&self, depth: u32) -> Result<usize, TranslateError> {
        let target = self.frames.len().checked_sub(1 + depth as usize);
        target.ok_or_else(|| TranslateError::inconsistent(0))
    }

    /// The types of the values that a jump to a frame carries, and the locals that take them if it is a loop.
    fn carried(&self, target: usize) -> (Yield, &[LocalId]) {
        match &self.frames[target] {
            Frame { kind: FrameKind::Loop(locals), parameters, .. } => (*parameters, locals),
            frame => (frame.results, &[]),
        }
    }

    /// `br`
    pub(crate) fn branch(&mut self, depth: u32) -> Result<(), TranslateError> {
        let target = self.target(depth)?;
        let (types, _) = self.carried(target);
        let operands = self.pop_many(self.count(types))?;
        let value = self.gather(&operands, types)?;
        let jump = self.jump(target, value)?;
        self.terminate(jump)
    }

    /// `br_if`: the values stay where they are if there is no jump.
    pub(crate) fn branch_if(&mut self, depth: u32) -> Result<(), TranslateError> {
        let condition = self.pop()?;
        let target = self.target(depth)?;
        let (types, _) = self.carried(target);
        let count = self.count(types);
        if count > 0 {
            self.settle_for_copies(condition)?;
        }
        self.charge(count)?;
        let operands = self.pop_many(count)?;
        self.operands.extend_from_slice(&operands);
        let value = self.gather(&operands, types)?;
        let jump = self.jump(target, value)?;
        let weight = condition.weight.beside(jump.weight);
        let tree = self.tree(Expr::If(condition.id, jump.id), Yield::NONE, weight);
        self.emit(tree)
    }

    /// `return`
    pub(crate) fn give_back(&mut self) -> Result<(), TranslateError> {
        let outermost = self.frames.len().saturating_sub(1) as u32;
        self.branch(outermost)
    }

    /// A node that leaves for a frame with a value.
    fn jump(&mut self, target: usize, value: Tree) -> Result<Tree, TranslateError> {
        if matches!(self.frames[target].kind, FrameKind::Function) {
            return Ok(self.tree(Expr::Return(value.id), Yield::NEVER, value.weight));
        }
        self.frames[target].used = true;
        let label = self.frames[target].label;
        let locals = self.carried(target).1.to_vec();
        if locals.is_empty() {
            return Ok(self.tree(Expr::Break(label, value.id), Yield::NEVER, value.weight));
        }
        let set = self.set_many(&locals, value)?;
        let nothing = self.nothing();
        let leave = self.tree(Expr::Break(label, nothing.id), Yield::NEVER, nothing.weight);
        let list = self.scratch.lists().push(&[set.id, leave.id]);
        Ok(self.tree(Expr::Sequence(list), Yield::NEVER, set.weight.beside(leave.weight)))
    }

    /// `br_table`; the last depth is for every index beyond.
    pub(crate) fn branch_table(&mut self, depths: &[u32]) -> Result<(), TranslateError> {
        let index = self.pop()?;
        let last = self.target(depths.last().copied().unwrap_or(0))?;
        let (types, _) = self.carried(last);
        let operands = self.pop_many(self.count(types))?;
        let value = self.gather(&operands, types)?;
        self.charge(depths.len())?;
        let mut loops = BTreeMap::new();
        let mut labels = Vec::with_capacity(depths.len());
        for &depth in depths {
            let target = self.target(depth)?;
            labels.push(self.table_label(target, &mut loops));
        }
        let list = self.scratch.lists().push(&labels);
        let weight = index.weight.beside(value.weight);
        let table = self.tree(Expr::BreakTable(list, value.id, index.id), Yield::NEVER, weight);
        let jump = self.jump_to_loops(table, loops)?;
        self.terminate(jump)
    }

    /// The label that an entry of a table leads to: a new one for a loop that takes values, which are set behind it.
    fn table_label(&mut self, target: usize, loops: &mut BTreeMap<usize, Label>) -> Label {
        if !self.carried(target).1.is_empty() {
            return *loops.entry(target).or_insert_with(|| self.scratch.label());
        }
        self.frames[target].used = true;
        self.frames[target].label
    }

    /// Wraps a table in a block for each loop that takes values: what leaves the block is set, then the loop goes on.
    fn jump_to_loops(&mut self, mut tree: Tree, loops: BTreeMap<usize, Label>) -> Result<Tree, TranslateError> {
        for (target, label) in loops {
            let (types, _) = self.carried(target);
            let block = self.labelled(Expr::Block(tree.id), types, label, tree);
            tree = self.jump(target, block)?;
        }
        Ok(tree)
    }

    /// `end` of the function: its whole body.
    pub(crate) fn finish(&mut self) -> Result<Tree, TranslateError> {
        let body = self.body()?;
        let Frame { used, results, label, .. } = *self.frame()?;
        Ok(self.block_if(used, body, results, label))
    }
}
