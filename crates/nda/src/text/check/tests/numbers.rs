//! Numbers, operators, casts.

use super::{body, help, value, wrong};

#[test]
fn smoke() {
    assert_eq!(value("i64", "1 + b"), "(i64.add 1L $1)");
    assert_eq!(value("f64", "-f"), "(f64.neg $5)");
    assert_eq!(value("i64", "-b"), "(i64.sub 0L $1)");
    assert_eq!(value("f32", "-(1.5 + (e * 2.0))"), "(f32.neg (f32.add 1.5f (f32.mul $4 2.0f)))");
    assert_eq!(
        body("while a < 3 { a = a + 1; }"),
        "(loop (if (i32.lt_s $0 3) [(set $0 (i32.add $0 1)) (break 0 [])]))"
    );
    let _ = (wrong("1"), help("x + 1"));
}
