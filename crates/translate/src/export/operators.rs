//! The instruction of a node whose operands are on the stack. Operators have WebAssembly's opcodes already.

use super::body::Walk;
use velocity_nda::module::{Expr, ExprId, List, LocalId, Shape};
use wasm_encoder::{Encode, Ieee32, Ieee64, MemArg, MemArgTarget};

/// The prefix of the saturating conversions, and the core's number of the first of them.
const SATURATING: (u8, u8) = (0xFC, 0xE0);

impl Walk<'_, '_> {
    /// Writes what a node does once its operands are there. Blocks, loops and conditions are written elsewhere.
    pub(super) fn operator(&mut self, expr: Expr) {
        match expr {
            Expr::I32(value) => _ = self.sink().i32_const(value),
            Expr::I64(value) => _ = self.sink().i64_const(value),
            Expr::F32(bits) => _ = self.sink().f32_const(Ieee32::new(bits)),
            Expr::F64(bits) => _ = self.sink().f64_const(Ieee64::new(bits)),
            Expr::Address(data) => {
                let address = self.statics.address(data) as i32;
                self.sink().i32_const(address);
            }
            Expr::Unary(op, _) => self.opcode(op.code()),
            Expr::Binary(op, ..) => self.opcode(op.code()),
            Expr::Load(op, offset, _) => self.access(op.code(), op.bytes(), offset),
            Expr::Store(op, offset, ..) => self.access(op.code(), op.bytes(), offset),
            Expr::Select(..) => _ = self.sink().select(),
            Expr::Drop(value) => self.forget(value),
            _ => self.variable(expr),
        }
    }

    /// Locals and globals.
    fn variable(&mut self, expr: Expr) {
        match expr {
            Expr::LocalGet(local) => _ = self.sink().local_get(local.0),
            Expr::LocalSet(local, _) => _ = self.sink().local_set(local.0),
            Expr::LocalTee(local, _) => _ = self.sink().local_tee(local.0),
            Expr::LocalSetMany(locals, _) => self.set_many(locals),
            Expr::GlobalGet(id) => {
                let global = self.spaces.globals.index(id.0);
                self.sink().global_get(global);
            }
            Expr::GlobalSet(id, _) => {
                let global = self.spaces.globals.index(id.0);
                self.sink().global_set(global);
            }
            _ => self.leave(expr),
        }
    }

    /// Jumps and calls.
    fn leave(&mut self, expr: Expr) {
        match expr {
            Expr::Break(depth, _) => {
                let depth = self.depth(depth);
                self.sink().br(depth);
            }
            Expr::BreakTable(depths, ..) => self.break_table(depths),
            Expr::Return(_) => _ = self.sink().return_(),
            Expr::Unreachable => _ = self.sink().unreachable(),
            Expr::Call(id, _) => {
                let function = self.spaces.functions.index(id.0);
                self.sink().call(function);
            }
            Expr::CallIndirect(signature, table, _) => {
                let table = self.spaces.tables.index(table.0);
                self.sink().call_indirect(table, signature.0);
            }
            _ => self.range(expr),
        }
    }

    /// The memory and tables as a whole. What is left is made of its parts: sequences and tuples.
    fn range(&mut self, expr: Expr) {
        let table = |table: velocity_nda::module::TableId| self.spaces.tables.index(table.0);
        match expr {
            Expr::MemorySize => _ = self.sink().memory_size(0),
            Expr::MemoryGrow(_) => _ = self.sink().memory_grow(0),
            Expr::MemoryCopy(..) => _ = self.sink().memory_copy(0, 0),
            Expr::MemoryFill(..) => _ = self.sink().memory_fill(0),
            Expr::MemoryInit(data, _) => {
                self.uses_data = true;
                self.sink().memory_init(0, data.0);
            }
            Expr::DataDrop(data) => {
                self.uses_data = true;
                self.sink().data_drop(data.0);
            }
            Expr::TableInit(into, element, _) => {
                let into = table(into);
                self.sink().table_init(into, element.0);
            }
            Expr::TableCopy(to, from, _) => {
                let (to, from) = (table(to), table(from));
                self.sink().table_copy(to, from);
            }
            Expr::ElementDrop(element) => _ = self.sink().elem_drop(element.0),
            _ => {}
        }
    }

    fn opcode(&mut self, code: u8) {
        let (prefix, first) = SATURATING;
        match code.checked_sub(first) {
            Some(sub) => self.code.extend([prefix, sub]),
            None => self.code.push(code),
        }
    }

    /// A load or store; what the format says of alignment is a hint, and that of the access.
    fn access(&mut self, code: u8, bytes: u32, offset: u32) {
        self.code.push(code);
        let (offset, align) = (offset.into(), bytes.trailing_zeros());
        MemArg { offset, align, target: MemArgTarget::Memory(0), ordering: None }.encode(&mut self.code);
    }

    /// Drops whatever a node left.
    fn forget(&mut self, value: ExprId) {
        let count = match self.module.yields[value].shape() {
            Shape::None | Shape::Never => 0,
            Shape::One(_) => 1,
            Shape::Many(list) => self.module.pool.len(list),
        };
        for _ in 0..count {
            self.sink().drop();
        }
    }

    /// Sets locals to the values on the stack, whose last is on top: the core goes from right to left, too.
    fn set_many(&mut self, locals: List<LocalId>) {
        for &local in self.module.pool.words(locals).iter().rev() {
            self.sink().local_set(local);
        }
    }

    fn break_table(&mut self, depths: List<u32>) {
        let mut targets: alloc::vec::Vec<_> = self.module.pool.get(depths).map(|depth| self.depth(depth)).collect();
        let last = targets.pop().unwrap_or(0);
        self.sink().br_table(targets, last);
    }
}
