//! One input before the gate, and what the gate says: for `check`, and for whoever runs it then.

use crate::program::text;
use crate::{Answer, Form, Json, Program, Status, refusal};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use velocity_gate::{Candidate, Origin, Policy, Verdict, admit};

/// One input that was judged.
#[derive(Debug)]
pub struct Judged {
    /// What it is called in messages.
    pub name: String,
    /// Its text: as given, or printed.
    pub source: String,
    /// What the gate says.
    pub verdict: Verdict,
    form: Form,
}

impl Judged {
    /// Judges text or a binary document.
    ///
    /// # Errors
    /// The answer that shows why it cannot be read. Text that does not compile is the gate's to refuse.
    pub fn read(name: &str, bytes: &[u8], origin: Origin, policy: &Policy) -> Result<Self, Answer> {
        let form = Form::of(bytes);
        if form != Form::Text {
            return Ok(Self::of(Program::read(name, bytes)?, origin, policy));
        }
        let source = text(name, bytes)?;
        let verdict = admit(Candidate::Text { name, source }, origin, policy);
        Ok(Self { name: name.into(), source: source.into(), verdict, form })
    }

    /// Judges a program that was not given as text.
    #[must_use]
    pub fn of(program: Program, origin: Origin, policy: &Policy) -> Self {
        let verdict = admit(Candidate::Module(program.module), origin, policy);
        Self { name: program.name, source: program.source, verdict, form: program.form }
    }

    /// What `check` answers: errors and findings, or what the program needs.
    #[must_use]
    pub fn answer(&self) -> Answer {
        if let Some(errors) = &self.verdict.errors {
            return refusal::diagnostics(errors, &self.name, &self.source);
        }
        let text = self.verdict.render(&self.name, if self.form == Form::Text { &self.source } else { "" });
        let findings = ("findings", refusal::findings(&self.verdict.findings, &self.source));
        let Some(admitted) = &self.verdict.program else {
            let json = alloc::vec![findings];
            return Answer { status: Status::Refused, text: String::new(), complaint: text, json };
        };
        let needs: Vec<&str> = admitted.needs().iter().map(|capability| capability.name()).collect();
        let functions = admitted.module().functions.len();
        let list = if needs.is_empty() { "nothing".into() } else { needs.join(", ") };
        let text = format!("{text}{functions} functions, needs {list}, {}\n", admitted.cost());
        let json = alloc::vec![
            ("functions", Json::Number(functions as u64)),
            ("needs", Json::list(needs)),
            ("cost", format!("{}", admitted.cost()).into()),
            findings,
        ];
        Answer::done(text, json)
    }
}
