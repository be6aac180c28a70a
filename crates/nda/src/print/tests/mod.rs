//! Tests of the printer.

use super::*;
use crate::validate::tests::build;

#[test]
fn every_form_of_node_has_a_text() {
    let text = print(&build::everything()).unwrap();
    for part in [
        "memory 1 to 9;",
        "extern \"host\" \"item\" const g0: i32;",
        "const g2: i32 = d0 as i32;",
        "static d0: [i32; 2];",
        "data d1 at g0 = \"ef\";",
        "extern \"host\" \"item\" table t0: 4;",
        "let (v0, v1) = pair(1, 2);",
        "branch 0 ['l1, 'l1] 3;",
        "i64::store32(d0 as i32, 4, i64::load(8, 4));",
        "table::init(t0, e0, 1, 2, 3);",
        "t0[0: fn()]();",
        "return select(g0, (v0 = 5), i32::trunc_sat_f32_u(0.0));",
        "element e0 = [null, f0];",
        "export \"two\" = memory;",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}
