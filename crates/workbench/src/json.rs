//! Values of JSON (RFC 8259), written only: on one line, members in the order in which they were given.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Number(u64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A list.
    pub fn list<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&str>> for Json {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::text)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(text) => quoted(f, text),
            Self::List(items) => {
                let items = items.iter().map(|item| (None, item));
                between(f, ['[', ']'], items)
            }
            Self::Object(members) => {
                let members = members.iter().map(|(name, value)| (Some(*name), value));
                between(f, ['{', '}'], members)
            }
        }
    }
}

fn between<'j>(
    f: &mut fmt::Formatter<'_>,
    [open, close]: [char; 2],
    items: impl Iterator<Item = (Option<&'static str>, &'j Json)>,
) -> fmt::Result {
    f.write_char(open)?;
    for (at, (name, value)) in items.enumerate() {
        f.write_str(if at > 0 { "," } else { "" })?;
        if let Some(name) = name {
            quoted(f, name)?;
            f.write_char(':')?;
        }
        write!(f, "{value}")?;
    }
    f.write_char(close)
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' | '\\' => write!(f, "\\{letter}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\0'..='\x1f' | '\x7f' => write!(f, "\\u{:04x}", letter as u32)?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let text: String = (0..300_u32).filter_map(char::from_u32).chain("\u{2028}\u{1f600}".chars()).collect();
        let json = Json::Object(alloc::vec![
            ("text", Json::text(&text)),
            ("list", Json::list(["a", "b"])),
            ("empty", Json::List(Vec::new())),
            ("number", Json::Number(u64::MAX)),
            ("nothing", Json::Null),
            ("yes", Json::Bool(true)),
        ]);
        let read: serde_json::Value = serde_json::from_str(&alloc::format!("{json}")).unwrap();
        assert_eq!((read["text"].as_str(), read["list"][1].as_str()), (Some(text.as_str()), Some("b")));
        assert_eq!((read["number"].as_u64(), read["empty"].as_array().map(Vec::len)), (Some(u64::MAX), Some(0)));
        assert!(read["nothing"].is_null() && read["yes"] == true);
    }
}
