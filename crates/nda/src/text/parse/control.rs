//! Expressions with a block or a label: conditions, loops, and the ways out of them.

use super::{Attempt, Parser};
use crate::arena::List;
use crate::span::Span;
use crate::text::ast::{Arm, BlockId, ExprId, ExprKind, For, Label, Name};
use crate::text::lexer::Kind;

impl Parser<'_, '_> {
    /// `if`, a loop or a block, perhaps with a label.
    #[inline(never)]
    pub(super) fn block_like(&mut self) -> Attempt<ExprId> {
        let start = self.token.span;
        let label = self.label();
        if label.is_some() && !self.eat(Kind::Colon) {
            return Err(
                self.expected_with_help("`:`", "a label stands before a loop or a block: `'outer: loop { ... }`")
            );
        }
        match self.token.kind {
            Kind::If if label.is_none() => self.if_expression(start),
            Kind::While => self.while_expression(label, start),
            Kind::For => self.for_expression(label, start),
            Kind::Loop => self.endless(ExprKind::Loop, label, start),
            Kind::Redo => self.endless(ExprKind::Redo, label, start),
            Kind::OpenBrace => {
                let block = self.block()?;
                self.push(ExprKind::Block(label, block), start)
            }
            _ => Err(self.expected_with_help(
                "a loop or `{`",
                "a label stands before a loop or a block: `'outer: loop { ... }`",
            )),
        }
    }

    /// `'name`, if it stands here
    fn label(&mut self) -> Label {
        if !self.eat(Kind::Label) {
            return None;
        }
        Some(self.label_name())
    }

    /// The label consumed last; its name is without the quote.
    fn label_name(&mut self) -> Name {
        let span = self.previous;
        let name = self.interned(Span::new(span.start + 1, span.end));
        Name { symbol: name.symbol, span }
    }

    /// `if a {} else if b {} else {}`; the chain is read in a loop, so it may be long.
    #[inline(never)]
    fn if_expression(&mut self, start: Span) -> Attempt<ExprId> {
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

    fn else_block(&mut self) -> Attempt<BlockId> {
        if self.at(Kind::OpenBrace) { self.block() } else { Err(self.expected("`if` or `{`")) }
    }

    #[inline(never)]
    fn while_expression(&mut self, label: Label, start: Span) -> Attempt<ExprId> {
        self.advance();
        let condition = self.expression()?;
        let body = self.block()?;
        self.push(ExprKind::While(label, condition, body), start)
    }

    #[inline(never)]
    fn endless(&mut self, node: fn(Label, BlockId) -> ExprKind, label: Label, start: Span) -> Attempt<ExprId> {
        self.advance();
        let body = self.block()?;
        self.push(node(label, body), start)
    }

    /// `for name in from..to { }`
    #[inline(never)]
    fn for_expression(&mut self, label: Label, start: Span) -> Attempt<ExprId> {
        self.advance();
        let name = self.name()?;
        self.expect(Kind::In)?;
        let from = self.expression()?;
        if !self.eat(Kind::DotDot) {
            return Err(self.expected_with_help("`..`", "`for` counts: `for i in 0..10 { ... }`"));
        }
        if self.at(Kind::Assign) {
            return Err(self.inclusive_range());
        }
        let to = self.expression()?;
        let body = self.block()?;
        let head = self.file.fors.push(For { name, from, to, body });
        self.push(ExprKind::For(label, head), start)
    }

    #[inline(never)]
    pub(super) fn return_expression(&mut self) -> Attempt<ExprId> {
        let start = self.token.span;
        self.advance();
        let value = self.value_of_exit()?;
        self.push(ExprKind::Return(value), start)
    }

    #[inline(never)]
    pub(super) fn break_expression(&mut self) -> Attempt<ExprId> {
        let start = self.token.span;
        self.advance();
        let label = self.label_unless_loop();
        let value = self.value_of_exit()?;
        self.push(ExprKind::Break(label, value), start)
    }

    /// The label of a `break`; in `break 'a: loop { ... }` it belongs to the loop.
    fn label_unless_loop(&mut self) -> Label {
        if self.at(Kind::Label) && self.ahead().kind == Kind::Colon { None } else { self.label() }
    }

    #[inline(never)]
    pub(super) fn continue_expression(&mut self) -> Attempt<ExprId> {
        let start = self.token.span;
        self.advance();
        let label = self.label();
        self.push(ExprKind::Continue(label), start)
    }

    /// `branch index ['a, 'b] value`
    #[inline(never)]
    pub(super) fn branch_expression(&mut self) -> Attempt<ExprId> {
        let start = self.token.span;
        self.advance();
        let index = self.expression()?;
        let labels = self.labels()?;
        let value = self.value_of_exit()?;
        self.push(ExprKind::Branch(index, labels, value), start)
    }

    fn labels(&mut self) -> Attempt<List<Name>> {
        let open = self.token.span;
        if !self.eat(Kind::OpenBracket) {
            return Err(self.expected_with_help("`[` and labels", "`branch` names its targets: `branch i ['a, 'b];`"));
        }
        let mark = self.listed.len();
        loop {
            self.expect(Kind::Label)?;
            let name = self.label_name();
            self.listed.push(name);
            self.comma_or(Kind::CloseBracket, "`,` or `]`", open)?;
            if self.eat(Kind::CloseBracket) {
                break;
            }
        }
        Ok(self.file.names.take(&mut self.listed, mark))
    }

    /// The value that is taken along, unless the statement ends here.
    fn value_of_exit(&mut self) -> Attempt<Option<ExprId>> {
        let empty = matches!(
            self.token.kind,
            Kind::Semicolon
                | Kind::CloseBrace
                | Kind::CloseParen
                | Kind::OpenBracket
                | Kind::CloseBracket
                | Kind::Comma
        );
        if empty { Ok(None) } else { self.expression().map(Some) }
    }
}
