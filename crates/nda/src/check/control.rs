//! Control flow to core nodes: `if` chains, `while`, `return`.

use super::{Checker, Ty, Typed};
use crate::arena::List;
use crate::ast::{self, Arm, BlockId};
use crate::core::Expr;
use crate::span::Span;
use alloc::vec::Vec;

impl Checker<'_> {
    /// The arms are checked in order, then nested from the last to the first.
    #[inline(never)]
    pub(super) fn if_chain(&mut self, arms: List<Arm>, otherwise: Option<BlockId>, span: Span) -> Typed {
        let (file, first) = (self.file, self.mark());
        let mut checked: Vec<(Typed, Typed)> = Vec::new();
        for arm in file.arms.get(arms) {
            let condition = self.condition(arm.condition);
            checked.push((condition, self.block(arm.then)));
        }
        let mut rest = otherwise.map(|block| self.block(block));
        let ty = self.join(&checked, rest);
        for (condition, then) in checked.into_iter().rev() {
            let node = match rest {
                Some(rest) => Expr::IfElse(condition.id, then.id, rest.id),
                None => Expr::If(condition.id, then.id),
            };
            let whole = self.module.spans[condition.id].to(span);
            rest = Some(self.add(node, ty, whole, first));
        }
        rest.unwrap_or_else(|| self.poison(span))
    }

    /// The one type of all arms.
    #[inline(never)]
    fn join(&mut self, arms: &[(Typed, Typed)], otherwise: Option<Typed>) -> Ty {
        let Some(otherwise) = otherwise else {
            for &(_, then) in arms.iter().filter(|(_, then)| matches!(then.ty, Ty::Number | Ty::Value(_))) {
                self.no_else(then);
            }
            return Ty::Unit;
        };
        let all = || arms.iter().map(|&(_, then)| then).chain([otherwise]);
        // The first settled type decides; numbers bend to it, and what never ends fits anything.
        let rank = |ty| match ty {
            Ty::Value(_) => 0,
            Ty::Number => 1,
            Ty::Unit => 2,
            Ty::Error => 3,
            Ty::Never => 4,
        };
        let ty = all().map(|arm| arm.ty).min_by_key(|&ty| rank(ty)).unwrap_or(Ty::Unit);
        all().for_each(|arm| self.coerce(arm, ty));
        ty
    }

    #[inline(never)]
    pub(super) fn while_loop(&mut self, condition: ast::ExprId, body: BlockId, span: Span) -> Typed {
        let condition = self.condition(condition);
        let body = self.unit_block(body);
        self.add(Expr::While(condition.id, body), Ty::Unit, span, condition.first)
    }

    #[inline(never)]
    pub(super) fn return_value(&mut self, value: Option<ast::ExprId>, span: Span) -> Typed {
        let first = self.mark();
        let value = value.map(|value| self.expr(value));
        match value {
            Some(value) if value.ty == Ty::Unit || (self.result == Ty::Unit && value.ty != Ty::Error) => {
                self.wrong_return(value.blame);
            }
            Some(value) => self.coerce(value, self.result),
            None if !matches!(self.result, Ty::Unit | Ty::Error) => self.wrong_return(span),
            None => {}
        }
        self.add(Expr::Return(value.map(|value| value.id)), Ty::Never, span, first)
    }
}
