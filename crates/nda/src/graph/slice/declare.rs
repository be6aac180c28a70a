//! How one definition stands in a slice: word for word, or as a declaration by hash.

use super::{SliceError, Slicer};
use crate::graph::fact::{Def, Predicate};
use crate::identity::Definition;
use crate::module::{Constant, FunctionKind, GlobalKind, Placement};
use crate::sys;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Word for word, or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    Declared,
}

impl Slicer<'_> {
    /// The text of an item in this form, with the line feed at its end.
    pub(super) fn write(&self, item: Definition, form: Form) -> Result<String, SliceError> {
        if let Some(line) = self.shim(item) {
            return Ok(line);
        }
        match self.text(item) {
            "" if self.is_implied(item) => Ok(String::new()),
            "" => Err(SliceError::NoText(item.name(self.module).unwrap_or("without a name").into())),
            text if form == Form::Whole || self.is_short(item) => Ok(format!("{text}\n")),
            text => Ok(self.import(item, text)),
        }
    }

    /// `use sys::print;` for a function that such a line brings in.
    pub(super) fn shim(&self, item: Definition) -> Option<String> {
        let Definition::Function(id) = item else { return None };
        let FunctionKind::Host(host) = self.module.functions[id].kind else { return None };
        let line = self.text(item).is_empty() || without_comments(self.text(item)).starts_with("use");
        let known = line && self.module.text(host.module) == sys::GROUP;
        let (shim, _) = sys::behind(self.module.text(host.item)).filter(|_| known)?;
        Some(format!("use {}::{};\n", sys::GROUP, shim.name))
    }

    /// Whether an item without text of its own belongs to one that has: the segment of `table t = [f, g];`.
    fn is_implied(&self, item: Definition) -> bool {
        matches!(item, Definition::Memory | Definition::Element(_))
    }

    /// Whether the item itself is a declaration, or shorter than one.
    fn is_short(&self, item: Definition) -> bool {
        match item {
            Definition::Function(id) => !matches!(self.module.functions[id].kind, FunctionKind::Defined(_)),
            Definition::Global(id) => match self.module.globals[id].kind {
                GlobalKind::Defined(Constant::Value(_)) => !self.module.globals[id].mutable,
                GlobalKind::Defined(_) => false,
                _ => true,
            },
            Definition::Data(id) => !matches!(self.module.data[id].placement, Placement::Anywhere(_)),
            Definition::Table(_) | Definition::Element(_) | Definition::Memory => true,
        }
    }

    /// `import "hash" fn name(a: i32) -> i64;` below the first line of the documentation.
    fn import(&self, item: Definition, text: &str) -> String {
        let doc = item.meta(self.module).and_then(|meta| meta.doc).map_or("", |doc| self.module.text(doc));
        let doc = doc.lines().map(str::trim).find(|line| !line.is_empty());
        let doc = doc.map_or_else(String::new, |line| format!("/// {line}\n"));
        let number = self.identity.encoded.numbering.number(item);
        let hash =
            number.and_then(|number| self.graph.hash(Def(number))).map_or_else(String::new, |hash| format!("{hash}"));
        format!("{doc}import \"{hash}\" {};\n", head(text))
    }

    /// The slice of a global or static that has equals: its text in a comment, and its declaration.
    pub(super) fn one_of_several(&self, def: Def) -> Option<String> {
        let item = self.definition(def);
        let equals = self.groups.iter().filter(|&&group| group != 0 && group == self.groups[def.index()]).count();
        let importable = match item {
            Definition::Global(_) => true,
            Definition::Data(id) => matches!(self.module.data[id].placement, Placement::Anywhere(_)),
            _ => false,
        };
        let text = self.text(item);
        if equals < 2 || !importable || text.is_empty() {
            return None;
        }
        let mut out = format!("// One of {equals} of equal content, which only their use tells apart:\n");
        without_comments(text).lines().for_each(|line| out += &format!("// {line}\n"));
        Some(out + &self.import(item, text))
    }

    /// The exports of these definitions, and the start function if it is one of them.
    pub(super) fn exports(&self, whole: &BTreeSet<Def>) -> String {
        let mut out = String::new();
        for &def in whole {
            let Some(name) = self.definition(def).name(self.module) else { continue };
            for export in self.graph.facts().objects(def, Predicate::Exports) {
                out += &format!("export \"{}\" = {name};\n", escaped(self.graph.text(export)));
            }
            if self.module.start.map(Definition::Function) == Some(self.definition(def)) {
                out += &format!("start {name};\n");
            }
        }
        out
    }

    /// The item as it was written.
    pub(super) fn text(&self, item: Definition) -> &str {
        item.meta(self.module).map_or("", |meta| meta.span.text(self.source)).trim_end()
    }
}

/// A text as it stands between quotes.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|letter| match letter {
            '"' | '\\' => Vec::from(['\\', letter]),
            letter if letter.is_control() => format!("\\u{{{:x}}}", letter as u32).chars().collect(),
            letter => Vec::from([letter]),
        })
        .collect()
}

/// What follows the comments at the beginning of a text.
fn without_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with("//") {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    rest
}

/// What an item declares, on one line and without comments: all before its body, value or semicolon.
fn head(text: &str) -> String {
    let mut out = String::new();
    let mut rest = without_comments(text);
    loop {
        let end = rest.find(['{', '=', '/', '\n']).unwrap_or(rest.len());
        let (before, after) = rest.split_at(end);
        out.push_str(before);
        match after.as_bytes() {
            [b'\n', ..] => rest = &after[1..],
            [b'/', b'/', ..] => rest = without_comments(after),
            _ => break,
        }
        out.push(' ');
    }
    let words: Vec<&str> = out.split_ascii_whitespace().collect();
    let line = words.join(" ").replace("( ", "(").replace(", )", ")").replace(" )", ")");
    line.trim_end_matches([';', ' ']).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_one_line() {
        let of = |text| head(text);
        assert_eq!(of("/// Doc {.\nfn f(a: i32) -> i64 { a }"), "fn f(a: i32) -> i64");
        assert_eq!(
            of("fn f(\n    a: i32, // the = {\n    b: *u8,\n)\n    -> (i32, i64)\n{ }"),
            "fn f(a: i32, b: *u8) -> (i32, i64)"
        );
        assert_eq!(of("static s: [u8; 4] = \"{;\";"), "static s: [u8; 4]");
        assert_eq!(of("static s: [u8; 4];"), "static s: [u8; 4]");
        assert_eq!(of("global g: i32 = 5;"), "global g: i32");
        assert_eq!(of("fn f() {}"), "fn f()");
    }

    #[test]
    fn quotes_are_escaped() {
        assert_eq!(escaped("a\"\\\n"), "a\\\"\\\\\\u{a}");
    }
}
