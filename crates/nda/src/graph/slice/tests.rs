//! Slices of real programs: each checks alone, and what was asked for has the same hash in it.

use super::{SliceError, Slicer, slice};
use crate::graph::fact::Def;
use crate::graph::synthetic;
use crate::identity::{Definition, Identities};
use crate::module::Module;
use alloc::string::String;
use std::string::ToString;
use std::vec::Vec;

fn compiled(source: &str) -> Module {
    crate::compile(source).unwrap_or_else(|found| panic!("{source}\n{}", found.render("test", source)))
}

/// Takes the slice of every definition that has a name, and holds it against the program. Gives their texts.
fn all_slices(source: &str) -> Vec<String> {
    let module = compiled(source);
    let (slicer, identities) = (Slicer::new(source, &module), Identities::of(&module));
    let mut texts = Vec::new();
    for ((item, hash), number) in identities.iter().zip(0..) {
        let Some(name) = item.name(&module) else { continue };
        // What a `use` brings in is there only if it is called.
        if item == Definition::Memory || slicer.shim(item).is_some() {
            continue;
        }
        let slice = slicer.slice(Def(number)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let alone = compiled(&slice.text);
        let found = Identities::of(&alone);
        let same = found.iter().find(|(other, _)| other.kind() == item.kind() && other.name(&alone) == Some(name));
        assert_eq!(same.map(|(_, hash)| hash), Some(hash), "`{name}` in its slice:\n{}\nof:\n{source}", slice.text);
        texts.push(slice.text);
    }
    texts
}

#[test]
fn every_slice_of_generated_programs_stands_alone() {
    for seed in 0..4 {
        let source = synthetic::program(60, seed);
        let texts = all_slices(&source);
        assert!(texts.len() > 60, "{}", texts.len());
    }
}

#[test]
fn a_slice_reads_like_a_header_and_a_body() {
    let source = "use sys::print;\n\n/// The most of it.\nconst LIMIT: i32 = 7;\nglobal seen: i64 = 0;\nstatic squares: [i32; 3] = [1, 4, 9];\n\n\
        /// Helps.\n/// A lot.\nfn help(a: i32, b: u32) -> i64 { (a as i64) + (b as i64) }\n\n\
        /// The one.\nfn one(n: i32) -> i64 {\n    // Inside.\n    seen = seen + 1;\n    print(n);\n    help(n + LIMIT, 2) + (squares[1] as i64)\n}\n\n\
        fn main() { print(one(1)); }\n";
    let module = compiled(source);
    let slice = slice(source, &module, "one").unwrap();
    let hashes = Identities::of(&module);
    let of = |name: &str| hashes.iter().find(|(item, _)| item.name(&module) == Some(name)).unwrap().1;
    let expected = std::format!(
        "use sys::print;\n/// The most of it.\nconst LIMIT: i32 = 7;\nimport \"{}\" global seen: i64;\nimport \"{}\" static squares: [i32; 3];\n\
         /// Helps.\nimport \"{}\" fn help(a: i32, b: u32) -> i64;\n\n// Called by main.\n/// The one.\nfn one(n: i32) -> i64 {{\n    // Inside.\n    \
         seen = seen + 1;\n    print(n);\n    help(n + LIMIT, 2) + (squares[1] as i64)\n}}\n",
        of("seen"),
        of("squares"),
        of("help")
    );
    assert_eq!(slice.text, expected);
    assert_eq!((slice.whole.len(), slice.declared.len()), (1, 5));
    all_slices(source);
}

#[test]
fn a_cycle_stays_together() {
    let source = "fn even(n: i32) -> i32 { if n == 0 { 1 } else { odd(n - 1) } }\n\
        fn odd(n: i32) -> i32 { if n == 0 { 0 } else { even(step(n)) } }\n\
        fn step(n: i32) -> i32 { n - 1 }\nfn main() -> i32 { even(4) }\n";
    let module = compiled(source);
    let slice = slice(source, &module, "even").unwrap();
    assert!(
        slice.text.contains("\nfn odd(") && slice.text.contains("import \"") && !slice.text.contains("fn main"),
        "{}",
        slice.text
    );
    all_slices(source);
}

#[test]
fn tables_come_with_what_fills_them() {
    all_slices(
        "fn one() -> i32 { 1 }\nfn two() -> i32 { 2 }\ntable both = [one, two];\ntable more: 4 to 10;\n\
         element at more[1] = [two, null];\nelement later = [one];\n\
         fn pick(n: i32) -> i32 { both[n: fn() -> i32]() + more[n: fn() -> i32]() }\n\
         fn fill() { table::init(more, later, 0, 0, 1); table::drop(later); }\nfn main() -> i32 { fill(); pick(1) }\n",
    );
}

#[test]
fn memory_and_data_come_along() {
    all_slices(
        "memory 1 to 4;\ndata at 16 = \"abc\";\ndata later = \"later\";\nstatic cells: [u8; 8];\nstatic others: [u8; 8];\n\
         fn copy() { memory::init(later, 0, 0, 5); memory::drop(later); }\n\
         fn read(i: i32) -> u32 { cells[i] + others[i] }\nfn only() -> u32 { others[0] }\n\
         fn main() -> i32 { copy(); (read(1) + only()) as i32 + memory::size() }\n",
    );
}

#[test]
fn equal_objects_keep_apart() {
    all_slices(
        "fn one() -> i32 { 1 }\ntable first = [one];\ntable second = [one];\nglobal a: i32 = 0;\nglobal b: i32 = 0;\n\
         fn of_first() -> i32 { a = a + 1; first[0: fn() -> i32]() }\nfn of_second() -> i32 { second[0: fn() -> i32]() + 5 + b }\n\
         fn both() -> i32 { of_first() * of_second() }\nexport \"f\\\"\" = of_first;\nexport \"b\" = both;\nfn main() -> i32 { both() }\n",
    );
}

#[test]
fn one_of_many_equal_globals_stays_small() {
    let globals: String = (0..50)
        .map(|number| {
            std::format!("/// Number {number}.\nglobal g{number}: i64 = 0;\nfn f{number}() -> i64 {{ g{number} }}\n")
        })
        .collect();
    let texts = all_slices(&globals);
    assert!(texts.len() == 100 && texts.iter().all(|text| text.len() < 400), "{}", texts[0]);
    assert!(texts.iter().any(|text| text.contains("// global g7: i64 = 0;\n")));
}

#[test]
fn what_is_not_there_is_named() {
    let source = "fn f() {}";
    let module = compiled(source);
    assert_eq!(slice(source, &module, "g"), Err(SliceError::Unknown("g".to_string())));
    assert_eq!(slice("", &module, "f"), Err(SliceError::NoText("f".to_string())));
    assert!(matches!(Slicer::new(source, &module).slice(Def(9)), Err(SliceError::Unknown(_))));
}
