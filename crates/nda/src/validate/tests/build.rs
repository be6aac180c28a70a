//! Builds modules by hand: nodes with the yields that follow from them.

use crate::module::*;
use crate::span::Span;

/// A module under construction; node methods return the node's key.
#[derive(Default)]
pub(crate) struct Builder {
    pub(crate) module: Module,
}

impl Builder {
    /// A module of one function without variables.
    pub(crate) fn function(
        name: &str,
        parameters: &[Type],
        results: &[Type],
        body: impl FnOnce(&mut Self) -> ExprId,
    ) -> Module {
        let mut builder = Self::default();
        builder.define(name, parameters, &[], results, body);
        builder.module
    }

    /// A signature, new unless there is an equal one.
    pub(crate) fn signature(&mut self, parameters: &[Type], results: &[Type]) -> SigId {
        let module = &mut self.module;
        let same = |id: &SigId| {
            module.parameters(*id).eq(parameters.iter().copied()) && module.results(*id).eq(results.iter().copied())
        };
        if let Some(id) = module.signatures.keys().find(same) {
            return id;
        }
        let (parameters, results) = (module.pool.push(parameters), module.pool.push(results));
        module.signatures.push(Signature { parameters, results })
    }

    /// A function with a body.
    pub(crate) fn define(
        &mut self,
        name: &str,
        parameters: &[Type],
        variables: &[Type],
        results: &[Type],
        body: impl FnOnce(&mut Self) -> ExprId,
    ) -> FuncId {
        let signature = self.signature(parameters, results);
        let first = self.module.exprs.next_key();
        let root = body(self);
        let variables = self.module.pool.push(variables);
        let kind = FunctionKind::Defined(Body { variables, names: List::EMPTY, first, root });
        let meta = self.meta(name);
        self.module.functions.push(Function { meta, signature, kind })
    }

    pub(crate) fn meta(&mut self, name: &str) -> Meta {
        Meta { name: Some(self.module.add_text(name)), ..Meta::default() }
    }

    /// A node that yields this.
    pub(crate) fn node(&mut self, expr: Expr, yields: Yield) -> ExprId {
        self.module.add(expr, yields, Span::default())
    }

    /// A node without a value.
    pub(crate) fn none(&mut self, expr: Expr) -> ExprId {
        self.node(expr, Yield::NONE)
    }

    /// A node that never comes back.
    pub(crate) fn never(&mut self, expr: Expr) -> ExprId {
        self.node(expr, Yield::NEVER)
    }

    /// A node with one value.
    pub(crate) fn one(&mut self, expr: Expr, ty: Type) -> ExprId {
        self.node(expr, Yield::one(ty))
    }

    /// A node with several values.
    pub(crate) fn many(&mut self, expr: Expr, types: &[Type]) -> ExprId {
        let list = self.module.pool.push(types);
        self.node(expr, Yield::many(list))
    }

    pub(crate) fn i32(&mut self, value: i32) -> ExprId {
        self.one(Expr::I32(value), Type::I32)
    }

    pub(crate) fn i64(&mut self, value: i64) -> ExprId {
        self.one(Expr::I64(value), Type::I64)
    }

    pub(crate) fn list(&mut self, items: &[ExprId]) -> List<ExprId> {
        self.module.pool.push(items)
    }

    /// A sequence without a value, or nothing at all.
    pub(crate) fn sequence(&mut self, items: &[ExprId]) -> ExprId {
        let list = self.list(items);
        self.none(Expr::Sequence(list))
    }
}

/// A module with an item of each kind and a node of each form.
pub(crate) fn everything() -> Module {
    let mut b = Builder::default();
    items(&mut b);
    let (pair, one) = ([Type::I32, Type::I64], [Type::I32]);
    b.define("pair", &pair, &[], &pair, |b| {
        let first = b.one(Expr::LocalGet(LocalId(0)), Type::I32);
        let second = b.one(Expr::LocalGet(LocalId(1)), Type::I64);
        let list = b.list(&[first, second]);
        b.many(Expr::Tuple(list), &pair)
    });
    b.define("many", &[], &pair, &[], |b| {
        let (first, second) = (b.i32(1), b.i64(2));
        let list = b.list(&[first, second]);
        let call = b.many(Expr::Call(FuncId(2), list), &pair);
        let locals = b.module.pool.push(&[LocalId(0), LocalId(1)]);
        b.none(Expr::LocalSetMany(locals, call))
    });
    b.define("control", &one, &[], &one, control);
    b.define("memory", &[], &[], &[], memory);
    b.define("tables", &one, &[], &one, tables);
    b.module
}

fn items(b: &mut Builder) {
    let (name, item) = (b.module.add_text("host"), b.module.add_text("item"));
    let host = HostItem { module: name, item };
    let (meta, limits) = (b.meta("memory"), Limits { min: 1, max: Some(9) });
    b.module.memory = Some(Memory { meta, limits, host: None });
    let meta = b.meta("table");
    b.module.tables.push(FuncTable { meta, limits: Limits { min: 4, max: None }, host: Some(host) });
    b.module.bytes.extend(*b"abcdefgh");
    let shape = DataShape::Array(Cell::I32, 2);
    let data = Data { meta, placement: Placement::Anywhere(4), start: 0, len: 0, zeros: 8, shape };
    b.module.data.push(data);
    let data = Data { start: 4, len: 2, zeros: 0, shape: DataShape::Text, ..data };
    let fixed = Placement::At(Constant::Global(GlobalId(0)));
    b.module.data.push(Data { placement: fixed, ..data });
    b.module.data.push(Data { placement: Placement::Passive, ..data });
    let global = Global { meta, ty: Type::I32, mutable: false, kind: GlobalKind::Host(host) };
    let first = b.module.globals.push(global);
    let kind = GlobalKind::Defined(Constant::Global(first));
    b.module.globals.push(Global { mutable: true, kind, ..global });
    b.module.globals.push(Global { kind: GlobalKind::Defined(Constant::Address(DataId(0))), ..global });
    let items = b.module.pool.push(&[0_u32, 1]);
    b.module.elements.push(Element { meta, mode: ElementMode::Passive, items });
    let mode = ElementMode::At(TableId(0), Constant::Value(Value::I32(2)));
    b.module.elements.push(Element { mode, items: List::EMPTY, ..Element { meta, mode, items } });
    let signature = b.signature(&[], &[]);
    b.module.functions.push(Function { meta, signature, kind: FunctionKind::Host(host) });
    b.module.functions.push(Function { meta, signature, kind: FunctionKind::Host(host) });
    for (index, item) in [ExportItem::Function(FuncId(0)), ExportItem::Memory].into_iter().enumerate() {
        let name = b.module.add_text(["one", "two"][index]);
        b.module.exports.push(Export { name, item });
    }
    b.module.start = Some(FuncId(0));
}

/// `block { loop { if n == 0 { break 7 } else { n = n - 1; if n { continue } branch n [block, block] 3 } } }`
fn control(b: &mut Builder) -> ExprId {
    let n = b.one(Expr::LocalGet(LocalId(0)), Type::I32);
    let condition = b.one(Expr::Unary(UnaryOp::I32Eqz, n), Type::I32);
    let seven = b.i32(7);
    let out = b.never(Expr::Break(1, seven));
    let n = b.one(Expr::LocalGet(LocalId(0)), Type::I32);
    let one = b.i32(1);
    let less = b.one(Expr::Binary(BinaryOp::I32Sub, n, one), Type::I32);
    let set = b.none(Expr::LocalSet(LocalId(0), less));
    let n = b.one(Expr::LocalGet(LocalId(0)), Type::I32);
    let nothing = b.sequence(&[]);
    let again = b.never(Expr::Break(0, nothing));
    let again = b.none(Expr::If(n, again));
    let (three, index) = (b.i32(3), b.i32(0));
    let depths = b.module.pool.push(&[1_u32, 1]);
    let branch = b.never(Expr::BreakTable(depths, three, index));
    let list = b.list(&[set, again, branch]);
    let other = b.never(Expr::Sequence(list));
    let all = b.never(Expr::IfElse(condition, out, other));
    let looped = b.never(Expr::Loop(all));
    b.one(Expr::Block(looped), Type::I32)
}

fn memory(b: &mut Builder) -> ExprId {
    let mut nodes = Vec::new();
    let base = b.one(Expr::Address(DataId(0)), Type::I32);
    let at = b.i32(8);
    let loaded = b.one(Expr::Load(LoadOp::I64Load, 4, at), Type::I64);
    nodes.push(b.none(Expr::Store(StoreOp::I64Store32, 4, base, loaded)));
    let pages = b.one(Expr::MemorySize, Type::I32);
    let grown = b.one(Expr::MemoryGrow(pages), Type::I32);
    nodes.push(b.none(Expr::GlobalSet(GlobalId(1), grown)));
    let [a, c, d] = [1, 2, 3].map(|value| b.i32(value));
    nodes.push(b.none(Expr::MemoryCopy(a, c, d)));
    let [a, c, d] = [1, 2, 3].map(|value| b.i32(value));
    nodes.push(b.none(Expr::MemoryFill(a, c, d)));
    let three = [1, 2, 3].map(|value| b.i32(value));
    let three = b.list(&three);
    nodes.push(b.none(Expr::MemoryInit(DataId(2), three)));
    nodes.push(b.none(Expr::DataDrop(DataId(1))));
    let float = b.one(Expr::F64(1), Type::F64);
    nodes.push(b.none(Expr::Drop(float)));
    b.sequence(&nodes)
}

fn tables(b: &mut Builder) -> ExprId {
    let mut nodes = Vec::new();
    let three = [1, 2, 3].map(|value| b.i32(value));
    let three = b.list(&three);
    nodes.push(b.none(Expr::TableInit(TableId(0), ElementId(0), three)));
    let three = [1, 2, 3].map(|value| b.i32(value));
    let three = b.list(&three);
    nodes.push(b.none(Expr::TableCopy(TableId(0), TableId(0), three)));
    nodes.push(b.none(Expr::ElementDrop(ElementId(1))));
    let index = b.i32(0);
    let (signature, arguments) = (b.signature(&[], &[]), b.list(&[index]));
    nodes.push(b.none(Expr::CallIndirect(signature, TableId(0), arguments)));
    let global = b.one(Expr::GlobalGet(GlobalId(0)), Type::I32);
    let five = b.i32(5);
    let tee = b.one(Expr::LocalTee(LocalId(0), five), Type::I32);
    let condition = b.one(Expr::F32(0), Type::F32);
    let condition = b.one(Expr::Unary(UnaryOp::I32TruncSatF32U, condition), Type::I32);
    let select = b.one(Expr::Select(global, tee, condition), Type::I32);
    nodes.push(b.never(Expr::Return(select)));
    nodes.push(b.never(Expr::Unreachable));
    let list = b.list(&nodes);
    b.never(Expr::Sequence(list))
}
