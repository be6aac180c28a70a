//! Small modules, built by hand, and their hashes.

use super::{Identities, place};
use crate::module::{
    BinaryOp, Body, Cell, Data, DataId, DataShape, Expr, ExprId, FIRST_PLACED, FuncId, Function, FunctionKind, List,
    Meta, Module, Placement, SigId, Signature, Type, Yield,
};
use crate::span::Span;

/// What a body of the tests does, in order.
#[derive(Clone, Copy)]
pub(crate) enum Do {
    Call(u32),
    Touch(u32),
    Add(i32),
}

/// A module of functions without parameters and statics of these sizes.
pub(crate) fn module(bodies: &[&[Do]], statics: &[u32]) -> Module {
    let mut module = Module::default();
    let none = Signature { parameters: List::EMPTY, results: List::EMPTY };
    module.signatures.push(none);
    for &zeros in statics {
        let shape = DataShape::Array(Cell::U8, zeros);
        let placement = Placement::Anywhere(1);
        module.data.push(Data { meta: Meta::default(), placement, start: 0, len: 0, zeros, shape });
    }
    for body in bodies {
        let first = module.exprs.next_key();
        let items: Vec<ExprId> = body.iter().map(|&what| node(&mut module, what)).collect();
        let root = if let [alone] = items[..] {
            alone
        } else {
            let list = module.pool.push(&items);
            module.add(Expr::Sequence(list), Yield::NONE, Span::default())
        };
        let body = Body { variables: List::EMPTY, names: List::EMPTY, first, root };
        let kind = FunctionKind::Defined(body);
        module.functions.push(Function { meta: Meta::default(), signature: SigId(0), kind });
    }
    module
}

fn node(module: &mut Module, what: Do) -> ExprId {
    let one = Yield::one(Type::I32);
    let value = match what {
        Call(to) => return module.add(Expr::Call(FuncId(to), List::EMPTY), Yield::NONE, Span::default()),
        Do::Touch(data) => module.add(Expr::Address(DataId(data)), one, Span::default()),
        Do::Add(value) => {
            let a = module.add(Expr::I32(value), one, Span::default());
            let b = module.add(Expr::I32(1), one, Span::default());
            module.add(Expr::Binary(BinaryOp::I32Add, a, b), one, Span::default())
        }
    };
    module.add(Expr::Drop(value), Yield::NONE, Span::default())
}

fn functions(bodies: &[&[Do]], statics: &[u32]) -> Vec<String> {
    let module = module(bodies, statics);
    let identities = Identities::of(&module);
    module.functions.keys().map(|id| identities.function(id).to_string()).collect()
}

use Do::{Add, Call, Touch};

#[test]
fn order_and_effects() {
    let straight = functions(&[&[Call(1), Add(1)], &[Add(2)]], &[]);
    let turned = functions(&[&[Add(2)], &[Call(0), Add(1)]], &[]);
    assert_eq!([&straight[0], &straight[1]], [&turned[1], &turned[0]]);
    let swapped = functions(&[&[Add(1), Call(1)], &[Add(2)]], &[]);
    assert_ne!(straight[0], swapped[0], "the order of effects");
    assert_eq!(straight[1], swapped[1]);
    let changed = functions(&[&[Call(1), Add(1)], &[Add(3)]], &[]);
    assert!(changed[0] != straight[0] && changed[1] != straight[1]);
}

#[test]
fn members_of_a_cycle_do_not_depend_on_their_order() {
    // 0 -> 1 -> 2 -> 0, of which 2 differs; and the same cycle told from another end.
    let one = functions(&[&[Call(1)], &[Call(2)], &[Call(0), Add(1)]], &[]);
    let other = functions(&[&[Call(1), Add(1)], &[Call(2)], &[Call(0)]], &[]);
    assert_eq!([&one[0], &one[1], &one[2]], [&other[1], &other[2], &other[0]]);
    assert!(one[0] != one[1], "they are at different distances from the one that differs");
    let ring = functions(&[&[Call(1)], &[Call(2)], &[Call(0)]], &[]);
    assert!(ring[0] == ring[1] && ring[1] == ring[2], "nothing tells them apart");
    assert_ne!(functions(&[&[Call(0)]], &[])[0], functions(&[&[]], &[])[0]);
}

#[test]
fn equal_statics_are_told_apart_by_their_users() {
    let one = functions(&[&[Touch(0), Add(1)], &[Touch(1), Add(2)]], &[64, 64]);
    let turned = functions(&[&[Touch(1), Add(1)], &[Touch(0), Add(2)]], &[64, 64]);
    assert_eq!(one, turned);
    let shared = functions(&[&[Touch(0), Add(1)], &[Touch(0), Add(2)]], &[64]);
    assert!(one != shared, "two statics are not one");
    // Equal pairs of equal statics: choices that belong together are made together.
    let pairs = functions(&[&[Touch(0), Touch(2)], &[Touch(1), Touch(3)]], &[8, 8, 9, 9]);
    let crossed = functions(&[&[Touch(0), Touch(3)], &[Touch(1), Touch(2)]], &[8, 8, 9, 9]);
    assert_eq!(pairs.iter().collect::<std::collections::BTreeSet<_>>(), crossed.iter().collect());
}

#[test]
fn the_root_covers_all_and_order_nothing() {
    let root = |bodies: &[&[Do]], statics: &[u32]| Identities::of(&module(bodies, statics)).root;
    let one = root(&[&[Call(1)], &[Add(1)]], &[4]);
    assert_eq!(one, root(&[&[Add(1)], &[Call(0)]], &[4]));
    assert_ne!(one, root(&[&[Add(1)], &[Call(0)]], &[5]));
    assert_ne!(one, root(&[&[Add(1)], &[Call(0)], &[]], &[4]));
}

#[test]
fn statics_lie_where_their_content_puts_them() {
    let one = module(&[], &[3, 5]);
    let other = module(&[], &[5, 3]);
    let (here, there) = (place(&one), place(&other));
    assert_eq!(here.address(DataId(0)), there.address(DataId(1)));
    assert_eq!(here.address(DataId(1)), there.address(DataId(0)));
    assert_eq!((here.end, there.end), (u64::from(FIRST_PLACED) + 8, u64::from(FIRST_PLACED) + 8));
    assert_eq!(here.address(DataId(7)), 0);
}

#[test]
fn where_statics_lie_is_said_alike_with_and_without_all_hashes() {
    let bodies: &[&[Do]] = &[&[Touch(0), Touch(1)], &[Touch(1), Add(3)], &[Touch(2)]];
    for sizes in [&[][..], &[3], &[3, 5, 4], &[9, 1, 2, 8, 8, 1], &[4, 4, 4], &[5, 7, 5]] {
        let module = module(if sizes.len() < 3 { &[] } else { bodies }, sizes);
        let (alone, all) = (place(&module), super::place_by(&module, &Identities::of(&module)));
        assert_eq!(alone.end, all.end, "{sizes:?}");
        for id in module.data.keys() {
            assert_eq!(alone.address(id), all.address(id), "{sizes:?} {id:?}");
        }
    }
}

#[test]
fn deep_chains_and_big_rings_need_no_stack_and_linear_work() {
    let bytes = |len: u32, ring: bool| {
        let last = len - 1;
        let bodies: Vec<Vec<Do>> = (0..len)
            .map(|at| {
                if at < last {
                    vec![Call(at + 1)]
                } else if ring {
                    vec![Call(0), Add(1)]
                } else {
                    vec![]
                }
            })
            .collect();
        let bodies: Vec<&[Do]> = bodies.iter().map(Vec::as_slice).collect();
        let identities = Identities::of(&module(&bodies, &[]));
        (identities.hashed_bytes, identities.refinement_work)
    };
    for ring in [false, true] {
        let ((small, few), (large, many)) = (bytes(1000, ring), bytes(16_000, ring));
        assert!(large <= small * 17 && many <= (few + 1) * 32, "{small} {large} {few} {many}");
    }
}
