//! Token kinds and how messages call them.

use crate::span::Span;

/// One token: its kind and where it stands. The text is read from the source when it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// Declares the kinds with the words that messages use for them.
macro_rules! kinds {
    ($($name:ident = $words:literal,)+) => {
        /// The kind of a token.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($name,)+ }

        impl Kind {
            /// What a message calls this kind.
            pub(crate) const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }
        }
    };
}

kinds! {
    Name = "a name",
    Number = "a number",
    Doc = "a doc comment",
    Reserved = "a reserved word",
    Unknown = "an unknown character",
    End = "the end of the file",
    As = "`as`",
    Else = "`else`",
    Fn = "`fn`",
    If = "`if`",
    Let = "`let`",
    Return = "`return`",
    Use = "`use`",
    While = "`while`",
    OpenParen = "`(`",
    CloseParen = "`)`",
    OpenBrace = "`{`",
    CloseBrace = "`}`",
    Comma = "`,`",
    Semicolon = "`;`",
    Colon = "`:`",
    Path = "`::`",
    Arrow = "`->`",
    Assign = "`=`",
    CompoundAssign = "a compound assignment",
    Equal = "`==`",
    NotEqual = "`!=`",
    Less = "`<`",
    LessEqual = "`<=`",
    Greater = "`>`",
    GreaterEqual = "`>=`",
    ShiftLeft = "`<<`",
    ShiftRight = "`>>`",
    Plus = "`+`",
    Minus = "`-`",
    Star = "`*`",
    Slash = "`/`",
    Percent = "`%`",
    And = "`&`",
    AndAnd = "`&&`",
    Or = "`|`",
    OrOr = "`||`",
    Caret = "`^`",
    Not = "`!`",
}

impl Kind {
    /// The kind of a word: keyword, word reserved for the language to come, or name.
    pub(crate) fn of_word(word: &[u8]) -> Self {
        match word {
            b"as" => Self::As,
            b"else" => Self::Else,
            b"fn" => Self::Fn,
            b"if" => Self::If,
            b"let" => Self::Let,
            b"return" => Self::Return,
            b"use" => Self::Use,
            b"while" => Self::While,
            b"break" | b"const" | b"continue" | b"false" | b"for" | b"import" | b"in" | b"loop" | b"match" | b"mut"
            | b"pub" | b"static" | b"struct" | b"true" => Self::Reserved,
            _ => Self::Name,
        }
    }

    /// Whether a statement can only begin here, so that a parser that lost its way may go on.
    pub(crate) const fn begins_statement(self) -> bool {
        matches!(self, Self::Let | Self::If | Self::While | Self::Return)
    }
}
