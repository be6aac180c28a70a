//! Down to the first leaf, and what each node does.

use super::{Machine, Scene, Stop, Task, is_nothing};
use crate::bulk::callee;
use crate::numeric::{self, Slot, of_i32};
use crate::store::State;
use crate::{Host, TrapKind};
use velocity_nda::module::{BinaryOp, Expr, ExprId, Key, LoadOp, Shape, StoreOp};

/// The next node to evaluate, if it is not the topmost task's turn.
pub(super) type Next = Result<Option<ExprId>, Stop>;

impl Machine {
    /// Evaluates a node as far as its first leaf.
    #[inline(always)]
    pub(super) fn descend(
        &mut self,
        scene: &Scene<'_>,
        state: &mut State,
        host: &mut dyn Host,
        mut id: ExprId,
    ) -> Result<(), Stop> {
        loop {
            let charge = scene.charges[id.index()];
            if !charge.is_none() {
                self.charge(charge, id)?;
            }
            let first = match scene.module.exprs[id] {
                Expr::I32(value) => return self.push(of_i32(value)),
                Expr::I64(value) => return self.push(value as Slot),
                Expr::F32(bits) => return self.push(bits.into()),
                Expr::F64(bits) => return self.push(bits),
                Expr::LocalGet(local) => {
                    let value = *self.local(local);
                    return self.push(value);
                }
                Expr::GlobalGet(global) => {
                    return self.push(state.globals[scene.instance.global(global).index()].value);
                }
                Expr::Address(data) => return self.push(scene.instance.placed[data.0 as usize].into()),
                Expr::Binary(op, left, right) => match self.quick(scene, state, left) {
                    Some(left) => match self.quick(scene, state, right) {
                        Some(right) => return self.binary(op, left, right, id),
                        None => {
                            self.values.push(left);
                            self.tasks.push(Task::Finish(id));
                            right
                        }
                    },
                    None => {
                        self.tasks.push(Task::Right(id));
                        left
                    }
                },
                Expr::Load(op, offset, address) => {
                    if let Some(address) = self.quick(scene, state, address) {
                        return self.load(scene, state, (op, offset), address, id);
                    }
                    self.tasks.push(Task::Finish(id));
                    address
                }
                Expr::Store(_, _, first, _) | Expr::BreakTable(_, first, _) => match self.quick(scene, state, first) {
                    Some(value) => {
                        self.values.push(value);
                        match self.right(scene, state, id)? {
                            Some(second) => second,
                            None => return Ok(()),
                        }
                    }
                    None => {
                        self.tasks.push(Task::Right(id));
                        first
                    }
                },
                Expr::LocalSet(local, value) => {
                    if let Some(value) = self.quick(scene, state, value) {
                        *self.local(local) = value;
                        return Ok(());
                    }
                    self.tasks.push(Task::Finish(id));
                    value
                }
                Expr::If(condition, then) => match self.quick(scene, state, condition) {
                    Some(value) if value as u32 == 0 => return Ok(()),
                    Some(_) => then,
                    None => {
                        self.tasks.push(Task::Finish(id));
                        condition
                    }
                },
                Expr::IfElse(condition, then, otherwise) => match self.quick(scene, state, condition) {
                    Some(value) if value as u32 == 0 => otherwise,
                    Some(_) => then,
                    None => {
                        self.tasks.push(Task::Finish(id));
                        condition
                    }
                },
                Expr::Unary(_, first)
                | Expr::LocalTee(_, first)
                | Expr::LocalSetMany(_, first)
                | Expr::GlobalSet(_, first)
                | Expr::MemoryGrow(first)
                | Expr::Drop(first) => {
                    self.tasks.push(Task::Finish(id));
                    first
                }
                Expr::Select(first, second, third)
                | Expr::MemoryCopy(first, second, third)
                | Expr::MemoryFill(first, second, third) => {
                    self.tasks.extend([Task::Finish(id), Task::Eval(third), Task::Eval(second)]);
                    first
                }
                Expr::Block(body) => {
                    let height = self.height();
                    self.tasks.push(Task::Block(height));
                    body
                }
                Expr::Loop(body) => {
                    let height = self.height();
                    self.tasks.push(Task::Loop(body, height));
                    body
                }
                Expr::Break(depth, value) => {
                    if is_nothing(scene, value) {
                        match self.branch(depth, 0) {
                            Some(body) => body,
                            None => return Ok(()),
                        }
                    } else {
                        self.tasks.push(Task::Finish(id));
                        value
                    }
                }
                Expr::Return(value) => {
                    self.tasks.push(Task::Finish(id));
                    value
                }
                Expr::Sequence(list) | Expr::Tuple(list) => match self.list(scene, state, list, 0) {
                    Some(first) => first,
                    None => return Ok(()),
                },
                Expr::Call(callee, list) => {
                    self.tasks.push(Task::Finish(id));
                    match self.list(scene, state, list, 0) {
                        Some(first) => first,
                        None => {
                            self.tasks.pop();
                            let callee = scene.instance.function(callee);
                            match self.enter(scene.fixed, state, host, callee, id)? {
                                Some(body) => body,
                                None => return Ok(()),
                            }
                        }
                    }
                }
                Expr::MemoryInit(_, list)
                | Expr::TableInit(_, _, list)
                | Expr::TableCopy(_, _, list)
                | Expr::CallIndirect(_, _, list) => {
                    self.tasks.push(Task::Finish(id));
                    match self.list(scene, state, list, 0) {
                        Some(first) => first,
                        None => return Ok(()),
                    }
                }
                Expr::MemorySize => {
                    let pages = state.memories.get(scene.memory).map_or(0, |memory| memory.pages());
                    return self.push(pages.into());
                }
                Expr::DataDrop(data) => {
                    state.dropped[scene.id.index()].data[data.0 as usize] = true;
                    return Ok(());
                }
                Expr::ElementDrop(element) => {
                    state.dropped[scene.id.index()].elements[element.0 as usize] = true;
                    return Ok(());
                }
                Expr::Unreachable => return Err(Stop::Fault(TrapKind::Unreachable, id)),
            };
            id = first;
        }
    }

    /// The second operand of a node, once the first one is on the value stack.
    #[inline(always)]
    pub(super) fn right(&mut self, scene: &Scene<'_>, state: &mut State, id: ExprId) -> Next {
        match scene.module.exprs[id] {
            Expr::Binary(op, _, right) => {
                if let Some(right) = self.quick(scene, state, right) {
                    let left = self.pop();
                    return self.binary(op, left, right, id).map(|()| None);
                }
                self.tasks.push(Task::Finish(id));
                Ok(Some(right))
            }
            Expr::Store(op, offset, _, value) => {
                if let Some(value) = self.quick(scene, state, value) {
                    let address = self.pop();
                    return store(scene, state, (op, offset), address, value, id).map(|()| None);
                }
                self.tasks.push(Task::Finish(id));
                Ok(Some(value))
            }
            Expr::BreakTable(_, _, index) => {
                self.tasks.push(Task::Finish(id));
                Ok(Some(index))
            }
            _ => Ok(None),
        }
    }

    /// The value of a small tree: a leaf, or an operator or load over leaves.
    ///
    /// A short cut only: it does nothing where something traps or the account is checked, and without it the nodes would
    /// be evaluated one by one and give the same at the same cost.
    #[inline(always)]
    pub(super) fn quick(&mut self, scene: &Scene<'_>, state: &State, id: ExprId) -> Option<Slot> {
        let value = match self.leaf(scene, id) {
            Some(value) => value,
            None => self.small(scene, state, id)?,
        };
        let charge = scene.charges[id.index()];
        if !charge.is_none() {
            self.account.charge(charge.fuel());
        }
        Some(value)
    }

    /// The value of a number or local.
    #[inline(always)]
    fn leaf(&self, scene: &Scene<'_>, id: ExprId) -> Option<Slot> {
        match scene.module.exprs[id] {
            Expr::LocalGet(local) => Some(self.values[self.locals + local.0 as usize]),
            Expr::I32(value) => Some(of_i32(value)),
            Expr::I64(value) => Some(value as Slot),
            Expr::F64(bits) => Some(bits),
            Expr::F32(bits) => Some(bits.into()),
            _ => None,
        }
    }

    /// The value of an operator or load over leaves.
    #[inline(never)]
    fn small(&self, scene: &Scene<'_>, state: &State, id: ExprId) -> Option<Slot> {
        Some(match scene.module.exprs[id] {
            Expr::Binary(op, left, right) => {
                numeric::binary(op, self.leaf(scene, left)?, self.leaf(scene, right)?).ok()?
            }
            Expr::Unary(op, operand) => numeric::unary(op, self.leaf(scene, operand)?).ok()?,
            Expr::Load(op, offset, address) => {
                let address = self.leaf(scene, address)?;
                state.memories.get(scene.memory)?.load(op, address, offset).ok()?
            }
            Expr::GlobalGet(global) => state.globals[scene.instance.global(global).index()].value,
            _ => return None,
        })
    }

    #[inline(always)]
    fn push(&mut self, value: Slot) -> Result<(), Stop> {
        self.values.push(value);
        Ok(())
    }

    #[inline(always)]
    fn binary(&mut self, op: BinaryOp, left: Slot, right: Slot, id: ExprId) -> Result<(), Stop> {
        let result = numeric::binary(op, left, right).map_err(|kind| Stop::Fault(kind, id))?;
        self.push(result)
    }

    #[inline(always)]
    fn load(
        &mut self,
        scene: &Scene<'_>,
        state: &State,
        (op, offset): (LoadOp, u32),
        address: Slot,
        id: ExprId,
    ) -> Result<(), Stop> {
        let memory = state.memories.get(scene.memory).ok_or(TrapKind::MemoryBounds);
        let value = memory.and_then(|memory| memory.load(op, address, offset));
        self.push(value.map_err(|kind| Stop::Fault(kind, id))?)
    }

    /// The operands are on the value stack.
    #[inline(always)]
    pub(super) fn finish(&mut self, scene: &Scene<'_>, state: &mut State, host: &mut dyn Host, id: ExprId) -> Next {
        match scene.module.exprs[id] {
            Expr::Binary(op, ..) => {
                let right = self.pop();
                let left = self.pop();
                self.binary(op, left, right, id)?;
            }
            Expr::LocalSet(local, _) => *self.local(local) = self.pop(),
            Expr::LocalTee(local, _) => {
                let value = self.values.last().copied().unwrap_or_default();
                *self.local(local) = value;
            }
            Expr::LocalSetMany(locals, _) => {
                for local in scene.module.pool.get(locals).rev() {
                    *self.local(local) = self.pop();
                }
            }
            Expr::GlobalSet(global, _) => state.globals[scene.instance.global(global).index()].value = self.pop(),
            Expr::Unary(op, _) => {
                let operand = self.pop();
                let result = numeric::unary(op, operand).map_err(|kind| Stop::Fault(kind, id))?;
                self.values.push(result);
            }
            Expr::Load(op, offset, _) => {
                let address = self.pop();
                self.load(scene, state, (op, offset), address, id)?;
            }
            Expr::Store(op, offset, ..) => {
                let value = self.pop();
                let address = self.pop();
                store(scene, state, (op, offset), address, value, id)?;
            }
            Expr::If(_, then) => return Ok((self.pop_u32() != 0).then_some(then)),
            Expr::IfElse(_, then, otherwise) => return Ok(Some(if self.pop_u32() != 0 { then } else { otherwise })),
            Expr::Select(..) => {
                let (condition, second) = (self.pop_u32(), self.pop());
                if condition == 0 {
                    self.pop();
                    self.values.push(second);
                }
            }
            Expr::Drop(value) => {
                let height = self.values.len() - count(scene, value);
                self.values.truncate(height);
            }
            Expr::Break(depth, value) => return Ok(self.branch(depth, count(scene, value))),
            Expr::BreakTable(depths, value, _) => {
                let (index, table) = (self.pop_u32() as usize, scene.module.pool.words(depths));
                let depth = table.get(index).or(table.last()).copied().unwrap_or_default();
                return Ok(self.branch(depth, count(scene, value)));
            }
            Expr::Return(_) => self.leave()?,
            Expr::Call(callee, _) => {
                return self.enter(scene.fixed, state, host, scene.instance.function(callee), id);
            }
            Expr::CallIndirect(signature, table, _) => {
                let index = self.pop_u32();
                let found = callee(scene.fixed, state, scene.instance, (signature, table), index);
                let callee = found.map_err(|kind| Stop::Fault(kind, id))?;
                return self.enter(scene.fixed, state, host, callee, id);
            }
            _ => self.bulk(scene, state, id)?,
        }
        Ok(None)
    }
}

#[inline(always)]
fn store(
    scene: &Scene<'_>,
    state: &mut State,
    (op, offset): (StoreOp, u32),
    address: Slot,
    value: Slot,
    id: ExprId,
) -> Result<(), Stop> {
    let memory = state.memories.get_mut(scene.memory).ok_or(TrapKind::MemoryBounds);
    let done = memory.and_then(|memory| memory.store(op, address, offset, value));
    done.map_err(|kind| Stop::Fault(kind, id))
}

/// How many values a node leaves behind.
#[inline(always)]
fn count(scene: &Scene<'_>, id: ExprId) -> usize {
    match scene.module.yields[id].shape() {
        Shape::None | Shape::Never => 0,
        Shape::One(_) => 1,
        Shape::Many(list) => scene.module.pool.len(list),
    }
}
