//! Damaged modules: whatever is changed, the module is refused, or a second opinion finds it sound as well.

use super::build::everything;
use super::slow;
use crate::module::*;
use crate::validate;
use proptest::prelude::*;

/// What changes, where, into what.
type Damage = (u8, u16, u32);

fn damage(module: &mut Module, (kind, at, value): Damage) {
    let nodes = module.exprs.len();
    let node = ExprId(u32::from(at) % nodes as u32);
    let other = ExprId(value % nodes as u32);
    let function = FuncId(u32::from(at) % module.functions.len() as u32);
    match kind % 10 {
        // A word of a list, small as keys are, or anything.
        0 => module.pool.poke(at.into(), value % 8),
        1 => module.pool.poke(at.into(), value),
        2 => module.set(node, module.exprs[other]),
        3 => module.yields[node] = module.yields[other],
        4 => module.yields[node] = Yield::many(List::at(value % 600)),
        5 => module.set(node, changed(module.exprs[node], value)),
        6 => {
            module.set(node, module.exprs[other]);
            module.yields[node] = module.yields[other];
        }
        7 => module.functions[function].signature = SigId(value % 6),
        8 => {
            if let FunctionKind::Defined(body) = &mut module.functions[function].kind {
                let other = Body { root: other, ..*body };
                *body = if value & 1 == 0 { other } else { Body { variables: List::at(value % 600), ..*body } };
            }
        }
        _ => {
            module.exprs.truncate(node.index());
            module.yields.truncate(node.index());
            module.spans.truncate(node.index());
        }
    }
}

/// The same form of node with other keys, numbers or operators.
fn changed(expr: Expr, value: u32) -> Expr {
    let small = value % 12;
    let node = |ExprId(id)| ExprId(id.wrapping_add(small).wrapping_sub(6));
    match expr {
        Expr::I32(_) => Expr::I64(value.into()),
        Expr::LocalGet(_) => Expr::LocalGet(LocalId(small)),
        Expr::LocalSet(_, a) => Expr::LocalSet(LocalId(small), a),
        Expr::LocalTee(local, a) => Expr::LocalSet(local, a),
        Expr::LocalSetMany(_, a) => Expr::LocalSetMany(List::at(value % 600), a),
        Expr::GlobalGet(_) => Expr::GlobalGet(GlobalId(small)),
        Expr::Unary(_, a) => Expr::Unary(UnaryOp::ALL[value as usize % UnaryOp::ALL.len()], a),
        Expr::Binary(_, a, b) => Expr::Binary(BinaryOp::ALL[value as usize % BinaryOp::ALL.len()], a, node(b)),
        Expr::Load(_, _, a) => Expr::Load(LoadOp::ALL[value as usize % LoadOp::ALL.len()], value, a),
        Expr::Sequence(_) => Expr::Sequence(List::at(value % 600)),
        Expr::Block(a) => Expr::Loop(a),
        Expr::Loop(a) => {
            if small < 6 {
                Expr::Block(a)
            } else {
                Expr::Drop(a)
            }
        }
        Expr::If(a, b) => Expr::If(node(a), b),
        Expr::IfElse(a, b, c) => {
            if small < 6 {
                Expr::IfElse(a, c, b)
            } else {
                Expr::Select(a, b, c)
            }
        }
        Expr::Break(depth, a) => Expr::Break(depth ^ (small & 3), a),
        Expr::BreakTable(_, a, b) => Expr::BreakTable(List::at(value % 600), a, b),
        Expr::Return(a) => Expr::Break(small & 1, a),
        Expr::Call(_, list) => Expr::Call(FuncId(small), list),
        Expr::CallIndirect(_, table, list) => Expr::CallIndirect(SigId(small & 3), table, list),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn damage_is_found_or_harmless(
        damages in proptest::collection::vec((any::<u8>(), any::<u16>(), any::<u32>()), 1..4),
    ) {
        let mut module = everything();
        for one in damages {
            if !module.exprs.is_empty() {
                damage(&mut module, one);
            }
        }
        if validate(&module).is_ok() {
            prop_assert_eq!(slow::check(&module), Ok(()));
        }
    }
}

#[test]
fn the_second_opinion_agrees_on_every_single_change() {
    let (mut accepted, mut refused) = (0_u32, 0_u32);
    for at in 0..everything().exprs.len() as u16 {
        for kind in [2, 3, 5, 6] {
            for value in 0..24 {
                let mut module = everything();
                damage(&mut module, (kind, at, value));
                // Items are sound, so both judge the same.
                let (fast, slow) = (validate(&module), slow::check(&module));
                assert_eq!(fast.is_ok(), slow.is_ok(), "{fast:?} against {slow:?}");
                *(if fast.is_ok() { &mut accepted } else { &mut refused }) += 1;
            }
        }
    }
    assert!(accepted > 100 && refused > 1000, "{accepted} accepted, {refused} refused");
}
