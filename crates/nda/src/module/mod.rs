//! The core: a module of typed expression trees, the one form that the gate judges and every engine runs.
//!
//! Text (`check`), WebAssembly (`translate`) and binary documents all become this. Operators are WebAssembly's
//! ([`ops`](UnaryOp)); locals are numbered from the parameters on; names, documentation and spans lie beside the tree
//! and are no part of a program's meaning. Fields are public because engines read all of them; what reads them may rely
//! on the invariants only for a module that [`validate`](crate::validate) accepted.
//!
//! Invariants of a valid module:
//! 1. the nodes of a body are the consecutive range `first..=root`, children before parents, every node but the root
//!    the child of exactly one node of the same body, and the subtree of each node a consecutive range that ends at it;
//! 2. every operand yields what its node wants, [`Yield::NEVER`] fitting everywhere; a node one of whose operands that
//!    are always evaluated yields `NEVER` yields `NEVER` itself; several values stand only where one of `LocalSetMany`,
//!    `Drop`, `Break`, `BreakTable`, `Return`, a body or the end of a sequence, block, loop or arm takes them;
//!    what can be said in two ways is said in one: a sequence has no nodes or at least two, only values are dropped, and
//!    a break or return without a value, and every break to a loop, brings an empty sequence;
//! 3. every key leads to an item of this module, and every break to a label of its body;
//! 4. a local that is not a parameter is zero until it is set.

mod data;
mod entity;
mod expr;
mod nodes;
mod ops;
mod relation;
mod types;

pub use data::{Cell, Data, DataShape, Element, ElementMode, Placement};
pub use entity::{Key, List, Pool, Pooled, Table};
pub use expr::{Children, Expr};
pub use nodes::Nodes;
pub(crate) use nodes::Word;
pub use ops::{BinaryOp, LoadOp, StoreOp, UnaryOp};
pub use relation::Relation;
pub use types::{Shape, Signature, Type, Value, Yield};

use crate::span::Span;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use entity::entity_keys;
use velocity_base::ContentHash;

entity_keys! {
    /// A node of the core tree.
    ExprId;
    /// A signature of the module.
    SigId;
    /// A function of the module, wherever it comes from.
    FuncId;
    /// A local of a function: parameters first, then variables.
    LocalId;
    /// A global of the module.
    GlobalId;
    /// A table of the module.
    TableId;
    /// A piece of data of the module.
    DataId;
    /// An element segment of the module.
    ElementId;
    /// A text kept beside the tree: a name, a host item, documentation.
    TextId;
}

macro_rules! pooled_keys {
    ($($key:ident)+) => {$(
        impl Pooled for $key {
            fn to_word(self) -> u32 {
                self.0
            }

            fn from_word(word: u32) -> Self {
                Self(word)
            }
        }
    )+};
}
pooled_keys! { ExprId LocalId FuncId TextId }

/// Bytes in a page of linear memory.
pub const PAGE_BYTES: u32 = 1 << 16;

/// The most pages that 32-bit addresses reach.
pub const MAX_PAGES: u32 = 1 << 16;

/// The first address at which data is placed: what lies below stays zero, so that a null pointer reads nothing.
pub const FIRST_PLACED: u32 = 1024;

/// A program, or a part of one.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Signatures of functions and indirect calls; no two are equal.
    pub signatures: Table<SigId, Signature>,
    /// Functions: defined here, provided by the host, or imported by hash.
    pub functions: Table<FuncId, Function>,
    /// Globals.
    pub globals: Table<GlobalId, Global>,
    /// Tables of functions.
    pub tables: Table<TableId, FuncTable>,
    /// The linear memory, if there is one.
    pub memory: Option<Memory>,
    /// Data.
    pub data: Table<DataId, Data>,
    /// Element segments.
    pub elements: Table<ElementId, Element>,
    /// What others may reach by name.
    pub exports: Vec<Export>,
    /// Runs when the module is instantiated; no parameters, no results.
    pub start: Option<FuncId>,
    /// The nodes of all bodies.
    pub exprs: Nodes,
    /// What each node yields.
    pub yields: Table<ExprId, Yield>,
    /// Where each node was written; all zero for what was not read from text. No part of the meaning.
    pub spans: Table<ExprId, Span>,
    /// All lists.
    pub pool: Pool,
    /// The ends of the texts in `text`, each beginning where the one before ends.
    pub text_ends: Table<TextId, u32>,
    /// All texts, one behind the other.
    pub text: String,
    /// The bytes of all data.
    pub bytes: Vec<u8>,
}

/// What is known about a definition beside its meaning.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meta {
    /// What it is called.
    pub name: Option<TextId>,
    /// Its doc comment: the lines without their slashes, joined by line feeds.
    pub doc: Option<TextId>,
    /// The whole item in the source text, doc comment included; empty if it was not read from text.
    pub span: Span,
}

/// Where something comes from that is not defined in the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostItem {
    /// The group or module, such as `sys`.
    pub module: TextId,
    /// The item, such as `print`.
    pub item: TextId,
}

/// A function of a module.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Name, documentation, place.
    pub meta: Meta,
    /// Parameters and results.
    pub signature: SigId,
    /// Where its meaning is.
    pub kind: FunctionKind,
}

/// Where the meaning of a function is.
#[derive(Clone, Copy, Debug)]
pub enum FunctionKind {
    /// Here.
    Defined(Body),
    /// Provided by the host, or by another module in the same store.
    Host(HostItem),
    /// In the definition that has this hash; [`resolve`](crate::resolve) replaces it by `Defined`.
    Import(ContentHash),
}

/// The body of a function.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// Types of the variables, which follow the parameters.
    pub variables: List<Type>,
    /// Names of parameters and variables, as far as known; empty or as long as both together.
    pub names: List<TextId>,
    /// The first node.
    pub first: ExprId,
    /// The last node, which is the whole body and yields the results (or `NEVER`).
    pub root: ExprId,
}

/// A value known without running code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// This value.
    Value(Value),
    /// The value of an immutable global that comes earlier in the module.
    Global(GlobalId),
    /// The address at which the data is put, an `i32`.
    Address(DataId),
}

/// A global of a module.
#[derive(Clone, Copy, Debug)]
pub struct Global {
    /// Name, documentation, place.
    pub meta: Meta,
    /// The type of its value.
    pub ty: Type,
    /// Whether it can be set.
    pub mutable: bool,
    /// Its first value, or where it comes from.
    pub kind: GlobalKind,
}

/// Where a global comes from.
#[derive(Clone, Copy, Debug)]
pub enum GlobalKind {
    /// Defined here with this first value.
    Defined(Constant),
    /// Provided by the host, or by another module in the same store.
    Host(HostItem),
    /// In the definition that has this hash.
    Import(ContentHash),
}

/// A table of functions.
#[derive(Clone, Copy, Debug)]
pub struct FuncTable {
    /// Name, documentation, place.
    pub meta: Meta,
    /// How many entries it has, and may have.
    pub limits: Limits,
    /// Provided by the host, or by another module in the same store; otherwise made with the module.
    pub host: Option<HostItem>,
}

/// A linear memory.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Name, documentation, place.
    pub meta: Meta,
    /// How many pages it has, and may have. It also has room for everything placed in it, which may be more.
    pub limits: Limits,
    /// Provided by the host, or by another module in the same store; otherwise made with the module.
    pub host: Option<HostItem>,
}

/// Least and most size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The size at the start.
    pub min: u32,
    /// The size it may grow to; `None` for what the engine allows.
    pub max: Option<u32>,
}

impl fmt::Display for Limits {
    /// As the text writes them: `4`, or `4 to 10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.min)?;
        self.max.map_or(Ok(()), |max| write!(f, " to {max}"))
    }
}

/// Something others may reach by name.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// The name; no two exports of a module have the same.
    pub name: TextId,
    /// What it stands for.
    pub item: ExportItem,
}

/// What an export stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportItem {
    /// A function.
    Function(FuncId),
    /// A global.
    Global(GlobalId),
    /// A table.
    Table(TableId),
    /// The memory.
    Memory,
}

impl Module {
    /// Appends a node.
    pub fn add(&mut self, expr: Expr, yields: Yield, span: Span) -> ExprId {
        self.yields.push(yields);
        self.spans.push(span);
        self.exprs.push(expr, &self.pool)
    }

    /// Ends the body whose nodes are those from `first` on: what will be hashed of it is kept.
    pub fn close(&mut self, first: ExprId) {
        self.exprs.close(first, &self.pool);
    }

    /// Puts another node in the place of one; its yield stays.
    ///
    /// # Panics
    /// If there is no such node.
    #[inline]
    pub fn set(&mut self, id: ExprId, expr: Expr) {
        self.exprs.set(id, expr, &self.pool);
    }

    /// Keeps a text.
    pub fn add_text(&mut self, text: &str) -> TextId {
        self.text.push_str(text);
        self.text_ends.push(self.text.len() as u32)
    }

    /// A text of the module; empty for a key that leads outside.
    #[must_use]
    pub fn text(&self, id: TextId) -> &str {
        let start = id.0.checked_sub(1).map_or(Some(&0), |before| self.text_ends.get(TextId(before)));
        let range = start.zip(self.text_ends.get(id)).map(|(&start, &end)| start as usize..end as usize);
        range.and_then(|range| self.text.get(range)).unwrap_or("")
    }

    /// What a definition is called, if it has a name.
    #[must_use]
    pub fn name(&self, meta: &Meta) -> Option<&str> {
        meta.name.map(|id| self.text(id))
    }

    /// The first function of this name.
    #[must_use]
    pub fn function_named(&self, name: &str) -> Option<FuncId> {
        self.functions.iter().find(|(_, function)| self.name(&function.meta) == Some(name)).map(|(id, _)| id)
    }

    /// Types of the parameters of a signature.
    pub fn parameters(&self, id: SigId) -> impl DoubleEndedIterator<Item = Type> + ExactSizeIterator + '_ {
        self.pool.get(self.signatures[id].parameters)
    }

    /// Types of the results of a signature.
    pub fn results(&self, id: SigId) -> impl DoubleEndedIterator<Item = Type> + ExactSizeIterator + '_ {
        self.pool.get(self.signatures[id].results)
    }

    /// What a call of a function with this signature yields.
    #[must_use]
    pub fn result_yield(&self, id: SigId) -> Yield {
        self.yield_of(self.signatures[id].results)
    }

    /// What a node yields that leaves values of these types.
    #[must_use]
    pub fn yield_of(&self, types: List<Type>) -> Yield {
        match self.pool.len(types) {
            0 => Yield::NONE,
            1 => self.pool.item(types, 0).map_or(Yield::NONE, Yield::one),
            _ => Yield::many(types),
        }
    }

    /// Whether two nodes leave values of the same types. Lists of equal types may lie in different places.
    #[must_use]
    pub fn same_yield(&self, one: Yield, other: Yield) -> bool {
        match (one.shape(), other.shape()) {
            (Shape::Many(one), Shape::Many(other)) => self.pool.words(one) == self.pool.words(other),
            _ => one == other,
        }
    }

    /// How many functions, globals, tables, memories, pieces of data and element segments there are.
    #[must_use]
    pub fn counts(&self) -> [u32; 6] {
        let memories = usize::from(self.memory.is_some());
        let (functions, globals, tables) = (self.functions.len(), self.globals.len(), self.tables.len());
        [functions, globals, tables, memories, self.data.len(), self.elements.len()].map(|count| count as u32)
    }

    /// The bytes of data as they are given, without the zeros that follow.
    #[must_use]
    pub fn bytes_of(&self, data: &Data) -> &[u8] {
        let start = data.start as usize;
        self.bytes.get(start..start + data.len as usize).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lie_one_behind_the_other() {
        let mut module = Module::default();
        let (one, none, two) = (module.add_text("one"), module.add_text(""), module.add_text("two"));
        assert_eq!([one, none, two, TextId(9)].map(|id| module.text(id)), ["one", "", "two", ""]);
    }

    #[test]
    fn yields_know_their_shape() {
        let mut module = Module::default();
        for ty in Type::ALL {
            assert!(matches!(Yield::one(ty).shape(), Shape::One(found) if found == ty));
        }
        let pair = module.pool.push(&[Type::I64, Type::F32]);
        let same = module.pool.push(&[Type::I64, Type::F32]);
        assert!(module.same_yield(Yield::many(pair), Yield::many(same)));
        assert!(matches!(Yield::many(pair).shape(), Shape::Many(list) if module.pool.len(list) == 2));
        assert!(!module.same_yield(Yield::NEVER, Yield::NONE));
    }
}
