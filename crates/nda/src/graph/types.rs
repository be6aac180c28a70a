//! Types of definitions, written out.

use crate::identity::Definition;
use crate::module::{Key, List, Module, SigId, Type};
use alloc::format;
use alloc::string::{String, ToString};

/// The type of a definition as text: `fn(i32) -> i64`, `global i32`, `[u8; 4]`, `table 1 to 4`.
pub(super) fn type_of(module: &Module, item: Definition) -> String {
    match item {
        Definition::Function(id) => signature(module, module.functions[id].signature),
        Definition::Global(id) => {
            let global = &module.globals[id];
            format!("{} {}", if global.mutable { "global" } else { "const" }, global.ty)
        }
        Definition::Table(id) => format!("table {}", module.tables[id].limits),
        Definition::Memory => {
            format!("memory {}", module.memory.map_or_else(String::new, |memory| memory.limits.to_string()))
        }
        Definition::Data(id) => module.data[id].written_type(),
        Definition::Element(id) => format!("[fn; {}]", module.pool.len(module.elements[id].items)),
    }
}

fn signature(module: &Module, id: SigId) -> String {
    let Some(signature) = module.signatures.get(id) else { return format!("signature {}", id.index()) };
    let parameters = list(module, signature.parameters);
    match module.pool.len(signature.results) {
        0 => format!("fn({parameters})"),
        1 => format!("fn({parameters}) -> {}", list(module, signature.results)),
        _ => format!("fn({parameters}) -> ({})", list(module, signature.results)),
    }
}

fn list(module: &Module, types: List<Type>) -> String {
    let mut out = String::new();
    for (at, ty) in module.pool.get(types).enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        out.push_str(&ty.to_string());
    }
    out
}
