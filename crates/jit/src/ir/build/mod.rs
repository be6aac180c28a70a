//! From the tree of a function to blocks, in one walk.
//!
//! The walk keeps the operands that nobody has used yet as [`Tree`]s. The operand at position `n` has a slot of its own,
//! number `n` behind the locals. Operands are put into their slots when something that comes before their use would
//! disturb them, before control can part or meet, and as arguments: a callee's frame begins at the slot of its first
//! argument, where its results are afterwards.
//!
//! Invariants: the tree of the operand at position `n` reads no slot of a position below `n`; operands below `settled`
//! are constants or in their own slots; where control parts or meets, all are. While `current` is `None` no code can be
//! reached, nothing is made, and what lies on the operand stack above the innermost label or arm has no meaning. Every read
//! of a slot names the type that was last written there, on every path; a slot may hold values of several types in turn.

mod boxes;
mod control;
mod finish;
mod operands;
mod room;
mod thread;
mod touched;

pub(crate) use room::{Room, give_back};
pub(crate) use touched::{Touch, Touched, is_float, only, value_of};

use super::tree::{Facts, Tree};
use super::{Block, BlockId, End, Function, Step};
use alloc::vec::Vec;
use velocity_interp::engine::{Charge, Code, Fixed, FunctionInstance, Instance};
use velocity_nda::module::{ExprId, FuncId, FunctionKind, Key, Module, Type, Yield};

/// An operand that nobody has used yet.
struct Operand {
    tree: Tree,
    /// The type of its value, which constants do not know.
    ty: Type,
    facts: Facts,
}

/// A place that breaks go to.
struct Label {
    block: BlockId,
    /// How many operands lie below its values.
    height: usize,
    /// What a break brings.
    takes: Yield,
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
    /// The last arm is done, and this is the value.
    Join(Yield),
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
    /// The types of parameters and variables.
    types: Vec<Type>,
    /// How many slots parameters and variables take.
    locals: u32,
    /// How many nodes the tree of an operand may have before its value is put into a slot.
    max_size: u8,
    results: u32,
    operands: Vec<Operand>,
    settled: usize,
    /// The most slots that anything needed.
    frame: usize,
    blocks: Vec<Block>,
    order: Vec<BlockId>,
    current: Option<Open>,
    labels: Vec<Label>,
    forks: Vec<Fork>,
    work: Vec<Work>,
    room: &'a mut Room,
}

/// The intermediate form of a function that a module defines; `None` for a function of the host.
pub(crate) fn build(fixed: &Fixed, called: &FunctionInstance) -> Option<Function> {
    room::with_spare(|room| room.build(fixed, called))
}

/// The same, where every value that an operator makes is put into its slot at once.
pub(crate) fn build_flat(fixed: &Fixed, called: &FunctionInstance) -> Option<Function> {
    room::with_spare(|room| room.build_flat(fixed, called))
}

fn of_size(fixed: &Fixed, called: &FunctionInstance, max_size: u8, room: &mut Room) -> Option<Function> {
    let Code::Defined { instance: id, function: key, root, variables, slots } = called.code else { return None };
    let instance = &fixed.instances[id.index()];
    let mut types = core::mem::take(&mut room.types);
    types.clear();
    types.extend(types_of(instance.module(), key)?);
    let locals = called.parameters + variables;
    let mut builder = Builder {
        fixed,
        instance,
        module: instance.module(),
        types,
        locals,
        max_size,
        results: called.results,
        operands: core::mem::take(&mut room.operands),
        settled: 0,
        frame: locals.max(called.results) as usize,
        blocks: core::mem::take(&mut room.blocks),
        order: core::mem::take(&mut room.order),
        current: None,
        labels: core::mem::take(&mut room.labels),
        forks: core::mem::take(&mut room.forks),
        work: core::mem::take(&mut room.work),
        room,
    };
    builder.room.touched.clear();
    let first = builder.block();
    builder.open(first);
    builder.run(root);
    if builder.current.is_some() {
        builder.leave();
    }
    thread::thread(&mut builder.blocks, &mut builder.room.touched);
    let frame = builder.frame;
    let (blocks, order) = builder.end();
    Some(Function {
        instance: id,
        key,
        memory: instance.memory.map(|memory| memory.index()),
        parameters: called.parameters,
        results: called.results,
        variables,
        slots,
        frame,
        blocks,
        order,
        inlined: Vec::new(),
    })
}

/// The types of a function's parameters and variables; `None` if the module does not define it.
pub(crate) fn local_types(module: &Module, key: FuncId) -> Option<Vec<Type>> {
    types_of(module, key).map(Iterator::collect)
}

fn types_of(module: &Module, key: FuncId) -> Option<impl Iterator<Item = Type>> {
    let function = &module.functions[key];
    let FunctionKind::Defined(body) = function.kind else { return None };
    Some(module.parameters(function.signature).chain(module.pool.get(body.variables)))
}

/// Blocks.
impl Builder<'_> {
    /// Gives all room back but that of the blocks and their order.
    fn end(mut self) -> (Vec<Block>, Vec<BlockId>) {
        self.operands.clear();
        self.labels.clear();
        self.forks.clear();
        self.work.clear();
        let room = self.room;
        (room.types, room.operands, room.labels) = (self.types, self.operands, self.labels);
        (room.forks, room.work) = (self.forks, self.work);
        (self.blocks, self.order)
    }

    fn block(&mut self) -> BlockId {
        self.blocks.push(Block::default());
        self.blocks.len() as BlockId - 1
    }

    fn open(&mut self, id: BlockId) {
        self.order.push(id);
        let steps = self.room.lists.pop().unwrap_or_default();
        self.room.touched.open();
        self.current = Some(Open { charge: Charge::default(), head: ExprId::new(0), steps, id });
    }

    /// Ends the current block. What comes next cannot be reached unless a block is opened.
    fn close(&mut self, end: End) {
        self.close_reading(end, 0);
    }

    /// The same with an end that reads values.
    fn close_reading(&mut self, end: End, reads: u64) {
        if let Some(Open { charge, head, steps, id }) = self.current.take() {
            self.room.touched.close(id, Touch::reads(reads));
            self.blocks[id as usize] = Block { charge, head, steps, end, within: 0 };
        }
    }

    /// The same with a call, of so many arguments in its window.
    fn close_with_call(&mut self, end: End, window: (u32, usize), touch: Touch) {
        if let Some(Open { charge, head, steps, id }) = self.current.take() {
            self.room.touched.close_with_call(id, window, &steps, touch);
            self.blocks[id as usize] = Block { charge, head, steps, end, within: 0 };
        }
    }

    fn step(&mut self, step: Step, touch: Touch) {
        if let Some(open) = &mut self.current {
            open.steps.push(step);
            self.room.touched.step(touch);
        }
    }

    /// Sets a slot.
    #[inline]
    fn set(&mut self, slot: u32, ty: Type, tree: Tree, facts: Facts) {
        if let Some(open) = &mut self.current {
            if let Tree::Slot(from, _) = tree {
                self.room.touched.moved(slot, from, ty);
            }
            open.steps.push(Step::Set { slot, ty, tree, traps: facts.traps });
            self.room.touched.step(Touch { reads: facts.reads, sets: only(slot, ty) });
        }
    }

    /// A segment begins here, if something is charged for the node.
    #[inline]
    fn charge(&mut self, id: ExprId) {
        let charge = self.instance.charges[id.0 as usize];
        if !charge.is_none() {
            self.begin_segment(charge, id);
        }
    }

    fn begin_segment(&mut self, charge: Charge, id: ExprId) {
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
