//! Random valid programs with everything the core has: values of which there are none, one or several, nodes that never
//! come back in every place, imports between definitions, statics, segments.
//!
//! All choices come from a list of numbers; when it ends, every choice is the first, which is the simplest.
//! `surroundings` makes everything but the bodies.

mod surroundings;

use velocity_nda::Span;
use velocity_nda::module::{
    BinaryOp, Body, Children, DataId, ElementId, Expr, ExprId, FuncId, FunctionKind, GlobalId, List, LoadOp, LocalId,
    Module, Shape, SigId, StoreOp, TableId, Type, UnaryOp, Value, Yield,
};

/// What functions and blocks give: function `FIRST + n` has the results `RESULTS[n]`.
const RESULTS: [&[Type]; 7] = [
    &[],
    &[Type::I32],
    &[Type::I64],
    &[Type::F32],
    &[Type::F64],
    &[Type::I32, Type::F64],
    &[Type::I64, Type::I64, Type::F32],
];

/// The first function that is defined; a host function comes before it, another behind all.
const FIRST: u32 = 1;

/// Globals: mutable ones of each type come behind these.
const FIRST_MUTABLE: u32 = 4;

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
struct Generator<'n> {
    module: Module,
    numbers: core::slice::Iter<'n, u8>,
    labels: Vec<Label>,
    depth: u32,
    /// What the function gives.
    results: &'static [Type],
}

/// A valid module made of numbers. It exports its first function with a result as `f`, and its globals by their numbers.
pub fn module(numbers: &[u8]) -> Module {
    let module = Module::default();
    let mut generator = Generator { module, numbers: numbers.iter(), labels: Vec::new(), depth: 0, results: &[] };
    generator.surroundings();
    for (number, results) in (FIRST..).zip(RESULTS) {
        generator.function(FuncId(number), results);
    }
    velocity_nda::validate(&generator.module).unwrap_or_else(|error| panic!("{error}"));
    generator.module
}

impl Generator<'_> {
    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.numbers.next().copied().unwrap_or(0)) % limit
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Adds a node; it never comes back if an operand that is always evaluated does not.
    fn add(&mut self, expr: Expr, yields: Yield) -> ExprId {
        let always: Vec<ExprId> = match (expr, expr.children()) {
            (Expr::Block(_) | Expr::Loop(_), _) => Vec::new(),
            (Expr::If(condition, _) | Expr::IfElse(condition, ..), _) => vec![condition],
            (_, Children::Few(few, count)) => few[..count].to_vec(),
            (_, Children::List(list)) => self.module.pool.get(list).collect(),
        };
        let never = always.iter().any(|&node| self.module.yields[node] == Yield::NEVER);
        self.module.add(expr, if never { Yield::NEVER } else { yields }, Span::default())
    }

    fn list(&mut self, items: &[ExprId]) -> List<ExprId> {
        self.module.pool.push(items)
    }

    fn yields(&mut self, types: &[Type]) -> Yield {
        let list = self.module.pool.push(types);
        self.module.yield_of(list)
    }

    /// A local: function parameters have one of each type, and there are two variables of each.
    fn local(&mut self, ty: Type) -> LocalId {
        LocalId(ty as u32 - 1 + 4 * self.below(3) as u32)
    }

    fn one(&mut self, ty: Type) -> ExprId {
        self.values(match ty {
            Type::I32 => RESULTS[1],
            Type::I64 => RESULTS[2],
            Type::F32 => RESULTS[3],
            Type::F64 => RESULTS[4],
        })
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

    fn leaf(&mut self, ty: Type) -> ExprId {
        let kind = self.below(4);
        let small = self.below(256) as u64;
        let bits = if self.below(4) == 0 { small << 55 | small << 23 | small } else { small };
        let yields = Yield::one(ty);
        match (kind, Value::of_bits(ty, bits)) {
            (1, _) => {
                let local = self.local(ty);
                self.add(Expr::LocalGet(local), yields)
            }
            (2, _) => self.add(Expr::GlobalGet(GlobalId(FIRST_MUTABLE + ty as u32 - 1)), yields),
            (3, Value::I32(_)) => {
                let data = DataId(self.below(2) as u32);
                self.add(Expr::Address(data), yields)
            }
            (_, Value::I32(value)) => self.add(Expr::I32(value), yields),
            (_, Value::I64(value)) => self.add(Expr::I64(value), yields),
            (_, Value::F32(bits)) => self.add(Expr::F32(bits), yields),
            (_, Value::F64(bits)) => self.add(Expr::F64(bits), yields),
        }
    }

    fn value(&mut self, ty: Type, types: &'static [Type]) -> ExprId {
        let yields = Yield::one(ty);
        match self.below(14) {
            0 | 1 => self.leaf(ty),
            2..=4 => {
                let all: Vec<_> = BinaryOp::ALL.iter().copied().filter(|op| op.result() == ty).collect();
                let op = self.pick(&all);
                let (left, right) = (self.one(op.operand()), self.one(op.operand()));
                self.add(Expr::Binary(op, left, right), yields)
            }
            5 => {
                let all: Vec<_> = UnaryOp::ALL.iter().copied().filter(|op| op.result() == ty).collect();
                let op = self.pick(&all);
                let operand = self.one(op.operand());
                self.add(Expr::Unary(op, operand), yields)
            }
            6 => {
                let all: Vec<_> = LoadOp::ALL.iter().copied().filter(|op| op.ty() == ty).collect();
                let (op, offset, address) = (self.pick(&all), 997 * self.below(9) as u32, self.one(Type::I32));
                self.add(Expr::Load(op, offset, address), yields)
            }
            7 => {
                let (first, second, condition) = (self.one(ty), self.one(ty), self.one(Type::I32));
                self.add(Expr::Select(first, second, condition), yields)
            }
            8 => {
                let (local, value) = (self.local(ty), self.one(ty));
                self.add(Expr::LocalTee(local, value), yields)
            }
            9 if ty == Type::I32 => self.number(),
            9 => self.leaf(ty),
            _ => self.control(types),
        }
    }

    /// Numbers that come from the memory or the host.
    fn number(&mut self) -> ExprId {
        let yields = Yield::one(Type::I32);
        match self.below(3) {
            0 => self.add(Expr::MemorySize, yields),
            1 => {
                let pages = self.one(Type::I32);
                self.add(Expr::MemoryGrow(pages), yields)
            }
            _ => {
                let value = self.one(Type::I32);
                let list = self.list(&[value]);
                self.add(Expr::Call(FuncId(0), list), yields)
            }
        }
    }

    fn several(&mut self, types: &'static [Type]) -> ExprId {
        if self.below(3) == 0 { self.tuple(types) } else { self.control(types) }
    }

    fn tuple(&mut self, types: &'static [Type]) -> ExprId {
        let items: Vec<_> = types.iter().map(|&ty| self.one(ty)).collect();
        let (list, yields) = (self.list(&items), self.yields(types));
        self.add(Expr::Tuple(list), yields)
    }

    /// What can yield values of any number.
    fn control(&mut self, types: &'static [Type]) -> ExprId {
        match self.below(9) {
            0 | 1 => self.block(types),
            2 => {
                self.labels.push(Label { takes: &[], reached: false });
                let body = self.sequence(types);
                self.labels.pop();
                let yields = self.module.yields[body];
                self.add(Expr::Loop(body), yields)
            }
            3 | 4 => {
                let (condition, then, otherwise) = (self.one(Type::I32), self.values(types), self.values(types));
                let arms = [then, otherwise].map(|arm| self.module.yields[arm]);
                let yields = if arms[0] == Yield::NEVER { arms[1] } else { arms[0] };
                self.add(Expr::IfElse(condition, then, otherwise), yields)
            }
            5 | 6 => self.call(types),
            7 => self.sequence(types),
            _ => self.leave(),
        }
    }

    fn block(&mut self, types: &'static [Type]) -> ExprId {
        self.labels.push(Label { takes: types, reached: false });
        let body = if self.below(2) == 0 { self.sequence(types) } else { self.values(types) };
        let reached = self.labels.pop().is_some_and(|label| label.reached);
        let yields = match self.module.yields[body] {
            Yield::NEVER if reached => self.yields(types),
            yields => yields,
        };
        self.add(Expr::Block(body), yields)
    }

    fn sequence(&mut self, types: &'static [Type]) -> ExprId {
        let count = 1 + self.below(3);
        let mut items: Vec<_> = (0..count).map(|_| self.values(&[])).collect();
        items.push(self.values(types));
        let (list, yields) = (self.list(&items), self.module.yields[items[count]]);
        self.add(Expr::Sequence(list), yields)
    }

    /// A call, direct or through one of the tables; functions may call themselves.
    fn call(&mut self, types: &'static [Type]) -> ExprId {
        let number = (0..).zip(RESULTS).find(|(_, results)| *results == types).map_or(0, |(number, _)| number);
        let mut arguments: Vec<_> = Type::ALL.iter().map(|&ty| self.one(ty)).collect();
        let yields = self.yields(types);
        if self.below(2) == 0 {
            let list = self.list(&arguments);
            return self.add(Expr::Call(FuncId(FIRST + number), list), yields);
        }
        let table = TableId(self.below(2) as u32);
        arguments.push(self.one(Type::I32));
        let list = self.list(&arguments);
        self.add(Expr::CallIndirect(SigId(number), table, list), yields)
    }

    fn statement(&mut self) -> ExprId {
        let ty = self.pick(&Type::ALL);
        match self.below(14) {
            0 => self.nothing(),
            1 | 2 => {
                let (local, value) = (self.local(ty), self.one(ty));
                self.add(Expr::LocalSet(local, value), Yield::NONE)
            }
            3 => {
                let value = self.one(ty);
                self.add(Expr::GlobalSet(GlobalId(FIRST_MUTABLE + ty as u32 - 1), value), Yield::NONE)
            }
            4 => {
                let all: Vec<_> = StoreOp::ALL.iter().copied().filter(|op| op.ty() == ty).collect();
                let (op, address, value) = (self.pick(&all), self.one(Type::I32), self.one(ty));
                self.add(Expr::Store(op, 1030, address, value), Yield::NONE)
            }
            5 => {
                let types = self.pick(&RESULTS[1..]);
                let value = self.values(types);
                match self.module.yields[value] {
                    Yield::NEVER => value,
                    _ => self.add(Expr::Drop(value), Yield::NONE),
                }
            }
            6 | 7 => {
                let (condition, then) = (self.one(Type::I32), self.values(&[]));
                self.add(Expr::If(condition, then), Yield::NONE)
            }
            8 => self.set_many(),
            9 => self.bulk(),
            10 => {
                let value = self.one(Type::I32);
                let list = self.list(&[value]);
                self.add(Expr::Call(FuncId(FIRST + RESULTS.len() as u32), list), Yield::NONE)
            }
            _ => self.control(&[]),
        }
    }

    /// Sets several locals, of one type perhaps the same one.
    fn set_many(&mut self) -> ExprId {
        let types = self.pick(&RESULTS[5..]);
        let value = self.values(types);
        let locals: Vec<_> = types.iter().map(|&ty| self.local(ty)).collect();
        let locals = self.module.pool.push(&locals);
        self.add(Expr::LocalSetMany(locals, value), Yield::NONE)
    }

    /// Operations on ranges, most of them inside, and what lets segments go.
    fn bulk(&mut self) -> ExprId {
        let kind = self.below(8);
        let (data, element) = (DataId(2 + self.below(3) as u32), ElementId(self.below(3) as u32));
        if kind == 6 {
            return self.add(Expr::DataDrop(data), Yield::NONE);
        }
        if kind == 7 {
            return self.add(Expr::ElementDrop(element), Yield::NONE);
        }
        let [to, from, len] = [0x7FF, 7, 7].map(|mask| {
            let value = self.one(Type::I32);
            let mask = self.add(Expr::I32(mask), Yield::one(Type::I32));
            self.add(Expr::Binary(BinaryOp::I32And, value, mask), Yield::one(Type::I32))
        });
        let (one, two) = (TableId(self.below(2) as u32), TableId(self.below(2) as u32));
        let list = self.list(&[to, from, len]);
        let expr = match kind {
            0 => Expr::MemoryCopy(to, from, len),
            1 => Expr::MemoryFill(to, from, len),
            2 | 3 => Expr::MemoryInit(data, list),
            4 => Expr::TableCopy(one, two, list),
            _ => Expr::TableInit(one, element, list),
        };
        self.add(expr, Yield::NONE)
    }

    /// A node that never comes back: a break to some label, by a table or not, a return, a trap.
    fn leave(&mut self) -> ExprId {
        let choice = self.below(6);
        if choice == 0 {
            return self.add(Expr::Unreachable, Yield::NEVER);
        }
        if choice == 1 || self.labels.is_empty() {
            let value = self.brought(self.results);
            return self.add(Expr::Return(value), Yield::NEVER);
        }
        let last = self.labels.len() - 1;
        let depth = self.below(last + 1);
        let takes = self.labels[last - depth].takes;
        let value = self.brought(takes);
        let brings = self.module.yields[value] != Yield::NEVER;
        if choice < 4 {
            self.labels[last - depth].reached |= brings;
            return self.add(Expr::Break(depth as u32, value), Yield::NEVER);
        }
        let depths: Vec<_> = (0..=last).filter(|depth| self.labels[last - depth].takes == takes).collect();
        for depth in &depths {
            self.labels[last - depth].reached |= brings;
        }
        let depths: Vec<_> = depths.into_iter().map(|depth| depth as u32).collect();
        let (index, depths) = (self.one(Type::I32), self.module.pool.push(&depths));
        self.add(Expr::BreakTable(depths, value, index), Yield::NEVER)
    }

    /// What a break or return brings along: without values, a sequence that is empty.
    fn brought(&mut self, types: &'static [Type]) -> ExprId {
        if types.is_empty() { self.nothing() } else { self.values(types) }
    }

    /// Makes the body of a function that is declared.
    fn function(&mut self, id: FuncId, results: &'static [Type]) {
        self.results = results;
        let first = ExprId(self.module.exprs.len() as u32);
        let root = self.sequence(results);
        let types: Vec<_> = Type::ALL.into_iter().chain(Type::ALL).collect();
        let variables = self.module.pool.push(&types);
        self.module.functions[id].kind = FunctionKind::Defined(Body { variables, names: List::EMPTY, first, root });
    }
}

/// How many nodes never come back, and how many leave several values.
pub fn kinds(module: &Module) -> (usize, usize) {
    let all = || module.yields.as_slice().iter();
    let never = all().filter(|&&yields| yields == Yield::NEVER).count();
    (never, all().filter(|yields| matches!(yields.shape(), Shape::Many(_))).count())
}
