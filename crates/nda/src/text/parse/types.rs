//! Types, parameters, results.

use super::{Attempt, Parser};
use crate::arena::List;
use crate::module::Cell;
use crate::span::Span;
use crate::text::ast::{DataType, Parameter, Signature, SignatureId, Type, TypeName};
use crate::text::lexer::Kind;
use crate::{MAX_PARAMETERS, MAX_RESULTS};

/// What lies in memory under this name.
const fn cell(name: &[u8]) -> Option<Cell> {
    Some(match name {
        b"i8" => Cell::I8,
        b"i16" => Cell::I16,
        b"i32" => Cell::I32,
        b"i64" => Cell::I64,
        b"u8" => Cell::U8,
        b"u16" => Cell::U16,
        b"u32" => Cell::U32,
        b"u64" => Cell::U64,
        b"f32" => Cell::F32,
        b"f64" => Cell::F64,
        _ => return None,
    })
}

/// The type of the value with the same name as a cell.
const fn type_of(cell: Cell) -> TypeName {
    match cell {
        Cell::I32 => TypeName::I32,
        Cell::I64 => TypeName::I64,
        Cell::U32 => TypeName::U32,
        Cell::U64 => TypeName::U64,
        Cell::F32 => TypeName::F32,
        Cell::F64 => TypeName::F64,
        Cell::I8 | Cell::I16 | Cell::U8 | Cell::U16 => TypeName::Narrow(cell),
    }
}

impl Parser<'_, '_> {
    /// The type of a value; one that does not exist is reported and unknown.
    pub(super) fn type_name(&mut self) -> Attempt<Type> {
        let ty = self.target_type()?;
        if let TypeName::Narrow(_) = ty.name {
            self.narrow_type(ty.span);
            return Ok(Type { name: TypeName::Unknown, span: ty.span });
        }
        Ok(ty)
    }

    /// A type behind `as`, where the narrow ones are allowed.
    pub(super) fn target_type(&mut self) -> Attempt<Type> {
        let start = self.token.span;
        if self.eat(Kind::Star) {
            let cell = self.cell()?;
            let name = cell.map_or(TypeName::Unknown, TypeName::Pointer);
            return Ok(Type { name, span: start.to(self.previous) });
        }
        if !self.eat(Kind::Name) {
            return Err(self.no_type());
        }
        let name = match cell(self.previous.text(self.source).as_bytes()) {
            Some(cell) => type_of(cell),
            None => {
                self.unknown_type(self.previous);
                TypeName::Unknown
            }
        };
        Ok(Type { name, span: self.previous })
    }

    /// The type of a cell of memory; `None` for one that does not exist, which is reported.
    fn cell(&mut self) -> Attempt<Option<Cell>> {
        if !self.eat(Kind::Name) {
            return Err(
                self.expected_with_help("the type of what it points to", "pointers lead to numbers: `*i32`, `*u8`")
            );
        }
        let cell = cell(self.previous.text(self.source).as_bytes());
        if cell.is_none() {
            self.unknown_cell(self.previous);
        }
        Ok(cell)
    }

    /// The type of a static: `u8`, or `[u8; 16]`.
    pub(super) fn data_type(&mut self) -> Attempt<DataType> {
        let start = self.token.span;
        if !self.eat(Kind::OpenBracket) {
            let cell = self.cell()?;
            return Ok(DataType { cell, count: None, span: self.previous });
        }
        let cell = self.cell()?;
        if !self.eat(Kind::Semicolon) {
            return Err(self.expected_with_help("`;` and a number", "write how many there are: `[u8; 16]`"));
        }
        let count = Some(self.size()?);
        self.close(Kind::CloseBracket, start)?;
        Ok(DataType { cell, count, span: start.to(self.previous) })
    }

    /// `: type` behind the name of an item
    pub(super) fn type_of_item(&mut self) -> Attempt<Type> {
        self.colon()?;
        self.type_name()
    }

    /// The `:` between a name and its type.
    pub(super) fn colon(&mut self) -> Attempt<()> {
        if self.eat(Kind::Colon) {
            return Ok(());
        }
        Err(self.expected_with_help("`:` and a type", "a type is written behind the name: `name: i32`"))
    }

    /// The parameters of a function, up to the `)`.
    pub(super) fn named_parameters(&mut self, open: Span) -> Attempt<List<Parameter>> {
        let mark = self.parameters.len();
        while !self.eat(Kind::CloseParen) {
            let name = self.name()?;
            if !self.eat(Kind::Colon) {
                return Err(self.expected_with_help("`:` and a type", "every parameter has a type: `n: i32`"));
            }
            let ty = self.type_name()?;
            self.parameter(Parameter { name: Some(name), ty }, mark, open)?;
        }
        Ok(self.file.parameters.take(&mut self.parameters, mark))
    }

    fn parameter(&mut self, parameter: Parameter, mark: usize, open: Span) -> Attempt<()> {
        if self.parameters.len() - mark == MAX_PARAMETERS {
            return Err(self.too_many_parameters(parameter.name.map_or(parameter.ty.span, |name| name.span)));
        }
        self.parameters.push(parameter);
        self.comma_or(Kind::CloseParen, "`,` or `)`", open)
    }

    /// `fn(i32, i64) -> i32`: the functions that an indirect call may meet
    #[inline(never)]
    pub(super) fn function_type(&mut self) -> Attempt<SignatureId> {
        self.expect(Kind::Fn)?;
        let open = self.expect(Kind::OpenParen)?;
        let mark = self.parameters.len();
        while !self.eat(Kind::CloseParen) {
            let ty = self.type_name()?;
            self.parameter(Parameter { name: None, ty }, mark, open)?;
        }
        let parameters = self.file.parameters.take(&mut self.parameters, mark);
        self.results(parameters)
    }

    /// `-> i32`, `-> (i32, i64)` or nothing, which completes a signature
    pub(super) fn results(&mut self, parameters: List<Parameter>) -> Attempt<SignatureId> {
        let mut result_span = Span::point(self.previous.end);
        let mark = self.types.len();
        if self.eat(Kind::Arrow) {
            let start = self.token.span;
            if self.eat(Kind::OpenParen) {
                self.several_results(start, mark)?;
            } else {
                let ty = self.type_name()?;
                self.types.push(ty);
            }
            result_span = start.to(self.previous);
        }
        let results = self.file.types.take(&mut self.types, mark);
        Ok(self.file.signatures.push(Signature { parameters, results, result_span }))
    }

    fn several_results(&mut self, open: Span, mark: usize) -> Attempt<()> {
        while !self.eat(Kind::CloseParen) {
            let ty = self.type_name()?;
            if self.types.len() - mark == MAX_RESULTS {
                return Err(self.too_many_results(ty.span));
            }
            self.types.push(ty);
            self.comma_or(Kind::CloseParen, "`,` or `)`", open)?;
        }
        if self.types.len() - mark < 2 {
            self.few_results(open.to(self.previous), self.types.len() - mark);
        }
        Ok(())
    }
}
