//! Fetching what a module imports, and everything that needs in turn.
//!
//! First all forms are loaded and declared, breadth first; then all bodies are read, when everything has a type.
//! Definitions that the module already has, by hash, are not fetched again. Names are not kept in a store: what was
//! fetched for something else has none.

use super::load::{Loaded, Loader, Said};
use super::{ResolveError, ResolveFault, Store};
use crate::identity::Definition;
use crate::identity::{Builder, Identities};
use crate::module::{Limits, Memory, Meta, Module};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// How much may be fetched for one module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolveLimits {
    /// Definitions.
    pub definitions: usize,
    /// Bytes of all entries together.
    pub bytes: usize,
}

impl Default for ResolveLimits {
    /// 65,536 definitions, 64 MiB.
    fn default() -> Self {
        Self { definitions: 1 << 16, bytes: 64 << 20 }
    }
}

type Resolved<T> = Result<T, ResolveError>;

/// The module with everything in it that it imports by hash. No hash of a definition and no root changes, unless
/// objects of equal content are among what was fetched (`docs/adr/0007-identity.md`).
///
/// The result has not been validated: do so before anything runs it.
///
/// # Errors
/// The first import that is missing, has the wrong bytes or type, or is too much.
pub fn resolve(module: &Module, store: &dyn Store, limits: ResolveLimits) -> Resolved<Module> {
    let identities = Identities::of(module);
    let loader = Loader { store, limits, definitions: 0, bytes: 0 };
    let mut resolver = Resolver {
        builder: Builder::of(module.clone()),
        loader,
        known: BTreeMap::new(),
        imports: Vec::new(),
        loaded: Vec::new(),
    };
    resolver.know(&identities)?;
    resolver.load()?;
    resolver.fill()?;
    let ordinals = resolver.loaded.iter().any(|one| one.0.form.ordinal != 0);
    let filled: Vec<(ContentHash, Definition)> = resolver.loaded.iter().map(|(one, item)| (one.hash, *item)).collect();
    let mut resolved = resolver.builder.module;
    give_memory(&mut resolved);
    if !ordinals {
        let found = Identities::of(&resolved);
        let wrong = filled.iter().find(|&&(hash, item)| found.get(item) != Some(hash));
        if let Some(&(hash, _)) = wrong {
            return Err(ResolveError { hash, fault: ResolveFault::NotCanonical });
        }
    }
    Ok(resolved)
}

/// Statics imply a memory.
fn give_memory(module: &mut Module) {
    let uses = |expr: &crate::module::Expr| {
        use crate::module::Expr;
        matches!(
            expr,
            Expr::Load(..)
                | Expr::Store(..)
                | Expr::MemorySize
                | Expr::MemoryGrow(_)
                | Expr::MemoryCopy(..)
                | Expr::MemoryFill(..)
                | Expr::MemoryInit(..)
        )
    };
    if module.memory.is_none() && (!module.data.is_empty() || module.exprs.as_slice().iter().any(uses)) {
        module.memory = Some(Memory { meta: Meta::default(), limits: Limits { min: 0, max: None }, host: None });
    }
}

struct Resolver<'s> {
    builder: Builder,
    loader: Loader<'s>,
    /// What is in the module, or will be.
    known: BTreeMap<ContentHash, Definition>,
    /// The module's own imports.
    imports: Vec<(ContentHash, Definition)>,
    loaded: Vec<(Loaded<'s>, Definition)>,
}

impl Resolver<'_> {
    /// Notes what the module has and what it lacks.
    fn know(&mut self, identities: &Identities) -> Resolved<()> {
        for (item, hash) in identities.iter() {
            match item.imported(&self.builder.module) {
                Some(hash) => self.imports.push((hash, item)),
                None => {
                    self.known.entry(hash).or_insert(item);
                }
            }
        }
        for (hash, item) in core::mem::take(&mut self.imports) {
            let known = self.known.get(&hash).copied();
            if known.is_some_and(|known| is_object(&self.builder.module, known)) {
                return Err(ResolveError { hash, fault: ResolveFault::SameObject });
            }
            self.known.entry(hash).or_insert(item);
            self.imports.push((hash, item));
        }
        Ok(())
    }

    fn load(&mut self) -> Resolved<()> {
        let mut next = 0;
        for (hash, item) in core::mem::take(&mut self.imports) {
            self.load_one(hash, Some(item))?;
        }
        while let Some((one, _)) = self.loaded.get(next) {
            let wanted: Vec<ContentHash> =
                one.references.iter().map(|to| to.hash).filter(|hash| !self.known.contains_key(hash)).collect();
            for hash in wanted {
                if !self.known.contains_key(&hash) {
                    self.load_one(hash, None)?;
                }
            }
            next += 1;
        }
        Ok(())
    }

    /// Loads an entry into the item that imports it, or into a new one; the rest of its cycle into new ones.
    fn load_one(&mut self, wanted: ContentHash, into: Option<Definition>) -> Resolved<()> {
        for one in self.loader.load(wanted)? {
            let hash = one.hash;
            let item = match into.filter(|_| hash == wanted) {
                Some(item) => item,
                None if self.known.contains_key(&hash) => continue,
                None => {
                    let item = self.builder.declare(&one.form, hash, Meta::default());
                    item.ok_or(ResolveError { hash, fault: ResolveFault::WrongKind })?
                }
            };
            self.check_import(&one, item).map_err(|fault| ResolveError { hash, fault })?;
            self.known.entry(hash).or_insert(item);
            self.loaded.push((one, item));
        }
        Ok(())
    }

    /// What is imported is what the import says.
    fn check_import(&mut self, one: &Loaded<'_>, item: Definition) -> Result<(), ResolveFault> {
        use crate::identity::code::kind;
        let form = &one.form;
        match (item, form.kind) {
            (Definition::Function(id), kind::FUNCTION | kind::HOST_FUNCTION) => {
                let Some(&signature) = form.signatures.first() else { return Err(ResolveFault::WrongType) };
                let found = self.builder.signature(signature);
                same(self.builder.module.functions[id].signature == found)
            }
            (Definition::Global(id), kind::GLOBAL | kind::HOST_GLOBAL) => {
                let global = &self.builder.module.globals[id];
                same(Some(global.ty) == form.ty && global.mutable == form.mutable)
            }
            (Definition::Data(_), kind::STATIC | kind::PASSIVE_DATA | kind::PLACED_DATA)
            | (Definition::Table(_), kind::TABLE | kind::HOST_TABLE)
            | (Definition::Element(_), kind::PASSIVE_ELEMENT | kind::PLACED_ELEMENT) => Ok(()),
            _ => Err(ResolveFault::WrongKind),
        }
    }

    fn fill(&mut self) -> Resolved<()> {
        for index in 0..self.loaded.len() {
            let (one, item) = &self.loaded[index];
            let (hash, item) = (one.hash, *item);
            let at = |fault| ResolveError { hash, fault };
            let mut targets = Vec::with_capacity(one.references.len());
            for to in &one.references {
                let target = self.known.get(&to.hash).copied().ok_or(at(ResolveFault::Missing))?;
                let said = to.said(&one.form).ok_or(at(ResolveFault::WrongType))?;
                self.builder.agrees(target, &said).map_err(at)?;
                targets.push(target);
            }
            let wanted = if let Definition::Data(id) = item { Some(self.builder.module.data[id].shape) } else { None };
            let filled = self.builder.fill(item, &one.form, &targets, one.body);
            filled.map_err(|error| at(ResolveFault::Malformed(error)))?;
            if let (Definition::Data(id), Some(wanted)) = (item, wanted) {
                let found = self.builder.module.data[id].shape;
                let declared = wanted != crate::identity::UNKNOWN;
                if declared && found != wanted {
                    return Err(at(ResolveFault::WrongType));
                }
            }
        }
        Ok(())
    }
}

impl Builder {
    /// Whether an item is what a reference says it is.
    fn agrees(&mut self, item: Definition, said: &Said<'_>) -> Result<(), ResolveFault> {
        match (item, said) {
            (Definition::Function(id), &Said::Function(parameters, results)) => {
                let wanted = self.signature((parameters, results));
                same(self.module.functions[id].signature == wanted)
            }
            (Definition::Global(id), &Said::Global(ty, mutable)) => {
                let global = &self.module.globals[id];
                same(global.ty == ty && global.mutable == mutable)
            }
            (Definition::Table(_), Said::Table)
            | (Definition::Data(_), Said::Data)
            | (Definition::Element(_), Said::Element) => Ok(()),
            _ => Err(ResolveFault::WrongKind),
        }
    }
}

const fn same(same: bool) -> Result<(), ResolveFault> {
    if same { Ok(()) } else { Err(ResolveFault::WrongType) }
}

/// Whether two of it are two, however alike.
fn is_object(module: &Module, item: Definition) -> bool {
    match item {
        Definition::Function(_) => false,
        Definition::Global(id) => module.globals[id].mutable,
        _ => true,
    }
}
