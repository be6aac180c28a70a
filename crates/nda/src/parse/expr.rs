//! Expressions. Binary operators by precedence climbing; the table below is the one of `docs/nda.md`.

use super::{Attempt, Parser};
use crate::arena::List;
use crate::ast::{Arm, ExprId, ExprKind, Operator};
use crate::lexer::{Kind, parse_number};

/// How tightly `as` binds: tighter than every binary operator, looser than the prefix operators.
const CAST: u8 = 10;
/// How tightly the comparisons bind; they do not chain.
const COMPARE: u8 = 3;

/// The binary operator a token stands for, and how tightly it binds.
const fn operator(kind: Kind) -> Option<(Operator, u8)> {
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
                let ty = self.type_name()?;
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

    /// `-x`, `!x`, `return x`, or what stands alone.
    fn prefix(&mut self) -> Attempt<ExprId> {
        match self.token.kind {
            Kind::Minus => self.prefix_operator(ExprKind::Negate),
            Kind::Not => self.prefix_operator(ExprKind::Not),
            Kind::Return => self.return_expression(),
            _ => self.primary(),
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

    #[inline(never)]
    fn return_expression(&mut self) -> Attempt<ExprId> {
        let start = self.token.span;
        self.advance();
        let empty = matches!(self.token.kind, Kind::Semicolon | Kind::CloseBrace | Kind::CloseParen | Kind::Comma);
        let value = if empty { None } else { Some(self.expression()?) };
        self.push(ExprKind::Return(value), start)
    }

    /// A number, name, call, parentheses, or something with a block.
    pub(super) fn primary(&mut self) -> Attempt<ExprId> {
        match self.token.kind {
            Kind::Number => self.number(),
            Kind::Name => self.name_or_call(),
            Kind::OpenParen => self.parentheses(),
            Kind::If => self.if_expression(),
            Kind::While => self.while_expression(),
            Kind::OpenBrace => {
                let start = self.token.span;
                let block = self.block()?;
                self.push(ExprKind::Block(block), start)
            }
            _ => Err(self.expected("an expression")),
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
    fn name_or_call(&mut self) -> Attempt<ExprId> {
        let name = self.name()?;
        if !self.at(Kind::OpenParen) {
            return self.push(ExprKind::Name(name.symbol), name.span);
        }
        let arguments = self.arguments()?;
        self.push(ExprKind::Call(name, arguments), name.span)
    }

    #[inline(never)]
    fn arguments(&mut self) -> Attempt<List<ExprId>> {
        let open = self.token.span;
        self.advance();
        let mark = self.arguments.len();
        while !self.eat(Kind::CloseParen) {
            let argument = self.expression()?;
            self.arguments.push(argument);
            if !self.eat(Kind::Comma) && !self.at(Kind::CloseParen) {
                return Err(self.unclosed("`,` or `)`", open));
            }
        }
        Ok(self.file.arguments.take(&mut self.arguments, mark))
    }

    #[inline(never)]
    fn parentheses(&mut self) -> Attempt<ExprId> {
        let open = self.token.span;
        self.advance();
        let inner = self.expression()?;
        if self.eat(Kind::CloseParen) { Ok(inner) } else { Err(self.unclosed("`)`", open)) }
    }

    /// `if a {} else if b {} else {}`; the chain is read in a loop, so it may be long.
    #[inline(never)]
    fn if_expression(&mut self) -> Attempt<ExprId> {
        let start = self.token.span;
        let mark = self.arms.len();
        let otherwise = loop {
            self.advance();
            let condition = self.expression()?;
            let then = self.block()?;
            self.arms.push(Arm { condition, then });
            if !self.eat(Kind::Else) {
                break None;
            }
            if !self.at(Kind::If) {
                break Some(self.else_block()?);
            }
        };
        let arms = self.file.arms.take(&mut self.arms, mark);
        self.push(ExprKind::If(arms, otherwise), start)
    }

    fn else_block(&mut self) -> Attempt<crate::ast::BlockId> {
        if self.at(Kind::OpenBrace) { self.block() } else { Err(self.expected("`if` or `{`")) }
    }

    #[inline(never)]
    fn while_expression(&mut self) -> Attempt<ExprId> {
        let start = self.token.span;
        self.advance();
        let condition = self.expression()?;
        let body = self.block()?;
        self.push(ExprKind::While(condition, body), start)
    }
}
