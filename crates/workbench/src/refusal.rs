//! Answers about programs that were refused.

use crate::{Answer, Json, Status};
use alloc::string::String;
use alloc::vec::Vec;
use velocity_gate::Finding;
use velocity_gate::secrets::{Redactor, redact};
use velocity_nda::{Diagnostics, Span};

/// Errors of the front end. Secrets in the lines they show and in what they quote are replaced by stars.
pub(crate) fn diagnostics(all: &Diagnostics, name: &str, source: &str) -> Answer {
    let redactor = Redactor::of(source.as_bytes());
    let clean = |text: &str| Json::text(&redactor.clean(text));
    let errors = all.as_slice().iter().map(|error| {
        let mut members = alloc::vec![("rule", "text".into()), ("message", clean(&error.message))];
        members.extend(place(source, error.span));
        members.push(("label", error.label.as_deref().map_or(Json::Null, clean)));
        members.push(("help", error.help.as_deref().map_or(Json::Null, clean)));
        Json::Object(members)
    });
    let json = alloc::vec![("errors", Json::List(errors.collect())), ("more", Json::Bool(all.is_cut()))];
    let complaint = redactor.clean(&all.render(name, &redact(source))).into_owned();
    Answer { status: Status::Refused, text: String::new(), complaint, json }
}

/// What the gate found, as JSON.
pub(crate) fn findings(findings: &[Finding], source: &str) -> Json {
    let one = |finding: &Finding| {
        let mut members: Vec<(&'static str, Json)> = alloc::vec![
            ("rule", finding.rule.name().into()),
            ("severity", alloc::format!("{}", finding.severity).into()),
            ("message", finding.message.as_str().into()),
            ("where", finding.place.as_str().into()),
            ("help", finding.advice.as_str().into()),
        ];
        if finding.span != Span::default() {
            members.extend(place(source, finding.span));
        }
        Json::Object(members)
    };
    Json::List(findings.iter().map(one).collect())
}

/// Where a span begins and ends: bytes from 0, line and column from 1.
fn place(source: &str, span: Span) -> [(&'static str, Json); 4] {
    let before = &source[..source.floor_char_boundary(span.start as usize)];
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let number = |number: usize| Json::Number(number as u64);
    [
        ("start", number(span.start as usize)),
        ("end", number(span.end as usize)),
        ("line", number(line)),
        ("column", number(column)),
    ]
}
