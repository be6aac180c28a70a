//! Stores that have what is asked for, and stores that do not.

use super::{MemoryStore, ResolveError, ResolveFault, ResolveLimits, resolve};
use crate::identity::Identities;
use crate::identity::tests::{Do, module};
use crate::module::{FuncId, FunctionKind, Module, SigId};
use crate::validate;
use Do::{Add, Call, Touch};
use velocity_base::ContentHash;

/// A program of mutual recursion, a self-recursive function, statics, and functions that are the same.
fn program() -> Module {
    let bodies: [&[Do]; 9] = [
        &[Call(1), Call(4), Call(5)],
        &[Call(2), Add(1)],
        &[Call(3), Touch(0)],
        &[Call(1), Call(6)],
        &[Call(4), Add(7)],
        &[Touch(1), Call(7), Call(8)],
        &[],
        &[Add(5)],
        &[Add(5)],
    ];
    module(&bodies, &[16, 24])
}

/// The first function of `program`, everything else imported by hash.
fn importing(program: &Module, identities: &Identities) -> Module {
    let mut module = program.clone();
    module.functions.truncate(1);
    module.data.truncate(0);
    for id in [1, 4, 5].map(FuncId) {
        let mut function = program.functions[id];
        function.kind = FunctionKind::Import(identities.function(id));
        module.functions.push(function);
    }
    let first = module.functions[FuncId(0)];
    let mut small = self::module(&[&[Call(1), Call(2), Call(3)]], &[]);
    for id in (1..4).map(FuncId) {
        small.functions.push(module.functions[id]);
    }
    assert_eq!(small.functions[FuncId(0)].signature, first.signature);
    small
}

fn fault(module: &Module, store: &MemoryStore) -> ResolveError {
    resolve(module, store, ResolveLimits::default()).unwrap_err()
}

#[test]
fn what_is_imported_is_what_was_defined() {
    let program = program();
    let mut store = MemoryStore::default();
    let identities = store.add(&program);
    let importing = importing(&program, &identities);
    let before = Identities::of(&importing);
    assert_eq!(before.function(FuncId(0)), identities.function(FuncId(0)), "an import counts with its hash");
    assert_eq!(before.root, identities.root);
    let resolved = resolve(&importing, &store, ResolveLimits::default()).unwrap();
    validate(&resolved).unwrap();
    let after = Identities::of(&resolved);
    assert_eq!((0..4).map(FuncId).map(|id| after.function(id)).collect::<Vec<_>>(), {
        [0, 1, 4, 5].map(FuncId).map(|id| identities.function(id))
    });
    assert_eq!(after.root, identities.root);
    assert_eq!((resolved.functions.len(), resolved.data.len()), (8, 2), "equal functions are fetched once");
}

#[test]
fn entries_have_the_hash_of_their_bytes() {
    let mut store = MemoryStore::default();
    let identities = store.add(&program());
    for (_, hash) in identities.iter().filter(|(item, _)| matches!(item, crate::identity::Definition::Function(_))) {
        assert_eq!(ContentHash::of(super::Store::get(&store, &hash).unwrap()), hash);
    }
}

#[test]
fn a_store_that_lacks_or_lies_is_named() {
    let program = program();
    let mut store = MemoryStore::default();
    let identities = store.add(&program);
    let importing = importing(&program, &identities);
    let hashes: Vec<ContentHash> = store.iter().map(|(hash, _)| *hash).collect();
    let mut needed = 0;
    for hash in hashes {
        let mut poor = store.clone();
        let bytes = poor.remove(&hash).unwrap();
        let Err(missing) = resolve(&importing, &poor, ResolveLimits::default()) else { continue };
        assert_eq!(missing.fault, ResolveFault::Missing);
        needed += 1;
        for at in 0..bytes.len() {
            let mut wrong = bytes.clone();
            wrong[at] ^= 1 << (at % 8);
            poor.insert_unchecked(hash, wrong);
            assert!(matches!(fault(&importing, &poor).fault, ResolveFault::WrongBytes(_)));
        }
    }
    assert!(needed >= 8, "{needed}");
}

#[test]
fn a_circle_of_imports_cannot_be_honest() {
    let mut small = module(&[&[Call(1)], &[]], &[]);
    let (one, other) = (ContentHash([1; 32]), ContentHash([2; 32]));
    small.functions[FuncId(1)].kind = FunctionKind::Import(other);
    let mut store = MemoryStore::default();
    for (hash, entry) in [one, other].into_iter().zip(super::entries(&small)) {
        store.insert_unchecked(hash, entry);
    }
    store.insert_unchecked(other, super::entries(&small)[0].clone());
    assert!(matches!(fault(&small, &store).fault, ResolveFault::WrongBytes(_)));
}

#[test]
fn kinds_types_and_limits() {
    let program = program();
    let mut store = MemoryStore::default();
    let identities = store.add(&program);
    let mut small = module(&[&[Call(1)], &[]], &[]);
    small.functions[FuncId(1)].kind = FunctionKind::Import(identities.data(crate::module::DataId(0)));
    assert_eq!(fault(&small, &store).fault, ResolveFault::WrongKind);
    let wanted = identities.function(FuncId(0));
    small.functions[FuncId(1)].kind = FunctionKind::Import(wanted);
    let few = |definitions, bytes| resolve(&small, &store, ResolveLimits { definitions, bytes }).unwrap_err().fault;
    assert!(matches!(few(3, 1 << 20), ResolveFault::TooMany(3)));
    assert!(matches!(few(100, 300), ResolveFault::TooLarge(300)));
    let results = small.pool.push(&[crate::module::Type::I32]);
    let other = crate::module::Signature { parameters: crate::module::List::EMPTY, results };
    small.signatures.push(other);
    small.functions[FuncId(1)].signature = SigId(1);
    let error = fault(&small, &store);
    assert_eq!(error.fault, ResolveFault::WrongType);
    assert!(error.to_string().starts_with(&format!("import of {wanted}: ")), "{error}");
}

#[test]
fn any_bytes_of_the_right_hash_are_a_definition_or_an_error() {
    let mut store = MemoryStore::default();
    store.add(&program());
    let small = module(&[&[Call(1)], &[]], &[]);
    let entries: Vec<Vec<u8>> = store.iter().map(|(_, bytes)| bytes.to_vec()).collect();
    for entry in entries {
        for at in 0..entry.len() * 2 {
            // Truncated, or with a byte changed, but honestly hashed.
            let mut bytes = entry.clone();
            if at < entry.len() {
                bytes.truncate(at)
            } else {
                bytes[at - entry.len()] ^= 1 << (at % 8)
            }
            let mut importing = small.clone();
            let mut lying = store.clone();
            importing.functions[FuncId(1)].kind = FunctionKind::Import(lying.insert(bytes));
            if let Ok(resolved) = resolve(&importing, &lying, ResolveLimits::default()) {
                let _ = validate(&resolved);
            }
        }
    }
}
