//! `as`: from one type of values to another, or to the lowest bits of a number.

use super::Checker;
use super::operators::{Conversion, conversion};
use super::ty::{Ty, Typed};
use crate::module::{BinaryOp, Cell, Expr, UnaryOp};
use crate::span::Span;
use crate::text::ast::{self, TypeName};

impl Checker<'_> {
    #[inline(never)]
    pub(super) fn cast(&mut self, value: Typed, written: ast::Type, span: Span) -> Typed {
        if !value.ty.is_single() {
            self.no_value(value, "`as` needs a value");
            return self.poison(span);
        }
        if let TypeName::Narrow(cell) = written.name {
            return self.narrow(value, cell, span);
        }
        let target = Ty::of(written);
        if let Ty::Pointer(_) = target {
            self.memory_used = true;
        }
        let value = self.literal_target(value, target);
        if matches!(value.ty, Ty::Never | Ty::Error) || target == Ty::Error {
            let ty = if value.ty == Ty::Never { Ty::Never } else { target };
            return Typed { ty, blame: span, ..value };
        }
        match conversion(value.ty, target) {
            Some(Conversion::Free) => Typed { ty: target, blame: span, ..value },
            Some(Conversion::One(op)) => self.add(Expr::Unary(op, value.id), target, span, value.first),
            None => {
                self.no_conversion(value, target, span);
                self.poison(span)
            }
        }
    }

    /// A number takes the type that it is converted to, if it can be of that type.
    fn literal_target(&mut self, value: Typed, target: Ty) -> Typed {
        let want = match (value.ty, target) {
            (Ty::Number(_), Ty::Pointer(_)) => Ty::U32,
            (Ty::Number(_), ty) if ty.is_integer() => ty,
            (Ty::Float(_), ty) if ty.is_float() => ty,
            (ty, _) => ty.or_default(),
        };
        if value.ty.is_open() {
            self.settle(value, want);
        }
        Typed { ty: want, ..value }
    }

    /// `x as u8`, `x as i16`: the lowest bits, as a `u32` or, with their sign, as an `i32`.
    fn narrow(&mut self, value: Typed, cell: Cell, span: Span) -> Typed {
        let signed = matches!(cell, Cell::I8 | Cell::I16);
        let ty = if signed { Ty::I32 } else { Ty::U32 };
        let value = self.literal_target(value, ty);
        let value = match value.ty {
            Ty::Never => return value,
            Ty::I64 | Ty::U64 => self.add(Expr::Unary(UnaryOp::I32WrapI64, value.id), ty, span, value.first),
            Ty::I32 | Ty::U32 | Ty::Error => value,
            _ => {
                self.no_narrowing(value, span);
                return self.poison(span);
            }
        };
        let node = match cell {
            Cell::I8 => Expr::Unary(UnaryOp::I32Extend8S, value.id),
            Cell::I16 => Expr::Unary(UnaryOp::I32Extend16S, value.id),
            _ => {
                let mask = if cell == Cell::U8 { 0xff } else { 0xffff };
                let mask = self.leaf(Expr::I32(mask), ty, span);
                Expr::Binary(BinaryOp::I32And, value.id, mask.id)
            }
        };
        self.add(node, ty, span, value.first)
    }
}
