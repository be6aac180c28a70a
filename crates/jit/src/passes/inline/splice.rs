//! The blocks of a callee in the place of a call.

use super::Site;
use super::rename::Rename;
use crate::ir::{BlockId, End, Function, Inlined, Step, Tree};
use alloc::vec::Vec;

/// Puts a body where the block with this number makes a call; its blocks come next in the order.
pub(super) fn splice(function: &mut Function, id: BlockId, body: &Function, site: Site<'_>, order: &mut Vec<BlockId>) {
    let fresh = function.frame as u32;
    function.frame += body.frame;
    let mut known =
        Known { slots: (fresh..function.frame as u32).collect(), constants: alloc::vec![None; site.parameters.len()] };
    let blocks = function.blocks.len() as u32;
    let caller = &mut function.blocks[id as usize];
    pass(&mut caller.steps, body, &site, &mut known);
    caller.steps.push(Step::Room { slots: body.slots, at: site.at });
    clear(&mut caller.steps, &site, fresh);
    let (within, inlined) = (caller.within, function.inlined.len() as u32);
    caller.end = End::Goto(blocks);
    function.inlined.push(Inlined { key: body.key, at: site.at, within });
    let own = inlined + 1;
    let nested = |call: &Inlined| Inlined { within: if call.within == 0 { own } else { call.within + own }, ..*call };
    function.inlined.extend(body.inlined.iter().map(nested));
    let (slots, constants) = (&known.slots[..], &known.constants[..]);
    let rename = Rename { slots, constants, blocks, room: body.slots, site, inlined: own, own };
    function.blocks.extend(body.blocks.iter().map(|block| rename.block(block)));
    order.extend(body.order.iter().map(|id| id + blocks));
}

/// What stands for a callee's slots.
struct Known {
    slots: Vec<u32>,
    /// By parameter: what it always is.
    constants: Vec<Option<u64>>,
}

/// Gives parameters their values: those that are never set, and were given a constant or a slot, are that from now on.
fn pass(steps: &mut Vec<Step>, body: &Function, site: &Site<'_>, known: &mut Known) {
    let given = arguments(steps, site);
    let set = set_slots(body);
    let mut is_given = alloc::vec![false; site.parameters.len()];
    for step in steps.split_off(given) {
        let Step::Set { slot, ty, tree, traps } = step else { continue };
        let parameter = (slot - site.base) as usize;
        is_given[parameter] = true;
        match tree {
            Tree::Constant(value) if !set[parameter] => known.constants[parameter] = Some(value),
            Tree::Slot(from, _) if !set[parameter] => known.slots[parameter] = from,
            tree => steps.push(Step::Set { slot: known.slots[parameter], ty, tree, traps }),
        }
    }
    // The others are in the slots of arguments, where nobody puts anything before the results.
    for (parameter, &ty) in site.parameters.iter().enumerate().filter(|(parameter, _)| !is_given[*parameter]) {
        let from = site.base + parameter as u32;
        if set[parameter] {
            let tree = Tree::Slot(from, ty);
            steps.push(Step::Set { slot: known.slots[parameter], ty, tree, traps: false });
        } else {
            known.slots[parameter] = from;
        }
    }
}

/// The step from which on all set arguments, each its own and none reading another.
fn arguments(steps: &[Step], site: &Site<'_>) -> usize {
    let mut seen = 0_u64;
    let mut first = steps.len();
    while let Some(Step::Set { slot, tree, .. }) = first.checked_sub(1).map(|at| &steps[at]) {
        let at = slot.wrapping_sub(site.base);
        let mut reads_window = false;
        tree.slots(&mut |slot, _| reads_window |= slot >= site.base);
        if at as usize >= site.parameters.len().min(64) || seen >> at & 1 != 0 || reads_window {
            break;
        }
        seen |= 1 << at;
        first -= 1;
    }
    first
}

/// By parameter: whether the function sets it.
fn set_slots(body: &Function) -> Vec<bool> {
    let mut set = alloc::vec![false; body.parameters as usize];
    for block in &body.blocks {
        for step in &block.steps {
            if let Step::Set { slot, .. } = step
                && let Some(set) = set.get_mut(*slot as usize)
            {
                *set = true;
            }
        }
    }
    set
}

/// Variables are zero at the start.
fn clear(steps: &mut Vec<Step>, site: &Site<'_>, fresh: u32) {
    let zero = |(slot, &ty)| Step::Set { slot, ty, tree: Tree::Constant(0), traps: false };
    let first = fresh + site.parameters.len() as u32;
    steps.extend((first..).zip(site.variables).map(zero));
}

/// Takes away what asks for room where there surely is: behind a place that every way comes through, and where as much was asked for.
/// What was found once is there until the function returns.
pub(super) fn ask_once(function: &mut Function) {
    // By block: how much there surely is at its start; the least of what the blocks before it have found. Those that lead back
    // to it come behind it, and have found as much.
    let mut known: Vec<Option<u32>> = alloc::vec![None; function.blocks.len()];
    known[0] = Some(0);
    for at in 0..function.order.len() {
        let block = &mut function.blocks[function.order[at] as usize];
        let mut found = known[function.order[at] as usize].unwrap_or(0);
        block.steps.retain(|step| match step {
            Step::Room { slots, .. } => {
                let asks = *slots > found;
                found = found.max(*slots);
                asks
            }
            _ => true,
        });
        block.end.successors(|next| {
            let known = &mut known[next as usize];
            *known = Some(known.map_or(found, |known| known.min(found)));
        });
    }
}
