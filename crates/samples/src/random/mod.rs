//! Random modules that are valid, with everything the core has: values of which there are none, one or several, nodes
//! that never come back in every place, imports between definitions, statics, segments.
//!
//! All choices come from a list of numbers; when it ends, every choice is the first, which is the simplest. Each function
//! has a part of the numbers to itself. `surroundings` makes everything but the bodies, `values` what yields one value,
//! `effects` what yields none, `control` what can yield values of any number or never comes back.
//!
//! Most programs end by themselves and without a trap: most loops count their turns and leave the function after some,
//! most calls are of functions that come later, most addresses lie inside. All of that is left out now and then. In some
//! programs, bold ones, much more can trap, so that it matters which trap comes first and what happened before.

mod control;
mod effects;
pub(crate) mod surroundings;
mod values;

use crate::Build;
use velocity_nda::module::{
    BinaryOp, Body, Children, Expr, ExprId, FuncId, FunctionKind, List, LocalId, Type, Value, Yield,
};

/// What blocks and functions give.
const RESULTS: [&[Type]; 8] = [
    &[],
    &[Type::I32],
    &[Type::I64],
    &[Type::F32],
    &[Type::F64],
    &[Type::I32, Type::F64],
    &[Type::I64, Type::I64, Type::F32],
    &[Type::I32, Type::I32],
];

/// Parameters and results of the functions that are defined; the first runs at the start, the next two are exported.
const SHAPES: [(&[Type], &[Type]); 10] = [
    (&[], RESULTS[0]),
    (&Type::ALL, RESULTS[1]),
    (&Type::ALL, RESULTS[6]),
    (&[], RESULTS[5]),
    (&[Type::I64, Type::I32], RESULTS[2]),
    (&[Type::F32], RESULTS[3]),
    (&Type::ALL, RESULTS[4]),
    (&[Type::I32, Type::I32], RESULTS[7]),
    (&[Type::F64, Type::I32], RESULTS[1]),
    (&[Type::I32, Type::I32], RESULTS[0]),
];

/// The first function that is defined: function `FIRST + n` has the shape `SHAPES[n]`, and so has signature `n`. A host
/// function comes before it, others behind all.
const FIRST: u32 = 1;

/// Globals: mutable ones of each type come behind these.
const FIRST_MUTABLE: u32 = 4;

/// How many globals a random module has; they are exported by their numbers.
pub(crate) const GLOBALS: u32 = FIRST_MUTABLE + 4;

/// How deep nodes nest.
const DEPTH: u32 = 7;

/// A block or loop around the node at hand.
struct Label {
    /// What a break to it brings.
    takes: &'static [Type],
    /// Whether a break brings that.
    reached: bool,
}

/// A program on its way.
struct Random<'n> {
    b: Build,
    numbers: core::slice::Iter<'n, u8>,
    labels: Vec<Label>,
    depth: u32,
    /// Whether much may trap.
    bold: bool,
    /// Which of `SHAPES` is being made.
    number: usize,
    /// The types of its locals.
    locals: Vec<Type>,
}

/// A valid module made of numbers. It exports a function `f`, of one result, and `many`, of several, which take a value
/// of each type; its memory as `memory`, and its globals by their numbers. It imports what [`watch`](crate::watch) defines.
#[must_use]
pub fn random(numbers: &[u8]) -> Build {
    let (first, rest) = numbers.split_at(numbers.len().min(2));
    let (b, numbers) = (Build::default(), first.iter());
    let mut random = Random { b, numbers, labels: Vec::new(), depth: 0, bold: false, number: 0, locals: Vec::new() };
    random.surroundings();
    random.bold = random.rarely(3);
    let mut parts = rest.chunks(rest.len().div_ceil(SHAPES.len()).max(1));
    for number in 0..SHAPES.len() {
        random.numbers = parts.next().unwrap_or(&[]).iter();
        random.function(number);
    }
    random.b
}

/// `len` numbers that look like chance, another list for each seed.
#[must_use]
pub fn numbers(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(next).collect()
}

impl Random<'_> {
    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.numbers.next().copied().unwrap_or(0)) % limit
    }

    /// Whether something rare is due: one time in `times`.
    fn rarely(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Adds a node; it never comes back if an operand that is always evaluated does not.
    fn add(&mut self, expr: Expr, yields: Yield) -> ExprId {
        let module = &self.b.0;
        let always: Vec<ExprId> = match (expr, expr.children()) {
            (Expr::Block(_) | Expr::Loop(_), _) => Vec::new(),
            (Expr::If(condition, _) | Expr::IfElse(condition, ..), _) => vec![condition],
            (_, Children::Few(few, count)) => few[..count].to_vec(),
            (_, Children::List(list)) => module.pool.get(list).collect(),
        };
        let never = always.iter().any(|&node| module.yields[node] == Yield::NEVER);
        self.b.add(expr, if never { Yield::NEVER } else { yields })
    }

    fn yields_of(&self, node: ExprId) -> Yield {
        self.b.0.yields[node]
    }

    fn yields(&mut self, types: &[Type]) -> Yield {
        let list = self.b.0.pool.push(types);
        self.b.0.yield_of(list)
    }

    /// A parameter or variable of a type.
    fn local(&mut self, ty: Type) -> LocalId {
        let all: Vec<_> = (0..self.locals.len()).filter(|&at| self.locals[at] == ty).collect();
        LocalId(self.pick(&all) as u32)
    }

    fn constant(&mut self, value: Value) -> ExprId {
        let expr = match value {
            Value::I32(value) => Expr::I32(value),
            Value::I64(value) => Expr::I64(value),
            Value::F32(bits) => Expr::F32(bits),
            Value::F64(bits) => Expr::F64(bits),
        };
        self.add(expr, Yield::one(value.ty()))
    }

    fn binary(&mut self, op: BinaryOp, left: ExprId, right: ExprId) -> ExprId {
        self.add(Expr::Binary(op, left, right), Yield::one(op.result()))
    }

    /// A value below a power of two, of which `mask` is one less; now and then any value.
    fn masked(&mut self, mask: i32) -> ExprId {
        let value = self.one(Type::I32);
        if self.rarely(if self.bold { 6 } else { 32 }) {
            return value;
        }
        let mask = self.b.i32(mask);
        self.binary(BinaryOp::I32And, value, mask)
    }

    fn one(&mut self, ty: Type) -> ExprId {
        self.values(RESULTS[ty as usize])
    }

    fn nothing(&mut self) -> ExprId {
        self.add(Expr::Sequence(List::EMPTY), Yield::NONE)
    }

    /// A node that yields these values, or never comes back.
    fn values(&mut self, types: &'static [Type]) -> ExprId {
        self.depth += 1;
        let node = match (types, self.depth > DEPTH) {
            ([], true) => self.nothing(),
            (&[ty], true) => self.leaf(ty),
            (_, true) => self.tuple(types),
            ([], false) => self.statement(),
            (&[ty], false) => self.value(ty, types),
            (_, false) => self.several(types),
        };
        self.depth -= 1;
        node
    }

    /// What the function gives.
    fn results(&self) -> &'static [Type] {
        SHAPES[self.number].1
    }

    /// Makes the body of a function that is declared. Beside what [`Self::local`] gives it has a last variable, which
    /// counts the turns of loops.
    fn function(&mut self, number: usize) {
        let (parameters, results) = SHAPES[number];
        let variables = [&Type::ALL[..], &Type::ALL].concat();
        self.number = number;
        self.locals = [parameters, &variables].concat();
        let first = self.b.0.exprs.next_key();
        let root = self.sequence(results);
        self.b.0.close(first);
        let variables = self.b.0.pool.push(&[&variables[..], &[Type::I32]].concat());
        let body = Body { variables, names: List::EMPTY, first, root };
        self.b.0.functions[FuncId(FIRST + number as u32)].kind = FunctionKind::Defined(body);
    }
}
