//! Names: the name section, and exports for what it does not name.
//!
//! A damaged name section is no error (specification, appendix "Custom Sections"): what was read before the damage stays.

use alloc::vec::Vec;
use velocity_nda::module::{
    DataId, ElementId, ExportItem, FuncId, FunctionKind, GlobalId, Key, Meta, Module, Table, TableId, TextId,
};
use wasmparser::{CustomSectionReader, IndirectNameMap, KnownCustom, Name, NameMap};

/// Reads a custom section if it is the name section.
pub(crate) fn read(module: &mut Module, section: &CustomSectionReader<'_>, budget: &mut usize) {
    let KnownCustom::Name(subsections) = section.as_known() else { return };
    for name in subsections {
        let Ok(name) = name else { return };
        let read = match name {
            Name::Function(map) => read_map(module, map, |module, index| meta(&mut module.functions, FuncId(index))),
            Name::Global(map) => read_map(module, map, |module, index| meta(&mut module.globals, GlobalId(index))),
            Name::Table(map) => read_map(module, map, |module, index| meta(&mut module.tables, TableId(index))),
            Name::Data(map) => read_map(module, map, |module, index| meta(&mut module.data, DataId(index))),
            Name::Element(map) => read_map(module, map, |module, index| meta(&mut module.elements, ElementId(index))),
            Name::Memory(map) => {
                read_map(module, map, |module, _| module.memory.as_mut().map(|memory| &mut memory.meta))
            }
            Name::Local(map) => read_locals(module, map, budget),
            _ => Some(()),
        };
        if read.is_none() {
            return;
        }
    }
}

/// What has the name of a definition.
trait Named {
    fn meta(&mut self) -> &mut Meta;
}

macro_rules! named {
    ($($ty:ident)+) => {$(
        impl Named for velocity_nda::module::$ty {
            fn meta(&mut self) -> &mut Meta {
                &mut self.meta
            }
        }
    )+};
}
named! { Function Global FuncTable Data Element }

fn meta<K: Key, T: Named>(table: &mut Table<K, T>, key: K) -> Option<&mut Meta> {
    (key.index() < table.len()).then(|| table[key].meta())
}

/// Names definitions; `None` when the map is damaged.
fn read_map(module: &mut Module, map: NameMap<'_>, find: impl Fn(&mut Module, u32) -> Option<&mut Meta>) -> Option<()> {
    for naming in map {
        let naming = naming.ok()?;
        if find(module, naming.index).is_some() {
            let text = module.add_text(naming.name);
            if let Some(meta) = find(module, naming.index) {
                meta.name = Some(text);
            }
        }
    }
    Some(())
}

/// Names the locals of functions; `None` when the map is damaged or there are too many.
fn read_locals(module: &mut Module, map: IndirectNameMap<'_>, budget: &mut usize) -> Option<()> {
    let mut unnamed = None;
    for function in map {
        let function = function.ok()?;
        let Some(mut defined) = module.functions.get(FuncId(function.index)).copied() else { continue };
        let FunctionKind::Defined(body) = &mut defined.kind else { continue };
        let count = module.parameters(defined.signature).len() + module.pool.len(body.variables);
        *budget = budget.checked_sub(count)?;
        let unnamed = *unnamed.get_or_insert_with(|| module.add_text(""));
        let names = name_locals(module, function.names, alloc::vec![unnamed; count])?;
        body.names = module.pool.push(&names);
        module.functions[FuncId(function.index)] = defined;
    }
    Some(())
}

fn name_locals(module: &mut Module, map: NameMap<'_>, mut names: Vec<TextId>) -> Option<Vec<TextId>> {
    for naming in map {
        let naming = naming.ok()?;
        if let Some(name) = names.get_mut(naming.index as usize) {
            *name = module.add_text(naming.name);
        }
    }
    Some(names)
}

/// Gives functions and globals without a name the first name under which they are exported.
pub(crate) fn from_exports(module: &mut Module) {
    for export in &module.exports {
        let meta = match export.item {
            ExportItem::Function(id) => meta(&mut module.functions, id),
            ExportItem::Global(id) => meta(&mut module.globals, id),
            ExportItem::Table(id) => meta(&mut module.tables, id),
            ExportItem::Memory => module.memory.as_mut().map(|memory| &mut memory.meta),
        };
        if let Some(meta) = meta.filter(|meta| meta.name.is_none()) {
            meta.name = Some(export.name);
        }
    }
}
