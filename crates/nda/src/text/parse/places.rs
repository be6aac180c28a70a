//! Items that fill memory and tables: `static`, `memory`, `data`, `table`, `element`.

use super::{Attempt, Parser};
use crate::arena::List;
use crate::span::Span;
use crate::text::ast::{DataValue, ExprId, ExprKind, ItemKind, Name, Sizes, TableSizes};
use crate::text::lexer::{Kind, StringError, parse_number, string_bytes};

impl Parser<'_, '_> {
    /// `static name: type = value;`
    pub(super) fn static_declaration(&mut self) -> Attempt<ItemKind> {
        self.advance();
        let name = self.name_of_item()?;
        self.colon()?;
        let ty = self.data_type()?;
        let value = if self.eat(Kind::Assign) { self.data_value()? } else { DataValue::Zeros };
        self.semicolon()?;
        Ok(ItemKind::Static { name, ty, value })
    }

    fn data_value(&mut self) -> Attempt<DataValue> {
        match self.token.kind {
            Kind::Text => Ok(DataValue::Text(self.text_token("a text")?)),
            Kind::OpenBracket => self.numbers().map(DataValue::Many),
            _ => self.number_with_sign("a number, a list `[1, 2]` or a text").map(DataValue::One),
        }
    }

    /// `[1, -2, 3]`
    fn numbers(&mut self) -> Attempt<List<ExprId>> {
        let open = self.token.span;
        self.advance();
        let mark = self.arguments.len();
        while !self.eat(Kind::CloseBracket) {
            let number = self.number_with_sign("a number")?;
            self.arguments.push(number);
            self.comma_or(Kind::CloseBracket, "`,` or `]`", open)?;
        }
        Ok(self.file.arguments.take(&mut self.arguments, mark))
    }

    /// A number, perhaps negative, or one that is no ordinary number, such as `f64::nan`.
    fn number_with_sign(&mut self, what: &'static str) -> Attempt<ExprId> {
        match self.token.kind {
            Kind::Number | Kind::Float => self.primary(),
            Kind::Name if self.ahead().kind == Kind::Path => self.primary(),
            Kind::Minus => {
                let start = self.token.span;
                self.advance();
                let number = self.number_with_sign("a number")?;
                self.push(ExprKind::Negate(number), start)
            }
            _ => Err(self.expected(what)),
        }
    }

    /// `memory 1 to 16;`
    pub(super) fn memory(&mut self) -> Attempt<ItemKind> {
        self.advance();
        let sizes = self.sizes()?;
        self.semicolon()?;
        Ok(ItemKind::Memory(sizes))
    }

    /// `data name = "bytes";`, `data at 1024 = "bytes";` or `data name at 1024 = "bytes";`
    pub(super) fn data(&mut self) -> Attempt<ItemKind> {
        self.advance();
        let name = self.name_before_place()?;
        let at = if self.at_word("at") {
            self.advance();
            Some(self.expression()?)
        } else {
            None
        };
        self.expect(Kind::Assign)?;
        let bytes = self.text_token("the bytes in quotes")?;
        self.semicolon()?;
        Ok(ItemKind::Data { name, at, bytes })
    }

    /// `table name: 4 to 10;` or `table name = [f, g];`
    pub(super) fn table(&mut self) -> Attempt<ItemKind> {
        self.advance();
        let name = self.name_of_item()?;
        let sizes = if self.eat(Kind::Colon) {
            TableSizes::Given(self.sizes()?)
        } else if self.eat(Kind::Assign) {
            TableSizes::Filled(self.entries()?)
        } else {
            return Err(self.expected_with_help(
                "`:` or `=`",
                "write its size, `table t: 4;`, or its functions, `table t = [f, g];`",
            ));
        };
        self.semicolon()?;
        Ok(ItemKind::Table { name, sizes })
    }

    /// The name of data or elements; none where their place follows at once.
    fn name_before_place(&mut self) -> Attempt<Option<Name>> {
        if self.at_word("at") && !matches!(self.ahead().kind, Kind::Assign) {
            return Ok(None);
        }
        self.name_of_item().map(Some)
    }

    /// `element name = [f, null];`, `element at table[0] = [f, g];` or `element name at table[0] = [f, g];`
    pub(super) fn element(&mut self) -> Attempt<ItemKind> {
        self.advance();
        let name = self.name_before_place()?;
        let at = if self.at_word("at") {
            self.advance();
            let table = self.name()?;
            let open = self.expect(Kind::OpenBracket)?;
            let index = self.expression()?;
            self.close(Kind::CloseBracket, open)?;
            Some((table, index))
        } else {
            None
        };
        self.expect(Kind::Assign)?;
        let items = self.entries()?;
        self.semicolon()?;
        Ok(ItemKind::Element { name, at, items })
    }

    /// `[f, null, g]`
    fn entries(&mut self) -> Attempt<List<Name>> {
        let open = self.expect(Kind::OpenBracket)?;
        let mark = self.listed.len();
        while !self.eat(Kind::CloseBracket) {
            let entry = self.name()?;
            self.listed.push(entry);
            self.comma_or(Kind::CloseBracket, "`,` or `]`", open)?;
        }
        Ok(self.file.names.take(&mut self.listed, mark))
    }

    /// `4` or `4 to 10`
    pub(super) fn sizes(&mut self) -> Attempt<Sizes> {
        let start = self.token.span;
        let min = self.size()?;
        let max = if self.at_word("to") {
            self.advance();
            Some(self.size()?)
        } else {
            None
        };
        Ok(Sizes { min, max, span: start.to(self.previous) })
    }

    pub(super) fn size(&mut self) -> Attempt<u64> {
        let span = self.expect(Kind::Number)?;
        parse_number(span.text(self.source)).map_err(|error| self.bad_number(span, error))
    }

    /// A text token, its escapes checked.
    pub(super) fn text_token(&mut self, what: &'static str) -> Attempt<Span> {
        if !self.eat(Kind::Text) {
            return Err(self.expected(what));
        }
        let span = self.previous;
        self.bytes.clear();
        match string_bytes(self.source, span, &mut self.bytes) {
            Ok(()) => {}
            Err((place, error)) => self.bad_text(place, error),
        }
        Ok(span)
    }

    #[cold]
    fn bad_text(&mut self, place: Span, error: StringError) {
        let diagnostic = super::advise::bad_escape(place, error, self.source);
        self.report(diagnostic);
    }
}
