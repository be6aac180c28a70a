//! The nodes of the core tree.
//!
//! A node names its children by key and evaluates them in the order in which they are written here, then does what
//! its line says. Labels are the enclosing [`Expr::Block`]s and [`Expr::Loop`]s of the same function, counted from the
//! innermost, which is 0; nothing else is a label.

use super::{
    BinaryOp, DataId, ElementId, ExprId, FuncId, GlobalId, List, LoadOp, LocalId, SigId, StoreOp, TableId, UnaryOp,
};

/// A node of the core tree: 16 bytes.
#[derive(Clone, Copy, Debug, Hash)]
pub enum Expr {
    /// `i32.const`
    I32(i32),
    /// `i64.const`
    I64(i64),
    /// `f32.const`, as bits
    F32(u32),
    /// `f64.const`, as bits
    F64(u64),

    /// `local.get`
    LocalGet(LocalId),
    /// `local.set`; no value
    LocalSet(LocalId, ExprId),
    /// `local.tee`: sets and yields the value
    LocalTee(LocalId, ExprId),
    /// Sets locals to the values of a node that yields as many, the last one first, so that of a local that is there twice
    /// the first value stays; no value
    LocalSetMany(List<LocalId>, ExprId),
    /// `global.get`
    GlobalGet(GlobalId),
    /// `global.set`; no value
    GlobalSet(GlobalId, ExprId),

    /// An operator of one operand
    Unary(UnaryOp, ExprId),
    /// An operator of two operands
    Binary(BinaryOp, ExprId, ExprId),
    /// `select`: the first if the third, an `i32`, is not zero, otherwise the second; all three are evaluated
    Select(ExprId, ExprId, ExprId),

    /// A load at offset from an address, an `i32` read as unsigned; the sum does not wrap
    Load(LoadOp, u32, ExprId),
    /// A store at offset from an address (first) of a value (second); no value
    Store(StoreOp, u32, ExprId, ExprId),
    /// The address at which a [`Placement::Anywhere`](super::Placement::Anywhere) was put, an `i32`
    Address(DataId),
    /// `memory.size`, in pages
    MemorySize,
    /// `memory.grow` by pages; yields the old size or -1
    MemoryGrow(ExprId),
    /// `memory.copy`: destination, source, length in bytes
    MemoryCopy(ExprId, ExprId, ExprId),
    /// `memory.fill`: destination, byte, length
    MemoryFill(ExprId, ExprId, ExprId),
    /// `memory.init`: a list of destination, offset in the data, length
    MemoryInit(DataId, List<ExprId>),
    /// `data.drop`
    DataDrop(DataId),
    /// `table.init`: a list of destination, offset in the element segment, length
    TableInit(TableId, ElementId, List<ExprId>),
    /// `table.copy` into the first table from the second: a list of destination, source, length
    TableCopy(TableId, TableId, List<ExprId>),
    /// `elem.drop`
    ElementDrop(ElementId),

    /// Nodes in order; all but the last yield nothing, and the value is that of the last. Empty: no value
    Sequence(List<ExprId>),
    /// Several values, one from each of two or more nodes
    Tuple(List<ExprId>),
    /// Evaluates and forgets whatever the node yields
    Drop(ExprId),
    /// A label at the end of a node: a break to it gives the block's value
    Block(ExprId),
    /// A label at the start of a node: a break to it begins anew. The value is that of the node, when it ends
    Loop(ExprId),
    /// A condition, and what runs if it is not zero; no value
    If(ExprId, ExprId),
    /// A condition, what runs if it is not zero, what runs if it is
    IfElse(ExprId, ExprId, ExprId),
    /// Leaves for the label of this depth with what the node yields: the block's value; nothing for a loop
    Break(u32, ExprId),
    /// `br_table`: a list of depths, the last one for every index beyond; then the value, then the index, an `i32`
    BreakTable(List<u32>, ExprId, ExprId),
    /// Leaves the function with what the node yields
    Return(ExprId),
    /// `unreachable`: traps
    Unreachable,

    /// Arguments from left to right, then the function
    Call(FuncId, List<ExprId>),
    /// Arguments, then the index into the table, an `i32`, as the last item of the list; then the function there
    CallIndirect(SigId, TableId, List<ExprId>),
}

const _: () = assert!(size_of::<Expr>() == 16, "a node takes 16 bytes");

/// The children of a node, at most three, or a list.
#[derive(Clone, Copy, Debug)]
pub enum Children {
    /// Up to three; the first `usize` of the array count.
    Few([ExprId; 3], usize),
    /// A list.
    List(List<ExprId>),
}

/// Tells a node by how many children it has: none, one, two, three, or a list.
macro_rules! by_children {
    (
        $node:expr, [] => $none:expr, [$a:ident] => $one:expr, [$b:ident, $c:ident] => $two:expr,
        [$d:ident, $e:ident, $f:ident] => $three:expr, $list:ident => $many:expr
    ) => {
        match $node {
            Self::I32(_)
            | Self::I64(_)
            | Self::F32(_)
            | Self::F64(_)
            | Self::LocalGet(_)
            | Self::GlobalGet(_)
            | Self::Address(_)
            | Self::MemorySize
            | Self::DataDrop(_)
            | Self::ElementDrop(_)
            | Self::Unreachable => $none,
            Self::LocalSet(_, $a)
            | Self::LocalTee(_, $a)
            | Self::LocalSetMany(_, $a)
            | Self::GlobalSet(_, $a)
            | Self::Unary(_, $a)
            | Self::Load(_, _, $a)
            | Self::MemoryGrow($a)
            | Self::Drop($a)
            | Self::Block($a)
            | Self::Loop($a)
            | Self::Break(_, $a)
            | Self::Return($a) => $one,
            Self::Binary(_, $b, $c) | Self::Store(_, _, $b, $c) | Self::If($b, $c) | Self::BreakTable(_, $b, $c) => $two,
            Self::Select($d, $e, $f)
            | Self::MemoryCopy($d, $e, $f)
            | Self::MemoryFill($d, $e, $f)
            | Self::IfElse($d, $e, $f) => $three,
            Self::MemoryInit(_, $list)
            | Self::TableInit(_, _, $list)
            | Self::TableCopy(_, _, $list)
            | Self::Sequence($list)
            | Self::Tuple($list)
            | Self::Call(_, $list)
            | Self::CallIndirect(_, _, $list) => $many,
        }
    };
}

impl Expr {
    /// The children, in the order in which they are evaluated (the arms of a condition: the condition first).
    #[must_use]
    pub const fn children(&self) -> Children {
        let none = ExprId(0);
        by_children!(
            *self,
            [] => Children::Few([none; 3], 0),
            [a] => Children::Few([a, none, none], 1),
            [a, b] => Children::Few([a, b, none], 2),
            [a, b, c] => Children::Few([a, b, c], 3),
            list => Children::List(list)
        )
    }

    /// The same, to be changed: up to three keys, and a list, which is empty where there are keys.
    pub(crate) const fn children_mut(&mut self) -> ([Option<&mut ExprId>; 3], List<ExprId>) {
        by_children!(
            self,
            [] => ([None, None, None], List::EMPTY),
            [a] => ([Some(a), None, None], List::EMPTY),
            [a, b] => ([Some(a), Some(b), None], List::EMPTY),
            [a, b, c] => ([Some(a), Some(b), Some(c)], List::EMPTY),
            list => ([None, None, None], *list)
        )
    }
}
