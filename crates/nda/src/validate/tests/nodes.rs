//! What breaks each rule about nodes: a function of its own.

use super::build::{Builder, everything};
use crate::module::*;
use crate::validate::{Place, Rule, validate};

type Body = fn(&mut Builder) -> ExprId;

const I32: Type = Type::I32;
const I64: Type = Type::I64;

/// A function of this body behind the module of everything, with one `i32` parameter, an `i64` variable, no results.
fn with(body: Body) -> Module {
    let mut builder = Builder { module: everything() };
    builder.define("wrong", &[I32], &[I64], &[], body);
    builder.module
}

/// A sequence of a node and nothing else, which yields nothing.
fn beside(b: &mut Builder, node: ExprId) -> ExprId {
    let nothing = b.sequence(&[]);
    b.sequence(&[node, nothing])
}

fn dropped(b: &mut Builder, node: ExprId) -> ExprId {
    b.none(Expr::Drop(node))
}

fn tuple(b: &mut Builder, count: i32) -> ExprId {
    let items: Vec<ExprId> = (0..count).map(|value| b.i32(value)).collect();
    let list = b.list(&items);
    b.many(Expr::Tuple(list), &alloc::vec![I32; count as usize])
}

pub(super) const BODIES: &[(Rule, Body)] = &[
    (Rule::Lists, |b| b.none(Expr::Sequence(List::at(99_999)))),
    (Rule::Lists, |b| {
        let value = tuple(b, 2);
        b.none(Expr::LocalSetMany(List::at(99_999), value))
    }),
    (Rule::Children, |b| dropped(b, ExprId(0))),
    (Rule::Children, |b| {
        let (one, two) = (b.i32(1), b.i32(2));
        b.sequence(&[two, one])
    }),
    (Rule::Children, |b| {
        let one = b.i32(1);
        let sum = b.one(Expr::Binary(BinaryOp::I32Add, one, one), I32);
        dropped(b, sum)
    }),
    (Rule::Yields, |b| {
        let one = b.one(Expr::I32(1), I64);
        dropped(b, one)
    }),
    (Rule::Yields, |b| b.node(Expr::Sequence(List::EMPTY), Yield::many(List::EMPTY))),
    (Rule::Yields, |b| b.node(Expr::Sequence(List::EMPTY), Yield::NEVER)),
    (Rule::Yields, |b| {
        let value = b.never(Expr::Unreachable);
        let pages = b.one(Expr::MemoryGrow(value), I32);
        dropped(b, pages)
    }),
    (Rule::Yields, |b| {
        let items = [b.i32(1), b.i64(2)];
        let list = b.list(&items);
        let tuple = b.many(Expr::Tuple(list), &[I32, I32]);
        dropped(b, tuple)
    }),
    (Rule::TypeNumber, |b| {
        let types = List::at(b.module.pool.push(&[1_u32, 9]).position());
        b.node(Expr::Unreachable, Yield::many(types))
    }),
    (Rule::OperandType, |b| {
        let (one, two) = (b.i32(1), b.i64(2));
        let sum = b.one(Expr::Binary(BinaryOp::I32Add, one, two), I32);
        dropped(b, sum)
    }),
    (Rule::OperandCount, |b| {
        let one = b.i32(1);
        let list = b.list(&[one]);
        b.none(Expr::Call(FuncId(0), list))
    }),
    (Rule::OperandCount, |b| {
        let signature = b.signature(&[], &[]);
        b.none(Expr::CallIndirect(signature, TableId(0), List::EMPTY))
    }),
    (Rule::OperandCount, |b| b.none(Expr::MemoryInit(DataId(2), List::EMPTY))),
    (Rule::SequenceOfOne, |b| {
        let nothing = b.sequence(&[]);
        b.sequence(&[nothing])
    }),
    (Rule::SequenceItem, |b| {
        let one = b.i32(1);
        beside(b, one)
    }),
    (Rule::DropNothing, |b| {
        let nothing = b.sequence(&[]);
        dropped(b, nothing)
    }),
    (Rule::DropNothing, |b| {
        let never = b.never(Expr::Unreachable);
        b.never(Expr::Drop(never))
    }),
    (Rule::Nothing, |b| {
        let size = b.none(Expr::DataDrop(DataId(1)));
        b.never(Expr::Return(size))
    }),
    (Rule::Nothing, |b| {
        let never = b.never(Expr::Unreachable);
        let again = b.never(Expr::Break(0, never));
        b.never(Expr::Loop(again))
    }),
    (Rule::TupleItems, |b| {
        let value = b.i32(1);
        let locals = b.module.pool.push(&[LocalId(0)]);
        b.none(Expr::LocalSetMany(locals, value))
    }),
    (Rule::TupleItems, |b| {
        let value = b.never(Expr::Unreachable);
        let list = b.list(&[value]);
        b.never(Expr::Tuple(list))
    }),
    (Rule::LocalKey, |b| {
        let local = b.one(Expr::LocalGet(LocalId(2)), I32);
        dropped(b, local)
    }),
    (Rule::LocalType, |b| {
        let value = b.i32(1);
        b.none(Expr::LocalSet(LocalId(1), value))
    }),
    (Rule::LocalType, |b| {
        let value = tuple(b, 2);
        let locals = b.module.pool.push(&[LocalId(0), LocalId(1)]);
        b.none(Expr::LocalSetMany(locals, value))
    }),
    (Rule::GlobalKey, |b| {
        let global = b.one(Expr::GlobalGet(GlobalId(9)), I32);
        dropped(b, global)
    }),
    (Rule::GlobalType, |b| {
        let value = b.i64(1);
        b.none(Expr::GlobalSet(GlobalId(1), value))
    }),
    (Rule::Immutable, |b| {
        let value = b.i32(1);
        b.none(Expr::GlobalSet(GlobalId(0), value))
    }),
    (Rule::SelectTypes, |b| {
        let (one, two, condition) = (b.i32(1), b.i64(2), b.i32(3));
        let select = b.one(Expr::Select(one, two, condition), I32);
        dropped(b, select)
    }),
    (Rule::ArmTypes, |b| {
        let (condition, one, two) = (b.i32(1), b.i32(2), b.i64(3));
        let both = b.one(Expr::IfElse(condition, one, two), I32);
        dropped(b, both)
    }),
    (Rule::Label, |b| {
        let nothing = b.sequence(&[]);
        b.never(Expr::Break(0, nothing))
    }),
    (Rule::Label, |b| {
        let inner = b.sequence(&[]);
        let inner = b.none(Expr::Block(inner));
        let nothing = b.sequence(&[]);
        let out = b.never(Expr::Break(0, nothing));
        let list = b.list(&[inner, out]);
        b.never(Expr::Sequence(list))
    }),
    (Rule::NoTargets, |b| {
        let (nothing, index) = (b.sequence(&[]), b.i32(0));
        b.never(Expr::BreakTable(List::EMPTY, nothing, index))
    }),
    (Rule::BreakValue, |b| {
        let value = b.i32(1);
        let out = b.never(Expr::Break(0, value));
        b.none(Expr::Block(out))
    }),
    (Rule::BlockYield, |b| {
        let never = b.never(Expr::Unreachable);
        b.none(Expr::Block(never))
    }),
    (Rule::BlockYield, |b| {
        let value = b.i32(1);
        let block = b.one(Expr::Block(value), I64);
        dropped(b, block)
    }),
    (Rule::ReturnValue, |b| {
        let value = b.i32(1);
        b.never(Expr::Return(value))
    }),
    (Rule::BodyValue, |b| b.i32(1)),
    (Rule::FunctionKey, |b| b.none(Expr::Call(FuncId(99), List::EMPTY))),
    (Rule::SignatureKey, |b| {
        let index = b.i32(0);
        let list = b.list(&[index]);
        b.none(Expr::CallIndirect(SigId(99), TableId(0), list))
    }),
    (Rule::TableKey, |b| {
        let three = [1, 2, 3].map(|value| b.i32(value));
        let list = b.list(&three);
        b.none(Expr::TableCopy(TableId(0), TableId(1), list))
    }),
    (Rule::ElementKey, |b| b.none(Expr::ElementDrop(ElementId(9)))),
    (Rule::DataKey, |b| b.none(Expr::DataDrop(DataId(9)))),
    (Rule::StaticInUse, |b| b.none(Expr::DataDrop(DataId(0)))),
    (Rule::NotAStatic, |b| {
        let address = b.one(Expr::Address(DataId(2)), I32);
        dropped(b, address)
    }),
];

#[test]
fn each_body_breaks_its_rule() {
    let judged = |&(rule, body): &(Rule, Body)| {
        let error = validate(&with(body)).expect_err(rule.name());
        let there = matches!(error.place, Place::Node(FuncId(7), _) | Place::Function(FuncId(7)));
        (error.rule != rule || !there || error.name != "wrong").then(|| format!("{}: {error}", rule.name()))
    };
    let wrong: Vec<String> = BODIES.iter().filter_map(judged).collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn nothing_is_read_without_a_memory() {
    let module = Builder::function("f", &[], &[I32], |b| b.one(Expr::MemorySize, I32));
    assert_eq!(validate(&module).unwrap_err().rule, Rule::NoMemory);
}

#[test]
fn what_never_comes_back_fits_everywhere() {
    let module = Builder::function("f", &[], &[I64], |b| {
        let (never, two) = (b.never(Expr::Unreachable), b.i64(2));
        b.never(Expr::Binary(BinaryOp::I64Add, never, two))
    });
    assert_eq!(validate(&module), Ok(()));
}
