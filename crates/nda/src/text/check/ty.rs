//! The types the checker reasons with: those of the core, seen as signed, unsigned or as pointers, and what is no type
//! yet.

use super::Checker;
use crate::arena::keys;
use crate::module::{Cell, ExprId, Key as _, List, Type, Yield};
use crate::span::Span;
use crate::sys::ShimType;
use crate::text::ast::{self, TypeName};
use alloc::format;
use alloc::string::String;
use core::fmt::{self, Write};

keys! {
    /// Two types or more.
    TupleId;
}

/// What an unsettled number waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group(u32);

impl Group {
    /// For the value that it is a part of.
    pub(super) const HERE: Self = Self(0);

    /// For a part of the tuple it stands in.
    pub(super) const fn part(index: usize) -> Self {
        Self(index as u32 + 1)
    }

    /// The part of a tuple; `None` outside of one.
    pub(super) fn index(self) -> Option<usize> {
        (self.0 & 0xff).checked_sub(1).map(|index| index as usize)
    }

    /// The same, but for the label of this depth instead of for the value around.
    pub(super) const fn for_label(self, depth: usize) -> Self {
        Self((self.0 & 0xff) | (depth as u32 + 1) << 8)
    }

    /// The same, for the value around.
    pub(super) const fn here(self) -> Self {
        Self(self.0 & 0xff)
    }

    /// Whether it waits for the value around, or a part of it.
    pub(super) const fn is_here(self) -> bool {
        self.0 >> 8 == 0
    }

    /// Whether it waits for the label of this depth.
    pub(super) const fn is_for(self, depth: usize) -> bool {
        self.0 >> 8 == depth as u32 + 1
    }
}

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    /// Whole numbers whose type is not settled; `i64` in the core meanwhile.
    Number(Group),
    /// Numbers with a fraction whose type is not settled; `f64` in the core meanwhile.
    Float(Group),
    I32,
    I64,
    U32,
    U64,
    F32,
    F64,
    Pointer(Cell),
    /// Several values.
    Many(TupleId),
    /// No value.
    Unit,
    /// Control does not come back from here.
    Never,
    /// Reported already; fits everything.
    Error,
}

impl Ty {
    pub(super) const NUMBER: Self = Self::Number(Group::HERE);
    pub(super) const FLOAT: Self = Self::Float(Group::HERE);

    /// A written type. Unknown ones were reported, and narrow ones where they may not stand.
    pub(super) const fn of(written: ast::Type) -> Self {
        match written.name {
            TypeName::I32 => Self::I32,
            TypeName::I64 => Self::I64,
            TypeName::U32 => Self::U32,
            TypeName::U64 => Self::U64,
            TypeName::F32 => Self::F32,
            TypeName::F64 => Self::F64,
            TypeName::Pointer(cell) => Self::Pointer(cell),
            TypeName::Narrow(_) | TypeName::Unknown => Self::Error,
        }
    }

    /// The type that the specification's name has: the signed one.
    pub(super) const fn of_core(ty: Type) -> Self {
        match ty {
            Type::I32 => Self::I32,
            Type::I64 => Self::I64,
            Type::F32 => Self::F32,
            Type::F64 => Self::F64,
        }
    }

    pub(super) const fn of_shim(ty: ShimType) -> Self {
        match ty {
            ShimType::I32 => Self::I32,
            ShimType::I64 => Self::I64,
            ShimType::U32 => Self::U32,
            ShimType::U64 => Self::U64,
            ShimType::F32 => Self::F32,
            ShimType::F64 => Self::F64,
            ShimType::Bytes => Self::Pointer(Cell::U8),
        }
    }

    /// What reading a cell gives.
    pub(super) const fn of_cell(cell: Cell) -> Self {
        match cell {
            Cell::I8 | Cell::I16 | Cell::I32 => Self::I32,
            Cell::U8 | Cell::U16 | Cell::U32 => Self::U32,
            Cell::I64 => Self::I64,
            Cell::U64 => Self::U64,
            Cell::F32 => Self::F32,
            Cell::F64 => Self::F64,
        }
    }

    /// The core type of a value, where one must stand.
    pub(super) const fn core(self) -> Type {
        match self {
            Self::I64 | Self::U64 | Self::Number(_) => Type::I64,
            Self::F32 => Type::F32,
            Self::F64 | Self::Float(_) => Type::F64,
            _ => Type::I32,
        }
    }

    /// Whether it is a whole number of settled type.
    pub(super) const fn is_integer(self) -> bool {
        matches!(self, Self::I32 | Self::I64 | Self::U32 | Self::U64)
    }

    /// Whether it is a number with a fraction of settled type.
    pub(super) const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    pub(super) const fn is_unsigned(self) -> bool {
        matches!(self, Self::U32 | Self::U64 | Self::Pointer(_))
    }

    /// Whether its type is still open.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Number(_) | Self::Float(_))
    }

    /// Whether it is one value, or may become one.
    pub(super) const fn is_single(self) -> bool {
        !matches!(self, Self::Many(_) | Self::Unit)
    }

    /// Whether it leaves something behind that somebody must take.
    pub(super) const fn is_value(self) -> bool {
        !matches!(self, Self::Unit | Self::Never | Self::Error)
    }

    /// The group of an open type.
    pub(super) const fn group(self) -> Option<Group> {
        match self {
            Self::Number(group) | Self::Float(group) => Some(group),
            _ => None,
        }
    }

    /// An open type in another group; others stay.
    pub(super) const fn in_group(self, group: Group) -> Self {
        match self {
            Self::Number(_) => Self::Number(group),
            Self::Float(_) => Self::Float(group),
            other => other,
        }
    }

    /// What it is where nothing asks for a type.
    pub(super) const fn or_default(self) -> Self {
        match self {
            Self::Number(_) => Self::I32,
            Self::Float(_) => Self::F64,
            other => other,
        }
    }
}

impl fmt::Display for Ty {
    /// In a message. Several types need [`Checker::words`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(_) => f.write_str("a number"),
            Self::Float(_) => f.write_str("a number with a fraction"),
            Self::Many(_) => f.write_str("several values"),
            Self::Unit | Self::Never | Self::Error => f.write_str("no value"),
            _ => write!(f, "`{}`", self.name()),
        }
    }
}

impl Ty {
    /// As it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Pointer(cell) => pointer_name(cell),
            Self::Number(_) => "number",
            Self::Float(_) => "float",
            Self::Many(_) => "(...)",
            Self::Unit | Self::Never | Self::Error => "()",
        }
    }
}

const fn pointer_name(cell: Cell) -> &'static str {
    match cell {
        Cell::I8 => "*i8",
        Cell::I16 => "*i16",
        Cell::I32 => "*i32",
        Cell::I64 => "*i64",
        Cell::U8 => "*u8",
        Cell::U16 => "*u16",
        Cell::U32 => "*u32",
        Cell::U64 => "*u64",
        Cell::F32 => "*f32",
        Cell::F64 => "*f64",
    }
}

/// A checked expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed {
    /// Its core node, the last of its range.
    pub(super) id: ExprId,
    /// The first core node of its range.
    pub(super) first: ExprId,
    pub(super) ty: Ty,
    /// The text to point at if the type is wrong: the value, not the whole block around it.
    pub(super) blame: Span,
}

impl Checker<'_> {
    /// Several types as one, from `parts[from..]`.
    pub(super) fn tuple_type(&mut self, from: usize) -> Ty {
        let list = self.tuple_types.take(&mut self.parts, from);
        self.tuple_lists.push(None);
        self.tuple_links.push(None);
        Ty::Many(self.tuples.push(list))
    }

    /// The types of several values.
    pub(super) fn types_in(&self, tuple: TupleId) -> &[Ty] {
        self.tuple_types.get(self.tuples[tuple])
    }

    /// A type as a message calls it.
    pub(super) fn words(&self, ty: Ty) -> String {
        let Ty::Many(tuple) = ty else { return format!("{ty}") };
        let mut text = String::from("`(");
        for (index, part) in self.types_in(tuple).iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(text, "{comma}{}", part.name());
        }
        text.push_str(")`");
        text
    }

    /// What a node of this type yields.
    pub(super) fn yield_of(&mut self, ty: Ty) -> Yield {
        match ty {
            Ty::Unit | Ty::Error => Yield::NONE,
            Ty::Never => Yield::NEVER,
            Ty::Many(tuple) => {
                let tuple = self.final_types(tuple);
                Yield::many(self.core_list(tuple))
            }
            one => Yield::one(one.core()),
        }
    }

    /// Several values turn out to be of these types: what was open in them is settled there.
    pub(super) fn link(&mut self, from: Ty, to: Ty) {
        if let (Ty::Many(from), Ty::Many(to)) = (from, to)
            && from != to
            && self.types_in(from).iter().any(|part| part.is_open())
        {
            let to = self.final_types(to);
            if to != from && self.tuple_links[from.index()].is_none() {
                self.tuple_links[from.index()] = Some(to);
            }
        }
    }

    /// What several values turned out to be. Shortens the way for the next who asks.
    fn final_types(&mut self, mut tuple: TupleId) -> TupleId {
        while let Some(next) = self.tuple_links[tuple.index()] {
            let behind = self.tuple_links[next.index()].unwrap_or(next);
            self.tuple_links[tuple.index()] = Some(behind);
            tuple = behind;
        }
        tuple
    }

    /// The core types of several values, as a list of the module.
    fn core_list(&mut self, tuple: TupleId) -> List<Type> {
        if let Some(list) = self.tuple_lists[tuple.index()] {
            return list;
        }
        let mut types = [Type::I32; crate::MAX_RESULTS];
        let parts = self.tuple_types.get(self.tuples[tuple]);
        let count = parts.len().min(types.len());
        for (slot, part) in types.iter_mut().zip(parts) {
            *slot = part.core();
        }
        let list = self.module.pool.push(&types[..count]);
        self.tuple_lists[tuple.index()] = Some(list);
        list
    }
}
