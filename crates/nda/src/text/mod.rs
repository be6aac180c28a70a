//! The front end for text: `lexer` cuts it into tokens, `parse` builds the tree of `ast`.

pub(crate) mod ast;
pub(crate) mod lexer;
pub(crate) mod parse;
