//! Strongly connected components of the references (R. Tarjan, "Depth-first search and linear graph algorithms", 1972),
//! with a stack of our own.

use super::encoded::Encoded;
use alloc::vec::Vec;
use core::ops::Range;

/// The components, each after all others that it refers to.
#[derive(Debug, Default)]
pub(crate) struct Components {
    /// Members of all components, one component behind the other.
    pub(crate) members: Vec<u32>,
    /// Where each component's members lie.
    pub(crate) ranges: Vec<Range<usize>>,
    /// The component of each definition.
    pub(crate) of: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

/// What is known of a definition.
#[derive(Clone, Copy)]
struct Seen {
    /// When it was met.
    index: u32,
    /// Its component.
    of: u32,
}

/// A definition whose references are being followed.
#[derive(Clone, Copy)]
struct Open {
    node: u32,
    /// The earliest that is reached from it, by when it was met.
    low: u32,
    next: u32,
    end: u32,
}

/// Finds the components of all definitions.
pub(crate) fn components(encoded: &Encoded<'_>) -> Components {
    let count = encoded.parts.len();
    let mut search = Search {
        encoded,
        seen: alloc::vec![Seen { index: UNSEEN, of: UNSEEN }; count],
        next: 0,
        waiting: Vec::new(),
        open: Vec::new(),
        found: Components::default(),
    };
    search.found.members.reserve_exact(count);
    search.found.ranges.reserve_exact(count);
    for node in 0..count as u32 {
        if search.seen[node as usize].index == UNSEEN {
            search.run(node);
        }
    }
    search.found.of = search.seen.iter().map(|seen| seen.of).collect();
    search.found
}

struct Search<'e> {
    encoded: &'e Encoded<'e>,
    seen: Vec<Seen>,
    next: u32,
    waiting: Vec<u32>,
    open: Vec<Open>,
    found: Components,
}

impl Search<'_> {
    fn enter(&mut self, node: u32) -> Open {
        let index = self.next;
        self.next += 1;
        self.seen[node as usize].index = index;
        self.waiting.push(node);
        let references = self.encoded.parts[node as usize].references.range();
        Open { node, low: index, next: references.start as u32, end: references.end as u32 }
    }

    fn run(&mut self, root: u32) {
        let mut open = self.enter(root);
        loop {
            while open.next < open.end {
                let to = self.encoded.references[open.next as usize].target;
                open.next += 1;
                let seen = self.seen[to as usize];
                if seen.index == UNSEEN {
                    self.open.push(open);
                    open = self.enter(to);
                } else if seen.of == UNSEEN {
                    open.low = open.low.min(seen.index);
                }
            }
            self.leave(open);
            let Some(parent) = self.open.pop() else { return };
            open = Open { low: parent.low.min(open.low), ..parent };
        }
    }

    fn leave(&mut self, open: Open) {
        if open.low != self.seen[open.node as usize].index {
            return;
        }
        let (start, component) = (self.found.members.len(), self.found.ranges.len() as u32);
        while let Some(member) = self.waiting.pop() {
            self.seen[member as usize].of = component;
            self.found.members.push(member);
            if member == open.node {
                break;
            }
        }
        self.found.ranges.push(start..self.found.members.len());
    }
}
