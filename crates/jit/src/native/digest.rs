//! What machine code depends on, as one digest: programs with the same one have the same code.
//!
//! That is the core of all modules of the store, node by node and item by item, without names, documentation and places in the text; what
//! the store made of them, as code holds the numbers of types, functions, instances, globals, tables and memories, and addresses of data;
//! whether memories have guards; and how code is made. Where memories, tables and globals lie, code is told when it runs.
//!
//! Charges, slots and the intermediate form follow from that. The processor is the same for all code of a cache, as is the engine: caches do
//! not outlive the system. The engine's version is in the digest all the same, for whoever will keep it elsewhere.

use super::function::Shape;
use super::unit::Bounds;
use alloc::format;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use velocity_base::ContentHash;
use velocity_interp::engine::{Code, Fixed, Instance, State};
use velocity_nda::module::{FunctionKind, GlobalKind, Module};

/// Bytes that are hashed at once.
const CHUNK: usize = 4096;

/// Takes what [`Hash`] gives into a [`ContentHash`].
struct Digest {
    whole: velocity_base::Hasher,
    bytes: Vec<u8>,
}

impl Digest {
    fn new() -> Self {
        Self { whole: velocity_base::Hasher::new(), bytes: Vec::with_capacity(CHUNK + 64) }
    }

    fn end(mut self) -> ContentHash {
        self.whole.update(&self.bytes);
        self.whole.finish()
    }
}

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= CHUNK {
            self.whole.update(&self.bytes);
            self.bytes.clear();
        }
    }

    /// Nobody asks for it.
    fn finish(&self) -> u64 {
        0
    }
}

/// Of what no run changes: all functions of a store from a number on, made in a shape.
pub(super) fn of_functions(fixed: &Fixed, first: usize, shape: Shape, is_checked: bool) -> ContentHash {
    let mut digest = Digest::new();
    env!("CARGO_PKG_VERSION").hash(&mut digest);
    format!("{shape:?}").hash(&mut digest);
    (is_checked, first).hash(&mut digest);
    fixed.functions.len().hash(&mut digest);
    for function in &fixed.functions {
        let ty = fixed.types.get(function.ty);
        (function.ty.index(), &ty.parameters, &ty.results).hash(&mut digest);
        match function.code {
            Code::Host(_) => 0_u8.hash(&mut digest),
            Code::Defined { instance, function, root, variables, slots } => {
                (1_u8, instance.index(), function, root, variables, slots).hash(&mut digest);
            }
        }
    }
    fixed.instances.len().hash(&mut digest);
    for instance in &fixed.instances {
        of_instance(fixed, instance, &mut digest);
        of_module(instance.module(), &mut digest);
    }
    digest.end()
}

/// Of these functions, or of the rest of one from the node of a loop's head on, as the store is now. A host may give it other memories at any
/// time, so this is never remembered.
pub(super) fn now(functions: ContentHash, (fixed, state): (&Fixed, &State), rest: Option<(usize, u32)>) -> ContentHash {
    let mut digest = Digest::new();
    (functions, rest, state.tables.len(), state.globals.len()).hash(&mut digest);
    for instance in &fixed.instances {
        matches!(Bounds::of(instance, state), Bounds::Guarded).hash(&mut digest);
    }
    digest.end()
}

/// What the items of a module are in the store.
fn of_instance(fixed: &Fixed, instance: &Instance, digest: &mut Digest) {
    let module = instance.module();
    instance.types.len().hash(digest);
    for &ty in &instance.types {
        let content = fixed.types.get(ty);
        (ty.index(), &content.parameters, &content.results).hash(digest);
    }
    (module.functions.len(), module.globals.len(), module.tables.len()).hash(digest);
    module.functions.iter().for_each(|(id, _)| instance.function(id).index().hash(digest));
    module.globals.iter().for_each(|(id, _)| instance.global(id).index().hash(digest));
    module.tables.iter().for_each(|(id, _)| instance.table(id).index().hash(digest));
    instance.memory.map(|memory| memory.index()).hash(digest);
    instance.placed.hash(digest);
}

/// The items themselves, as far as bodies depend on them.
fn of_module(module: &Module, digest: &mut Digest) {
    for (_, function) in module.functions.iter() {
        function.signature.hash(digest);
        match function.kind {
            FunctionKind::Defined(body) => {
                (1_u8, body.variables.position(), body.first, body.root).hash(digest);
            }
            FunctionKind::Host(_) | FunctionKind::Import(_) => 0_u8.hash(digest),
        }
    }
    for (_, global) in module.globals.iter() {
        (global.ty, global.mutable).hash(digest);
        match global.kind {
            GlobalKind::Defined(constant) => (1_u8, constant).hash(digest),
            GlobalKind::Host(_) | GlobalKind::Import(_) => 0_u8.hash(digest),
        }
    }
    module.signatures.len().hash(digest);
    for (_, signature) in module.signatures.iter() {
        (signature.parameters.position(), signature.results.position()).hash(digest);
    }
    (module.exprs.len(), module.pool.word_count()).hash(digest);
    module.exprs.iter().for_each(|(_, expr)| expr.hash(digest));
    module.yields.iter().for_each(|(_, yields)| yields.hash(digest));
    module.pool.all().hash(digest);
}
