//! Branches, loops, calls.

use super::run;
use velocity_nda::module::{BinaryOp, ExportItem, Expr, FuncId, Type, Value, Yield};
use velocity_samples::Build;

/// `f(n)`: n factorial by a loop.
fn factorial() -> Build {
    let mut b = Build::default();
    let signature = b.signature(&[Type::I32], &[Type::I32]);
    let first = b.i32(1);
    let start = b.set(1, first);
    let (n, zero) = (b.local(0), b.i32(0));
    let condition = b.binary(BinaryOp::I32GtS, n, zero);
    let (product, n) = (b.local(1), b.local(0));
    let product = b.binary(BinaryOp::I32Mul, product, n);
    let multiply = b.set(1, product);
    let (n, one) = (b.local(0), b.i32(1));
    let less = b.binary(BinaryOp::I32Sub, n, one);
    let count = b.set(0, less);
    let nothing = b.sequence(&[]);
    let again = b.add(Expr::Break(0, nothing), Yield::NEVER);
    let body = b.sequence(&[multiply, count, again]);
    let test = b.add(Expr::If(condition, body), Yield::NONE);
    let all = b.add(Expr::Loop(test), Yield::NONE);
    let result = b.local(1);
    b.sequence(&[start, all, result]);
    b.function(signature, &[Type::I32], first);
    b.export("f", ExportItem::Function(FuncId(0)));
    b
}

#[test]
fn a_loop_goes_round_until_its_condition_fails() {
    assert_eq!(run(factorial(), &[Value::I32(5)]), Ok(vec![Value::I32(120)]));
    assert_eq!(run(factorial(), &[Value::I32(0)]), Ok(vec![Value::I32(1)]));
}
