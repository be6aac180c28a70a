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
    Float = "a number with a fraction",
    Text = "a text",
    Label = "a label",
    Doc = "a doc comment",
    Reserved = "a reserved word",
    Unknown = "an unknown character",
    End = "the end of the file",
    As = "`as`",
    Branch = "`branch`",
    Break = "`break`",
    Const = "`const`",
    Continue = "`continue`",
    Else = "`else`",
    Extern = "`extern`",
    Fn = "`fn`",
    For = "`for`",
    If = "`if`",
    Import = "`import`",
    In = "`in`",
    Let = "`let`",
    Loop = "`loop`",
    Redo = "`redo`",
    Return = "`return`",
    Static = "`static`",
    Use = "`use`",
    While = "`while`",
    OpenParen = "`(`",
    CloseParen = "`)`",
    OpenBrace = "`{`",
    CloseBrace = "`}`",
    OpenBracket = "`[`",
    CloseBracket = "`]`",
    DotDot = "`..`",
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

/// The words with a meaning of their own everywhere.
pub(crate) const KEYWORDS: [(&str, Kind); 19] = [
    ("as", Kind::As),
    ("branch", Kind::Branch),
    ("break", Kind::Break),
    ("const", Kind::Const),
    ("continue", Kind::Continue),
    ("else", Kind::Else),
    ("extern", Kind::Extern),
    ("fn", Kind::Fn),
    ("for", Kind::For),
    ("if", Kind::If),
    ("import", Kind::Import),
    ("in", Kind::In),
    ("let", Kind::Let),
    ("loop", Kind::Loop),
    ("redo", Kind::Redo),
    ("return", Kind::Return),
    ("static", Kind::Static),
    ("use", Kind::Use),
    ("while", Kind::While),
];

/// The words that open an item at the top of a file and are names everywhere else.
pub(crate) const ITEM_WORDS: [&str; 7] = ["data", "element", "export", "global", "memory", "start", "table"];

/// The words with a meaning inside of some items, names everywhere else.
#[cfg(test)]
pub(crate) const PLACE_WORDS: [&str; 3] = ["at", "null", "to"];

/// The words that mean nothing yet and may not be used.
pub(crate) const RESERVED: [&str; 6] = ["false", "match", "mut", "pub", "struct", "true"];

/// Keywords and reserved words, each as a number in its [`slot`]: a word is looked up without a branch on its letters.
const WORDS: [(u64, Kind); 64] = {
    let mut words = [(0, Kind::Name); 64];
    let mut at = 0;
    while at < KEYWORDS.len() + RESERVED.len() {
        let keyword = at < KEYWORDS.len();
        let (word, kind) = if keyword { KEYWORDS[at] } else { (RESERVED[at - KEYWORDS.len()], Kind::Reserved) };
        assert!(word.len() <= 8, "a keyword is longer than a number");
        let word = number(word.as_bytes());
        assert!(words[slot(word)].0 == 0, "two words have one slot; look for another factor");
        words[slot(word)] = (word, kind);
        at += 1;
    }
    words
};

/// The place of a word in [`WORDS`]. With this factor no two words of the language share one.
const fn slot(word: u64) -> usize {
    (word.wrapping_mul(0x6816_de06_0a04_ef49) >> 58) as usize
}

/// Up to eight bytes as a number, the first one lowest.
const fn number(bytes: &[u8]) -> u64 {
    let (mut number, mut at) = (0, bytes.len());
    while at > 0 {
        at -= 1;
        number = number << 8 | bytes[at] as u64;
    }
    number
}

impl Kind {
    /// The kind of a word: keyword, word reserved for the language to come, or name.
    pub(crate) fn of_word(word: &[u8]) -> Self {
        if word.len() > 8 { Self::Name } else { Self::of_number(number(word)) }
    }

    /// The kind of a word of up to eight bytes that are this number, the first one lowest.
    #[inline]
    pub(crate) fn of_number(word: u64) -> Self {
        let (known, kind) = WORDS[slot(word)];
        if known == word { kind } else { Self::Name }
    }

    /// Whether a statement can only begin here, so that a parser that lost its way may go on.
    pub(crate) const fn begins_statement(self) -> bool {
        matches!(
            self,
            Self::Let
                | Self::If
                | Self::While
                | Self::Loop
                | Self::Redo
                | Self::For
                | Self::Return
                | Self::Break
                | Self::Continue
                | Self::Branch
        )
    }

    /// Whether an expression that ends at its last `}` begins here.
    pub(crate) const fn begins_block_like(self) -> bool {
        matches!(self, Self::If | Self::While | Self::Loop | Self::Redo | Self::For | Self::Label | Self::OpenBrace)
    }

    /// Whether an item begins here whatever stands around it. (`fn` also stands in the type of an indirect call.)
    pub(crate) const fn begins_item(self) -> bool {
        matches!(self, Self::Use | Self::Import | Self::Static | Self::Const | Self::Extern)
    }
}
