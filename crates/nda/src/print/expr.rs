//! Expressions.

use super::form::{CAST, COMPARE, Form, Infix, Step};
use super::literal;
use super::{Printer, Written};
use crate::module::{Expr, ExprId, FuncId, List, SigId, TableId, Value};
use crate::sys::ShimType;
use alloc::format;
use alloc::string::String;

/// Where an expression stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// Operators that bind no tighter than this need parentheses.
    floor: u8,
    /// What stands around it tells its type.
    pub(super) known: bool,
    /// How deep the text nests here.
    pub(super) depth: u32,
    /// Braces and exits need no parentheses.
    bare: bool,
}

impl Context {
    /// A place of its own: behind `=`, as an argument, as the value of a block.
    pub(super) const fn whole(known: bool, depth: u32) -> Self {
        Self { floor: 0, known, depth, bare: true }
    }

    /// Before a `{`, where an expression with braces would be misread.
    pub(super) const fn head(known: bool, depth: u32) -> Self {
        Self { floor: 0, known, depth, bare: false }
    }
}

impl Printer<'_> {
    /// An expression. Left operands are followed in a loop, so that chains of them may be long.
    pub(super) fn expression(&mut self, node: ExprId, context: Context) -> Written {
        let (mut node, mut context) = (node, context);
        let base = self.function.spine.len();
        let form = loop {
            self.enter(context.depth)?;
            // Nothing makes the numbers in it fit what never comes back.
            context.known &= !self.is_never(node);
            let form = self.form(node, context.known);
            match form {
                Form::Infix(infix) if infix.power > context.floor => {
                    self.function.spine.push(Step::Infix(infix));
                    context = self.left_of(infix, context);
                    node = infix.left;
                }
                Form::Cast(ty, operand) if CAST > context.floor => {
                    self.function.spine.push(Step::Cast(ty));
                    context = Context { floor: CAST - 1, known: false, bare: false, ..context };
                    node = operand;
                }
                form => break form,
            }
        };
        self.operand(node, form, context)?;
        while self.function.spine.len() > base {
            match self.function.spine.pop() {
                Some(Step::Infix(Infix { sign, power, right, .. })) => {
                    self.out.all(&[" ", sign, " "])?;
                    let right_context = Context { floor: power, known: true, depth: context.depth + 1, bare: false };
                    self.expression(right, right_context)?;
                }
                Some(Step::Cast(ty)) => self.out.all(&[" as ", ty])?,
                None => break,
            }
        }
        Ok(())
    }

    /// Where the left operand of an operator stands: it may bind as tightly, but comparisons do not chain.
    fn left_of(&self, infix: Infix, context: Context) -> Context {
        let floor = if infix.power == COMPARE { COMPARE } else { infix.power - 1 };
        let logic = infix.power < COMPARE;
        let outer = context.known && infix.power > COMPARE;
        let known = !logic && (outer || self.function.facts[infix.right].typed);
        Context { floor, known, bare: false, ..context }
    }

    /// What no operator follows here without parentheses.
    fn operand(&mut self, node: ExprId, form: Form, context: Context) -> Written {
        match form {
            Form::Atom => self.atom(node, context.depth),
            Form::Negative => self.enter(context.depth + 1).and_then(|()| self.literal(node)),
            Form::AtomAs(ty) if CAST > context.floor => {
                self.atom(node, context.depth)?;
                self.out.all(&[" as ", ty])
            }
            Form::Prefix(sign, operand) => {
                self.out.push(sign)?;
                self.behind_prefix(operand, context.depth + 1)
            }
            Form::Braces if context.bare => self.braces(node, context.known, context.depth),
            Form::Exit if context.bare => self.exit(node, context.depth),
            _ => {
                self.out.push("(")?;
                self.expression(node, Context::whole(context.known, context.depth + 1))?;
                self.out.push(")")
            }
        }
    }

    /// The operand of `-` or `!`.
    fn behind_prefix(&mut self, node: ExprId, depth: u32) -> Written {
        let form = self.form(node, false);
        let context = Context { floor: CAST, known: false, depth, bare: false };
        // Two signs in a row read better apart.
        match form {
            Form::Atom => self.enter(depth).and_then(|()| self.operand(node, form, context)),
            _ => {
                self.out.push("(")?;
                self.expression(node, Context::whole(false, depth + 1))?;
                self.out.push(")")
            }
        }
    }

    /// A literal, with its sign.
    fn literal(&mut self, node: ExprId) -> Written {
        let value = match self.expr_at(node) {
            Expr::I32(value) => Value::I32(value),
            Expr::I64(value) => Value::I64(value),
            Expr::F32(bits) => Value::F32(bits),
            Expr::F64(bits) => Value::F64(bits),
            _ => return Ok(()),
        };
        let text = literal::number(value);
        self.out.push(&text)
    }

    /// What stands alone: literals, names, calls.
    fn atom(&mut self, node: ExprId, depth: u32) -> Written {
        match self.expr_at(node) {
            Expr::LocalGet(local) => self.out.push(self.function.variables.name_of(local)),
            Expr::GlobalGet(id) => self.out.push(self.names.global(id)),
            Expr::Address(id) => self.out.push(self.names.data(id)),
            Expr::LocalTee(local, value) => {
                self.out.all(&["(", self.function.variables.name_of(local), " = "])?;
                self.expression(value, Context::whole(true, depth + 1))?;
                self.out.push(")")
            }
            Expr::Tuple(list) => self.tuple(list, false, depth),
            Expr::Select(a, b, condition) => {
                let known = self.function.facts[b].typed && !self.is_never(b);
                self.out.push("select(")?;
                self.expression(a, Context::whole(known, depth + 1))?;
                self.out.push(", ")?;
                self.expression(b, Context::whole(!self.is_never(a), depth + 1))?;
                self.out.push(", ")?;
                self.expression(condition, Context::whole(true, depth + 1))?;
                self.out.push(")")
            }
            Expr::Unreachable => self.out.push("unreachable()"),
            Expr::Call(id, arguments) => self.call(id, arguments, depth),
            Expr::CallIndirect(signature, table, list) => self.call_indirect(signature, table, list, depth),
            Expr::I32(_) | Expr::I64(_) | Expr::F32(_) | Expr::F64(_) => self.literal(node),
            expr => self.built_in(expr, depth),
        }
    }

    /// `(a, b)`
    pub(super) fn tuple(&mut self, list: List<ExprId>, known: bool, depth: u32) -> Written {
        self.out.push("(")?;
        self.arguments(self.list(list), known, depth)
    }

    /// Expressions with commas between, and the `)`.
    fn arguments(&mut self, list: &[u32], known: bool, depth: u32) -> Written {
        for (index, &node) in list.iter().enumerate() {
            self.out.push(if index == 0 { "" } else { ", " })?;
            self.expression(ExprId(node), Context::whole(known, depth + 1))?;
        }
        self.out.push(")")
    }

    fn call(&mut self, id: FuncId, arguments: List<ExprId>, depth: u32) -> Written {
        self.out.all(&[self.names.function(id), "("])?;
        let list = self.list(arguments);
        let Some(used) = self.names.used(id) else { return self.arguments(list, true, depth) };
        for (index, (&node, &ty)) in list.iter().zip(used.overload.parameters).enumerate() {
            self.out.push(if index == 0 { "" } else { ", " })?;
            self.shim_argument(ExprId(node), ty, used.shim.overloads.len() > 1, depth)?;
        }
        self.out.push(")")
    }

    /// An argument of a type that chooses the overload: what the core does not tell, `as` does.
    fn shim_argument(&mut self, node: ExprId, ty: ShimType, chooses: bool, depth: u32) -> Written {
        let target = match ty {
            ShimType::U32 => " as u32",
            ShimType::U64 => " as u64",
            ShimType::Bytes => " as *u8",
            ShimType::I32 | ShimType::I64 | ShimType::F32 | ShimType::F64 => {
                return self.expression(node, Context::whole(false, depth + 1));
            }
        };
        let literal: Option<String> = match self.expr_at(node) {
            Expr::I32(value) => Some(format!("{}", value as u32)),
            Expr::I64(value) => Some(format!("{}", value as u64)),
            _ => None,
        };
        match (self.expr_at(node), ty) {
            (Expr::Address(id), ShimType::Bytes) if self.names.is_bytes(id) => {
                return self.out.push(self.names.data(id));
            }
            (_, ShimType::U32 | ShimType::U64) if literal.is_some() && !chooses => {
                return self.out.push(literal.as_deref().unwrap_or(""));
            }
            _ => {}
        }
        if let Some(text) = literal {
            return self.out.all(&[&text, target]);
        }
        let floor = CAST - 1;
        self.expression(node, Context { floor, known: false, depth: depth + 1, bare: false })?;
        if !self.function.facts[node].typed {
            self.out.push(if ty == ShimType::U64 { " as i64" } else { " as i32" })?;
        }
        self.out.push(target)
    }

    /// `t[i: fn(i32) -> i32](x)`; the index is the last operand.
    fn call_indirect(&mut self, signature: SigId, table: TableId, list: List<ExprId>, depth: u32) -> Written {
        let Some((&index, arguments)) = self.list(list).split_last() else { return Ok(()) };
        self.out.all(&[self.names.table(table), "["])?;
        // A label right behind the bracket would belong to a `branch`.
        self.expression(ExprId(index), Context::head(true, depth + 1))?;
        self.out.push(": fn(")?;
        for (index, ty) in self.module.parameters(signature).enumerate() {
            self.out.push(if index == 0 { "" } else { ", " })?;
            self.out.push(&format!("{ty}"))?;
        }
        self.out.push(")")?;
        self.results(signature)?;
        self.out.push("](")?;
        self.arguments(arguments, true, depth)
    }

    /// What is written as a built-in function.
    fn built_in(&mut self, expr: Expr, depth: u32) -> Written {
        match expr {
            Expr::Unary(op, a) => self.named(op.mnemonic(), &[a.0], depth),
            Expr::Binary(op, a, b) => self.named(op.mnemonic(), &[a.0, b.0], depth),
            Expr::Load(op, offset, address) => self.access(op.mnemonic(), offset, address, None, depth),
            Expr::Store(op, offset, address, value) => self.access(op.mnemonic(), offset, address, Some(value), depth),
            Expr::MemorySize => self.named("memory.size", &[], depth),
            Expr::MemoryGrow(pages) => self.named("memory.grow", &[pages.0], depth),
            Expr::MemoryCopy(a, b, c) => self.named("memory.copy", &[a.0, b.0, c.0], depth),
            Expr::MemoryFill(a, b, c) => self.named("memory.fill", &[a.0, b.0, c.0], depth),
            Expr::MemoryInit(id, list) => {
                self.out.all(&["memory::init(", self.names.data(id), ", "])?;
                self.arguments(self.list(list), true, depth)
            }
            Expr::DataDrop(id) => self.out.all(&["memory::drop(", self.names.data(id), ")"]),
            Expr::TableInit(table, id, list) => {
                self.out.all(&["table::init(", self.names.table(table), ", ", self.names.element(id), ", "])?;
                self.arguments(self.list(list), true, depth)
            }
            Expr::TableCopy(to, from, list) => {
                self.out.all(&["table::copy(", self.names.table(to), ", ", self.names.table(from), ", "])?;
                self.arguments(self.list(list), true, depth)
            }
            Expr::ElementDrop(id) => self.out.all(&["table::drop(", self.names.element(id), ")"]),
            _ => Ok(()),
        }
    }

    /// `i32::clz(x)` for the mnemonic `i32.clz`
    fn named(&mut self, mnemonic: &str, operands: &[u32], depth: u32) -> Written {
        let (group, item) = mnemonic.split_once('.').unwrap_or((mnemonic, ""));
        self.out.all(&[group, "::", item, "("])?;
        self.arguments(operands, true, depth)
    }

    /// `i32::load(address, OFFSET)`, `i32::store(address, OFFSET, value)`
    fn access(&mut self, mnemonic: &str, offset: u32, address: ExprId, value: Option<ExprId>, depth: u32) -> Written {
        let (group, item) = mnemonic.split_once('.').unwrap_or((mnemonic, ""));
        self.out.all(&[group, "::", item, "("])?;
        self.expression(address, Context::whole(true, depth + 1))?;
        self.out.push(&format!(", {offset}"))?;
        if let Some(value) = value {
            self.out.push(", ")?;
            self.expression(value, Context::whole(true, depth + 1))?;
        }
        self.out.push(")")
    }
}
