//! Which block pays for what: a block may leave its charge to the ones that come next, so that a turn of a loop pays once.
//!
//! Charges are those of the reference interpreter, and are paid where nobody can see that they are paid late: nothing but a trap may
//! leave a block whose charge is still *due*, and a trap takes what is due from the account. Only what is not checked is left to later
//! blocks, to all that control may go to, and only if it comes to them from nowhere else; or to the copy of a loop's test at the end of
//! a turn, which checks the account behind all that was due.

use crate::ir::{BlockId, End, Function, Step};
use alloc::vec::Vec;

/// The most that may be due.
const MOST: u32 = 1 << 30;

/// What a block pays.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Payment {
    /// At its start; with a check, if its charge has one.
    pub(super) fuel: u32,
    /// What is due from then on.
    pub(super) due: u32,
}

/// How control comes to a block.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// What is due there.
    inherited: u32,
    /// From how many places.
    ways: u32,
    /// Its place in the order.
    place: u32,
}

/// Whether a block is little more than a test, which may stand wherever control goes there: so a loop has one jump a turn.
pub(super) fn is_short_test(function: &Function, id: BlockId) -> bool {
    let block = &function.blocks[id as usize];
    matches!(block.end, End::If { .. }) && block.steps.len() <= 1
}

/// What all blocks pay, and room for how control comes to them.
#[derive(Debug, Default)]
pub(super) struct Payments {
    /// By block.
    pub(super) all: Vec<Payment>,
    entries: Vec<Entry>,
}

impl Payments {
    /// Room for how many items its largest list has.
    pub(super) fn room(&self) -> usize {
        self.all.capacity().max(self.entries.capacity())
    }

    /// Those of a function take the place of others; `repeats` as in the [`Shape`](super::function::Shape) of its code.
    pub(super) fn take(&mut self, function: &Function, repeats: bool) {
        let (Self { all, entries }, count) = (self, function.blocks.len());
        all.clear();
        all.resize(count, Payment::default());
        entries.clear();
        entries.resize(count, Entry::default());
        payments(function, repeats, all, entries);
    }
}

fn payments(function: &Function, repeats: bool, all: &mut [Payment], entries: &mut [Entry]) {
    for (place, &id) in function.order.iter().enumerate() {
        entries[id as usize].place = place as u32;
        function.blocks[id as usize].end.successors(|next| entries[next as usize].ways += 1);
    }
    for (place, &id) in function.order.iter().enumerate() {
        let block = &function.blocks[id as usize];
        let sum = entries[id as usize].inherited.saturating_add(block.charge.fuel());
        let takes = |next: BlockId| {
            let entry = entries[next as usize];
            next != 0 && entry.ways == 1 && entry.place > place as u32
        };
        let next = function.order.get(place + 1).copied();
        let (leaves, tests) = match block.end {
            End::Goto(to) if repeats && next != Some(to) && is_short_test(function, to) => (true, true),
            End::Goto(to) => (takes(to), false),
            End::If { then, otherwise, .. } => (takes(then) && takes(otherwise), false),
            _ => (false, false),
        };
        if !leaves || block.charge.is_checked() || sum > MOST || !block.steps.iter().all(stays) {
            all[id as usize] = Payment { fuel: sum, due: 0 };
            continue;
        }
        all[id as usize] = Payment { fuel: 0, due: sum };
        if !tests {
            block.end.successors(|next| entries[next as usize].inherited = sum);
        }
    }
}

/// Whether nothing but a trap leaves a step.
const fn stays(step: &Step) -> bool {
    matches!(step, Step::Set { .. } | Step::Evaluate(_) | Step::SetGlobal(..) | Step::Store { .. } | Step::Room { .. })
}
