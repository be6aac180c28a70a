//! Prints trees back as text, every operator in parentheses.

use crate::arena::List;
use crate::module::Cell;
use crate::text::ast::{
    Arm, BlockId, DataType, DataValue, Declared, ExprId, ExprKind, ItemKind, Label, Name, Parameter, SignatureId,
    Sizes, Statement, TableSizes, Type, TypeName,
};
use crate::text::parse::Parsed;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// Prints one tree.
pub(super) struct Printer<'p>(pub(super) &'p Parsed<'p>, pub(super) &'p str);

impl Printer<'_> {
    fn name(&self, name: Name) -> &str {
        self.0.names.text(name.symbol)
    }

    fn label(&self, label: Label) -> String {
        label.map_or(String::new(), |name| format!("'{}: ", self.name(name)))
    }

    fn target(&self, label: Label) -> String {
        label.map_or(String::new(), |name| format!(" '{}", self.name(name)))
    }

    fn list(&self, list: List<ExprId>) -> String {
        let parts: Vec<_> = self.0.file.arguments.get(list).iter().map(|&id| self.expr(id)).collect();
        parts.join(", ")
    }

    fn names(&self, list: List<Name>) -> String {
        let parts: Vec<_> = self.0.file.names.get(list).iter().map(|&name| self.name(name)).collect();
        parts.join(", ")
    }

    pub(super) fn expr(&self, id: ExprId) -> String {
        let file = &self.0.file;
        match file.exprs[id].kind {
            ExprKind::Number(value) => value.to_string(),
            ExprKind::Float => file.exprs[id].span.text(self.1).into(),
            ExprKind::Name(symbol) => self.0.names.text(symbol).into(),
            ExprKind::Negate(operand) => format!("(-{})", self.expr(operand)),
            ExprKind::Not(operand) => format!("(!{})", self.expr(operand)),
            ExprKind::Binary(operator, left, right) => {
                format!("({} {} {})", self.expr(left), operator.symbol(), self.expr(right))
            }
            ExprKind::Cast(value, ty) => format!("({} as {})", self.expr(value), written(ty)),
            ExprKind::Call(name, arguments) => format!("{}({})", self.name(name), self.list(arguments)),
            ExprKind::BuiltIn(path, arguments) => {
                let path = file.paths[path];
                format!("{}::{}({})", self.name(path.group), self.name(path.item), self.list(arguments))
            }
            ExprKind::Constant(path) => {
                let path = file.paths[path];
                format!("{}::{}", self.name(path.group), self.name(path.item))
            }
            ExprKind::Index(pointer, index) => format!("{}[{}]", self.expr(pointer), self.expr(index)),
            ExprKind::CallIndirect(function, arguments) => {
                let function = file.indirects[function];
                let (table, index) = (self.name(function.table), self.expr(function.index));
                format!("{table}[{index}: fn{}]({})", self.signature(function.signature), self.list(arguments))
            }
            ExprKind::Tee(name, value) => format!("({} = {})", self.name(name), self.expr(value)),
            ExprKind::Tuple(parts) => format!("({})", self.list(parts)),
            _ => self.control(file.exprs[id].kind),
        }
    }

    fn control(&self, kind: ExprKind) -> String {
        let file = &self.0.file;
        let value = |value: Option<ExprId>| value.map_or(String::new(), |value| format!(" {}", self.expr(value)));
        match kind {
            ExprKind::If(arms, otherwise) => {
                let arm = |arm: &Arm| format!("if {} {}", self.expr(arm.condition), self.block(arm.then));
                let arms: Vec<_> = file.arms.get(arms).iter().map(arm).collect();
                arms.join(" else ") + &otherwise.map_or(String::new(), |block| format!(" else {}", self.block(block)))
            }
            ExprKind::While(label, condition, body) => {
                format!("{}while {} {}", self.label(label), self.expr(condition), self.block(body))
            }
            ExprKind::Loop(label, body) => format!("{}loop {}", self.label(label), self.block(body)),
            ExprKind::Redo(label, body) => format!("{}redo {}", self.label(label), self.block(body)),
            ExprKind::For(label, head) => {
                let head = file.fors[head];
                let (from, to) = (self.expr(head.from), self.expr(head.to));
                let (label, name) = (self.label(label), self.name(head.name));
                format!("{label}for {name} in {from}..{to} {}", self.block(head.body))
            }
            ExprKind::Block(label, block) => self.label(label) + &self.block(block),
            ExprKind::Return(None) => "return".into(),
            ExprKind::Return(found) => format!("(return{})", value(found)),
            ExprKind::Break(label, found) => format!("(break{}{})", self.target(label), value(found)),
            ExprKind::Continue(label) => format!("continue{}", self.target(label)),
            ExprKind::Branch(index, labels, found) => {
                let labels = self.names(labels).replace(", ", ", '");
                format!("(branch {} ['{labels}]{})", self.expr(index), value(found))
            }
            other => panic!("not a form of control: {other:?}"),
        }
    }

    pub(super) fn block(&self, id: BlockId) -> String {
        let block = self.0.file.blocks[id];
        let mut parts: Vec<_> =
            self.0.file.statements.get(block.statements).iter().map(|s| self.statement(s)).collect();
        parts.extend(block.value.map(|value| self.expr(value)));
        format!("{{{}}}", parts.join(" "))
    }

    fn statement(&self, statement: &Statement) -> String {
        match *statement {
            Statement::Let { name, ty, value } => {
                let ty = ty.map_or(String::new(), |ty| format!(": {}", written(ty)));
                let value = value.map_or(String::new(), |value| format!(" = {}", self.expr(value)));
                format!("let {}{ty}{value};", self.name(name))
            }
            Statement::LetMany { names, value } => format!("let ({}) = {};", self.names(names), self.expr(value)),
            Statement::Assign { name, value } => format!("{} = {};", self.name(name), self.expr(value)),
            Statement::AssignMany { names, value } => format!("({}) = {};", self.names(names), self.expr(value)),
            Statement::Store { target, value } => format!("{} = {};", self.expr(target), self.expr(value)),
            Statement::Drop(value) => self.expr(value) + ";",
            Statement::Unit(value) => self.expr(value),
        }
    }

    fn signature(&self, id: SignatureId) -> String {
        let signature = self.0.file.signatures[id];
        let parameter = |one: &Parameter| {
            one.name.map_or(String::new(), |name| format!("{}: ", self.name(name))) + &written(one.ty)
        };
        let parameters: Vec<_> = self.0.file.parameters.get(signature.parameters).iter().map(parameter).collect();
        let results: Vec<_> = self.0.file.types.get(signature.results).iter().map(|&ty| written(ty)).collect();
        let results = match results.len() {
            0 => String::new(),
            1 => format!(" -> {}", results[0]),
            _ => format!(" -> ({})", results.join(", ")),
        };
        format!("({}){results}", parameters.join(", "))
    }

    /// All items, one a line.
    pub(super) fn items(&self) -> Vec<String> {
        self.0.file.items.iter().map(|item| self.item(&item.kind)).collect()
    }

    fn item(&self, kind: &ItemKind) -> String {
        match kind {
            ItemKind::Use { group, item } => format!("use {}::{};", self.name(*group), self.name(*item)),
            ItemKind::Function { name, signature, body } => {
                let body = body.map_or("no body".into(), |body| self.block(body));
                format!("fn {}{} {body}", self.name(*name), self.signature(signature.unwrap()))
            }
            ItemKind::Import { hash, what } => format!("import {} {};", hash.text(self.1), self.declared(what)),
            ItemKind::Extern { module, item, what } => {
                format!("extern {} {} {};", module.text(self.1), item.text(self.1), self.declared(what))
            }
            ItemKind::Global { name, mutable, ty, value } => {
                format!("{}{}: {} = {};", global(*mutable), self.name(*name), written(*ty), self.expr(*value))
            }
            ItemKind::Static { name, ty, value } => {
                format!("static {}: {}{};", self.name(*name), data_type(*ty), self.data_value(value))
            }
            ItemKind::Memory(sizes) => format!("memory {};", written_sizes(*sizes)),
            ItemKind::Data { name, at, bytes } => {
                let place = name.map_or(String::new(), |name| self.name(name).into());
                let at = at.map_or(String::new(), |at| format!("at {}", self.expr(at)));
                format!("data {place}{at} = {};", bytes.text(self.1))
            }
            ItemKind::Table { name, sizes: TableSizes::Given(sizes) } => {
                format!("table {}: {};", self.name(*name), written_sizes(*sizes))
            }
            ItemKind::Table { name, sizes: TableSizes::Filled(entries) } => {
                format!("table {} = [{}];", self.name(*name), self.names(*entries))
            }
            ItemKind::Element { name, at, items } => {
                let place = name.map_or(String::new(), |name| self.name(name).into());
                let at = at.map_or(String::new(), |(t, at)| format!("at {}[{}]", self.name(t), self.expr(at)));
                format!("element {place}{at} = [{}];", self.names(*items))
            }
            ItemKind::Export { name, item } => format!("export {} = {};", name.text(self.1), self.name(*item)),
            ItemKind::Start { function } => format!("start {};", self.name(*function)),
        }
    }

    fn data_value(&self, value: &DataValue) -> String {
        match value {
            DataValue::Zeros => String::new(),
            DataValue::One(value) => format!(" = {}", self.expr(*value)),
            DataValue::Many(values) => format!(" = [{}]", self.list(*values)),
            DataValue::Text(text) => format!(" = {}", text.text(self.1)),
        }
    }

    fn declared(&self, what: &Declared) -> String {
        match what {
            Declared::Function { name, signature } => format!("fn {}{}", self.name(*name), self.signature(*signature)),
            Declared::Global { name, mutable, ty } => {
                format!("{}{}: {}", global(*mutable), self.name(*name), written(*ty))
            }
            Declared::Static { name, ty } => format!("static {}: {}", self.name(*name), data_type(*ty)),
            Declared::Table { name, sizes } => format!("table {}: {}", self.name(*name), written_sizes(*sizes)),
            Declared::Memory { sizes } => format!("memory {}", written_sizes(*sizes)),
        }
    }
}

const fn global(mutable: bool) -> &'static str {
    if mutable { "global " } else { "const " }
}

fn written(ty: Type) -> String {
    match ty.name {
        TypeName::I32 => "i32".into(),
        TypeName::I64 => "i64".into(),
        TypeName::U32 => "u32".into(),
        TypeName::U64 => "u64".into(),
        TypeName::F32 => "f32".into(),
        TypeName::F64 => "f64".into(),
        TypeName::Pointer(cell) => format!("*{}", cell.name()),
        TypeName::Narrow(cell) => cell.name().into(),
        TypeName::Unknown => "?".into(),
    }
}

fn data_type(ty: DataType) -> String {
    let cell = ty.cell.map_or("?", Cell::name);
    ty.count.map_or(cell.into(), |count| format!("[{cell}; {count}]"))
}

fn written_sizes(sizes: Sizes) -> String {
    sizes.min.to_string() + &sizes.max.map_or(String::new(), |max| format!(" to {max}"))
}
