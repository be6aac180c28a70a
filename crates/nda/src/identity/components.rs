//! Strongly connected components of the references (R. Tarjan, "Depth-first search and linear graph algorithms", 1972),
//! with a stack of our own.

use super::encode::Encoded;
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

/// A definition whose references are being followed.
struct Open {
    node: u32,
    next: usize,
    end: usize,
}

/// Finds the components of all definitions.
pub(crate) fn components(encoded: &Encoded<'_>) -> Components {
    let count = encoded.parts.len();
    let mut search = Search {
        encoded,
        index: alloc::vec![UNSEEN; count],
        low: alloc::vec![0; count],
        next: 0,
        waiting: Vec::new(),
        open: Vec::new(),
        found: Components { of: alloc::vec![UNSEEN; count], ..Components::default() },
    };
    for node in 0..count as u32 {
        if search.index[node as usize] == UNSEEN {
            search.enter(node);
            search.run();
        }
    }
    search.found
}

struct Search<'e> {
    encoded: &'e Encoded<'e>,
    index: Vec<u32>,
    low: Vec<u32>,
    next: u32,
    waiting: Vec<u32>,
    open: Vec<Open>,
    found: Components,
}

impl Search<'_> {
    fn enter(&mut self, node: u32) {
        self.index[node as usize] = self.next;
        self.low[node as usize] = self.next;
        self.next += 1;
        self.waiting.push(node);
        let range = self.encoded.parts[node as usize].references.range();
        self.open.push(Open { node, next: range.start, end: range.end });
    }

    fn run(&mut self) {
        while let Some(open) = self.open.last_mut() {
            let from = open.node as usize;
            if open.next == open.end {
                self.leave();
                continue;
            }
            let to = self.encoded.references[open.next].target as usize;
            open.next += 1;
            if self.index[to] == UNSEEN {
                self.enter(to as u32);
            } else if self.found.of[to] == UNSEEN {
                self.low[from] = self.low[from].min(self.index[to]);
            }
        }
    }

    fn leave(&mut self) {
        let Some(Open { node, .. }) = self.open.pop() else { return };
        let low = self.low[node as usize];
        if let Some(parent) = self.open.last() {
            let parent = parent.node as usize;
            self.low[parent] = self.low[parent].min(low);
        }
        if low != self.index[node as usize] {
            return;
        }
        let (start, component) = (self.found.members.len(), self.found.ranges.len() as u32);
        while let Some(member) = self.waiting.pop() {
            self.found.of[member as usize] = component;
            self.found.members.push(member);
            if member == node {
                break;
            }
        }
        self.found.ranges.push(start..self.found.members.len());
    }
}
