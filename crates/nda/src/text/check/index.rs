//! `pointer[index]`: loads and stores through pointers.

use super::Checker;
use super::operators;
use super::ty::{Ty, Typed};
use crate::module::{BinaryOp, Cell, DataId, DataShape, Expr};
use crate::span::Span;
use crate::text::ast::{self, ExprKind};

impl Checker<'_> {
    /// `pointer[index]` as a value.
    #[inline(never)]
    pub(super) fn load(&mut self, pointer: Typed, index: ast::ExprId, span: Span) -> Typed {
        let Some((address, offset, cell)) = self.address(pointer, index, span) else { return self.poison(span) };
        let ty = if address.ty == Ty::Never { Ty::Never } else { Ty::of_cell(cell) };
        self.add(Expr::Load(operators::load(cell), offset, address.id), ty, span, address.first)
    }

    /// The address of `pointer[index]`, the offset from it, and what lies there. An index that is written as a number
    /// is an offset, if it fits; any other is added, without a check for overflow, as the core's arithmetic has none.
    #[inline(never)]
    pub(super) fn address(&mut self, pointer: Typed, index: ast::ExprId, span: Span) -> Option<(Typed, u32, Cell)> {
        let Ty::Pointer(cell) = pointer.ty else {
            if pointer.ty != Ty::Error {
                self.not_a_pointer(pointer);
            }
            let index = self.expr(index);
            self.default(index);
            return None;
        };
        self.memory_used = true;
        if let ExprKind::Number(number) = self.file.exprs[index].kind {
            let offset = number.checked_mul(u64::from(cell.bytes())).and_then(|offset| u32::try_from(offset).ok());
            if let Some(offset) = offset {
                return Some((pointer, offset, cell));
            }
        }
        let index = self.index_value(index, "an index");
        let steps = self.scaled(index, cell.bytes(), span);
        let ty = if index.ty == Ty::Never { Ty::Never } else { Ty::U32 };
        let sum = Expr::Binary(BinaryOp::I32Add, pointer.id, steps.id);
        Some((self.add(sum, ty, span, pointer.first), 0, cell))
    }

    /// A value of type `i32` or `u32`.
    pub(super) fn index_value(&mut self, index: ast::ExprId, what: &'static str) -> Typed {
        let index = self.expr(index);
        let ty = self.default(index);
        if !matches!(ty, Ty::I32 | Ty::U32 | Ty::Never | Ty::Error) {
            self.not_an_index(Typed { ty, ..index }, what);
        }
        Typed { ty, ..index }
    }

    fn scaled(&mut self, index: Typed, bytes: u32, span: Span) -> Typed {
        if bytes == 1 {
            return index;
        }
        let shift = self.leaf(Expr::I32(bytes.ilog2() as i32), Ty::I32, span);
        let ty = if index.ty == Ty::Never { Ty::Never } else { Ty::U32 };
        self.add(Expr::Binary(BinaryOp::I32Shl, index.id, shift.id), ty, span, index.first)
    }

    /// The type of a static's name.
    pub(super) fn static_type(&self, data: DataId) -> Ty {
        match self.module.data[data].shape {
            DataShape::Array(cell, _) | DataShape::One(cell) => Ty::Pointer(cell),
            DataShape::Text => Ty::Error,
        }
    }
}
