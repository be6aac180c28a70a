//! Built-ins of the memory and of tables: those that move many bytes or entries at once, and what belongs to them.

use super::built_in::{BuiltIn, Memory};
use super::ty::{Ty, Typed};
use super::{Checker, Entity};
use crate::arena::List;
use crate::module::{DataId, ElementId, Expr, ExprId, TableId, Type};
use crate::span::Span;
use crate::text::ast::{self, ExprKind, Name};

impl Checker<'_> {
    #[inline(never)]
    pub(super) fn memory_built_in(
        &mut self,
        what: Memory,
        name: Name,
        arguments: List<ast::ExprId>,
        span: Span,
    ) -> Typed {
        const THREE: [Type; 3] = [Type::I32; 3];
        self.memory_used |= !matches!(what, Memory::Drop);
        match what {
            Memory::Size => self.operation(name, &[], arguments, span, |_| (Expr::MemorySize, Ty::I32)),
            Memory::Grow => {
                self.operation(name, &THREE[..1], arguments, span, |[pages, ..]| (Expr::MemoryGrow(pages), Ty::I32))
            }
            Memory::Copy => {
                self.operation(name, &THREE, arguments, span, |[a, b, c]| (Expr::MemoryCopy(a, b, c), Ty::Unit))
            }
            Memory::Fill => {
                self.operation(name, &THREE, arguments, span, |[a, b, c]| (Expr::MemoryFill(a, b, c), Ty::Unit))
            }
            Memory::Init => self.bulk(name, arguments, span, 1, |checker, names, list| {
                Some(Expr::MemoryInit(checker.data_named(names[0])?, list))
            }),
            Memory::Drop => self.bulk(name, arguments, span, 1, |checker, names, _| {
                Some(Expr::DataDrop(checker.data_named(names[0])?))
            }),
        }
    }

    pub(super) fn table_built_in(
        &mut self,
        found: BuiltIn,
        name: Name,
        arguments: List<ast::ExprId>,
        span: Span,
    ) -> Typed {
        match found {
            BuiltIn::TableInit => self.bulk(name, arguments, span, 2, |checker, names, list| {
                let (table, element) = (checker.table_named(names[0]), checker.element_named(names[1]));
                Some(Expr::TableInit(table?, element?, list))
            }),
            BuiltIn::TableCopy => self.bulk(name, arguments, span, 2, |checker, names, list| {
                let (to, from) = (checker.table_named(names[0]), checker.table_named(names[1]));
                Some(Expr::TableCopy(to?, from?, list))
            }),
            _ => self.bulk(name, arguments, span, 1, |checker, names, _| {
                Some(Expr::ElementDrop(checker.element_named(names[0])?))
            }),
        }
    }

    /// A built-in whose first arguments are names of items, and that has three numbers behind them or none (`drop`).
    #[inline(never)]
    fn bulk(
        &mut self,
        name: Name,
        arguments: List<ast::ExprId>,
        span: Span,
        items: usize,
        node: fn(&mut Self, [ast::ExprId; 2], crate::module::List<ExprId>) -> Option<Expr>,
    ) -> Typed {
        let file = self.file;
        let (first, nodes) = (self.mark(), self.list.len());
        let given = file.arguments.get(arguments);
        let numbers = if self.names.text(name.symbol) == "drop" { 0 } else { 3 };
        if given.len() != items + numbers {
            self.wrong_count(name, items + numbers, given.len(), None);
            return self.poison(span);
        }
        let mut never = false;
        for &argument in &given[items..] {
            let value = self.core_operand(argument, Type::I32);
            never |= value.ty == Ty::Never;
            self.list.push(value.id);
        }
        let list = self.module.pool.take(&mut self.list, nodes);
        match node(self, [given[0], given[items - 1]], list) {
            Some(node) => self.add(node, if never { Ty::Never } else { Ty::Unit }, span, first),
            None => self.poison(span),
        }
    }

    /// What the name in an argument stands for.
    fn entity(&self, argument: ast::ExprId) -> (Span, Option<Entity>) {
        let expr = self.file.exprs[argument];
        match expr.kind {
            ExprKind::Name(symbol) => (expr.span, self.known.get(symbol).map(|known| known.entity)),
            _ => (expr.span, None),
        }
    }

    fn data_named(&mut self, argument: ast::ExprId) -> Option<DataId> {
        match self.entity(argument) {
            (_, Some(Entity::Data(data))) => Some(data),
            (span, _) => self.no_item(span, "the name of a `data`"),
        }
    }

    fn table_named(&mut self, argument: ast::ExprId) -> Option<TableId> {
        match self.entity(argument) {
            (_, Some(Entity::Table(table))) => Some(table),
            (span, _) => self.no_item(span, "the name of a `table`"),
        }
    }

    fn element_named(&mut self, argument: ast::ExprId) -> Option<ElementId> {
        match self.entity(argument) {
            (_, Some(Entity::Element(element))) => Some(element),
            (span, _) => self.no_item(span, "the name of an `element`"),
        }
    }
}
