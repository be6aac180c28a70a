//! Core trees as text, so that a test can say what it expects.

use crate::module::{Expr, ExprId, FuncId, FunctionKind, Module, Pooled, Value};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// A node and everything below it. `1` is an `i32`, `1L` an `i64`, `1.5f` an `f32`, `1.5` an `f64`; `$0` a local, `@0` a
/// global, `&0` the address of a static; `[a b]` a sequence, `<a b>` a tuple.
pub(in crate::text::check) fn show(module: &Module, id: ExprId) -> String {
    let show = |id| show(module, id);
    let all = |list| words(module.pool.get(list), show);
    let locals = |list| words(module.pool.get(list), |local: crate::module::LocalId| format!("${}", local.0));
    match module.exprs[id] {
        Expr::I32(value) => value.to_string(),
        Expr::I64(value) => format!("{value}L"),
        Expr::F32(bits) => format!("{}f", Value::F32(bits)),
        Expr::F64(bits) => Value::F64(bits).to_string(),
        Expr::LocalGet(local) => format!("${}", local.0),
        Expr::LocalSet(local, value) => format!("(set ${} {})", local.0, show(value)),
        Expr::LocalTee(local, value) => format!("(tee ${} {})", local.0, show(value)),
        Expr::LocalSetMany(list, value) => format!("(set {} {})", locals(list), show(value)),
        Expr::GlobalGet(global) => format!("@{}", global.0),
        Expr::GlobalSet(global, value) => format!("(set @{} {})", global.0, show(value)),
        Expr::Unary(op, operand) => format!("({op} {})", show(operand)),
        Expr::Binary(op, left, right) => format!("({op} {} {})", show(left), show(right)),
        Expr::Select(one, other, condition) => format!("(select {} {} {})", show(one), show(other), show(condition)),
        Expr::Load(op, offset, address) => format!("({op}+{offset} {})", show(address)),
        Expr::Store(op, offset, address, value) => format!("({op}+{offset} {} {})", show(address), show(value)),
        Expr::Address(data) => format!("&{}", data.0),
        Expr::MemorySize => String::from("(memory.size)"),
        Expr::MemoryGrow(pages) => format!("(memory.grow {})", show(pages)),
        Expr::MemoryCopy(a, b, c) => format!("(memory.copy {} {} {})", show(a), show(b), show(c)),
        Expr::MemoryFill(a, b, c) => format!("(memory.fill {} {} {})", show(a), show(b), show(c)),
        Expr::MemoryInit(data, list) => format!("(memory.init {} {})", data.0, all(list)),
        Expr::DataDrop(data) => format!("(data.drop {})", data.0),
        Expr::TableInit(table, element, list) => format!("(table.init {} {} {})", table.0, element.0, all(list)),
        Expr::TableCopy(to, from, list) => format!("(table.copy {} {} {})", to.0, from.0, all(list)),
        Expr::ElementDrop(element) => format!("(elem.drop {})", element.0),
        Expr::Sequence(list) => format!("[{}]", all(list)),
        Expr::Tuple(list) => format!("<{}>", all(list)),
        Expr::Drop(value) => format!("(drop {})", show(value)),
        Expr::Block(body) => format!("(block {})", show(body)),
        Expr::Loop(body) => format!("(loop {})", show(body)),
        Expr::If(condition, then) => format!("(if {} {})", show(condition), show(then)),
        Expr::IfElse(condition, then, other) => format!("(if {} {} {})", show(condition), show(then), show(other)),
        Expr::Break(depth, value) => format!("(break {depth} {})", show(value)),
        Expr::BreakTable(depths, value, index) => {
            let depths = words(module.pool.get(depths), |depth: u32| depth.to_string());
            format!("(branch {depths} {} {})", show(value), show(index))
        }
        Expr::Return(value) => format!("(return {})", show(value)),
        Expr::Unreachable => String::from("(unreachable)"),
        Expr::Call(function, list) => format!("(call {}{})", function.0, spaced(all(list))),
        Expr::CallIndirect(signature, table, list) => {
            format!("(call {}:{}{})", table.0, signature.0, spaced(all(list)))
        }
    }
}

fn spaced(text: String) -> String {
    if text.is_empty() { text } else { format!(" {text}") }
}

fn words<T: Pooled>(items: impl Iterator<Item = T>, show: impl Fn(T) -> String) -> String {
    items.map(show).collect::<Vec<_>>().join(" ")
}

/// The core of a function's body.
pub(in crate::text::check) fn body_of(module: &Module, function: FuncId) -> String {
    match module.functions[function].kind {
        FunctionKind::Defined(body) => show(module, body.root),
        _ => String::new(),
    }
}
