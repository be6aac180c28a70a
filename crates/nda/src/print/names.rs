//! What the items of a module are called in its text: the names they have, where those are names of the language and
//! no two items share one, and made-up ones for the rest.

use crate::module::{
    Cell, DataId, DataShape, ElementId, Expr, FuncId, FunctionKind, GlobalId, Key, Meta, Module, TableId, Type, Yield,
};
use crate::sys::{self, Overload, Shim, ShimType};
use crate::text::lexer::Kind;
use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;

/// Words that are names in the grammar, but mean something in some places: no item is called so.
const RESERVED: [&str; 22] = [
    "at",
    "data",
    "element",
    "export",
    "f32",
    "f64",
    "global",
    "i16",
    "i32",
    "i64",
    "i8",
    "memory",
    "null",
    "select",
    "start",
    "table",
    "to",
    "u16",
    "u32",
    "u64",
    "u8",
    "unreachable",
];

/// The kinds of items, for made-up names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    Function,
    Global,
    Table,
    Data,
    Element,
}

impl Space {
    const fn letter(self) -> char {
        match self {
            Self::Function => 'f',
            Self::Global => 'g',
            Self::Table => 't',
            Self::Data => 'd',
            Self::Element => 'e',
        }
    }
}

/// A host function that the language knows as a shim.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    pub(super) shim: &'static Shim,
    pub(super) overload: &'static Overload,
}

/// Names of all items.
#[derive(Debug, Default)]
pub(super) struct ItemNames<'m> {
    names: [Vec<Cow<'m, str>>; 5],
    /// Every name of an item, and whether it is a function's.
    taken: BTreeMap<Cow<'m, str>, bool>,
    /// Shims, by function.
    used: Vec<Option<Used>>,
    /// Data and elements that code copies or drops.
    copied: BTreeSet<DataId>,
    filled: BTreeSet<ElementId>,
    /// Statics whose name is a `*u8`.
    bytes: BTreeSet<DataId>,
}

/// Whether a text is a name in the language, and no longer than names should be.
pub(super) fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let letters = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let begins = bytes.first().is_some_and(|byte| !byte.is_ascii_digit());
    begins && letters && bytes.len() <= 128 && matches!(Kind::of_word(bytes), Kind::Name)
}

impl<'m> ItemNames<'m> {
    pub(super) fn new(module: &'m Module) -> Self {
        let mut names = Self { used: used(module), ..Self::default() };
        names.mentions(module);
        for shim in names.used.iter().flatten() {
            names.taken.insert(Cow::Borrowed(shim.shim.name), true);
        }
        let metas: [Vec<&'m Meta>; 5] = [
            module.functions.as_slice().iter().map(|item| &item.meta).collect(),
            module.globals.as_slice().iter().map(|item| &item.meta).collect(),
            module.tables.as_slice().iter().map(|item| &item.meta).collect(),
            module.data.as_slice().iter().map(|item| &item.meta).collect(),
            module.elements.as_slice().iter().map(|item| &item.meta).collect(),
        ];
        let spaces = [Space::Function, Space::Global, Space::Table, Space::Data, Space::Element];
        for (space, metas) in spaces.into_iter().zip(&metas) {
            names.given(module, space, metas);
        }
        for space in spaces {
            names.made_up(space);
        }
        names
    }

    fn mentions(&mut self, module: &Module) {
        for expr in module.exprs.as_slice() {
            match *expr {
                Expr::MemoryInit(id, _) | Expr::DataDrop(id) => drop(self.copied.insert(id)),
                Expr::TableInit(_, id, _) | Expr::ElementDrop(id) => drop(self.filled.insert(id)),
                _ => {}
            }
        }
        let bytes = module.data.iter().filter(|(_, data)| {
            matches!(data.shape, DataShape::Text | DataShape::One(Cell::U8) | DataShape::Array(Cell::U8, _))
        });
        self.bytes.extend(bytes.map(|(id, _)| id));
    }

    /// Whether placed data is named by code, so that the text names it, too.
    pub(super) fn is_named_data(&self, id: DataId) -> bool {
        self.copied.contains(&id)
    }

    /// Whether a placed element segment is named by code, so that the text names it, too.
    pub(super) fn is_named_element(&self, id: ElementId) -> bool {
        self.filled.contains(&id)
    }

    /// Whether the name of a static is a `*u8`.
    pub(super) fn is_bytes(&self, id: DataId) -> bool {
        self.bytes.contains(&id)
    }

    /// Keeps the names that the text can have, and leaves an empty one where there is none: [`Self::made_up`] fills it.
    fn given(&mut self, module: &'m Module, space: Space, metas: &[&'m Meta]) {
        for (index, meta) in metas.iter().enumerate() {
            let shim = space == Space::Function && self.used.get(index).is_some_and(Option::is_some);
            let text = module.name(meta).filter(|text| is_name(text) && !RESERVED.contains(text) && !shim);
            let text = text.filter(|text| !self.taken.contains_key(*text)).unwrap_or("");
            if !text.is_empty() {
                self.taken.insert(Cow::Borrowed(text), space == Space::Function);
            }
            self.names[space as usize].push(Cow::Borrowed(text));
        }
    }

    fn made_up(&mut self, space: Space) {
        for index in 0..self.names[space as usize].len() {
            if !self.names[space as usize][index].is_empty() {
                continue;
            }
            let mut name = format!("{}{index}", space.letter());
            while self.taken.contains_key(name.as_str()) || RESERVED.contains(&name.as_str()) {
                name.push('_');
            }
            self.taken.insert(Cow::Owned(name.clone()), space == Space::Function);
            self.names[space as usize][index] = Cow::Owned(name);
        }
    }

    fn get(&self, space: Space, index: usize) -> &str {
        self.names[space as usize].get(index).map_or("", |name| name)
    }

    pub(super) fn function(&self, id: FuncId) -> &str {
        self.used(id).map_or_else(|| self.get(Space::Function, id.index()), |used| used.shim.name)
    }

    pub(super) fn global(&self, id: GlobalId) -> &str {
        self.get(Space::Global, id.index())
    }

    pub(super) fn table(&self, id: TableId) -> &str {
        self.get(Space::Table, id.index())
    }

    pub(super) fn data(&self, id: DataId) -> &str {
        self.get(Space::Data, id.index())
    }

    pub(super) fn element(&self, id: ElementId) -> &str {
        self.get(Space::Element, id.index())
    }

    /// The shim that a host function is.
    pub(super) fn used(&self, id: FuncId) -> Option<Used> {
        self.used.get(id.index()).copied().flatten()
    }

    /// All shims.
    pub(super) fn shims(&self) -> impl Iterator<Item = &'static Shim> + '_ {
        self.used.iter().flatten().map(|used| used.shim)
    }

    /// Whether a variable of this name would hide an item that bodies name.
    pub(super) fn hides(&self, name: &str) -> bool {
        self.taken.get(name) == Some(&false)
    }
}

/// Host functions that `use` can declare: those that bodies call and nothing else names.
fn used(module: &Module) -> Vec<Option<Used>> {
    let mut used: Vec<Option<Used>> =
        module.functions.as_slice().iter().map(|function| shim(module, function)).collect();
    if used.iter().all(Option::is_none) {
        return used;
    }
    let mut called = alloc::vec![false; used.len()];
    for expr in module.exprs.as_slice() {
        if let Expr::Call(id, list) = *expr
            && let Some(called) = called.get_mut(id.index())
        {
            *called = true;
            // What never comes back chooses the first overload.
            let never = module.pool.get(list).any(|node| module.yields[node] == Yield::NEVER);
            if never && used[id.index()].is_some_and(|used| used.shim.overloads[0].item != used.overload.item) {
                used[id.index()] = None;
            }
        }
    }
    let exported = module.exports.iter().filter_map(|export| match export.item {
        crate::module::ExportItem::Function(id) => Some(id.index()),
        _ => None,
    });
    let elements = module.elements.as_slice().iter().flat_map(|element| module.pool.get(element.items));
    let elements = elements.filter_map(|item| (item as usize).checked_sub(1));
    for index in exported.chain(elements).chain(module.start.map(Key::index)) {
        called[index] = false;
    }
    let mut before: Vec<&str> = Vec::new();
    for (index, slot) in used.iter_mut().enumerate() {
        let twice = slot.is_some_and(|used| before.contains(&used.overload.item));
        if twice || !called[index] {
            *slot = None;
        }
        before.extend(slot.map(|used| used.overload.item));
    }
    used
}

/// The shim that a function is, if its signature is that of the registry.
fn shim(module: &Module, function: &crate::module::Function) -> Option<Used> {
    let FunctionKind::Host(host) = function.kind else { return None };
    let (shim, overload) = sys::behind(module.text(host.item)).filter(|_| module.text(host.module) == sys::GROUP)?;
    let core = |types: &[ShimType]| types.iter().map(|ty| ty.core()).collect::<Vec<Type>>();
    let parameters: Vec<Type> = module.parameters(function.signature).collect();
    let results: Vec<Type> = module.results(function.signature).collect();
    let result: Vec<Type> = overload.result.iter().map(|ty| ty.core()).collect();
    (parameters == core(overload.parameters) && results == result).then_some(Used { shim, overload })
}
