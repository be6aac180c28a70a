//! Loops, labels, breaks and their depths.

use super::{body, help, messages, value, wrong};
use std::format;

#[test]
fn loops_are_what_the_reference_says() {
    assert_eq!(body("while a { a = a - 1; }"), "(loop (if $0 [(set $0 (i32.sub $0 1)) (break 0 [])]))");
    assert_eq!(body("while a { }"), "(loop (if $0 (break 0 [])))");
    assert_eq!(body("while a { unit() }"), "(loop (if $0 [(call 1) (break 0 [])]))");
    assert_eq!(body("while a { { unit(); unit(); } }"), "(loop (if $0 [[(call 1) (call 1)] (break 0 [])]))");
    assert_eq!(body("while a { return; }"), "(loop (if $0 [(return []) (break 0 [])]))");
    assert_eq!(body("while a { return; a }"), "(loop (if $0 [(return []) (drop $0) (break 0 [])]))");
    assert_eq!(body("while a { break; }"), "(block (loop (if $0 [(break 1 []) (break 0 [])])))");
    assert_eq!(
        body("while a { if a { continue; } unit(); }"),
        "(loop (if $0 [(block [(if $0 (break 0 [])) (call 1)]) (break 0 [])]))"
    );
    assert_eq!(body("while a { continue; }"), "(loop (if $0 [(block (break 0 [])) (break 0 [])]))");
    assert_eq!(body("loop { }"), "(loop (break 0 []))");
    assert_eq!(body("loop { unit(); }"), "(loop [(call 1) (break 0 [])])");
    assert_eq!(body("loop { continue; }"), "(loop [(break 0 []) (break 0 [])])");
    assert_eq!(body("loop { if a { break; } }"), "(block (loop [(if $0 (break 1 [])) (break 0 [])]))");
    assert_eq!(value("i64", "loop { if a { break 1; } }"), "(block (loop [(if $0 (break 1 1L)) (break 0 [])]))");
    assert_eq!(value("i64", "loop { }"), "(loop (break 0 []))");
    assert_eq!(value("i64", "redo { 'x: { continue } b }"), "(loop [(block (break 1 [])) $1])");
    assert_eq!(value("i64", "'l: redo { if a { continue 'l; } 1 }"), "(loop [(if $0 (break 0 [])) 1L])");
}

#[test]
fn for_counts_with_the_type_of_its_ends() {
    let counted = |ty: &str, one: &str, less: &str| {
        format!(
            "[(set $6 0{one}) (set $7 ${ty}) (loop (if ({less} $6 $7) [(call 1) (set $6 ({} $6 1{one})) (break 0 [])]))]",
            if one.is_empty() { "i32.add" } else { "i64.add" }
        )
    };
    assert_eq!(body("for i in 0..a { unit(); }"), counted("0", "", "i32.lt_s"));
    assert_eq!(body("for i in 0..b { unit(); }"), counted("1", "L", "i64.lt_s"));
    assert_eq!(body("for i in 0..c { unit(); }"), counted("2", "", "i32.lt_u"));
    assert_eq!(body("for i in 0..d { unit(); }"), counted("3", "L", "i64.lt_u"));
    assert_eq!(
        body("for i in a..10 { let z = i; if z { continue; } if i { break; } }"),
        "[(set $6 $0) (set $7 10) (block (loop (if (i32.lt_s $6 $7) [(block [(set $8 $6) (if $8 (break 0 [])) \
         (if $6 (break 2 []))]) (set $6 (i32.add $6 1)) (break 0 [])])))]"
    );
    assert_eq!(
        body("for i in 0..1 { }"),
        "[(set $6 0) (set $7 1) (loop (if (i32.lt_s $6 $7) [(set $6 (i32.add $6 1)) (break 0 [])]))]"
    );
    // The name is known in the body alone, and the ends are evaluated before it.
    assert_eq!(wrong("for i in 0..i { } i;").len(), 2);
    assert_eq!(wrong("for i in 0..f { }"), ["the operands differ in type: a number and `f64`"]);
    assert_eq!(wrong("for i in e..e { }"), ["a `for` counts whole numbers, found `f32`"]);
    assert_eq!(wrong("for i in unit()..3 { }"), ["a `for` needs two numbers"]);
    assert_eq!(body("for i in 0..(return) { }").matches("return").count(), 1);
}

#[test]
fn depths_count_the_blocks_and_loops_that_exist() {
    assert_eq!(
        body("'out: while a { while a { if a { break 'out; } if a { continue 'out; } continue; } }"),
        "(block (loop (if $0 [(block (loop (if $0 [(block [(if $0 (break 4 [])) (if $0 (break 2 [])) (break 0 [])]) \
         (break 0 [])]))) (break 0 [])])))"
    );
    assert_eq!(
        body("'out: loop { 'in: { while a { break 'out; } break 'in; } continue 'out; }"),
        "(block (loop [(block [(loop (if $0 [(break 3 []) (break 0 [])])) (break 0 [])]) (break 0 []) (break 0 [])]))"
    );
    // A break in the condition of a loop goes past it.
    assert_eq!(
        body("loop { while { break; a } { unit(); } }"),
        "(block (loop [(loop (if [(break 2 []) $0] [(call 1) (break 0 [])])) (break 0 [])]))"
    );
    assert_eq!(body("'a: { 'b: { 'a: { break 'a; } } }"), "(block (block (block (break 0 []))))");
}

#[test]
fn blocks_give_what_breaks_bring() {
    assert_eq!(value("i32", "'l: { if a { break 'l 1; } 2 }"), "(block [(if $0 (break 0 1)) 2])");
    assert_eq!(value("i64", "'l: { if a { break 'l 1; } 2 }"), "(block [(if $0 (break 0 1L)) 2L])");
    assert_eq!(value("i64", "1 + 'l: { if a { break 'l 2; } 3 }"), "(i64.add 1L (block [(if $0 (break 0 2L)) 3L]))");
    assert_eq!(value("i64", "'l: { break 'l b }"), "(block (break 0 $1))");
    assert_eq!(value("i64", "'l: { if a { break 'l b; } 3 }"), "(block [(if $0 (break 0 $1)) 3L])");
    assert_eq!(value("i64", "'l: { if a { break 'l 3; } b }"), "(block [(if $0 (break 0 3L)) $1])");
    // A number for one label inside of a number for another.
    assert_eq!(
        value("i64", "'o: { let z: u32 = 'i: { if a { break 'o 1; } if a { break 'i 2; } 3 }; 4 }"),
        "(block [(set $6 (block [(if $0 (break 1 1L)) (if $0 (break 0 2)) 3])) 4L])"
    );
    assert_eq!(value("i32", "'l: { return 1; }"), "(block (return 1))");
    assert_eq!(body("'l: { break 'l; }"), "(block (break 0 []))");
    assert_eq!(body("'l: { }"), "(block [])");
    assert_eq!(body("let z = 'l: { break 'l return; };"), "(set $6 (block (break 0 (return []))))");
}

#[test]
fn branches_choose_among_labels() {
    let text = "'a: { 'b: { 'c: { branch a ['a, 'b, 'c] } } }";
    assert_eq!(body(text), "(block (block (block (branch 2 1 0 [] $0))))");
    assert_eq!(value("i64", "'x: { 'y: { branch c ['x, 'y] b } }"), "(block (block (branch 1 0 $1 $2)))");
    assert_eq!(value("i32", "'x: { 'y: { branch c ['x, 'y] 5 } }"), "(block (block (branch 1 0 5 $2)))");
    let text = "'x: { if a { break 'x b; } 'y: { branch c ['x, 'y] 5 } }";
    assert_eq!(value("i64", text), "(block [(if $0 (break 0 $1)) (block (branch 1 0 5L $2))])");
    assert_eq!(body("'l: loop { branch a ['l, 'l] }"), "(loop [(branch 0 0 [] $0) (break 0 [])])");
    assert_eq!(body("'l: while a { branch a ['l] }"), "(loop (if $0 [(block (branch 0 [] $0)) (break 0 [])]))");
    assert_eq!(wrong("'l: loop { branch a ['l] 1 }"), ["`loop` takes no value along, found a number"]);
    assert_eq!(wrong("'l: { branch b ['l] }"), ["a `branch` is of type `i32` or `u32`, found `i64`"]);
}

#[test]
fn several_values_travel_together() {
    assert_eq!(value("(i32, i64)", "(1, 2)"), "<1 2L>");
    assert_eq!(value("(i64, f32)", "if a { (1, 2.5) } else { (b, e) }"), "(if $0 <1L 2.5f> <$1 $4>)");
    assert_eq!(
        value("(i64, u64)", "'l: { if a { break 'l (1, 2); } (3, d) }"),
        "(block [(if $0 (break 0 <1L 2L>)) <3L $3>])"
    );
    assert_eq!(value("(i32, i64)", "pair()"), "(call 2)");
    assert_eq!(value("(i32, i64)", "return (a, 2);"), "(return <$0 2L>)");
    assert_eq!(body("let (x, y) = pair(); y = 1;"), "[(set $6 $7 (call 2)) (set $7 1L)]");
    assert_eq!(body("(a, b) = pair();"), "(set $0 $1 (call 2))");
    assert_eq!(body("(b, a) = (1, 2);"), "(set $1 $0 <1L 2>)");
    assert_eq!(body("let (x, y) = (1, 2.5); pair();"), "[(set $6 $7 <1 2.5>) (drop (call 2))]");
    assert_eq!(body("let (x, y) = return;"), "(set $6 $7 (return []))");
    assert_eq!(body("loop { let (x, y) = loop { break (1, b); }; break }").matches("<1 $1>").count(), 1);
    assert_eq!(value("(i64, i64)", "(1, 'l: { break 'l 2 })"), "<1L (block (break 0 2L))>");
    assert_eq!(
        value("(i64, i64)", "loop { if a { break (1, 2); } if a { break (b, 3); } break (4, b) }"),
        "(block (loop [(if $0 (break 1 <1L 2L>)) (if $0 (break 1 <$1 3L>)) (break 1 <4L $1>) (break 0 [])]))"
    );
    assert_eq!(wrong("let x = pair();"), ["a variable holds one value, found `(i32, i64)`"]);
    assert_eq!(wrong("let (x, y, z) = pair();"), ["expected 3 values, found 2"]);
    assert_eq!(wrong("let (x, y) = a;"), ["expected 2 values, found one"]);
    assert_eq!(wrong("(b, a) = pair();"), ["expected `(i64, i32)`, found `(i32, i64)`"]);
    assert_eq!(wrong("(a, g) = pair();"), ["`g` is a global; only variables can be set here"]);
    assert_eq!(wrong("pair() + 1;"), ["an operator needs two numbers"]);
    assert_eq!(
        wrong("if a { pair() } else { (1, 2, 3) };"),
        ["expected `(i32, i64)`, found `(number, number, number)`"]
    );
    assert_eq!(wrong("let (x, y) = (pair(), 1);"), ["each part of a tuple needs one value"]);
}

#[test]
fn what_cannot_be_left_is_reported() {
    assert_eq!(wrong("break;"), ["`break` outside of a loop"]);
    assert_eq!(wrong("'l: { break; }"), ["`break` outside of a loop"]);
    assert_eq!(wrong("continue;"), ["`continue` outside of a loop"]);
    assert_eq!(wrong("'lop: loop { break 'loop; }"), ["there is no label `'loop` around this"]);
    assert_eq!(help("'lop: loop { break 'loop; }"), "did you mean `'lop`?");
    assert_eq!(wrong("'l: { continue 'l; }"), ["only loops can be begun anew, and this label is that of a block"]);
    assert_eq!(wrong("redo { break; }"), ["`break` does not leave a `redo`, which ends by itself"]);
    assert_eq!(wrong("while a { break 1; }"), ["`while` takes no value along, found a number"]);
    assert_eq!(wrong("for i in 0..1 { break a; }"), ["`for` takes no value along, found `i32`"]);
    assert_eq!(wrong("loop { break unit(); }"), ["a value is needed here, or nothing at all"]);
    assert_eq!(wrong("let z: i32 = loop { if a { break 1; } break b; };"), ["expected `i32`, found `i64`"]);
    assert_eq!(wrong("loop { if a { break 1; } break 1.5; };"), ["expected a number, found a number with a fraction"]);
    assert_eq!(wrong("'l: { if a { break 'l; } 1 };"), ["expected no value, found a number"]);
    assert_eq!(messages("fn f() { 'l: { } break 'l; }"), ["there is no label `'l` around this"]);
}
