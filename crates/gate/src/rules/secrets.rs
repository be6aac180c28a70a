//! The rule on secrets, over the source text and over what a module carries.

use super::{Judge, place};
use crate::secrets::{Allowed, Kind, Leak, Redactor, scan};
use crate::{Finding, Origin, Rule, Severity};
use alloc::format;
use alloc::string::String;
use velocity_base::ContentHash;
use velocity_nda::Span;
use velocity_nda::module::{Key, Module, TextId};

/// What the rule has seen of one candidate.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// Knows every secret, reported or allowed.
    pub(crate) redactor: Redactor,
}

impl Secrets {
    /// Judges the source text: strings, comments and names alike.
    pub(crate) fn text(&mut self, judge: &mut Judge<'_>, source: &str) {
        let leaks = scan(source.as_bytes());
        if leaks.is_empty() {
            return;
        }
        self.redactor.learn(source.as_bytes(), &leaks);
        let allowed = Allowed::read(source.as_bytes());
        for leak in &leaks {
            let span = Span::new(leak.start as u32, leak.end as u32);
            let comment = allowed.has(leak) && judge.origin == Origin::Person;
            Self::one(judge, source.as_bytes(), leak, span, String::new(), comment);
        }
    }

    /// Knows the secrets among a module's names, which may not be valid, so that no message about it repeats them.
    pub(crate) fn names(&mut self, module: &Module) {
        let mut left = module.text.len();
        for text in (0..module.text_ends.len()).map(|id| module.text(TextId::new(id))) {
            // In a broken module texts may lie over each other.
            let Some(rest) = left.checked_sub(text.len()) else { return };
            left = rest;
            self.redactor.learn(text.as_bytes(), &scan(text.as_bytes()));
        }
    }

    /// Judges what a module carries: data, and the texts beside its tree. What the source text gave away already is not
    /// reported again.
    pub(crate) fn module(&mut self, judge: &mut Judge<'_>, module: &Module) {
        for (id, data) in module.data.iter() {
            self.bytes(judge, module.bytes_of(data), data.meta.span, || place(module, "data", id.0, &data.meta));
        }
        for id in (0..module.text_ends.len()).map(TextId::new) {
            self.bytes(judge, module.text(id).as_bytes(), Span::default(), || String::from("a name or doc comment"));
        }
    }

    fn bytes(&mut self, judge: &mut Judge<'_>, bytes: &[u8], span: Span, place: impl Fn() -> String) {
        let leaks = scan(bytes);
        for leak in &leaks {
            if !self.redactor.knows(&bytes[leak.start..leak.end]) {
                Self::one(judge, bytes, leak, span, place(), false);
            }
        }
        self.redactor.learn(bytes, &leaks);
    }

    fn one(judge: &mut Judge<'_>, bytes: &[u8], leak: &Leak, span: Span, place: String, comment: bool) {
        let value = &bytes[leak.start..leak.end];
        let listed =
            !judge.policy.allowed_values.is_empty() && judge.policy.allowed_values.contains(&ContentHash::of(value));
        if listed {
            return;
        }
        let certain = if leak.certain { "" } else { " (its checksum is wrong: mistyped or made up)" };
        let message = format!("this looks like {}{}{certain}", leak.kind.title(), hint(leak.kind, value));
        if comment {
            let advice = String::from("nothing: a comment beside it allows it");
            judge.push(Finding { rule: Rule::Secret, severity: Severity::Note, span, place, message, advice });
        } else {
            judge.find(Rule::Secret, span, place, message, advice(leak.kind));
        }
    }
}

/// How a value is told from others in a message: its length, and no more of it than the prefix that all values of its
/// kind share, four characters at most.
fn hint(kind: Kind, value: &[u8]) -> String {
    let shown = match kind.prefix() {
        0 => String::new(),
        bytes => value
            .get(..bytes)
            .and_then(|head| core::str::from_utf8(head).ok())
            .map_or_else(String::new, |head| format!("`{head}...`, ")),
    };
    format!(" ({shown}{} bytes)", value.len())
}

fn advice(kind: Kind) -> String {
    format!(
        "take it out, revoke it at {}, and hand it to the program when it runs; if it is none, end the line with \
         `// gate: allow secret`",
        kind.revoke_at()
    )
}
