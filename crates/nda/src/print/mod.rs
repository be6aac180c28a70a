//! Core to text: a program that compiles to the same definitions, whose identities are the same.
//!
//! `facts` finds out about the nodes of a body what one node alone does not tell, `variables` where a variable can be
//! declared, `shape` which nodes the language has a word for; `items` and `data` write what stands at the top of a
//! file, `block` statements, `control` loops and decisions, `expr` expressions, `form` decides how one is written,
//! `literal` numbers and texts, `names` what everything is called, `out` holds the text.
//!
//! What the text cannot keep is no part of the meaning: unsigned types and pointers become the core's types, with
//! built-ins where an operator would be another one. Invariants: recursion goes as deep as the text nests, which
//! [`MAX_NESTING`] limits; chains of left operands are followed in a loop; the text has at most
//! [`MAX_SOURCE_BYTES`]; time is linear in the module's size (times a logarithm for names).

mod block;
mod control;
mod data;
mod expr;
mod facts;
mod form;
mod items;
mod literal;
mod names;
mod out;
mod shape;
#[cfg(test)]
mod tests;
mod variables;

use crate::module::{Body, Expr, ExprId, FuncId, List, Module, Shape, Yield};
use crate::validate::{ValidateError, validate};
use crate::{MAX_NESTING, MAX_NODES, MAX_SOURCE_BYTES};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use facts::Facts;
use names::ItemNames;
use out::Out;
use variables::Variables;

/// Why a module has no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrintError {
    /// It is not valid.
    Invalid(ValidateError),
    /// Expressions or blocks of this function nest deeper than [`MAX_NESTING`].
    Nesting(FuncId),
    /// The text would be longer than [`MAX_SOURCE_BYTES`].
    TooLong,
    /// The text would hold more expressions than [`MAX_NODES`].
    TooManyNodes,
}

impl fmt::Display for PrintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => write!(f, "the module is not valid: {error}"),
            Self::Nesting(id) => write!(f, "function {} nests deeper than the {MAX_NESTING} levels of text", id.0),
            Self::TooLong => write!(f, "the text is longer than the {MAX_SOURCE_BYTES} bytes that are read"),
            Self::TooManyNodes => write!(f, "the text has more than the {MAX_NODES} expressions that are read"),
        }
    }
}

impl core::error::Error for PrintError {}

/// The text of a module: it compiles to a module whose definitions and root have the same hashes.
///
/// # Errors
/// The module is not valid, or its text would go beyond a limit of the language.
pub fn print(module: &Module) -> Result<String, PrintError> {
    validate(module).map_err(PrintError::Invalid)?;
    let mut printer = Printer::new(module);
    printer.items()?;
    printer.out.finish()
}

/// Result of writing a part.
type Written = Result<(), PrintError>;

/// The state while a module is written.
struct Printer<'m> {
    module: &'m Module,
    names: ItemNames<'m>,
    out: Out,
    /// Expressions written so far.
    nodes: usize,
    function: Function,
}

/// What is known of the function being written.
struct Function {
    id: FuncId,
    facts: Facts,
    variables: Variables,
    /// The labels of the core around the node at hand, innermost last.
    labels: Vec<CoreLabel>,
    /// Loops and labelled blocks of the text around it.
    places: Vec<Place>,
    spine: Vec<form::Step>,
}

/// How a break to a label of the core is written.
#[derive(Clone, Copy, Debug)]
struct CoreLabel {
    /// The place in the text.
    place: usize,
    /// Whether it begins the place anew, instead of leaving it.
    again: bool,
}

/// A loop or labelled block of the text.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Where its label would be written.
    at: usize,
    is_loop: bool,
    labelled: bool,
}

impl<'m> Printer<'m> {
    fn new(module: &'m Module) -> Self {
        let function = Function {
            id: FuncId(0),
            facts: Facts::default(),
            variables: Variables::default(),
            labels: Vec::new(),
            places: Vec::new(),
            spine: Vec::new(),
        };
        Self { module, names: ItemNames::new(module), out: Out::default(), nodes: 0, function }
    }

    fn expr_at(&self, node: ExprId) -> Expr {
        self.module.exprs[node]
    }

    fn yields(&self, node: ExprId) -> Yield {
        self.module.yields[node]
    }

    fn is_never(&self, node: ExprId) -> bool {
        self.yields(node) == Yield::NEVER
    }

    /// Whether a node leaves a value, or several.
    fn has_value(&self, node: ExprId) -> bool {
        matches!(self.yields(node).shape(), Shape::One(_) | Shape::Many(_))
    }

    fn list(&self, list: List<ExprId>) -> &'m [u32] {
        self.module.pool.words(list)
    }

    /// Counts an expression of the text, and looks whether it nests too deep.
    fn enter(&mut self, depth: u32) -> Written {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(PrintError::TooManyNodes);
        }
        if depth > MAX_NESTING { Err(PrintError::Nesting(self.function.id)) } else { Ok(()) }
    }

    /// The body of a function.
    fn body(&mut self, id: FuncId, body: &Body) -> Written {
        self.function.id = id;
        self.function.labels.clear();
        self.function.places.clear();
        self.function.facts.learn(self.module, body);
        self.function.variables.place(self.module, id, body, &mut self.function.facts);
        self.function.variables.name(self.module, body, &self.names);
        self.function_text(id, body)
    }
}
