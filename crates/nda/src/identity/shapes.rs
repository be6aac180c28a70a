//! Shapes: a number for what a definition is, without what it refers to.
//!
//! Each step of a number waits for the one before, so several are made at once. Chance decides nothing: where numbers are
//! equal by chance, objects are told apart as if their users were alike.

use super::draft::Draft;
use super::encoded::Encoded;
use crate::module::Word;
use alloc::vec::Vec;

/// How many numbers are made at once.
const LANES: usize = 4;

/// A number that is being made.
struct Lane {
    /// The place of the definition in what was asked for.
    index: usize,
    state: u64,
    /// The body, and how many of its words are stirred in.
    body: Draft,
    done: usize,
}

impl Lane {
    fn left(&self) -> &[Word] {
        &self.body.words()[self.done..]
    }
}

impl Encoded<'_> {
    /// The shapes of these definitions.
    pub(super) fn shapes(&self, definitions: &[u32]) -> Vec<u64> {
        let mut shapes = alloc::vec![0; definitions.len()];
        let mut waiting = definitions.iter().enumerate();
        let mut begin = |lane: &mut Lane| {
            let Some((index, &definition)) = waiting.next() else { return false };
            let part = &self.parts[definition as usize];
            lane.body.clear();
            self.write_body(part, &mut lane.body);
            (lane.index, lane.done) = (index, 0);
            lane.state = mix(1, self.head(part).as_flattened());
            true
        };
        let new = || Lane { index: 0, state: 0, body: Draft::default(), done: 0 };
        let mut lanes: Vec<Lane> = core::iter::repeat_with(new).take(LANES).collect();
        lanes.retain_mut(&mut begin);
        while !lanes.is_empty() {
            if let Ok(lanes) = <&mut [Lane; LANES]>::try_from(&mut lanes[..]) {
                stir_all(lanes);
            } else {
                lanes.iter_mut().for_each(|lane| stir_all(core::array::from_mut(lane)));
            }
            lanes.retain_mut(|lane| {
                let is_done = lane.left().is_empty();
                if is_done {
                    shapes[lane.index] = finish(lane.state, lane.body.bytes().len());
                }
                !is_done || begin(lane)
            });
        }
        shapes
    }
}

/// Stirs in as many words as every lane has.
fn stir_all<const N: usize>(lanes: &mut [Lane; N]) {
    let count = lanes.iter().map(|lane| lane.left().len()).min().unwrap_or(0);
    let mut states = core::array::from_fn::<_, N, _>(|at| lanes[at].state);
    let words = core::array::from_fn::<_, N, _>(|at| &lanes[at].left()[..count]);
    for at in 0..count {
        for (state, words) in states.iter_mut().zip(words) {
            *state = stir(*state, u64::from_le_bytes(words[at]));
        }
    }
    for (lane, state) in lanes.iter_mut().zip(states) {
        lane.state = state;
        lane.done += count;
    }
}

const fn stir(state: u64, word: u64) -> u64 {
    (state.rotate_left(25) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

const fn finish(state: u64, bytes: usize) -> u64 {
    let state = stir(state, bytes as u64);
    state ^ (state >> 29)
}

/// Stirs bytes into a number.
pub(super) fn mix(state: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let state = words.iter().fold(state, |state, &word| stir(state, u64::from_le_bytes(word)));
    finish(rest.iter().fold(state, |state, &byte| stir(state, byte.into())), bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::{Do, module};

    /// Lanes that end at different times, and more definitions than lanes, against one after the other.
    #[test]
    fn shapes_made_at_once_are_those_made_alone() {
        let bodies: Vec<Vec<Do>> = (0..19_i32).map(|len| vec![Do::Add(len); (len * 5 % 7) as usize]).collect();
        let bodies: Vec<&[Do]> = bodies.iter().map(Vec::as_slice).collect();
        let module = module(&bodies, &[3]);
        let encoded = Encoded::of(&module);
        let alone = |&one: &u32| {
            let part = &encoded.parts[one as usize];
            mix(mix(1, encoded.head(part).as_flattened()), encoded.body(part).as_flattened())
        };
        for count in [0, 1, 3, 4, 5, 20] {
            let some: Vec<u32> = (0..count).collect();
            assert_eq!(encoded.shapes(&some), some.iter().map(alone).collect::<Vec<_>>(), "{count}");
        }
    }
}
