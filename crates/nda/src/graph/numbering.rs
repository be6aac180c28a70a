//! Dense numbers for everything a module defines: functions, globals, tables, data, element segments, the memory.

use super::fact::Def;
use crate::module::{DataId, ElementId, FuncId, GlobalId, Key, Meta, Module, TableId};

/// A definition of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// A function.
    Function(FuncId),
    /// A global or constant.
    Global(GlobalId),
    /// A table.
    Table(TableId),
    /// A static or other piece of data.
    Data(DataId),
    /// An element segment.
    Element(ElementId),
    /// The memory.
    Memory,
}

/// The sort of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum DefKind {
    Function,
    Global,
    Table,
    Data,
    Element,
    Memory,
}

impl DefKind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Function, Self::Global, Self::Table, Self::Data, Self::Element, Self::Memory];

    /// The kind that is the object of a [`Predicate::Defines`](super::Predicate::Defines).
    #[must_use]
    pub fn of_code(code: u32) -> Option<Self> {
        Self::ALL.get(code as usize).copied()
    }

    /// As a person says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Global => "global",
            Self::Table => "table",
            Self::Data => "static",
            Self::Element => "element",
            Self::Memory => "memory",
        }
    }
}

impl Item {
    /// Its sort.
    #[must_use]
    pub const fn kind(self) -> DefKind {
        match self {
            Self::Function(_) => DefKind::Function,
            Self::Global(_) => DefKind::Global,
            Self::Table(_) => DefKind::Table,
            Self::Data(_) => DefKind::Data,
            Self::Element(_) => DefKind::Element,
            Self::Memory => DefKind::Memory,
        }
    }

    /// Name, documentation and place; `None` for a key of another module.
    #[must_use]
    pub fn meta(self, module: &Module) -> Option<&Meta> {
        match self {
            Self::Function(id) => module.functions.get(id).map(|function| &function.meta),
            Self::Global(id) => module.globals.get(id).map(|global| &global.meta),
            Self::Table(id) => module.tables.get(id).map(|table| &table.meta),
            Self::Data(id) => module.data.get(id).map(|data| &data.meta),
            Self::Element(id) => module.elements.get(id).map(|element| &element.meta),
            Self::Memory => module.memory.as_ref().map(|memory| &memory.meta),
        }
    }

    /// What it is called. The memory is called `memory`.
    #[must_use]
    pub fn name(self, module: &Module) -> Option<&str> {
        let name = self.meta(module).and_then(|meta| module.name(meta));
        if self == Self::Memory { name.or(Some("memory")) } else { name }
    }
}

/// The numbers of one module's definitions.
#[derive(Clone, Copy, Debug)]
pub struct Numbering {
    /// Where each kind begins, and where the last ends.
    starts: [u32; 7],
}

impl Numbering {
    /// Of a module.
    #[must_use]
    pub fn of(module: &Module) -> Self {
        let counts = [
            module.functions.len(),
            module.globals.len(),
            module.tables.len(),
            module.data.len(),
            module.elements.len(),
            usize::from(module.memory.is_some()),
        ];
        let mut starts = [0; 7];
        for (at, count) in counts.into_iter().enumerate() {
            starts[at + 1] = starts[at] + count as u32;
        }
        Self { starts }
    }

    /// How many definitions there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.starts[6] as usize
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a definition.
    #[must_use]
    pub fn def(&self, item: Item) -> Def {
        let within = match item {
            Item::Function(id) => id.index(),
            Item::Global(id) => id.index(),
            Item::Table(id) => id.index(),
            Item::Data(id) => id.index(),
            Item::Element(id) => id.index(),
            Item::Memory => 0,
        };
        Def(self.starts[item.kind() as usize] + within as u32)
    }

    /// The definition of a number.
    #[must_use]
    pub fn item(&self, def: Def) -> Option<Item> {
        let kind = *DefKind::ALL.iter().find(|&&kind| def.0 < self.starts[kind as usize + 1])?;
        let within = def.0 - self.starts[kind as usize];
        Some(match kind {
            DefKind::Function => Item::Function(FuncId(within)),
            DefKind::Global => Item::Global(GlobalId(within)),
            DefKind::Table => Item::Table(TableId(within)),
            DefKind::Data => Item::Data(DataId(within)),
            DefKind::Element => Item::Element(ElementId(within)),
            DefKind::Memory => Item::Memory,
        })
    }

    /// All definitions, in the order of their numbers.
    pub fn items(self) -> impl Iterator<Item = Item> {
        (0..self.len() as u32).filter_map(move |number| self.item(Def(number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::{Constant, Global, GlobalKind, Limits, Memory, Type};

    #[test]
    fn numbers_lead_to_items_and_back() {
        let mut module = Module::default();
        for _ in 0..3 {
            let kind = GlobalKind::Defined(Constant::Value(Type::I32.zero()));
            module.globals.push(Global { meta: Meta::default(), ty: Type::I32, mutable: false, kind });
        }
        module.memory = Some(Memory { meta: Meta::default(), limits: Limits { min: 1, max: None }, host: None });
        let numbering = Numbering::of(&module);
        assert_eq!((numbering.len(), numbering.item(Def(4))), (4, None));
        assert_eq!(numbering.item(Def(3)), Some(Item::Memory));
        for (number, item) in numbering.items().enumerate() {
            assert_eq!(numbering.def(item), Def(number as u32));
        }
    }
}
