//! The name section (specification, appendix "Custom Sections"): what definitions and locals are called.

use super::spaces::{Space, Spaces};
use super::{ExportError, Room};
use velocity_nda::module::{Body, FuncId, FunctionKind, GlobalId, Meta, Module, TableId};
use wasm_encoder::{IndirectNameMap, NameMap, NameSection};

/// More than the numbers beside a name take.
const ENTRY_BYTES: usize = 12;

/// The name section, if anything has a name.
pub(super) fn section(module: &Module, spaces: &Spaces, room: &mut Room) -> Result<Option<NameSection>, ExportError> {
    let mut names = Names { module, room, section: NameSection::new(), any: false };
    names.write(spaces)?;
    Ok(names.any.then_some(names.section))
}

struct Names<'e> {
    module: &'e Module,
    room: &'e mut Room,
    section: NameSection,
    /// Whether any name was written.
    any: bool,
}

impl Names<'_> {
    /// All subsections, in the order of their numbers.
    fn write(&mut self, spaces: &Spaces) -> Result<(), ExportError> {
        let module = self.module;
        let all = |space: &Space| space.keys().to_vec();
        let (functions, globals, tables) = (all(&spaces.functions), all(&spaces.globals), all(&spaces.tables));
        let map = self.map(functions.iter().map(|&key| &module.functions[FuncId(key)].meta))?;
        self.put(&map, NameSection::functions);
        self.locals(&functions)?;
        let map = self.map(tables.iter().map(|&key| &module.tables[TableId(key)].meta))?;
        self.put(&map, NameSection::tables);
        let map = self.map(module.memory.iter().map(|memory| &memory.meta))?;
        self.put(&map, NameSection::memories);
        let map = self.map(globals.iter().map(|&key| &module.globals[GlobalId(key)].meta))?;
        self.put(&map, NameSection::globals);
        let map = self.map(module.elements.as_slice().iter().map(|element| &element.meta))?;
        self.put(&map, NameSection::elements);
        let map = self.map(module.data.as_slice().iter().map(|data| &data.meta))?;
        self.put(&map, NameSection::data);
        Ok(())
    }

    fn put(&mut self, map: &NameMap, subsection: fn(&mut NameSection, &NameMap)) {
        if !map.is_empty() {
            subsection(&mut self.section, map);
            self.any = true;
        }
    }

    /// The names of definitions, in the order of their indices.
    fn map<'m>(&mut self, metas: impl Iterator<Item = &'m Meta>) -> Result<NameMap, ExportError> {
        let mut map = NameMap::new();
        for (index, meta) in (0..).zip(metas) {
            if let Some(name) = self.module.name(meta) {
                self.append(&mut map, index, name)?;
            }
        }
        Ok(map)
    }

    fn append(&mut self, map: &mut NameMap, index: u32, name: &str) -> Result<(), ExportError> {
        self.room.take(ENTRY_BYTES + name.len())?;
        map.append(index, name);
        Ok(())
    }

    fn locals(&mut self, functions: &[u32]) -> Result<(), ExportError> {
        let (mut all, mut any) = (IndirectNameMap::new(), false);
        for (index, &key) in (0..).zip(functions) {
            let FunctionKind::Defined(body) = self.module.functions[FuncId(key)].kind else { continue };
            let map = self.locals_of(&body)?;
            if !map.is_empty() {
                self.room.take(ENTRY_BYTES)?;
                all.append(index, &map);
                any = true;
            }
        }
        if any {
            self.section.locals(&all);
            self.any = true;
        }
        Ok(())
    }

    /// The names of a function's locals; a text that is empty is none.
    fn locals_of(&mut self, body: &Body) -> Result<NameMap, ExportError> {
        let mut map = NameMap::new();
        for (index, id) in (0..).zip(self.module.pool.get(body.names)) {
            let name = self.module.text(id);
            if !name.is_empty() {
                self.append(&mut map, index, name)?;
            }
        }
        Ok(map)
    }
}
