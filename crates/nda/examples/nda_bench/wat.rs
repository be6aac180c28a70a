//! The same program as WebAssembly text: every function, global, static and import of the core, one instruction a line,
//! as disassemblers write it.

use std::fmt::Write;
use velocity_nda::module::{
    Children, Constant, Expr, ExprId, FunctionKind, GlobalKind, Key, LocalId, Module, Placement, Shape, Type, Value,
    Yield,
};
use velocity_nda::{identity, module::FuncId};

/// Text to a validated module; gives the size of its binary form.
pub fn check(text: &str) -> Result<usize, Box<dyn std::error::Error>> {
    let binary = wat::parse_str(text)?;
    wasmparser::validate(&binary)?;
    Ok(binary.len())
}

/// Writes a module.
pub fn print(module: &Module) -> String {
    let places = identity::place(module);
    let mut out = Out {
        module,
        places,
        text: "(module\n".to_owned(),
        labels: Vec::new(),
        next: 0,
        function: FuncId(0),
        depth: 2,
    };
    out.imports();
    out.items();
    for (id, function) in module.functions.iter() {
        if let FunctionKind::Defined(body) = function.kind {
            out.function(id, body.root);
        }
    }
    out.text += ")\n";
    out.text
}

struct Out<'m> {
    module: &'m Module,
    places: identity::Placement,
    text: String,
    /// Numbers of the labels around.
    labels: Vec<u32>,
    next: u32,
    function: FuncId,
    depth: usize,
}

impl Out<'_> {
    fn name(&self, id: FuncId) -> String {
        let name = self.module.name(&self.module.functions[id].meta).unwrap_or("f");
        format!("${name}_{}", id.0)
    }

    fn types(&self, word: &str, types: impl Iterator<Item = Type>) -> String {
        let types: Vec<String> = types.map(|ty| ty.to_string()).collect();
        if types.is_empty() { String::new() } else { format!(" ({word} {})", types.join(" ")) }
    }

    fn imports(&mut self) {
        let module = self.module;
        for (id, function) in module.functions.iter() {
            let FunctionKind::Host(host) = function.kind else { continue };
            let parameters = self.types("param", module.parameters(function.signature));
            let results = self.types("result", module.results(function.signature));
            let (from, item) = (module.text(host.module), module.text(host.item));
            let name = self.name(id);
            let _ = writeln!(self.text, "  (import \"{from}\" \"{item}\" (func {name}{parameters}{results}))");
        }
    }

    fn items(&mut self) {
        let module = self.module;
        let pages = self.places.end.div_ceil(65536).max(module.memory.map_or(0, |memory| memory.limits.min.into()));
        let _ = writeln!(self.text, "  (memory {pages})");
        for (id, global) in module.globals.iter() {
            let GlobalKind::Defined(Constant::Value(value)) = global.kind else { continue };
            let ty = if global.mutable { format!("(mut {})", global.ty) } else { global.ty.to_string() };
            let _ = writeln!(self.text, "  (global $g{} {ty} ({}.const {}))", id.0, global.ty, number(value));
        }
        for (id, data) in module.data.iter() {
            if let Placement::Anywhere(_) = data.placement {
                let bytes = module.bytes_of(data).iter().fold(String::new(), |mut out, byte| {
                    let _ = write!(out, "\\{byte:02x}");
                    out
                });
                let _ = writeln!(self.text, "  (data (i32.const {}) \"{bytes}\")", self.places.address(id));
            }
        }
    }

    fn function(&mut self, id: FuncId, root: ExprId) {
        let module = self.module;
        let FunctionKind::Defined(body) = module.functions[id].kind else { return };
        let signature = module.functions[id].signature;
        (self.function, self.next) = (id, 0);
        let name = self.name(id);
        let _ = write!(self.text, "  (func {name}");
        let types: Vec<Type> = module.parameters(signature).chain(module.pool.get(body.variables)).collect();
        let parameters = module.parameters(signature).len();
        for (index, ty) in types[..parameters].iter().enumerate() {
            let _ = write!(self.text, " (param {} {ty})", self.local(LocalId::new(index)));
        }
        self.text += &self.types("result", module.results(signature));
        self.text.push('\n');
        for (index, ty) in types.iter().enumerate().skip(parameters) {
            let _ = writeln!(self.text, "    (local {} {ty})", self.local(LocalId::new(index)));
        }
        self.node(root);
        self.text += "  )\n";
    }

    fn local(&self, id: LocalId) -> String {
        let FunctionKind::Defined(body) = self.module.functions[self.function].kind else { return String::new() };
        let name = self.module.pool.item(body.names, id.index()).map_or("v", |name| self.module.text(name));
        format!("${name}_{}", id.0)
    }

    fn line(&mut self, line: &str) {
        let indent = 2 * self.depth.min(40);
        let _ = writeln!(self.text, "{:indent$}{line}", "");
    }

    fn yields(&self, node: ExprId) -> Yield {
        self.module.yields[node]
    }

    fn block_type(&self, node: ExprId) -> String {
        match self.yields(node).shape() {
            Shape::One(ty) => format!(" (result {ty})"),
            Shape::Many(list) => self.types("result", self.module.pool.get(list)),
            Shape::None | Shape::Never => String::new(),
        }
    }

    /// What is in a block; when the block never ends, what comes after it is never reached.
    fn inside(&mut self, node: ExprId) {
        self.depth += 1;
        self.node(node);
        self.depth -= 1;
    }

    fn end(&mut self, node: ExprId) {
        self.line("end");
        if self.yields(node) == Yield::NEVER {
            self.line("unreachable");
        }
    }

    fn labelled(&mut self, word: &str, node: ExprId, body: ExprId) {
        let label = self.next;
        self.next += 1;
        self.labels.push(label);
        let ty = self.block_type(node);
        self.line(&format!("{word} $l{label}{ty}"));
        self.inside(body);
        self.labels.pop();
        self.end(node);
    }

    fn target(&self, depth: u32) -> String {
        format!("$l{}", self.labels[self.labels.len() - 1 - depth as usize])
    }

    fn node(&mut self, node: ExprId) {
        let module = self.module;
        match module.exprs[node] {
            Expr::Block(body) => return self.labelled("block", node, body),
            Expr::Loop(body) => return self.labelled("loop", node, body),
            Expr::If(condition, then) => {
                self.node(condition);
                self.line("if");
                self.inside(then);
                return self.line("end");
            }
            Expr::IfElse(condition, then, other) => {
                self.node(condition);
                let ty = self.block_type(node);
                self.line(&format!("if{ty}"));
                self.inside(then);
                self.line("else");
                self.inside(other);
                return self.end(node);
            }
            _ => {}
        }
        match module.exprs[node].children() {
            Children::Few(few, count) => few[..count].iter().for_each(|&child| self.node(child)),
            Children::List(list) => module.pool.get(list).for_each(|child| self.node(child)),
        }
        let line = self.instruction(node);
        if !line.is_empty() {
            self.line(&line);
        }
    }

    fn instruction(&self, node: ExprId) -> String {
        match self.module.exprs[node] {
            Expr::I32(value) => format!("i32.const {value}"),
            Expr::I64(value) => format!("i64.const {value}"),
            Expr::F32(bits) => format!("f32.const {}", number(Value::F32(bits))),
            Expr::F64(bits) => format!("f64.const {}", number(Value::F64(bits))),
            Expr::LocalGet(id) => format!("local.get {}", self.local(id)),
            Expr::LocalSet(id, _) => format!("local.set {}", self.local(id)),
            Expr::LocalTee(id, _) => format!("local.tee {}", self.local(id)),
            Expr::GlobalGet(id) => match self.module.globals[id].kind {
                GlobalKind::Defined(Constant::Value(_)) => format!("global.get $g{}", id.0),
                _ => unimplemented_node("a global that is not a number"),
            },
            Expr::GlobalSet(id, _) => format!("global.set $g{}", id.0),
            Expr::Unary(op, _) => op.mnemonic().to_owned(),
            Expr::Binary(op, _, _) => op.mnemonic().to_owned(),
            Expr::Select(_, _, _) => "select".to_owned(),
            Expr::Load(op, offset, _) => access(op.mnemonic(), offset),
            Expr::Store(op, offset, _, _) => access(op.mnemonic(), offset),
            Expr::Address(id) => format!("i32.const {}", self.places.address(id)),
            Expr::MemorySize => "memory.size".to_owned(),
            Expr::MemoryGrow(_) => "memory.grow".to_owned(),
            Expr::Drop(_) => "drop".to_owned(),
            Expr::Break(depth, _) => format!("br {}", self.target(depth)),
            Expr::Return(_) => "return".to_owned(),
            Expr::Unreachable => "unreachable".to_owned(),
            Expr::Call(id, _) => format!("call {}", self.name(id)),
            Expr::Sequence(_) | Expr::Tuple(_) => String::new(),
            other => unimplemented_node(&format!("{other:?}")),
        }
    }
}

fn unimplemented_node(what: &str) -> String {
    panic!("generated programs have no such node: {what}")
}

fn access(mnemonic: &str, offset: u32) -> String {
    if offset == 0 { mnemonic.to_owned() } else { format!("{mnemonic} offset={offset}") }
}

/// A number as WebAssembly text has it.
fn number(value: Value) -> String {
    match value {
        Value::F32(bits) if f32::from_bits(bits).is_nan() => "nan".to_owned(),
        Value::F64(bits) if f64::from_bits(bits).is_nan() => "nan".to_owned(),
        other => other.to_string(),
    }
}
