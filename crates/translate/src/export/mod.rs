//! NDA modules as WebAssembly core modules.
//!
//! [`export`] writes the binary format (core specification 2.0, chapter 5): `body` turns the tree of a function into
//! stack code, whose plain instructions `operators` writes; `spaces` numbers functions, globals and tables as WebAssembly
//! does, imports first; `statics` says where statics lie; `types` has the type section, `sections` everything around the
//! code, `names` the name section.
//!
//! What the core has and WebAssembly 2.0 has not is replaced by what it comes to: the address of a static by the number,
//! a constant that is a global defined in the module by that global's value, code that is never reached by nothing.
//! Fuel and limits are an engine's, not the program's, and are not exported. Engines may have limits of their own, such
//! as on the length of a function, which are not looked at.
//!
//! Invariants: no module makes anything here panic or recurse; time and memory are linear in the module and in
//! [`MAX_EXPORT_BYTES`]; what is written is valid and means the same, down to the order of effects and traps.

mod body;
mod error;
mod names;
mod operators;
mod sections;
mod spaces;
mod statics;
mod types;

pub use error::ExportError;

use alloc::string::String;
use alloc::vec::Vec;
use body::Walk;
use spaces::Spaces;
use statics::Statics;
use types::Types;
use velocity_nda::identity::Numbering;
use velocity_nda::module::{FuncId, FunctionKind, Module};
use wasm_encoder::CodeSection;

/// The longest module that is written, in bytes: as long as [`translate`](crate::translate) reads.
pub const MAX_EXPORT_BYTES: usize = crate::MAX_BYTES;

/// The function a program starts with.
const ENTRY: &str = "main";

/// What hosts reach a caller's memory by.
const MEMORY: &str = "memory";

/// Writes a module as a WebAssembly module.
///
/// Two exports may come on top of the module's own, unless something else is exported by that name: a function called
/// `main`, with which a program starts; and the memory, as `memory`, if host functions of the language's own group
/// `sys` are imported, such as `write`, since other engines show a host only what is exported.
///
/// # Errors
/// [`ExportError`]: the module is not valid, has imports by hash that were not resolved, statics for which there is no
/// room, or would take more than [`MAX_EXPORT_BYTES`].
pub fn export(module: &Module) -> Result<Vec<u8>, ExportError> {
    velocity_nda::validate(module).map_err(ExportError::Invalid)?;
    resolved(module)?;
    let mut room = Room(MAX_EXPORT_BYTES);
    let statics = Statics::of(module)?;
    let spaces = Spaces::of(module, &statics);
    let mut types = Types::of(module, &mut room)?;
    let (code, uses_data) = code(Walk::new(module, &spaces, &statics, &mut types), &mut room)?;
    sections::Writer { module, spaces: &spaces, statics: &statics, room }.write(&types, &code, uses_data)
}

/// The bodies of all functions, and whether they name data, which asks for a section that counts it.
fn code(mut walk: Walk<'_, '_>, room: &mut Room) -> Result<(CodeSection, bool), ExportError> {
    let mut section = CodeSection::new();
    for &id in walk.spaces.functions.defined() {
        if let FunctionKind::Defined(body) = walk.module.functions[FuncId(id)].kind {
            let code = walk.function(&body, room)?;
            section.raw(code);
        }
    }
    Ok((section, walk.uses_data))
}

/// Nothing is imported by hash.
fn resolved(module: &Module) -> Result<(), ExportError> {
    let mut all = Numbering::of(module).iter().filter_map(|item| item.imported(module).map(|hash| (item, hash)));
    all.next().map_or(Ok(()), |(item, hash)| {
        let name = item.name(module).map_or_else(|| alloc::format!("{hash}"), String::from);
        Err(ExportError::Unresolved { name })
    })
}

/// How many more bytes may be written.
struct Room(usize);

impl Room {
    /// Takes room for bytes that are about to be written.
    fn take(&mut self, bytes: usize) -> Result<(), ExportError> {
        self.0 = self.0.checked_sub(bytes).ok_or(ExportError::TooLarge)?;
        Ok(())
    }
}
