//! How one definition stands in a slice: word for word, or as a declaration by hash.

use super::{SliceError, Slicer};
use crate::graph::types::sizes;
use crate::graph::Item;
use crate::module::{Constant, FunctionKind, GlobalKind, Placement};
use crate::sys;
use alloc::format;
use alloc::string::String;

/// Word for word, or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    Declared,
}

impl Slicer<'_> {
    /// The text of an item in this form, with the line feed at its end.
    pub(super) fn write(&self, item: Item, form: Form) -> Result<String, SliceError> {
        if let Some(line) = self.shim(item) {
            return Ok(line);
        }
        if item == Item::Memory && self.text(item).is_empty() {
            return Ok(String::new());
        }
        if let Item::Table(id) = item
            && form == Form::Declared
        {
            let table = &self.module.tables[id];
            return Ok(format!("table {}: {};\n", self.name(item), sizes(table.limits)));
        }
        let text = match self.text(item) {
            "" => return Err(SliceError::NoText(self.name(item).into())),
            text if form == Form::Whole || self.is_short(item) => format!("{text}\n"),
            text => self.import(item, text),
        };
        Ok(text)
    }

    /// `use sys::print;` for a function that this line brings in.
    fn shim(&self, item: Item) -> Option<String> {
        let Item::Function(id) = item else { return None };
        let FunctionKind::Host(host) = self.module.functions[id].kind else { return None };
        let written = self.text(item).is_empty() || without_docs(self.text(item)).starts_with("use");
        let known = written && self.module.text(host.module) == sys::GROUP;
        let (shim, _) = sys::behind(self.module.text(host.item)).filter(|_| known)?;
        Some(format!("use {}::{};\n", sys::GROUP, shim.name))
    }

    /// Whether the item itself is a declaration, or shorter than one.
    fn is_short(&self, item: Item) -> bool {
        match item {
            Item::Function(id) => !matches!(self.module.functions[id].kind, FunctionKind::Defined(_)),
            Item::Global(id) => match self.module.globals[id].kind {
                GlobalKind::Defined(Constant::Value(_)) => !self.module.globals[id].mutable,
                GlobalKind::Defined(_) => false,
                _ => true,
            },
            Item::Data(id) => !matches!(self.module.data[id].placement, Placement::Anywhere(_)),
            Item::Table(_) | Item::Element(_) | Item::Memory => true,
        }
    }

    /// `import "hash" fn name(a: i32) -> i64;` below the first line of the documentation.
    fn import(&self, item: Item, text: &str) -> String {
        let doc = item.meta(self.module).and_then(|meta| meta.doc).map_or("", |doc| self.module.text(doc));
        let doc = doc.lines().map(str::trim).find(|line| !line.is_empty());
        let doc = doc.map_or_else(String::new, |line| format!("/// {line}\n"));
        let hash = self.graph.hash(self.numbering.def(item)).map_or_else(String::new, |hash| format!("{hash}"));
        format!("{doc}import \"{hash}\" {};\n", head(text))
    }

    fn name(&self, item: Item) -> &str {
        item.name(self.module).unwrap_or("without a name")
    }

    fn text(&self, item: Item) -> &str {
        item.meta(self.module).map_or("", |meta| meta.span.text(self.source)).trim_end()
    }
}

/// An item without the comments before its first word.
fn without_docs(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with("//") {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    rest
}

/// What an item declares, on one line and without comments: all before its body, value or semicolon.
fn head(text: &str) -> String {
    let mut out = String::new();
    let mut rest = without_docs(text);
    loop {
        let end = rest.find(['{', '=', ';', '/', '\n']).unwrap_or(rest.len());
        let (before, after) = rest.split_at(end);
        for word in before.split_ascii_whitespace() {
            let glued = out.is_empty() || out.ends_with('(') || word.starts_with([')', ',']);
            out.push_str(if glued || before.starts_with(word) && !starts_apart(before) { "" } else { " " });
            out.push_str(word);
        }
        match after.as_bytes() {
            [b'\n', ..] => rest = after[1..].trim_start(),
            [b'/', b'/', ..] => rest = without_docs(after),
            _ => return out,
        }
    }
}

/// Whether a piece begins with a space.
fn starts_apart(piece: &str) -> bool {
    piece.starts_with(|letter: char| letter.is_ascii_whitespace())
}
