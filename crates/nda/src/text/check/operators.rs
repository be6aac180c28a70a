//! From operators as they are written to those of the core.

use super::ty::Ty;
use crate::module::{BinaryOp, Cell, LoadOp, StoreOp, UnaryOp};
use crate::text::ast::Operator;

/// The core operators of a written one: for `i32`, `u32`, `i64`, `u64`, and for `f32`, `f64` if there are any.
#[derive(Clone, Copy)]
struct Row {
    integer: [BinaryOp; 4],
    float: Option<[BinaryOp; 2]>,
}

const fn integer(integer: [BinaryOp; 4]) -> Row {
    Row { integer, float: None }
}

const fn any(integer: [BinaryOp; 4], float: [BinaryOp; 2]) -> Row {
    Row { integer, float: Some(float) }
}

/// `None` for those that are control flow.
const fn row(operator: Operator) -> Option<Row> {
    use BinaryOp as B;
    Some(match operator {
        Operator::Add => any([B::I32Add, B::I32Add, B::I64Add, B::I64Add], [B::F32Add, B::F64Add]),
        Operator::Sub => any([B::I32Sub, B::I32Sub, B::I64Sub, B::I64Sub], [B::F32Sub, B::F64Sub]),
        Operator::Mul => any([B::I32Mul, B::I32Mul, B::I64Mul, B::I64Mul], [B::F32Mul, B::F64Mul]),
        Operator::Div => any([B::I32DivS, B::I32DivU, B::I64DivS, B::I64DivU], [B::F32Div, B::F64Div]),
        Operator::Rem => integer([B::I32RemS, B::I32RemU, B::I64RemS, B::I64RemU]),
        Operator::And => integer([B::I32And, B::I32And, B::I64And, B::I64And]),
        Operator::Or => integer([B::I32Or, B::I32Or, B::I64Or, B::I64Or]),
        Operator::Xor => integer([B::I32Xor, B::I32Xor, B::I64Xor, B::I64Xor]),
        Operator::ShiftLeft => integer([B::I32Shl, B::I32Shl, B::I64Shl, B::I64Shl]),
        Operator::ShiftRight => integer([B::I32ShrS, B::I32ShrU, B::I64ShrS, B::I64ShrU]),
        Operator::Equal => any([B::I32Eq, B::I32Eq, B::I64Eq, B::I64Eq], [B::F32Eq, B::F64Eq]),
        Operator::NotEqual => any([B::I32Ne, B::I32Ne, B::I64Ne, B::I64Ne], [B::F32Ne, B::F64Ne]),
        Operator::Less => any([B::I32LtS, B::I32LtU, B::I64LtS, B::I64LtU], [B::F32Lt, B::F64Lt]),
        Operator::Greater => any([B::I32GtS, B::I32GtU, B::I64GtS, B::I64GtU], [B::F32Gt, B::F64Gt]),
        Operator::LessEqual => any([B::I32LeS, B::I32LeU, B::I64LeS, B::I64LeU], [B::F32Le, B::F64Le]),
        Operator::GreaterEqual => any([B::I32GeS, B::I32GeU, B::I64GeS, B::I64GeU], [B::F32Ge, B::F64Ge]),
        Operator::BothTrue | Operator::EitherTrue => return None,
    })
}

/// The operators whose result has the type of the operands.
const ARITHMETIC: [Operator; 10] = [
    Operator::Add,
    Operator::Sub,
    Operator::Mul,
    Operator::Div,
    Operator::Rem,
    Operator::And,
    Operator::Or,
    Operator::Xor,
    Operator::ShiftLeft,
    Operator::ShiftRight,
];

/// The core operator of a written one for operands of type `ty`; open types as they stand in the core.
pub(super) const fn binary(operator: Operator, ty: Ty) -> Option<BinaryOp> {
    let Some(row) = row(operator) else { return None };
    match (ty, row.float) {
        (Ty::I32, _) => Some(row.integer[0]),
        (Ty::U32, _) => Some(row.integer[1]),
        (Ty::Pointer(_), _) if is_equality(operator) => Some(row.integer[1]),
        (Ty::I64 | Ty::Number(_), _) => Some(row.integer[2]),
        (Ty::U64, _) => Some(row.integer[3]),
        (Ty::F32, Some(float)) => Some(float[0]),
        (Ty::F64 | Ty::Float(_), Some(float)) => Some(float[1]),
        _ => None,
    }
}

const fn is_equality(operator: Operator) -> bool {
    matches!(operator, Operator::Equal | Operator::NotEqual)
}

/// Whether an operator yields 0 or 1 of type `i32`.
pub(super) const fn compares(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::Greater
            | Operator::LessEqual
            | Operator::GreaterEqual
    )
}

/// The operator that stands in the core for numbers of open type, for operands of type `ty`.
pub(super) fn settled(op: BinaryOp, ty: Ty) -> BinaryOp {
    let is_this = |written: &&Operator| {
        row(**written).is_some_and(|row| row.integer[2] == op || row.float.is_some_and(|float| float[1] == op))
    };
    ARITHMETIC.iter().find(is_this).and_then(|&written| binary(written, ty)).unwrap_or(op)
}

/// Whether a comparison of the core yields 0 or 1.
pub(super) const fn is_truth(op: BinaryOp) -> bool {
    matches!(op.code(), 0x46..=0x4F | 0x51..=0x66)
}

/// What follows a conversion.
pub(super) enum Conversion {
    /// Nothing: the bits mean something else from here on.
    Free,
    One(UnaryOp),
}

/// The conversion between two settled types; `None` if there is none.
pub(super) const fn conversion(from: Ty, to: Ty) -> Option<Conversion> {
    use UnaryOp as U;
    let unsigned = from.is_unsigned();
    Some(Conversion::One(match (from, to) {
        (Ty::I32 | Ty::U32, Ty::I32 | Ty::U32) | (Ty::I64 | Ty::U64, Ty::I64 | Ty::U64) => {
            return Some(Conversion::Free);
        }
        (Ty::Pointer(_), Ty::I32 | Ty::U32) | (Ty::I32 | Ty::U32 | Ty::Pointer(_), Ty::Pointer(_)) => {
            return Some(Conversion::Free);
        }
        (Ty::F32, Ty::F32) | (Ty::F64, Ty::F64) => return Some(Conversion::Free),
        (Ty::I32, Ty::I64 | Ty::U64) => U::I64ExtendI32S,
        (Ty::U32 | Ty::Pointer(_), Ty::I64 | Ty::U64) => U::I64ExtendI32U,
        (Ty::I64 | Ty::U64, Ty::I32 | Ty::U32 | Ty::Pointer(_)) => U::I32WrapI64,
        (Ty::I32 | Ty::U32, Ty::F32) => [U::F32ConvertI32S, U::F32ConvertI32U][unsigned as usize],
        (Ty::I32 | Ty::U32, Ty::F64) => [U::F64ConvertI32S, U::F64ConvertI32U][unsigned as usize],
        (Ty::I64 | Ty::U64, Ty::F32) => [U::F32ConvertI64S, U::F32ConvertI64U][unsigned as usize],
        (Ty::I64 | Ty::U64, Ty::F64) => [U::F64ConvertI64S, U::F64ConvertI64U][unsigned as usize],
        (Ty::F32, Ty::I32) => U::I32TruncSatF32S,
        (Ty::F32, Ty::U32) => U::I32TruncSatF32U,
        (Ty::F32, Ty::I64) => U::I64TruncSatF32S,
        (Ty::F32, Ty::U64) => U::I64TruncSatF32U,
        (Ty::F64, Ty::I32) => U::I32TruncSatF64S,
        (Ty::F64, Ty::U32) => U::I32TruncSatF64U,
        (Ty::F64, Ty::I64) => U::I64TruncSatF64S,
        (Ty::F64, Ty::U64) => U::I64TruncSatF64U,
        (Ty::F32, Ty::F64) => U::F64PromoteF32,
        (Ty::F64, Ty::F32) => U::F32DemoteF64,
        _ => return None,
    }))
}

/// How a cell is read.
pub(super) const fn load(cell: Cell) -> LoadOp {
    match cell {
        Cell::I8 => LoadOp::I32Load8S,
        Cell::U8 => LoadOp::I32Load8U,
        Cell::I16 => LoadOp::I32Load16S,
        Cell::U16 => LoadOp::I32Load16U,
        Cell::I32 | Cell::U32 => LoadOp::I32Load,
        Cell::I64 | Cell::U64 => LoadOp::I64Load,
        Cell::F32 => LoadOp::F32Load,
        Cell::F64 => LoadOp::F64Load,
    }
}

/// How a cell is written.
pub(super) const fn store(cell: Cell) -> StoreOp {
    match cell {
        Cell::I8 | Cell::U8 => StoreOp::I32Store8,
        Cell::I16 | Cell::U16 => StoreOp::I32Store16,
        Cell::I32 | Cell::U32 => StoreOp::I32Store,
        Cell::I64 | Cell::U64 => StoreOp::I64Store,
        Cell::F32 => StoreOp::F32Store,
        Cell::F64 => StoreOp::F64Store,
    }
}
