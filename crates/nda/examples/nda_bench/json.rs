//! The same graph as JSON: what a document holds, read into the types that a program would use.
//!
//! The encoding is the one that `serde` derives from such types, with what keeps a document small done here too: a text
//! stands once, and everything names it by its number; facts are numbers, by subject, with the order by object behind
//! them. Code is a list of nodes in post-order, each a variant with its operands (`"Drop"`, `{"LocalGet":3}`), because
//! that is how trees are kept in JSON; operators are numbers. The reader checks no hash and no order, which opening a
//! document does; it has the nodes apart, which a document's reader does one by one when it needs them.

use serde::{Deserialize, Serialize};
use std::error::Error;
use velocity_nda::document::{DefinitionView, Types, View};
use velocity_nda::identity;
use velocity_nda::module::{Body, Constant, Expr, FunctionKind, GlobalKind, Key, List, Module, Type, Value};

/// A program.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    root: String,
    definitions: Vec<Definition>,
    exports: Vec<(u32, u32)>,
    facts: Vec<(u32, u8, u32)>,
    by_object: Vec<u32>,
    texts: Vec<String>,
}

/// A definition.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Definition {
    hash: String,
    kind: u8,
    name: Option<u32>,
    doc: Option<u32>,
    parameters: Vec<u8>,
    results: Vec<u8>,
    references: Vec<u32>,
    locals: Vec<u32>,
    variables: Vec<u8>,
    code: Vec<Node>,
    bytes: Vec<u8>,
}

/// A node with what stands in it: a local, a depth, an offset, a number, how many children a list has. What it uses are
/// the next of its definition's references.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Node {
    Unreachable,
    Block,
    Loop,
    If,
    IfElse,
    Break(u32),
    Return,
    Call(u32),
    Drop,
    Select,
    Sequence(u32),
    LocalGet(u32),
    LocalSet(u32),
    LocalTee(u32),
    GlobalGet,
    GlobalSet,
    Address,
    Load(u8, u32),
    Store(u8, u32),
    Unary(u8),
    Binary(u8),
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
}

/// Reads it: what is measured.
pub fn read(text: &str) -> Result<Program, serde_json::Error> {
    serde_json::from_str(text)
}

/// Writes a document as JSON without any space.
pub fn write(program: &Program) -> Result<String, serde_json::Error> {
    serde_json::to_string(program)
}

impl Program {
    /// What a document holds; the nodes are taken from the module that was packed.
    pub fn of(view: &View<'_>, module: &Module) -> Result<Self, Box<dyn Error>> {
        let facts = view.facts()?;
        let about = |one: DefinitionView<'_>| facts.about(one.number()).collect::<Vec<_>>();
        let facts: Vec<_> = view.definitions().flat_map(about).collect();
        let mut by_object: Vec<u32> = (0..facts.len() as u32).collect();
        by_object.sort_by_key(|&at| facts[at as usize].by_object());
        let texts: Vec<String> = (0..view.text_count()).map(|number| view.text_at(number).to_owned()).collect();
        let number = |name: &str| texts.iter().position(|text| text == name).unwrap_or_default() as u32;
        let export = |(name, item)| (number(name), view.numbering().number(item).unwrap_or_default());
        Ok(Self {
            root: view.root().to_string(),
            definitions: view.definitions().map(|one| definition(&one, module)).collect::<Result<_, _>>()?,
            exports: view.exports().map(export).collect(),
            facts: facts.iter().map(|fact| (fact.subject.0, fact.predicate as u8, fact.object)).collect(),
            by_object,
            texts,
        })
    }
}

fn definition(one: &DefinitionView<'_>, module: &Module) -> Result<Definition, String> {
    let codes = |types: Types<'_>| types.iter().map(|ty| ty as u8).collect();
    let (parameters, results) = one.signature();
    let (mut variables, mut code, mut bytes) = (List::EMPTY, Vec::new(), Vec::new());
    match one.item() {
        identity::Definition::Function(id) => {
            if let FunctionKind::Defined(body) = module.functions[id].kind {
                (variables, code) = (body.variables, nodes(&body, module)?);
            }
        }
        identity::Definition::Global(id) => {
            if let GlobalKind::Defined(value) = module.globals[id].kind {
                code.push(constant(value));
            }
        }
        identity::Definition::Data(id) => bytes = module.bytes_of(&module.data[id]).to_vec(),
        _ => {}
    }
    Ok(Definition {
        hash: one.hash().to_string(),
        kind: one.kind(),
        name: one.name_number(),
        doc: one.doc_number(),
        parameters: codes(parameters),
        results: codes(results),
        references: one.references().map(|to| to.0).collect(),
        locals: one.local_name_numbers().collect(),
        variables: module.pool.get::<Type>(variables).map(|ty| ty as u8).collect(),
        code,
        bytes,
    })
}

fn constant(value: Constant) -> Node {
    match value {
        Constant::Value(Value::I32(value)) => Node::I32(value),
        Constant::Value(Value::I64(value)) => Node::I64(value),
        Constant::Value(Value::F32(bits)) => Node::F32(f32::from_bits(bits)),
        Constant::Value(Value::F64(bits)) => Node::F64(f64::from_bits(bits)),
        Constant::Global(_) => Node::GlobalGet,
        Constant::Address(_) => Node::Address,
    }
}

fn nodes(body: &Body, module: &Module) -> Result<Vec<Node>, String> {
    let len = |list| module.pool.len(list) as u32;
    let node = |expr: &Expr| {
        Ok(match *expr {
            Expr::Unreachable => Node::Unreachable,
            Expr::Block(_) => Node::Block,
            Expr::Loop(_) => Node::Loop,
            Expr::If(..) => Node::If,
            Expr::IfElse(..) => Node::IfElse,
            Expr::Break(depth, _) => Node::Break(depth),
            Expr::Return(_) => Node::Return,
            Expr::Call(_, list) => Node::Call(len(list)),
            Expr::Drop(_) => Node::Drop,
            Expr::Select(..) => Node::Select,
            Expr::Sequence(list) => Node::Sequence(len(list)),
            Expr::LocalGet(id) => Node::LocalGet(id.0),
            Expr::LocalSet(id, _) => Node::LocalSet(id.0),
            Expr::LocalTee(id, _) => Node::LocalTee(id.0),
            Expr::GlobalGet(_) => Node::GlobalGet,
            Expr::GlobalSet(..) => Node::GlobalSet,
            Expr::Address(_) => Node::Address,
            Expr::Load(op, offset, _) => Node::Load(op.code(), offset),
            Expr::Store(op, offset, ..) => Node::Store(op.code(), offset),
            Expr::Unary(op, _) => Node::Unary(op.code()),
            Expr::Binary(op, ..) => Node::Binary(op.code()),
            Expr::I32(value) => Node::I32(value),
            Expr::I64(value) => Node::I64(value),
            Expr::F32(bits) => Node::F32(f32::from_bits(bits)),
            Expr::F64(bits) => Node::F64(f64::from_bits(bits)),
            other => return Err(format!("the synthetic program has no {other:?}")),
        })
    };
    let body = body.first.index()..body.root.index() + 1;
    module.exprs.as_slice()[body].iter().map(node).collect()
}
