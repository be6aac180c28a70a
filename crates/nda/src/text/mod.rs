//! The front end for text: `lexer` cuts it into tokens, `parse` builds the tree of `ast`; `format` lays it out anew.

pub(crate) mod ast;
pub(crate) mod format;
pub(crate) mod lexer;
pub(crate) mod parse;
