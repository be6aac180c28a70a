//! Blocks and statements, and how to find the next statement after an error.

use super::{Attempt, Lost, Parser};
use crate::arena::List;
use crate::span::Span;
use crate::text::ast::{Block, BlockId, ExprId, ExprKind, Name, Statement};
use crate::text::lexer::Kind;

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
            if self.at(Kind::End) || self.at_item() {
                self.item_in_block(open)?;
                continue;
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

    /// An item begins, or the file ends, before a block does. At the left margin or before a function a `}` is missing;
    /// elsewhere the item is in the wrong place.
    #[cold]
    #[inline(never)]
    fn item_in_block(&mut self, open: Span) -> Attempt<()> {
        if matches!(self.token.kind, Kind::End | Kind::Fn | Kind::Use) || self.at_margin() {
            self.unclosed("`}`", open);
            return Err(Lost::Item);
        }
        let lost = self.misplaced_item();
        self.advance();
        self.skip_statement();
        Err(lost).or_else(Lost::stay)
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
            kind if kind.begins_block_like() => return self.block_like_statement(),
            _ => return self.expression_statement(),
        }
        Ok(None)
    }

    #[inline(never)]
    fn let_statement(&mut self) -> Attempt<()> {
        self.advance();
        if self.at(Kind::OpenParen) {
            return self.let_many();
        }
        let name = self.name()?;
        let ty = if self.eat(Kind::Colon) { Some(self.type_name()?) } else { None };
        let value = if self.eat(Kind::Assign) {
            Some(self.expression()?)
        } else if ty.is_none() {
            return Err(self.expected_with_help(
                "`:` or `=`",
                "a variable has a first value or a type: `let x = 0;`, `let x: i32;`",
            ));
        } else {
            None
        };
        self.statements.push(Statement::Let { name, ty, value });
        self.semicolon()
    }

    /// `let (a, b) = value;`
    #[inline(never)]
    fn let_many(&mut self) -> Attempt<()> {
        let open = self.token.span;
        self.advance();
        let mark = self.listed.len();
        while !self.eat(Kind::CloseParen) {
            let name = self.name()?;
            self.listed.push(name);
            if self.at(Kind::Colon) {
                return Err(self.type_in_tuple());
            }
            self.comma_or(Kind::CloseParen, "`,` or `)`", open)?;
        }
        let names = self.file.names.take(&mut self.listed, mark);
        if self.file.names.get(names).len() < 2 {
            return Err(self.small_tuple(open.to(self.previous)));
        }
        self.expect(Kind::Assign)?;
        let value = self.expression()?;
        self.statements.push(Statement::LetMany { names, value });
        self.semicolon()
    }

    /// `if`, a loop or a block: ends at its last `}`, so an operator behind it does not take it as operand.
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
        let place = match target_expr.kind {
            ExprKind::Name(symbol) => Place::Name(Name { symbol, span: target_expr.span }),
            ExprKind::Index(..) => Place::Cell,
            ExprKind::Tuple(parts) => Place::Many(self.targets(parts)?),
            _ => return Err(self.not_assignable(target)),
        };
        self.advance();
        let value = self.expression()?;
        self.statements.push(match place {
            Place::Name(name) => Statement::Assign { name, value },
            Place::Cell => Statement::Store { target, value },
            Place::Many(names) => Statement::AssignMany { names, value },
        });
        self.semicolon()
    }

    /// The names in a tuple that is assigned to.
    fn targets(&mut self, parts: List<ExprId>) -> Attempt<List<Name>> {
        let mark = self.listed.len();
        for at in 0..self.file.arguments.get(parts).len() {
            let part = self.file.arguments.get(parts)[at];
            let expr = self.file.exprs[part];
            let ExprKind::Name(symbol) = expr.kind else { return Err(self.not_assignable_in_tuple(part)) };
            self.listed.push(Name { symbol, span: expr.span });
        }
        Ok(self.file.names.take(&mut self.listed, mark))
    }

    /// A `;`. If it is missing where a new line or statement begins, it is reported and taken as written.
    pub(super) fn semicolon(&mut self) -> Attempt<()> {
        if self.eat(Kind::Semicolon) {
            return Ok(());
        }
        let goes_on = self.token.kind.begins_statement() || self.at_new_line();
        let lost = self.missing_semicolon();
        if goes_on { Err(lost).or_else(Lost::stay) } else { Err(lost) }
    }

    /// Skips to where a statement may begin: behind a `;` or a block, before a keyword, the end of the block or item.
    fn skip_statement(&mut self) {
        let mut braces = 0_u32;
        let mut moved = false;
        loop {
            match self.token.kind {
                Kind::End => return,
                _ if self.at_item() => return,
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

/// What an assignment sets.
enum Place {
    Name(Name),
    Cell,
    Many(List<Name>),
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
