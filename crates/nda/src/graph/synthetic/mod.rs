//! Programs and graphs of any size, the same every time: what tests and measurements run on.

mod program;
mod words;

pub use program::program;

use super::fact::{Def, Fact, Predicate};
use super::{DefKind, Facts, Graph};
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// A small generator of even-handed numbers (splitmix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `limit`, which is not 0.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((((word ^ (word >> 31)) >> 32) * u64::from(limit)) >> 32) as u32
    }
}

/// A graph of so many functions, each with a name, a type, a cost and calls of 0 to 8 others.
#[must_use]
pub fn graph(definitions: u32, seed: u64) -> Graph {
    let (mut graph, mut dice, mut facts) = (Graph::default(), Dice(seed), Vec::new());
    let types = ["fn(i32) -> i32", "fn(i64, i32) -> i64", "fn()"].map(|ty| graph.texts.number(ty));
    for number in 0..definitions {
        let def = Def(number);
        let mut say = |predicate, object| facts.push(Fact::new(def, predicate, object));
        say(Predicate::Defines, DefKind::Function as u32);
        say(Predicate::Named, graph.texts.number(&alloc::format!("f{number}")));
        say(Predicate::HasType, types[dice.below(3) as usize]);
        say(Predicate::Cost, 10 + dice.below(200));
        (0..dice.below(9)).for_each(|_| say(Predicate::Calls, dice.below(definitions)));
        graph.set_hash(def, ContentHash::of(&number.to_le_bytes()));
    }
    graph.facts = Facts::new(facts);
    graph
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_look_like_a_persons() {
        let text = program(300, 7);
        assert_eq!((program(300, 7), text.matches("\nfn ").count()), (text.clone(), 300));
        let lengths: Vec<usize> = text
            .split("\nfn ")
            .skip(1)
            .map(|function| function.split("\n}\n").next().unwrap_or("").lines().count())
            .collect();
        let inside = lengths.iter().filter(|&&lines| (3..=45).contains(&lines)).count();
        assert!(inside >= 295, "{lengths:?}");
    }
}
