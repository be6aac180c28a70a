//! Expressions to core nodes: operands, operators and calls. `control` has the rest.

use super::{Callee, Checker, Ty, Typed};
use crate::arena::{Key, List};
use crate::ast::{self, ExprKind, Name, Operator, Written};
use crate::core::{BinaryOp, Expr, FuncId, Type, UnaryOp};
use crate::span::Span;

impl Checker<'_> {
    /// An expression. Left operands are followed in a loop, because a chain of them is as long as the text.
    pub(super) fn expr(&mut self, id: ast::ExprId) -> Typed {
        let file = self.file;
        let (mark, mut at) = (self.spine.len(), id);
        while let ExprKind::Binary(_, left, _) | ExprKind::Cast(left, _) = file.exprs[at].kind {
            self.spine.push(at);
            at = left;
        }
        let mut left = self.operand(at);
        while self.spine.len() > mark {
            let Some(node) = self.spine.pop() else { break };
            let span = file.exprs[node].span;
            left = match file.exprs[node].kind {
                ExprKind::Binary(operator, _, right) => self.binary(operator, left, right, span),
                ExprKind::Cast(_, ty) => self.cast(left, ty, span),
                _ => left,
            };
        }
        left
    }

    fn operand(&mut self, id: ast::ExprId) -> Typed {
        let expr = self.file.exprs[id];
        match expr.kind {
            ExprKind::Number(value) => self.number(i128::from(value), expr.span),
            ExprKind::Name(symbol) => self.variable(Name { symbol, span: expr.span }),
            ExprKind::Negate(operand) => self.negate(operand, expr.span),
            ExprKind::Not(operand) => self.not(operand, expr.span),
            ExprKind::Call(name, arguments) => self.call(name, arguments, expr.span),
            ExprKind::If(arms, otherwise) => self.if_chain(arms, otherwise, expr.span),
            ExprKind::While(condition, body) => self.while_loop(condition, body, expr.span),
            ExprKind::Block(block) => self.block(block),
            ExprKind::Return(value) => self.return_value(value, expr.span),
            ExprKind::Binary(..) | ExprKind::Cast(..) => self.expr(id),
        }
    }

    #[inline(never)]
    fn number(&mut self, value: i128, span: Span) -> Typed {
        let first = self.mark();
        match i64::try_from(value) {
            Ok(value) => self.add(Expr::I64(value), Ty::Number, span, first),
            Err(_) => {
                self.does_not_fit(span, Type::I64);
                self.poison(span)
            }
        }
    }

    #[inline(never)]
    fn variable(&mut self, name: Name) -> Typed {
        let Some(local) = self.variables.get(name.symbol) else {
            self.unknown_variable(name);
            return self.poison(name.span);
        };
        let first = self.mark();
        self.add(Expr::Local(local), self.locals[local.index()], name.span, first)
    }

    /// `-x` is `0 - x`; a negated number is a number, so that the smallest one can be written.
    #[inline(never)]
    fn negate(&mut self, operand: ast::ExprId, span: Span) -> Typed {
        if let ExprKind::Number(value) = self.file.exprs[operand].kind {
            return self.number(-i128::from(value), span);
        }
        let first = self.mark();
        let zero = self.add(Expr::I64(0), Ty::Number, span, first);
        let operand = self.expr(operand);
        self.arithmetic(BinaryOp::Sub, zero, operand, span)
    }

    #[inline(never)]
    fn not(&mut self, operand: ast::ExprId, span: Span) -> Typed {
        let operand = self.condition(operand);
        self.add(Expr::Unary(UnaryOp::Eqz, operand.id), Ty::I32, span, operand.first)
    }

    /// An expression that decides: an `i32`, not zero for yes.
    pub(super) fn condition(&mut self, id: ast::ExprId) -> Typed {
        let value = self.expr(id);
        self.decides(value)
    }

    fn decides(&mut self, value: Typed) -> Typed {
        let ty = self.default(value);
        if matches!(ty, Ty::Value(Type::I64) | Ty::Unit) {
            self.not_a_condition(value);
        }
        Typed { ty, ..value }
    }

    #[inline(never)]
    fn cast(&mut self, value: Typed, written: Written, span: Span) -> Typed {
        let target = Ty::of(written);
        let op = match (value.ty, target) {
            (Ty::Value(Type::I64), Ty::Value(Type::I32)) => Some(UnaryOp::Wrap),
            (Ty::Value(Type::I32), Ty::Value(Type::I64)) => Some(UnaryOp::Extend),
            (Ty::Unit, _) => {
                self.no_value(value, "`as` needs a value");
                None
            }
            _ => {
                self.coerce(value, target);
                None
            }
        };
        match op {
            Some(op) => self.add(Expr::Unary(op, value.id), target, span, value.first),
            None => Typed { ty: target, blame: span, ..value },
        }
    }

    fn binary(&mut self, operator: Operator, left: Typed, right: ast::ExprId, span: Span) -> Typed {
        let Some(op) = core_operator(operator) else {
            return self.logic(operator, left, right, span);
        };
        let right = self.expr(right);
        self.arithmetic(op, left, right, span)
    }

    #[inline(never)]
    fn arithmetic(&mut self, op: BinaryOp, left: Typed, right: Typed, span: Span) -> Typed {
        if let Some(empty) = [left, right].into_iter().find(|side| side.ty == Ty::Unit) {
            self.no_value(empty, "an operator needs two numbers");
            return self.poison(span);
        }
        let mut ty = self.unify(left, right);
        if op.compares() && ty == Ty::Number {
            ty = self.default(Typed { first: left.first, ty, ..right });
        }
        let result = if op.compares() && ty != Ty::Error { Ty::I32 } else { ty };
        self.add(Expr::Binary(op, ty.value(), left.id, right.id), result, span, left.first)
    }

    /// `a && b` is `if a { b != 0 } else { 0 }`, `a || b` is `if a { 1 } else { b != 0 }`.
    #[inline(never)]
    fn logic(&mut self, operator: Operator, left: Typed, right: ast::ExprId, span: Span) -> Typed {
        let left = self.decides(left);
        let right = self.condition(right);
        let right = self.truth(right);
        let decided = i32::from(operator == Operator::EitherTrue);
        let first = self.mark();
        let constant = self.add(Expr::I32(decided), Ty::I32, span, first);
        let node = match operator {
            Operator::EitherTrue => Expr::IfElse(left.id, constant.id, right.id),
            _ => Expr::IfElse(left.id, right.id, constant.id),
        };
        self.add(node, Ty::I32, span, left.first)
    }

    /// The value as 0 or 1.
    fn truth(&mut self, value: Typed) -> Typed {
        match self.module.exprs[value.id] {
            Expr::Binary(op, ..) if op.compares() => value,
            Expr::Unary(UnaryOp::Eqz, _) => value,
            _ => {
                let first = self.mark();
                let zero = self.add(Expr::I32(0), Ty::I32, value.blame, first);
                let node = Expr::Binary(BinaryOp::Ne, Type::I32, value.id, zero.id);
                self.add(node, Ty::I32, value.blame, value.first)
            }
        }
    }

    #[inline(never)]
    fn call(&mut self, name: Name, arguments: List<ast::ExprId>, span: Span) -> Typed {
        let (first, nodes, arguments) = (self.mark(), self.list.len(), self.file.arguments.get(arguments));
        let Some(callee) = self.callees.get(name.symbol) else {
            self.unknown_function(name);
            self.check_all(arguments);
            return self.poison(span);
        };
        match callee {
            Callee::Print => self.call_print(arguments, name, span),
            Callee::Function(id) => {
                let ty = self.call_arguments(id, arguments, name);
                let list = self.module.lists.take(&mut self.list, nodes);
                self.add(Expr::Call(id, list), ty, span, first)
            }
        }
    }

    /// Looks for errors in arguments that have no parameters to fit.
    fn check_all(&mut self, arguments: &[ast::ExprId]) {
        for &argument in arguments {
            self.expr(argument);
        }
    }

    /// Leaves the arguments' nodes in `list` and gives the type of the call.
    fn call_arguments(&mut self, id: FuncId, arguments: &[ast::ExprId], name: Name) -> Ty {
        let file = self.file;
        let Some(head) = &file.functions[id.index()].head else {
            self.check_all(arguments);
            return Ty::Error;
        };
        if head.parameters.len() == arguments.len() {
            for (&argument, parameter) in arguments.iter().zip(&head.parameters) {
                let value = self.expr(argument);
                self.coerce(value, Ty::of(parameter.ty));
                self.list.push(value.id);
            }
        } else {
            self.wrong_count(name, head.parameters.len(), arguments.len(), self.callee_span(Callee::Function(id)));
            self.check_all(arguments);
        }
        head.result.map_or(Ty::Unit, Ty::of)
    }

    #[inline(never)]
    fn call_print(&mut self, arguments: &[ast::ExprId], name: Name, span: Span) -> Typed {
        let &[argument] = arguments else {
            self.wrong_count(name, 1, arguments.len(), None);
            self.check_all(arguments);
            return self.poison(span);
        };
        let value = self.expr(argument);
        let ty = self.default(value);
        if ty == Ty::Unit {
            self.no_value(value, "`print` needs a value");
        }
        self.add(Expr::Print(ty.value(), value.id), Ty::Unit, span, value.first)
    }
}

/// The core operator of a written one; `&&` and `||` have none.
const fn core_operator(operator: Operator) -> Option<BinaryOp> {
    Some(match operator {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Sub,
        Operator::Mul => BinaryOp::Mul,
        Operator::Div => BinaryOp::DivS,
        Operator::Rem => BinaryOp::RemS,
        Operator::And => BinaryOp::And,
        Operator::Or => BinaryOp::Or,
        Operator::Xor => BinaryOp::Xor,
        Operator::ShiftLeft => BinaryOp::Shl,
        Operator::ShiftRight => BinaryOp::ShrS,
        Operator::Equal => BinaryOp::Eq,
        Operator::NotEqual => BinaryOp::Ne,
        Operator::Less => BinaryOp::LtS,
        Operator::Greater => BinaryOp::GtS,
        Operator::LessEqual => BinaryOp::LeS,
        Operator::GreaterEqual => BinaryOp::GeS,
        Operator::BothTrue | Operator::EitherTrue => return None,
    })
}
