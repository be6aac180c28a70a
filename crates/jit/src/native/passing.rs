//! Arguments and results of a function that left its fiber, or comes to it from outside.

use super::scene::Scene;
use super::signature::{Passed, passed};
use crate::exec::fiber::{Fiber, SAVED_GPRS};
use alloc::vec::Vec;
use velocity_interp::engine::{Asked, Asking, Place, Slot, ask};
use velocity_interp::{FunctionAddress, TrapKind};
use velocity_nda::module::Type;

/// Where an argument lies after an exit.
pub(super) fn slot_of<'a>(place: Passed, saved: &'a mut [u64], above: &'a mut [u64]) -> &'a mut u64 {
    match place {
        Passed::Gpr(gpr) => &mut saved[SAVED_GPRS.iter().position(|&number| number == gpr.0).unwrap_or_default()],
        Passed::Xmm(xmm) => &mut saved[SAVED_GPRS.len() + xmm.0 as usize],
        Passed::Slot(slot) => &mut above[slot as usize],
    }
}

/// Where results lie after an exit.
pub(super) fn results<'a>(
    types: &[Type],
    saved: &'a mut [u64],
    above: &'a mut [u64],
) -> impl Iterator<Item = &'a mut u64> {
    let place = match types {
        [Type::F32 | Type::F64] => SAVED_GPRS.len(),
        _ => SAVED_GPRS.len() - 1,
    };
    let several = if types.len() > 1 { types.len() } else { 0 };
    let one = &mut saved[place..place + usize::from(types.len() == 1)];
    one.iter_mut().chain(above[..several].iter_mut())
}

/// Calls a function of the host, whose caller's frame lies above the place where the call returns to.
pub(super) fn host(
    function: FunctionAddress,
    fiber: &mut Fiber,
    scene: &mut Scene<'_>,
    caller: Option<Place>,
) -> Result<Asked, TrapKind> {
    let called = &scene.fixed.functions[function.index()];
    let ty = scene.fixed.types.get(called.ty);
    let (saved, above) = fiber.saved_mut();
    let above = &mut above[2..];
    let mut window: Vec<Slot> = passed(&ty.parameters).map(|place| *slot_of(place, saved, above)).collect();
    window.resize(called.parameters.max(called.results) as usize, 0);
    let caller = caller.map(|place| place.instance);
    let asked = ask(
        &mut Asking::default(),
        (scene.fixed, &mut *scene.state, &mut *scene.host),
        scene.account,
        called,
        caller,
        &mut window,
    )?;
    if asked == Asked::Later {
        return Ok(asked);
    }
    for (to, from) in results(&ty.results, saved, above).zip(window) {
        *to = from;
    }
    Ok(Asked::Done)
}
