//! One function: its tree as stack code.
//!
//! A node's operands leave their values on the stack in the order in which the node takes them, so that a tree in
//! post-order is stack code already. What remains is where blocks begin and end, and what labels count: here an `if` is
//! one, too. The tree is walked with a stack of tasks.
//!
//! Behind a node that never comes back nothing is written up to the end of the frame (block, loop or arm) around it. So
//! no code is written that validation would have to type without knowing the stack; a frame behind whose end control
//! never comes, which validation does not see, is followed by an `unreachable`.

use super::spaces::Spaces;
use super::statics::Statics;
use super::types::{Types, value_type};
use super::{ExportError, Room};
use alloc::vec::Vec;
use velocity_nda::module::{Body, Children, Expr, ExprId, List, Module, Type, Yield};
use wasm_encoder::{BlockType, Encode, InstructionSink};

/// What is still to be done, the next on top.
#[derive(Clone, Copy)]
enum Task {
    /// A node with all that is in it.
    Node(ExprId),
    /// A node whose operands are on the stack.
    Operator(ExprId),
    /// A condition that is on the stack, and the arms.
    Arms(ExprId),
    /// The first arm is written.
    Else,
    /// All that is inside of a block, loop or condition is written.
    End(ExprId),
}

/// The functions of a module on their way.
pub(super) struct Walk<'e, 'm> {
    pub(super) module: &'m Module,
    pub(super) spaces: &'e Spaces,
    pub(super) statics: &'e Statics,
    types: &'e mut Types<'m>,
    /// Whether any instruction names data.
    pub(super) uses_data: bool,
    /// The code of the function so far.
    pub(super) code: Vec<u8>,
    tasks: Vec<Task>,
    /// For each label of the core around the node at hand, how many frames are around it.
    labels: Vec<u32>,
    /// How many frames are open.
    frames: u32,
    /// Control does not come here.
    dead: bool,
}

impl<'e, 'm> Walk<'e, 'm> {
    pub(super) fn new(module: &'m Module, spaces: &'e Spaces, statics: &'e Statics, types: &'e mut Types<'m>) -> Self {
        Self {
            module,
            spaces,
            statics,
            types,
            uses_data: false,
            code: Vec::new(),
            tasks: Vec::new(),
            labels: Vec::new(),
            frames: 0,
            dead: false,
        }
    }

    /// The code of a function, as the code section has it behind the length.
    pub(super) fn function(&mut self, body: &Body, room: &mut Room) -> Result<&[u8], ExportError> {
        self.code.clear();
        self.dead = false;
        self.locals(body.variables);
        self.tasks.push(Task::Node(body.root));
        while let Some(task) = self.tasks.pop() {
            self.step(task);
            if self.code.len() > room.0 {
                return Err(ExportError::TooLarge);
            }
        }
        self.sink().end();
        room.take(self.code.len() + 8)?;
        Ok(&self.code)
    }

    /// The variables, those of one type that stand together as one group.
    fn locals(&mut self, variables: List<Type>) {
        let mut groups: Vec<(u32, Type)> = Vec::new();
        for ty in self.module.pool.get(variables) {
            match groups.last_mut() {
                Some((count, last)) if *last == ty => *count += 1,
                _ => groups.push((1, ty)),
            }
        }
        groups.len().encode(&mut self.code);
        for (count, ty) in groups {
            count.encode(&mut self.code);
            value_type(ty).encode(&mut self.code);
        }
    }

    pub(super) fn sink(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.code)
    }

    fn yields(&self, node: ExprId) -> Yield {
        self.module.yields[node]
    }

    fn step(&mut self, task: Task) {
        match task {
            Task::End(node) => self.end(node),
            Task::Else => {
                self.sink().else_();
                self.dead = false;
            }
            Task::Node(_) | Task::Operator(_) | Task::Arms(_) if self.dead => {}
            Task::Node(node) => self.node(node),
            Task::Arms(node) => self.arms(node),
            Task::Operator(node) => {
                let expr = self.module.exprs[node];
                self.operator(expr);
                self.dead = self.yields(node) == Yield::NEVER;
            }
        }
    }

    fn node(&mut self, node: ExprId) {
        match self.module.exprs[node] {
            Expr::Block(body) => {
                let ty = self.types.block(self.yields(node));
                self.sink().block(ty);
                self.label(node, body);
            }
            Expr::Loop(body) => {
                let ty = self.types.block(self.yields(node));
                self.sink().loop_(ty);
                self.label(node, body);
            }
            Expr::If(condition, _) | Expr::IfElse(condition, ..) => {
                self.tasks.extend([Task::Arms(node), Task::Node(condition)]);
            }
            expr => {
                self.tasks.push(Task::Operator(node));
                match expr.children() {
                    Children::Few(few, count) => self.tasks.extend(few[..count].iter().rev().copied().map(Task::Node)),
                    Children::List(list) => self.tasks.extend(self.module.pool.get(list).rev().map(Task::Node)),
                }
            }
        }
    }

    /// Goes into a block or loop.
    fn label(&mut self, node: ExprId, body: ExprId) {
        self.labels.push(self.frames);
        self.frames += 1;
        self.tasks.extend([Task::End(node), Task::Node(body)]);
    }

    fn arms(&mut self, node: ExprId) {
        self.frames += 1;
        self.tasks.push(Task::End(node));
        match self.module.exprs[node] {
            Expr::IfElse(_, then, otherwise) => {
                let ty = self.types.block(self.yields(node));
                self.sink().if_(ty);
                self.tasks.extend([Task::Node(otherwise), Task::Else, Task::Node(then)]);
            }
            Expr::If(_, then) => {
                self.sink().if_(BlockType::Empty);
                self.tasks.push(Task::Node(then));
            }
            _ => {}
        }
    }

    fn end(&mut self, node: ExprId) {
        self.sink().end();
        self.frames -= 1;
        if matches!(self.module.exprs[node], Expr::Block(_) | Expr::Loop(_)) {
            self.labels.pop();
        }
        self.dead = self.yields(node) == Yield::NEVER;
        if self.dead {
            self.sink().unreachable();
        }
    }

    /// The number of frames between here and the label of this depth.
    pub(super) fn depth(&self, depth: u32) -> u32 {
        let around = self.labels.iter().nth_back(depth as usize).copied().unwrap_or(0);
        self.frames - 1 - around
    }
}
