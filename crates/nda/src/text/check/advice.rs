//! The checker's words about names: what was not found, what was meant, what to write instead. `words` has those about
//! types, `placing` those about items.

use super::built_in::{GROUPS, names_in};
use super::declare::name_of;
use super::label::Form;
use super::{Checker, Entity};
use crate::MAX_LOCALS;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::Quoted;
use crate::diagnostics::suggest::nearest;
use crate::span::Span;
use crate::sys::{GROUP, SHIMS, shim_named};
use crate::text::ast::{Name, Path, PathId};
use alloc::format;
use alloc::string::String;

/// The built-ins that have a plain name.
const PLAIN: [&str; 2] = ["select", "unreachable"];

impl<'a> Checker<'a> {
    /// A name that should be a value and is none.
    #[cold]
    #[inline(never)]
    pub(super) fn unknown_variable(&mut self, name: Name) {
        // Looking for what was meant takes time, and there may be an error for each name of a long text.
        if self.diagnostics.is_full() {
            return;
        }
        let text = self.names.text(name.symbol);
        let known = self.known.get(name.symbol).map(|known| known.entity);
        if known.is_none() && self.file.incomplete && self.could_be_missing(name) {
            return;
        }
        let diagnostic = Diagnostic::new(name.span, format!("there is no variable {} here", Quoted(text)));
        let names = self.names;
        let mut in_scope = self.hidden.iter().map(|&(symbol, _)| names.text(symbol));
        let is_value = |entity| matches!(entity, Entity::Global(_) | Entity::Static(_));
        self.report(match self.nearest_item(text, is_value, &mut in_scope) {
            _ if matches!(known, Some(Entity::Function(_) | Entity::Shim(_))) => {
                diagnostic.with_help("it is a function: call it with `(...)` behind its name")
            }
            _ if matches!(known, Some(Entity::Table(_))) => {
                diagnostic.with_help("it is a table: call through it, `t[0: fn(i32) -> i32](...)`")
            }
            _ if matches!(known, Some(Entity::Data(_))) => {
                diagnostic.with_help("it is data, which `memory::init` copies; a `static` has an address")
            }
            _ if known.is_some() => diagnostic.with_help("it is an element segment, which `table::init` copies"),
            Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
            None => diagnostic.with_help("declare it first: `let ... = ...;`"),
        });
    }

    /// Whether a name may be that of an item whose head could not be read: outside of functions nothing else is.
    fn could_be_missing(&self, _: Name) -> bool {
        self.locals.is_empty() && self.types.is_empty()
    }

    /// The name nearest to `text` among those of the items of a kind and `others`.
    fn nearest_item(
        &self,
        text: &str,
        wanted: fn(Entity) -> bool,
        others: &mut dyn Iterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let names = self.names;
        let items = self.file.items.iter().filter_map(|item| name_of(&item.kind));
        let items = items.filter(|name| self.known.get(name.symbol).is_some_and(|known| wanted(known.entity)));
        nearest(text, &mut items.map(|name| names.text(name.symbol)).chain(others))
    }

    /// Several values or a tee can only be put into variables.
    #[cold]
    pub(super) fn not_a_variable(&mut self, name: Name) {
        match self.known.get(name.symbol).map(|known| known.entity) {
            Some(Entity::Global(_)) => {
                let text = self.names.text(name.symbol);
                let message = format!("{} is a global; only variables can be set here", Quoted(text));
                let help = format!("set a variable first, then the global: `{text} = x;`");
                self.report(Diagnostic::new(name.span, message).with_help(help));
            }
            _ => self.not_assignable(name),
        }
    }

    #[cold]
    pub(super) fn not_assignable(&mut self, name: Name) {
        let text = self.names.text(name.symbol);
        let (what, help) = match self.known.get(name.symbol).map(|known| known.entity) {
            Some(Entity::Global(_)) => ("a `const`", String::from("declare it with `global` instead of `const`")),
            Some(Entity::Static(_)) => ("a static: its name is an address", format!("write `{text}[0] = ...;`")),
            _ => return self.unknown_variable(name),
        };
        let message = format!("{} cannot be set, it is {what}", Quoted(text));
        let diagnostic = Diagnostic::new(name.span, message).with_help(help);
        self.report(match self.item_span(name) {
            Some(span) => diagnostic.with_related(span, "declared here"),
            None => diagnostic,
        });
    }

    #[cold]
    #[inline(never)]
    pub(super) fn unknown_function(&mut self, name: Name) {
        if self.diagnostics.is_full() {
            return;
        }
        let text = self.names.text(name.symbol);
        if self.known.get(name.symbol).is_some() {
            let message = format!("{} is no function", Quoted(text));
            let diagnostic = Diagnostic::new(name.span, message);
            return self.report(match self.item_span(name) {
                Some(span) => diagnostic.with_related(span, "declared here"),
                None => diagnostic,
            });
        }
        if shim_named(text).is_some() {
            let diagnostic = Diagnostic::new(name.span, format!("the capability `{GROUP}::{text}` is not declared"))
                .with_label("used here")
                .with_help(format!("write `use {GROUP}::{text};` at the top of the program"));
            return self.report(diagnostic);
        }
        if self.file.incomplete {
            return;
        }
        let diagnostic = Diagnostic::new(name.span, format!("there is no function {}", Quoted(text)));
        let is_function = |entity| matches!(entity, Entity::Function(_));
        let mut others = SHIMS.iter().map(|shim| shim.name).chain(PLAIN);
        self.report(match self.nearest_item(text, is_function, &mut others) {
            _ if self.variables.get(name.symbol).is_some() => {
                diagnostic.with_help("it is a variable; a table of functions is called through: `t[i: fn(i32)](...)`")
            }
            Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
            None => diagnostic.with_help("functions are declared with `fn`, anywhere in the program"),
        });
    }

    #[cold]
    #[inline(never)]
    pub(super) fn unknown_capability(&mut self, group: Name, item: Name) {
        if self.diagnostics.is_full() {
            return;
        }
        let path = format!("{}::{}", self.names.text(group.symbol), self.names.text(item.symbol));
        let known: alloc::vec::Vec<_> = SHIMS.iter().map(|shim| format!("{GROUP}::{}", shim.name)).collect();
        let help = match nearest(&path, &mut known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the capabilities are: `{}`", known.join("`, `")),
        };
        let message = format!("there is no capability {}", Quoted(&path));
        self.report(Diagnostic::new(group.span.to(item.span), message).with_help(help));
    }

    #[cold]
    #[inline(never)]
    pub(super) fn unknown_label(&mut self, name: Name) {
        if self.diagnostics.is_full() {
            return;
        }
        let text = self.names.text(name.symbol);
        let diagnostic = Diagnostic::new(
            name.span,
            format!("there is no label {} around this", Quoted(name.span.text(self.source))),
        );
        let mut all = self.labels.iter().filter_map(|label| label.name).map(|symbol| self.names.text(symbol));
        let loops = self.labels.iter().any(|label| label.form != Form::Block);
        self.report(match nearest(text, &mut all) {
            Some(near) => diagnostic.with_help(format!("did you mean `'{near}`?")),
            None if loops => diagnostic.with_help("a label is written before a loop or block: `'outer: loop { ... }`"),
            None => diagnostic.with_help("a label is written before the block that is left: `'out: { ... }`"),
        });
    }

    #[cold]
    #[inline(never)]
    pub(super) fn unknown_built_in(&mut self, path: Path, span: Span) {
        if self.diagnostics.is_full() {
            return;
        }
        let (group, item) = (self.names.text(path.group.symbol), self.names.text(path.item.symbol));
        let whole = format!("{group}::{item}");
        let diagnostic = Diagnostic::new(span, format!("there is no built-in {}", Quoted(&whole)));
        let help = match group {
            GROUP if shim_named(item).is_some() => {
                format!("write `use {GROUP}::{item};` at the top of the program and call `{item}(...)`")
            }
            "u32" | "u64" => format!("built-ins have the names of the core: `i{}::{item}`", &group[1..]),
            _ if !GROUPS.contains(&group) => format!("the groups of built-ins are: `{}`", GROUPS.join("`, `")),
            _ if matches!(item, "inf" | "nan") => format!("it is no function: write `{whole}`"),
            _ => match nearest(item, &mut names_in(group)) {
                Some(near) => format!("did you mean `{group}::{near}`?"),
                None => String::from("they are the operators of WebAssembly by their names: see `docs/nda.md`"),
            },
        };
        self.report(diagnostic.with_help(help));
    }

    #[cold]
    pub(super) fn unknown_constant(&mut self, path: PathId, span: Span) {
        let path = self.file.paths[path];
        if self.find_built_in(path).is_none() {
            return self.unknown_built_in(path, span);
        }
        let whole = format!("{}::{}", self.names.text(path.group.symbol), self.names.text(path.item.symbol));
        let diagnostic = Diagnostic::new(span, format!("{} takes arguments", Quoted(&whole)))
            .with_help(format!("write them behind it: `{whole}(...)`"));
        self.report(diagnostic);
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
    pub(super) fn too_many_variables(&mut self, span: Span) {
        let message = format!("a function may have {MAX_LOCALS} parameters and variables at most");
        let diagnostic = Diagnostic::new(span, message).with_help("move a part into a function of its own");
        self.report(diagnostic);
    }

    #[cold]
    pub(super) fn wrong_count(&mut self, name: Name, want: usize, found: usize, declared: Option<Span>) {
        let text = Quoted(name.span.text(self.source));
        let plural = if want == 1 { "" } else { "s" };
        let diagnostic = Diagnostic::new(name.span, format!("{text} takes {want} argument{plural}, found {found}"));
        self.report(match declared {
            Some(span) => diagnostic.with_related(span, "declared here"),
            None => diagnostic,
        });
    }

    #[cold]
    #[inline(never)]
    pub(super) fn no_table(&mut self, name: Name) {
        if self.diagnostics.is_full() {
            return;
        }
        let text = self.names.text(name.symbol);
        let diagnostic = Diagnostic::new(name.span, format!("there is no table {}", Quoted(text)));
        let is_table = |entity| matches!(entity, Entity::Table(_));
        self.report(match self.nearest_item(text, is_table, &mut core::iter::empty()) {
            Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
            None => diagnostic.with_help("tables are declared at the top: `table t = [f, g];`"),
        });
    }

    /// What stands in the place of an item's name and is none of the right kind.
    #[cold]
    pub(super) fn no_item<T>(&mut self, span: Span, wanted: &'static str) -> Option<T> {
        let message = format!("expected {wanted}, found {}", Quoted(span.text(self.source)));
        self.report(Diagnostic::new(span, message).with_label(format!("expected {wanted}")));
        None
    }

    #[cold]
    #[inline(never)]
    pub(super) fn not_exported(&mut self, name: Name) {
        if self.diagnostics.is_full() {
            return;
        }
        let text = self.names.text(name.symbol);
        let known = self.known.get(name.symbol).is_some();
        if !known && self.file.incomplete {
            return;
        }
        let message = match known {
            true => format!("{} cannot be exported", Quoted(text)),
            false => format!("there is nothing called {} to export", Quoted(text)),
        };
        let diagnostic = Diagnostic::new(name.span, message);
        let is_exported = |entity| matches!(entity, Entity::Function(_) | Entity::Global(_) | Entity::Table(_));
        self.report(match self.nearest_item(text, is_exported, &mut core::iter::empty()) {
            Some(near) if !known => diagnostic.with_help(format!("did you mean `{near}`?")),
            _ => diagnostic.with_help("functions, globals, tables and `memory` can be exported"),
        });
    }
}
