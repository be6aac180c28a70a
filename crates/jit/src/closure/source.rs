//! Where operands come from, as part of the closures that use them: a closure over a [`Source`] is compiled for it.

use super::code::{Context, Value};
use super::value::value;
use crate::ir::Tree;
use velocity_interp::engine::Slot;
use velocity_nda::module::BinaryOp;

/// Gives a value.
pub(super) trait Source: Send + Sync + 'static {
    /// The value.
    fn get(&self, context: &mut Context<'_>, frame: &mut [Slot]) -> Slot;
}

/// What a slot holds.
pub(super) struct Held(pub(super) usize);

/// A constant.
pub(super) struct Fixed(pub(super) Slot);

/// The sum of a slot and a constant, as 32 bits.
pub(super) struct Moved(usize, Slot);

/// The sum of two slots, as 32 bits.
pub(super) struct Paired(usize, usize);

/// A slot shifted to the left, plus a constant, as 32 bits.
pub(super) struct Scaled(usize, u32, Slot);

/// A slot, plus another one shifted to the left, as 32 bits.
pub(super) struct Indexed(usize, usize, u32);

/// Whatever a closure gives.
pub(super) struct Made(pub(super) Value);

impl Source for Held {
    #[inline(always)]
    fn get(&self, _: &mut Context<'_>, frame: &mut [Slot]) -> Slot {
        frame[self.0]
    }
}

impl Source for Fixed {
    #[inline(always)]
    fn get(&self, _: &mut Context<'_>, _: &mut [Slot]) -> Slot {
        self.0
    }
}

impl Source for Moved {
    #[inline(always)]
    fn get(&self, _: &mut Context<'_>, frame: &mut [Slot]) -> Slot {
        (frame[self.0] as u32).wrapping_add(self.1 as u32).into()
    }
}

impl Source for Paired {
    #[inline(always)]
    fn get(&self, _: &mut Context<'_>, frame: &mut [Slot]) -> Slot {
        (frame[self.0] as u32).wrapping_add(frame[self.1] as u32).into()
    }
}

impl Source for Scaled {
    #[inline(always)]
    fn get(&self, _: &mut Context<'_>, frame: &mut [Slot]) -> Slot {
        (frame[self.0] as u32).wrapping_shl(self.1).wrapping_add(self.2 as u32).into()
    }
}

impl Source for Indexed {
    #[inline(always)]
    fn get(&self, _: &mut Context<'_>, frame: &mut [Slot]) -> Slot {
        (frame[self.0] as u32).wrapping_add((frame[self.1] as u32).wrapping_shl(self.2)).into()
    }
}

impl Source for Made {
    #[inline(always)]
    fn get(&self, context: &mut Context<'_>, frame: &mut [Slot]) -> Slot {
        (self.0)(context, frame)
    }
}

/// Makes something out of a source whose type is known where it is made.
pub(super) trait Maker {
    /// What is made.
    type Made;

    /// Makes it.
    fn make<S: Source>(self, source: S) -> Self::Made;
}

/// A slot and how far it is shifted to the left, as 32 bits.
fn shifted(tree: &Tree) -> Option<(usize, u32)> {
    match tree {
        Tree::Binary(BinaryOp::I32Shl, _, operands) => match **operands {
            [Tree::Slot(slot, _), Tree::Constant(by)] => Some((slot as usize, by as u32)),
            _ => None,
        },
        _ => None,
    }
}

/// Gives an address to what uses it.
pub(super) fn address<M: Maker>(tree: Tree, maker: M) -> M::Made {
    let operands = match &tree {
        Tree::Slot(slot, _) => return maker.make(Held(*slot as usize)),
        Tree::Binary(BinaryOp::I32Add, _, operands) => operands,
        _ => return maker.make(Made(value(tree))),
    };
    match (&operands[0], &operands[1]) {
        (Tree::Slot(a, _), Tree::Constant(b)) => maker.make(Moved(*a as usize, *b)),
        (Tree::Slot(a, _), Tree::Slot(b, _)) => maker.make(Paired(*a as usize, *b as usize)),
        (Tree::Slot(a, _), index) if let Some((slot, by)) = shifted(index) => {
            maker.make(Indexed(*a as usize, slot, by))
        }
        (index, Tree::Constant(b)) if let Some((slot, by)) = shifted(index) => maker.make(Scaled(slot, by, *b)),
        (index, Tree::Slot(b, _)) if let Some((slot, by)) = shifted(index) => {
            maker.make(Indexed(*b as usize, slot, by))
        }
        _ => maker.make(Made(value(tree))),
    }
}
