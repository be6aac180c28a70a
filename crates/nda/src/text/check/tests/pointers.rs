//! Pointers, indices, built-ins.

use super::{AROUND, body, compile, core, help, messages, value, wrong};
use crate::module::{BinaryOp, LoadOp, StoreOp, Type, UnaryOp};
use std::format;
use std::string::String;
use std::vec::Vec;

#[test]
fn an_index_is_an_offset_if_it_is_written_as_a_number() {
    assert_eq!(value("i32", "cells[0]"), "(i32.load+0 &0)");
    assert_eq!(value("i32", "cells[3]"), "(i32.load+12 &0)");
    assert_eq!(value("i32", "cells[a]"), "(i32.load+0 (i32.add &0 (i32.shl $0 2)))");
    assert_eq!(value("i32", "cells[a + 1]"), "(i32.load+0 (i32.add &0 (i32.shl (i32.add $0 1) 2)))");
    assert_eq!(value("i32", "cells[-1]"), "(i32.load+0 (i32.add &0 (i32.shl -1 2)))");
    assert_eq!(value("i32", "cells[1073741823]"), "(i32.load+4294967292 &0)");
    assert_eq!(value("i32", "cells[1073741824]"), "(i32.load+0 (i32.add &0 (i32.shl 1073741824 2)))");
    assert_eq!(value("u32", "bytes[4294967295]"), "(i32.load8_u+4294967295 &1)");
    assert_eq!(value("u32", "bytes[c]"), "(i32.load8_u+0 (i32.add &1 $2))");
    assert_eq!(body("cells[a] = 5;"), "(i32.store+0 (i32.add &0 (i32.shl $0 2)) 5)");
    assert_eq!(body("bytes[2] = c;"), "(i32.store8+2 &1 $2)");
    assert_eq!(
        value("i32", "cells[cells[a]]"),
        "(i32.load+0 (i32.add &0 (i32.shl (i32.load+0 (i32.add &0 (i32.shl $0 2))) 2)))"
    );
    assert_eq!(value("u32", "(cells[1] as *u8)[2]"), "(i32.load8_u+2 (i32.load+4 &0))");
    assert_eq!(wrong("cells[b];"), ["an index is of type `i32` or `u32`, found `i64`"]);
    assert_eq!(help("cells[b];"), "convert it: `b as u32`");
    assert_eq!(wrong("a[0];"), ["`[...]` reads through a pointer, found `i32`"]);
    assert_eq!(wrong("bytes[0] = a;"), ["expected `u32`, found `i32`"]);
    assert_eq!(wrong("bytes = 1;"), ["`bytes` cannot be set, it is a static: its name is an address"]);
    assert_eq!(help("bytes = 1;"), "write `bytes[0] = ...;`");
}

#[test]
fn every_cell_has_its_load_and_store() {
    let cells = [
        ("i8", "i32", "i32.load8_s", "i32.store8"),
        ("u8", "u32", "i32.load8_u", "i32.store8"),
        ("i16", "i32", "i32.load16_s", "i32.store16"),
        ("u16", "u32", "i32.load16_u", "i32.store16"),
        ("i32", "i32", "i32.load", "i32.store"),
        ("u32", "u32", "i32.load", "i32.store"),
        ("i64", "i64", "i64.load", "i64.store"),
        ("u64", "u64", "i64.load", "i64.store"),
        ("f32", "f32", "f32.load", "f32.store"),
        ("f64", "f64", "f64.load", "f64.store"),
    ];
    for (cell, ty, load, store) in cells {
        let source = format!("fn f(p: *{cell}, v: {ty}) -> {ty} {{ p[1] = v; p[1] }}");
        let offset = match &cell[1..] {
            "8" => 1,
            "16" => 2,
            "32" => 4,
            _ => 8,
        };
        assert_eq!(core(&source), format!("[({store}+{offset} $0 $1) ({load}+{offset} $0)]"), "{cell}");
    }
}

#[test]
fn pointers_compare_and_convert_and_do_nothing_else() {
    assert_eq!(value("i32", "cells == (0 as *i32)"), "(i32.eq &0 0)");
    assert_eq!(value("u32", "cells as u32 + 4"), "(i32.add &0 4)");
    assert_eq!(value("u64", "bytes as u64"), "(i64.extend_i32_u &1)");
    assert_eq!(value("u32", "(b as *u8)[0]"), "(i32.load8_u+0 (i32.wrap_i64 $1))");
    assert_eq!(value("i32", "(bytes as *i32)[1]"), "(i32.load+4 &1)");
    assert_eq!(wrong("bytes + 1;"), ["there is no `+` for `*u8`"]);
    assert_eq!(wrong("bytes < bytes;"), ["there is no `<` for `*u8`"]);
    assert_eq!(wrong("bytes == cells;"), ["the operands differ in type: `*u8` and `*i32`"]);
    assert_eq!(wrong("bytes as f32;"), ["`as` leads from no `*u8` to `f32`"]);
    assert_eq!(wrong("let p: *u8 = 0;"), ["expected `*u8`, found a number"]);
    assert_eq!(help("let p: *u8 = 0;"), "convert it: `0 as *u8`");
    assert_eq!(wrong("f as u8;"), ["only whole numbers are cut to 8 or 16 bits, found `f64`"]);
}

#[test]
fn every_operator_has_a_built_in() {
    let name = |ty: Type| ["a", "b", "e", "f"][ty as usize - 1];
    let local = |ty: Type| ["$0", "$1", "$4", "$5"][ty as usize - 1];
    for op in UnaryOp::ALL {
        let path = op.mnemonic().replace('.', "::");
        let operand = op.operand();
        let core = format!("({op} {})", local(operand));
        assert_eq!(value(&format!("{}", op.result()), &format!("{path}({})", name(operand))), core);
    }
    for op in BinaryOp::ALL {
        let path = op.mnemonic().replace('.', "::");
        let (text, node) = (name(op.operand()), local(op.operand()));
        let core = format!("({op} {node} {node})");
        assert_eq!(value(&format!("{}", op.result()), &format!("{path}({text}, {text})")), core);
    }
    for op in LoadOp::ALL {
        let path = op.mnemonic().replace('.', "::");
        assert_eq!(value(&format!("{}", op.ty()), &format!("{path}(a, 7)")), format!("({op}+7 $0)"));
    }
    for op in StoreOp::ALL {
        let path = op.mnemonic().replace('.', "::");
        let (text, node) = (name(op.ty()), local(op.ty()));
        assert_eq!(body(&format!("{path}(a, 7, {text});")), format!("({op}+7 $0 {node})"));
    }
}

#[test]
fn built_ins_take_whatever_has_their_core_type() {
    assert_eq!(value("i32", "i32::div_u(a, c)"), "(i32.div_u $0 $2)");
    assert_eq!(value("i64", "i64::rotl(b, d)"), "(i64.rotl $1 $3)");
    assert_eq!(value("i32", "i32::rotl(0xdeadbeef, 5)"), "(i32.rotl -559038737 5)");
    assert_eq!(value("i32", "i32::clz(-1)"), "(i32.clz -1)");
    assert_eq!(value("i64", "i64::clz(18446744073709551615)"), "(i64.clz -1L)");
    assert_eq!(value("i32", "i32::load(cells, 4)"), "(i32.load+4 &0)");
    assert_eq!(body("memory::fill(bytes, 0, 8);"), "(memory.fill &1 0 8)");
    assert_eq!(body("memory::copy(bytes, cells, c);"), "(memory.copy &1 &0 $2)");
    assert_eq!(value("i32", "memory::grow(1) + memory::size()"), "(i32.add (memory.grow 1) (memory.size))");
    assert_eq!(value("i64", "select(1, b, a)"), "(select 1L $1 $0)");
    assert_eq!(value("i64", "select(1, 2, a)"), "(select 1L 2L $0)");
    assert_eq!(value("i64", "unreachable()"), "(unreachable)");
    assert_eq!(value("i32", "i32::add(a, return 1)"), "(i32.add $0 (return 1))");
    assert_eq!(wrong("i32::clz(b);"), ["expected `i32`, found `i64`"]);
    assert_eq!(wrong("f64::sqrt(2);"), ["expected `f64`, found a number"]);
    assert_eq!(wrong("i32::clz();"), ["`i32::clz` takes 1 argument, found 0"]);
    assert_eq!(wrong("i32::load(a);"), ["`i32::load` takes 2 arguments, found 1"]);
    assert_eq!(wrong("i32::load(a, a);"), ["an offset is written as a number"]);
    assert_eq!(wrong("i32::load(a, 4294967296);"), ["the number `4294967296` does not fit into `u32`"]);
    assert_eq!(wrong("i32::clx(a);"), ["there is no built-in `i32::clx`"]);
    assert_eq!(help("i32::clx(a);"), "did you mean `i32::clz`?");
    assert_eq!(help("u32::clz(c);"), "built-ins have the names of the core: `i32::clz`");
    assert_eq!(help("memry::size();"), "the groups of built-ins are: `i32`, `i64`, `f32`, `f64`, `memory`, `table`");
    assert_eq!(help("sys::print(a);"), "write `use sys::print;` at the top of the program and call `print(...)`");
    assert_eq!(help("f64::inf();"), "it is no function: write `f64::inf`");
    assert_eq!(wrong("f64::sqrt;"), ["`f64::sqrt` takes arguments"]);
    assert_eq!(wrong("f32::bits(4294967296);"), ["the number `f32::bits(4294967296)` does not fit into `u32`"]);
    assert_eq!(wrong("f32::bits(a);"), ["the bits of a number are written as a number"]);
    assert_eq!(wrong("memory::init(bytes, 0, 0, 1);"), ["expected the name of a `data`, found `bytes`"]);
}

#[test]
fn a_function_hides_a_plain_built_in() {
    assert_eq!(core("fn f() -> i32 { select(1) } fn select(a: i32) -> i32 { a }"), "(call 1 1)");
    assert_eq!(messages("fn f() { unreachable(1); }"), ["`unreachable` takes 0 arguments, found 1"]);
}

#[test]
fn whoever_uses_memory_has_one() {
    let with: [&str; 6] = [
        "static a: u8 = 1;",
        "data at 0 = \"x\";",
        "fn f() -> i32 { memory::size() }",
        "fn f(p: *u8) -> u32 { p[0] }",
        "export \"m\" = memory;",
        "use sys::write; fn f(p: *u8) { write(p, 1); }",
    ];
    for source in with {
        let memory = compile(source).unwrap().memory.unwrap_or_else(|| panic!("{source}"));
        assert_eq!((memory.limits.min, memory.limits.max), (0, None));
    }
    assert!(compile("fn f(a: i32) -> i32 { a }").unwrap().memory.is_none());
    assert!(compile("data a = \"x\";").unwrap().memory.is_none(), "nothing places it");
    assert!(compile(&format!("fn f() {{}} {AROUND}")).unwrap().memory.is_some());
    let messages: Vec<String> = messages("memory 1; memory 2;");
    assert_eq!(messages, ["a program has one memory"]);
}
