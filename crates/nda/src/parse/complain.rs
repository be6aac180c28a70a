//! The parser's words: what was expected, what was found, what to write instead. Off the fast path, all of it.

use super::{Lost, Parser};
use crate::ast::ExprId;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::Quoted;
use crate::diagnostics::suggest::nearest;
use crate::lexer::{Kind, NumberError};
use crate::span::Span;
use crate::{MAX_NESTING, MAX_NODES};
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
            Kind::Name | Kind::Number | Kind::Reserved | Kind::CompoundAssign => Quoted(text).to_string(),
            other => other.words().to_string(),
        };
        let diagnostic = Diagnostic::new(self.token.span, format!("expected {what}, found {found}"))
            .with_label(format!("expected {what}"));
        match self.token.kind {
            Kind::Reserved => diagnostic.with_help(reserved_help(text)),
            Kind::Doc => diagnostic.with_help("a comment inside a function starts with `//`"),
            _ => diagnostic,
        }
    }

    /// A `;` is missing behind the token consumed last.
    #[cold]
    pub(super) fn missing_semicolon(&mut self) -> Lost {
        let mut diagnostic = self.found_instead("`;`");
        diagnostic.span = Span::point(self.previous.end);
        self.unexpected(diagnostic)
    }

    /// Reports the current token, which is none, and moves on.
    #[cold]
    pub(super) fn unknown_token(&mut self) {
        let span = self.token.span;
        self.token = self.lexer.next();
        self.garbled = true;
        let text = span.text(self.source);
        let (message, help) = match text.as_bytes() {
            [b'/', b'*', ..] => {
                ("block comments are not part of the language".into(), Some("start each line with `//`"))
            }
            [b'"' | b'\'', ..] => {
                ("text is not part of the language yet".into(), Some("the types are `i32` and `i64`"))
            }
            _ => (format!("{} is not part of the language", Quoted(text)), None),
        };
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
            NumberError::Fraction => Diagnostic::new(span, format!("{text} is not a whole number"))
                .with_help("there are only `i32` and `i64` yet"),
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
        let help = match nearest(text, &mut ["i32", "i64"].into_iter()) {
            Some(near) if !matches!(text, "f32" | "f64" | "u32" | "u64") => format!("did you mean `{near}`?"),
            _ => String::from("the types are `i32` and `i64`"),
        };
        self.note(Diagnostic::new(span, format!("there is no type {}", Quoted(text))).with_help(help));
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
        let diagnostic = Diagnostic::new(self.file.exprs[target].span, "only a variable can be assigned to")
            .with_help("to compare, write `==`");
        self.report(diagnostic)
    }
}

/// What to do about a word that is reserved for the language to come.
fn reserved_help(word: &str) -> &'static str {
    match word {
        "mut" => "every variable can be assigned to; leave `mut` out",
        "true" => "conditions are of type `i32`: write `1`",
        "false" => "conditions are of type `i32`: write `0`",
        "for" | "loop" | "break" | "continue" => "this word is reserved; loops are written with `while`",
        "pub" => "every function can be called; leave `pub` out",
        _ => "this word is reserved for later",
    }
}
