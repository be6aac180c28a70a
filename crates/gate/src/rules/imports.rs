//! Rules on imports: what is imported must be there, and must be used.

use super::{Judge, host_name, place};
use crate::Rule;
use crate::facts::Facts;
use alloc::format;
use alloc::string::String;
use velocity_base::ContentHash;
use velocity_nda::module::{FunctionKind, GlobalKind, Meta, Module, Placement};

/// Where an imported definition comes from.
enum Source {
    Host(String),
    Hash(ContentHash),
}

pub(super) fn apply(judge: &mut Judge<'_>, module: &Module, facts: &Facts) {
    let reached = &facts.reached;
    for (id, function) in module.functions.iter() {
        let source = match function.kind {
            FunctionKind::Defined(_) => continue,
            FunctionKind::Host(host) => Source::Host(host_name(module, &host)),
            FunctionKind::Import(hash) => Source::Hash(hash),
        };
        import(
            judge,
            place(module, "function", id.0, &function.meta),
            &function.meta,
            &source,
            reached.has_function(id),
        );
    }
    for (id, global) in module.globals.iter() {
        let source = match global.kind {
            GlobalKind::Defined(_) => continue,
            GlobalKind::Host(host) => Source::Host(host_name(module, &host)),
            GlobalKind::Import(hash) => Source::Hash(hash),
        };
        import(judge, place(module, "global", id.0, &global.meta), &global.meta, &source, reached.has_global(id));
    }
    for (id, data) in module.data.iter() {
        if let Placement::Import(hash) = data.placement {
            let name = place(module, "static", id.0, &data.meta);
            import(judge, name, &data.meta, &Source::Hash(hash), reached.has_data(id));
        }
    }
    for (id, table) in module.tables.iter() {
        if let Some(host) = table.host {
            let name = place(module, "table", id.0, &table.meta);
            import(judge, name, &table.meta, &Source::Host(host_name(module, &host)), reached.has_table(id));
        }
    }
}

fn import(judge: &mut Judge<'_>, place: String, meta: &Meta, source: &Source, reached: bool) {
    if !reached {
        let what = match source {
            Source::Host(name) => format!("host item `{name}` is imported"),
            Source::Hash(hash) => format!("definition {} is imported", prefix(hash)),
        };
        let message = format!("{what}, but nothing that can run uses it");
        judge.find(Rule::UnreachableImport, meta.span, place.clone(), message, "remove the import");
    }
    if let Source::Hash(hash) = source {
        let message = format!("definition {} is imported by hash and not there", prefix(hash));
        let advice = "put the definition into the store and resolve the module first";
        judge.find(Rule::UnresolvedImport, meta.span, place, message, advice);
    }
}

/// The first digits of a hash, enough to find it.
fn prefix(hash: &ContentHash) -> String {
    let text = format!("{hash}");
    format!("{}...", &text[..text.len().min(16)])
}
