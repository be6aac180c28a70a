//! How often a loop turns, where that can be read from the tree.
//!
//! Counted is what `for i in a..b` becomes, and a `while` of the same shape:
//! `Loop(If(i < b, Sequence[..., i = i + step, Break(0)]))`, `<` or `<=`, where i is set to a constant before the loop in the
//! same sequence, b is a constant or a local set likewise, and nothing else in the loop sets either.

use super::tree::Tree;
use velocity_nda::module::{BinaryOp, Constant, Expr, ExprId, GlobalKind, LocalId, Module, Value};

/// A comparison by which a loop goes on.
struct Compare {
    /// Reads a constant's bits as the comparison does.
    read: fn(u64) -> i128,
    /// The largest number of the type.
    max: i128,
    /// Whether it also holds when both are equal.
    or_equal: bool,
}

fn compare(op: BinaryOp) -> Option<(Compare, BinaryOp)> {
    let s32: fn(u64) -> i128 = |bits| i128::from(bits as u32 as i32);
    let u32: fn(u64) -> i128 = |bits| i128::from(bits as u32);
    let s64: fn(u64) -> i128 = |bits| i128::from(bits as i64);
    let u64: fn(u64) -> i128 = i128::from;
    let (read, max, or_equal, add) = match op {
        BinaryOp::I32LtS => (s32, i128::from(i32::MAX), false, BinaryOp::I32Add),
        BinaryOp::I32LeS => (s32, i128::from(i32::MAX), true, BinaryOp::I32Add),
        BinaryOp::I32LtU => (u32, i128::from(u32::MAX), false, BinaryOp::I32Add),
        BinaryOp::I32LeU => (u32, i128::from(u32::MAX), true, BinaryOp::I32Add),
        BinaryOp::I64LtS => (s64, i128::from(i64::MAX), false, BinaryOp::I64Add),
        BinaryOp::I64LeS => (s64, i128::from(i64::MAX), true, BinaryOp::I64Add),
        BinaryOp::I64LtU => (u64, i128::from(u64::MAX), false, BinaryOp::I64Add),
        BinaryOp::I64LeU => (u64, i128::from(u64::MAX), true, BinaryOp::I64Add),
        _ => return None,
    };
    Some((Compare { read, max, or_equal }, add))
}

/// How many turns the loop `node` makes at most; `None` if that cannot be read.
pub(super) fn turns(module: &Module, tree: &Tree, node: ExprId) -> Option<u64> {
    let Expr::Loop(body) = module.exprs[node] else { return None };
    let Expr::If(condition, then) = module.exprs[body] else { return None };
    let Expr::Binary(op, left, right) = module.exprs[condition] else { return None };
    let Expr::LocalGet(counter) = module.exprs[left] else { return None };
    let (compare, add) = compare(op)?;
    let step = (compare.read)(step(module, tree, node, then, counter, add)?);
    let from = (compare.read)(value_before(module, tree, node, counter)?);
    let to = match module.exprs[right] {
        Expr::LocalGet(end) if tree.sets_in(end, node) == 0 => value_before(module, tree, node, end)?,
        Expr::LocalGet(_) => return None,
        _ => constant(module, right)?,
    };
    let to = (compare.read)(to) + i128::from(compare.or_equal);
    // Where the counter could run past the type's end, the loop need not end.
    if step <= 0 || to - 1 + step > compare.max {
        return None;
    }
    u64::try_from(((to - from).max(0) + step - 1) / step).ok()
}

/// By how much the loop's last statement moves the counter, which nothing else in the loop sets.
fn step(module: &Module, tree: &Tree, node: ExprId, then: ExprId, counter: LocalId, add: BinaryOp) -> Option<u64> {
    let Expr::Sequence(items) = module.exprs[then] else { return None };
    let mut items = module.pool.get::<ExprId>(items).rev();
    let (again, increment) = (items.next()?, items.next()?);
    let Expr::Break(0, _) = module.exprs[again] else { return None };
    let Expr::LocalSet(set, sum) = module.exprs[increment] else { return None };
    let Expr::Binary(op, left, right) = module.exprs[sum] else { return None };
    let moves = matches!(module.exprs[left], Expr::LocalGet(read) if read == counter);
    let alone = tree.breaks(node) == 1 && tree.sets_in(counter, node) == 1;
    (set == counter && op == add && moves && alone).then(|| constant(module, right)).flatten()
}

/// The constant that a local has when the loop begins: the last to set it stands before the loop in the same sequence.
fn value_before(module: &Module, tree: &Tree, node: ExprId, local: LocalId) -> Option<u64> {
    let set = tree.set_before(local, tree.first(node))?;
    let Expr::LocalSet(_, value) = module.exprs[set] else { return None };
    let outer = tree.parent(node);
    let outer = if matches!(module.exprs[outer], Expr::Block(_)) { tree.parent(outer) } else { outer };
    let together = matches!(module.exprs[outer], Expr::Sequence(_)) && tree.parent(set) == outer;
    if together { constant(module, value) } else { None }
}

/// The bits of a node that is a constant.
fn constant(module: &Module, node: ExprId) -> Option<u64> {
    match module.exprs[node] {
        Expr::I32(value) => Some(Value::I32(value).bits()),
        Expr::I64(value) => Some(Value::I64(value).bits()),
        Expr::GlobalGet(id) => match (module.globals[id].mutable, module.globals[id].kind) {
            (false, GlobalKind::Defined(Constant::Value(value))) => Some(value.bits()),
            _ => None,
        },
        _ => None,
    }
}
