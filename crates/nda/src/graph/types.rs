//! Types of definitions, written out.

use crate::identity::Definition;
use crate::module::{Cell, DataShape, Key, Limits, List, Module, SigId, Type};
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
        Definition::Table(id) => format!("table {}", sizes(module.tables[id].limits)),
        Definition::Memory => {
            format!("memory {}", module.memory.map_or_else(String::new, |memory| sizes(memory.limits)))
        }
        Definition::Data(id) => shape(module.data[id].shape, module.data[id].len),
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

/// `4`, or `4 to 10`.
pub(super) fn sizes(limits: Limits) -> String {
    match limits.max {
        Some(max) => format!("{} to {max}", limits.min),
        None => limits.min.to_string(),
    }
}

fn shape(shape: DataShape, bytes: u32) -> String {
    match shape {
        DataShape::Text => format!("[u8; {bytes}]"),
        DataShape::One(cell) => cell_name(cell).into(),
        DataShape::Array(cell, count) => format!("[{}; {count}]", cell_name(cell)),
    }
}

const fn cell_name(cell: Cell) -> &'static str {
    match cell {
        Cell::I8 => "i8",
        Cell::I16 => "i16",
        Cell::I32 => "i32",
        Cell::I64 => "i64",
        Cell::U8 => "u8",
        Cell::U16 => "u16",
        Cell::U32 => "u32",
        Cell::U64 => "u64",
        Cell::F32 => "f32",
        Cell::F64 => "f64",
    }
}
