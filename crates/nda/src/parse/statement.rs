//! Blocks and statements, and how to find the next statement after an error.

use super::{Attempt, Lost, Parser};
use crate::ast::{Block, BlockId, ExprId, ExprKind, Statement};
use crate::lexer::Kind;
use crate::span::Span;

impl Parser<'_, '_> {
    /// `{ statements value }`
    pub(super) fn block(&mut self) -> Attempt<BlockId> {
        if !self.at(Kind::OpenBrace) {
            return Err(self.no_block());
        }
        let open = self.token.span;
        self.advance();
        let mark = self.statements.len();
        let mut value = None;
        while !self.at(Kind::CloseBrace) {
            if matches!(self.token.kind, Kind::End | Kind::Fn | Kind::Use) {
                self.unclosed("`}`", open);
                return Err(Lost::Item);
            }
            let depth = self.depth;
            match self.statement() {
                Ok(last) => value = last,
                Err(Lost::Statement) => {
                    self.depth = depth;
                    self.skip_statement();
                }
                Err(Lost::Item) => return Err(Lost::Item),
            }
        }
        self.advance();
        let statements = self.file.statements.take(&mut self.statements, mark);
        Ok(self.file.blocks.push(Block { statements, value, span: open.to(self.previous) }))
    }

    #[cold]
    fn no_block(&mut self) -> Lost {
        match self.token.kind {
            Kind::Assign => self.expected_with_help("`{`", "to compare, write `==`"),
            _ => self.expected("`{`"),
        }
    }

    /// One statement, or the value of the block: an expression that `}` follows.
    fn statement(&mut self) -> Attempt<Option<ExprId>> {
        match self.token.kind {
            Kind::Let => self.let_statement()?,
            Kind::Doc => {
                let lost = self.expected("a statement");
                self.advance();
                return Err(lost).or_else(Lost::stay);
            }
            Kind::If | Kind::While | Kind::OpenBrace => return self.block_like_statement(),
            _ => return self.expression_statement(),
        }
        Ok(None)
    }

    #[inline(never)]
    fn let_statement(&mut self) -> Attempt<()> {
        self.advance();
        let name = self.name()?;
        let annotation = if self.eat(Kind::Colon) { Some(self.type_name()?) } else { None };
        if !self.eat(Kind::Assign) {
            return Err(self.expected_with_help("`=`", "every variable has a first value: `let x = 0;`"));
        }
        let value = self.expression()?;
        self.statements.push(Statement::Let { name, annotation, value });
        self.semicolon()
    }

    /// `if`, `while` or a block: ends at its last `}`, so an operator behind it does not take it as operand.
    #[inline(never)]
    fn block_like_statement(&mut self) -> Attempt<Option<ExprId>> {
        self.enter()?;
        let value = self.primary()?;
        self.leave();
        if self.eat(Kind::Semicolon) {
            self.statements.push(Statement::Drop(value));
        } else if self.at(Kind::CloseBrace) {
            return Ok(Some(value));
        } else {
            self.statements.push(Statement::Unit(value));
        }
        Ok(None)
    }

    #[inline(never)]
    fn expression_statement(&mut self) -> Attempt<Option<ExprId>> {
        let value = self.expression()?;
        match self.token.kind {
            Kind::CloseBrace => return Ok(Some(value)),
            Kind::Assign => return self.assignment(value).map(|()| None),
            Kind::CompoundAssign => return Err(self.compound_assign(value)),
            _ => self.statements.push(Statement::Drop(value)),
        }
        self.semicolon().map(|()| None)
    }

    #[inline(never)]
    fn assignment(&mut self, target: ExprId) -> Attempt<()> {
        let target_expr = self.file.exprs[target];
        let ExprKind::Name(symbol) = target_expr.kind else {
            return Err(self.not_assignable(target));
        };
        self.advance();
        let value = self.expression()?;
        let name = crate::ast::Name { symbol, span: target_expr.span };
        self.statements.push(Statement::Assign { name, value });
        self.semicolon()
    }

    /// A `;`. If it is missing where a new line or statement begins, it is reported and taken as written.
    pub(super) fn semicolon(&mut self) -> Attempt<()> {
        if self.eat(Kind::Semicolon) {
            return Ok(());
        }
        let between = Span::new(self.previous.end, self.token.span.start);
        let goes_on = self.token.kind.begins_statement() || between.text(self.source).contains('\n');
        let lost = self.missing_semicolon();
        if goes_on { Err(lost).or_else(Lost::stay) } else { Err(lost) }
    }

    /// Skips to where a statement may begin: behind a `;` or a block, before a keyword, the end of the block or item.
    fn skip_statement(&mut self) {
        let mut braces = 0_u32;
        let mut moved = false;
        loop {
            match self.token.kind {
                Kind::End | Kind::Fn | Kind::Use => return,
                Kind::CloseBrace if braces == 0 => return,
                Kind::CloseBrace => {
                    braces -= 1;
                    if braces == 0 {
                        return self.advance();
                    }
                }
                Kind::OpenBrace => braces += 1,
                Kind::Semicolon if braces == 0 => return self.advance(),
                kind if braces == 0 && moved && kind.begins_statement() => return,
                _ => {}
            }
            self.advance();
            moved = true;
        }
    }
}

impl Lost {
    /// The parser is where it can go on at once, unless it gave up.
    fn stay<T: Default>(self) -> Attempt<T> {
        match self {
            Self::Statement => Ok(T::default()),
            Self::Item => Err(self),
        }
    }
}
