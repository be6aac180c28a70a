//! The checker's words. Off the fast path, all of it.

use super::items::CAPABILITIES;
use super::{Checker, Ty, Typed};
use crate::MAX_LOCALS;
use crate::ast::{Name, Use};
use crate::core::{Expr, Type};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::Quoted;
use crate::diagnostics::suggest::nearest;
use crate::span::Span;
use alloc::format;
use alloc::string::String;

/// The longest piece of source that a suggestion repeats, in bytes.
const SHORT: usize = 32;

impl Checker<'_> {
    /// The value has another type than its place asks for.
    #[cold]
    pub(super) fn mismatch(&mut self, value: Typed, want: Ty) {
        let message = format!("expected {want}, found {}", value.ty);
        let mut diagnostic = Diagnostic::new(value.blame, message).with_label(format!("expected {want}"));
        if let (Ty::Value(_), Ty::Value(ty)) = (value.ty, want) {
            diagnostic = diagnostic.with_help(format!("convert it: `{}`", self.converted(value, ty)));
        }
        self.report(diagnostic);
    }

    /// The source of `value as ty`.
    fn converted(&self, value: Typed, ty: Type) -> String {
        let text = self.module.spans[value.id].text(self.source);
        match self.module.exprs[value.id] {
            _ if text.len() > SHORT || text.contains('\n') => format!("(...) as {ty}"),
            Expr::Local(_) | Expr::Call(..) => format!("{text} as {ty}"),
            _ => format!("({text}) as {ty}"),
        }
    }

    #[cold]
    pub(super) fn operands_differ(&mut self, left: Typed, right: Typed) {
        let narrow = if left.ty == Ty::I32 { left } else { right };
        let message = format!("the operands differ in type: {} and {}", left.ty, right.ty);
        let diagnostic = Diagnostic::new(left.blame.to(right.blame), message)
            .with_label("both sides must have one type")
            .with_help(format!("convert the narrower side: `{}`", self.converted(narrow, Type::I64)));
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn not_a_condition(&mut self, value: Typed) {
        let message = format!("a condition is of type `i32`, found {}", value.ty);
        let diagnostic = Diagnostic::new(value.blame, message).with_label("expected `i32`");
        self.report(match value.ty {
            Ty::Unit => diagnostic,
            _ => diagnostic.with_help("compare it with something, such as `... != 0`"),
        });
    }

    #[cold]
    pub(super) fn does_not_fit(&mut self, span: Span, ty: Type) {
        let (low, high) = match ty {
            Type::I32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            Type::I64 => (i64::MIN, i64::MAX),
        };
        let message = format!("the number {} does not fit into `{ty}`", Quoted(span.text(self.source)));
        let diagnostic = Diagnostic::new(span, message).with_label(format!("from {low} to {high}"));
        self.report(match ty {
            Type::I32 => diagnostic.with_help("use `i64`: `let x: i64 = ...`, or `... as i64` behind the number"),
            Type::I64 => diagnostic,
        });
    }

    #[cold]
    pub(super) fn no_value(&mut self, value: Typed, why: &'static str) {
        self.report(Diagnostic::new(value.blame, why).with_label("this has no value"));
    }

    #[cold]
    pub(super) fn unused_value(&mut self, value: Typed) {
        let diagnostic = Diagnostic::new(value.blame, format!("expected no value here, found {}", value.ty))
            .with_help("to drop the value, end it with `;`");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn no_else(&mut self, then: Typed) {
        let diagnostic = Diagnostic::new(then.blame, format!("an `if` without `else` has no value, found {}", then.ty))
            .with_help("add an `else`, or end the value with `;`");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn no_result(&mut self, brace: Span, result: Span) {
        let message = format!("this function returns {}, but its body ends without a value", self.result);
        let diagnostic = Diagnostic::new(brace, message)
            .with_label(format!("expected {} before this", self.result))
            .with_related(result, "the result is declared here")
            .with_help("the last expression of the body, without `;`, is the result");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn unwanted_result(&mut self, value: Typed, result: Span) {
        let ty = value.ty.value();
        let ty = if value.ty == Ty::Number { Type::I32 } else { ty };
        let diagnostic = Diagnostic::new(
            value.blame,
            format!("this function returns nothing, but its body has the value {}", value.ty),
        )
        .with_related(result, "a result would be declared here")
        .with_help(format!("declare `-> {ty}`, or end the value with `;`"));
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn wrong_return(&mut self, span: Span) {
        let diagnostic = match self.result {
            Ty::Unit => Diagnostic::new(span, "this function returns nothing").with_help("write `return;`"),
            result => Diagnostic::new(span, format!("`return` needs a value of type {result} here")),
        };
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn wrong_count(&mut self, name: Name, want: usize, found: usize, declared: Option<Span>) {
        let text = Quoted(self.names.text(name.symbol));
        let plural = if want == 1 { "" } else { "s" };
        let mut diagnostic = Diagnostic::new(name.span, format!("{text} takes {want} argument{plural}, found {found}"));
        if let Some(span) = declared {
            diagnostic = diagnostic.with_related(span, "declared here");
        }
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn unknown_variable(&mut self, name: Name) {
        let text = self.names.text(name.symbol);
        let diagnostic = Diagnostic::new(name.span, format!("there is no variable {} here", Quoted(text)));
        let mut in_scope = self.hidden.iter().map(|&(symbol, _)| self.names.text(symbol));
        self.report(match nearest(text, &mut in_scope) {
            _ if self.callees.get(name.symbol).is_some() => {
                diagnostic.with_help("it is a function: call it with `(...)` behind its name")
            }
            Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
            None => diagnostic.with_help("declare it first: `let ... = ...;`"),
        });
    }

    #[cold]
    pub(super) fn unknown_function(&mut self, name: Name) {
        let text = self.names.text(name.symbol);
        if let Some((group, item)) = CAPABILITIES.iter().find(|(_, item)| *item == text) {
            let diagnostic = Diagnostic::new(name.span, format!("the capability `{group}::{item}` is not declared"))
                .with_label("used here")
                .with_help(format!("write `use {group}::{item};` at the top of the program"));
            return self.report(diagnostic);
        }
        if self.file.incomplete {
            return;
        }
        let diagnostic = Diagnostic::new(name.span, format!("there is no function {}", Quoted(text)));
        let functions = self.file.functions.iter().map(|function| self.names.text(function.name.symbol));
        let mut all = functions.chain(CAPABILITIES.iter().map(|(_, item)| *item));
        self.report(match nearest(text, &mut all) {
            Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
            None => diagnostic.with_help("functions are declared with `fn`, anywhere in the program"),
        });
    }

    #[cold]
    pub(super) fn unknown_capability(&mut self, declaration: &Use) {
        let (group, item) = (declaration.group, declaration.item);
        let path = format!("{}::{}", self.names.text(group.symbol), self.names.text(item.symbol));
        let known = CAPABILITIES.map(|(group, item)| format!("{group}::{item}"));
        let near = nearest(&path, &mut known.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the capabilities are: `{}`", known.join("`, `")),
        };
        let message = format!("there is no capability {}", Quoted(&path));
        self.report(Diagnostic::new(group.span.to(item.span), message).with_help(help));
    }

    #[cold]
    pub(super) fn duplicate(&mut self, name: Name, earlier: Option<Span>) {
        let message = format!("the name {} is declared twice", Quoted(self.names.text(name.symbol)));
        let diagnostic = Diagnostic::new(name.span, message).with_help("rename one of the two");
        self.report(match earlier {
            Some(span) => diagnostic.with_related(span, "first declared here"),
            None => diagnostic,
        });
    }

    #[cold]
    pub(super) fn too_many_variables(&mut self, name: Name) {
        let message = format!("a function may have {MAX_LOCALS} parameters and variables at most");
        let diagnostic = Diagnostic::new(name.span, message).with_help("move a part into a function of its own");
        self.report(diagnostic);
    }
}
