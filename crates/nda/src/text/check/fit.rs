//! How the type of an expression is made to fit its place: settling open numbers, joining arms.

use super::operators::settled;
use super::ty::{Group, TupleId, Ty, Typed};
use super::{Checker, ExprId};
use crate::module::{Expr, UnaryOp, Value};
use crate::span::Span;
use crate::text::ast;
use crate::text::lexer::{parse_f32, parse_f64};

/// Set in an open float's node if a minus stands before the digits; the rest is the key of its syntax node.
pub(super) const MINUS: u64 = 1 << 63;

impl Checker<'_> {
    /// Makes a value fit `want`; reports it if it cannot.
    pub(super) fn coerce(&mut self, value: Typed, want: Ty) {
        match (value.ty, want) {
            (Ty::Never | Ty::Error, _) => {}
            (Ty::Many(found), Ty::Many(parts)) if found != parts => {
                if !self.fits(value.ty, want) {
                    return self.mismatch(value, want);
                }
                self.link(value.ty, want);
                self.settle_parts(value, parts);
            }
            (_, Ty::Error) => {
                self.default(value);
            }
            (found, want) if found == want => {}
            (found, want) if self.fits(found, want) => self.settle(value, want),
            _ => self.mismatch(value, want),
        }
    }

    /// Whether a type is another or can be settled to be it.
    pub(super) fn fits(&self, found: Ty, want: Ty) -> bool {
        match (found, want) {
            (Ty::Never | Ty::Error, _) | (_, Ty::Error) => true,
            (Ty::Number(_), Ty::Number(_)) | (Ty::Float(_), Ty::Float(_)) => true,
            (Ty::Number(_), want) => want.is_integer(),
            (Ty::Float(_), want) => want.is_float(),
            (Ty::Many(found), Ty::Many(want)) if found != want => {
                let (found, want) = (self.types_in(found), self.types_in(want));
                // A tuple has no tuples in it.
                found.len() == want.len() && found.iter().zip(want).all(|(&found, &want)| self.fits(found, want))
            }
            _ => found == want,
        }
    }

    /// Settles the parts of a tuple that are open, those that `want` settles.
    fn settle_parts(&mut self, value: Typed, want: TupleId) {
        for id in (value.first.0..=value.id.0).map(ExprId) {
            let group = self.type_at(id).group().filter(|group| group.is_here());
            let Some(part) = group.and_then(Group::index) else { continue };
            let ty = self.types_in(want).get(part).copied().unwrap_or(Ty::Error);
            if !ty.is_open() {
                self.settle_node(id, ty.or_default());
            }
        }
    }

    /// Brings the operands of an operator to one type, which is returned.
    pub(super) fn unify(&mut self, left: Typed, right: Typed) -> Ty {
        match (left.ty, right.ty) {
            (Ty::Never, other) => {
                self.default(right);
                other.or_default()
            }
            (other, Ty::Never) => {
                self.default(left);
                other.or_default()
            }
            (Ty::Error, _) | (_, Ty::Error) => Ty::Error,
            (Ty::Number(_), ty) if ty.is_integer() => {
                self.settle(left, ty);
                ty
            }
            (Ty::Float(_), ty) if ty.is_float() => {
                self.settle(left, ty);
                ty
            }
            (ty, Ty::Number(_)) if ty.is_integer() => {
                self.settle(right, ty);
                ty
            }
            (ty, Ty::Float(_)) if ty.is_float() => {
                self.settle(right, ty);
                ty
            }
            (one, other) if one == other => one,
            _ => {
                self.operands_differ(left, right);
                Ty::Error
            }
        }
    }

    /// An expression whose place asks for no type: whole numbers become `i32`, others `f64`.
    pub(super) fn default(&mut self, value: Typed) -> Ty {
        match value.ty {
            Ty::Number(_) | Ty::Float(_) => {
                let ty = value.ty.or_default();
                self.settle(value, ty);
                ty
            }
            Ty::Many(tuple) if self.types_in(tuple).iter().any(|part| part.is_open()) => {
                let from = self.parts.len();
                for index in 0..self.types_in(tuple).len() {
                    let part = self.types_in(tuple)[index].or_default();
                    self.parts.push(part);
                }
                let ty = self.tuple_type(from);
                self.coerce(value, ty);
                ty
            }
            ty => ty,
        }
    }

    /// Gives every open node of the expression the type `ty`. Everything open in its range is a part of its value,
    /// unless its group says otherwise: what served another purpose (a condition, a variable's first value) was
    /// settled there.
    pub(super) fn settle(&mut self, value: Typed, ty: Ty) {
        for id in (value.first.0..=value.id.0).map(ExprId) {
            if self.type_at(id).group() == Some(Group::HERE) {
                self.settle_node(id, ty);
            }
        }
    }

    /// Moves what is open in the expression from one group to another.
    pub(super) fn regroup(&mut self, value: Typed, change: impl Fn(Group) -> Group) {
        for id in (value.first.0..=value.id.0).map(ExprId) {
            let ty = self.type_at(id);
            if let Some(group) = ty.group() {
                *ty = ty.in_group(change(group));
            }
        }
    }

    pub(super) fn settle_node(&mut self, id: ExprId, ty: Ty) {
        let open = core::mem::replace(self.type_at(id), ty);
        match (self.module.exprs[id], open) {
            (Expr::I64(_) | Expr::F64(_), _) => self.settle_literal(id, open, ty),
            (Expr::Binary(op, left, right), _) => self.module.set(id, Expr::Binary(settled(op, ty), left, right)),
            (Expr::Unary(UnaryOp::F64Neg, operand), Ty::Float(_)) if ty == Ty::F32 => {
                self.module.set(id, Expr::Unary(UnaryOp::F32Neg, operand));
            }
            _ => {}
        }
    }

    fn settle_literal(&mut self, id: ExprId, open: Ty, ty: Ty) {
        let value = match (self.module.exprs[id], open) {
            (Expr::I64(number), Ty::Number(_)) => integer(i128::from(number), ty),
            (Expr::F64(number), Ty::Number(_)) => integer(i128::from(number), ty),
            (Expr::F64(node), Ty::Float(_)) => self.float(node, ty),
            _ => return,
        };
        match value {
            Some(value) => self.module.set(id, constant(value)),
            None => self.does_not_fit(self.module.spans[id], ty),
        }
    }

    /// The value of an open float, in the precision of its type; `None` if it is too large.
    fn float(&self, node: u64, ty: Ty) -> Option<Value> {
        let literal: ast::ExprId = crate::module::Key::new((node & !MINUS) as usize);
        float_value(self.file.exprs[literal].span.text(self.source), node & MINUS != 0, ty)
    }

    /// Whether a number with a fraction fits into some type; reported otherwise.
    pub(super) fn check_float(&mut self, span: Span) -> bool {
        let fits = float_value(span.text(self.source), false, Ty::F64).is_some();
        if !fits {
            self.does_not_fit(span, Ty::F64);
        }
        fits
    }

    /// The one type of all values that meet in one place: the first that is settled, to which all others must bend.
    /// What never ends fits anything.
    pub(super) fn join(&mut self, one: Ty, other: Ty) -> Ty {
        let rank = |ty: Ty| match ty {
            Ty::Error => 1,
            Ty::Number(_) | Ty::Float(_) => 2,
            Ty::Unit => 3,
            Ty::Never => 4,
            _ => 0,
        };
        match (one, other) {
            (Ty::Many(left), Ty::Many(right)) if left != right => self.join_parts(left, right),
            _ if rank(other) < rank(one) => other,
            _ => one,
        }
    }

    fn join_parts(&mut self, left: TupleId, right: TupleId) -> Ty {
        if self.types_in(left).len() != self.types_in(right).len() {
            return Ty::Many(left);
        }
        let same = |parts: (&Ty, &Ty)| parts.0 == parts.1 && !parts.0.is_open();
        if self.types_in(left).iter().zip(self.types_in(right)).all(same) {
            return Ty::Many(left);
        }
        let from = self.parts.len();
        for index in 0..self.types_in(left).len() {
            let (one, other) = (self.types_in(left)[index], self.types_in(right)[index]);
            self.parts.push(if one.is_open() && !other.is_open() { other } else { one });
        }
        self.tuple_type(from)
    }
}

/// A whole number as a value of type `ty`.
pub(super) fn integer(number: i128, ty: Ty) -> Option<Value> {
    match ty {
        Ty::I32 => i32::try_from(number).ok().map(Value::I32),
        Ty::U32 => u32::try_from(number).ok().map(|number| Value::I32(number as i32)),
        Ty::U64 => u64::try_from(number).ok().map(|number| Value::I64(number as i64)),
        _ => i64::try_from(number).ok().map(Value::I64),
    }
}

/// A number with a fraction as a value of type `ty`.
pub(super) fn float_value(text: &str, minus: bool, ty: Ty) -> Option<Value> {
    if ty == Ty::F32 {
        let number = parse_f32(text);
        return number.is_finite().then_some(Value::F32(if minus { -number } else { number }.to_bits()));
    }
    let number = parse_f64(text);
    number.is_finite().then_some(Value::F64(if minus { -number } else { number }.to_bits()))
}

/// A value as a node.
pub(super) const fn constant(value: Value) -> Expr {
    match value {
        Value::I32(value) => Expr::I32(value),
        Value::I64(value) => Expr::I64(value),
        Value::F32(bits) => Expr::F32(bits),
        Value::F64(bits) => Expr::F64(bits),
    }
}
