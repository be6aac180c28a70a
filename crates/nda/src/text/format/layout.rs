//! From operations to text: where lines end.

use super::document::{Document, Op, Style};
use super::{COLUMNS, INDENT};
use crate::MAX_SOURCE_BYTES;
use crate::span::Span;
use alloc::string::String;
use alloc::vec::Vec;

/// Texts with more bytes count as wide as they have bytes, which bounds the work.
const WIDE: usize = 4 * COLUMNS;

/// Lays a document out; `None` if that takes more bytes than a source text may have.
pub(super) fn layout(source: &str, document: &Document) -> Option<String> {
    let mut writer = Writer {
        source,
        document,
        out: String::new(),
        frames: Vec::new(),
        column: 0,
        line_indent: 0,
        space: false,
        line_end: None,
    };
    for (at, op) in document.ops.iter().enumerate() {
        writer.op(at, *op);
        if writer.out.len() >= MAX_SOURCE_BYTES {
            return None;
        }
    }
    if !writer.out.is_empty() {
        writer.out.push('\n');
    }
    Some(writer.out)
}

/// A group that is being written.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// How it breaks; `None` if it stays on the line.
    breaks: Option<Style>,
    /// How far in the line stands on which it began.
    base: usize,
    /// How far in its lines stand.
    indent: usize,
}

/// The group around everything.
const OUTERMOST: Frame = Frame { breaks: Some(Style::All), base: 0, indent: 0 };

/// A line that is to end before the next text.
#[derive(Clone, Copy, Debug)]
struct LineEnd {
    blank: bool,
    indent: usize,
}

struct Writer<'w> {
    source: &'w str,
    document: &'w Document,
    out: String,
    frames: Vec<Frame>,
    column: usize,
    /// How far in the current line stands.
    line_indent: usize,
    /// A space stands before the next text, if that is on the same line.
    space: bool,
    line_end: Option<LineEnd>,
}

impl Writer<'_> {
    fn op(&mut self, at: usize, op: Op) {
        let frame = self.frame();
        match op {
            Op::Text(span) => self.text(span),
            Op::Comment(span) => {
                self.text(span);
                self.end_line(false, frame.indent);
            }
            Op::Space => self.space = true,
            Op::Comma if frame.breaks.is_some() => self.plain(","),
            Op::Comma => {}
            Op::Line { space } => {
                if self.ends_line(at, frame) {
                    self.end_line(false, frame.indent);
                } else {
                    self.space |= space;
                }
            }
            Op::Close { .. } if frame.breaks.is_some() => self.end_line(false, frame.base),
            Op::Close { space } => self.space |= space,
            Op::Hard { blank } => self.end_line(blank, frame.indent),
            Op::Open(number) => self.open(at, number),
            Op::End => {
                self.frames.pop();
            }
        }
    }

    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(OUTERMOST)
    }

    /// Whether a place where the line may end is one where it does.
    fn ends_line(&self, at: usize, frame: Frame) -> bool {
        match frame.breaks {
            None => false,
            Some(Style::All) => true,
            Some(Style::Fill | Style::FillFlush) => self.line_end.is_some() || !self.fits(at),
        }
    }

    fn open(&mut self, at: usize, number: u32) {
        let group = self.document.groups[number as usize];
        let stays = self.frame().breaks.is_none() || !group.broken && self.fits(at);
        let base = self.line_end.map_or(self.line_indent, |line| line.indent);
        let indent = if group.style == Style::FillFlush { base } else { base + INDENT };
        self.frames.push(Frame { breaks: if stays { None } else { Some(group.style) }, base, indent });
    }

    /// Ends the line before the next text. Of several ends in a row, the last one says how far in the next line stands.
    fn end_line(&mut self, blank: bool, indent: usize) {
        let blank = blank || self.line_end.is_some_and(|before| before.blank);
        self.line_end = Some(LineEnd { blank, indent });
        self.space = false;
    }

    fn text(&mut self, span: Span) {
        let text = span.text(self.source).trim_end();
        self.plain(text);
    }

    fn plain(&mut self, text: &str) {
        if let Some(LineEnd { blank, indent }) = self.line_end.take() {
            self.line_indent = 0;
            self.column = 0;
            if !self.out.is_empty() {
                self.out.push_str(if blank { "\n\n" } else { "\n" });
                self.line_indent = indent;
                self.column = indent;
                self.out.extend(core::iter::repeat_n(' ', indent));
            }
        } else if self.space {
            self.out.push(' ');
            self.column += 1;
        }
        self.space = false;
        self.out.push_str(text);
        self.column += width(text);
    }

    /// Whether what follows `at` fits on the line: for a group all of it, for a place where the line may end all up to
    /// the next one of the same group; and what must stay on the line behind that. Looks at no more than a line's worth.
    fn fits(&self, at: usize) -> bool {
        let whole = matches!(self.document.ops[at], Op::Open(_));
        let (mut column, mut space) = self.line_end.map_or((self.column, self.space), |line| (line.indent, false));
        let mut depth = 0_usize;
        // What was to be looked at has ended: from here on every line may end where it can.
        let mut outside = false;
        let mut inside_broken = None;
        if let Op::Line { space: wide } = self.document.ops[at] {
            space |= wide;
        }
        for op in &self.document.ops[at + usize::from(!whole)..] {
            let inside = depth > 0 && !outside;
            match *op {
                Op::Text(span) => {
                    column += usize::from(space) + width(span.text(self.source));
                    space = false;
                }
                Op::Comment(_) | Op::Hard { .. } => return true,
                Op::Space => space = true,
                Op::Comma => column += usize::from(!inside),
                Op::Line { space: wide } | Op::Close { space: wide } => {
                    if !inside || inside_broken.is_some() {
                        return true;
                    }
                    space |= wide;
                }
                Op::Open(number) => {
                    depth += 1;
                    if inside_broken.is_none() && self.document.groups[number as usize].broken {
                        inside_broken = Some(depth);
                    }
                }
                Op::End => {
                    if inside_broken == Some(depth) {
                        inside_broken = None;
                    }
                    outside |= depth == usize::from(whole);
                    depth = depth.saturating_sub(1);
                }
            }
            if column > COLUMNS {
                return false;
            }
        }
        true
    }
}

/// How many columns a text takes.
fn width(text: &str) -> usize {
    if text.len() > WIDE { text.len() } else { text.chars().count() }
}
