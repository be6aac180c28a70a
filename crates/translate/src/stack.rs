//! The operands of a function that are not yet part of a statement, and the statements so far.
//!
//! Stack code leaves values lying while it does other things; a tree has no such place. An operand therefore waits as a
//! tree until an operator takes it. When a statement comes first, the operands that wait are put into fresh locals before
//! it, in order ([`Builder::emit`]): effects and traps keep their order exactly. Constants go on waiting, and so does the
//! value of a local that nothing in between sets.
//!
//! Invariants: operands and statements of all open frames lie in one vector each, the innermost frame's on top; below
//! [`Frame::settled`] a frame's operands are constants and temporaries, which nothing can change any more. A temporary is
//! set once before it is read; [`Frame::window`] says when it can be set again.

use crate::frame::{Frame, FrameKind, Operand, Pending, Tree, Weight, Window};
use crate::scratch::Scratch;
use crate::{MAX_TREE_DEPTH, TranslateError, WORDS};
use alloc::vec::Vec;
use velocity_nda::MAX_LOCALS;
use velocity_nda::module::{Expr, ExprId, LocalId, Module, Shape, Type, Value, Yield};

/// How many operands of a frame may wait for what may change, so that looking through them at each statement stays cheap.
const MAX_UNSETTLED: usize = 64;

/// What a statement may change.
#[derive(Clone, Copy)]
enum Changes {
    One(LocalId),
    All,
    None,
}

/// A function under construction.
pub(crate) struct Builder<'m> {
    pub module: &'m mut Module,
    pub scratch: Scratch,
    pub operands: Vec<Operand>,
    pub items: Vec<ExprId>,
    pub frames: Vec<Frame>,
    /// Types of parameters, variables and temporaries.
    pub locals: Vec<Type>,
    /// How many of them are the program's.
    pub declared: usize,
    /// Temporaries of each type, in the order in which frames use them.
    temporaries: [Vec<LocalId>; 4],
    /// How many more nodes, list items and variables the module may become.
    pub budget: &'m mut usize,
}

impl<'m> Builder<'m> {
    pub(crate) fn new(module: &'m mut Module, locals: Vec<Type>, results: Yield, budget: &'m mut usize) -> Self {
        let mut builder = Self {
            module,
            scratch: Scratch::default(),
            operands: Vec::new(),
            items: Vec::new(),
            frames: Vec::new(),
            declared: locals.len(),
            locals,
            temporaries: Default::default(),
            budget,
        };
        builder.open(FrameKind::Function, Yield::NONE, results);
        builder
    }

    /// Opens a frame. Its parameters are the topmost operands already.
    pub(crate) fn open(&mut self, kind: FrameKind, parameters: Yield, results: Yield) {
        let operands = self.operands.len() - self.count(parameters);
        let mut window = Window::default();
        if let Some(outer) = self.frames.last_mut() {
            outer.settled = outer.settled.min(operands);
            window = outer.window.inside();
        }
        let label = self.scratch.label();
        self.frames.push(Frame {
            kind,
            label,
            used: false,
            parameters,
            results,
            operands,
            settled: operands,
            items: self.items.len(),
            window,
            weight: Weight::default(),
            reachable: true,
        });
    }

    /// The innermost frame.
    pub(crate) fn frame(&mut self) -> Result<&mut Frame, TranslateError> {
        self.frames.last_mut().ok_or_else(|| TranslateError::inconsistent(0))
    }

    /// How many values there are.
    pub(crate) fn count(&self, yields: Yield) -> usize {
        match yields.shape() {
            Shape::None | Shape::Never => 0,
            Shape::One(_) => 1,
            Shape::Many(list) => self.module.pool.len(list),
        }
    }

    /// The types of the values.
    pub(crate) fn types(&self, yields: Yield) -> Vec<Type> {
        match yields.shape() {
            Shape::None | Shape::Never => Vec::new(),
            Shape::One(ty) => alloc::vec![ty],
            Shape::Many(list) => self.module.pool.get(list).collect(),
        }
    }

    /// Takes from what the module may become.
    pub(crate) fn charge(&mut self, words: usize) -> Result<(), TranslateError> {
        *self.budget = self.budget.checked_sub(words).ok_or_else(too_long)?;
        Ok(())
    }

    /// Makes a node; `weight` is that of its children.
    pub(crate) fn tree(&mut self, expr: Expr, yields: Yield, weight: Weight) -> Tree {
        Tree { id: self.scratch.add(expr, yields), weight: weight.above() }
    }

    /// Lets a value wait.
    pub(crate) fn push_value(&mut self, value: Value) {
        self.operands.push(Operand { pending: Pending::Constant(value), ty: value.ty() });
    }

    /// Lets the value of a local wait.
    pub(crate) fn push_local(&mut self, local: LocalId) {
        let ty = self.local_type(local);
        self.operands.push(Operand { pending: Pending::Local(local), ty });
    }

    /// Lets a tree wait, in a local if it is deep.
    pub(crate) fn push(&mut self, tree: Tree, ty: Type) -> Result<(), TranslateError> {
        self.operands.push(Operand { pending: Pending::Tree(tree), ty });
        if tree.weight.depth >= MAX_TREE_DEPTH { self.settle(Changes::None) } else { Ok(()) }
    }

    pub(crate) fn local_type(&self, local: LocalId) -> Type {
        self.locals.get(local.0 as usize).copied().unwrap_or(Type::I32)
    }

    /// Takes the topmost operand of the frame.
    pub(crate) fn pop(&mut self) -> Result<Tree, TranslateError> {
        let operand = self.pop_operand()?;
        Ok(self.realize(operand))
    }

    fn pop_operand(&mut self) -> Result<Operand, TranslateError> {
        let frame = self.frames.last_mut().filter(|frame| frame.operands < self.operands.len());
        let (frame, operand) = frame.zip(self.operands.pop()).ok_or_else(|| TranslateError::inconsistent(0))?;
        frame.settled = frame.settled.min(self.operands.len());
        Ok(operand)
    }

    /// Takes the topmost `count` operands, in the order in which they came.
    pub(crate) fn pop_many(&mut self, count: usize) -> Result<Vec<Operand>, TranslateError> {
        let frame = self.frames.last_mut().ok_or_else(|| TranslateError::inconsistent(0))?;
        let from = self.operands.len().checked_sub(count).filter(|&from| from >= frame.operands);
        let from = from.ok_or_else(|| TranslateError::inconsistent(0))?;
        frame.settled = frame.settled.min(from);
        Ok(self.operands.split_off(from))
    }

    /// `drop`: a constant or local leaves nothing behind.
    pub(crate) fn forget(&mut self) -> Result<(), TranslateError> {
        let Pending::Tree(tree) = self.pop_operand()?.pending else { return Ok(()) };
        let tree = self.tree(Expr::Drop(tree.id), Yield::NONE, tree.weight);
        self.emit(tree)
    }

    /// The node of an operand; a constant or local may be asked for its node several times.
    pub(crate) fn realize(&mut self, operand: Operand) -> Tree {
        let expr = match operand.pending {
            Pending::Tree(tree) => return tree,
            Pending::Local(local) => Expr::LocalGet(local),
            Pending::Constant(Value::I32(value)) => Expr::I32(value),
            Pending::Constant(Value::I64(value)) => Expr::I64(value),
            Pending::Constant(Value::F32(bits)) => Expr::F32(bits),
            Pending::Constant(Value::F64(bits)) => Expr::F64(bits),
        };
        self.tree(expr, Yield::one(operand.ty), Weight::default())
    }

    /// One node for operands that yields all of them; `yields` says their types.
    pub(crate) fn gather(&mut self, operands: &[Operand], yields: Yield) -> Result<Tree, TranslateError> {
        self.charge(operands.len())?;
        let (children, weight) = self.realize_all(operands);
        Ok(match *children.as_slice() {
            [id] => Tree { id, weight },
            [] => self.nothing(),
            _ => {
                let list = self.scratch.lists().push(&children);
                self.tree(Expr::Tuple(list), yields, weight)
            }
        })
    }

    /// The nodes of operands and the weight of all of them.
    pub(crate) fn realize_all(&mut self, operands: &[Operand]) -> (Vec<ExprId>, Weight) {
        let mut weight = Weight::default();
        let mut children = Vec::with_capacity(operands.len());
        for &operand in operands {
            let tree = self.realize(operand);
            weight = weight.beside(tree.weight);
            children.push(tree.id);
        }
        (children, weight)
    }

    /// A node that does nothing.
    pub(crate) fn nothing(&mut self) -> Tree {
        self.tree(Expr::Sequence(velocity_nda::module::List::EMPTY), Yield::NONE, Weight::default())
    }

    /// Appends a statement: what waits and could change is put into locals before.
    pub(crate) fn emit(&mut self, tree: Tree) -> Result<(), TranslateError> {
        self.settle(if tree.weight.sets { Changes::All } else { Changes::None })?;
        self.append(tree)
    }

    /// Appends a statement that sets one local of the program.
    pub(crate) fn emit_set(&mut self, local: LocalId, value: Tree) -> Result<(), TranslateError> {
        self.settle(if value.weight.sets { Changes::All } else { Changes::One(local) })?;
        let mut tree = self.tree(Expr::LocalSet(local, value.id), Yield::NONE, value.weight);
        tree.weight.sets = true;
        self.append(tree)
    }

    /// Appends a statement behind which control never comes; what waits is evaluated and forgotten before.
    pub(crate) fn terminate(&mut self, tree: Tree) -> Result<(), TranslateError> {
        let count = self.operands.len() - self.frame()?.operands;
        for operand in self.pop_many(count)? {
            if let Pending::Tree(tree) = operand.pending {
                let tree = self.tree(Expr::Drop(tree.id), Yield::NONE, tree.weight);
                self.append(tree)?;
            }
        }
        self.append(tree)?;
        self.frame()?.reachable = false;
        Ok(())
    }

    fn append(&mut self, tree: Tree) -> Result<(), TranslateError> {
        self.items.push(tree.id);
        let frame = self.frame()?;
        frame.weight = frame.weight.beside(tree.weight);
        Ok(())
    }

    /// Settles the operands of the frame so that those below `count` topmost ones can be read more than once, whatever
    /// `next`, which is evaluated after them, sets.
    pub(crate) fn settle_for_copies(&mut self, next: Tree) -> Result<(), TranslateError> {
        self.settle(if next.weight.sets { Changes::All } else { Changes::None })
    }

    /// Puts every operand of the frame but constants into temporaries.
    pub(crate) fn settle_all(&mut self) -> Result<(), TranslateError> {
        self.settle(Changes::All)
    }

    /// Puts the operands of the frame that wait as trees into temporaries, and the locals that what follows changes.
    fn settle(&mut self, changes: Changes) -> Result<(), TranslateError> {
        let from = self.frame()?.settled;
        let waiting = &self.operands[from..];
        let sets = |operand: &Operand| matches!(operand.pending, Pending::Tree(tree) if tree.weight.sets);
        let all = matches!(changes, Changes::All) || waiting.len() > MAX_UNSETTLED || waiting.iter().any(sets);
        let mut settled = from;
        for index in from..self.operands.len() {
            let park = match (self.operands[index].pending, changes) {
                (Pending::Constant(_), _) => false,
                (Pending::Tree(_), _) => true,
                (Pending::Local(local), _) if self.is_temporary(local) => false,
                (Pending::Local(local), Changes::One(set)) => all || local == set,
                (Pending::Local(_), _) => all,
            };
            if park {
                self.park(index)?;
            }
            let stable = !matches!(self.operands[index].pending, Pending::Local(local) if !self.is_temporary(local));
            settled += usize::from(stable && settled == index);
        }
        self.frame()?.settled = settled;
        Ok(())
    }

    fn is_temporary(&self, local: LocalId) -> bool {
        local.0 as usize >= self.declared
    }

    /// Puts an operand into a temporary.
    fn park(&mut self, index: usize) -> Result<(), TranslateError> {
        let operand = self.operands[index];
        let value = self.realize(operand);
        let local = self.temporary(operand.ty)?;
        let tree = self.tree(Expr::LocalSet(local, value.id), Yield::NONE, value.weight);
        self.operands[index].pending = Pending::Local(local);
        self.append(tree)
    }

    /// A local that nothing else uses while operands of the frame wait.
    pub(crate) fn temporary(&mut self, ty: Type) -> Result<LocalId, TranslateError> {
        self.charge(2)?;
        let kind = ty as usize - 1;
        let at = self.frame()?.window.take(ty);
        if let Some(&local) = self.temporaries[kind].get(at) {
            return Ok(local);
        }
        if self.locals.len() >= MAX_LOCALS {
            return Err(TranslateError::too_large("locals of a function", MAX_LOCALS, 0));
        }
        self.locals.push(ty);
        let local = LocalId(self.locals.len() as u32 - 1);
        self.temporaries[kind].push(local);
        Ok(local)
    }

    /// Temporaries for values of these types.
    pub(crate) fn temporaries(&mut self, yields: Yield) -> Result<Vec<LocalId>, TranslateError> {
        self.types(yields).into_iter().map(|ty| self.temporary(ty)).collect()
    }

    /// Gives the frame's temporaries back if nothing waits that could read them. To be called between two operators.
    pub(crate) fn release(&mut self) -> Result<(), TranslateError> {
        let waiting = self.operands.len();
        let frame = self.frame()?;
        if frame.operands == waiting {
            frame.window.clear();
        }
        Ok(())
    }

    /// A statement that sets locals, all of them temporaries, to what a node yields.
    pub(crate) fn set_many(&mut self, locals: &[LocalId], value: Tree) -> Result<Tree, TranslateError> {
        self.charge(locals.len())?;
        let expr = match *locals {
            [local] => Expr::LocalSet(local, value.id),
            _ => Expr::LocalSetMany(self.scratch.lists().push(locals), value.id),
        };
        Ok(self.tree(expr, Yield::NONE, value.weight))
    }
}

#[cold]
fn too_long() -> TranslateError {
    TranslateError::too_large("nodes, list items and variables", WORDS, 0)
}
