//! What a run can reach: from `main`, the exports, the start function and the tables, through bodies.

use super::nodes;
use alloc::vec;
use alloc::vec::Vec;
use velocity_nda::module::{
    Constant, DataId, ElementMode, ExportItem, Expr, FuncId, FunctionKind, GlobalId, GlobalKind, Module, Placement,
    TableId,
};

/// Where a run can begin. A module without `main`, exports and start is a library: any of its functions.
pub(super) fn entries(module: &Module) -> Vec<FuncId> {
    let exported = module.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(id) => Some(id),
        _ => None,
    });
    let mut entries: Vec<_> = exported.chain(module.start).chain(module.function_named("main")).collect();
    if entries.is_empty() {
        let defined = module.functions.iter().filter(|(_, function)| matches!(function.kind, FunctionKind::Defined(_)));
        entries.extend(defined.map(|(id, _)| id));
    }
    entries
}

/// What is reached.
#[derive(Debug)]
pub(crate) struct Reached {
    functions: Vec<bool>,
    globals: Vec<bool>,
    data: Vec<bool>,
    tables: Vec<bool>,
    /// Functions whose bodies are still to be read.
    open: Vec<FuncId>,
}

impl Reached {
    pub(super) fn of(module: &Module) -> Self {
        let mut reached = Self {
            functions: vec![false; module.functions.len()],
            globals: vec![false; module.globals.len()],
            data: vec![false; module.data.len()],
            tables: vec![false; module.tables.len()],
            open: Vec::new(),
        };
        entries(module).into_iter().for_each(|id| reached.function(id));
        reached.items(module);
        while let Some(id) = reached.open.pop() {
            nodes(&module.functions[id]).for_each(|node| reached.node(module.exprs[node]));
        }
        reached
    }

    /// What is reached without a body.
    fn items(&mut self, module: &Module) {
        for export in &module.exports {
            match export.item {
                ExportItem::Global(id) => self.globals[id.0 as usize] = true,
                ExportItem::Table(id) => self.tables[id.0 as usize] = true,
                ExportItem::Function(_) | ExportItem::Memory => {}
            }
        }
        for (_, global) in module.globals.iter() {
            if let GlobalKind::Defined(value) = global.kind {
                self.constant(value);
            }
        }
        for (_, data) in module.data.iter() {
            if let Placement::At(at) = data.placement {
                self.constant(at);
            }
        }
        for (_, element) in module.elements.iter() {
            if let ElementMode::At(table, at) = element.mode {
                self.tables[table.0 as usize] = true;
                self.constant(at);
            }
            module
                .pool
                .get(element.items)
                .filter_map(|item| item.checked_sub(1))
                .for_each(|id| self.function(FuncId(id)));
        }
    }

    fn constant(&mut self, constant: Constant) {
        match constant {
            Constant::Global(id) => self.globals[id.0 as usize] = true,
            Constant::Address(id) => self.data[id.0 as usize] = true,
            Constant::Value(_) => {}
        }
    }

    fn function(&mut self, id: FuncId) {
        let seen = &mut self.functions[id.0 as usize];
        if !*seen {
            *seen = true;
            self.open.push(id);
        }
    }

    fn node(&mut self, expr: Expr) {
        match expr {
            Expr::Call(id, _) => self.function(id),
            Expr::GlobalGet(id) | Expr::GlobalSet(id, _) => self.globals[id.0 as usize] = true,
            Expr::Address(id) => self.data[id.0 as usize] = true,
            Expr::CallIndirect(_, id, _) | Expr::TableInit(id, ..) => self.tables[id.0 as usize] = true,
            Expr::TableCopy(to, from, _) => {
                self.tables[to.0 as usize] = true;
                self.tables[from.0 as usize] = true;
            }
            _ => {}
        }
    }

    /// Whether a function is.
    pub(crate) fn has_function(&self, id: FuncId) -> bool {
        self.functions[id.0 as usize]
    }

    /// Whether a global is.
    pub(crate) fn has_global(&self, id: GlobalId) -> bool {
        self.globals[id.0 as usize]
    }

    /// Whether a piece of data is.
    pub(crate) fn has_data(&self, id: DataId) -> bool {
        self.data[id.0 as usize]
    }

    /// Whether a table is.
    pub(crate) fn has_table(&self, id: TableId) -> bool {
        self.tables[id.0 as usize]
    }
}
