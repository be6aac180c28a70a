//! The checker's words about types and values. Off the fast path, all of it. `advice` has those about names and items.

use super::Checker;
use super::label::Form;
use super::ty::{Ty, Typed};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::Quoted;
use crate::module::Expr;
use crate::span::Span;
use crate::text::ast::{Name, Operator};
use alloc::format;
use alloc::string::String;

/// The longest piece of source that a suggestion repeats, in bytes.
const SHORT: usize = 32;

impl Checker<'_> {
    /// The value has another type than its place asks for.
    #[cold]
    pub(super) fn mismatch(&mut self, value: Typed, want: Ty) {
        let (wanted, found) = (self.words(want), self.words(value.ty));
        let diagnostic = Diagnostic::new(value.blame, format!("expected {wanted}, found {found}"))
            .with_label(format!("expected {wanted}"));
        self.report(match self.conversion_help(value, want) {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        });
    }

    /// What to write instead of a value, so that it is of type `want`.
    fn conversion_help(&self, value: Typed, want: Ty) -> Option<String> {
        match (value.ty, want) {
            (Ty::Number(_), want) if want.is_float() => {
                let text = self.module.spans[value.id].text(self.source);
                let is_literal = value.first == value.id && text.bytes().all(|byte| byte.is_ascii_digit());
                Some(if is_literal {
                    format!("write it with a fraction: `{text}.0`")
                } else {
                    String::from("write the numbers with a fraction, such as `1.0`")
                })
            }
            (Ty::Number(_), Ty::Pointer(_)) | (Ty::Pointer(_), Ty::Pointer(_)) => {
                Some(format!("convert it: `{}`", self.converted(value, want)))
            }
            (found, want) if self.converts(found, want) => {
                Some(format!("convert it: `{}`", self.converted(value, want)))
            }
            _ => None,
        }
    }

    /// Whether `as` leads from one type of values to the other.
    fn converts(&self, from: Ty, to: Ty) -> bool {
        from.is_value()
            && from.is_single()
            && to.is_value()
            && super::operators::conversion(from.or_default(), to).is_some()
    }

    /// The source of `value as ty`.
    fn converted(&self, value: Typed, ty: Ty) -> String {
        let (text, ty) = (self.module.spans[value.id].text(self.source), ty.name());
        match self.module.exprs[value.id] {
            _ if text.len() > SHORT || text.contains('\n') => format!("(...) as {ty}"),
            Expr::LocalGet(_) | Expr::GlobalGet(_) | Expr::Address(_) | Expr::Call(..) | Expr::Load(..) => {
                format!("{text} as {ty}")
            }
            Expr::I32(_) | Expr::I64(_) | Expr::F32(_) | Expr::F64(_) => format!("{text} as {ty}"),
            _ => format!("({text}) as {ty}"),
        }
    }

    #[cold]
    pub(super) fn operands_differ(&mut self, left: Typed, right: Typed) {
        let message = format!("the operands differ in type: {} and {}", left.ty, right.ty);
        let diagnostic =
            Diagnostic::new(left.blame.to(right.blame), message).with_label("both sides must have one type");
        let help = match (left.ty, right.ty) {
            (Ty::Number(_), ty) if ty.is_float() || ty == Ty::FLOAT => Some((left, ty)),
            (ty, Ty::Number(_)) if ty.is_float() || ty == Ty::FLOAT => Some((right, ty)),
            _ => None,
        };
        let help = match help {
            Some((number, ty)) => self.conversion_help(number, if ty == Ty::FLOAT { Ty::F64 } else { ty }),
            None => self.side_help(left, right),
        };
        self.report(match help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        });
    }

    /// Which side to convert: the one whose values all fit into the type of the other, or the right one.
    fn side_help(&self, left: Typed, right: Typed) -> Option<String> {
        let rank = |ty: Ty| match ty {
            Ty::I32 => 1,
            Ty::U32 => 2,
            Ty::I64 => 3,
            Ty::U64 => 4,
            Ty::F32 => 5,
            Ty::F64 => 6,
            _ => 0,
        };
        let (narrow, wide) = if rank(left.ty) < rank(right.ty) { (left, right) } else { (right, left) };
        if !self.converts(narrow.ty, wide.ty) {
            return None;
        }
        let same_size = narrow.ty.core() == wide.ty.core();
        let side = if same_size { "one side" } else { "the narrower side" };
        Some(format!("convert {side}: `{}`", self.converted(narrow, wide.ty)))
    }

    #[cold]
    pub(super) fn no_operator(&mut self, operator: Operator, value: Typed, span: Span) {
        let message = format!("there is no `{}` for {}", operator.symbol(), self.words(value.ty));
        let diagnostic = Diagnostic::new(span, message);
        self.report(match value.ty {
            Ty::Pointer(_) => diagnostic.with_help("count with the address: `(p as u32 + n) as *u8`, or index: `p[n]`"),
            _ => diagnostic.with_help("convert the operands to whole numbers first: `x as i64`"),
        });
    }

    #[cold]
    pub(super) fn not_a_condition(&mut self, value: Typed) {
        let message = format!("a condition is of type `i32`, found {}", self.words(value.ty));
        let diagnostic = Diagnostic::new(value.blame, message).with_label("expected `i32`");
        self.report(match value.ty {
            Ty::Unit => diagnostic,
            ty if ty.is_float() => diagnostic.with_help("compare it with something, such as `... != 0.0`"),
            _ => diagnostic.with_help("compare it with something, such as `... != 0`"),
        });
    }

    #[cold]
    pub(super) fn not_an_index(&mut self, value: Typed, what: &'static str) {
        let message = format!("{what} is of type `i32` or `u32`, found {}", self.words(value.ty));
        let diagnostic = Diagnostic::new(value.blame, message).with_label("expected `i32` or `u32`");
        self.report(match self.conversion_help(value, Ty::U32) {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        });
    }

    #[cold]
    pub(super) fn not_a_pointer(&mut self, value: Typed) {
        let message = format!("`[...]` reads through a pointer, found {}", self.words(value.ty));
        let diagnostic = Diagnostic::new(value.blame, message).with_label("expected a pointer");
        self.report(match value.ty {
            Ty::I32 | Ty::U32 | Ty::Number(_) => {
                diagnostic.with_help("say what lies at the address: `(... as *u8)[...]`")
            }
            _ => diagnostic,
        });
    }

    #[cold]
    pub(super) fn not_counted(&mut self, value: Typed) {
        let message = format!("a `for` counts whole numbers, found {}", self.words(value.ty));
        let diagnostic = Diagnostic::new(value.blame, message).with_help("use `while` with a variable of your own");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn no_conversion(&mut self, value: Typed, target: Ty, span: Span) {
        let message = format!("`as` leads from no {} to `{}`", self.words(value.ty), target.name());
        let diagnostic = Diagnostic::new(span, message);
        self.report(match (value.ty, target) {
            (Ty::Pointer(_), _) | (_, Ty::Pointer(_)) => {
                diagnostic.with_help("an address is a whole number: go through `u32`, `... as u32 as ...`")
            }
            _ => diagnostic,
        });
    }

    #[cold]
    pub(super) fn no_narrowing(&mut self, value: Typed, span: Span) {
        let message = format!("only whole numbers are cut to 8 or 16 bits, found {}", self.words(value.ty));
        let diagnostic =
            Diagnostic::new(span, message).with_help("convert it to a whole number first: `... as i32 as u8`");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn does_not_fit(&mut self, span: Span, ty: Ty) {
        let ty = ty.or_default();
        let message = format!("the number {} does not fit into `{}`", Quoted(span.text(self.source)), ty.name());
        let diagnostic = Diagnostic::new(span, message);
        let range = |low: i128, high: i128| format!("from {low} to {high}");
        self.report(match ty {
            Ty::I32 => diagnostic
                .with_label(range(i32::MIN.into(), i32::MAX.into()))
                .with_help("use `i64`: `let x: i64 = ...`, or `... as i64` behind the number"),
            Ty::U32 => diagnostic.with_label(range(0, u32::MAX.into())),
            Ty::U64 => diagnostic.with_label(range(0, u64::MAX.into())),
            Ty::F32 => diagnostic.with_label("at most 3.4e38").with_help("use `f64`, or `f32::inf` for infinity"),
            Ty::F64 => diagnostic.with_label("at most 1.8e308").with_help("write `f64::inf` for infinity"),
            _ => diagnostic.with_label(range(i64::MIN.into(), i64::MAX.into())),
        });
    }

    #[cold]
    pub(super) fn no_value(&mut self, value: Typed, why: &'static str) {
        let label = if matches!(value.ty, Ty::Many(_)) { "this has several values" } else { "this has no value" };
        self.report(Diagnostic::new(value.blame, why).with_label(label));
    }

    #[cold]
    pub(super) fn many_in_one(&mut self, value: Typed) {
        let message = format!("a variable holds one value, found {}", self.words(value.ty));
        let diagnostic = Diagnostic::new(value.blame, message).with_help("take it apart: `let (a, b) = ...;`");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn wrong_number_of_values(&mut self, value: Typed, want: usize, found: usize) {
        let found = match found {
            0 => String::from("none"),
            1 => String::from("one"),
            _ => format!("{found}"),
        };
        self.report(Diagnostic::new(value.blame, format!("expected {want} values, found {found}")));
    }

    #[cold]
    pub(super) fn too_many_parts(&mut self, span: Span) {
        let message = format!("a tuple has {} values at most", crate::MAX_RESULTS);
        self.report(Diagnostic::new(span, message).with_help("return them through memory"));
    }

    #[cold]
    pub(super) fn unused_value(&mut self, value: Typed) {
        let message = format!("expected no value here, found {}", self.words(value.ty));
        self.report(Diagnostic::new(value.blame, message).with_help("to drop the value, end it with `;`"));
    }

    #[cold]
    pub(super) fn no_else(&mut self, then: Typed) {
        let message = format!("an `if` without `else` has no value, found {}", self.words(then.ty));
        self.report(Diagnostic::new(then.blame, message).with_help("add an `else`, or end the value with `;`"));
    }

    #[cold]
    pub(super) fn no_result(&mut self, brace: Span, result: Span) {
        let wanted = self.words(self.result);
        let diagnostic =
            Diagnostic::new(brace, format!("this function returns {wanted}, but its body ends without a value"))
                .with_label(format!("expected {wanted} before this"))
                .with_related(result, "the result is declared here")
                .with_help("the last expression of the body, without `;`, is the result");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn unwanted_result(&mut self, value: Typed, result: Span) {
        let found = self.words(value.ty);
        let ty = match value.ty {
            Ty::Many(_) => String::from(found.trim_matches('`')),
            ty => String::from(ty.or_default().name()),
        };
        let message = format!("this function returns nothing, but its body has the value {found}");
        let diagnostic = Diagnostic::new(value.blame, message)
            .with_related(result, "a result would be declared here")
            .with_help(format!("declare `-> {ty}`, or end the value with `;`"));
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn wrong_return(&mut self, span: Span) {
        let diagnostic = match self.result {
            Ty::Unit => Diagnostic::new(span, "this function returns nothing").with_help("write `return;`"),
            Ty::Many(_) => {
                let result = self.words(self.result);
                Diagnostic::new(span, format!("`return` needs values of type {result} here"))
            }
            result => Diagnostic::new(span, format!("`return` needs a value of type {result} here")),
        };
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn break_out_of_redo(&mut self, span: Span) {
        let diagnostic = Diagnostic::new(span, "`break` does not leave a `redo`, which ends by itself")
            .with_help("put a block with a label around it: `'out: { redo { ... break 'out; ... } }`");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn break_without_value(&mut self, value: Typed, form: Form) {
        let message = format!("{} takes no value along, found {}", form.word(), self.words(value.ty));
        let diagnostic = Diagnostic::new(value.blame, message);
        self.report(match form {
            Form::While | Form::For => diagnostic.with_help("only `loop` and a block with a label have a value"),
            _ => diagnostic.with_help("to begin a loop anew takes no value"),
        });
    }

    #[cold]
    pub(super) fn continue_of_block(&mut self, span: Span) {
        let diagnostic = Diagnostic::new(span, "only loops can be begun anew, and this label is that of a block")
            .with_help("write `redo` before the block, or `break`");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn no_loop(&mut self, word: &'static str, span: Span) {
        self.report(Diagnostic::new(span, format!("`{word}` outside of a loop")));
    }

    #[cold]
    pub(super) fn no_literal(&mut self, span: Span, what: &'static str) {
        self.report(Diagnostic::new(span, what).with_label("expected a number such as `8`"));
    }

    #[cold]
    pub(super) fn no_overload(&mut self, value: Typed, name: Name) {
        let text = Quoted(self.names.text(name.symbol));
        let message = match value.ty {
            Ty::Unit | Ty::Many(_) => format!("{text} needs a value"),
            _ => format!("{text} takes a number, found {}", self.words(value.ty)),
        };
        let diagnostic = Diagnostic::new(value.blame, message);
        self.report(match value.ty {
            Ty::Unit => diagnostic.with_label("this has no value"),
            Ty::Many(_) => diagnostic.with_label("this has several values"),
            Ty::Pointer(_) => {
                let help = format!("the address is a number: `{}`", self.converted(value, Ty::U32));
                diagnostic.with_help(help)
            }
            _ => diagnostic,
        });
    }
}
