//! Functions: parameters, body, and what is known only at the end of the body.

use super::ty::Ty;
use super::{Checker, ExprId, Local};
use crate::module::{Body, FuncId, FunctionKind, Key, List, TextId, Type};
use crate::text::ast::{self, BlockId, ItemKind, SignatureId};

impl Checker<'_> {
    /// Checks all functions that are defined here, in the order of the file.
    pub(super) fn functions(&mut self) {
        let file = self.file;
        for (index, item) in file.items.iter().enumerate() {
            if self.diagnostics.is_full() {
                return;
            }
            if let ItemKind::Function { signature: Some(signature), body: Some(body), .. } = item.kind {
                self.function(FuncId(self.keys[index]), signature, body);
            }
        }
    }

    fn function(&mut self, id: FuncId, signature: SignatureId, block: BlockId) {
        self.locals.clear();
        self.types.clear();
        self.labels.clear();
        self.targets.clear();
        self.jumps.clear();
        self.jump_targets.clear();
        self.inside = 0;
        self.open_target(false);
        self.base = self.mark();
        self.result = self.heads[id.index()].result;
        let parameters = self.declare_parameters(signature);
        let root = self.body(signature, block);
        self.leave_scope(0);
        self.count_depths();
        self.keep_yields();
        self.module.close(self.base);
        let variables = self.variable_types(parameters);
        let names = self.local_names();
        let body = Body { variables, names, first: self.base, root };
        self.module.functions[id].kind = FunctionKind::Defined(body);
    }

    /// Makes a local of each parameter; gives how many there are.
    fn declare_parameters(&mut self, signature: SignatureId) -> usize {
        let file = self.file;
        let parameters = file.parameters.get(file.signatures[signature].parameters);
        for parameter in parameters {
            let Some(name) = parameter.name else { continue };
            // Nothing is in scope before the first parameter.
            if self.variables.get(name.symbol).is_some() {
                let is_twin = |other: &&ast::Name| other.symbol == name.symbol;
                let twin = parameters.iter().filter_map(|other| other.name.as_ref()).find(is_twin);
                self.duplicate(name, twin.map(|twin| twin.span));
            }
            self.declare_variable(name, Ty::of(parameter.ty));
        }
        parameters.len()
    }

    fn body(&mut self, signature: SignatureId, block: BlockId) -> ExprId {
        let result_span = self.file.signatures[signature].result_span;
        let value = self.block(block);
        match (value.ty, self.result) {
            (Ty::Unit, Ty::Unit | Ty::Error) => {}
            (Ty::Unit, _) => self.no_result(value.blame, result_span),
            (found, Ty::Unit) if found.is_value() => self.unwanted_result(value, result_span),
            (_, result) => self.coerce(value, result),
        }
        value.id
    }

    /// Keeps what each node of the function yields.
    fn keep_yields(&mut self) {
        for index in 0..self.types.len() {
            let yields = self.yield_of(self.types[index]);
            self.module.yields.push(yields);
        }
    }

    fn variable_types(&mut self, parameters: usize) -> List<Type> {
        let types = self.locals.get(parameters..).unwrap_or(&[]).iter().map(|local| local.ty.core());
        self.core_types.clear();
        self.core_types.extend(types);
        self.module.pool.push(&self.core_types)
    }

    fn local_names(&mut self) -> List<TextId> {
        self.local_texts.clear();
        for index in 0..self.locals.len() {
            let text = match self.locals[index] {
                Local { name: Some(symbol), .. } => self.name_text(symbol),
                Local { name: None, .. } => match self.no_text {
                    Some(text) => text,
                    None => {
                        let text = self.module.add_text("");
                        self.no_text = Some(text);
                        text
                    }
                },
            };
            self.local_texts.push(text);
        }
        self.module.pool.push(&self.local_texts)
    }
}
