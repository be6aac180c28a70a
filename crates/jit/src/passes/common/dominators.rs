//! From which block what is known may be taken over.
//!
//! Blocks stand in the order of the text: those of a loop together, its head first, and control comes back to heads only. So the block through
//! which all ways to another one lead (its immediate dominator) is found in one walk (Cooper, Harvey, Kennedy 2001), and what lies on ways
//! between both stands between both, unless the other one is the head of a loop.

use super::MAX_SPAN;
use crate::ir::Function;
use alloc::vec::Vec;

/// No block.
const NONE: u32 = u32::MAX;

/// How many steps two ways are followed back to where they meet.
const MAX_STEPS: usize = 64;

/// By place in the order: the place of the block from which what is known may be taken over, if there is one.
pub(super) fn sources(function: &Function) -> Vec<Option<usize>> {
    let mut places = alloc::vec![NONE; function.blocks.len()];
    function.order.iter().zip(0..).for_each(|(&id, place)| places[id as usize] = place);
    let mut is_head = alloc::vec![false; function.order.len()];
    let mut above = alloc::vec![NONE; function.order.len()];
    // Of what comes behind a place where two ways were followed for too long nothing is known.
    let mut is_lost = false;
    for (&id, place) in function.order.iter().zip(0_u32..) {
        function.blocks[id as usize].end.successors(|next| {
            let to = places[next as usize];
            if to <= place {
                is_head[to as usize] = true;
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
    let source = |(place, (above, is_head)): (usize, (u32, bool))| {
        (above != NONE && !is_head && place - above as usize <= MAX_SPAN).then_some(above as usize)
    };
    above.into_iter().zip(is_head).enumerate().map(source).collect()
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
