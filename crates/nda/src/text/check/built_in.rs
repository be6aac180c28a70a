//! Built-ins: every operator of the core by its name in the specification, and what has no other form in text.

use super::Checker;
use super::ty::{Ty, Typed};
use crate::arena::List;
use crate::module::{BinaryOp, Expr, ExprId, Key as _, LoadOp, StoreOp, Type, UnaryOp, Value};
use crate::span::Span;
use crate::text::ast::{self, ExprKind, Name, Path, PathId};

/// What a path such as `i32::clz` stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum BuiltIn {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Load(LoadOp),
    Store(StoreOp),
    /// A number by its bits.
    Bits(Type),
    Memory(Memory),
    TableInit,
    TableCopy,
    TableDrop,
}

/// The built-ins of the memory.
#[derive(Clone, Copy, Debug)]
pub(super) enum Memory {
    Size,
    Grow,
    Copy,
    Fill,
    Init,
    Drop,
}

/// The names in the group `memory`.
const MEMORY: [(&str, Memory); 6] = [
    ("size", Memory::Size),
    ("grow", Memory::Grow),
    ("copy", Memory::Copy),
    ("fill", Memory::Fill),
    ("init", Memory::Init),
    ("drop", Memory::Drop),
];

/// The names in the group `table`.
const TABLE: [(&str, BuiltIn); 3] =
    [("init", BuiltIn::TableInit), ("copy", BuiltIn::TableCopy), ("drop", BuiltIn::TableDrop)];

/// The groups there are.
pub(super) const GROUPS: [&str; 6] = ["i32", "i64", "f32", "f64", "memory", "table"];

/// Every path of a group's operators, without the group.
fn operators(group: &str) -> impl Iterator<Item = (&'static str, BuiltIn)> {
    let unary = UnaryOp::ALL.iter().map(|&op| (op.mnemonic(), BuiltIn::Unary(op)));
    let binary = BinaryOp::ALL.iter().map(|&op| (op.mnemonic(), BuiltIn::Binary(op)));
    let loads = LoadOp::ALL.iter().map(|&op| (op.mnemonic(), BuiltIn::Load(op)));
    let stores = StoreOp::ALL.iter().map(|&op| (op.mnemonic(), BuiltIn::Store(op)));
    let all = unary.chain(binary).chain(loads).chain(stores);
    all.filter_map(move |(mnemonic, found)| Some((mnemonic.strip_prefix(group)?.strip_prefix('.')?, found)))
}

/// Every name of a group that takes arguments.
pub(super) fn names_in(group: &str) -> impl Iterator<Item = &'static str> {
    let bits = matches!(group, "f32" | "f64").then_some("bits");
    let memory = MEMORY.iter().map(|(name, _)| *name).filter(move |_| group == "memory");
    let table = TABLE.iter().map(|(name, _)| *name).filter(move |_| group == "table");
    operators(group).map(|(name, _)| name).chain(bits).chain(memory).chain(table)
}

fn find(group: &str, item: &str) -> Option<BuiltIn> {
    match (group, item) {
        ("f32", "bits") => Some(BuiltIn::Bits(Type::F32)),
        ("f64", "bits") => Some(BuiltIn::Bits(Type::F64)),
        ("memory", _) => MEMORY.iter().find(|(name, _)| *name == item).map(|&(_, found)| BuiltIn::Memory(found)),
        ("table", _) => TABLE.iter().find(|(name, _)| *name == item).map(|&(_, found)| found),
        ("i32" | "i64" | "f32" | "f64", _) => operators(group).find(|(name, _)| *name == item).map(|(_, found)| found),
        _ => None,
    }
}

impl Checker<'_> {
    /// What a path stands for. Kept, since a search goes through all operators.
    pub(super) fn find_built_in(&mut self, path: Path) -> Option<BuiltIn> {
        let key = (path.group.symbol.index(), path.item.symbol.index());
        if let Some(&found) = self.built_ins.get(&key) {
            return found;
        }
        let found = find(self.names.text(path.group.symbol), self.names.text(path.item.symbol));
        self.built_ins.insert(key, found);
        found
    }

    #[inline(never)]
    pub(super) fn built_in(&mut self, path: PathId, arguments: List<ast::ExprId>, span: Span) -> Typed {
        let path = self.file.paths[path];
        let name = Name { symbol: path.item.symbol, span: path.group.span.to(path.item.span) };
        let Some(found) = self.find_built_in(path) else {
            self.unknown_built_in(path, name.span);
            self.check_all(arguments);
            return self.poison(span);
        };
        match found {
            BuiltIn::Unary(op) => self.operation(name, &[op.operand()], arguments, span, |[a, _, _]| {
                (Expr::Unary(op, a), Ty::of_core(op.result()))
            }),
            BuiltIn::Binary(op) => self.operation(name, &[op.operand(); 2], arguments, span, |[a, b, _]| {
                (Expr::Binary(op, a, b), Ty::of_core(op.result()))
            }),
            BuiltIn::Bits(ty) => self.bits(name, ty, arguments, span),
            BuiltIn::Load(_) | BuiltIn::Store(_) => self.access(found, name, arguments, span),
            BuiltIn::Memory(what) => self.memory_built_in(what, name, arguments, span),
            BuiltIn::TableInit | BuiltIn::TableCopy | BuiltIn::TableDrop => {
                self.table_built_in(found, name, arguments, span)
            }
        }
    }

    /// A node of up to three operands of these core types.
    pub(super) fn operation(
        &mut self,
        name: Name,
        operands: &[Type],
        arguments: List<ast::ExprId>,
        span: Span,
        node: impl FnOnce([ExprId; 3]) -> (Expr, Ty),
    ) -> Typed {
        let first = self.mark();
        match self.operands(name, operands, arguments) {
            Some((operands, never)) => {
                let (node, ty) = node(operands);
                self.add(node, if never { Ty::Never } else { ty }, span, first)
            }
            None => self.poison(span),
        }
    }

    /// Up to three arguments of these core types, and whether one of them never ends; `None` if there are more or less.
    #[inline(never)]
    fn operands(&mut self, name: Name, types: &[Type], arguments: List<ast::ExprId>) -> Option<([ExprId; 3], bool)> {
        let file = self.file;
        let given = file.arguments.get(arguments);
        if given.len() != types.len() {
            self.wrong_count(name, types.len(), given.len(), None);
            self.check_all(arguments);
            return None;
        }
        let (mut nodes, mut never) = ([ExprId(0); 3], false);
        for ((&argument, &ty), slot) in given.iter().zip(types).zip(&mut nodes) {
            let value = self.core_operand(argument, ty);
            never |= value.ty == Ty::Never;
            *slot = value.id;
        }
        Some((nodes, never))
    }

    /// An argument of this core type, whether it is seen as signed, unsigned or as a pointer.
    pub(super) fn core_operand(&mut self, argument: ast::ExprId, ty: Type) -> Typed {
        let value = self.expr(argument);
        let want = Ty::of_core(ty);
        match (value.ty, ty) {
            (Ty::Number(_), Type::I32 | Type::I64) => {
                let want =
                    if self.is_large(value, ty) { [Ty::U32, Ty::U64][usize::from(ty == Type::I64)] } else { want };
                self.settle(value, want);
            }
            (found, _) if found.is_value() && !found.is_open() && found.is_single() && found.core() == ty => {}
            _ => self.coerce(value, want),
        }
        value
    }

    /// Whether it is a number that only the unsigned view of the type has.
    fn is_large(&self, value: Typed, ty: Type) -> bool {
        match self.module.exprs[value.id] {
            Expr::I64(number) => ty == Type::I32 && number > i64::from(i32::MAX),
            Expr::F64(_) => value.first == value.id,
            _ => false,
        }
    }

    /// `f32::bits(0x7fc00000)`
    fn bits(&mut self, name: Name, ty: Type, arguments: List<ast::ExprId>, span: Span) -> Typed {
        match self.bits_value(name, ty, arguments, span) {
            Some(value) => self.leaf(super::fit::constant(value), Ty::of_core(ty), span),
            None => self.poison(span),
        }
    }

    /// The number with these bits; reported if there is none.
    pub(super) fn bits_value(
        &mut self,
        name: Name,
        ty: Type,
        arguments: List<ast::ExprId>,
        span: Span,
    ) -> Option<Value> {
        let file = self.file;
        let &[bits] = file.arguments.get(arguments) else {
            self.wrong_count(name, 1, file.arguments.get(arguments).len(), None);
            return None;
        };
        let ExprKind::Number(bits) = file.exprs[bits].kind else {
            self.no_literal(file.exprs[bits].span, "the bits of a number are written as a number");
            return None;
        };
        if ty == Type::F32 && bits > u64::from(u32::MAX) {
            self.does_not_fit(span, Ty::U32);
            return None;
        }
        Some(Value::of_bits(ty, bits))
    }

    /// `i32::load8_s(address, offset)`, `i64::store(address, offset, value)`
    #[inline(never)]
    fn access(&mut self, found: BuiltIn, name: Name, arguments: List<ast::ExprId>, span: Span) -> Typed {
        let file = self.file;
        self.memory_used = true;
        let first = self.mark();
        let given = file.arguments.get(arguments);
        let (want, value_type) = match found {
            BuiltIn::Store(op) => (3, Some(op.ty())),
            _ => (2, None),
        };
        if given.len() != want {
            self.wrong_count(name, want, given.len(), None);
            self.check_all(arguments);
            return self.poison(span);
        }
        let address = self.core_operand(given[0], Type::I32);
        let offset = self.offset(given[1]);
        let mut never = address.ty == Ty::Never;
        let value = value_type.map(|ty| self.core_operand(given[2], ty));
        never |= value.is_some_and(|value| value.ty == Ty::Never);
        let (node, ty) = match (found, value) {
            (BuiltIn::Load(op), _) => (Expr::Load(op, offset, address.id), Ty::of_core(op.ty())),
            (BuiltIn::Store(op), Some(value)) => (Expr::Store(op, offset, address.id, value.id), Ty::Unit),
            _ => return self.poison(span),
        };
        self.add(node, if never { Ty::Never } else { ty }, span, first)
    }

    fn offset(&mut self, id: ast::ExprId) -> u32 {
        let expr = self.file.exprs[id];
        match expr.kind {
            ExprKind::Number(offset) => u32::try_from(offset).unwrap_or_else(|_| {
                self.does_not_fit(expr.span, Ty::U32);
                0
            }),
            _ => {
                self.no_literal(expr.span, "an offset is written as a number");
                0
            }
        }
    }

    /// `select(a, b, condition)`
    #[inline(never)]
    pub(super) fn select(&mut self, name: Name, arguments: List<ast::ExprId>, span: Span) -> Typed {
        let file = self.file;
        let &[one, other, condition] = file.arguments.get(arguments) else {
            self.wrong_count(name, 3, file.arguments.get(arguments).len(), None);
            self.check_all(arguments);
            return self.poison(span);
        };
        let (one, other) = (self.expr(one), self.expr(other));
        if let Some(wrong) = [one, other].into_iter().find(|side| !side.ty.is_single()) {
            self.no_value(wrong, "`select` needs two values");
            return self.poison(span);
        }
        let mut ty = self.unify(one, other);
        let condition = self.condition(condition);
        if [one.ty, other.ty, condition.ty].contains(&Ty::Never) {
            self.default(Typed { first: one.first, ty, ..other });
            ty = Ty::Never;
        }
        self.add(Expr::Select(one.id, other.id, condition.id), ty, span, one.first)
    }

    /// `unreachable()`
    pub(super) fn unreachable(&mut self, name: Name, arguments: List<ast::ExprId>, span: Span) -> Typed {
        let given = self.file.arguments.get(arguments).len();
        if given > 0 {
            self.wrong_count(name, 0, given, None);
            self.check_all(arguments);
        }
        self.leaf(Expr::Unreachable, Ty::Never, span)
    }
}
