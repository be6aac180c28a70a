//! The parser's words: what was expected and what was found. Off the fast path, all of it.

use super::advise;
use super::{Lost, Parser};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::Quoted;
use crate::span::Span;
use crate::text::ast::ExprId;
use crate::text::lexer::{Kind, NumberError};
use crate::{MAX_NESTING, MAX_NODES, MAX_PARAMETERS, MAX_RESULTS};
use alloc::format;
use alloc::string::{String, ToString};

impl Parser<'_, '_> {
    /// The current token is not `what` should stand here.
    #[cold]
    pub(super) fn expected(&mut self, what: &'static str) -> Lost {
        let diagnostic = self.found_instead(what);
        self.unexpected(diagnostic)
    }

    /// Like [`Self::expected`], with advice.
    #[cold]
    pub(super) fn expected_with_help(&mut self, what: &'static str, help: &'static str) -> Lost {
        let diagnostic = self.found_instead(what).with_help(help);
        self.unexpected(diagnostic)
    }

    /// Something opened at `open` is not closed where it should be.
    #[cold]
    pub(super) fn unclosed(&mut self, what: &'static str, open: Span) -> Lost {
        let diagnostic = self.found_instead(what).with_related(open, "opened here");
        self.unexpected(diagnostic)
    }

    /// Reports an unexpected token, unless that only follows from an unreadable one before it.
    fn unexpected(&mut self, diagnostic: Diagnostic) -> Lost {
        if self.garbled { Lost::Statement } else { self.report(diagnostic) }
    }

    fn found_instead(&self, what: &'static str) -> Diagnostic {
        let text = self.token.span.text(self.source);
        let found = match self.token.kind {
            Kind::Name | Kind::Number | Kind::Float | Kind::Label | Kind::Reserved | Kind::CompoundAssign => {
                Quoted(text).to_string()
            }
            other => other.words().to_string(),
        };
        let diagnostic = Diagnostic::new(self.token.span, format!("expected {what}, found {found}"))
            .with_label(format!("expected {what}"));
        match self.token.kind {
            Kind::Reserved => diagnostic.with_help(advise::reserved(text)),
            Kind::Doc => diagnostic.with_help("a comment inside a function starts with `//`"),
            _ => diagnostic,
        }
    }

    /// A `;` is missing behind the token consumed last.
    #[cold]
    pub(super) fn missing_semicolon(&mut self) -> Lost {
        let mut diagnostic = self.found_instead("`;`");
        if diagnostic.help.is_none() && matches!(self.token.kind, Kind::Name | Kind::OpenBrace) {
            diagnostic.help = advise::keyword(self.previous.text(self.source));
        }
        diagnostic.span = Span::point(self.previous.end);
        self.unexpected(diagnostic)
    }

    /// Reports the current token, which is none, and moves on.
    #[cold]
    pub(super) fn unknown_token(&mut self) {
        let span = self.token.span;
        self.token = self.lexer.next();
        self.garbled = true;
        let (message, help) = advise::unknown_token(span.text(self.source));
        let mut diagnostic = Diagnostic::new(span, message);
        diagnostic.help = help.map(Into::into);
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn too_deep(&mut self) -> Lost {
        let message = format!("expressions and blocks nest deeper than {MAX_NESTING} levels");
        self.limit(message, "name a part with `let`, or move it into a function of its own")
    }

    #[cold]
    pub(super) fn too_many_nodes(&mut self) -> Lost {
        let message = format!("the program has more than {MAX_NODES} expressions and statements");
        self.limit(message, "split the program")
    }

    fn limit(&mut self, message: String, help: &'static str) -> Lost {
        let diagnostic = Diagnostic::new(self.token.span, message).with_label("the limit is here").with_help(help);
        self.report(diagnostic);
        self.halt();
        Lost::Item
    }

    #[cold]
    pub(super) fn bad_number(&mut self, span: Span, error: NumberError) -> Lost {
        let text = Quoted(span.text(self.source));
        let diagnostic = match error {
            NumberError::Digit(letter) => {
                Diagnostic::new(span, format!("`{letter}` is not a digit of the number {text}"))
                    .with_help("numbers have no suffix; give a type with `let x: i64 = ...` or `... as i64`")
            }
            NumberError::Empty => Diagnostic::new(span, format!("the number {text} has no digits")),
            NumberError::TooLarge => Diagnostic::new(span, format!("the number {text} does not fit into 64 bits")),
        };
        self.report(diagnostic)
    }

    #[cold]
    pub(super) fn unknown_type(&mut self, span: Span) {
        let text = span.text(self.source);
        let diagnostic = Diagnostic::new(span, format!("there is no type {}", Quoted(text)));
        self.note(diagnostic.with_help(advise::ty(text)));
    }

    #[cold]
    pub(super) fn unknown_cell(&mut self, span: Span) {
        let text = span.text(self.source);
        let diagnostic = Diagnostic::new(span, format!("there is no type {} in memory", Quoted(text)));
        self.note(diagnostic.with_help(advise::cell(text)));
    }

    #[cold]
    pub(super) fn narrow_type(&mut self, span: Span) {
        let text = span.text(self.source);
        let wide = if text.starts_with('i') { "i32" } else { "u32" };
        let message = format!("`{text}` is a type of what lies in memory, not of values");
        let help = format!("a value is an `{wide}`; `x as {text}` cuts it down, and `*{text}` points to it in memory");
        self.note(Diagnostic::new(span, message).with_help(help));
    }

    #[cold]
    pub(super) fn no_type(&mut self) -> Lost {
        match self.token.kind {
            Kind::And => self.expected_with_help("a type", "pointers are written with `*`: `*u8`"),
            Kind::OpenBracket => {
                self.expected_with_help("a type", "only a `static` holds several values; pass a pointer to it: `*u8`")
            }
            Kind::OpenParen => self.expected_with_help(
                "a type",
                "a variable holds one value; several are taken apart: `let (a, b) = f();`",
            ),
            _ => self.expected("a type"),
        }
    }

    #[cold]
    pub(super) fn too_many_parameters(&mut self, span: Span) -> Lost {
        let message = format!("a function may have {MAX_PARAMETERS} parameters at most");
        self.report(Diagnostic::new(span, message))
    }

    #[cold]
    pub(super) fn too_many_results(&mut self, span: Span) -> Lost {
        let message = format!("a function may have {MAX_RESULTS} results at most");
        self.report(Diagnostic::new(span, message))
    }

    /// `-> ()` and `-> (i32)`
    #[cold]
    pub(super) fn few_results(&mut self, span: Span, count: usize) {
        let (message, help) = if count == 0 {
            ("there is no empty type", "leave `-> ()` out: a function without `->` gives no value back")
        } else {
            ("a single result stands without parentheses", "write `-> i32`")
        };
        self.report(Diagnostic::new(span, message).with_help(help));
    }

    #[cold]
    pub(super) fn small_tuple(&mut self, span: Span) -> Lost {
        let diagnostic = Diagnostic::new(span, "a tuple has two values or more").with_help("leave the parentheses out");
        self.report(diagnostic)
    }

    #[cold]
    pub(super) fn type_in_tuple(&mut self) -> Lost {
        self.expected_with_help(
            "`,` or `)`",
            "the variables take the types of the values; a type is written at a `let` of its own",
        )
    }

    #[cold]
    pub(super) fn not_assignable_in_tuple(&mut self, part: ExprId) -> Lost {
        let diagnostic =
            Diagnostic::new(self.file.exprs[part].span, "several values can only be assigned to variables")
                .with_help("take them apart with `let (a, b) = ...;` first");
        self.report(diagnostic)
    }

    #[cold]
    pub(super) fn no_table(&mut self, span: Span) -> Lost {
        let diagnostic = Diagnostic::new(span, "an indirect call goes through the name of a table")
            .with_help("write `t[i: fn(i32) -> i32](x)` for a table `t`; to read memory, leave the type out: `p[i]`");
        self.report(diagnostic)
    }

    #[cold]
    pub(super) fn inclusive_range(&mut self) -> Lost {
        let diagnostic = Diagnostic::new(self.token.span, "there is no `..=`")
            .with_help("the end is not counted: write `0..n + 1` to include `n`");
        self.report(diagnostic)
    }

    #[cold]
    pub(super) fn misplaced_item(&mut self) -> Lost {
        let what = self.token.kind.words();
        let diagnostic = Diagnostic::new(self.token.span, format!("{what} stands outside of functions"))
            .with_help("move it to the top of the file, or declare a variable with `let`");
        self.report(diagnostic)
    }

    /// No block begins here.
    #[cold]
    pub(super) fn no_block(&mut self) -> Lost {
        match self.token.kind {
            Kind::Assign => self.expected_with_help("`{`", "to compare, write `==`"),
            Kind::Semicolon => self.expected_with_help("`{`", "the body stands in braces: `{ ... }`"),
            _ => self.expected("`{`"),
        }
    }

    /// Nothing that can be a value begins here.
    #[cold]
    pub(super) fn no_expression(&mut self) -> Lost {
        let previous = self.previous.text(self.source);
        match advise::no_expression(self.token.kind, previous) {
            Some(help) => self.expected_with_help("an expression", help),
            None => self.expected("an expression"),
        }
    }

    /// No item begins here.
    #[cold]
    pub(super) fn no_item(&mut self, docs: Span) -> Lost {
        if docs != Span::default() {
            return self.expected_with_help("an item", "a doc comment `///` stands before an item, such as a function");
        }
        let text = self.token.span.text(self.source);
        let mut diagnostic = self.found_instead("an item");
        if self.token.kind == Kind::Name {
            diagnostic.help = Some(advise::item(text));
        } else if diagnostic.help.is_none() {
            diagnostic.help = Some(advise::ITEM.into());
        }
        self.unexpected(diagnostic)
    }

    #[cold]
    pub(super) fn chained_comparison(&mut self) -> Lost {
        let diagnostic = Diagnostic::new(self.token.span, "comparisons cannot be chained")
            .with_help("join two comparisons with `&&`, or write parentheses");
        self.report(diagnostic)
    }

    #[cold]
    pub(super) fn compound_assign(&mut self, target: ExprId) -> Lost {
        let operator = self.token.span.text(self.source).trim_end_matches('=');
        let target = self.file.exprs[target].span.text(self.source);
        let short = if target.len() <= 32 { target } else { "x" };
        let help = format!("write `{short} = {short} {operator} ...`");
        let message = format!("there is no {} operator", Quoted(self.token.span.text(self.source)));
        let diagnostic = Diagnostic::new(self.token.span, message).with_help(help);
        self.report(diagnostic)
    }

    #[cold]
    pub(super) fn not_assignable(&mut self, target: ExprId) -> Lost {
        let diagnostic =
            Diagnostic::new(self.file.exprs[target].span, "only a variable or a place in memory can be assigned to")
                .with_help("to compare, write `==`");
        self.report(diagnostic)
    }
}
