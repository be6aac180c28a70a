//! From which block what is known may be taken over.
//!
//! Blocks stand in the order of the text: those of a loop together, its head first, and control comes back to heads only. So the block through
//! which all ways to another one lead (its immediate dominator) is found in one walk (Cooper, Harvey, Kennedy 2001), and what lies on ways
//! between both stands between both, but for the loop whose head the other one is.

use super::MAX_SPAN;
use crate::ir::Function;
use alloc::vec::Vec;

/// No block.
const NONE: u32 = u32::MAX;

/// How many steps two ways are followed back to where they meet.
const MAX_STEPS: usize = 64;

/// From where what is known may be taken over.
#[derive(Clone, Copy)]
pub(super) struct Source {
    /// The place of the block at whose end it is known.
    pub(super) from: usize,
    /// The place of the last block that may come between: of the loop whose head this is, or the one before it.
    pub(super) last: usize,
}

/// By place in the order: from where what is known may be taken over, if that is allowed.
pub(super) fn sources(function: &Function) -> Vec<Option<Source>> {
    let mut places = alloc::vec![NONE; function.blocks.len()];
    function.order.iter().zip(0..).for_each(|(&id, place)| places[id as usize] = place);
    // By place: the last block that leads back there.
    let mut ends = alloc::vec![0; function.order.len()];
    let mut above = alloc::vec![NONE; function.order.len()];
    // Of what comes behind a place where two ways were followed for too long nothing is known.
    let mut is_lost = false;
    for (&id, place) in function.order.iter().zip(0_u32..) {
        function.blocks[id as usize].end.successors(|next| {
            let to = places[next as usize];
            if to <= place {
                ends[to as usize] = place as usize;
            } else if above[to as usize] == NONE {
                above[to as usize] = place;
            } else if let Some(meet) = meet(&above, above[to as usize], place) {
                above[to as usize] = meet;
            } else {
                is_lost = true;
            }
        });
        if is_lost {
            break;
        }
    }
    if is_lost {
        return alloc::vec![None; function.order.len()];
    }
    let source = |(place, (above, end)): (usize, (u32, usize))| {
        let last = end.max(place.saturating_sub(1));
        (above != NONE && last - above as usize <= MAX_SPAN).then_some(Source { from: above as usize, last })
    };
    above.into_iter().zip(ends).enumerate().map(source).collect()
}

/// Where two ways meet; `None` if that is too far.
fn meet(above: &[u32], mut one: u32, mut two: u32) -> Option<u32> {
    for _ in 0..MAX_STEPS {
        match one.cmp(&two) {
            core::cmp::Ordering::Equal => return Some(one),
            core::cmp::Ordering::Less => two = *above.get(two as usize)?,
            core::cmp::Ordering::Greater => one = *above.get(one as usize)?,
        }
    }
    None
}
