//! The types the checker reasons with, and how one is made to fit another.

use super::Checker;
use crate::arena::Key;
use crate::ast::Written;
use crate::core::{Expr, ExprId, Type};
use crate::span::Span;
use core::fmt;

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    /// Whole numbers whose type is not settled; held as `i64` in the core meanwhile.
    Number,
    /// A value of this type.
    Value(Type),
    /// No value.
    Unit,
    /// Control does not come back from here.
    Never,
    /// Reported already; fits everything.
    Error,
}

impl Ty {
    pub(super) const I32: Self = Self::Value(Type::I32);

    /// A written type; an unknown one was reported by the parser.
    pub(super) fn of(written: Written) -> Self {
        written.map_or(Self::Error, Self::Value)
    }

    /// The value type, where one must stand in the core.
    pub(super) const fn value(self) -> Type {
        match self {
            Self::Value(ty) => ty,
            Self::Number => Type::I64,
            Self::Unit | Self::Never | Self::Error => Type::I32,
        }
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => f.write_str("a number"),
            Self::Value(ty) => write!(f, "`{ty}`"),
            Self::Unit | Self::Never | Self::Error => f.write_str("no value"),
        }
    }
}

/// A checked expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed {
    /// Its core node, the last of its range.
    pub(super) id: ExprId,
    /// The first core node of its range.
    pub(super) first: ExprId,
    pub(super) ty: Ty,
    /// The text to point at if the type is wrong: the value, not the whole block around it.
    pub(super) blame: Span,
}

impl Checker<'_> {
    /// Makes a value fit `want`; reports it if it cannot.
    pub(super) fn coerce(&mut self, value: Typed, want: Ty) {
        match (value.ty, want) {
            (Ty::Number, Ty::Value(ty)) => self.settle(value, ty),
            (Ty::Number, Ty::Error) => self.settle(value, Type::I64),
            (Ty::Never | Ty::Error, _) | (_, Ty::Error) => {}
            (found, _) if found == want => {}
            _ => self.mismatch(value, want),
        }
    }

    /// Brings the operands of an operator to one type, which is returned.
    pub(super) fn unify(&mut self, left: Typed, right: Typed) -> Ty {
        match (left.ty, right.ty) {
            (Ty::Never, other) | (other, Ty::Never) => other,
            (Ty::Error, _) | (_, Ty::Error) => Ty::Error,
            (Ty::Number, Ty::Value(ty)) => {
                self.settle(left, ty);
                right.ty
            }
            (Ty::Value(ty), Ty::Number) => {
                self.settle(right, ty);
                left.ty
            }
            (one, other) if one == other => one,
            _ => {
                self.operands_differ(left, right);
                Ty::Error
            }
        }
    }

    /// An expression whose context asks for no type: numbers become `i32`.
    pub(super) fn default(&mut self, value: Typed) -> Ty {
        if value.ty == Ty::Number {
            self.settle(value, Type::I32);
            return Ty::I32;
        }
        value.ty
    }

    /// Gives every unsettled node of the expression the type `ty`. Everything unsettled in its range is a part of its
    /// value: whatever served another purpose (a condition, a variable's first value) was settled there.
    fn settle(&mut self, value: Typed, ty: Type) {
        for index in value.first.index()..=value.id.index() {
            let id = ExprId::new(index);
            if self.types[id] == Ty::Number {
                self.types[id] = Ty::Value(ty);
                self.settle_node(id, ty);
            }
        }
    }

    fn settle_node(&mut self, id: ExprId, ty: Type) {
        match &mut self.module.exprs[id] {
            node @ Expr::I64(_) if ty == Type::I32 => {
                let Expr::I64(number) = *node else { return };
                match i32::try_from(number) {
                    Ok(small) => *node = Expr::I32(small),
                    Err(_) => self.does_not_fit(self.module.spans[id], ty),
                }
            }
            Expr::Binary(_, operand, ..) => *operand = ty,
            _ => {}
        }
    }
}
