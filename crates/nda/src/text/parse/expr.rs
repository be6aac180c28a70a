//! Expressions. Binary operators by precedence climbing; the table below is the one of `docs/nda.md`.

use super::{Attempt, Parser};
use crate::arena::List;
use crate::span::Span;
use crate::text::ast::{ExprId, ExprKind, Indirect, Name, Operator, Path};
use crate::text::lexer::{Kind, parse_float, parse_number};

/// How tightly `as` binds: tighter than every binary operator, looser than the prefix operators.
const CAST: u8 = 10;
/// How tightly the comparisons bind; they do not chain.
const COMPARE: u8 = 3;

/// The binary operator a token stands for, and how tightly it binds.
pub(super) const fn operator(kind: Kind) -> Option<(Operator, u8)> {
    Some(match kind {
        Kind::OrOr => (Operator::EitherTrue, 1),
        Kind::AndAnd => (Operator::BothTrue, 2),
        Kind::Equal => (Operator::Equal, COMPARE),
        Kind::NotEqual => (Operator::NotEqual, COMPARE),
        Kind::Less => (Operator::Less, COMPARE),
        Kind::Greater => (Operator::Greater, COMPARE),
        Kind::LessEqual => (Operator::LessEqual, COMPARE),
        Kind::GreaterEqual => (Operator::GreaterEqual, COMPARE),
        Kind::Or => (Operator::Or, 4),
        Kind::Caret => (Operator::Xor, 5),
        Kind::And => (Operator::And, 6),
        Kind::ShiftLeft => (Operator::ShiftLeft, 7),
        Kind::ShiftRight => (Operator::ShiftRight, 7),
        Kind::Plus => (Operator::Add, 8),
        Kind::Minus => (Operator::Sub, 8),
        Kind::Star => (Operator::Mul, 9),
        Kind::Slash => (Operator::Div, 9),
        Kind::Percent => (Operator::Rem, 9),
        _ => return None,
    })
}

impl Parser<'_, '_> {
    pub(super) fn expression(&mut self) -> Attempt<ExprId> {
        self.binary(0)
    }

    /// An expression whose operators all bind tighter than `floor`.
    fn binary(&mut self, floor: u8) -> Attempt<ExprId> {
        self.enter()?;
        let start = self.token.span;
        let mut left = self.prefix()?;
        loop {
            if self.at(Kind::As) && floor < CAST {
                self.advance();
                let ty = self.target_type()?;
                left = self.push(ExprKind::Cast(left, ty), start)?;
                continue;
            }
            let Some((operator, power)) = operator(self.token.kind).filter(|&(_, power)| power > floor) else { break };
            self.advance();
            let right = self.binary(power)?;
            left = self.push(ExprKind::Binary(operator, left, right), start)?;
            if power == COMPARE && matches!(self::operator(self.token.kind), Some((_, COMPARE))) {
                return Err(self.chained_comparison());
            }
        }
        self.leave();
        Ok(left)
    }

    /// `-x`, `!x`, `return x`, or what stands alone, perhaps with an index.
    fn prefix(&mut self) -> Attempt<ExprId> {
        match self.token.kind {
            Kind::Minus => self.prefix_operator(ExprKind::Negate),
            Kind::Not => self.prefix_operator(ExprKind::Not),
            Kind::Return => self.return_expression(),
            Kind::Break => self.break_expression(),
            Kind::Continue => self.continue_expression(),
            Kind::Branch => self.branch_expression(),
            _ => {
                let start = self.token.span;
                let mut value = self.primary()?;
                while self.at(Kind::OpenBracket) && self.ahead().kind != Kind::Label {
                    value = self.index(value, start)?;
                }
                Ok(value)
            }
        }
    }

    #[inline(never)]
    fn prefix_operator(&mut self, node: fn(ExprId) -> ExprKind) -> Attempt<ExprId> {
        self.enter()?;
        let start = self.token.span;
        self.advance();
        let operand = self.prefix()?;
        self.leave();
        self.push(node(operand), start)
    }

    /// `p[i]`, or `t[i: fn(i32) -> i32](arguments)`. Chains of these are read in a loop, so they may be long.
    #[inline(never)]
    fn index(&mut self, left: ExprId, start: Span) -> Attempt<ExprId> {
        let open = self.token.span;
        self.advance();
        let index = self.expression()?;
        if self.eat(Kind::Colon) {
            return self.call_indirect(left, index, open);
        }
        self.close(Kind::CloseBracket, open)?;
        self.push(ExprKind::Index(left, index), start)
    }

    #[inline(never)]
    fn call_indirect(&mut self, table: ExprId, index: ExprId, open: Span) -> Attempt<ExprId> {
        let place = self.file.exprs[table];
        let ExprKind::Name(symbol) = place.kind else { return Err(self.no_table(place.span)) };
        if !self.at(Kind::Fn) {
            return Err(self.expected_with_help("`fn`", "an indirect call names its type: `t[i: fn(i32) -> i32](x)`"));
        }
        let signature = self.function_type()?;
        self.close(Kind::CloseBracket, open)?;
        if !self.at(Kind::OpenParen) {
            return Err(self.expected("`(` and the arguments"));
        }
        let table = Name { symbol, span: place.span };
        let function = self.file.indirects.push(Indirect { table, index, signature });
        let arguments = self.arguments()?;
        self.push(ExprKind::CallIndirect(function, arguments), place.span)
    }

    /// A number, name, call, parentheses, or something with a block.
    pub(super) fn primary(&mut self) -> Attempt<ExprId> {
        match self.token.kind {
            Kind::Number => self.number(),
            Kind::Name => self.name_or_call(),
            Kind::OpenParen => self.parentheses(),
            Kind::Float => self.float(),
            kind if kind.begins_block_like() => self.block_like(),
            _ => Err(self.no_expression()),
        }
    }

    #[inline(never)]
    fn number(&mut self) -> Attempt<ExprId> {
        let span = self.token.span;
        self.advance();
        match parse_number(span.text(self.source)) {
            Ok(value) => self.push(ExprKind::Number(value), span),
            Err(error) => Err(self.bad_number(span, error)),
        }
    }

    #[inline(never)]
    fn float(&mut self) -> Attempt<ExprId> {
        let span = self.token.span;
        self.advance();
        match parse_float(span.text(self.source)) {
            Ok(()) => self.push(ExprKind::Float, span),
            Err(error) => Err(self.bad_number(span, error)),
        }
    }

    #[inline(never)]
    fn name_or_call(&mut self) -> Attempt<ExprId> {
        let name = self.name()?;
        match self.token.kind {
            Kind::OpenParen => {
                let arguments = self.arguments()?;
                self.push(ExprKind::Call(name, arguments), name.span)
            }
            Kind::Path => self.built_in(name),
            _ => self.push(ExprKind::Name(name.symbol), name.span),
        }
    }

    /// `group::item(arguments)`, or without arguments
    #[inline(never)]
    fn built_in(&mut self, group: Name) -> Attempt<ExprId> {
        self.advance();
        let item = self.name()?;
        let path = self.file.paths.push(Path { group, item });
        if !self.at(Kind::OpenParen) {
            return self.push(ExprKind::Constant(path), group.span);
        }
        let arguments = self.arguments()?;
        self.push(ExprKind::BuiltIn(path, arguments), group.span)
    }

    #[inline(never)]
    fn arguments(&mut self) -> Attempt<List<ExprId>> {
        let open = self.token.span;
        self.advance();
        let mark = self.arguments.len();
        while !self.eat(Kind::CloseParen) {
            let argument = self.expression()?;
            self.arguments.push(argument);
            self.comma_or(Kind::CloseParen, "`,` or `)`", open)?;
        }
        Ok(self.file.arguments.take(&mut self.arguments, mark))
    }

    /// `(a)`, `(a, b)` or `(a = b)`
    #[inline(never)]
    fn parentheses(&mut self) -> Attempt<ExprId> {
        let open = self.token.span;
        self.advance();
        let inner = self.expression()?;
        match self.token.kind {
            Kind::CloseParen => {
                self.advance();
                Ok(inner)
            }
            Kind::Comma => self.tuple(inner, open),
            Kind::Assign => self.tee(inner, open),
            _ => Err(self.unclosed("`)`", open)),
        }
    }

    #[inline(never)]
    fn tuple(&mut self, first: ExprId, open: Span) -> Attempt<ExprId> {
        let mark = self.arguments.len();
        self.arguments.push(first);
        self.advance();
        while !self.eat(Kind::CloseParen) {
            let part = self.expression()?;
            self.arguments.push(part);
            self.comma_or(Kind::CloseParen, "`,` or `)`", open)?;
        }
        if self.arguments.len() - mark < 2 {
            return Err(self.small_tuple(open.to(self.previous)));
        }
        let parts = self.file.arguments.take(&mut self.arguments, mark);
        self.push(ExprKind::Tuple(parts), open)
    }

    #[inline(never)]
    fn tee(&mut self, target: ExprId, open: Span) -> Attempt<ExprId> {
        let place = self.file.exprs[target];
        let ExprKind::Name(symbol) = place.kind else { return Err(self.not_assignable(target)) };
        self.advance();
        let value = self.expression()?;
        self.close(Kind::CloseParen, open)?;
        self.push(ExprKind::Tee(Name { symbol, span: place.span }, value), open)
    }
}
