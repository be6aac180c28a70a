//! What stands at the top of a file, in the order of the keys of each kind.

use super::shape::Items;
use super::{Printer, Written, literal};
use crate::module::{
    Body, ExportItem, FuncId, Function, FunctionKind, Global, GlobalId, GlobalKind, HostItem, LocalId, Meta, SigId,
    Type,
};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Display;

impl<'m> Printer<'m> {
    /// The whole file.
    pub(super) fn items(&mut self) -> Written {
        let module = self.module;
        self.uses()?;
        self.memory()?;
        for (id, global) in module.globals.iter() {
            self.global(id, global)?;
        }
        for (id, data) in module.data.iter() {
            self.data(id, data)?;
        }
        for (id, table) in module.tables.iter() {
            self.table(id, table)?;
        }
        for (id, function) in module.functions.iter() {
            self.function(id, function)?;
        }
        for (id, element) in module.elements.iter() {
            self.element(id, element)?;
        }
        self.exports()
    }

    /// Begins an item: a line for itself, its doc comment.
    pub(super) fn begin(&mut self, meta: &Meta, apart: bool) -> Written {
        let docs = meta.doc.map(|id| self.module.text(id));
        if !self.out.is_empty() {
            self.out.push(if apart || docs.is_some() { "\n\n" } else { "\n" })?;
        }
        for line in docs.iter().flat_map(|docs| docs.split('\n')) {
            let line = line.trim_end();
            self.out.all(&["///", if line.is_empty() { "" } else { " " }, line, "\n"])?;
        }
        Ok(())
    }

    fn uses(&mut self) -> Written {
        let shims: BTreeSet<&str> = self.names.shims().map(|shim| shim.name).collect();
        for name in shims {
            self.begin(&Meta::default(), false)?;
            self.out.all(&["use ", crate::sys::GROUP, "::", name, ";"])?;
        }
        Ok(())
    }

    fn memory(&mut self) -> Written {
        let Some(memory) = &self.module.memory else { return Ok(()) };
        self.begin(&memory.meta, false)?;
        self.host(memory.host)?;
        self.out.push(&format!("memory {};", memory.limits))
    }

    /// `extern "module" "item" `, for what the host provides
    pub(super) fn host(&mut self, host: Option<HostItem>) -> Written {
        let Some(host) = host else { return Ok(()) };
        let (module, item) = (literal::text(self.module.text(host.module)), literal::text(self.module.text(host.item)));
        self.out.all(&["extern ", &module, " ", &item, " "])
    }

    /// `import "hash" `
    pub(super) fn import(&mut self, hash: &impl Display) -> Written {
        self.out.push(&format!("import \"{hash}\" "))
    }

    fn global(&mut self, id: GlobalId, global: &Global) -> Written {
        self.begin(&global.meta, false)?;
        match global.kind {
            GlobalKind::Host(host) => self.host(Some(host))?,
            GlobalKind::Import(hash) => self.import(&hash)?,
            GlobalKind::Defined(_) => {}
        }
        let word = if global.mutable { "global " } else { "const " };
        self.out.all(&[word, self.names.global(id), ": ", &format!("{}", global.ty)])?;
        if let GlobalKind::Defined(constant) = global.kind {
            self.out.push(" = ")?;
            self.constant(constant)?;
        }
        self.out.push(";")
    }

    fn function(&mut self, id: FuncId, function: &Function) -> Written {
        if self.names.used(id).is_some() {
            return Ok(());
        }
        let defined = matches!(function.kind, FunctionKind::Defined(_));
        self.begin(&function.meta, defined)?;
        match function.kind {
            FunctionKind::Defined(body) => self.body(id, &body),
            FunctionKind::Host(host) => {
                self.host(Some(host))?;
                self.declared(id, function.signature)
            }
            FunctionKind::Import(hash) => {
                self.import(&hash)?;
                self.declared(id, function.signature)
            }
        }
    }

    /// The head of a function that is not defined here.
    fn declared(&mut self, id: FuncId, signature: SigId) -> Written {
        self.out.all(&["fn ", self.names.function(id), "("])?;
        for (index, ty) in self.module.parameters(signature).enumerate() {
            self.out.push(&format!("{}a{index}: {ty}", if index == 0 { "" } else { ", " }))?;
        }
        self.out.push(")")?;
        self.results(signature)?;
        self.out.push(";")
    }

    /// `-> i32` or `-> (i32, i64)`
    pub(super) fn results(&mut self, signature: SigId) -> Written {
        let types: Vec<String> = self.module.results(signature).map(|ty| format!("{ty}")).collect();
        match types.as_slice() {
            [] => Ok(()),
            [one] => self.out.all(&[" -> ", one]),
            many => self.out.all(&[" -> (", &many.join(", "), ")"]),
        }
    }

    /// The type of a local of the function being written.
    pub(super) fn local_type(&self, local: LocalId) -> Type {
        let function = &self.module.functions[self.function.id];
        let parameters = self.module.signatures[function.signature].parameters;
        let count = self.module.pool.len(parameters);
        let index = local.0 as usize;
        let variable = || match function.kind {
            FunctionKind::Defined(body) => self.module.pool.item(body.variables, index.checked_sub(count)?),
            _ => None,
        };
        self.module.pool.item(parameters, index).or_else(variable).unwrap_or(Type::I32)
    }

    /// A function with its body; what is known of it is in `self.function`.
    pub(super) fn function_text(&mut self, id: FuncId, body: &Body) -> Written {
        let signature = self.module.functions[id].signature;
        self.out.all(&["fn ", self.names.function(id), "("])?;
        for (index, ty) in self.module.parameters(signature).enumerate() {
            let name = self.function.variables.name_of(LocalId(index as u32));
            self.out.all(&[if index == 0 { "" } else { ", " }, name, &format!(": {ty}")])?;
        }
        self.out.push(")")?;
        self.results(signature)?;
        self.out.push(" ")?;
        let top: Vec<LocalId> = self.function.variables.at_top().collect();
        let items: Items<'m> = self.look().items(body.root);
        let known = !self.is_never(body.root);
        self.block(items, &top, known, 0)
    }

    fn exports(&mut self) -> Written {
        let module = self.module;
        for (index, export) in module.exports.iter().enumerate() {
            self.begin(&Meta::default(), index == 0)?;
            let item = match export.item {
                ExportItem::Function(id) => self.names.function(id),
                ExportItem::Global(id) => self.names.global(id),
                ExportItem::Table(id) => self.names.table(id),
                ExportItem::Memory => "memory",
            };
            self.out.all(&["export ", &literal::text(module.text(export.name)), " = ", item, ";"])?;
        }
        match module.start {
            Some(id) => {
                self.begin(&Meta::default(), false)?;
                self.out.all(&["start ", self.names.function(id), ";"])
            }
            None => Ok(()),
        }
    }
}
