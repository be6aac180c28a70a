//! Modules built by hand, node by node.

use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_nda::Span;
use velocity_nda::module::{
    BinaryOp, Body, Export, ExportItem, Expr, ExprId, FuncId, Function, FunctionKind, Key, List, LocalId, Meta, Module,
    SigId, Signature, Type, Yield,
};

/// A module on its way.
#[derive(Debug, Default)]
pub struct Build(
    /// As far as it is.
    pub Module,
);

impl Build {
    /// Adds a node.
    pub fn add(&mut self, expr: Expr, yields: Yield) -> ExprId {
        self.0.add(expr, yields, Span::default())
    }

    /// A number.
    pub fn i32(&mut self, value: i32) -> ExprId {
        self.add(Expr::I32(value), Yield::one(Type::I32))
    }

    /// A local of type `i32`.
    pub fn local(&mut self, index: u32) -> ExprId {
        self.add(Expr::LocalGet(LocalId(index)), Yield::one(Type::I32))
    }

    /// Sets a local.
    pub fn set(&mut self, index: u32, value: ExprId) -> ExprId {
        self.add(Expr::LocalSet(LocalId(index), value), Yield::NONE)
    }

    /// An operator of two operands.
    pub fn binary(&mut self, op: BinaryOp, left: ExprId, right: ExprId) -> ExprId {
        self.add(Expr::Binary(op, left, right), Yield::one(op.result()))
    }

    /// A list of nodes.
    pub fn list(&mut self, items: &[ExprId]) -> List<ExprId> {
        self.0.pool.push(items)
    }

    /// A sequence that yields what its last item does.
    pub fn sequence(&mut self, items: &[ExprId]) -> ExprId {
        let yields = items.last().map_or(Yield::NONE, |&last| self.0.yields[last]);
        let list = self.list(items);
        self.add(Expr::Sequence(list), yields)
    }

    /// Another signature.
    pub fn signature(&mut self, parameters: &[Type], results: &[Type]) -> SigId {
        let (parameters, results) = (self.0.pool.push(parameters), self.0.pool.push(results));
        self.0.signatures.push(Signature { parameters, results })
    }

    /// A function whose nodes begin at `first` and whose last node is its body.
    pub fn function(&mut self, signature: SigId, variables: &[Type], first: ExprId) -> FuncId {
        let root = ExprId::new(self.0.exprs.len() - 1);
        self.0.close(first);
        let variables = self.0.pool.push(variables);
        let body = Body { variables, names: List::EMPTY, first, root };
        self.0.functions.push(Function { meta: Meta::default(), signature, kind: FunctionKind::Defined(body) })
    }

    /// Another export.
    pub fn export(&mut self, name: &str, item: ExportItem) {
        let name = self.0.add_text(name);
        self.0.exports.push(Export { name, item });
    }

    /// The module as a program of a person, who may do everything.
    ///
    /// # Panics
    /// If the module is not valid.
    #[must_use]
    pub fn program(self) -> Program {
        velocity_nda::validate(&self.0).unwrap_or_else(|error| panic!("{error}"));
        let verdict = admit(Candidate::Module(self.0), Origin::Person, &Policy::everything());
        verdict.program.unwrap_or_else(|| panic!("{:?}", verdict.findings))
    }
}
