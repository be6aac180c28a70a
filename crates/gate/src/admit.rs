//! The way through the gate: read, validate, apply every rule, and make a [`Program`] if nothing speaks against it.

use crate::{Finding, Origin, Policy, Program, Rule, Severity};
use alloc::string::String;
use alloc::vec::Vec;
use velocity_nda::Span;
use velocity_nda::module::Module;

/// What wants to run.
#[allow(clippy::large_enum_variant, reason = "there is one candidate at a time")]
#[derive(Debug)]
pub enum Candidate<'c> {
    /// Source text, and what it is called in messages.
    Text {
        /// The file's name, or such as `<input>`.
        name: &'c str,
        /// The text.
        source: &'c str,
    },
    /// A binary document.
    Document(&'c [u8]),
    /// A module made by a program, such as a translator.
    Module(Module),
}

/// What the gate says.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Everything found, errors first.
    pub findings: Vec<Finding>,
    /// What may run; none if a finding is an error.
    pub program: Option<Program>,
}

/// Judges a candidate.
#[must_use]
pub fn admit(candidate: Candidate<'_>, _origin: Origin, policy: &Policy) -> Verdict {
    let mut findings = Vec::new();
    let module = read(candidate, policy, &mut findings);
    findings.sort_by_key(|finding| core::cmp::Reverse(finding.severity));
    let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    let program = module.filter(|_| !refused).map(|module| Program::new(module, crate::Capabilities::NONE));
    Verdict { findings, program }
}

/// The core of a candidate, if it has one.
fn read(candidate: Candidate<'_>, policy: &Policy, findings: &mut Vec<Finding>) -> Option<Module> {
    let (rule, message) = match candidate {
        Candidate::Module(module) => return Some(module),
        Candidate::Text { .. } => (Rule::Text, "source text is not read by this gate yet"),
        Candidate::Document(_) => (Rule::Document, "binary documents are not read by this gate yet"),
    };
    findings.push(Finding {
        rule,
        severity: policy.severity(rule),
        span: Span::default(),
        place: String::new(),
        message: message.into(),
        advice: "give it as a module".into(),
    });
    None
}
