//! Rules on size: functions, nodes, stack, recursion, memory, tables, data.

use super::{Judge, place};
use crate::Rule;
use crate::facts::Facts;
use alloc::format;
use alloc::string::String;
use velocity_nda::Span;
use velocity_nda::module::Module;

pub(super) fn apply(judge: &mut Judge<'_>, module: &Module, facts: &Facts) {
    counts(judge, module);
    stack(judge, module, facts);
    recursion(judge, module, facts);
    memory(judge, module);
    tables(judge, module);
    data(judge, module);
}

fn counts(judge: &mut Judge<'_>, module: &Module) {
    let limits = judge.policy.limits;
    let (functions, nodes) = (module.functions.len(), module.exprs.len());
    if functions > limits.functions {
        let message = format!("{functions} functions; the limit is {}", limits.functions);
        judge.find(
            Rule::LimitFunctions,
            Span::default(),
            String::new(),
            message,
            "split the program, or raise the limit",
        );
    }
    if nodes > limits.nodes {
        let message = format!("{nodes} nodes; the limit is {}", limits.nodes);
        judge.find(Rule::LimitNodes, Span::default(), String::new(), message, "split the program, or raise the limit");
    }
}

/// The deepest chain of calls, recursion counted once.
fn stack(judge: &mut Judge<'_>, module: &Module, facts: &Facts) {
    let limit = judge.policy.limits.stack_bytes;
    let deepest = facts.entries.iter().max_by_key(|id| facts.stacks[id.0 as usize]);
    let Some((&id, bytes)) = deepest.map(|id| (id, facts.stacks[id.0 as usize])) else { return };
    if bytes > limit {
        let meta = &module.functions[id].meta;
        let message = format!("its deepest chain of calls takes {bytes} bytes of stack; the limit is {limit}");
        judge.find(
            Rule::LimitStack,
            meta.span,
            place(module, "function", id.0, meta),
            message,
            "call less deeply, use fewer variables, or raise the limit",
        );
    }
}

fn recursion(judge: &mut Judge<'_>, module: &Module, facts: &Facts) {
    for &(id, count) in &facts.recursive {
        let meta = &module.functions[id].meta;
        let who = if count == 1 {
            String::from("it calls itself")
        } else {
            format!("it and {} more call each other", count - 1)
        };
        judge.find(
            Rule::Recursion,
            meta.span,
            place(module, "function", id.0, meta),
            format!("recursive, bounded by the stack: {who}"),
            "nothing, if the depth is small; otherwise use a loop",
        );
    }
}

fn memory(judge: &mut Judge<'_>, module: &Module) {
    let Some(memory) = module.memory else { return };
    let limits = judge.policy.limits;
    let mut complain = |what: &str, pages: u32, limit: u32| {
        let message = format!("the memory {what} {pages} pages of 64 KiB; the limit is {limit}");
        let place = String::from("the memory");
        judge.find(Rule::LimitMemory, memory.meta.span, place, message, "ask for less, or raise the limit");
    };
    if memory.limits.min > limits.memory_pages {
        complain("begins with", memory.limits.min, limits.memory_pages);
    }
    if let Some(max) = memory.limits.max.filter(|&max| max > limits.memory_pages_max) {
        complain("may grow to", max, limits.memory_pages_max);
    }
}

fn tables(judge: &mut Judge<'_>, module: &Module) {
    let entries: u64 = module.tables.iter().map(|(_, table)| u64::from(table.limits.min)).sum();
    let limit = judge.policy.limits.table_entries;
    if entries > limit {
        let message = format!("the tables have {entries} entries at the start; the limit is {limit}");
        let span = module.tables.iter().max_by_key(|(_, table)| table.limits.min).map(|(_, table)| table.meta.span);
        judge.find(
            Rule::LimitTable,
            span.unwrap_or_default(),
            String::from("the tables"),
            message,
            "make the tables smaller, or raise the limit",
        );
    }
}

fn data(judge: &mut Judge<'_>, module: &Module) {
    let bytes: u64 = module.data.iter().map(|(_, data)| data.size()).sum();
    let limit = judge.policy.limits.data_bytes;
    if bytes > limit {
        let largest = module.data.iter().max_by_key(|(_, data)| data.size());
        let (span, name) = largest
            .map_or_else(Default::default, |(id, data)| (data.meta.span, place(module, "data", id.0, &data.meta)));
        let message = format!("{bytes} bytes of data in all; the limit is {limit}");
        judge.find(Rule::LimitData, span, name, message, "make the largest piece smaller, or raise the limit");
    }
}
