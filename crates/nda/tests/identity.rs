//! Identity of programs written as text: what changes no hash, and what changes exactly which.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod programs;

use programs::{Change, Op, Program, Style, programs};
use proptest::prelude::*;
use std::collections::BTreeSet;
use velocity_base::ContentHash;
use velocity_nda::document::{View, pack, unpack};
use velocity_nda::identity::Identities;
use velocity_nda::module::{FuncId, Module};
use velocity_nda::store::{MemoryStore, ResolveLimits};
use velocity_nda::{compile, format, graph::synthetic, print, resolve, validate};

fn read(text: &str) -> Module {
    let module = compile(text).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
    validate(&module).unwrap();
    module
}

/// The hashes of a program's functions in the program's own order, and its root.
fn hashes(program: &Program, style: &Style) -> (Vec<ContentHash>, ContentHash) {
    let module = read(&program.text(style));
    let identities = Identities::of(&module);
    let function = |index: usize| {
        let id = module.function_named(&style.function(index)).unwrap();
        identities.function(id)
    };
    ((0..program.functions.len()).map(function).collect(), identities.root)
}

/// All hashes of a module, whatever the order.
fn all(module: &Module) -> (Vec<ContentHash>, ContentHash) {
    let identities = Identities::of(module);
    let mut hashes: Vec<ContentHash> = identities.iter().map(|(_, hash)| hash).collect();
    hashes.sort_unstable();
    (hashes, identities.root)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn names_order_layout_and_comments_change_no_hash(program in programs(), seed in any::<u64>()) {
        let plain = hashes(&program, &Style::plain());
        prop_assert_eq!(&plain, &hashes(&program, &Style::of(seed)));
        let text = program.text(&Style::of(seed));
        prop_assert_eq!(all(&read(&text)), all(&read(&format(&text).unwrap())));
    }

    #[test]
    fn a_change_of_meaning_changes_its_dependants_and_nothing_else(
        program in programs(), at in any::<prop::sample::Index>(), change in any::<Change>(),
    ) {
        let index = at.index(program.functions.len());
        let Some(changed) = program.changed(index, change) else { return Ok(()) };
        let (before, old_root) = hashes(&program, &Style::plain());
        let (after, new_root) = hashes(&changed, &Style::plain());
        if let Change::Callee(_) = change {
            // Another function that is the same is no change.
            let callees = |program: &Program| program.callees(index).map(|to| before[to]).collect::<Vec<_>>();
            prop_assume!(callees(&program) != callees(&changed));
        }
        let dependants = program.dependants(index);
        for number in 0..before.len() {
            let expected = dependants.contains(&number);
            prop_assert_eq!(before[number] != after[number], expected, "function {} of {:?}", number, dependants);
        }
        // A function that has become what another one is leaves the same definitions, if another is what it was.
        let distinct = |hashes: &[ContentHash]| hashes.iter().copied().collect::<BTreeSet<ContentHash>>();
        prop_assert!(old_root != new_root || distinct(&before) == distinct(&after));
    }

    #[test]
    fn text_core_and_document_say_the_same(program in programs(), seed in any::<u64>()) {
        let module = read(&program.text(&Style::of(seed)));
        prop_assert_eq!(all(&module), all(&read(&print(&module).unwrap())), "core to text");
        let bytes = pack(&module);
        let view = View::open(&bytes).unwrap();
        let back = unpack(&view).unwrap();
        validate(&back).unwrap();
        prop_assert_eq!(all(&module), all(&back), "core to document");
        prop_assert_eq!(&pack(&back), &bytes);
        prop_assert_eq!(print(&back).unwrap(), print(&module).unwrap(), "names and documentation");
    }

    #[test]
    fn an_import_stands_for_what_it_names(program in programs(), at in any::<prop::sample::Index>()) {
        let index = at.index(program.functions.len());
        let style = Style::plain();
        let (before, _) = hashes(&program, &style);
        let mut store = MemoryStore::default();
        store.add(&read(&program.text(&style)));
        let text = format!("import \"{}\" fn there(a: i32) -> i32;\nfn here(a: i32) -> i32 {{ there(a) + 1 }}\n", before[index]);
        let importing = read(&text);
        let resolved = resolve(&importing, &store, ResolveLimits::default()).unwrap();
        validate(&resolved).unwrap();
        let (one, other) = (Identities::of(&importing), Identities::of(&resolved));
        prop_assert_eq!(one.function(FuncId(0)), other.function(FuncId(0)));
        prop_assert_eq!(one.function(FuncId(1)), other.function(FuncId(1)));
        prop_assert_eq!(one.root, other.root);
        let whole = format!("{}fn here(a: i32) -> i32 {{ {}(a) + 1 }}\n", program.text(&style), style.function(index));
        let whole = read(&whole);
        let here = whole.function_named("here").unwrap();
        prop_assert_eq!(Identities::of(&whole).function(here), one.function(importing.function_named("here").unwrap()));
    }

    #[test]
    fn a_cut_or_changed_document_is_refused(program in programs(), places in prop::collection::vec(any::<prop::sample::Index>(), 64)) {
        let mut bytes = pack(&read(&program.text(&Style::plain())));
        for place in places {
            let bit = place.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(View::open(&bytes).is_err());
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(View::open(&bytes[..bit / 8]).is_err());
        }
        prop_assert!(View::open(&bytes).is_ok());
    }

    #[test]
    fn any_bytes_are_a_document_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = View::open(&bytes);
        let _ = View::open(&[b"NDA1\x02\0\x16\0", &bytes[..]].concat());
    }
}

/// A cycle of functions that are alike but for one.
fn ring(len: usize, odd: i32) -> Program {
    let functions = (0..len).map(|at| {
        let own = if at == 0 { odd } else { 1 };
        vec![Op::Add(own), Op::Call((at + 1) % len)]
    });
    let mut functions: Vec<Vec<Op>> = functions.collect();
    functions.push(vec![Op::Call(len / 2)]);
    functions.push(vec![Op::Add(3)]);
    Program { functions }
}

#[test]
fn wound_members_of_a_cycle_that_have_equal_shape() {
    for len in [2, 3, 8, 12, 100] {
        let (before, _) = hashes(&ring(len, 5), &Style::plain());
        for seed in 0..4 {
            assert_eq!(before, hashes(&ring(len, 5), &Style::of(seed)).0);
        }
        let members: BTreeSet<ContentHash> = before[..len].iter().copied().collect();
        assert_eq!(members.len(), len, "each is at another distance from the odd one");
        let (after, _) = hashes(&ring(len, 6), &Style::plain());
        assert!((0..=len).all(|at| before[at] != after[at]), "all members, and what uses the cycle");
        assert_eq!(before[len + 1], after[len + 1], "nothing else");
        let alike: BTreeSet<ContentHash> = hashes(&ring(len, 1), &Style::plain()).0[..len].iter().copied().collect();
        assert_eq!(alike.len(), 1, "nothing tells them apart");
    }
}

#[test]
fn wound_the_order_of_effects() {
    let program = |one, other| Program { functions: vec![vec![one, other], vec![Op::Add(1)]] };
    let pairs = [
        (Op::Global(0), Op::Global(1)),
        (Op::Static(0), Op::Static(1)),
        (Op::Static(0), Op::Global(0)),
        (Op::Call(1), Op::Global(0)),
        (Op::Add(1), Op::Times(3)),
    ];
    for (one, other) in pairs {
        let (here, there) =
            (hashes(&program(one, other), &Style::plain()), hashes(&program(other, one), &Style::plain()));
        assert_ne!(here.0[0], there.0[0], "{one:?} {other:?}");
        assert_eq!(here.0[1], there.0[1]);
    }
}

#[test]
fn wound_hashing_takes_linear_time() {
    // Bytes are counted, not seconds. Real programs, with equal objects in them; then rings and chains.
    let work = |module: &Module| {
        let identities = Identities::of(module);
        let size = module.exprs.len() as u64;
        (identities.hashed_bytes as f64 / size as f64, identities.refinement_work as f64 / size as f64)
    };
    let sizes = [50, 200, 800].map(|size| work(&read(&synthetic::program(size, 9))));
    assert!(sizes.iter().all(|(bytes, _)| *bytes < 1.3 * sizes[0].0), "{sizes:?}");
    assert!(sizes.iter().all(|(_, steps)| *steps < 4.0), "{sizes:?}");
    let rings = [50, 400, 3200].map(|len| work(&read(&ring(len, 5).text(&Style::plain()))));
    assert!(rings.iter().all(|(bytes, _)| *bytes < 1.3 * rings[0].0), "{rings:?}");
    assert!(rings.iter().all(|(_, steps)| *steps < 16.0), "{rings:?}");
}

#[test]
fn wound_the_version_of_the_algorithm_is_hashed() {
    // If one of these changes, so must the version in the domains (`identity::code`), or stores hold the wrong things.
    let module = read("fn double(x: i32) -> i32 { x + x }\nexport \"double\" = double;\n");
    let identities = Identities::of(&module);
    let entry = &velocity_nda::store::entries(&module)[0];
    assert!(entry.starts_with(b"NDA-def-v1"));
    assert_eq!(ContentHash::of(entry), identities.function(FuncId(0)));
    assert_ne!(ContentHash::of(&entry[16..]), identities.function(FuncId(0)));
    assert_eq!(identities.function(FuncId(0)).to_string(), GOLDEN.0);
    assert_eq!(identities.root.to_string(), GOLDEN.1);
}

/// Computed apart from this code, from the tables of `docs/nda.md`.
const GOLDEN: (&str, &str) = (
    "85ebbafcffc7b3237415ad8795ec18924585b99a79ca2844170e53ddfe070d41",
    "7e3454c110d226050436d74894afdff3d3af445672a038d987bdf25109979575",
);

#[test]
fn objects_of_equal_content_are_told_apart_without_names_or_order() {
    let program = |order: [&str; 2], user: &str| {
        let globals = order.map(|name| format!("global {name}: i32 = 0;\n")).concat();
        format!(
            "{globals}fn one() -> i32 {{ left = left + 1; left }}\nfn two() -> i32 {{ right = right + 2; right }}\n\
             fn all() -> i32 {{ {user}one() + two() }}\n"
        )
    };
    let plain = read(&program(["left", "right"], ""));
    assert_eq!(all(&plain), all(&read(&program(["right", "left"], ""))));
    let shared = program(["left", "right"], "").replace("right", "left").replacen("global left: i32 = 0;\n", "", 1);
    assert_ne!(all(&plain), all(&read(&shared)), "two counters are not one");
    // An edit of what uses neither changes neither.
    let edited = read(&program(["left", "right"], "1 + "));
    let hash = |module: &Module, name: &str| Identities::of(module).function(module.function_named(name).unwrap());
    for name in ["one", "two"] {
        assert_eq!(hash(&plain, name), hash(&edited, name));
    }
    assert_ne!(hash(&plain, "all"), hash(&edited, "all"));
}
