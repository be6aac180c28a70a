//! A verdict as text for a person: the errors of a text as the front end shows them, or each finding with its source line;
//! no secret is left in either.

use crate::secrets::redact;
use crate::{Severity, Verdict};
use alloc::format;
use alloc::string::String;
use velocity_nda::{Span, line, snippet};

impl Verdict {
    /// The errors of a text that does not compile. Otherwise every finding with its place, its line of `source` (which may
    /// be empty if the candidate was no text) and what to do, then the verdict in one line; secrets are replaced by stars.
    #[must_use]
    pub fn render(&self, name: &str, source: &str) -> String {
        if let Some(errors) = &self.errors {
            return errors.render(name, source);
        }
        let source = redact(source);
        let mut out = String::new();
        for finding in &self.findings {
            let at = if finding.place.is_empty() { String::new() } else { format!("{}: ", finding.place) };
            line(&mut out, format_args!("{}[{}]: {at}{}", finding.severity, finding.rule, finding.message));
            if !source.is_empty() && finding.span != Span::default() {
                snippet(&mut out, name, &source, finding.span, "");
            }
            if finding.severity > Severity::Note {
                line(&mut out, format_args!("  help: {}", finding.advice));
            }
        }
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let word = if self.program.is_some() { "admitted" } else { "refused" };
        line(
            &mut out,
            format_args!("{word}: {errors} error{}, {warnings} warning{}", plural(errors), plural(warnings)),
        );
        out
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
