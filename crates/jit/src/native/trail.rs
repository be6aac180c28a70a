//! The calls on a fiber: who waits for whom, and which of them are timed.
//!
//! A frame has as many slots as its function says, with the address where it returns to in the highest. A timed function returns to a stub
//! of its unit instead, whose exit knows the true address; the timer keeps those, the latest first. Code does nothing for that: from time
//! to time calls find no room on the stack ([`Fiber::arm`]), and leave.

use super::run::Run;
use super::shared::Shared;
use super::unit::Site;
use crate::exec::fiber::Fiber;
use velocity_interp::FunctionAddress;
use velocity_interp::TrapKind;
use velocity_interp::engine::{Callers, Code, Fixed, Place, Stop};
use velocity_nda::module::{ExprId, Key};

/// How many slots a function's frame has.
fn slots(fixed: &Fixed, function: FunctionAddress) -> Option<usize> {
    match fixed.functions.get(function.index())?.code {
        Code::Defined { slots, .. } => Some(slots as usize),
        Code::Host(_) => None,
    }
}

fn address_of(fixed: &Fixed, place: Place) -> FunctionAddress {
    fixed.instances[place.instance.index()].function(place.function)
}

impl Run {
    /// Times the call of a function that was made to leave where it asks for room, unless a call of it was timed a short while ago. It
    /// goes on behind that if it has room; whether it does.
    #[cold]
    pub(super) fn sample(&mut self, fiber: &mut Fiber, fixed: &Fixed, shared: &mut Shared) -> bool {
        let Some(&address) = fiber.saved().1.first() else { return false };
        let Some((place, on)) = shared.units.iter().find_map(|unit| unit.behind_check(address)) else { return false };
        let (called, now) = (address_of(fixed, place), self.timer.now());
        let (Some(slots), Some(unit)) = (slots(fixed, called), shared.units.first()) else { return false };
        if !fiber.has_room(slots as u32) {
            return false;
        }
        let is_due = shared.book.is_due(called.index(), now);
        let (_, above) = fiber.saved_mut();
        let [address, back, ..] = above else { return false };
        *address = on;
        if is_due && self.timer.begin(called.index(), *back, now) {
            *back = unit.timed;
            fiber.arm();
        }
        // The memory of its instance is held already.
        self.place = Some(place);
        true
    }

    /// A timed function has returned: goes on where it was called.
    #[cold]
    pub(super) fn timed(&mut self, fiber: &mut Fiber, fixed: &Fixed, shared: &mut Shared) -> Result<(), Stop> {
        let ended = self.timer.end();
        let Some((function, back, cycles)) = ended else {
            return Err(Stop::Fault(TrapKind::Unreachable, ExprId::new(0)));
        };
        shared.book.took(function, cycles);
        fiber.saved_mut().1[0] = back;
        fiber.arm();
        // It still holds the memory of its instance; who called it takes its own back.
        if let Code::Defined { instance, function, .. } = fixed.functions[function].code {
            self.place = Some(Place { instance, function });
        }
        Ok(())
    }

    /// Remembers who waits for the function that failed.
    #[cold]
    pub(super) fn failed(&mut self, fiber: &Fiber, fixed: &Fixed, shared: &mut Shared) {
        let Some(place) = self.place else { return };
        shared.book.trapped(address_of(fixed, place).index());
        self.callers = self.trail(fiber, fixed, shared).unwrap_or_default();
    }

    fn trail(&self, fiber: &Fiber, fixed: &Fixed, shared: &Shared) -> Option<Callers> {
        let (_, above) = fiber.saved();
        let (stub, mut timed) = (shared.units.first().map(|unit| unit.timed), self.timer.keys());
        let (mut address, mut at) = (*above.first()?, 0);
        if let Some(Site::Host(_) | Site::Overflow) = shared.site(address) {
            // There is no frame, or none yet.
            (address, at) = (*above.get(1)?, 1);
        }
        let mut callers = Callers::default();
        while let Some(mut place) = shared.place(address) {
            for (caller, id) in shared.units.iter().flat_map(|unit| unit.callers(address)) {
                callers.push(caller, id);
                place = caller;
            }
            at += slots(fixed, address_of(fixed, place))?;
            address = *above.get(at)?;
            if Some(address) == stub {
                address = timed.next()?;
            }
            let (Some(Site::Call(id)), Some(caller)) = (shared.site(address), shared.place(address)) else { break };
            callers.push(caller, id);
        }
        Some(callers)
    }
}
