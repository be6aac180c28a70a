//! Decisions to core nodes: `if` chains, `&&`, `||`, `!`, `return`.

use super::Checker;
use super::operators::is_truth;
use super::ty::{Ty, Typed};
use crate::arena::List;
use crate::module::{Expr, UnaryOp};
use crate::span::Span;
use crate::text::ast::{self, BlockId, Operator};

/// A condition and what runs if it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arm {
    condition: Typed,
    then: Typed,
}

impl Checker<'_> {
    /// The arms are checked in order, then nested from the last to the first.
    #[inline(never)]
    pub(super) fn if_chain(&mut self, arms: List<ast::Arm>, otherwise: Option<BlockId>, span: Span) -> Typed {
        let (file, from) = (self.file, self.arms.len());
        for arm in file.arms.get(arms) {
            let condition = self.condition(arm.condition);
            let then = self.block(arm.then);
            self.arms.push(Arm { condition, then });
        }
        let mut rest = otherwise.map(|block| self.block(block));
        let ty = self.join_arms(from, rest);
        while self.arms.len() > from {
            let Some(arm) = self.arms.pop() else { break };
            rest = Some(self.decision(arm, rest, ty, span));
        }
        rest.unwrap_or_else(|| self.poison(span))
    }

    /// One `if` of a chain whose arms were made to fit `ty`.
    fn decision(&mut self, arm: Arm, rest: Option<Typed>, ty: Ty, span: Span) -> Typed {
        let Arm { condition, then } = arm;
        let (node, found) = match rest {
            Some(rest) if then.ty == Ty::Never => (Expr::IfElse(condition.id, then.id, rest.id), rest.ty),
            Some(rest) => (Expr::IfElse(condition.id, then.id, rest.id), ty),
            None => (Expr::If(condition.id, then.id), Ty::Unit),
        };
        let found = if found == Ty::Never { Ty::Never } else { ty };
        if condition.ty == Ty::Never && found.is_value() {
            self.default(Typed { first: then.first, ty, ..rest.unwrap_or(then) });
        }
        let found = if condition.ty == Ty::Never { Ty::Never } else { found };
        let whole = self.module.spans[condition.id].to(span);
        self.add(node, found, whole, condition.first)
    }

    /// The one type of all arms.
    #[inline(never)]
    fn join_arms(&mut self, from: usize, otherwise: Option<Typed>) -> Ty {
        let Some(otherwise) = otherwise else {
            for index in from..self.arms.len() {
                let then = self.arms[index].then;
                if then.ty.is_value() {
                    self.no_else(then);
                }
            }
            return Ty::Unit;
        };
        let mut ty = Ty::Never;
        for index in from..self.arms.len() {
            ty = self.join(ty, self.arms[index].then.ty);
        }
        ty = self.join(ty, otherwise.ty);
        for index in from..self.arms.len() {
            self.coerce(self.arms[index].then, ty);
        }
        self.coerce(otherwise, ty);
        ty
    }

    #[inline(never)]
    pub(super) fn return_value(&mut self, value: Option<ast::ExprId>, span: Span) -> Typed {
        let returned = match value {
            Some(value) => self.expr(value),
            None => self.nothing(span),
        };
        match (value, self.result) {
            (None, Ty::Unit | Ty::Error) => {}
            (None, _) => self.wrong_return(span),
            (Some(_), Ty::Unit) if !matches!(returned.ty, Ty::Error | Ty::Never) => self.wrong_return(returned.blame),
            (Some(_), _) if returned.ty == Ty::Unit => self.wrong_return(returned.blame),
            (Some(_), result) => self.coerce(returned, result),
        }
        self.add(Expr::Return(returned.id), Ty::Never, span, returned.first)
    }

    /// An expression that decides: an `i32`, not zero for yes.
    pub(super) fn condition(&mut self, id: ast::ExprId) -> Typed {
        let value = self.expr(id);
        self.decides(value)
    }

    pub(super) fn decides(&mut self, value: Typed) -> Typed {
        let ty = self.default(value);
        if !matches!(ty, Ty::I32 | Ty::Never | Ty::Error) {
            self.not_a_condition(Typed { ty, ..value });
        }
        Typed { ty, ..value }
    }

    #[inline(never)]
    pub(super) fn not(&mut self, operand: ast::ExprId, span: Span) -> Typed {
        let operand = self.condition(operand);
        let ty = if operand.ty == Ty::Never { Ty::Never } else { Ty::I32 };
        self.add(Expr::Unary(UnaryOp::I32Eqz, operand.id), ty, span, operand.first)
    }

    /// `a && b` is `if a { b != 0 } else { 0 }`, `a || b` is `if a { 1 } else { b != 0 }`.
    #[inline(never)]
    pub(super) fn logic(&mut self, operator: Operator, left: Typed, right: ast::ExprId, span: Span) -> Typed {
        let left = self.decides(left);
        let ty = if left.ty == Ty::Never { Ty::Never } else { Ty::I32 };
        let node = if operator == Operator::EitherTrue {
            let one = self.leaf(Expr::I32(1), Ty::I32, span);
            let right = self.truth_of(right);
            Expr::IfElse(left.id, one.id, right.id)
        } else {
            let right = self.truth_of(right);
            let zero = self.leaf(Expr::I32(0), Ty::I32, span);
            Expr::IfElse(left.id, right.id, zero.id)
        };
        self.add(node, ty, span, left.first)
    }

    /// A condition as 0 or 1.
    fn truth_of(&mut self, id: ast::ExprId) -> Typed {
        let value = self.condition(id);
        match self.module.exprs[value.id] {
            Expr::Binary(op, ..) if is_truth(op) => value,
            Expr::Unary(UnaryOp::I32Eqz | UnaryOp::I64Eqz, _) => value,
            _ if value.ty == Ty::Never => value,
            _ => {
                let zero = self.leaf(Expr::I32(0), Ty::I32, value.blame);
                let node = Expr::Binary(crate::module::BinaryOp::I32Ne, value.id, zero.id);
                self.add(node, Ty::I32, value.blame, value.first)
            }
        }
    }
}
