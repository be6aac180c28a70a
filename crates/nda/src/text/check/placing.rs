//! The checker's words about items: sizes, statics, constants, hashes, exports.

use super::Checker;
use super::ty::Ty;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::Quoted;
use crate::module::Cell;
use crate::span::Span;
use crate::text::ast::{DataType, ItemKind, Name, Sizes};
use alloc::format;

impl Checker<'_> {
    #[cold]
    pub(super) fn wrong_constant(&mut self, found: Ty, want: Ty, span: Span) {
        let diagnostic = match found {
            Ty::Unit => Diagnostic::new(span, "a value that is known without running code is needed here")
                .with_label(format!("expected {}", self.words(want)))
                .with_help("write a number, a `const` that comes earlier, or a static"),
            _ => {
                let wanted = self.words(want);
                Diagnostic::new(span, format!("expected {wanted}, found {}", self.words(found)))
                    .with_label(format!("expected {wanted}"))
            }
        };
        self.report(match (found, want) {
            (Ty::Number(_), want) if want.is_float() => {
                diagnostic.with_help(format!("write it with a fraction: `{}.0`", span.text(self.source)))
            }
            (Ty::Number(_), Ty::Pointer(_)) => {
                diagnostic.with_help(format!("convert it: `{} as {}`", span.text(self.source), want.name()))
            }
            _ => diagnostic,
        });
    }

    /// A global that is named by a constant and comes later, or can be set.
    #[cold]
    pub(super) fn not_constant(&mut self, name: Name, later: bool) {
        let text = Quoted(self.names.text(name.symbol));
        let (message, help) = if later {
            (format!("{text} is declared later than what it is needed for"), "declare it before this")
        } else {
            (format!("{text} can be set, so its value is not known here"), "declare it with `const`")
        };
        let diagnostic = Diagnostic::new(name.span, message).with_help(help);
        self.report(match self.item_span(name) {
            Some(span) => diagnostic.with_related(span, "declared here"),
            None => diagnostic,
        });
    }

    #[cold]
    pub(super) fn static_too_large(&mut self, span: Span) {
        let diagnostic = Diagnostic::new(span, "a static may have 4 GiB less a byte at most")
            .with_help("a memory of 32-bit addresses holds no more");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn no_room(&mut self, span: Span, bytes: u64, room: u64) {
        let message = format!("the statics end at address {bytes}, but the memory has {room} bytes at most");
        self.report(Diagnostic::new(span, message).with_help("make the memory larger, or the statics smaller"));
    }

    /// A static's value has more or fewer cells than its type says.
    #[cold]
    pub(super) fn wrong_cells(&mut self, ty: DataType, found: u64) {
        let want = ty.count.unwrap_or(1);
        let plural = if want == 1 { "" } else { "s" };
        let message = format!("the static has {want} element{plural}, but its value has {found}");
        let name = ty.cell.map_or("u8", |cell| &Ty::Pointer(cell).name()[1..]);
        self.report(Diagnostic::new(ty.span, message).with_help(format!("write `[{name}; {found}]`")));
    }

    #[cold]
    pub(super) fn list_for_one(&mut self, span: Span) {
        let diagnostic = Diagnostic::new(span, "a list needs a type with a count").with_help("write `[i32; 4]`");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn text_for_numbers(&mut self, text: Span, ty: DataType) {
        let diagnostic = Diagnostic::new(text, "a text is the value of a static of bytes only")
            .with_related(ty.span, "the type is declared here")
            .with_help("write `[u8; N]`, with as many bytes as the text has");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn cell_does_not_fit(&mut self, span: Span, cell: Cell, low: i128, high: i128) {
        let name = &Ty::Pointer(cell).name()[1..];
        let message = format!("the number {} does not fit into `{name}`", Quoted(span.text(self.source)));
        self.report(Diagnostic::new(span, message).with_label(format!("from {low} to {high}")));
    }

    #[cold]
    pub(super) fn size_too_large(&mut self, span: Span, most: u64, what: &'static str) {
        self.report(Diagnostic::new(span, format!("there can be {most} {what} at most")));
    }

    #[cold]
    pub(super) fn sizes_turned_around(&mut self, sizes: Sizes) {
        let (min, max) = (sizes.min, sizes.max.unwrap_or(sizes.min));
        let diagnostic = Diagnostic::new(sizes.span, format!("the largest size, {max}, is less than the first, {min}"))
            .with_help(format!("write `{max} to {min}`"));
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn second_memory(&mut self, span: Span, first: Span) {
        let diagnostic =
            Diagnostic::new(span, "a program has one memory").with_related(first, "it is already declared here");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn second_start(&mut self, span: Span) {
        let first = self.file.items.iter().find(|item| matches!(item.kind, ItemKind::Start { .. }));
        let diagnostic = Diagnostic::new(span, "a program has one start function");
        self.report(match first {
            Some(first) => diagnostic.with_related(first.span, "it is already named here"),
            None => diagnostic,
        });
    }

    #[cold]
    pub(super) fn wrong_start(&mut self, name: Name) {
        let text = Quoted(self.names.text(name.symbol));
        let diagnostic = Diagnostic::new(name.span, format!("the start function {text} has parameters or a result"))
            .with_help("it runs by itself: declare it as `fn f() { ... }`");
        self.report(match self.item_span(name) {
            Some(span) => diagnostic.with_related(span, "declared here"),
            None => diagnostic,
        });
    }

    #[cold]
    pub(super) fn exported_twice(&mut self, span: Span, first: Span) {
        let message = format!("{} is exported twice", Quoted(span.text(self.source)));
        self.report(Diagnostic::new(span, message).with_related(first, "first exported here"));
    }

    #[cold]
    pub(super) fn not_a_hash(&mut self, span: Span, inner: &str) {
        let is_digits = inner.bytes().all(|letter| letter.is_ascii_hexdigit());
        let diagnostic = match inner.len() {
            length if is_digits && length < 64 => {
                let message = format!("the hash has {length} digits; all 64 are needed");
                Diagnostic::new(span, message).with_help("`nda hash` shows it in full")
            }
            _ => Diagnostic::new(span, "a hash is 64 hexadecimal digits"),
        };
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn not_a_text(&mut self, span: Span) {
        let diagnostic = Diagnostic::new(span, "a name consists of characters, and these bytes are none")
            .with_help("write the character itself, or `\\u{...}`");
        self.report(diagnostic);
    }
}
