//! The types of one node: what its operands must yield, and what it yields then.

use super::body::{Frame, Label};
use super::{Checker, Fault, Rule};
use crate::MAX_RESULTS;
use crate::module::{Expr, ExprId, GlobalId, Key, List, LocalId, Pooled, Shape, SigId, TableId, Type, Yield};

/// Whether an operand never comes back, so that its node does not either.
type Never = Result<bool, Fault>;

impl Checker<'_> {
    /// Checks the types of a node, whose children's yields may be lies that their own check finds.
    pub(super) fn node(&mut self, frame: &Frame, node: ExprId, labels: &mut [Label]) -> Result<(), Fault> {
        let expr = self.module.exprs[node];
        let stored = self.module.yields[node];
        let (never, value) = match expr {
            Expr::Block(_) => return Ok(()),
            Expr::Tuple(list) => self.tuple(list, stored)?,
            Expr::Break(..) | Expr::BreakTable(..) | Expr::Return(_) | Expr::Unreachable => {
                self.leaves(frame, expr, labels)?;
                (true, Yield::NEVER)
            }
            Expr::LocalGet(_) | Expr::LocalSet(..) | Expr::LocalTee(..) | Expr::LocalSetMany(..) => {
                self.local_node(frame, expr)?
            }
            Expr::GlobalGet(_) | Expr::GlobalSet(..) => self.global_node(expr)?,
            Expr::Sequence(_) | Expr::Loop(_) | Expr::If(..) | Expr::IfElse(..) | Expr::Drop(_) => {
                self.control(expr)?
            }
            Expr::Call(..) | Expr::CallIndirect(..) => self.call(expr)?,
            Expr::TableInit(..) | Expr::TableCopy(..) | Expr::ElementDrop(_) => (self.table_node(expr)?, Yield::NONE),
            Expr::I32(_)
            | Expr::I64(_)
            | Expr::F32(_)
            | Expr::F64(_)
            | Expr::Unary(..)
            | Expr::Binary(..)
            | Expr::Select(..) => self.pure(expr)?,
            _ => self.memory_node(expr)?,
        };
        let derived = if never { Yield::NEVER } else { value };
        if self.same(stored, derived) { Ok(()) } else { Err(Rule::Yields.into()) }
    }

    fn yields(&self, node: ExprId) -> Yield {
        self.module.yields[node]
    }

    /// The operand yields one value of this type.
    fn want(&self, operand: ExprId, ty: Type) -> Never {
        self.want_yield(operand, Yield::one(ty), Rule::OperandType)
    }

    fn want_yield(&self, operand: ExprId, wanted: Yield, rule: Rule) -> Never {
        let found = self.yields(operand);
        if self.fits(found, wanted) { Ok(found == Yield::NEVER) } else { Err(Fault::operand(rule, operand)) }
    }

    /// Operands of these types, as many as there are.
    fn want_all(&self, operands: List<ExprId>, types: &[u32]) -> Never {
        let operands = self.module.pool.words(operands);
        if operands.len() != types.len() {
            return Err(Rule::OperandCount.into());
        }
        let mut never = false;
        for (&operand, &ty) in operands.iter().zip(types) {
            never |= self.want(ExprId(operand), Type::from_word(ty))?;
        }
        Ok(never)
    }

    fn want_three(&self, operands: [ExprId; 3]) -> Never {
        let [a, b, c] = operands;
        Ok(self.want(a, Type::I32)? | self.want(b, Type::I32)? | self.want(c, Type::I32)?)
    }

    /// Numbers and operators.
    fn pure(&self, expr: Expr) -> Result<(bool, Yield), Fault> {
        Ok(match expr {
            Expr::I32(_) => (false, Yield::one(Type::I32)),
            Expr::I64(_) => (false, Yield::one(Type::I64)),
            Expr::F32(_) => (false, Yield::one(Type::F32)),
            Expr::F64(_) => (false, Yield::one(Type::F64)),
            Expr::Unary(op, a) => (self.want(a, op.operand())?, Yield::one(op.result())),
            Expr::Binary(op, a, b) => {
                (self.want(a, op.operand())? | self.want(b, op.operand())?, Yield::one(op.result()))
            }
            Expr::Select(a, b, condition) => self.select(a, b, condition)?,
            _ => (false, Yield::NONE),
        })
    }

    fn select(&self, a: ExprId, b: ExprId, condition: ExprId) -> Result<(bool, Yield), Fault> {
        for operand in [a, b] {
            if !matches!(self.yields(operand).shape(), Shape::One(_) | Shape::Never) {
                return Err(Fault::operand(Rule::OperandType, operand));
            }
        }
        let (one, other) = (self.yields(a), self.yields(b));
        let never = self.want(condition, Type::I32)? | (one == Yield::NEVER) | (other == Yield::NEVER);
        if never || one == other { Ok((never, one)) } else { Err(Fault::operand(Rule::SelectTypes, b)) }
    }

    fn tuple(&self, list: List<ExprId>, stored: Yield) -> Result<(bool, Yield), Fault> {
        let items = self.module.pool.words(list);
        if items.len() < 2 || items.len() > MAX_RESULTS {
            return Err(Rule::TupleItems.into());
        }
        let types: &[u32] = match stored.shape() {
            Shape::Many(list) => self.types_of(list),
            _ => &[],
        };
        let (mut never, mut same) = (false, types.len() == items.len());
        for (index, &item) in items.iter().enumerate() {
            match self.yields(ExprId(item)).shape() {
                Shape::One(ty) => same &= types.get(index) == Some(&ty.to_word()),
                Shape::Never => never = true,
                Shape::None | Shape::Many(_) => return Err(Fault::operand(Rule::OperandType, ExprId(item))),
            }
        }
        if never || same { Ok((never, stored)) } else { Err(Rule::Yields.into()) }
    }

    /// Breaks and returns, which never come back.
    fn leaves(&mut self, frame: &Frame, expr: Expr, labels: &mut [Label]) -> Result<(), Fault> {
        match expr {
            Expr::Break(depth, value) => self.break_to(labels, depth, value),
            Expr::BreakTable(depths, value, index) => {
                self.want(index, Type::I32)?;
                let depths = self.list(depths)?;
                if depths.is_empty() {
                    return Err(Rule::NoTargets.into());
                }
                depths.iter().try_for_each(|&depth| self.break_to(labels, depth, value))
            }
            Expr::Return(value) => {
                self.nothing(value)?;
                self.want_yield(value, frame.results, Rule::ReturnValue).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// What a break or return brings along is a value, or an empty sequence.
    pub(super) fn nothing(&self, value: ExprId) -> Result<(), Fault> {
        let kept = self.yields(value) != Yield::NONE || self.is_nothing(value);
        if kept { Ok(()) } else { Err(Fault::operand(Rule::Nothing, value)) }
    }

    pub(super) fn is_nothing(&self, node: ExprId) -> bool {
        matches!(self.module.exprs[node], Expr::Sequence(list) if self.module.pool.is_empty(list))
    }

    fn local_node(&self, frame: &Frame, expr: Expr) -> Result<(bool, Yield), Fault> {
        match expr {
            Expr::LocalGet(local) => Ok((false, Yield::one(frame.local(local)?))),
            Expr::LocalSet(local, value) | Expr::LocalTee(local, value) => {
                let ty = Yield::one(frame.local(local)?);
                let never = self.want_yield(value, ty, Rule::LocalType)?;
                Ok((never, if matches!(expr, Expr::LocalTee(..)) { ty } else { Yield::NONE }))
            }
            Expr::LocalSetMany(locals, value) => Ok((self.set_many(frame, locals, value)?, Yield::NONE)),
            _ => Ok((false, Yield::NONE)),
        }
    }

    fn set_many(&self, frame: &Frame, locals: List<LocalId>, value: ExprId) -> Never {
        let locals = self.words(locals)?;
        if locals.len() < 2 || locals.len() > MAX_RESULTS {
            return Err(Rule::TupleItems.into());
        }
        let found: &[u32] = match self.yields(value).shape() {
            Shape::Many(list) => self.types_of(list),
            Shape::Never => &[],
            Shape::None | Shape::One(_) => return Err(Fault::operand(Rule::OperandType, value)),
        };
        let never = found.is_empty();
        for (index, &local) in locals.iter().enumerate() {
            let ty = frame.local(LocalId(local))?;
            if !never && found.get(index) != Some(&ty.to_word()) {
                return Err(Fault::operand(Rule::LocalType, value));
            }
        }
        if never || found.len() == locals.len() { Ok(never) } else { Err(Fault::operand(Rule::OperandCount, value)) }
    }

    fn global_node(&self, expr: Expr) -> Result<(bool, Yield), Fault> {
        let global = |id: GlobalId| self.module.globals.get(id).ok_or(Rule::GlobalKey);
        match expr {
            Expr::GlobalGet(id) => Ok((false, Yield::one(global(id)?.ty))),
            Expr::GlobalSet(id, value) => {
                let global = global(id)?;
                if !global.mutable {
                    return Err(Rule::Immutable.into());
                }
                Ok((self.want_yield(value, Yield::one(global.ty), Rule::GlobalType)?, Yield::NONE))
            }
            _ => Ok((false, Yield::NONE)),
        }
    }

    fn control(&self, expr: Expr) -> Result<(bool, Yield), Fault> {
        Ok(match expr {
            Expr::Sequence(list) => self.sequence(list)?,
            Expr::Loop(body) => (false, self.yields(body)),
            Expr::Drop(value) => {
                if matches!(self.yields(value).shape(), Shape::None | Shape::Never) {
                    return Err(Fault::operand(Rule::DropNothing, value));
                }
                (false, Yield::NONE)
            }
            Expr::If(condition, then) => {
                self.want_yield(then, Yield::NONE, Rule::OperandType)?;
                (self.want(condition, Type::I32)?, Yield::NONE)
            }
            Expr::IfElse(condition, then, other) => {
                let (one, two) = (self.yields(then), self.yields(other));
                if !self.fits(one, two) && two != Yield::NEVER {
                    return Err(Fault::operand(Rule::ArmTypes, other));
                }
                (self.want(condition, Type::I32)?, if one == Yield::NEVER { two } else { one })
            }
            _ => (false, Yield::NONE),
        })
    }

    fn sequence(&self, list: List<ExprId>) -> Result<(bool, Yield), Fault> {
        let Some((&last, before)) = self.module.pool.words(list).split_last() else { return Ok((false, Yield::NONE)) };
        if before.is_empty() {
            return Err(Rule::SequenceOfOne.into());
        }
        let mut never = false;
        for &item in before {
            never |= self.want_yield(ExprId(item), Yield::NONE, Rule::SequenceItem)?;
        }
        Ok((never, self.yields(ExprId(last))))
    }

    fn call(&self, expr: Expr) -> Result<(bool, Yield), Fault> {
        let (signature, arguments, indirect) = match expr {
            Expr::Call(id, list) => (self.module.functions.get(id).ok_or(Rule::FunctionKey)?.signature, list, false),
            Expr::CallIndirect(signature, table, list) => {
                self.table(table)?;
                (signature, list, true)
            }
            _ => return Ok((false, Yield::NONE)),
        };
        let never = self.arguments(signature, arguments, indirect)?;
        Ok((never, self.module.result_yield(signature)))
    }

    /// Arguments, and the index into a table behind them.
    fn arguments(&self, signature: SigId, arguments: List<ExprId>, indirect: bool) -> Never {
        let signature = self.module.signatures.get(signature).ok_or(Rule::SignatureKey)?;
        let parameters = self.module.pool.words(signature.parameters);
        if !indirect {
            return self.want_all(arguments, parameters);
        }
        let operands = self.module.pool.words(arguments);
        let (&index, operands) = operands.split_last().ok_or(Rule::OperandCount)?;
        if operands.len() != parameters.len() {
            return Err(Rule::OperandCount.into());
        }
        let mut never = self.want(ExprId(index), Type::I32)?;
        for (&operand, &ty) in operands.iter().zip(parameters) {
            never |= self.want(ExprId(operand), Type::from_word(ty))?;
        }
        Ok(never)
    }

    fn table(&self, id: TableId) -> Result<(), Fault> {
        if id.index() < self.module.tables.len() { Ok(()) } else { Err(Rule::TableKey.into()) }
    }

    fn table_node(&self, expr: Expr) -> Never {
        let element = |id| self.module.elements.get(id).map(drop).ok_or(Rule::ElementKey);
        let index = Type::I32.to_word();
        match expr {
            Expr::TableInit(table, id, operands) => {
                self.table(table)?;
                element(id)?;
                self.want_all(operands, &[index; 3])
            }
            Expr::TableCopy(to, from, operands) => {
                self.table(to)?;
                self.table(from)?;
                self.want_all(operands, &[index; 3])
            }
            Expr::ElementDrop(id) => Ok(element(id).map(|()| false)?),
            _ => Ok(false),
        }
    }

    /// Loads, stores, and everything else about the memory.
    fn memory_node(&self, expr: Expr) -> Result<(bool, Yield), Fault> {
        let i32 = Yield::one(Type::I32);
        if !matches!(expr, Expr::DataDrop(_)) {
            self.needs_memory()?;
        }
        Ok(match expr {
            Expr::Load(op, _, address) => (self.want(address, Type::I32)?, Yield::one(op.ty())),
            Expr::Store(op, _, address, value) => {
                (self.want(address, Type::I32)? | self.want(value, op.ty())?, Yield::NONE)
            }
            Expr::Address(id) => {
                self.static_key(id)?;
                (false, i32)
            }
            Expr::MemorySize => (false, i32),
            Expr::MemoryGrow(pages) => (self.want(pages, Type::I32)?, i32),
            Expr::MemoryCopy(a, b, c) | Expr::MemoryFill(a, b, c) => (self.want_three([a, b, c])?, Yield::NONE),
            Expr::MemoryInit(id, operands) => {
                self.segment(id)?;
                (self.want_all(operands, &[Type::I32.to_word(); 3])?, Yield::NONE)
            }
            Expr::DataDrop(id) => {
                self.segment(id)?;
                (false, Yield::NONE)
            }
            _ => (false, Yield::NONE),
        })
    }

    /// Data that can be copied to memory and dropped: a `static` cannot.
    fn segment(&self, id: crate::module::DataId) -> Result<(), Fault> {
        if id.index() >= self.module.data.len() {
            return Err(Rule::DataKey.into());
        }
        if self.static_key(id).is_ok() { Err(Rule::StaticInUse.into()) } else { Ok(()) }
    }
}

impl Frame<'_> {
    fn local(&self, id: LocalId) -> Result<Type, Rule> {
        let variable = || self.variables.get(id.index() - self.parameters.len());
        let word = self.parameters.get(id.index()).or_else(variable);
        word.map(|&word| Type::from_word(word)).ok_or(Rule::LocalKey)
    }
}
