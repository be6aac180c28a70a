//! How functions are called: where arguments and results lie.
//!
//! The first four whole numbers are in `rax`, `rcx`, `rdx` and `rdi`, the first four floats in `xmm0` to `xmm3`, the other
//! arguments in the slots at the bottom of the caller's frame, in order. A single result is in `rax` or `xmm0`; several are
//! at the bottom of the caller's frame. Registers that values live in are kept by who is called, all others are not.

use super::asm::{Gpr, RAX, RCX, RDI, RDX, Xmm};
use super::flow::is_float;
use velocity_interp::engine::{Fixed, Instance};
use velocity_interp::{FunctionAddress, FunctionType};
use velocity_nda::module::{SigId, Type};

const GPRS: [Gpr; 4] = [RAX, RCX, RDX, RDI];

/// Where an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    Gpr(Gpr),
    Xmm(Xmm),
    /// In this slot of the caller's frame.
    Slot(u32),
}

/// Where each argument is passed.
pub(super) fn passed(parameters: &[Type]) -> impl Iterator<Item = Passed> {
    let (mut gprs, mut xmms, mut slots) = (GPRS.iter(), 0..4, 0..);
    parameters.iter().map(move |&ty| {
        let register = match is_float(ty) {
            true => xmms.next().map(|number| Passed::Xmm(Xmm(number))),
            false => gprs.next().map(|&gpr| Passed::Gpr(gpr)),
        };
        register.unwrap_or_else(|| Passed::Slot(slots.next().unwrap_or_default()))
    })
}

/// How many slots at the bottom of its frame a caller needs.
pub(super) fn slots(ty: &FunctionType) -> u32 {
    let arguments = passed(&ty.parameters).filter(|place| matches!(place, Passed::Slot(_))).count();
    let results = if ty.results.len() > 1 { ty.results.len() } else { 0 };
    arguments.max(results) as u32
}

/// The types of what a function calls, and its own.
pub(super) struct Signatures<'a> {
    pub(super) fixed: &'a Fixed,
    pub(super) instance: &'a Instance,
    pub(super) own: &'a FunctionType,
}

impl<'a> Signatures<'a> {
    pub(super) fn of(&self, function: FunctionAddress) -> &'a FunctionType {
        self.fixed.types.get(self.fixed.functions[function.index()].ty)
    }

    pub(super) fn named(&self, id: SigId) -> &'a FunctionType {
        self.fixed.types.get(self.instance.types[id.0 as usize])
    }

    pub(super) fn results(&self) -> &'a [Type] {
        &self.own.results
    }
}
