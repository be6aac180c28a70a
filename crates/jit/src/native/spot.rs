//! Which function code belongs to, by its place: also what was inlined, and for which call.

use crate::ir::Function;
use alloc::vec::Vec;
use velocity_interp::engine::Place;
use velocity_nda::module::ExprId;

/// Code from a place on.
#[derive(Clone, Copy, Debug)]
struct Range {
    start: u32,
    /// The function whose nodes are to blame for traps; `None` if it is none.
    place: Option<Place>,
    /// The call that it was inlined for: one more than its number; 0 if for none.
    within: u32,
}

/// A call that was inlined.
#[derive(Clone, Copy, Debug)]
struct Inner {
    place: Place,
    /// Who calls, and the node of the call.
    caller: (Place, ExprId),
    /// The call that the caller's code was inlined for.
    within: u32,
}

/// Which function code of a unit belongs to.
#[derive(Debug, Default)]
pub(super) struct Spots {
    ranges: Vec<Range>,
    calls: Vec<Inner>,
    /// The function that is being compiled, and the number of its first call that was inlined.
    own: (Option<Place>, u32),
}

impl Spots {
    /// A function, or a stub, begins.
    pub(super) fn begin(&mut self, start: u32, place: Option<Place>) {
        self.own = (place, self.calls.len() as u32);
        self.ranges.push(Range { start, place, within: 0 });
    }

    /// The calls that were inlined into it.
    pub(super) fn inlined(&mut self, function: &Function) {
        let (Some(own), first) = self.own else { return };
        for call in &function.inlined {
            let within = if call.within == 0 { 0 } else { first + call.within };
            let caller = within.checked_sub(1).map_or(own, |at| self.calls[at as usize].place);
            let place = Place { instance: own.instance, function: call.key };
            self.calls.push(Inner { place, caller: (caller, call.at), within });
        }
    }

    /// From here on, code belongs to one of these calls, or to the function itself.
    pub(super) fn stand(&mut self, start: u32, within: u32) {
        let (place, first) = self.own;
        let within = if within == 0 { 0 } else { first + within };
        if self.ranges.last().is_some_and(|range| range.within != within) {
            let place = within.checked_sub(1).map_or(place, |at| Some(self.calls[at as usize].place));
            self.ranges.push(Range { start, place, within });
        }
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.ranges) + size_of_val(&*self.calls)
    }

    /// How many ranges and calls there are.
    pub(super) const fn counts(&self) -> (usize, usize) {
        (self.ranges.len(), self.calls.len())
    }

    /// Takes back what came behind so many.
    pub(super) fn back_to(&mut self, (ranges, calls): (usize, usize)) {
        self.ranges.truncate(ranges);
        self.calls.truncate(calls);
    }

    fn range(&self, offset: u32) -> Option<&Range> {
        let at = self.ranges.partition_point(|range| range.start < offset);
        self.ranges.get(at.checked_sub(1)?)
    }

    /// The function whose code a call belongs to that ends at an offset.
    pub(super) fn place(&self, offset: u32) -> Option<Place> {
        self.range(offset)?.place
    }

    /// The calls that the code was inlined for in which a call ends at an offset, the innermost first: who calls, and at which node. The
    /// caller of the last one has the frame.
    pub(super) fn callers(&self, offset: u32) -> impl Iterator<Item = (Place, ExprId)> {
        let mut within = self.range(offset).map_or(0, |range| range.within);
        core::iter::from_fn(move || {
            let call = self.calls.get(within.checked_sub(1)? as usize)?;
            within = call.within;
            Some(call.caller)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use velocity_interp::InstanceId;
    use velocity_nda::module::{FuncId, Key};

    #[test]
    fn code_belongs_to_the_innermost_call() {
        let place = |function| Place { instance: InstanceId::new(0), function: FuncId::new(function) };
        let mut spots = Spots::default();
        spots.begin(0, Some(place(7)));
        for (at, (function, within)) in [(8, 0), (9, 1), (8, 0)].into_iter().enumerate() {
            let (caller, at) = (if within == 0 { place(7) } else { place(8) }, ExprId::new(at + 1));
            spots.calls.push(Inner { place: place(function), caller: (caller, at), within });
        }
        [(10, 1), (20, 2), (30, 2), (40, 0), (50, 3)].into_iter().for_each(|(at, within)| spots.stand(at, within));
        let found = |offset| {
            let callers: Vec<(u32, u32)> =
                spots.callers(offset).map(|(caller, at)| (caller.function.0, at.0)).collect();
            (spots.place(offset).map(|place| place.function.0), callers)
        };
        assert_eq!(found(5), (Some(7), Vec::new()));
        assert_eq!(found(20), (Some(8), Vec::from([(7, 1)])));
        let nested = Vec::from([(8, 2), (7, 1)]);
        assert_eq!(found(21), (Some(9), nested));
        assert_eq!(found(41), (Some(7), Vec::new()));
        assert_eq!(found(51), (Some(8), Vec::from([(7, 3)])));
        assert_eq!(spots.counts(), (5, 3));
    }
}
