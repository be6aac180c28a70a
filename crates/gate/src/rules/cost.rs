//! The note on what a run costs.

use super::{Judge, place};
use crate::Rule;
use crate::facts::{Cost, Facts};
use alloc::format;
use alloc::string::String;
use velocity_nda::module::{FuncId, Module};

pub(super) fn apply(judge: &mut Judge<'_>, module: &Module, facts: &Facts) {
    let worst = facts.entries.iter().max_by_key(|id| facts.costs[id.0 as usize]);
    let Some(&FuncId(number)) = worst else { return };
    let meta = &module.functions[FuncId(number)].meta;
    let cost = facts.costs[number as usize];
    let (span, advice) = match cost {
        Cost::AtMost(_) => (meta.span, "nothing: this is the most nodes that a run evaluates"),
        Cost::Unbounded(_, span) => (span, "nothing: fuel ends a run that takes too long"),
    };
    let place: String = place(module, "function", number, meta);
    judge.find(Rule::Cost, span, place, format!("{cost}"), advice);
}
