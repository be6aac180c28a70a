//! Calls of host functions.

use crate::engine::Account;
use crate::numeric::Slot;
use crate::store::{Code, Fixed, FunctionInstance, InstanceId, State};
use crate::{Host, HostCall, HostError, TrapKind};
use alloc::vec::Vec;
use velocity_nda::module::Value;

/// What came of a call of a function of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The host has done it.
    Done,
    /// The host is to be asked again in a later slice; nothing has happened.
    Later,
}

/// Room for the arguments and results of host calls, kept from call to call.
#[derive(Debug, Default)]
pub struct Asking(Vec<Value>);

/// Calls a function of the host. `window` holds the arguments, from its start on, and the results once it is done; it is long
/// enough for either. `caller` is the instance whose memory the host sees.
///
/// # Errors
/// [`TrapKind::Host`]; [`TrapKind::FuelExhausted`] if what the host asks for cannot be paid.
pub fn ask(
    asking: &mut Asking,
    (fixed, state, host): (&Fixed, &mut State, &mut dyn Host),
    account: &mut Account,
    called: &FunctionInstance,
    caller: Option<InstanceId>,
    window: &mut [Slot],
) -> Result<Asked, TrapKind> {
    let Code::Host(function) = called.code else { return Ok(Asked::Done) };
    let ty = fixed.types.get(called.ty);
    let scratch = &mut asking.0;
    scratch.clear();
    scratch.extend(ty.parameters.iter().zip(&*window).map(|(&ty, &bits)| Value::of_bits(ty, bits)));
    scratch.extend(ty.results.iter().map(|ty| ty.zero()));
    let (arguments, results) = scratch.split_at_mut(ty.parameters.len());
    let memory = caller.and_then(|id| fixed.instances[id.index()].memory);
    let memory = memory.map(|address| &mut state.memories[address.index()]);
    let (mut fuel, mut later) = (0, false);
    host.call(HostCall { function, arguments, results: &mut *results, fuel: &mut fuel, later: &mut later, memory })
        .map_err(TrapKind::Host)?;
    if later {
        return Ok(Asked::Later);
    }
    if !results.iter().zip(&ty.results).all(|(value, ty)| value.ty() == *ty) {
        return Err(TrapKind::Host(HostError("the host gave a result of another type")));
    }
    for (slot, value) in window.iter_mut().zip(results) {
        *slot = value.bits();
    }
    if account.pay(fuel) { Ok(Asked::Done) } else { Err(TrapKind::FuelExhausted) }
}
