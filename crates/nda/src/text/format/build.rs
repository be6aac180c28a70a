//! From tokens and comments to a line of operations.

use super::comments::{Comment, comments_in};
use super::document::{Document, Group, Op, Style};
use super::marks::{Mark, Marks};
use super::spacing::is_binary;
use crate::span::Span;
use crate::text::lexer::{Kind, Token};
use alloc::vec::Vec;

/// What the current token stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Statements, or items: the first token of the current one, and whether there was one before.
    Statements { first: Option<Kind>, any: bool, group: bool },
    /// The condition of an `if` or `while`, the range of a `for`.
    Head,
    /// Parentheses or brackets.
    List { breaks: Breaks, open: bool, any: bool },
}

/// How a list that does not fit breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breaks {
    Never,
    /// Never, too: the labels of a `branch`, behind which an operand may stand.
    Labels,
    OnePerLine,
    Fill,
}

/// Builds the document of a text that has no syntax error.
pub(super) fn build(source: &str, tokens: &[Token], marks: &Marks) -> Document {
    let mut builder = Builder {
        source,
        tokens,
        marks,
        document: Document::default(),
        open: Vec::new(),
        places: alloc::vec![Place::Statements { first: None, any: false, group: false }],
        comments: Vec::new(),
        previous: Token { kind: Kind::End, span: Span::default() },
        operand: false,
        prefix: false,
        blank: false,
    };
    for index in 0..tokens.len() {
        builder.token(index);
    }
    builder.document
}

pub(super) struct Builder<'b> {
    source: &'b str,
    pub(super) tokens: &'b [Token],
    marks: &'b Marks,
    document: Document,
    /// The groups that are open.
    open: Vec<u32>,
    places: Vec<Place>,
    /// Comments read but not yet written.
    comments: Vec<Comment>,
    pub(super) previous: Token,
    /// The token before ends an operand, so that an operator may follow.
    pub(super) operand: bool,
    /// The token before stands before its operand.
    pub(super) prefix: bool,
    /// A blank line stands before the current token.
    blank: bool,
}

impl Builder<'_> {
    fn token(&mut self, index: usize) {
        let token = self.tokens[index];
        let gap = Span::new(self.previous.span.end, token.span.start);
        self.blank = comments_in(self.source, gap, &mut self.comments);
        match token.kind {
            Kind::Comma => self.comma(token, self.tokens[index + 1].kind),
            Kind::Semicolon => self.semicolon(token),
            Kind::CloseParen | Kind::CloseBracket => self.close_list(token),
            Kind::CloseBrace => self.close_block(token, self.tokens[index + 1].kind),
            Kind::End => self.flush(false),
            _ => self.other(index),
        }
        self.previous = token;
    }

    fn place(&mut self) -> &mut Place {
        // The outermost place is never left in a text without errors.
        let last = self.places.len() - 1;
        &mut self.places[last]
    }

    fn push(&mut self, op: Op) {
        self.document.ops.push(op);
    }

    fn group(&mut self, style: Style) {
        let number = self.document.groups.len() as u32;
        self.document.groups.push(Group { style, broken: false });
        self.open.push(number);
        self.push(Op::Open(number));
    }

    fn end(&mut self) {
        self.push(Op::End);
        let Some(number) = self.open.pop() else { return };
        if self.document.groups[number as usize].broken {
            self.break_group();
        }
    }

    /// The innermost group, and with it all around it, is spread over lines.
    fn break_group(&mut self) {
        if let Some(&number) = self.open.last() {
            self.document.groups[number as usize].broken = true;
        }
    }

    fn hard(&mut self, blank: bool) {
        self.push(Op::Hard { blank });
        self.break_group();
    }

    /// Writes the comments that stand behind the token before.
    fn trailing(&mut self) {
        let count = self.comments.iter().take_while(|comment| comment.trailing).count();
        for index in 0..count {
            self.push(Op::Space);
            self.push(Op::Comment(self.comments[index].span));
            self.break_group();
        }
        self.comments.drain(..count);
    }

    /// Writes the comments on lines of their own, with a line end behind the last. `blanks` for blank lines to stay.
    fn own_lines(&mut self, mut blanks: bool, keep: bool) {
        let comments = core::mem::take(&mut self.comments);
        for comment in &comments {
            self.hard(blanks && comment.blank);
            self.push(Op::Comment(comment.span));
            blanks = keep;
        }
        if !comments.is_empty() {
            self.hard(blanks && self.blank);
        }
        self.comments = comments;
        self.comments.clear();
    }

    /// All comments before the end of something.
    fn flush(&mut self, first: bool) {
        self.trailing();
        self.blank = false;
        self.own_lines(!first && self.previous.kind != Kind::End, true);
    }

    fn comma(&mut self, token: Token, next: Kind) {
        let last = matches!(next, Kind::CloseParen | Kind::CloseBracket);
        self.close_element();
        if !last {
            self.push(Op::Text(token.span));
        }
        self.operand = false;
    }

    /// Ends the group of the current element of a list.
    fn close_element(&mut self) {
        if let Place::List { open, .. } = self.place()
            && core::mem::take(open)
        {
            self.end();
        }
    }

    fn semicolon(&mut self, token: Token) {
        self.push(Op::Text(token.span));
        if let Place::Statements { .. } = self.place() {
            self.end_statement();
        }
        self.operand = false;
    }

    fn end_statement(&mut self) {
        let Place::Statements { first, any, .. } = self.place() else { return };
        let open = first.take().is_some();
        *any |= open;
        if open {
            self.end();
        }
        self.operand = false;
    }

    fn close_list(&mut self, token: Token) {
        self.close_element();
        let Some(Place::List { breaks, any, .. }) = self.places.pop() else { return };
        match breaks {
            Breaks::Never | Breaks::Labels => {
                self.trailing();
                self.own_lines(false, false);
            }
            Breaks::OnePerLine | Breaks::Fill => {
                if breaks == Breaks::Fill {
                    self.end();
                }
                if any {
                    self.push(Op::Comma);
                }
                let commented = !self.comments.is_empty();
                self.trailing();
                self.own_lines(false, false);
                if any || commented {
                    self.push(Op::Close { space: false });
                }
                self.end();
            }
        }
        self.push(Op::Text(token.span));
        self.operand = breaks != Breaks::Labels;
    }

    fn close_block(&mut self, token: Token, next: Kind) {
        self.end_statement();
        let Some(Place::Statements { any, group, .. }) = self.places.pop() else { return };
        let empty = !any && self.comments.is_empty() && self.previous.kind == Kind::OpenBrace;
        self.flush(!any);
        if !empty {
            self.push(Op::Close { space: true });
        }
        if group {
            self.end();
        }
        self.push(Op::Text(token.span));
        if self.marks.at(token.span.start) == Some(Mark::ChainEnd) {
            self.end();
        }
        self.operand = true;
        if let Place::Statements { first: Some(first), .. } = *self.place() {
            let ends = first.begins_block_like() && !matches!(next, Kind::Else | Kind::Semicolon);
            if ends || (first == Kind::Fn && self.places.len() == 1) {
                self.end_statement();
            }
        }
    }

    /// A token that neither separates nor closes.
    fn other(&mut self, index: usize) {
        let token = self.tokens[index];
        let mark = self.marks.at(token.span.start);
        if token.kind == Kind::OpenBrace && !matches!(mark, Some(Mark::Block(_))) {
            return self.open_body(token, mark);
        }
        self.before(token, index);
        self.prefix = !self.operand;
        if mark == Some(Mark::Chain) {
            self.group(Style::All);
        }
        match token.kind {
            Kind::OpenParen | Kind::OpenBracket => return self.open_list(token, mark, index),
            Kind::OpenBrace => {
                self.group(Style::All);
                self.push(Op::Text(token.span));
                self.places.push(Place::Statements { first: None, any: false, group: true });
            }
            _ => self.push(Op::Text(token.span)),
        }
        self.operand = matches!(token.kind, Kind::Name | Kind::Number | Kind::Float | Kind::Text)
            && !(self.places.len() == 1 && token.span.text(self.source) == "at" && self.previous.kind == Kind::Name);
        if matches!(token.kind, Kind::If | Kind::While | Kind::For) {
            self.places.push(Place::Head);
            self.push(Op::Space);
            self.group(Style::Fill);
        }
    }

    /// The `{` of a body, which comments before it go behind.
    fn open_body(&mut self, token: Token, mark: Option<Mark>) {
        let headless = matches!(self.previous.kind, Kind::Loop | Kind::Redo | Kind::Else);
        if !headless && *self.place() == Place::Head {
            self.places.pop();
            self.end();
        }
        self.push(Op::Space);
        let group = mark != Some(Mark::Arm);
        if group {
            self.group(Style::All);
        }
        self.push(Op::Text(token.span));
        if mark == Some(Mark::Loop) {
            self.break_group();
        }
        self.places.push(Place::Statements { first: None, any: false, group });
        self.operand = false;
    }

    /// What stands between the token before and this one: line ends, comments, spaces; and the groups that begin.
    fn before(&mut self, token: Token, index: usize) {
        let previous = self.previous.kind;
        let commented = !self.comments.is_empty();
        self.trailing();
        match *self.place() {
            Place::Statements { first: None, any, .. } => self.begin_statement(token, any),
            Place::List { open: false, breaks, any } => self.begin_element(breaks, any),
            _ => {
                if self.operand && is_binary(token.kind) {
                    self.own_lines(false, false);
                    self.push(Op::Line { space: true });
                } else if token.kind == Kind::Else && commented {
                    self.own_lines(false, false);
                    self.push(Op::Close { space: true });
                } else {
                    if self.space_before(token, index) && !matches!(previous, Kind::If | Kind::While | Kind::For) {
                        self.push(Op::Space);
                    }
                    self.own_lines(false, false);
                }
            }
        }
    }

    fn begin_statement(&mut self, token: Token, any: bool) {
        let after_doc = self.previous.kind == Kind::Doc;
        if any || after_doc {
            let blank = if self.comments.is_empty() { self.blank && !after_doc } else { false };
            self.hard(blank);
        } else if self.previous.kind == Kind::OpenBrace {
            self.push(Op::Line { space: true });
        }
        self.own_lines(any && !after_doc, !after_doc);
        if token.kind == Kind::Doc {
            return;
        }
        self.group(Style::Fill);
        if let Place::Statements { first, .. } = self.place() {
            *first = Some(token.kind);
        }
    }

    fn begin_element(&mut self, breaks: Breaks, any: bool) {
        match breaks {
            Breaks::Never | Breaks::Labels if any => self.push(Op::Space),
            Breaks::Never | Breaks::Labels => {}
            Breaks::OnePerLine | Breaks::Fill => self.push(Op::Line { space: any }),
        }
        if breaks == Breaks::Fill && !any {
            self.group(Style::FillFlush);
        }
        self.own_lines(false, false);
        self.group(Style::Fill);
        if let Place::List { open, any, .. } = self.place() {
            *open = true;
            *any = true;
        }
    }

    fn open_list(&mut self, token: Token, mark: Option<Mark>, index: usize) {
        let breaks = self.breaks(token, mark, index);
        self.push(Op::Text(token.span));
        if matches!(breaks, Breaks::OnePerLine | Breaks::Fill) {
            self.group(Style::All);
        }
        self.places.push(Place::List { breaks, open: false, any: false });
        self.operand = false;
    }

    fn breaks(&self, token: Token, mark: Option<Mark>, index: usize) -> Breaks {
        let previous = self.previous.kind;
        let next = self.tokens[index + 1];
        if token.kind == Kind::OpenBracket {
            return match next.kind {
                Kind::Label => Breaks::Labels,
                _ if previous == Kind::Assign => Breaks::Fill,
                _ => Breaks::Never,
            };
        }
        // A single block as argument keeps its braces at the parentheses.
        if let Some(Mark::Block(end)) = self.marks.at(next.span.start) {
            let behind = self.tokens.partition_point(|token| token.span.start < end);
            if self.tokens.get(behind).is_some_and(|token| token.kind == Kind::CloseParen) {
                return Breaks::Never;
            }
        }
        let list = mark == Some(Mark::Tuple) || self.operand || matches!(previous, Kind::Fn | Kind::Arrow | Kind::Let);
        if list { Breaks::OnePerLine } else { Breaks::Never }
    }
}
