//! The rules, applied to a valid module. Each pushes its findings; none looks at another's.

mod capabilities;
mod cost;
mod imports;
mod limits;
pub(crate) mod secrets;

use crate::facts::Facts;
use crate::{Capabilities, Finding, Origin, Policy, Rule};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use velocity_nda::Span;
use velocity_nda::module::{HostItem, Meta, Module};

/// What every rule may look at, and where its findings go.
pub(crate) struct Judge<'c> {
    pub(crate) origin: Origin,
    pub(crate) policy: &'c Policy,
    pub(crate) findings: Vec<Finding>,
}

impl Judge<'_> {
    /// Pushes a finding as bad as the policy says.
    pub(crate) fn find(&mut self, rule: Rule, span: Span, place: String, message: String, advice: impl Into<String>) {
        let severity = self.policy.severity(rule);
        self.findings.push(Finding { rule, severity, span, place, message, advice: advice.into() });
    }

    /// Applies all rules but those on the text itself, and returns the capabilities that the module needs.
    pub(crate) fn module(&mut self, module: &Module, facts: &Facts) -> Capabilities {
        limits::apply(self, module, facts);
        imports::apply(self, module, facts);
        let needs = capabilities::apply(self, module);
        cost::apply(self, module, facts);
        needs
    }
}

/// A definition in words, such as "function `main`".
fn place(module: &Module, what: &str, number: u32, meta: &Meta) -> String {
    match module.name(meta) {
        Some(name) => format!("{what} `{}`", short(name)),
        None => format!("{what} {number}"),
    }
}

/// The name of a host item, such as `sys.print_i32`.
fn host_name(module: &Module, host: &HostItem) -> String {
    format!("{}.{}", short(module.text(host.module)), short(module.text(host.item)))
}

/// A name as a message may show it: its first characters, none of which plays tricks on a terminal.
pub(crate) fn short(name: &str) -> String {
    const LONGEST: usize = 40;
    let cut = if name.chars().nth(LONGEST).is_some() { "..." } else { "" };
    let head: String = name.chars().take(LONGEST).collect();
    format!("{}{cut}", head.escape_debug())
}
