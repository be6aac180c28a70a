//! Random modules that are valid: everything the core has, with small memories and tables, and mostly in bounds.

use crate::Build;
use velocity_nda::module::{
    BinaryOp, Constant, Data, DataId, DataShape, Element, ElementId, ElementMode, ExportItem, Expr, ExprId, FuncId,
    FuncTable, Global, GlobalId, GlobalKind, Limits as Size, LoadOp, LocalId, Memory, Meta, Placement, SigId, StoreOp,
    TableId, Type, UnaryOp, Value, Yield,
};

/// Functions of a program; each has one parameter and one variable of every type and a result of one type.
const FUNCTIONS: u32 = 4;

/// Makes a program out of arbitrary numbers.
struct Random<'n> {
    b: Build,
    numbers: core::slice::Iter<'n, u8>,
    /// What each enclosing label takes, the innermost last; `None` for nothing.
    labels: Vec<Option<Type>>,
    depth: u32,
}

impl Random<'_> {
    /// A number below `limit`; 0 once all are used, which leads to leaves.
    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.numbers.next().copied().unwrap_or(0)) % limit
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn ty(&mut self) -> Type {
        self.pick(&Type::ALL)
    }

    fn one(&mut self, expr: Expr, ty: Type) -> ExprId {
        self.b.add(expr, Yield::one(ty))
    }

    fn none(&mut self, expr: Expr) -> ExprId {
        self.b.add(expr, Yield::NONE)
    }

    fn list(&mut self, items: &[ExprId]) -> velocity_nda::module::List<ExprId> {
        self.b.list(items)
    }

    /// A parameter (0 to 3) or variable (4 to 7) of a type.
    fn local(&mut self, ty: Type) -> LocalId {
        LocalId(ty as u32 - 1 + 4 * self.below(2) as u32)
    }

    fn leaf(&mut self, ty: Type) -> ExprId {
        match self.below(3) {
            0 => {
                let small = self.below(256) as u64;
                let bits = if self.below(4) == 0 { small << 55 | small << 23 } else { small };
                match Value::of_bits(ty, bits) {
                    Value::I32(value) => self.one(Expr::I32(value), ty),
                    Value::I64(value) => self.one(Expr::I64(value), ty),
                    Value::F32(bits) => self.one(Expr::F32(bits), ty),
                    Value::F64(bits) => self.one(Expr::F64(bits), ty),
                }
            }
            1 => self.one(Expr::GlobalGet(GlobalId(ty as u32 - 1)), ty),
            _ => {
                let local = self.local(ty);
                self.one(Expr::LocalGet(local), ty)
            }
        }
    }

    /// A node that yields a value.
    fn value(&mut self, ty: Type) -> ExprId {
        if self.depth > 6 {
            return self.leaf(ty);
        }
        self.depth += 1;
        let node = self.inner(ty);
        self.depth -= 1;
        node
    }

    fn inner(&mut self, ty: Type) -> ExprId {
        match self.below(14) {
            0..=2 => self.leaf(ty),
            3..=5 => {
                let all: Vec<_> = BinaryOp::ALL.iter().copied().filter(|op| op.result() == ty).collect();
                let op = self.pick(&all);
                let (left, right) = (self.value(op.operand()), self.value(op.operand()));
                self.one(Expr::Binary(op, left, right), ty)
            }
            6 => {
                let all: Vec<_> = UnaryOp::ALL.iter().copied().filter(|op| op.result() == ty).collect();
                let op = self.pick(&all);
                let operand = self.value(op.operand());
                self.one(Expr::Unary(op, operand), ty)
            }
            7 => {
                let all: Vec<_> = LoadOp::ALL.iter().copied().filter(|op| op.ty() == ty).collect();
                let (op, offset, address) = (self.pick(&all), self.below(9) as u32, self.value(Type::I32));
                self.one(Expr::Load(op, offset, address), ty)
            }
            8 => {
                let (first, second, condition) = (self.value(ty), self.value(ty), self.value(Type::I32));
                self.one(Expr::Select(first, second, condition), ty)
            }
            9 => {
                let (local, value) = (self.local(ty), self.value(ty));
                self.one(Expr::LocalTee(local, value), ty)
            }
            10 => {
                let (condition, then, otherwise) = (self.value(Type::I32), self.value(ty), self.value(ty));
                self.one(Expr::IfElse(condition, then, otherwise), ty)
            }
            11 => {
                self.labels.push(Some(ty));
                let (statement, value) = (self.statement(), self.value(ty));
                self.labels.pop();
                let body = self.b.sequence(&[statement, value]);
                self.one(Expr::Block(body), ty)
            }
            12 => self.call(ty),
            _ => match ty {
                Type::I32 if self.below(4) == 0 => {
                    let pages = self.value(ty);
                    self.one(Expr::MemoryGrow(pages), ty)
                }
                Type::I32 => self.one(Expr::MemorySize, ty),
                _ => self.leaf(ty),
            },
        }
    }

    /// A call, direct or indirect, of the function that gives this type; functions may call themselves.
    fn call(&mut self, ty: Type) -> ExprId {
        let mut arguments: Vec<_> = Type::ALL.iter().map(|&ty| self.value(ty)).collect();
        let number = ty as u32 - 1;
        if self.below(2) == 0 {
            let list = self.list(&arguments);
            return self.one(Expr::Call(FuncId(number), list), ty);
        }
        arguments.push(self.value(Type::I32));
        let list = self.list(&arguments);
        self.one(Expr::CallIndirect(SigId(number), TableId(0), list), ty)
    }

    /// A node that yields nothing.
    fn statement(&mut self) -> ExprId {
        if self.depth > 6 {
            return self.b.sequence(&[]);
        }
        self.depth += 1;
        let node = self.inner_statement();
        self.depth -= 1;
        node
    }

    fn inner_statement(&mut self) -> ExprId {
        let ty = self.ty();
        match self.below(11) {
            0 | 1 => {
                let (local, value) = (self.local(ty), self.value(ty));
                self.none(Expr::LocalSet(local, value))
            }
            2 => {
                let value = self.value(ty);
                self.none(Expr::GlobalSet(GlobalId(ty as u32 - 1), value))
            }
            3 => {
                let all: Vec<_> = StoreOp::ALL.iter().copied().filter(|op| op.ty() == ty).collect();
                let op = self.pick(&all);
                let (address, value) = (self.value(Type::I32), self.value(ty));
                self.none(Expr::Store(op, 3, address, value))
            }
            4 => {
                let value = self.value(ty);
                self.none(Expr::Drop(value))
            }
            5 | 6 => {
                let condition = self.value(Type::I32);
                let then = if self.below(2) == 0 { self.leave() } else { self.statement() };
                self.none(Expr::If(condition, then))
            }
            7 => {
                self.labels.push(None);
                let (one, two) = (self.statement(), self.statement());
                self.labels.pop();
                let body = self.b.sequence(&[one, two]);
                let again = self.below(2) == 0;
                self.none(if again { Expr::Loop(body) } else { Expr::Block(body) })
            }
            8 => self.bulk(),
            9 => {
                let values: Vec<_> = Type::ALL.iter().map(|&ty| self.value(ty)).collect();
                let (list, types) = (self.list(&values), self.b.0.pool.push(&Type::ALL));
                let tuple = self.b.add(Expr::Tuple(list), Yield::many(types));
                let locals = Type::ALL.map(|ty| self.local(ty));
                let locals = self.b.0.pool.push(&locals);
                self.none(Expr::LocalSetMany(locals, tuple))
            }
            _ => {
                let (one, two) = (self.statement(), self.statement());
                self.b.sequence(&[one, two])
            }
        }
    }

    /// Operations on ranges, most of them inside.
    fn bulk(&mut self) -> ExprId {
        let masked = |random: &mut Self| {
            let (value, mask) = (random.value(Type::I32), random.b.i32(0x3FF));
            random.b.binary(BinaryOp::I32And, value, mask)
        };
        let operands = [masked(self), masked(self), masked(self)];
        let [to, from, len] = operands;
        match self.below(5) {
            0 => self.none(Expr::MemoryCopy(to, from, len)),
            1 => self.none(Expr::MemoryFill(to, from, len)),
            2 => {
                let list = self.list(&operands);
                self.none(Expr::MemoryInit(DataId(0), list))
            }
            3 => {
                let list = self.list(&operands);
                self.none(Expr::TableCopy(TableId(0), TableId(0), list))
            }
            _ => {
                let list = self.list(&operands);
                self.none(Expr::TableInit(TableId(0), ElementId(0), list))
            }
        }
    }

    /// A break to some label, by a table or not, or a return.
    fn leave(&mut self) -> ExprId {
        let Some(depth) = self.labels.len().checked_sub(1).map(|last| self.below(last + 1)) else {
            return self.b.add(Expr::Unreachable, Yield::NEVER);
        };
        let wanted = self.labels[self.labels.len() - 1 - depth];
        let value = match wanted {
            Some(ty) => self.value(ty),
            None => self.b.sequence(&[]),
        };
        if self.below(2) == 0 {
            return self.b.add(Expr::Break(depth as u32, value), Yield::NEVER);
        }
        let fits = |at: &usize| self.labels[self.labels.len() - 1 - at] == wanted;
        let depths: Vec<_> = (0..self.labels.len()).filter(fits).map(|depth| depth as u32).collect();
        let (index, depths) = (self.value(Type::I32), self.b.0.pool.push(&depths));
        self.b.add(Expr::BreakTable(depths, value, index), Yield::NEVER)
    }
}

/// The module that arbitrary numbers stand for: a memory of one page that may grow to three, a table, a global of every
/// type, and four functions with a parameter of every type, of which the first is exported as `f` and gives an `i32`.
#[must_use]
pub fn random(numbers: &[u8]) -> Build {
    let mut random = Random { b: Build::default(), numbers: numbers.iter(), labels: Vec::new(), depth: 0 };
    surroundings(&mut random.b);
    let signatures = Type::ALL.map(|ty| random.b.signature(&Type::ALL, &[ty]));
    for (signature, ty) in signatures.into_iter().zip(Type::ALL) {
        let first = random.b.0.exprs.len() as u32;
        let (one, two, value) = (random.statement(), random.statement(), random.value(ty));
        random.b.sequence(&[one, two, value]);
        random.b.function(signature, &Type::ALL, ExprId(first));
    }
    random.b.export("f", ExportItem::Function(FuncId(0)));
    random.b
}

/// A memory with data, a table with segments, and a global of every type.
fn surroundings(b: &mut Build) {
    let meta = Meta::default();
    b.0.memory = Some(Memory { meta, limits: Size { min: 1, max: Some(3) }, host: None });
    b.0.bytes.extend(0..=255);
    b.0.data.push(Data { meta, placement: Placement::Passive, start: 0, len: 256, zeros: 0, shape: DataShape::Text });
    b.0.tables.push(FuncTable { meta, limits: Size { min: 20, max: None }, host: None });
    for mode in [ElementMode::Passive, ElementMode::At(TableId(0), Constant::Value(Value::I32(3)))] {
        let items: Vec<u32> = (0..=FUNCTIONS).chain(0..FUNCTIONS).collect();
        let items = b.0.pool.push(&items);
        b.0.elements.push(Element { meta, mode, items });
    }
    for ty in Type::ALL {
        let kind = GlobalKind::Defined(Constant::Value(ty.zero()));
        b.0.globals.push(Global { meta, ty, mutable: true, kind });
    }
}
