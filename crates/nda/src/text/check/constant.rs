//! Values known without running code: first values of globals, cells of statics, places of data and elements.

use super::fit::{float_value, integer};
use super::ty::Ty;
use super::{Checker, Entity};
use crate::module::{Constant, GlobalId, Key, Type, Value};
use crate::span::Span;
use crate::text::ast::{self, ExprKind, Name};

impl Checker<'_> {
    /// A literal of type `ty`; anything else is reported.
    pub(super) fn literal(&mut self, id: ast::ExprId, ty: Ty) -> Option<Value> {
        let (inner, minus, span) = self.without_sign(id);
        let value = match self.file.exprs[inner].kind {
            ExprKind::Number(number) if ty.is_integer() => {
                let number = if minus { -i128::from(number) } else { i128::from(number) };
                integer(number, ty)
            }
            ExprKind::Float if ty.is_float() => float_value(self.file.exprs[inner].span.text(self.source), minus, ty),
            _ => return self.other_literal(inner, minus, ty, span),
        };
        if value.is_none() {
            self.does_not_fit(span, ty);
        }
        value
    }

    /// An expression without the minus before it. (The parser reads no more than one into a literal's place, but a
    /// chain of them is no literal in any case.)
    fn without_sign(&self, id: ast::ExprId) -> (ast::ExprId, bool, Span) {
        match self.file.exprs[id].kind {
            ExprKind::Negate(inner) => (inner, true, self.file.exprs[id].span),
            _ => (id, false, self.file.exprs[id].span),
        }
    }

    fn other_literal(&mut self, id: ast::ExprId, minus: bool, ty: Ty, span: Span) -> Option<Value> {
        let file = self.file;
        let (value, found) = match file.exprs[id].kind {
            ExprKind::Constant(path) => match self.named_constant(path, minus) {
                Some(value) => (Some(value), Ty::of_core(value.ty())),
                None => {
                    self.unknown_constant(path, span);
                    return None;
                }
            },
            ExprKind::BuiltIn(path, arguments) if !minus => {
                let path = file.paths[path];
                let name = Name { symbol: path.item.symbol, span: path.group.span.to(path.item.span) };
                match self.find_built_in(path) {
                    Some(super::built_in::BuiltIn::Bits(of)) => {
                        (Some(self.bits_value(name, of, arguments, span)?), Ty::of_core(of))
                    }
                    _ => (None, Ty::Unit),
                }
            }
            ExprKind::Number(_) => (None, Ty::NUMBER),
            ExprKind::Float => (None, Ty::FLOAT),
            _ => (None, Ty::Unit),
        };
        if ty == Ty::Error || (value.is_some() && found == ty) {
            return value;
        }
        self.wrong_constant(found, ty, span);
        None
    }

    /// A value of type `ty` that may also be a `const` or the address of a static. `before` is the global it is for.
    pub(super) fn constant(&mut self, id: ast::ExprId, ty: Ty, before: Option<GlobalId>) -> Constant {
        let expr = self.file.exprs[id];
        let found = match expr.kind {
            ExprKind::Name(symbol) => self.named(Name { symbol, span: expr.span }, before),
            ExprKind::Cast(..) => self.cast_constant(id, before),
            _ if matches!(ty, Ty::Pointer(_)) => {
                self.wrong_constant(self.literal_type(id), ty, expr.span);
                None
            }
            _ => return Constant::Value(self.literal(id, ty).unwrap_or(ty.core().zero())),
        };
        match found {
            Some((constant, found)) if found == ty || ty == Ty::Error => constant,
            Some((_, found)) => {
                self.wrong_constant(found, ty, expr.span);
                Constant::Value(ty.core().zero())
            }
            None => Constant::Value(ty.core().zero()),
        }
    }

    fn literal_type(&self, id: ast::ExprId) -> Ty {
        match self.file.exprs[self.without_sign(id).0].kind {
            ExprKind::Number(_) => Ty::NUMBER,
            ExprKind::Float => Ty::FLOAT,
            _ => Ty::Unit,
        }
    }

    /// `0 as *u8`, `buffer as u32`: what is only seen as another type.
    fn cast_constant(&mut self, id: ast::ExprId, before: Option<GlobalId>) -> Option<(Constant, Ty)> {
        let ExprKind::Cast(inner, written) = self.file.exprs[id].kind else { return None };
        let (target, span) = (Ty::of(written), self.file.exprs[id].span);
        if target == Ty::Error {
            return None;
        }
        let expr = self.file.exprs[inner];
        let narrow = matches!(target, Ty::I32 | Ty::U32 | Ty::Pointer(_));
        if let ExprKind::Name(symbol) = expr.kind {
            let (constant, found) = self.named(Name { symbol, span: expr.span }, before)?;
            if found.core() == target.core() && (narrow || found.is_integer() || found == target) {
                return Some((constant, target));
            }
            self.wrong_constant(found, target, span);
            return None;
        }
        let literal = if narrow && matches!(target, Ty::Pointer(_)) { Ty::U32 } else { target };
        self.literal(inner, literal).map(|value| (Constant::Value(value), target))
    }

    /// A `const` that comes earlier, or a static.
    fn named(&mut self, name: Name, before: Option<GlobalId>) -> Option<(Constant, Ty)> {
        match self.known.get(name.symbol).map(|known| known.entity) {
            Some(Entity::Static(data)) => {
                self.memory_used = true;
                Some((Constant::Address(data), self.static_type(data)))
            }
            Some(Entity::Global(global)) => {
                let earlier = before.is_none_or(|before| global < before);
                if self.module.globals[global].mutable || !earlier {
                    self.not_constant(name, !self.module.globals[global].mutable);
                    return None;
                }
                Some((Constant::Global(global), self.globals[global.index()]))
            }
            _ => {
                self.unknown_variable(name);
                None
            }
        }
    }

    /// Where data or elements go: a `u32` or an `i32`.
    pub(super) fn place(&mut self, id: ast::ExprId) -> Constant {
        let expr = self.file.exprs[id];
        if let ExprKind::Name(symbol) = expr.kind {
            let Some((constant, found)) = self.named(Name { symbol, span: expr.span }, None) else {
                return Constant::Value(Type::I32.zero());
            };
            if found != Ty::Error && found.core() != Type::I32 {
                self.wrong_constant(found, Ty::U32, expr.span);
            }
            return constant;
        }
        let negative = matches!(expr.kind, ExprKind::Negate(_));
        self.constant(id, if negative { Ty::I32 } else { Ty::U32 }, None)
    }
}
