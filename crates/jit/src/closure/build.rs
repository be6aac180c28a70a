//! From the tree of a function to blocks, in one walk.
//!
//! The walk keeps the operands that nobody has used yet as [`Tree`]s. The operand at position `n` has a slot of its own,
//! number `n` behind the locals. Operands are put into their slots when something that comes before their use would
//! disturb them, before control can part or meet, and as arguments: a callee's frame begins at the slot of its first
//! argument, where its results are afterwards.
//!
//! Invariants: the tree of the operand at position `n` reads no slot of a position below `n`; operands below `settled`
//! are constants or in their own slots; where control parts or meets, all are. While `current` is `None` no code can be
//! reached, nothing is made, and what lies on the operand stack above the innermost label or arm has no meaning.

use super::code::{Block, BlockId, Call, End, Function, Step};
use super::step;
use super::tree::{Effect, Facts, MAX_SIZE, Tree, divides, truncates};
use super::value::value;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_interp::engine::{Charge, Code, Fixed, FunctionInstance, Instance, binary, of_i32, unary};
use velocity_interp::{FunctionAddress, InstanceId, TrapKind};
use velocity_nda::module::{BinaryOp, Children, Expr, ExprId, Key, List, Module, Shape, UnaryOp};

/// How many operands may wait outside of their slots.
const MAX_UNSETTLED: usize = 64;

/// An operand that nobody has used yet.
struct Operand {
    tree: Tree,
    facts: Facts,
}

/// A place that breaks go to.
struct Label {
    block: BlockId,
    /// How many operands lie below its values.
    height: usize,
    /// How many values a break brings.
    arity: usize,
    used: bool,
}

/// A condition on its way.
struct Fork {
    otherwise: BlockId,
    join: BlockId,
    height: usize,
    /// Control comes to the join.
    met: bool,
}

/// Something still to do.
#[derive(Clone, Copy)]
enum Work {
    Visit(ExprId),
    /// The operands of a node are there.
    Finish(ExprId),
    /// The condition of a node is there.
    Part(ExprId),
    /// The first arm is done.
    Else,
    /// The last arm is done; so many values.
    Join(usize),
    EndBlock,
    EndLoop,
}

/// The block that is being filled.
struct Open {
    charge: Charge,
    head: ExprId,
    steps: Vec<Step>,
    id: BlockId,
}

struct Builder<'a> {
    fixed: &'a Fixed,
    instance: &'a Instance,
    module: &'a Module,
    id: InstanceId,
    /// How many slots parameters and variables take.
    locals: u32,
    results: u32,
    operands: Vec<Operand>,
    settled: usize,
    /// The most slots that anything needed.
    frame: usize,
    blocks: Vec<Block>,
    current: Option<Open>,
    labels: Vec<Label>,
    forks: Vec<Fork>,
    work: Vec<Work>,
}

/// Compiles a function that a module defines; `None` for a function of the host.
pub(super) fn compile(fixed: &Fixed, called: &FunctionInstance) -> Option<Function> {
    let Code::Defined { instance: id, function: key, root, variables, slots } = called.code else { return None };
    let instance = &fixed.instances[id.index()];
    let locals = called.parameters + variables;
    let mut builder = Builder {
        fixed,
        instance,
        module: instance.module(),
        id,
        locals,
        results: called.results,
        operands: Vec::new(),
        settled: 0,
        frame: locals.max(called.results) as usize,
        blocks: Vec::new(),
        current: None,
        labels: Vec::new(),
        forks: Vec::new(),
        work: Vec::new(),
    };
    let first = builder.block();
    builder.open(first);
    builder.run(root);
    if builder.current.is_some() {
        builder.leave();
    }
    Some(Function {
        instance: id,
        key,
        memory: instance.memory.map(|memory| memory.index()),
        parameters: called.parameters,
        variables,
        slots,
        frame: builder.frame,
        blocks: builder.blocks.into(),
    })
}

/// Blocks.
impl Builder<'_> {
    fn block(&mut self) -> BlockId {
        self.blocks.push(Block::default());
        self.blocks.len() as BlockId - 1
    }

    fn open(&mut self, id: BlockId) {
        self.current = Some(Open { charge: Charge::default(), head: ExprId::new(0), steps: Vec::new(), id });
    }

    /// Ends the current block. What comes next cannot be reached unless a block is opened.
    fn close(&mut self, end: End) {
        if let Some(Open { charge, head, steps, id }) = self.current.take() {
            self.blocks[id as usize] = Block { charge, head, steps: steps.into(), end };
        }
    }

    fn step(&mut self, step: Step) {
        if let Some(open) = &mut self.current {
            open.steps.push(step);
        }
    }

    /// A segment begins here.
    fn charge(&mut self, id: ExprId) {
        let charge = self.instance.charges[id.0 as usize];
        if charge.is_none() {
            return;
        }
        // What can trap has to do so before.
        self.before_leaving();
        if self.current.as_ref().is_some_and(|open| !open.steps.is_empty() || !open.charge.is_none()) {
            let next = self.block();
            self.close(End::Goto(next));
            self.open(next);
        }
        if let Some(open) = &mut self.current {
            (open.charge, open.head) = (charge, id);
        }
    }
}

/// Operands.
impl Builder<'_> {
    fn slot(&mut self, position: usize) -> u32 {
        let slot = self.locals as usize + position;
        self.frame = self.frame.max(slot + 1);
        slot as u32
    }

    fn push(&mut self, tree: Tree, facts: Facts) {
        self.operands.push(Operand { tree, facts });
        if facts.size > MAX_SIZE {
            self.settle_from(self.operands.len() - 1);
        }
    }

    fn push_slot(&mut self, slot: u32) {
        self.push(Tree::Slot(slot), Facts::of_slot(slot));
    }

    /// As many operands as lie from the current height on, in their own slots already.
    fn push_settled(&mut self, count: usize) {
        for _ in 0..count {
            let slot = self.slot(self.operands.len());
            self.push_slot(slot);
        }
    }

    fn constant(&mut self, value: u64) {
        self.push(Tree::Constant(value), Facts::leaf());
    }

    /// The topmost operand. The module is valid, so there is one.
    fn pop(&mut self) -> (Tree, Facts) {
        let popped = self.operands.pop();
        self.settled = self.settled.min(self.operands.len());
        popped.map_or((Tree::Constant(0), Facts::leaf()), |operand| (operand.tree, operand.facts))
    }

    fn truncate(&mut self, height: usize) {
        self.operands.truncate(height);
        self.settled = self.settled.min(height);
    }

    /// Whether the operand at a position is a constant or in its own slot.
    fn is_settled(&self, position: usize) -> bool {
        match self.operands[position].tree {
            Tree::Constant(_) => true,
            Tree::Slot(slot) => slot as usize == self.locals as usize + position,
            _ => false,
        }
    }

    fn advance(&mut self) {
        while self.settled < self.operands.len() && self.is_settled(self.settled) {
            self.settled += 1;
        }
    }

    /// Puts all operands into their slots.
    fn settle(&mut self) {
        self.advance();
        for position in self.settled..self.operands.len() {
            if !self.is_settled(position) {
                self.place(position);
            }
        }
        self.settled = self.operands.len();
    }

    /// Evaluates pending operands that an effect would disturb.
    fn before(&mut self, effect: Effect) {
        self.advance();
        let waiting = &self.operands[self.settled..];
        if waiting.len() > MAX_UNSETTLED || waiting.iter().any(|operand| effect.disturbs(&operand.facts)) {
            self.settle();
        }
    }

    /// Puts the operand at a position into its slot. Those below it that read this slot are in their own already.
    fn place(&mut self, position: usize) {
        let slot = self.slot(position);
        let operand = &mut self.operands[position];
        let traps = operand.facts.traps;
        operand.facts = Facts::of_slot(slot);
        let tree = core::mem::replace(&mut operand.tree, Tree::Slot(slot));
        self.step(step::set(slot, tree, traps));
    }

    /// Puts the operands from a position on into their slots, constants too, and gives the first slot.
    fn settle_from(&mut self, position: usize) -> u32 {
        let first = self.slot(position);
        let taken: Vec<Operand> = self.operands.drain(position..).collect();
        self.settled = self.settled.min(position);
        let traps = taken.iter().any(|operand| operand.facts.traps);
        self.before(Effect { sets_from: Some(first), traps, ..Effect::default() });
        for operand in taken {
            self.operands.push(operand);
            let last = self.operands.len() - 1;
            if !matches!(self.operands[last].tree, Tree::Slot(slot) if slot as usize == self.locals as usize + last) {
                self.place(last);
            }
        }
        first
    }

    /// Takes so many operands off; they are in slots from the given one on.
    fn take(&mut self, count: usize) -> u32 {
        let position = self.operands.len() - count;
        let first = self.settle_from(position);
        self.truncate(position);
        first
    }
}

/// Control.
impl Builder<'_> {
    fn run(&mut self, root: ExprId) {
        self.work.push(Work::Visit(root));
        while let Some(work) = self.work.pop() {
            match work {
                Work::Visit(id) if self.current.is_some() => self.visit(id),
                Work::Finish(id) if self.current.is_some() => self.finish(id),
                Work::Part(id) if self.current.is_some() => self.part(id),
                Work::Visit(_) | Work::Finish(_) | Work::Part(_) => {}
                Work::Else => self.otherwise(),
                Work::Join(count) => self.join(count),
                Work::EndBlock => self.end_block(),
                Work::EndLoop => {
                    self.labels.pop();
                }
            }
        }
    }

    fn visit(&mut self, id: ExprId) {
        self.charge(id);
        match self.module.exprs[id] {
            Expr::I32(value) => self.constant(of_i32(value)),
            Expr::I64(value) => self.constant(value as u64),
            Expr::F32(bits) => self.constant(bits.into()),
            Expr::F64(bits) => self.constant(bits),
            Expr::LocalGet(local) => self.push_slot(local.0),
            Expr::GlobalGet(global) => {
                let address = self.instance.global(global).index() as u32;
                self.push(Tree::Global(address), Facts { outside: true, ..Facts::leaf() });
            }
            Expr::Address(data) => self.constant(self.instance.placed[data.0 as usize].into()),
            Expr::MemorySize => self.push(Tree::MemorySize, Facts { outside: true, ..Facts::leaf() }),
            Expr::Unreachable => {
                self.before_leaving();
                self.close(End::Trap(TrapKind::Unreachable, id));
            }
            Expr::If(condition, _) | Expr::IfElse(condition, ..) => {
                self.work.extend([Work::Part(id), Work::Visit(condition)]);
            }
            Expr::Block(body) => {
                self.settle();
                let (block, arity) = (self.block(), self.count(id));
                self.labels.push(Label { block, height: self.operands.len(), arity, used: false });
                self.work.extend([Work::EndBlock, Work::Visit(body)]);
            }
            Expr::Loop(body) => {
                self.settle();
                let block = self.block();
                self.labels.push(Label { block, height: self.operands.len(), arity: 0, used: true });
                self.close(End::Goto(block));
                self.open(block);
                self.work.extend([Work::EndLoop, Work::Visit(body)]);
            }
            expr => {
                self.work.push(Work::Finish(id));
                match expr.children() {
                    Children::Few(few, count) => {
                        self.work.extend(few[..count].iter().rev().map(|&child| Work::Visit(child)));
                    }
                    Children::List(list) => {
                        self.work.extend(self.module.pool.get(list).rev().map(Work::Visit));
                    }
                }
            }
        }
    }

    /// The condition of a node is the topmost operand.
    fn part(&mut self, id: ExprId) {
        let (condition, facts) = self.pop();
        self.settle();
        let (then, join, height) = (self.block(), self.block(), self.operands.len());
        let arms = match self.module.exprs[id] {
            Expr::IfElse(_, one, two) => Some((one, two)),
            _ => None,
        };
        let otherwise = if arms.is_some() { self.block() } else { join };
        let test = value(condition);
        self.close(if facts.traps { End::IfTraps(test, then, otherwise) } else { End::If(test, then, otherwise) });
        self.open(then);
        self.forks.push(Fork { otherwise, join, height, met: arms.is_none() });
        self.work.push(Work::Join(self.count(id)));
        match (arms, self.module.exprs[id]) {
            (Some((one, two)), _) => self.work.extend([Work::Visit(two), Work::Else, Work::Visit(one)]),
            (None, Expr::If(_, then)) => self.work.push(Work::Visit(then)),
            _ => {}
        }
    }

    /// Goes on at the join of the innermost fork with the values of an arm.
    fn meet(&mut self) {
        let Some((height, join)) = self.forks.last().map(|fork| (fork.height, fork.join)) else { return };
        if self.current.is_some() {
            self.settle_from(height);
            self.close(End::Goto(join));
            if let Some(fork) = self.forks.last_mut() {
                fork.met = true;
            }
        }
        self.truncate(height);
    }

    fn otherwise(&mut self) {
        self.meet();
        if let Some(otherwise) = self.forks.last().map(|fork| fork.otherwise) {
            self.open(otherwise);
        }
    }

    fn join(&mut self, count: usize) {
        self.meet();
        let Some(fork) = self.forks.pop() else { return };
        if fork.met {
            self.open(fork.join);
            self.push_settled(count);
        }
    }

    fn end_block(&mut self) {
        let Some(label) = self.labels.pop() else { return };
        if !label.used {
            return;
        }
        if self.current.is_some() {
            self.settle_from(label.height);
            self.close(End::Goto(label.block));
        }
        self.truncate(label.height);
        self.open(label.block);
        self.push_settled(label.arity);
    }

    /// The label that a break of a depth goes to: its block, height and arity.
    fn label(&mut self, depth: u32) -> (BlockId, usize, usize) {
        let at = self.labels.len().saturating_sub(1 + depth as usize);
        let label = &mut self.labels[at];
        label.used = true;
        (label.block, label.height, label.arity)
    }

    /// Moves the topmost operands to the slots from a height on.
    fn carry(&mut self, count: usize, height: usize) {
        let position = self.operands.len() - count;
        if position == height {
            self.settle_from(position);
            return;
        }
        let moved: Vec<Operand> = self.operands.drain(position..).collect();
        self.settled = self.settled.min(position);
        self.before_leaving();
        for (at, Operand { tree, facts }) in moved.into_iter().enumerate() {
            let slot = self.slot(height + at);
            self.step(step::set(slot, tree, facts.traps));
        }
    }

    /// Control leaves, and operands that nobody will use must not lose their traps.
    fn before_leaving(&mut self) {
        self.before(Effect { traps: true, ..Effect::default() });
    }

    fn branch(&mut self, depth: u32, value: ExprId) {
        let (block, height, arity) = self.label(depth);
        let count = self.count(value).min(arity);
        self.carry(count, height);
        self.close(End::Goto(block));
    }

    fn table(&mut self, depths: List<u32>, value_of: ExprId) {
        let (index, facts) = self.pop();
        let count = self.count(value_of);
        self.before_leaving();
        // The index is evaluated last, and its tree reads only slots above the values'.
        let first = if count > 0 { self.take(count) } else { 0 };
        let words = self.module.pool.words(depths);
        let mut edges = BTreeMap::new();
        let targets: Box<[BlockId]> = words
            .iter()
            .map(|&depth| {
                let (block, height, _) = self.label(depth);
                let to = self.locals + height as u32;
                if count == 0 || to == first {
                    return block;
                }
                *edges.entry(depth).or_insert_with(|| {
                    self.slot(height + count - 1);
                    let steps = (0..count as u32).map(|at| step::set(to + at, Tree::Slot(first + at), false));
                    let edge = Block { steps: steps.collect(), end: End::Goto(block), ..Block::default() };
                    self.blocks.push(edge);
                    self.blocks.len() as BlockId - 1
                })
            })
            .collect();
        let test = value(index);
        if facts.traps {
            // Evaluated in a step, so that its trap is seen.
            let slot = self.slot(self.operands.len() + count);
            self.step(step::set_by(slot, test));
            self.close(End::Table(value(Tree::Slot(slot)), targets));
            return;
        }
        self.close(End::Table(test, targets));
    }

    /// Returns the topmost operands.
    fn leave(&mut self) {
        match self.results {
            0 => {
                self.before_leaving();
                self.close(End::Return(0, 0));
            }
            1 => {
                let (tree, _) = self.pop();
                self.before_leaving();
                let result = value(tree);
                self.close(End::ReturnValue(result));
            }
            many => {
                self.before_leaving();
                let first = self.take(many as usize);
                self.close(End::Return(first, many));
            }
        }
    }

    /// How many values a node leaves behind.
    fn count(&self, id: ExprId) -> usize {
        match self.module.yields[id].shape() {
            Shape::None | Shape::Never => 0,
            Shape::One(_) => 1,
            Shape::Many(list) => self.module.pool.len(list),
        }
    }
}

/// Nodes whose operands are there.
impl Builder<'_> {
    fn finish(&mut self, id: ExprId) {
        match self.module.exprs[id] {
            Expr::LocalSet(local, _) => {
                self.set_local(local.0);
            }
            Expr::LocalTee(local, _) => {
                self.set_local(local.0);
                self.push_slot(local.0);
            }
            Expr::LocalSetMany(locals, _) => {
                let first = self.take(self.module.pool.len(locals));
                for (at, local) in self.module.pool.get(locals).enumerate() {
                    self.before(Effect { sets: Some(local.0), ..Effect::default() });
                    self.step(step::set(local.0, Tree::Slot(first + at as u32), false));
                }
            }
            Expr::GlobalSet(global, _) => {
                let (tree, facts) = self.pop();
                self.before(Effect { outside: true, traps: facts.traps, ..Effect::default() });
                let address = self.instance.global(global).index() as u32;
                self.step(step::set_global(address, tree));
            }
            Expr::Unary(op, _) => self.unary(op, id),
            Expr::Binary(op, ..) => self.binary(op, id),
            Expr::Select(..) => {
                let ((three, c), (two, b), (one, a)) = (self.pop(), self.pop(), self.pop());
                let facts = a.with(b).with(c);
                self.push(Tree::Select(Box::new([one, two, three])), Facts { size: facts.size + 1, ..facts });
            }
            Expr::Load(op, offset, _) => {
                let (address, facts) = self.pop();
                let facts = Facts { size: facts.size + 1, outside: true, traps: true, ..facts };
                self.push(Tree::Load((op, offset), id, Box::new(address)), facts);
            }
            Expr::Store(op, offset, ..) => {
                let ((stored, b), (address, a)) = (self.pop(), self.pop());
                self.before(Effect { outside: true, traps: true, ..Effect::default() });
                self.step(step::store((op, offset), id, [address, stored], a.traps || b.traps));
            }
            Expr::Drop(value) => self.forget(self.count(value)),
            Expr::Break(depth, value) => self.branch(depth, value),
            Expr::BreakTable(depths, value, _) => self.table(depths, value),
            Expr::Return(_) => self.leave(),
            Expr::Call(callee, list) => self.call(self.instance.function(callee), self.module.pool.len(list), id),
            Expr::CallIndirect(signature, table, list) => {
                let arguments = self.module.pool.len(list) - 1;
                self.outside();
                let base = self.take(arguments + 1);
                let end = |call| End::CallIndirect((signature, table), base + arguments as u32, call);
                self.end_with(end, base, id);
            }
            Expr::Sequence(_) | Expr::Tuple(_) => {}
            _ => self.bulk(id),
        }
    }

    fn set_local(&mut self, local: u32) {
        let (tree, facts) = self.pop();
        self.before(Effect { sets: Some(local), traps: facts.traps, ..Effect::default() });
        self.step(step::set(local, tree, facts.traps));
    }

    fn unary(&mut self, op: UnaryOp, id: ExprId) {
        let (operand, facts) = self.pop();
        if let Tree::Constant(value) = operand
            && let Ok(result) = unary(op, value)
        {
            return self.constant(result);
        }
        let facts = Facts { size: facts.size + 1, traps: facts.traps || truncates(op), ..facts };
        self.push(Tree::Unary(op, id, Box::new(operand)), facts);
    }

    fn binary(&mut self, op: BinaryOp, id: ExprId) {
        let ((right, b), (left, a)) = (self.pop(), self.pop());
        if let (Tree::Constant(left), Tree::Constant(right)) = (&left, &right)
            && let Ok(result) = binary(op, *left, *right)
        {
            return self.constant(result);
        }
        let facts = a.with(b);
        let facts = Facts { size: facts.size + 1, traps: facts.traps || divides(op), ..facts };
        self.push(Tree::Binary(op, id, Box::new([left, right])), facts);
    }

    /// Forgets the topmost operands, but not their traps.
    fn forget(&mut self, count: usize) {
        let position = self.operands.len() - count;
        if self.operands[position..].iter().any(|operand| operand.facts.traps) {
            self.before(Effect { traps: true, ..Effect::default() });
        }
        let forgotten: Vec<Operand> = self.operands.drain(position..).collect();
        self.settled = self.settled.min(position);
        for operand in forgotten.into_iter().filter(|operand| operand.facts.traps) {
            self.step(step::evaluate(operand.tree));
        }
    }

    /// Something outside changes next.
    fn outside(&mut self) {
        self.before(Effect { outside: true, traps: true, ..Effect::default() });
    }

    fn call(&mut self, callee: FunctionAddress, arguments: usize, id: ExprId) {
        let base = self.take(arguments);
        self.outside();
        let called = &self.fixed.functions[callee.index()];
        match called.code {
            Code::Host(_) => {
                let most = called.parameters.max(called.results).max(1);
                self.slot(self.operands.len() + most as usize - 1);
                self.step(step::host(callee, id, self.id, base));
                self.push_settled(called.results as usize);
            }
            Code::Defined { .. } => self.end_with(|call| End::Call(callee, call), base, id),
        }
    }

    /// Ends the block with a call, and goes on with its results.
    fn end_with(&mut self, end: impl FnOnce(Call) -> End, base: u32, id: ExprId) {
        let next = self.block();
        self.close(end(Call { base, at: id, next }));
        self.open(next);
        let results = self.count(id);
        self.push_settled(results);
    }

    fn bulk(&mut self, id: ExprId) {
        match self.module.exprs[id] {
            Expr::DataDrop(data) => {
                self.outside();
                self.step(step::drop_data(self.id, data));
            }
            Expr::ElementDrop(element) => {
                self.outside();
                self.step(step::drop_element(self.id, element));
            }
            Expr::MemoryGrow(_) => {
                let slot = self.take(1);
                self.outside();
                self.step(step::grow(id, self.id, slot));
                self.push_settled(1);
            }
            expr => {
                let base = self.take(3);
                self.outside();
                self.step(step::bulk(expr, id, self.id, base));
            }
        }
    }
}
