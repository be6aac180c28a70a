//! Random valid modules: every form of node in every place where its value fits, also code that is never reached.

mod control;

use crate::module::*;
use crate::validate::tests::build::{Builder, everything};

/// A small generator of numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }
}

struct Label {
    takes: Vec<Type>,
    is_loop: bool,
    reached: bool,
}

struct Random {
    b: Builder,
    dice: Dice,
    labels: Vec<Label>,
    locals: Vec<Type>,
    results: Vec<Type>,
    /// How many more nodes there may be, about.
    budget: usize,
    pairs: FuncId,
    shims: Vec<(FuncId, Vec<Type>, Option<Type>)>,
}

/// A module of some functions with random bodies.
pub(super) fn module(seed: u64) -> Module {
    let mut random = Random {
        b: Builder { module: everything() },
        dice: Dice(seed | 1),
        labels: Vec::new(),
        locals: Vec::new(),
        results: Vec::new(),
        budget: 0,
        pairs: FuncId(2),
        shims: Vec::new(),
    };
    random.host();
    for _ in 0..3 {
        random.function();
    }
    random.b.module
}

impl Random {
    /// Host functions that the language has words for.
    fn host(&mut self) {
        for item in ["print_i32", "print_u64", "print_f32", "in_u8", "read_mem_u64", "write"] {
            let (_, overload) = crate::sys::behind(item).unwrap();
            let parameters: Vec<Type> = overload.parameters.iter().map(|ty| ty.core()).collect();
            let result = overload.result.map(|ty| ty.core());
            let signature = self.b.signature(&parameters, result.as_slice());
            let text = |module: &mut Module, text| module.add_text(text);
            let module = text(&mut self.b.module, "sys");
            let host = HostItem { module, item: text(&mut self.b.module, item) };
            let function = Function { meta: Meta::default(), signature, kind: FunctionKind::Host(host) };
            self.shims.push((self.b.module.functions.push(function), parameters, result));
        }
    }

    fn types(&mut self, count: usize) -> Vec<Type> {
        (0..count).map(|_| self.dice.pick(&Type::ALL)).collect()
    }

    fn function(&mut self) {
        let parameters = self.dice.roll(3);
        let parameters = self.types(parameters);
        let results = self.dice.roll(3);
        self.results = self.types(results);
        let variables = self.dice.roll(9);
        let variables = self.types(variables);
        self.locals = [parameters.clone(), variables.clone()].concat();
        self.budget = 10 + self.dice.roll(150);
        let first = self.b.module.exprs.next_key();
        let results = self.results.clone();
        let root = self.node(&results);
        let signature = self.b.signature(&parameters, &results);
        let variables = self.b.module.pool.push(&variables);
        let kind = FunctionKind::Defined(Body { variables, names: List::EMPTY, first, root });
        self.b.module.functions.push(Function { meta: Meta::default(), signature, kind });
    }

    fn is_never(&self, node: ExprId) -> bool {
        self.b.module.yields[node] == Yield::NEVER
    }

    /// A node over these operands, all of which are always evaluated.
    fn over(&mut self, expr: Expr, operands: &[ExprId], types: &[Type]) -> ExprId {
        if operands.iter().any(|&operand| self.is_never(operand)) {
            return self.b.never(expr);
        }
        self.leaving(expr, types)
    }

    fn leaving(&mut self, expr: Expr, types: &[Type]) -> ExprId {
        match types {
            [] => self.b.none(expr),
            [ty] => self.b.one(expr, *ty),
            many => self.b.many(expr, many),
        }
    }

    fn one(&mut self, ty: Type) -> ExprId {
        self.node(&[ty])
    }

    /// A node that leaves these values, or never comes back.
    fn node(&mut self, want: &[Type]) -> ExprId {
        if self.budget == 0 {
            return self.small(want);
        }
        self.budget -= 1;
        match self.dice.roll(40) {
            0 | 1 => return self.never(),
            2..=4 => return self.block(want),
            5 => return self.looped(want),
            6..=8 => return self.if_else(want),
            9..=12 => return self.sequence(want),
            _ => {}
        }
        match *want {
            [] => self.statement(),
            [ty] => self.value(ty),
            _ => self.several(want),
        }
    }

    fn small(&mut self, want: &[Type]) -> ExprId {
        match want {
            [] => self.b.sequence(&[]),
            [ty] => self.constant(*ty),
            many => {
                let items: Vec<ExprId> = many.iter().map(|&ty| self.constant(ty)).collect();
                let list = self.b.list(&items);
                self.b.many(Expr::Tuple(list), many)
            }
        }
    }

    fn constant(&mut self, ty: Type) -> ExprId {
        let small = self.dice.pick(&[0, 1, -1, 5, i32::MIN]);
        let float = self.dice.pick(&[0.0, -0.0, 1.5, -2.25, 1e30, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e-40]);
        let expr = match ty {
            Type::I32 => Expr::I32(small),
            Type::I64 => Expr::I64(i64::from(small) << self.dice.roll(33)),
            Type::F32 => Expr::F32(float.to_bits() ^ self.dice.roll(2) as u32),
            Type::F64 => Expr::F64(f64::from(float).to_bits() ^ self.dice.roll(2) as u64),
        };
        self.b.one(expr, ty)
    }

    fn local_of(&mut self, ty: Type) -> Option<LocalId> {
        let fitting: Vec<usize> = (0..self.locals.len()).filter(|&index| self.locals[index] == ty).collect();
        (!fitting.is_empty()).then(|| LocalId(self.dice.pick(&fitting) as u32))
    }

    fn value(&mut self, ty: Type) -> ExprId {
        match self.dice.roll(12) {
            0 | 1 => self.constant(ty),
            2..=4 => match self.local_of(ty) {
                Some(local) => self.b.one(Expr::LocalGet(local), ty),
                None => self.constant(ty),
            },
            5 => match self.local_of(ty) {
                Some(local) => {
                    let value = self.one(ty);
                    self.over(Expr::LocalTee(local, value), &[value], &[ty])
                }
                None => self.constant(ty),
            },
            6 => {
                let (a, b, c) = (self.one(ty), self.one(ty), self.one(Type::I32));
                self.over(Expr::Select(a, b, c), &[a, b, c], &[ty])
            }
            7 => {
                let fitting: Vec<LoadOp> = LoadOp::ALL.iter().copied().filter(|op| op.ty() == ty).collect();
                let (op, address) = (self.dice.pick(&fitting), self.one(Type::I32));
                let offset = self.dice.pick(&[0, 8, u32::MAX]);
                self.over(Expr::Load(op, offset, address), &[address], &[ty])
            }
            8 | 9 => self.unary(ty),
            10 if ty == Type::I32 => self.whole(),
            _ => {
                let fitting: Vec<BinaryOp> = BinaryOp::ALL.iter().copied().filter(|op| op.result() == ty).collect();
                let op = self.dice.pick(&fitting);
                let (a, b) = (self.one(op.operand()), self.one(op.operand()));
                self.over(Expr::Binary(op, a, b), &[a, b], &[ty])
            }
        }
    }

    fn unary(&mut self, ty: Type) -> ExprId {
        let fitting: Vec<UnaryOp> = UnaryOp::ALL.iter().copied().filter(|op| op.result() == ty).collect();
        let op = self.dice.pick(&fitting);
        let operand = self.one(op.operand());
        self.over(Expr::Unary(op, operand), &[operand], &[ty])
    }

    /// An `i32` that only the memory, a table or a host has, or `&&` and `||`.
    fn whole(&mut self) -> ExprId {
        let ty = Type::I32;
        match self.dice.roll(7) {
            0 => self.b.one(Expr::Address(DataId(0)), ty),
            1 => self.b.one(Expr::GlobalGet(GlobalId(1)), ty),
            2 => {
                let pages = self.one(ty);
                self.over(Expr::MemoryGrow(pages), &[pages], &[ty])
            }
            3 => {
                let (value, index) = (self.one(ty), self.one(ty));
                let (list, signature) = (self.b.list(&[value, index]), self.b.signature(&[ty], &[ty]));
                self.over(Expr::CallIndirect(signature, TableId(0), list), &[value, index], &[ty])
            }
            4 => self.shim(Some(ty)),
            _ => {
                let (left, both) = (self.one(ty), self.dice.roll(2) == 1);
                let fixed = |random: &mut Self, value| random.b.i32(value);
                let (then, other) = if both { (self.one(ty), fixed(self, 0)) } else { (fixed(self, 1), self.one(ty)) };
                self.decide(left, then, other, &[ty])
            }
        }
    }

    fn shim(&mut self, result: Option<Type>) -> ExprId {
        let fitting: Vec<_> = self.shims.iter().filter(|shim| shim.2 == result).cloned().collect();
        let (id, parameters, _) = fitting[self.dice.roll(fitting.len())].clone();
        let operands: Vec<ExprId> = parameters.iter().map(|&ty| self.one(ty)).collect();
        let list = self.b.list(&operands);
        self.over(Expr::Call(id, list), &operands, result.as_slice())
    }

    fn statement(&mut self) -> ExprId {
        match self.dice.roll(11) {
            0..=2 if !self.locals.is_empty() => {
                let local = self.dice.roll(self.locals.len());
                let value = self.one(self.locals[local]);
                self.over(Expr::LocalSet(LocalId(local as u32), value), &[value], &[])
            }
            3 if self.locals.len() > 1 => {
                let chosen = [self.dice.roll(self.locals.len()), self.dice.roll(self.locals.len())];
                let value = self.node(&chosen.map(|local| self.locals[local]));
                let locals = self.b.module.pool.push(&chosen.map(|local| LocalId(local as u32)));
                self.over(Expr::LocalSetMany(locals, value), &[value], &[])
            }
            4 => {
                let count = 1 + self.dice.roll(2);
                let types = self.types(count);
                let value = self.node(&types);
                if self.is_never(value) { value } else { self.b.none(Expr::Drop(value)) }
            }
            5 => {
                let value = self.one(Type::I32);
                self.over(Expr::GlobalSet(GlobalId(1), value), &[value], &[])
            }
            6 => {
                let op = self.dice.pick(StoreOp::ALL);
                let (address, value) = (self.one(Type::I32), self.one(op.ty()));
                self.over(Expr::Store(op, 4, address, value), &[address, value], &[])
            }
            7 => {
                let (condition, then) = (self.one(Type::I32), self.node(&[]));
                self.over(Expr::If(condition, then), &[condition], &[])
            }
            8 => self.shim(None),
            9 => self.turning(),
            _ => self.counting(),
        }
    }

    fn several(&mut self, want: &[Type]) -> ExprId {
        if *want == [Type::I32, Type::I64] && self.dice.roll(2) == 0 {
            let operands = [self.one(Type::I32), self.one(Type::I64)];
            let list = self.b.list(&operands);
            return self.over(Expr::Call(self.pairs, list), &operands, want);
        }
        let items: Vec<ExprId> = want.iter().map(|&ty| self.one(ty)).collect();
        let list = self.b.list(&items);
        self.over(Expr::Tuple(list), &items, want)
    }

    fn sequence(&mut self, want: &[Type]) -> ExprId {
        let count = 1 + self.dice.roll(4);
        let mut items: Vec<ExprId> = (0..count).map(|_| self.node(&[])).collect();
        items.push(self.node(want));
        let list = self.b.list(&items);
        self.over(Expr::Sequence(list), &items, want)
    }
}
