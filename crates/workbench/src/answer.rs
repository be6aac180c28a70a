//! What a verb gives back.

use crate::Json;
use alloc::string::String;
use alloc::vec::Vec;

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As wanted.
    Done,
    /// The program is refused, or what was asked for is not there, or two things that were compared differ.
    Refused,
}

/// What a verb gives back, for a person and for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How it went.
    pub status: Status,
    /// The answer: lines, each with its end.
    pub text: String,
    /// What is wrong: lines, each with its end.
    pub complaint: String,
    /// Members of the JSON object, `ok` left out.
    pub json: Vec<(&'static str, Json)>,
}

impl Answer {
    /// An answer without complaint.
    #[must_use]
    pub fn done(text: String, json: Vec<(&'static str, Json)>) -> Self {
        Self { status: Status::Done, text, complaint: String::new(), json }
    }

    /// A complaint of one message, with what to do about it unless that is empty.
    #[must_use]
    pub fn complaint(message: &str, help: &str) -> Self {
        let advice = if help.is_empty() { String::new() } else { alloc::format!("  help: {help}\n") };
        let text = alloc::format!("error: {message}\n{advice}");
        let error = Json::Object(alloc::vec![("message", message.into()), ("help", help.into())]);
        Self {
            status: Status::Refused,
            text: String::new(),
            complaint: text,
            json: alloc::vec![("errors", Json::List(alloc::vec![error]))],
        }
    }

    /// The JSON object of the answer of a verb about a file.
    #[must_use]
    pub fn object(&self, verb: &str, file: &str) -> Json {
        let mut members = alloc::vec![
            ("verb", Json::text(verb)),
            ("file", Json::text(file)),
            ("ok", Json::Bool(self.status == Status::Done)),
        ];
        members.extend(self.json.iter().cloned());
        Json::Object(members)
    }
}
