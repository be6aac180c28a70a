//! Native code without what keeps a run within its limits: benches run it beside the usual code to say what that costs.

use super::Native;
use super::function::Shape;

impl Native {
    /// The same, whose code counts no fuel and asks nowhere whether the slice is over: a loop without end never leaves.
    #[must_use]
    pub fn without_fuel(self) -> Self {
        self.shaped(|shape| Shape { counts: false, ..shape })
    }

    /// The same, whose code does nothing for the sake of bounds: no compare, as guard pages spare that, and no instruction that lets
    /// the checker see an address to be one of 32 bits. Addresses are that all the same, and the pages remain; but nobody checks.
    #[must_use]
    pub fn without_bounds(self) -> Self {
        self.unchecked().shaped(|shape| Shape { narrows: false, ..shape })
    }
}
