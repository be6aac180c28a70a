//! The core: the typed expression tree that every engine runs (NDA design, "Core").
//!
//! Operators are WebAssembly's and carry their type; locals are numbered from the parameters on, callees are function
//! indices, spans lie in a side table so that they are no part of a program's meaning.
//!
//! Invariants, established by `check` and relied on by `interp`:
//! 1. children have smaller keys than their parents, and the nodes of a function are one consecutive range;
//! 2. every operand has the type its operator wants, every call the parameters its callee wants;
//! 3. a node yields one value or none, and nodes in a [`Expr::Block`] other than its last yield none;
//! 4. a local is set before it is read.

use crate::arena::{Arena, List, Pool, keys};
use crate::span::Span;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

keys! {
    /// An expression of the core tree.
    ExprId;
    /// A function of the module.
    FuncId;
    /// A local of a function: parameters first, then variables.
    LocalId;
}

/// A value type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
        })
    }
}

/// A value with its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
}

impl fmt::Display for Value {
    /// The number in decimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I32(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
        }
    }
}

/// A program that the checker accepted: the only thing that runs.
#[derive(Debug)]
pub struct Module {
    pub(crate) functions: Arena<FuncId, Function>,
    pub(crate) exprs: Arena<ExprId, Expr>,
    pub(crate) spans: Arena<ExprId, Span>,
    pub(crate) lists: Pool<ExprId>,
}

/// A function of a module.
#[derive(Debug)]
pub(crate) struct Function {
    /// Metadata: no part of the meaning.
    pub(crate) name: String,
    /// Types of all locals; the first `parameters` are the parameters.
    pub(crate) locals: Vec<Type>,
    pub(crate) parameters: u32,
    pub(crate) result: Option<Type>,
    pub(crate) body: ExprId,
}

/// A node of the core tree.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expr {
    /// `i32.const`
    I32(i32),
    /// `i64.const`
    I64(i64),
    /// `local.get`
    Local(LocalId),
    /// `local.set`; no value.
    SetLocal(LocalId, ExprId),
    Unary(UnaryOp, ExprId),
    /// Both operands have this type; the result too, unless the operator compares: then it is an `i32`.
    Binary(BinaryOp, Type, ExprId, ExprId),
    /// A condition, and what runs if it is not zero; no value.
    If(ExprId, ExprId),
    /// A condition, what runs if it is not zero, what runs if it is.
    IfElse(ExprId, ExprId, ExprId),
    /// A condition and a body; no value.
    While(ExprId, ExprId),
    /// Nodes in order; the value is that of the last one, if it has one.
    Block(List<ExprId>),
    /// Evaluates and forgets the value.
    Drop(ExprId),
    /// Arguments from left to right, then the function.
    Call(FuncId, List<ExprId>),
    /// `sys::print` of a value of this type; no value.
    Print(Type, ExprId),
    Return(Option<ExprId>),
}

/// Operators of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnaryOp {
    /// `i32.eqz`
    Eqz,
    /// `i32.wrap_i64`
    Wrap,
    /// `i64.extend_i32_s`
    Extend,
}

/// WebAssembly's integer operators of two operands, signed ones only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    DivS,
    RemS,
    And,
    Or,
    Xor,
    Shl,
    ShrS,
    Eq,
    Ne,
    LtS,
    GtS,
    LeS,
    GeS,
}

impl BinaryOp {
    /// Whether the result is the `i32` 0 or 1.
    pub(crate) const fn compares(self) -> bool {
        matches!(self, Self::Eq | Self::Ne | Self::LtS | Self::GtS | Self::LeS | Self::GeS)
    }
}
