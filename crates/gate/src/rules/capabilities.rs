//! Rules on host items: they must be known, have the right type, and belong to a capability that the origin was granted.

use super::{Judge, host_name, place};
use crate::{Capabilities, Capability, HostModules, Rule};
use alloc::format;
use alloc::string::String;
use velocity_nda::Span;
use velocity_nda::module::{Function, FunctionKind, GlobalKind, HostItem, Module, Type};
use velocity_nda::sys::{GROUP, Overload, Shim, behind};

/// Judges every host item, and returns the capabilities that the known ones belong to.
pub(super) fn apply(judge: &mut Judge<'_>, module: &Module) -> Capabilities {
    let mut needs = Capabilities::NONE;
    for (id, function) in module.functions.iter() {
        if let FunctionKind::Host(host) = function.kind {
            let place = place(module, "function", id.0, &function.meta);
            match behind(module.text(host.item)).filter(|_| module.text(host.module) == GROUP) {
                Some(shim) => needs = shim_used(judge, module, function, place, shim, needs),
                None => other(judge, module, &host, function.meta.span, place),
            }
        }
    }
    for (id, global) in module.globals.iter() {
        if let GlobalKind::Host(host) = global.kind {
            other(judge, module, &host, global.meta.span, place(module, "global", id.0, &global.meta));
        }
    }
    for (id, table) in module.tables.iter() {
        if let Some(host) = table.host {
            other(judge, module, &host, table.meta.span, place(module, "table", id.0, &table.meta));
        }
    }
    if let Some((host, meta)) = module.memory.as_ref().and_then(|memory| memory.host.as_ref().zip(Some(&memory.meta))) {
        other(judge, module, host, meta.span, String::from("the memory"));
    }
    needs
}

/// A shim of the registry.
fn shim_used(
    judge: &mut Judge<'_>,
    module: &Module,
    function: &Function,
    place: String,
    (shim, overload): (&Shim, &Overload),
    needs: Capabilities,
) -> Capabilities {
    let span = function.meta.span;
    if !has_type(module, function, overload) {
        let message = format!("`{GROUP}.{}` is imported with other parameters or results than it has", overload.item);
        let advice = format!("write `use {GROUP}::{};`, which gives it the right type", shim.name);
        judge.find(Rule::HostItemType, span, place.clone(), message, advice);
    }
    let Some(capability) = Capability::named(shim.capability) else {
        let message = format!(
            "`{GROUP}.{}` belongs to the capability `{}`, which no policy knows",
            overload.item, shim.capability
        );
        judge.find(Rule::Capability, span, place, message, "leave the call out");
        return needs;
    };
    if !judge.policy.granted(judge.origin).has(capability) {
        let privileged = if capability.is_privileged() { "the privileged capability" } else { "the capability" };
        let message = format!(
            "`{}` needs {privileged} `{}`, which the origin `{}` was not granted",
            shim.name, shim.capability, judge.origin
        );
        let advice = match capability {
            Capability::Agents | Capability::Rings | Capability::Time | Capability::Board => {
                "leave the call out, or make an agent of it with `spawn FILE` at the prompt".into()
            }
            _ => format!(
                "leave the call out, or have the person at this machine grant `{}` to `{}` in the policy",
                shim.capability, judge.origin
            ),
        };
        judge.find(Rule::Capability, span, place, message, advice);
    }
    needs.with(capability)
}

fn has_type(module: &Module, function: &Function, overload: &Overload) -> bool {
    let result: Option<Type> = overload.result.map(|ty| ty.core());
    module.parameters(function.signature).eq(overload.parameters.iter().map(|ty| ty.core()))
        && module.results(function.signature).eq(result)
}

/// A host item that is no shim: of a module that the policy names, or unknown.
fn other(judge: &mut Judge<'_>, module: &Module, host: &HostItem, span: Span, place: String) {
    let name = module.text(host.module);
    let accepted = match &judge.policy.host_modules {
        HostModules::Any => name != GROUP,
        HostModules::Listed(names) => name != GROUP && names.iter().any(|listed| listed == name),
    };
    if !accepted {
        let message = format!("nobody provides the host item `{}`", host_name(module, host));
        let advice = "use a shim that `docs/nda.md` lists, or name the module in the policy if the host provides it";
        judge.find(Rule::UnknownHostItem, span, place, message, advice);
    }
}
