//! Finds what is computed twice.

use super::plan::arguments;
use super::{
    Change, LEAST_SAVED, MAX_KNOWN, MAX_SLOTS, MAX_SPAN, MAX_VALUES, Site, binary, dominators, same, trees, unary,
};
use crate::ir::{Block, BlockId, End, Function, Step, Tree, divides, truncates};
use crate::passes::whole::{reads, size};
use alloc::vec::Vec;
use velocity_nda::module::Type;

/// A value that was computed.
struct Value<'a> {
    tree: &'a Tree,
    ty: Type,
    look: Look,
    /// Where it is computed first, if it can be put into a slot of its own there.
    site: Option<Site>,
    /// That slot.
    slot: Option<u32>,
    /// How often it is read from that slot instead of computed.
    spared: u32,
}

/// What there is to say of a tree.
#[derive(Clone, Copy, Default)]
struct Look {
    /// About in instructions.
    cost: u32,
    hash: u32,
    /// The slots that it reads, by number modulo 64, and one more than the highest.
    reads: u64,
    top: u32,
    loads: bool,
    /// It reads globals or the size of memory.
    outside: bool,
}

/// A value that is known in a place, and the variable that has it.
#[derive(Clone, Copy)]
struct Known {
    value: usize,
    held: Option<u32>,
}

/// Where a search stands.
#[derive(Clone, Copy)]
struct Cursor {
    site: Site,
    /// How many nodes of the step can trap that were passed.
    traps: u32,
    /// What can trap is an argument: it stays where it is.
    is_argument: bool,
}

struct Search<'a> {
    values: Vec<Value<'a>>,
    /// What is known where the search stands.
    known: Vec<Known>,
    changes: Vec<Change>,
    /// The first new slot, and the next one.
    first: u32,
    next: u32,
}

/// What is to be changed in a function.
pub(super) fn search(function: &Function) -> Vec<Change> {
    let sources = dominators::sources(function);
    let first = function.frame as u32;
    let mut search = Search { values: Vec::new(), known: Vec::new(), changes: Vec::new(), first, next: first };
    // What is known where the last blocks end.
    let mut ends: Vec<Vec<Known>> = alloc::vec![Vec::new(); (MAX_SPAN + 1).min(function.order.len())];
    let kept = ends.len();
    for (place, (&id, source)) in function.order.iter().zip(sources).enumerate() {
        search.known.clear();
        if let Some(source) = source.filter(|source| !ends[source.from % kept].is_empty()) {
            search.known.extend_from_slice(&ends[source.from % kept]);
            for &between in &function.order[source.from + 1..=source.last] {
                search.forget(&function.blocks[between as usize]);
            }
        }
        search.block(id, &function.blocks[id as usize]);
        ends[place % kept].clone_from(&search.known);
    }
    search.paying()
}

impl<'a> Search<'a> {
    /// The changes but those of new slots that do not pay for what they cost.
    fn paying(self) -> Vec<Change> {
        let mut pays = alloc::vec![true; (self.next - self.first) as usize];
        for value in &self.values {
            if let Some(slot) = value.slot {
                pays[(slot - self.first) as usize] = value.look.cost * value.spared >= LEAST_SAVED;
            }
        }
        let mut changes = self.changes;
        changes.retain(|change| change.slot < self.first || pays[(change.slot - self.first) as usize]);
        changes
    }

    fn block(&mut self, id: BlockId, block: &'a Block) {
        let arguments = arguments(&block.steps, &block.end);
        for (at, step) in block.steps.iter().enumerate() {
            let site = Site { block: id, step: at as u32, node: 0 };
            let mut cursor = Cursor { site, traps: 0, is_argument: at >= arguments };
            let mut found = None;
            trees!(step, |tree| found = self.tree(tree, &mut cursor, matches!(step, Step::Set { .. })), iter);
            self.after(step);
            if let (Step::Set { slot, ty, .. }, Some(value), false) = (step, found, cursor.is_argument) {
                self.hold(value, *slot, *ty);
            }
        }
        let site = Site { block: id, step: block.steps.len() as u32, node: 0 };
        let mut cursor = Cursor { site, traps: 0, is_argument: false };
        match &block.end {
            // The comparison stays with the branch.
            End::If { test, .. } => {
                cursor.site.node += 1;
                self.children(test, &mut cursor);
            }
            End::Table(tree, _) | End::ReturnValue(tree) => {
                self.tree(tree, &mut cursor, false);
            }
            _ => {}
        }
        self.left(&block.end);
    }

    /// Looks at a tree; the value that it is, if it is one that can be known.
    fn tree(&mut self, tree: &'a Tree, cursor: &mut Cursor, is_whole: bool) -> Option<usize> {
        if matches!(tree, Tree::Slot(..) | Tree::Constant(_)) {
            cursor.site.node += 1;
            return None;
        }
        let (site, before, look) = (cursor.site, cursor.traps, Look::at(tree));
        let ty = tree.ty();
        if ty.is_some()
            && let Some((value, slot)) = self.find(tree, look.hash)
        {
            cursor.site.node += size(tree) as u32;
            self.changes.push(Change { site, slot, ty: self.values[value].ty, is_first: false });
            return Some(value);
        }
        cursor.site.node += 1;
        self.children(tree, cursor);
        let traps = cursor.traps > before;
        let can_move = !(traps && (before > 0 || cursor.is_argument));
        let ty = ty.filter(|_| (can_move || is_whole) && self.values.len() < MAX_VALUES)?;
        if self.known.len() == MAX_KNOWN {
            self.known.remove(0);
        }
        let value = Value { tree, ty, look, site: can_move.then_some(site), slot: None, spared: 0 };
        self.values.push(value);
        self.known.push(Known { value: self.values.len() - 1, held: None });
        Some(self.values.len() - 1)
    }

    fn children(&mut self, tree: &'a Tree, cursor: &mut Cursor) {
        match tree {
            Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => {}
            Tree::Unary(op, _, operand) => {
                self.tree(operand, cursor, false);
                cursor.traps += u32::from(truncates(*op));
            }
            Tree::Load(_, _, address) => {
                self.tree(address, cursor, false);
                cursor.traps += 1;
            }
            Tree::Binary(op, _, operands) | Tree::Divided(op, _, operands, _) => {
                for operand in &**operands {
                    self.tree(operand, cursor, false);
                }
                cursor.traps += u32::from(divides(*op));
            }
            Tree::Select(operands) => {
                for operand in &**operands {
                    self.tree(operand, cursor, false);
                }
            }
        }
    }

    /// A value that is known, and the slot that has it, which is given one if need be.
    fn find(&mut self, tree: &Tree, hash: u32) -> Option<(usize, u32)> {
        let is_it = |known: &Known| {
            let value = &self.values[known.value];
            value.look.hash == hash && same(value.tree, tree)
        };
        let at = self.known.iter().rposition(is_it)?;
        let Known { value, held } = self.known[at];
        if let Some(slot) = held {
            return Some((value, slot));
        }
        if let Some(slot) = self.values[value].slot {
            self.values[value].spared += 1;
            return Some((value, slot));
        }
        let Some(site) = self.values[value].site.filter(|_| self.next - self.first < MAX_SLOTS) else {
            // It is known from where it is computed now.
            self.known.remove(at);
            return None;
        };
        let slot = self.next;
        self.next += 1;
        self.values[value].slot = Some(slot);
        self.values[value].spared = 1;
        self.changes.push(Change { site, slot, ty: self.values[value].ty, is_first: true });
        Some((value, slot))
    }

    /// A variable has a value now.
    fn hold(&mut self, value: usize, slot: u32, ty: Type) {
        let Value { tree, ty: own, .. } = self.values[value];
        if own == ty
            && !reads(tree, &|read| read == slot)
            && let Some(known) = self.known.iter_mut().find(|known| known.value == value && known.held.is_none())
        {
            known.held = Some(slot);
        }
    }

    /// What a block leaves of what is known.
    fn forget(&mut self, block: &Block) {
        block.steps.iter().for_each(|step| self.after(step));
        self.left(&block.end);
    }

    fn after(&mut self, step: &Step) {
        match step {
            Step::Set { slot, .. } => self.set(*slot),
            Step::Store { .. } => self.drop_if(|value| value.look.loads),
            Step::SetGlobal(..) => self.drop_if(|value| value.look.outside),
            Step::Grow { slot, .. } => {
                self.set_from(*slot);
                self.drop_if(|value| value.look.outside);
            }
            Step::Bulk { base, .. } | Step::Host { base, .. } => {
                self.set_from(*base);
                self.drop_if(|value| value.look.loads || value.look.outside);
            }
            Step::Evaluate(_) | Step::Room { .. } | Step::DropData(_) | Step::DropElement(_) => {}
        }
    }

    fn left(&mut self, end: &End) {
        if let End::Call(_, call) | End::CallIndirect(_, _, call) = end {
            self.set_from(call.base);
            self.drop_if(|value| value.look.loads || value.look.outside);
        }
    }

    /// A slot is set.
    fn set(&mut self, slot: u32) {
        self.keep(|value| value.look.reads >> (slot % 64) & 1 == 0, |held| held != slot);
    }

    /// Slots from one on are set.
    fn set_from(&mut self, base: u32) {
        self.keep(|value| value.look.top <= base, |held| held < base);
    }

    /// Keeps what reads nothing that is set, where it is not set itself.
    fn keep(&mut self, is_value: impl Fn(&Value<'_>) -> bool, is_held: impl Fn(u32) -> bool) {
        let values = &self.values;
        self.known.retain_mut(|known| {
            let value = &values[known.value];
            known.held = known.held.filter(|&slot| is_held(slot));
            is_value(value) && (known.held.is_some() || value.slot.is_some() || value.site.is_some())
        });
    }

    fn drop_if(&mut self, with: impl Fn(&Value<'_>) -> bool) {
        let values = &self.values;
        self.known.retain(|known| !with(&values[known.value]));
    }
}

impl Look {
    fn at(tree: &Tree) -> Self {
        let mut look = Self::default();
        look.tree(tree);
        look
    }

    fn mix(&mut self, cost: u32, bits: u64) {
        self.cost += cost;
        self.hash = (self.hash.rotate_left(5) ^ bits as u32 ^ (bits >> 32) as u32).wrapping_mul(0x9E37_79B1);
    }

    fn tree(&mut self, tree: &Tree) {
        match tree {
            Tree::Slot(slot, _) => {
                self.mix(0, u64::from(*slot));
                self.reads |= 1 << (slot % 64);
                self.top = self.top.max(slot + 1);
            }
            Tree::Constant(value) => self.mix(0, *value),
            Tree::Global(number, _) => {
                self.mix(1, u64::from(*number));
                self.outside = true;
            }
            Tree::MemorySize => {
                self.mix(1, 0);
                self.outside = true;
            }
            Tree::Unary(op, _, operand) => {
                self.mix(unary(*op), op.code().into());
                self.tree(operand);
            }
            Tree::Load((_, offset), _, address) => {
                self.mix(2, u64::from(*offset));
                self.loads = true;
                self.tree(address);
            }
            Tree::Binary(op, _, operands) => {
                self.mix(binary(*op), *op as u64);
                operands.iter().for_each(|tree| self.tree(tree));
            }
            Tree::Divided(op, _, operands, reciprocal) => {
                self.mix(binary(*op), *op as u64);
                operands.iter().for_each(|tree| self.tree(tree));
                self.tree(&Tree::Slot(*reciprocal, Type::I64));
            }
            Tree::Select(operands) => {
                self.mix(2, 3);
                operands.iter().for_each(|tree| self.tree(tree));
            }
        }
    }
}
