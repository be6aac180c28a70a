//! Identity: names, comments and documentation change no hash; a changed number changes the hashes of its function and
//! of all that call it, and of nothing else.
//!
//! The last two bytes of the input choose the number that changes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;
use velocity_nda::identity::Identities;
use velocity_nda::module::{Body, Expr, ExprId, FuncId, FunctionKind, List, Meta};
use velocity_nda::{Module, compile, validate};

/// The same module without a name.
fn unnamed(module: &Module) -> Module {
    let mut bare = module.clone();
    for id in module.functions.keys() {
        bare.functions[id].meta = Meta::default();
        if let FunctionKind::Defined(body) = &mut bare.functions[id].kind {
            body.names = List::EMPTY;
        }
    }
    module.globals.keys().for_each(|id| bare.globals[id].meta = Meta::default());
    module.tables.keys().for_each(|id| bare.tables[id].meta = Meta::default());
    module.data.keys().for_each(|id| bare.data[id].meta = Meta::default());
    module.elements.keys().for_each(|id| bare.elements[id].meta = Meta::default());
    bare
}

fn bodies(module: &Module) -> impl Iterator<Item = (FuncId, Body)> + '_ {
    module.functions.iter().filter_map(|(id, function)| match function.kind {
        FunctionKind::Defined(body) => Some((id, body)),
        _ => None,
    })
}

fn calls(module: &Module, body: Body) -> impl Iterator<Item = FuncId> + '_ {
    (body.first.0..=body.root.0).filter_map(|node| match module.exprs[ExprId(node)] {
        Expr::Call(id, _) => Some(id),
        _ => None,
    })
}

/// The function and everything that calls it, at any distance.
fn callers(module: &Module, changed: FuncId) -> BTreeSet<FuncId> {
    let mut found = BTreeSet::from([changed]);
    loop {
        let before = found.len();
        for (id, body) in bodies(module) {
            if calls(module, body).any(|callee| found.contains(&callee)) {
                found.insert(id);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let (text, choice) = input.split_at(input.len().saturating_sub(2));
    let Ok(source) = std::str::from_utf8(text) else { return };
    let Ok(module) = compile(source) else { return };
    let own = Identities::of(&module);
    assert_eq!(own.root, Identities::of(&unnamed(&module)).root, "a name is part of the program");
    if let Ok(commented) = compile(&format!("// A comment.\n{source}\n// Another.")) {
        assert_eq!(own.root, Identities::of(&commented).root, "a comment is part of the program");
    }

    let numbers: Vec<(FuncId, ExprId)> = bodies(&module)
        .flat_map(|(id, body)| (body.first.0..=body.root.0).map(move |node| (id, ExprId(node))))
        .filter(|&(_, node)| matches!(module.exprs[node], Expr::I32(_) | Expr::I64(_)))
        .collect();
    let choice = choice.iter().fold(0, |sum, &byte| sum * 256 + usize::from(byte));
    let Some(&(function, node)) = numbers.get(choice % numbers.len().max(1)) else { return };
    let mut other = module.clone();
    let changed = match module.exprs[node] {
        Expr::I32(value) => Expr::I32(value ^ 1),
        Expr::I64(value) => Expr::I64(value ^ 1),
        expr => expr,
    };
    other.set(node, changed);
    assert_eq!(validate(&other), Ok(()));
    let changed = Identities::of(&other);
    assert_ne!(own.root, changed.root, "a changed number leaves the program as it was");
    let callers = callers(&module, function);
    for (id, _) in bodies(&module) {
        let differs = own.function(id) != changed.function(id);
        assert!(differs || !callers.contains(&id), "function {} depends on what changed, but stays", id.0);
        // Equal objects are told apart by who uses them, and tables hold functions: those may change, too.
        let plain = module.data.is_empty() && module.elements.is_empty() && module.globals.is_empty();
        assert!(!differs || !plain || callers.contains(&id), "function {} changes without a reason", id.0);
    }
});
