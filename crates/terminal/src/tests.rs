//! Tests, one file a part; the property at the end of `editor` ties editor, echo and transcript together.

mod editor;
mod keys;
mod split;
mod transcript;
