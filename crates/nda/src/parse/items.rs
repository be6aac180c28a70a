//! Items: `use` declarations and functions.

use super::{Attempt, Parser};
use crate::MAX_PARAMETERS;
use crate::ast::{Function, Head, Name, Parameter, Use, Written};
use crate::core::Type;
use crate::diagnostics::Diagnostic;
use crate::lexer::Kind;
use crate::span::Span;
use alloc::format;
use alloc::vec::Vec;

impl Parser<'_, '_> {
    /// The whole text.
    pub(super) fn file(&mut self) {
        while !self.at(Kind::End) {
            self.forget();
            if self.item().is_err() {
                self.skip_item();
            }
        }
    }

    /// Starts an item with a clean slate; an error may have left half-built lists.
    fn forget(&mut self) {
        self.depth = 0;
        self.broken = false;
        self.arguments.clear();
        self.statements.clear();
        self.arms.clear();
    }

    /// Skips to the next item; `fn` and `use` cannot occur inside a function.
    fn skip_item(&mut self) {
        while !matches!(self.token.kind, Kind::Fn | Kind::Use | Kind::Doc | Kind::End) {
            self.advance();
        }
    }

    fn item(&mut self) -> Attempt<()> {
        let documented = self.at(Kind::Doc);
        while self.eat(Kind::Doc) {}
        match self.token.kind {
            Kind::Fn => self.function(),
            _ if documented => Err(self.expected_with_help("`fn`", "a doc comment `///` stands before a function")),
            Kind::Use => self.use_declaration(),
            Kind::CloseBrace => {
                self.advance();
                let extra = Diagnostic::new(self.previous, "this `}` closes nothing");
                Err(self.report(extra))
            }
            _ => Err(self
                .expected_with_help("`fn` or `use`", "statements belong into a function, such as `fn main() { ... }`")),
        }
    }

    fn use_declaration(&mut self) -> Attempt<()> {
        self.advance();
        let group = self.name()?;
        self.expect(Kind::Path)?;
        let item = self.name()?;
        self.file.uses.push(Use { group, item });
        self.semicolon()
    }

    /// A function. Once its name is known it is kept whatever follows, so that calls to it are not reported.
    fn function(&mut self) -> Attempt<()> {
        self.advance();
        let name = self.name().inspect_err(|_| self.file.incomplete = true)?;
        let head = self.head();
        let index = self.file.functions.len();
        let lost = head.as_ref().err().copied();
        self.file.functions.push(Function { name, head: head.ok(), body: None });
        if let Some(lost) = lost {
            return Err(lost);
        }
        let body = self.block()?;
        if !self.broken {
            self.file.functions[index].body = Some(body);
        }
        Ok(())
    }

    fn head(&mut self) -> Attempt<Head> {
        let open = self.expect(Kind::OpenParen)?;
        let parameters = self.parameters(open)?;
        let result = if self.eat(Kind::Arrow) { Some(self.type_name()?) } else { None };
        let result_span = if result.is_some() { self.previous } else { Span::point(self.previous.end) };
        Ok(Head { parameters, result, result_span })
    }

    fn parameters(&mut self, open: Span) -> Attempt<Vec<Parameter>> {
        let mut parameters = Vec::new();
        while !self.eat(Kind::CloseParen) {
            let name = self.name()?;
            if !self.eat(Kind::Colon) {
                return Err(self.expected_with_help("`:` and a type", "every parameter has a type: `n: i32`"));
            }
            let ty = self.type_name()?;
            if parameters.len() == MAX_PARAMETERS {
                return Err(self.too_many_parameters(name));
            }
            parameters.push(Parameter { name, ty });
            if !self.eat(Kind::Comma) && !self.at(Kind::CloseParen) {
                return Err(self.unclosed("`,` or `)`", open));
            }
        }
        Ok(parameters)
    }

    #[cold]
    fn too_many_parameters(&mut self, name: Name) -> super::Lost {
        let message = format!("a function may have {MAX_PARAMETERS} parameters at most");
        self.report(Diagnostic::new(name.span, message))
    }

    /// A type; one that does not exist is reported and gives `None`.
    pub(super) fn type_name(&mut self) -> Attempt<Written> {
        if !self.eat(Kind::Name) {
            return Err(self.expected("a type"));
        }
        match self.previous.text(self.source) {
            "i32" => Ok(Some(Type::I32)),
            "i64" => Ok(Some(Type::I64)),
            _ => {
                self.unknown_type(self.previous);
                Ok(None)
            }
        }
    }
}
