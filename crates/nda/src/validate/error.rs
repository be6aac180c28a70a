//! What is wrong with a module: where, and which rule it breaks.

use crate::module::{
    DataId, ElementId, ExprId, FuncId, Function, GlobalId, Key, Meta, Module, SigId, Table, TableId, TextId,
};
use crate::span::Span;
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

/// How much of a hostile name an error repeats.
const NAME_BYTES: usize = 64;

/// The part of a module that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The module as a whole.
    Module,
    /// A signature.
    Signature(SigId),
    /// A function, its head or its body as a whole.
    Function(FuncId),
    /// A node of a function's body.
    Node(FuncId, ExprId),
    /// A global.
    Global(GlobalId),
    /// A table.
    Table(TableId),
    /// The memory.
    Memory,
    /// A piece of data.
    Data(DataId),
    /// An element segment.
    Element(ElementId),
    /// The export of this position.
    Export(usize),
    /// The start function.
    Start,
}

/// Declares the rules: the name by which reports call a rule, and what is said when it is broken.
macro_rules! rules {
    ($($rule:ident $name:literal $text:literal,)+) => {
        /// A rule of valid modules.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule { $(#[doc = $text] $rule,)+ }

        impl Rule {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)+];

            /// Its name in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)+ }
            }
        }

        impl fmt::Display for Rule {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$rule => $text,)+ })
            }
        }
    };
}

rules! {
    TooManyNodes "too-many-nodes" "there are more nodes than `MAX_MODULE_NODES`",
    TooManyItems "too-many-items" "there are more items of a kind than `MAX_MODULE_ITEMS`",
    TooManyParameters "too-many-parameters" "there are more parameters than `MAX_PARAMETERS`",
    TooManyResults "too-many-results" "there are more results than `MAX_RESULTS`",
    TooManyLocals "too-many-locals" "there are more parameters and variables than `MAX_LOCALS`",
    NodeTables "node-tables" "`exprs`, `yields` and `spans` are not of one length",
    Lists "lists" "a list does not lie in the pool",
    SharedLists "shared-lists" "lists lie over each other: together they are longer than the pool that holds them",
    TypeNumber "type-number" "a list of types holds a number that is no type",
    TextRange "text-range" "a text does not lie in `text`, or not between characters, or its key leads outside",
    SignatureKey "signature-key" "there is no such signature",
    SignatureTwice "signature-twice" "an earlier signature is equal",
    FunctionKey "function-key" "there is no such function",
    GlobalKey "global-key" "there is no such global",
    TableKey "table-key" "there is no such table",
    DataKey "data-key" "there is no such data",
    ElementKey "element-key" "there is no such element segment",
    LocalKey "local-key" "there is no such local",
    NoMemory "no-memory" "the module has no memory",
    LocalNames "local-names" "there are names for locals, but not as many as locals",
    BodyRange "body-range" "the body's nodes do not lie in `exprs`, or none are given",
    BodyOverlap "body-overlap" "the body shares nodes with another one",
    Children "children" "the node's children are not the subtrees that end right before it, in order",
    BodyLoose "body-loose" "nodes of the body belong to no node above",
    Yields "yields" "the node does not yield what is stored for it",
    OperandType "operand-type" "the operand yields something else than its node wants",
    OperandCount "operand-count" "the node has not as many operands as it wants",
    SequenceOfOne "sequence-of-one" "a sequence has no nodes, or two and more; one node stands for itself",
    DropNothing "drop-nothing" "only values can be dropped",
    Nothing "nothing" "a break or return without a value, and every break to a loop, brings an empty sequence",
    SequenceItem "sequence-item" "only the last node of a sequence may have a value",
    TupleItems "tuple-items" "a tuple has two values or more, at most `MAX_RESULTS`",
    LocalType "local-type" "the value has another type than the local",
    GlobalType "global-type" "the value has another type than the global",
    Immutable "immutable" "the global cannot be set",
    SelectTypes "select-types" "the two values have not one type",
    ArmTypes "arm-types" "the two arms yield different things",
    Label "label" "no label of this depth encloses the node",
    NoTargets "no-targets" "a branch needs a label at least",
    BreakValue "break-value" "the value does not fit the label: a block's value for a block, nothing for a loop",
    BlockYield "block-yield" "what is stored for the block is not what its body and the breaks to it give",
    ReturnValue "return-value" "the value does not fit the function's results",
    BodyValue "body-value" "the body's value does not fit the function's results",
    NotAStatic "not-a-static" "only a `static` has an address that the system chooses",
    StaticInUse "static-in-use" "a `static` is always in memory: it can be neither copied there nor dropped",
    ConstantType "constant-type" "the constant has another type than what it is for",
    ConstantGlobal "constant-global" "a constant may name immutable globals only, for a global only earlier ones",
    Limits "limits" "the least size is larger than the largest",
    MemoryPages "memory-pages" "a memory has at most 65,536 pages",
    DataRange "data-range" "the data's bytes do not lie in `bytes`",
    SharedBytes "shared-bytes" "pieces of data lie over each other: together they are longer than `bytes`",
    DataZeros "data-zeros" "data is bytes or, as a `static`, zeros, but not both",
    Alignment "alignment" "a `static` is aligned to 1, 2, 4 or 8 bytes, the size of its element",
    DataShape "data-shape" "the size is not that of as many elements as stated",
    TooMuchData "too-much-data" "there is no room for all statics in the memory",
    ExportTwice "export-twice" "an earlier export has the same name",
    StartSignature "start-signature" "the start function has parameters or results",
}

/// A module that is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidateError {
    /// Where.
    pub place: Place,
    /// What the item there is called; empty if it has no name. Cut off after some characters.
    pub name: String,
    /// What was broken.
    pub rule: Rule,
    /// The operand that does not fit, if one is to blame.
    pub operand: Option<ExprId>,
}

/// Why a node or an item is refused: what the callers make a [`ValidateError`] of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) rule: Rule,
    pub(super) operand: Option<ExprId>,
}

impl From<Rule> for Fault {
    fn from(rule: Rule) -> Self {
        Self { rule, operand: None }
    }
}

impl Fault {
    /// `rule`, broken by an operand.
    pub(super) fn operand(rule: Rule, operand: ExprId) -> Self {
        Self { rule, operand: Some(operand) }
    }

    /// As an error at `place`.
    #[cold]
    pub(super) fn at(self, place: Place, module: &Module) -> ValidateError {
        let name = place.meta(module).and_then(|meta| module.name(meta)).unwrap_or("");
        let cut = (0..=NAME_BYTES.min(name.len())).rev().find(|&at| name.is_char_boundary(at)).unwrap_or(0);
        ValidateError { place, name: name[..cut].to_owned(), rule: self.rule, operand: self.operand }
    }
}

fn meta_of<K: Key, T>(table: &Table<K, T>, key: K, meta: impl Fn(&T) -> &Meta) -> Option<&Meta> {
    table.get(key).map(meta)
}

impl Place {
    fn meta(self, module: &Module) -> Option<&Meta> {
        let function = |id| meta_of(&module.functions, id, |function: &Function| &function.meta);
        match self {
            Self::Module | Self::Signature(_) | Self::Export(_) => None,
            Self::Function(id) | Self::Node(id, _) => function(id),
            Self::Global(id) => meta_of(&module.globals, id, |global| &global.meta),
            Self::Table(id) => meta_of(&module.tables, id, |table| &table.meta),
            Self::Memory => module.memory.as_ref().map(|memory| &memory.meta),
            Self::Data(id) => meta_of(&module.data, id, |data| &data.meta),
            Self::Element(id) => meta_of(&module.elements, id, |element| &element.meta),
            Self::Start => module.start.and_then(function),
        }
    }
}

impl ValidateError {
    /// Where in the source text this is; an empty span if the module was not read from text.
    #[must_use]
    pub fn span(&self, module: &Module) -> Span {
        let node = match (self.operand, self.place) {
            (Some(node), _) | (None, Place::Node(_, node)) => module.spans.get(node),
            _ => None,
        };
        node.copied().or_else(|| self.place.meta(module).map(|meta| meta.span)).unwrap_or_default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Module => f.write_str("the module"),
            Self::Signature(id) => write!(f, "signature {}", id.0),
            Self::Function(id) | Self::Node(id, _) => write!(f, "function {}", id.0),
            Self::Global(id) => write!(f, "global {}", id.0),
            Self::Table(id) => write!(f, "table {}", id.0),
            Self::Memory => f.write_str("the memory"),
            Self::Data(id) => write!(f, "data {}", id.0),
            Self::Element(id) => write!(f, "element segment {}", id.0),
            Self::Export(index) => write!(f, "export {index}"),
            Self::Start => f.write_str("the start function"),
        }
    }
}

impl fmt::Display for ValidateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)?;
        if !self.name.is_empty() {
            write!(f, " `{}`", self.name.escape_debug())?;
        }
        if let Place::Node(_, node) = self.place {
            write!(f, ", node {}", node.0)?;
        }
        if let Some(operand) = self.operand {
            write!(f, ", operand {}", operand.0)?;
        }
        write!(f, ": {} (rule {})", self.rule, self.rule.name())
    }
}

impl core::error::Error for ValidateError {}

/// Whether a text exists.
pub(super) fn text(module: &Module, id: TextId) -> Result<(), Fault> {
    if id.index() < module.text_ends.len() { Ok(()) } else { Err(Rule::TextRange.into()) }
}
