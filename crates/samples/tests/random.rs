//! Random programs have everything the core has, and most of them do something and end.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use velocity_interp::{Limits, Progress, Store};
use velocity_nda::identity::Identities;
use velocity_nda::module::{BinaryOp, Expr, FunctionKind, LoadOp, Module, Shape, StoreOp, UnaryOp, Yield};
use velocity_samples::{numbers, random, watch};

/// Programs that are looked at.
const PROGRAMS: u32 = 300;

/// Declares all kinds of nodes; one that is left out is a match that is not complete.
macro_rules! kinds {
    ($($kind:ident)+) => {
        const KINDS: &[&str] = &[$(stringify!($kind),)+];

        fn kind(expr: &Expr) -> &'static str {
            match expr {
                $(Expr::$kind { .. } => stringify!($kind),)+
            }
        }
    };
}
kinds! {
    I32 I64 F32 F64
    LocalGet LocalSet LocalTee LocalSetMany GlobalGet GlobalSet
    Unary Binary Select
    Load Store Address MemorySize MemoryGrow MemoryCopy MemoryFill MemoryInit DataDrop TableInit TableCopy ElementDrop
    Sequence Tuple Drop Block Loop If IfElse Break BreakTable Return Unreachable
    Call CallIndirect
}

fn modules() -> impl Iterator<Item = Module> {
    (0..PROGRAMS).map(|seed| random(&numbers(seed, 1500)).0)
}

#[test]
fn every_kind_of_node_and_every_operator_comes_out() {
    let (mut found, mut codes) = (BTreeSet::new(), BTreeSet::new());
    for module in modules() {
        velocity_nda::validate(&module).unwrap();
        for expr in module.exprs.as_slice() {
            found.insert(kind(expr));
            codes.extend(match expr {
                Expr::Unary(op, _) => Some(op.code()),
                Expr::Binary(op, ..) => Some(op.code()),
                Expr::Load(op, ..) => Some(op.code()),
                Expr::Store(op, ..) => Some(op.code()),
                _ => None,
            });
        }
    }
    let missing: Vec<_> = KINDS.iter().filter(|kind| !found.contains(*kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let operators = UnaryOp::ALL.len() + BinaryOp::ALL.len() + LoadOp::ALL.len() + StoreOp::ALL.len();
    assert_eq!(codes.len(), operators);
}

/// A body whose canonical form the module keeps is hashed as one that is written from its nodes.
#[test]
fn kept_bodies_have_the_hashes_of_their_nodes() {
    for module in modules() {
        let kept = Identities::of(&module);
        let mut changed = module.clone();
        for function in module.functions.as_slice() {
            // What is set, even to what it was, is not kept any more.
            if let FunctionKind::Defined(body) = function.kind {
                changed.set(body.first, module.exprs[body.first]);
            }
        }
        let written = Identities::of(&changed);
        assert_eq!((kept.root, kept.hashed_bytes), (written.root, written.hashed_bytes));
        assert!(kept.iter().eq(written.iter()));
        let packed = velocity_nda::document::pack(&module);
        let opened = velocity_nda::document::View::open(&packed).unwrap();
        let unpacked = velocity_nda::document::unpack(&opened).unwrap();
        assert_eq!(kept.root, Identities::of(&unpacked).root);
    }
}

/// Where nodes stand and how often what is in a list is there twice makes as many kinds again.
#[test]
fn what_is_seldom_written_comes_out() {
    let (mut twice, mut never, mut many, mut loops, mut with_values, mut early) = (0, 0, 0, 0, 0, 0);
    for module in modules() {
        for (id, expr) in module.exprs.iter() {
            let several = |node| matches!(module.yields[node].shape(), Shape::Many(_));
            let nothing = |node| module.yields[node] == Yield::NONE;
            never += u32::from(module.yields[id] == Yield::NEVER);
            many += u32::from(several(id));
            match *expr {
                Expr::LocalSetMany(locals, value) if module.yields[value] != Yield::NEVER => {
                    let words = module.pool.words(locals);
                    twice += u32::from(words.iter().collect::<BTreeSet<_>>().len() < words.len());
                }
                Expr::Loop(_) => loops += u32::from(several(id)),
                Expr::BreakTable(_, value, _) => with_values += u32::from(!nothing(value)),
                Expr::Return(value) => early += u32::from(several(value)),
                _ => {}
            }
        }
    }
    println!(
        "{twice} sets of one local twice; {never} nodes never come back, {many} leave several values; {loops} loops and \
         {early} returns with several values, {with_values} break tables with some"
    );
    assert!(twice > 300 && never > 10_000 && many > 3000 && loops > 50 && with_values > 300 && early > 100);
}

#[test]
fn most_programs_end_and_do_something() {
    let (mut ended, mut returned, mut asked, mut fuel) = (0, 0, 0, Vec::new());
    for seed in 0..PROGRAMS {
        let program = random(&numbers(seed, 1500)).program();
        let limits = Limits { fuel: 20_000, stack_slots: 2000, ..Limits::default() };
        let seen = watch(&program, Store::new(limits), u64::MAX);
        ended += u32::from(seen.by_itself());
        returned += seen.ends.iter().filter(|end| matches!(end, Progress::Finished(_))).count();
        asked += seen.log.len();
        fuel.push(seen.fuel.iter().sum::<u64>());
    }
    fuel.sort_unstable();
    println!(
        "{ended} of {PROGRAMS} end by themselves; {returned} of {} calls return; the host is asked {asked} times; half use \
         at most {} of fuel, nine of ten {}",
        4 * PROGRAMS,
        fuel[fuel.len() / 2],
        fuel[fuel.len() * 9 / 10]
    );
    assert!(ended > 240 && returned > 600 && asked > 300);
}
