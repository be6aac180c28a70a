//! Slots at the bottom of the frame, for what is called.

use crate::ir::{Block, End, Function, Step};
use crate::native::signature::{Signatures, slots};

/// Slots of a range in memory or a table: where to, where from, how long.
const RANGE: u32 = 3;

/// Slots for arguments and results that a block needs at the bottom of the frame.
pub(super) fn of_block(block: &Block, signatures: &Signatures<'_>) -> u32 {
    let of_step = |step: &Step| match step {
        Step::Host { callee, .. } => slots(signatures.of(*callee)),
        Step::Bulk { .. } => RANGE,
        Step::Grow { .. } => 1,
        _ => 0,
    };
    let of_end = match &block.end {
        End::Call(callee, _) => slots(signatures.of(*callee)),
        End::CallIndirect((signature, _), ..) => slots(signatures.named(*signature)),
        _ => 0,
    };
    block.steps.iter().map(of_step).fold(of_end, u32::max)
}

/// The same of a function.
pub(in crate::native) fn of_function(function: &Function, signatures: &Signatures<'_>) -> u32 {
    function.blocks.iter().map(|block| of_block(block, signatures)).max().unwrap_or(0)
}
