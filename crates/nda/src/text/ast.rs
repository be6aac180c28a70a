//! The syntax tree: what was written, names as symbols, everything with its span.
//!
//! Built by `parse`, read by `check`. Nodes live in arenas and name their children by key. Invariant: along right
//! operands, prefix operators, parentheses, indices and blocks the tree is at most
//! [`MAX_NESTING`](crate::MAX_NESTING) deep; along *left* operands (`a + b + c ...`, `x as i32 as i64 ...`, `p[i][j]...`)
//! it may be as deep as the text is long, so a walk must follow those in a loop.

use crate::arena::{List, Pool, keys};
use crate::module::{Cell, Table};
use crate::names::Symbol;
use crate::span::Span;
use alloc::vec::Vec;

keys! {
    /// An expression of the syntax tree.
    ExprId;
    /// A block of the syntax tree.
    BlockId;
    /// A signature of the syntax tree.
    SignatureId;
    /// A path of the syntax tree.
    PathId;
    /// The head of a `for` of the syntax tree.
    ForId;
    /// The function of an indirect call of the syntax tree.
    IndirectId;
}

/// One source text.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) items: Vec<Item>,
    pub(crate) exprs: Table<ExprId, Expr>,
    pub(crate) blocks: Table<BlockId, Block>,
    pub(crate) statements: Pool<Statement>,
    pub(crate) arguments: Pool<ExprId>,
    pub(crate) arms: Pool<Arm>,
    pub(crate) names: Pool<Name>,
    pub(crate) types: Pool<Type>,
    pub(crate) parameters: Pool<Parameter>,
    pub(crate) signatures: Table<SignatureId, Signature>,
    // What only few expressions have lies apart, so that an expression takes 32 bytes.
    pub(crate) paths: Table<PathId, Path>,
    pub(crate) fors: Table<ForId, For>,
    pub(crate) indirects: Table<IndirectId, Indirect>,
    /// An item may be missing, because its head could not be read.
    pub(crate) incomplete: bool,
}

/// A name where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    pub(crate) symbol: Symbol,
    pub(crate) span: Span,
}

/// A written type where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Type {
    pub(crate) name: TypeName,
    pub(crate) span: Span,
}

/// A type as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeName {
    I32,
    I64,
    U32,
    U64,
    F32,
    F64,
    /// `*f32`: an address, a `u32` underneath.
    Pointer(Cell),
    /// `i8 i16 u8 u16`, which are no types of values: allowed behind `as`, where they cut a number down.
    Narrow(Cell),
    /// Unknown; has been reported.
    Unknown,
}

/// Something at the top of a file, with its doc comment.
#[derive(Debug)]
pub(crate) struct Item {
    /// The doc comment's lines; empty if there is none.
    pub(crate) docs: Span,
    /// All of it, doc comment included.
    pub(crate) span: Span,
    pub(crate) kind: ItemKind,
}

/// The items.
#[derive(Debug)]
pub(crate) enum ItemKind {
    /// `use group::item;`
    Use { group: Name, item: Name },
    /// `fn name(a: i32) -> i64 { ... }`; no signature or body if it could not be read, which has been reported
    Function { name: Name, signature: Option<SignatureId>, body: Option<BlockId> },
    /// `import "hash" fn name(a: i32) -> i64;`, or with `static`, `global` or `const`
    Import { hash: Span, what: Declared },
    /// `extern "module" "item" fn name(a: i32) -> i64;`, or with `global`, `const`, `table` or `memory`
    Extern { module: Span, item: Span, what: Declared },
    /// `global name: i32 = 5;` (can be set) or `const name: i32 = 5;` (cannot)
    Global { name: Name, mutable: bool, ty: Type, value: ExprId },
    /// `static name: [u8; 4] = "text";`, `static name: [i32; 2] = [1, 2];`, `static name: f64 = 0.5;`, or no value: zeros
    Static { name: Name, ty: DataType, value: DataValue },
    /// `memory 1 to 16;`
    Memory(Sizes),
    /// `data name = "bytes";` or, placed, `data at 1024 = "bytes";`, which may have a name, too
    Data { name: Option<Name>, at: Option<ExprId>, bytes: Span },
    /// `table name: 4 to 10;` or `table name = [f, g];`
    Table { name: Name, sizes: TableSizes },
    /// `element name = [f, null];` or, placed, `element at table[0] = [f, g];`, which may have a name, too
    Element { name: Option<Name>, at: Option<(Name, ExprId)>, items: List<Name> },
    /// `export "name" = item;`, where item is a function, global or table, or `memory`
    Export { name: Span, item: Name },
    /// `start function;`
    Start { function: Name },
}

/// What an `import` or `extern` declares.
#[derive(Debug)]
pub(crate) enum Declared {
    Function { name: Name, signature: SignatureId },
    Global { name: Name, mutable: bool, ty: Type },
    Static { name: Name, ty: DataType },
    Table { name: Name, sizes: Sizes },
    Memory { sizes: Sizes },
}

/// Parameters and results of a function, or of the functions that an indirect call may meet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature {
    pub(crate) parameters: List<Parameter>,
    pub(crate) results: List<Type>,
    /// The result type, or where it would stand.
    pub(crate) result_span: Span,
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    /// None in the type of an indirect call.
    pub(crate) name: Option<Name>,
    pub(crate) ty: Type,
}

/// `4` or `4 to 10`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) span: Span,
}

/// Size of a table.
#[derive(Debug)]
pub(crate) enum TableSizes {
    Given(Sizes),
    /// As many as these functions, which fill it. `null` is the name of an empty entry.
    Filled(List<Name>),
}

/// The type of a static: `u8`, or `[u8; 16]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DataType {
    /// `None` if it is unknown, which has been reported.
    pub(crate) cell: Option<Cell>,
    pub(crate) count: Option<u64>,
    pub(crate) span: Span,
}

/// The value of a static.
#[derive(Debug)]
pub(crate) enum DataValue {
    Zeros,
    /// `= 5`, a number with its sign
    One(ExprId),
    /// `= [1, 2]`
    Many(List<ExprId>),
    /// `= "text"`: the token; `parse::string` reads its bytes
    Text(Span),
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
    /// `let name: ty = value;`; without a value the variable is zero, and the type is needed
    Let { name: Name, ty: Option<Type>, value: Option<ExprId> },
    /// `let (a, b) = value;`
    LetMany { names: List<Name>, value: ExprId },
    /// `name = value;`
    Assign { name: Name, value: ExprId },
    /// `(a, b) = value;`
    AssignMany { names: List<Name>, value: ExprId },
    /// `pointer[index] = value;`: the target is an [`ExprKind::Index`]
    Store { target: ExprId, value: ExprId },
    /// `value;`: whatever the value is, it is dropped
    Drop(ExprId),
    /// An `if`, loop or block without `;` that is not the last: it must have no value.
    Unit(ExprId),
}

/// An expression.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

const _: () = assert!(size_of::<Expr>() == 32, "a node takes 32 bytes");

/// A label, `'name`.
pub(crate) type Label = Option<Name>;

/// The forms of an expression.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExprKind {
    /// `5`, `0xff`
    Number(u64),
    /// `1.5`, `2e10`: the checker reads the digits from the span, in the precision of its type
    Float,
    Name(Symbol),
    Negate(ExprId),
    Not(ExprId),
    Binary(Operator, ExprId, ExprId),
    Cast(ExprId, Type),
    Call(Name, List<ExprId>),
    /// `i32::clz(x)`, `memory::grow(1)`: a built-in of a type or of the memory. See `docs/nda.md`
    BuiltIn(PathId, List<ExprId>),
    /// `f64::inf`, `f32::nan`: a built-in without arguments
    Constant(PathId),
    /// `pointer[index]`
    Index(ExprId, ExprId),
    /// `table[index: fn(i32) -> i32](arguments)`
    CallIndirect(IndirectId, List<ExprId>),
    /// `(name = value)`: sets, and is the value
    Tee(Name, ExprId),
    /// `(a, b)`
    Tuple(List<ExprId>),
    If(List<Arm>, Option<BlockId>),
    While(Label, ExprId, BlockId),
    /// `loop { }`, endless
    Loop(Label, BlockId),
    /// `redo { }`: runs once; `continue` begins it anew
    Redo(Label, BlockId),
    /// `for name in from..to { }`
    For(Label, ForId),
    /// `{ }`, or with a label something to break out of
    Block(Label, BlockId),
    Return(Option<ExprId>),
    Break(Label, Option<ExprId>),
    Continue(Label),
    /// `branch index ['a, 'b, 'c] value`: breaks to the label of this index, to the last one for every index beyond; a
    /// loop's label begins it anew
    Branch(ExprId, List<Name>, Option<ExprId>),
}

/// `group::item`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    pub(crate) group: Name,
    pub(crate) item: Name,
}

/// `for name in from..to body`
#[derive(Clone, Copy, Debug)]
pub(crate) struct For {
    pub(crate) name: Name,
    pub(crate) from: ExprId,
    pub(crate) to: ExprId,
    pub(crate) body: BlockId,
}

/// `table[index: fn(i32) -> i32]`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Indirect {
    pub(crate) table: Name,
    pub(crate) index: ExprId,
    pub(crate) signature: SignatureId,
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

impl Operator {
    /// The sign it is written with.
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::And => "&",
            Self::Or => "|",
            Self::Xor => "^",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::Greater => ">",
            Self::LessEqual => "<=",
            Self::GreaterEqual => ">=",
            Self::BothTrue => "&&",
            Self::EitherTrue => "||",
        }
    }
}
