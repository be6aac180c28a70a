//! A range of bytes in a source text.

/// Half-open byte range `start..end` in a source text of at most [`MAX_SOURCE_BYTES`](crate::MAX_SOURCE_BYTES).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just behind the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty range at `at`: something is missing here.
    pub(crate) const fn point(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// The smallest range that holds this one and a later one.
    pub(crate) const fn to(self, later: Self) -> Self {
        Self { start: self.start, end: later.end }
    }

    /// The text of the range; empty if the range does not lie in `source`.
    #[must_use]
    pub fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}
