//! How an expression is written: which nodes have an operator, which are calls, what needs parentheses.

use super::Printer;
use super::shape::Logic;
use crate::module::{BinaryOp, Expr, ExprId, UnaryOp};
use crate::sys::ShimType;

/// How tightly operators bind: the table of `docs/nda.md`.
pub(super) const COMPARE: u8 = 3;
pub(super) const CAST: u8 = 10;

/// How an expression is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// An operator between two operands.
    Infix(Infix),
    /// `x as T`
    Cast(&'static str, ExprId),
    /// What stands alone, then ` as T`.
    AtomAs(&'static str),
    /// `-x`, `!x`
    Prefix(&'static str, ExprId),
    /// A literal with a minus.
    Negative,
    /// What stands alone.
    Atom,
    /// What ends with a brace, or has to be put between braces.
    Braces,
    /// `return`, `break`, `continue`, `branch`
    Exit,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Infix {
    pub(super) sign: &'static str,
    pub(super) power: u8,
    pub(super) left: ExprId,
    pub(super) right: ExprId,
}

/// What is still to be written behind a left operand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Infix(Infix),
    Cast(&'static str),
}

/// The sign of an operator, and how tightly it binds; none for those that are built-ins.
pub(super) const fn operator(op: BinaryOp) -> Option<(&'static str, u8)> {
    use BinaryOp as B;
    Some(match op {
        B::I32Eq | B::I64Eq | B::F32Eq | B::F64Eq => ("==", COMPARE),
        B::I32Ne | B::I64Ne | B::F32Ne | B::F64Ne => ("!=", COMPARE),
        B::I32LtS | B::I64LtS | B::F32Lt | B::F64Lt => ("<", COMPARE),
        B::I32GtS | B::I64GtS | B::F32Gt | B::F64Gt => (">", COMPARE),
        B::I32LeS | B::I64LeS | B::F32Le | B::F64Le => ("<=", COMPARE),
        B::I32GeS | B::I64GeS | B::F32Ge | B::F64Ge => (">=", COMPARE),
        B::I32Or | B::I64Or => ("|", 4),
        B::I32Xor | B::I64Xor => ("^", 5),
        B::I32And | B::I64And => ("&", 6),
        B::I32Shl | B::I64Shl => ("<<", 7),
        B::I32ShrS | B::I64ShrS => (">>", 7),
        B::I32Add | B::I64Add | B::F32Add | B::F64Add => ("+", 8),
        B::I32Sub | B::I64Sub | B::F32Sub | B::F64Sub => ("-", 8),
        B::I32Mul | B::I64Mul | B::F32Mul | B::F64Mul => ("*", 9),
        B::I32DivS | B::I64DivS | B::F32Div | B::F64Div => ("/", 9),
        B::I32RemS | B::I64RemS => ("%", 9),
        _ => return None,
    })
}

/// The type that `as` names for a conversion that it makes.
const fn cast(op: UnaryOp) -> Option<&'static str> {
    use UnaryOp as U;
    Some(match op {
        U::I32WrapI64 | U::I32TruncSatF32S | U::I32TruncSatF64S => "i32",
        U::I64ExtendI32S | U::I64TruncSatF32S | U::I64TruncSatF64S => "i64",
        U::F32ConvertI32S | U::F32ConvertI64S | U::F32DemoteF64 => "f32",
        U::F64ConvertI32S | U::F64ConvertI64S | U::F64PromoteF32 => "f64",
        U::I32Extend8S => "i8",
        U::I32Extend16S => "i16",
        _ => return None,
    })
}

impl Printer<'_> {
    /// How a node is written where its type is known from around it, or not.
    pub(super) fn form(&self, node: ExprId, known: bool) -> Form {
        match self.expr_at(node) {
            Expr::I32(value) => {
                if value < 0 {
                    Form::Negative
                } else {
                    Form::Atom
                }
            }
            Expr::I64(_) if !known => Form::AtomAs("i64"),
            Expr::I64(value) => {
                if value < 0 {
                    Form::Negative
                } else {
                    Form::Atom
                }
            }
            Expr::F32(bits) if !known && f32::from_bits(bits).is_finite() => Form::AtomAs("f32"),
            Expr::F32(bits) => float(f32::from_bits(bits).is_finite(), bits >> 31 == 1),
            Expr::F64(bits) => float(f64::from_bits(bits).is_finite(), bits >> 63 == 1),
            Expr::Unary(op, operand) => self.unary(op, operand),
            Expr::Binary(op, left, right) => self.binary(op, left, right),
            Expr::IfElse(..) => match self.logic(node) {
                Some(Logic { both, left, right }) => {
                    let (sign, power) = if both { ("&&", 2) } else { ("||", 1) };
                    Form::Infix(Infix { sign, power, left, right })
                }
                None => Form::Braces,
            },
            Expr::Call(id, _) if self.names.used(id).is_some_and(|used| used.overload.result.is_some()) => {
                let result = self.names.used(id).and_then(|used| used.overload.result);
                match result {
                    Some(ShimType::U32 | ShimType::Bytes) => Form::AtomAs("i32"),
                    Some(ShimType::U64) => Form::AtomAs("i64"),
                    _ => Form::Atom,
                }
            }
            Expr::Address(_) => Form::AtomAs("i32"),
            Expr::Break(..) | Expr::BreakTable(..) | Expr::Return(_) => Form::Exit,
            Expr::Sequence(_)
            | Expr::Block(_)
            | Expr::Loop(_)
            | Expr::If(..)
            | Expr::LocalSet(..)
            | Expr::LocalSetMany(..)
            | Expr::GlobalSet(..)
            | Expr::Drop(_) => Form::Braces,
            _ => Form::Atom,
        }
    }

    fn unary(&self, op: UnaryOp, operand: ExprId) -> Form {
        let plain = self.function.facts[operand].typed && !self.is_never(operand);
        match op {
            _ if !plain => Form::Atom,
            UnaryOp::I32Eqz => Form::Prefix("!", operand),
            UnaryOp::F32Neg | UnaryOp::F64Neg if !self.is_literal(operand) => Form::Prefix("-", operand),
            _ => cast(op).map_or(Form::Atom, |ty| Form::Cast(ty, operand)),
        }
    }

    fn is_literal(&self, node: ExprId) -> bool {
        matches!(self.expr_at(node), Expr::I32(_) | Expr::I64(_) | Expr::F32(_) | Expr::F64(_))
    }

    fn binary(&self, op: BinaryOp, left: ExprId, right: ExprId) -> Form {
        let Some((sign, power)) = operator(op) else { return Form::Atom };
        if self.is_never(left) || self.is_never(right) {
            return Form::Atom;
        }
        let zero = matches!(self.expr_at(left), Expr::I32(0) | Expr::I64(0));
        if zero && matches!(op, BinaryOp::I32Sub | BinaryOp::I64Sub) && self.function.facts[right].typed {
            return Form::Prefix("-", right);
        }
        Form::Infix(Infix { sign, power, left, right })
    }
}

const fn float(finite: bool, negative: bool) -> Form {
    if finite && negative { Form::Negative } else { Form::Atom }
}
