//! The code of a function, operator by operator: validated, then made part of the tree.
//!
//! Numeric operators, loads and stores are found by their opcode, which is the core's own number for them. Code behind an
//! unconditional jump is validated and skipped.

use crate::body::value_type;
use crate::frame::Weight;
use crate::stack::Builder;
use crate::{MAX_OPERANDS, TranslateError};
use alloc::vec::Vec;
use velocity_nda::module::{
    BinaryOp, DataId, ElementId, Expr, ExprId, FuncId, GlobalId, List, LoadOp, LocalId, SigId, StoreOp, TableId, Type,
    UnaryOp, Value, Yield,
};
use wasmparser::{BlockType, FuncValidator, Operator, OperatorsReader, ValidatorResources};

/// The state of walking through one function.
pub(crate) struct Walk<'a, 'm> {
    pub builder: Builder<'m>,
    /// The signature of each type of the WebAssembly module.
    pub signatures: &'a [SigId],
    /// The bytes of the WebAssembly module.
    pub bytes: &'a [u8],
    /// How many frames were opened in code that is skipped.
    pub skipped: u32,
    /// Where the current operator is.
    pub offset: u64,
}

impl Walk<'_, '_> {
    /// Walks to the end of the function and returns the node that is its whole body.
    pub(crate) fn run(
        &mut self,
        validator: &mut FuncValidator<ValidatorResources>,
        reader: &mut OperatorsReader<'_>,
    ) -> Result<ExprId, TranslateError> {
        let mut root = None;
        while !reader.eof() {
            self.offset = reader.original_position();
            let operator = reader.read()?;
            validator.op(self.offset, &operator)?;
            if validator.operand_stack_height() > MAX_OPERANDS {
                return Err(TranslateError::too_large("pending operands", MAX_OPERANDS as usize, self.offset));
            }
            if validator.control_stack_height() == 0 {
                root = Some(self.builder.finish()?);
            } else {
                self.step(&operator).map_err(|error| self.placed(error))?;
            }
        }
        reader.finish()?;
        root.map(|tree| tree.id).ok_or_else(|| TranslateError::inconsistent(self.offset))
    }

    /// An error with the place of the current operator.
    fn placed(&self, error: TranslateError) -> TranslateError {
        TranslateError { offset: self.offset, ..error }
    }

    fn step(&mut self, operator: &Operator<'_>) -> Result<(), TranslateError> {
        if self.builder.frame()?.reachable {
            self.builder.charge(4)?;
            self.builder.release()?;
            return self.control(operator);
        }
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => self.skipped += 1,
            Operator::End if self.skipped > 0 => self.skipped -= 1,
            Operator::End | Operator::Else if self.skipped == 0 => return self.control(operator),
            _ => {}
        }
        Ok(())
    }

    /// Blocks and jumps.
    fn control(&mut self, operator: &Operator<'_>) -> Result<(), TranslateError> {
        match *operator {
            Operator::Nop => Ok(()),
            Operator::Unreachable => {
                let tree = self.builder.tree(Expr::Unreachable, Yield::NEVER, Weight::default());
                self.builder.terminate(tree)
            }
            Operator::Block { blockty } => {
                let (parameters, results) = self.block_type(blockty)?;
                self.builder.block(parameters, results);
                Ok(())
            }
            Operator::Loop { blockty } => {
                let (parameters, results) = self.block_type(blockty)?;
                self.builder.enter_loop(parameters, results)
            }
            Operator::If { blockty } => {
                let (parameters, results) = self.block_type(blockty)?;
                self.builder.enter_if(parameters, results)
            }
            Operator::Else => self.builder.enter_else(),
            Operator::End => self.builder.end(),
            Operator::Br { relative_depth } => self.builder.branch(relative_depth),
            Operator::BrIf { relative_depth } => self.builder.branch_if(relative_depth),
            Operator::BrTable { ref targets } => {
                let mut depths = Vec::with_capacity(targets.len() as usize + 1);
                for depth in targets.targets() {
                    depths.push(depth?);
                }
                depths.push(targets.default());
                self.builder.branch_table(&depths)
            }
            Operator::Return => self.builder.give_back(),
            Operator::Call { function_index } => {
                let function = FuncId(function_index);
                let signature = self.builder.module.functions.get(function).map(|function| function.signature);
                let signature = signature.ok_or_else(|| self.inconsistent())?;
                self.call(signature, 0, |list| Expr::Call(function, list))
            }
            Operator::CallIndirect { type_index, table_index } => {
                let signature = self.signature(type_index)?;
                self.call(signature, 1, |list| Expr::CallIndirect(signature, TableId(table_index), list))
            }
            _ => self.variable(operator),
        }
    }

    fn inconsistent(&self) -> TranslateError {
        TranslateError::inconsistent(self.offset)
    }

    fn signature(&self, index: u32) -> Result<SigId, TranslateError> {
        self.signatures.get(index as usize).copied().ok_or_else(|| self.inconsistent())
    }

    /// Parameters and results of a block.
    fn block_type(&self, ty: BlockType) -> Result<(Yield, Yield), TranslateError> {
        match ty {
            BlockType::Empty => Ok((Yield::NONE, Yield::NONE)),
            BlockType::Type(ty) => Ok((Yield::NONE, Yield::one(value_type(ty, self.offset)?))),
            BlockType::FuncType(index) => {
                let signature = self.signature(index)?;
                let parameters = self.builder.module.signatures[signature].parameters;
                Ok((self.builder.module.yield_of(parameters), self.builder.module.result_yield(signature)))
            }
        }
    }

    /// A call with the arguments of a signature and so many operands behind them.
    fn call(
        &mut self,
        signature: SigId,
        more: usize,
        expr: impl FnOnce(List<ExprId>) -> Expr,
    ) -> Result<(), TranslateError> {
        let count = self.builder.module.parameters(signature).len() + more;
        let yields = self.builder.module.result_yield(signature);
        self.with_list(count, yields, expr)
    }

    /// A node that takes the topmost operands as a list.
    fn with_list(
        &mut self,
        count: usize,
        yields: Yield,
        expr: impl FnOnce(List<ExprId>) -> Expr,
    ) -> Result<(), TranslateError> {
        self.builder.charge(count)?;
        let operands = self.builder.pop_many(count)?;
        let (children, weight) = self.builder.realize_all(&operands);
        let list = self.builder.scratch.lists().push(&children);
        let tree = self.builder.tree(expr(list), yields, weight);
        self.builder.place(tree)
    }

    /// Constants, locals, globals, `drop` and `select`.
    fn variable(&mut self, operator: &Operator<'_>) -> Result<(), TranslateError> {
        match *operator {
            Operator::I32Const { value } => self.builder.push_value(Value::I32(value)),
            Operator::I64Const { value } => self.builder.push_value(Value::I64(value)),
            Operator::F32Const { value } => self.builder.push_value(Value::F32(value.bits())),
            Operator::F64Const { value } => self.builder.push_value(Value::F64(value.bits())),
            Operator::LocalGet { local_index } => self.builder.push_local(LocalId(local_index)),
            Operator::LocalSet { local_index } => {
                let value = self.builder.pop()?;
                return self.builder.emit_set(LocalId(local_index), value);
            }
            Operator::LocalTee { local_index } => return self.tee(LocalId(local_index)),
            Operator::GlobalGet { global_index } => {
                let global = GlobalId(global_index);
                let ty = self.builder.module.globals.get(global).map(|global| global.ty);
                let ty = ty.ok_or_else(|| self.inconsistent())?;
                return self.place(Expr::GlobalGet(global), Yield::one(ty), Weight::default());
            }
            Operator::GlobalSet { global_index } => {
                return self.one(Yield::NONE, |value| Expr::GlobalSet(GlobalId(global_index), value));
            }
            Operator::Drop => return self.builder.forget(),
            Operator::Select => return self.select(),
            Operator::TypedSelect { ty } => {
                value_type(ty, self.offset)?;
                return self.select();
            }
            _ => return self.memory(operator),
        }
        Ok(())
    }

    fn tee(&mut self, local: LocalId) -> Result<(), TranslateError> {
        let value = self.builder.pop()?;
        let ty = self.builder.local_type(local);
        let weight = Weight { sets: true, ..value.weight };
        self.place(Expr::LocalTee(local, value.id), Yield::one(ty), weight)
    }

    fn select(&mut self) -> Result<(), TranslateError> {
        let condition = self.builder.pop()?;
        let second = self.builder.pop()?;
        let first = self.builder.pop()?;
        let yields = self.builder.scratch.yields(first.id);
        let weight = first.weight.beside(second.weight).beside(condition.weight);
        self.place(Expr::Select(first.id, second.id, condition.id), yields, weight)
    }

    fn place(&mut self, expr: Expr, yields: Yield, weight: Weight) -> Result<(), TranslateError> {
        let tree = self.builder.tree(expr, yields, weight);
        self.builder.place(tree)
    }

    /// A node of one operand.
    fn one(&mut self, yields: Yield, expr: impl FnOnce(ExprId) -> Expr) -> Result<(), TranslateError> {
        let value = self.builder.pop()?;
        self.place(expr(value.id), yields, value.weight)
    }

    /// A node of two operands.
    fn two(&mut self, yields: Yield, expr: impl FnOnce(ExprId, ExprId) -> Expr) -> Result<(), TranslateError> {
        let second = self.builder.pop()?;
        let first = self.builder.pop()?;
        self.place(expr(first.id, second.id), yields, first.weight.beside(second.weight))
    }

    /// A statement of three operands.
    fn three(&mut self, expr: impl FnOnce(ExprId, ExprId, ExprId) -> Expr) -> Result<(), TranslateError> {
        let third = self.builder.pop()?;
        let second = self.builder.pop()?;
        let first = self.builder.pop()?;
        let weight = first.weight.beside(second.weight).beside(third.weight);
        self.place(expr(first.id, second.id, third.id), Yield::NONE, weight)
    }

    /// Memory and tables as a whole.
    fn memory(&mut self, operator: &Operator<'_>) -> Result<(), TranslateError> {
        match *operator {
            Operator::MemorySize { .. } => self.place(Expr::MemorySize, Yield::one(Type::I32), Weight::default()),
            Operator::MemoryGrow { .. } => self.one(Yield::one(Type::I32), Expr::MemoryGrow),
            Operator::MemoryCopy { .. } => self.three(Expr::MemoryCopy),
            Operator::MemoryFill { .. } => self.three(Expr::MemoryFill),
            Operator::MemoryInit { data_index, .. } => {
                self.with_list(3, Yield::NONE, |list| Expr::MemoryInit(DataId(data_index), list))
            }
            Operator::DataDrop { data_index } => {
                self.place(Expr::DataDrop(DataId(data_index)), Yield::NONE, Weight::default())
            }
            Operator::TableInit { elem_index, table } => {
                self.with_list(3, Yield::NONE, |list| Expr::TableInit(TableId(table), ElementId(elem_index), list))
            }
            Operator::TableCopy { dst_table, src_table } => {
                self.with_list(3, Yield::NONE, |list| Expr::TableCopy(TableId(dst_table), TableId(src_table), list))
            }
            Operator::ElemDrop { elem_index } => {
                self.place(Expr::ElementDrop(ElementId(elem_index)), Yield::NONE, Weight::default())
            }
            _ => self.access(operator),
        }
    }

    /// Loads and stores.
    fn access(&mut self, operator: &Operator<'_>) -> Result<(), TranslateError> {
        use Operator as O;
        let (O::I32Load { memarg }
        | O::I64Load { memarg }
        | O::F32Load { memarg }
        | O::F64Load { memarg }
        | O::I32Load8S { memarg }
        | O::I32Load8U { memarg }
        | O::I32Load16S { memarg }
        | O::I32Load16U { memarg }
        | O::I64Load8S { memarg }
        | O::I64Load8U { memarg }
        | O::I64Load16S { memarg }
        | O::I64Load16U { memarg }
        | O::I64Load32S { memarg }
        | O::I64Load32U { memarg }
        | O::I32Store { memarg }
        | O::I64Store { memarg }
        | O::F32Store { memarg }
        | O::F64Store { memarg }
        | O::I32Store8 { memarg }
        | O::I32Store16 { memarg }
        | O::I64Store8 { memarg }
        | O::I64Store16 { memarg }
        | O::I64Store32 { memarg }) = *operator
        else {
            return self.number();
        };
        let offset = u32::try_from(memarg.offset).map_err(|_| self.inconsistent())?;
        let code = self.opcode();
        if let Some(op) = LoadOp::of_code(code) {
            return self.one(Yield::one(op.ty()), |address| Expr::Load(op, offset, address));
        }
        let op = StoreOp::of_code(code).ok_or_else(|| self.inconsistent())?;
        self.two(Yield::NONE, |address, value| Expr::Store(op, offset, address, value))
    }

    /// The core's number of the current operator: its opcode, with the saturating conversions moved.
    fn opcode(&self) -> u8 {
        match self.bytes.get(self.offset as usize..).unwrap_or(&[]) {
            [0xFC, sub, ..] => 0xE0_u8.saturating_add(*sub),
            [code, ..] => *code,
            [] => 0,
        }
    }

    /// Operators of one or two operands.
    fn number(&mut self) -> Result<(), TranslateError> {
        let code = self.opcode();
        if let Some(op) = UnaryOp::of_code(code) {
            return self.one(Yield::one(op.result()), |value| Expr::Unary(op, value));
        }
        if let Some(op) = BinaryOp::of_code(code) {
            return self.two(Yield::one(op.result()), |first, second| Expr::Binary(op, first, second));
        }
        // Validation accepts the proposal because element segments need it.
        Err(TranslateError::unsupported("reference types", self.offset))
    }
}
