//! The rules, applied to a valid module. Each pushes its findings; none looks at another's.

mod capabilities;
mod cost;
mod imports;
mod limits;
pub(crate) mod secrets;

use crate::facts::Facts;
use crate::{Capabilities, Finding, Origin, Policy, Rule, Severity};
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
    /// How many findings each rule has.
    counts: [u32; Rule::ALL.len()],
}

/// Most findings of one rule; one more says that there are others.
const MOST: u32 = 100;

impl<'c> Judge<'c> {
    /// Nothing found so far.
    pub(crate) fn new(origin: Origin, policy: &'c Policy) -> Self {
        Self { origin, policy, findings: Vec::new(), counts: [0; Rule::ALL.len()] }
    }

    /// Pushes a finding as bad as the policy says.
    pub(crate) fn find(&mut self, rule: Rule, span: Span, place: String, message: String, advice: impl Into<String>) {
        let severity = self.policy.severity(rule);
        self.push(Finding { rule, severity, span, place, message, advice: advice.into() });
    }

    /// Pushes a finding unless its rule has enough of them: the last one is as bad and says that there are more.
    pub(crate) fn push(&mut self, mut finding: Finding) {
        // Notes about what is allowed do not use up the room for errors.
        if finding.severity == self.policy.severity(finding.rule) {
            let count = &mut self.counts[finding.rule as usize];
            *count = count.saturating_add(1);
            match *count {
                0..=MOST => {}
                count if count == MOST + 1 => {
                    finding.place = String::new();
                    finding.message = format!("more than {MOST} findings of this rule; the rest is not listed");
                    finding.advice = String::from("mend these first");
                }
                _ => return,
            }
        } else if self.findings.len() > 100 * MOST as usize && finding.severity == Severity::Note {
            return;
        }
        self.findings.push(finding);
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
