//! The parser: tokens to syntax tree, by recursive descent, binary operators by precedence climbing.
//!
//! `items` reads what stands at the top of a file and `places` memory, tables and data among it, `types` types,
//! `statement` blocks, `expr` expressions, `control` those with a block or a label, `complain` and `advise` word the
//! errors; this file holds the state and the ways to move on. After an error the parser skips to a place where a
//! statement or an item can begin and goes on, so that one run reports many errors; the function concerned gets no
//! body, which spares the reader errors that only follow from the first.
//!
//! Invariants: every loop consumes a token per turn; recursion passes through [`Parser::enter`], which stops it at
//! [`MAX_NESTING`], and is kept out of line so that a level takes little stack; after the last error that may be
//! reported, or a limit, the rest of the text counts as empty.

mod advise;
mod complain;
mod control;
mod expr;
mod items;
mod places;
mod statement;
#[cfg(test)]
pub(super) mod tests;
mod types;

use crate::arena::Pool;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::module::Table;
use crate::names::Names;
use crate::span::Span;
use crate::text::ast::{Arm, Expr, ExprId, ExprKind, File, Name, Parameter, Statement, Type};
use crate::text::lexer::{Kind, Lexer, Token};
use crate::{MAX_NESTING, MAX_NODES};
use alloc::vec::Vec;

/// What parsing a text gives: the tree and the names in it.
#[derive(Debug)]
pub(crate) struct Parsed<'s> {
    pub(crate) file: File,
    pub(crate) names: Names<'s>,
}

/// An error has been reported; says how far to go back up before parsing can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    /// To the next statement of the enclosing block.
    Statement,
    /// To the next item.
    Item,
}

/// The result of parsing a part.
type Attempt<T> = Result<T, Lost>;

/// Parses a whole text. Errors go to `diagnostics`.
pub(crate) fn parse<'s>(source: &'s str, diagnostics: &mut Diagnostics) -> Parsed<'s> {
    let mut parser = Parser::new(source, diagnostics);
    parser.advance();
    parser.file();
    Parsed { file: parser.file, names: parser.names }
}

/// How dense a usual text is; room for its tree is made at once, since what grows is copied, and every page is touched twice.
const BYTES_PER_NODE: usize = 8;

/// The state of a parse.
struct Parser<'s, 'd> {
    source: &'s str,
    lexer: Lexer<'s>,
    /// The token to look at next.
    token: Token,
    /// The token consumed last.
    previous: Span,
    names: Names<'s>,
    file: File,
    diagnostics: &'d mut Diagnostics,
    depth: u32,
    /// The current item has an error.
    broken: bool,
    /// Something unreadable stood right before the current token, so it need not be what was expected.
    garbled: bool,
    // Lists being built; inner lists are moved out from the end before outer ones go on.
    arguments: Vec<ExprId>,
    statements: Vec<Statement>,
    arms: Vec<Arm>,
    listed: Vec<Name>,
    types: Vec<Type>,
    parameters: Vec<Parameter>,
    /// Room for the bytes of texts, which are only checked here.
    bytes: Vec<u8>,
}

impl<'s, 'd> Parser<'s, 'd> {
    fn new(source: &'s str, diagnostics: &'d mut Diagnostics) -> Self {
        let mut exprs = Table::default();
        exprs.reserve(source.len() / BYTES_PER_NODE);
        Self {
            source,
            lexer: Lexer::new(source),
            token: Token { kind: Kind::End, span: Span::point(0) },
            previous: Span::point(0),
            names: Names::new(),
            file: File {
                items: Vec::new(),
                exprs,
                blocks: Table::default(),
                statements: Pool::new(),
                arguments: Pool::new(),
                arms: Pool::new(),
                names: Pool::new(),
                types: Pool::new(),
                parameters: Pool::new(),
                signatures: Table::default(),
                paths: Table::default(),
                fors: Table::default(),
                indirects: Table::default(),
                incomplete: false,
            },
            diagnostics,
            depth: 0,
            broken: false,
            garbled: false,
            arguments: Vec::new(),
            statements: Vec::new(),
            arms: Vec::new(),
            listed: Vec::new(),
            types: Vec::new(),
            parameters: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// Moves to the next token, reporting what is no token on the way.
    fn advance(&mut self) {
        self.previous = self.token.span;
        self.token = self.lexer.next();
        self.garbled = false;
        while self.token.kind == Kind::Unknown {
            self.unknown_token();
        }
    }

    fn at(&self, kind: Kind) -> bool {
        self.token.kind == kind
    }

    /// Consumes the token if it is of this kind.
    fn eat(&mut self, kind: Kind) -> bool {
        let found = self.at(kind);
        if found {
            self.advance();
        }
        found
    }

    /// Consumes a token of this kind and returns its span.
    fn expect(&mut self, kind: Kind) -> Attempt<Span> {
        if self.eat(kind) { Ok(self.previous) } else { Err(self.expected(kind.words())) }
    }

    /// Consumes the token that closes what was opened at `open`.
    fn close(&mut self, kind: Kind, open: Span) -> Attempt<()> {
        if self.eat(kind) { Ok(()) } else { Err(self.unclosed(kind.words(), open)) }
    }

    /// Consumes a comma, unless the list ends here.
    fn comma_or(&mut self, close: Kind, what: &'static str, open: Span) -> Attempt<()> {
        if self.eat(Kind::Comma) || self.at(close) { Ok(()) } else { Err(self.unclosed(what, open)) }
    }

    /// Consumes a name.
    fn name(&mut self) -> Attempt<Name> {
        let span = self.expect(Kind::Name)?;
        Ok(self.interned(span))
    }

    fn interned(&mut self, span: Span) -> Name {
        Name { symbol: self.names.intern(span.text(self.source)), span }
    }

    /// The token behind the current one.
    fn ahead(&self) -> Token {
        self.lexer.clone().next()
    }

    /// Whether the current token is this word, which is a name elsewhere.
    fn at_word(&self, word: &str) -> bool {
        self.at(Kind::Name) && self.token.span.text(self.source) == word
    }

    /// Whether a line ends before the current token.
    fn at_new_line(&self) -> bool {
        Span::new(self.previous.end, self.token.span.start).text(self.source).contains('\n')
    }

    /// Whether the current token is the first of its line, without a blank before it: where items begin.
    fn at_margin(&self) -> bool {
        let start = self.token.span.start as usize;
        start.checked_sub(1).is_none_or(|before| self.source.as_bytes().get(before) == Some(&b'\n'))
    }

    /// One level deeper. Not undone on errors: whoever catches an error restores the depth.
    fn enter(&mut self) -> Attempt<()> {
        if self.depth == MAX_NESTING {
            return Err(self.too_deep());
        }
        self.depth += 1;
        Ok(())
    }

    const fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Adds an expression that ends with the token consumed last.
    fn push(&mut self, kind: ExprKind, start: Span) -> Attempt<ExprId> {
        if self.file.exprs.len() + self.file.statements.len() >= MAX_NODES {
            return Err(self.too_many_nodes());
        }
        Ok(self.file.exprs.push(Expr { kind, span: start.to(self.previous) }))
    }

    /// Reports an error that the current statement does not survive.
    fn report(&mut self, diagnostic: Diagnostic) -> Lost {
        self.broken = true;
        self.note(diagnostic)
    }

    /// Reports an error that leaves the tree whole.
    fn note(&mut self, diagnostic: Diagnostic) -> Lost {
        self.diagnostics.push(diagnostic);
        if self.diagnostics.is_full() {
            self.halt();
            return Lost::Item;
        }
        Lost::Statement
    }

    /// Treats the rest of the text as empty.
    fn halt(&mut self) {
        self.lexer.stop();
        self.file.incomplete = true;
        self.token = Token { kind: Kind::End, span: Span::point(self.source.len() as u32) };
    }
}
