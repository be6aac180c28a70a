//! The syntax tree: what was written, names as symbols, everything with its span.
//!
//! Built by `parse`, read by `check`. Nodes live in arenas and name their children by key. Invariant: along right
//! operands, prefix operators, parentheses and blocks the tree is at most [`MAX_NESTING`](crate::MAX_NESTING) deep;
//! along *left* operands (`a + b + c ...`, `x as i32 as i64 ...`) it may be as deep as the text is long, so a walk must
//! follow those in a loop.

use crate::arena::{Arena, List, Pool, keys};
use crate::core::Type;
use crate::names::Symbol;
use crate::span::Span;
use alloc::vec::Vec;

keys! {
    /// An expression of the syntax tree.
    ExprId;
    /// A block of the syntax tree.
    BlockId;
}

/// One source text.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) uses: Vec<Use>,
    pub(crate) functions: Vec<Function>,
    pub(crate) exprs: Arena<ExprId, Expr>,
    pub(crate) blocks: Arena<BlockId, Block>,
    pub(crate) statements: Pool<Statement>,
    pub(crate) arguments: Pool<ExprId>,
    pub(crate) arms: Pool<Arm>,
    /// A function may be missing, because its head could not be read.
    pub(crate) incomplete: bool,
}

/// A name where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    pub(crate) symbol: Symbol,
    pub(crate) span: Span,
}

/// A written type; `None` if it is unknown, which has been reported.
pub(crate) type Written = Option<Type>;

/// `use group::item;`
#[derive(Debug)]
pub(crate) struct Use {
    pub(crate) group: Name,
    pub(crate) item: Name,
}

/// A function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: Name,
    /// `None` if the head could not be read, which has been reported.
    pub(crate) head: Option<Head>,
    /// `None` if the body could not be read, which has been reported.
    pub(crate) body: Option<BlockId>,
}

/// Parameters and result of a function.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) result: Option<Written>,
    /// The result type, or where it would stand.
    pub(crate) result_span: Span,
}

/// A parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Name,
    pub(crate) ty: Written,
}

/// `{ statements value }`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) statements: List<Statement>,
    pub(crate) value: Option<ExprId>,
    pub(crate) span: Span,
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Statement {
    /// `let name: annotation = value;`
    Let { name: Name, annotation: Option<Written>, value: ExprId },
    /// `name = value;`
    Assign { name: Name, value: ExprId },
    /// `value;`: whatever the value is, it is dropped.
    Drop(ExprId),
    /// An `if`, `while` or block without `;` that is not the last: it must have no value.
    Unit(ExprId),
}

/// An expression.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

/// The forms of an expression.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExprKind {
    Number(u64),
    Name(Symbol),
    Negate(ExprId),
    Not(ExprId),
    Binary(Operator, ExprId, ExprId),
    Cast(ExprId, Written),
    Call(Name, List<ExprId>),
    If(List<Arm>, Option<BlockId>),
    While(ExprId, BlockId),
    Block(BlockId),
    Return(Option<ExprId>),
}

/// `if condition then`, or one `else if` of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arm {
    pub(crate) condition: ExprId,
    pub(crate) then: BlockId,
}

/// Binary operators as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    BothTrue,
    EitherTrue,
}
