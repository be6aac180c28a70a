//! What stands between tokens and text: operations in a line, and groups of them.

use crate::span::Span;
use alloc::vec::Vec;

/// One step of writing the text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// This part of the source.
    Text(Span),
    /// This part of the source, on a line that nothing may follow.
    Comment(Span),
    Space,
    /// A comma, if the group is spread over lines.
    Comma,
    /// The line may end here; otherwise there is a space, or nothing.
    Line {
        space: bool,
    },
    /// Like `Line`, before what closes the group, which stands as far out as what opened it.
    Close {
        space: bool,
    },
    /// The line ends here; perhaps a blank line follows.
    Hard {
        blank: bool,
    },
    /// A group begins, whose number is its place in [`Document::groups`].
    Open(u32),
    /// The innermost group ends.
    End,
}

/// How a group that does not fit on the line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// At every place, the inside further in.
    All,
    /// Where the line is full; further lines further in.
    Fill,
    /// Where the line is full; all lines as far in as the first.
    FillFlush,
}

/// A group of operations that stays on one line if it can.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) style: Style,
    /// A line ends inside of it whatever its length.
    pub(super) broken: bool,
}

/// A text ready for layout.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) ops: Vec<Op>,
    pub(super) groups: Vec<Group>,
}
