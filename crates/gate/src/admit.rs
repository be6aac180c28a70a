//! The way through the gate: read, validate, apply every rule, and make a [`Program`] if nothing speaks against it.

use crate::facts::Facts;
use crate::rules::Judge;
use crate::rules::secrets::Secrets;
use crate::{Finding, Origin, Policy, Program, Rule, Severity};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;
use velocity_nda::document::{View, unpack};
use velocity_nda::module::Module;
use velocity_nda::{Diagnostics, Span, compile, validate};

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
    /// The errors of a text that does not compile, as the front end tells them. None if the text holds a secret, which they
    /// may repeat; the findings tell them in any case.
    pub errors: Option<Diagnostics>,
}

/// Judges a candidate.
#[must_use]
pub fn admit(candidate: Candidate<'_>, origin: Origin, policy: &Policy) -> Verdict {
    let mut judge = Judge::new(origin, policy);
    let mut secrets = Secrets::default();
    let (program, errors) = match pass(candidate, &mut judge, &mut secrets) {
        Ok(program) => (Some(program), None),
        Err(errors) => (None, errors.filter(|_| secrets.redactor.is_empty())),
    };
    let mut findings = judge.findings;
    for finding in findings.iter_mut().filter(|_| !secrets.redactor.is_empty()) {
        for text in [&mut finding.place, &mut finding.message, &mut finding.advice] {
            *text = secrets.redactor.clean(text).into_owned();
        }
    }
    findings.sort_by_key(|finding| Reverse(finding.severity));
    let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    Verdict { findings, program: program.filter(|_| !refused), errors }
}

/// Applies everything, step by step. What a step needs and does not have ends the way; the findings tell why.
///
/// # Errors
/// Those of the text, if it does not compile.
fn pass(
    candidate: Candidate<'_>,
    judge: &mut Judge<'_>,
    secrets: &mut Secrets,
) -> Result<Program, Option<Diagnostics>> {
    if let Candidate::Text { source, .. } = candidate {
        secrets.text(judge, source);
    }
    let module = read(candidate, judge)?;
    if let Err(error) = validate(&module) {
        let advice = "nothing here can mend it: whatever made the module has a fault";
        secrets.names(&module);
        judge.find(Rule::Structure, error.span(&module), String::new(), error.to_string(), advice);
        return Err(None);
    }
    secrets.module(judge, &module);
    let facts = Facts::of(&module);
    let needs = judge.module(&module, &facts);
    let stack = facts.entries.iter().map(|id| facts.stacks[id.0 as usize]).max().unwrap_or(0);
    Ok(Program::new(module, needs, facts.cost(), stack))
}

/// The core of a candidate.
///
/// # Errors
/// Those of the text, if it does not compile.
fn read(candidate: Candidate<'_>, judge: &mut Judge<'_>) -> Result<Module, Option<Diagnostics>> {
    match candidate {
        Candidate::Module(module) => Ok(module),
        Candidate::Text { source, .. } => compile(source).map_err(|errors| {
            text_errors(judge, &errors);
            Some(errors)
        }),
        Candidate::Document(bytes) => View::open(bytes).and_then(|view| unpack(&view)).map_err(|error| {
            let advice = "get the document again from where it came";
            judge.find(Rule::Document, Span::default(), String::new(), error.to_string(), advice);
            None
        }),
    }
}

/// Every error of a source text as a finding.
fn text_errors(judge: &mut Judge<'_>, errors: &Diagnostics) {
    for error in errors.as_slice() {
        let advice = error.help.as_deref().or(error.label.as_deref()).unwrap_or("mend the text here");
        judge.find(Rule::Text, error.span, String::new(), error.message.clone(), advice);
    }
    if errors.is_cut() {
        let message = String::from("there are more errors");
        judge.find(Rule::Text, Span::default(), String::new(), message, "mend these first");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use velocity_nda::module::{Expr, ExprId, Yield};

    fn judge(source: &str) -> Verdict {
        admit(Candidate::Text { name: "a.nda", source }, Origin::Model, &Policy::default())
    }

    #[test]
    fn a_forged_module_is_refused_without_its_secrets() {
        // A function named like a key; put together here so that no scanner finds it in this file.
        let name = ["shpat_", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"].concat();
        let Ok(mut module) = compile(&alloc::format!("fn {name}() {{}} fn main() {{ {name}(); }}")) else { panic!() };
        module.set(ExprId(0), Expr::I32(1));
        module.yields[ExprId(0)] = Yield::NEVER;
        let verdict = admit(Candidate::Module(module), Origin::Translated, &Policy::everything());
        assert!(verdict.program.is_none() && verdict.findings.len() == 1);
        assert_eq!(verdict.findings[0].rule, Rule::Structure);
        assert!(!verdict.findings[0].message.contains(&name[6..20]), "{}", verdict.findings[0].message);
    }

    #[test]
    fn documents_and_texts_are_judged_alike() {
        let source = "use sys::in_u8; fn main() -> u32 { in_u8(0x60) }";
        let Ok(module) = compile(source) else { panic!() };
        let bytes = velocity_nda::document::pack(&module);
        let document = admit(Candidate::Document(&bytes), Origin::Model, &Policy::default());
        let rules = |verdict: &Verdict| verdict.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>();
        assert_eq!(rules(&document), rules(&judge(source)));
        assert_eq!(rules(&document), [Rule::Capability, Rule::Cost]);
    }

    #[test]
    fn a_rule_ends_its_list_with_the_word_more() {
        let many: String = (0..300).map(|n| alloc::format!("extern \"m\" \"i{n}\" fn f{n}(); ")).collect();
        let verdict = judge(&alloc::format!("{many} fn main() {{}}"));
        let unused = verdict.findings.iter().filter(|finding| finding.rule == Rule::UnreachableImport);
        assert_eq!(unused.clone().count(), 101);
        assert!(unused.clone().next_back().is_some_and(|last| last.message.starts_with("more than 100")));
    }
}
