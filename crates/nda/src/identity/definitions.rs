//! All definitions of a module in one numbering, and which of them refer to which.
//!
//! Functions come first, then globals, tables, the memory, data, element segments, each in the order of its table.

use crate::module::{DataId, ElementId, FuncId, GlobalId, Key, Module, TableId};

/// A definition of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Definition {
    /// A function.
    Function(FuncId),
    /// A global.
    Global(GlobalId),
    /// A table.
    Table(TableId),
    /// The memory.
    Memory,
    /// A static, or a piece of data.
    Data(DataId),
    /// An element segment.
    Element(ElementId),
}

/// Where each kind of definition begins in the common numbering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbering {
    globals: u32,
    tables: u32,
    memory: u32,
    data: u32,
    elements: u32,
    len: u32,
}

impl Numbering {
    /// The numbering of a module.
    #[must_use]
    pub fn of(module: &Module) -> Self {
        Self::of_counts(module.counts())
    }

    /// The numbering for so many functions, globals, tables, memories, data and element segments.
    pub(crate) const fn of_counts([functions, globals, tables, memory, data, elements]: [u32; 6]) -> Self {
        let tables_at = functions.saturating_add(globals);
        let memory_at = tables_at.saturating_add(tables);
        let data_at = memory_at.saturating_add(memory);
        let elements_at = data_at.saturating_add(data);
        Self {
            globals: functions,
            tables: tables_at,
            memory: memory_at,
            data: data_at,
            elements: elements_at,
            len: elements_at.saturating_add(elements),
        }
    }

    /// How many definitions there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of a definition, if the module has it.
    #[must_use]
    #[inline]
    pub fn number(&self, definition: Definition) -> Option<u32> {
        let (start, end, index) = match definition {
            Definition::Function(id) => (0, self.globals, id.0),
            Definition::Global(id) => (self.globals, self.tables, id.0),
            Definition::Table(id) => (self.tables, self.memory, id.0),
            Definition::Memory => (self.memory, self.data, 0),
            Definition::Data(id) => (self.data, self.elements, id.0),
            Definition::Element(id) => (self.elements, self.len, id.0),
        };
        start.checked_add(index).filter(|&number| number < end)
    }

    /// The definition of a number; an element segment for a number that is none.
    #[must_use]
    pub fn definition(&self, number: u32) -> Definition {
        let at = |start: u32| (number - start) as usize;
        match number {
            _ if number < self.globals => Definition::Function(FuncId(number)),
            _ if number < self.tables => Definition::Global(GlobalId::new(at(self.globals))),
            _ if number < self.memory => Definition::Table(TableId::new(at(self.tables))),
            _ if number < self.data => Definition::Memory,
            _ if number < self.elements => Definition::Data(DataId::new(at(self.data))),
            _ => Definition::Element(ElementId::new(at(self.elements))),
        }
    }

    /// Every definition, in the order of the numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Definition> + use<> {
        let numbering = *self;
        (0..self.len).map(move |number| numbering.definition(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_definitions_belong_together() {
        let numbering = Numbering::of_counts([2, 1, 0, 1, 3, 2]);
        let all: Vec<Definition> = numbering.iter().collect();
        assert_eq!((numbering.len(), all.len()), (9, 9));
        for (number, &definition) in all.iter().enumerate() {
            assert_eq!(numbering.number(definition), Some(number as u32));
        }
        assert_eq!(all[3], Definition::Memory);
        assert_eq!(numbering.number(Definition::Table(TableId(0))), None);
        assert_eq!(numbering.number(Definition::Function(FuncId(2))), None);
    }
}
