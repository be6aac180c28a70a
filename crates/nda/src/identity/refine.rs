//! Partition refinement: tells nodes of a labelled graph apart by what surrounds them (J. Hopcroft, 1971).
//!
//! Nodes begin in cells by colour. As long as the nodes of a cell differ in how they are joined to some other cell, the
//! cell is split. Of the pieces of a cell that everything was already compared with, the largest need not be compared
//! again: what is joined to the whole and to the other pieces in equal ways is joined to it in equal ways too. So each
//! edge is looked at once for each halving of its end's cell, O(m log n) in all, and sorting adds a logarithm.
//!
//! The numbers of the cells are part of the result: every choice (which cell is next, which piece keeps its number) is
//! made by numbers, sizes and labels of edges, never by numbers of nodes. Two graphs that differ only in the order of
//! their nodes get the same cells with the same numbers.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Range;

/// Edges by their end: when the cell of a node is looked at, each neighbour is found to have the label.
#[derive(Debug, Default)]
pub(super) struct Edges {
    ends: Vec<u32>,
    /// Label, neighbour.
    edges: Vec<(u32, u32)>,
}

impl Edges {
    /// Edges of a graph of `nodes` nodes from triples: node whose cell is looked at, label, neighbour.
    pub(super) fn new(nodes: usize, triples: &[(u32, u32, u32)]) -> Self {
        let mut ends = alloc::vec![0_u32; nodes + 1];
        triples.iter().for_each(|&(node, _, _)| ends[node as usize + 1] += 1);
        for at in 0..nodes {
            ends[at + 1] += ends[at];
        }
        let mut next = ends.clone();
        let mut edges = alloc::vec![(0, 0); triples.len()];
        for &(node, label, neighbour) in triples {
            edges[next[node as usize] as usize] = (label, neighbour);
            next[node as usize] += 1;
        }
        Self { ends, edges }
    }

    pub(super) fn of(&self, node: u32) -> &[(u32, u32)] {
        &self.edges[self.ends[node as usize] as usize..self.ends[node as usize + 1] as usize]
    }
}

/// A partition of the nodes into numbered cells.
pub(super) struct Partition<'e> {
    edges: &'e Edges,
    /// The nodes, cell by cell.
    nodes: Vec<u32>,
    /// Where each node is in `nodes`.
    place: Vec<u32>,
    cell_of: Vec<u32>,
    cells: Vec<Range<usize>>,
    queue: VecDeque<u32>,
    queued: Vec<bool>,
    /// How many edges were looked at.
    pub(super) work: u64,
}

/// A node of a cell that is to be split, and which labels it was found to have.
struct Touched {
    node: u32,
    labels: Range<usize>,
}

impl<'e> Partition<'e> {
    /// The coarsest stable partition that tells nodes of different colours apart.
    pub(super) fn new<C: Ord>(edges: &'e Edges, colours: &[C]) -> Self {
        let mut nodes: Vec<u32> = (0..colours.len() as u32).collect();
        nodes.sort_unstable_by(|&one, &other| colours[one as usize].cmp(&colours[other as usize]));
        let mut partition = Self {
            edges,
            place: alloc::vec![0; nodes.len()],
            cell_of: alloc::vec![0; nodes.len()],
            cells: Vec::new(),
            queue: VecDeque::new(),
            queued: Vec::new(),
            work: 0,
            nodes,
        };
        let mut start = 0;
        while start < partition.nodes.len() {
            let colour = &colours[partition.nodes[start] as usize];
            let same = partition.nodes[start..].iter().take_while(|&&node| colours[node as usize] == *colour).count();
            let cell = partition.new_cell(start..start + same);
            partition.enqueue(cell);
            start += same;
        }
        partition.refine();
        partition
    }

    /// The number of a node's cell.
    pub(super) fn cell_of(&self, node: u32) -> u32 {
        self.cell_of[node as usize]
    }

    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The nodes of a cell, in no particular order.
    pub(super) fn cell(&self, cell: usize) -> &[u32] {
        &self.nodes[self.cells[cell].clone()]
    }

    /// Gives one node of a cell, whichever, a cell of its own, and refines.
    pub(super) fn tell_apart(&mut self, cell: usize) {
        let Range { start, end } = self.cells[cell].clone();
        if end - start < 2 {
            return;
        }
        self.cells[cell].end = end - 1;
        let alone = self.new_cell(end - 1..end);
        self.enqueue(alone);
        self.refine();
    }

    fn new_cell(&mut self, range: Range<usize>) -> u32 {
        let cell = self.cells.len() as u32;
        for at in range.clone() {
            self.place[self.nodes[at] as usize] = at as u32;
            self.cell_of[self.nodes[at] as usize] = cell;
        }
        self.cells.push(range);
        self.queued.push(false);
        cell
    }

    fn enqueue(&mut self, cell: u32) {
        if !core::mem::replace(&mut self.queued[cell as usize], true) {
            self.queue.push_back(cell);
        }
    }

    fn refine(&mut self) {
        let mut hits = Vec::new();
        while let Some(splitter) = self.queue.pop_front() {
            self.queued[splitter as usize] = false;
            hits.clear();
            for &node in &self.nodes[self.cells[splitter as usize].clone()] {
                hits.extend(self.edges.of(node).iter().map(|&(label, other)| (other, label)));
            }
            self.work += hits.len() as u64;
            let cell_of = &self.cell_of;
            hits.sort_unstable_by_key(|&(node, label)| (cell_of[node as usize], node, label));
            self.split_by(&hits);
        }
    }

    /// Splits every cell by what its nodes were hit with; `hits` are sorted by cell, node, label.
    fn split_by(&mut self, hits: &[(u32, u32)]) {
        let mut at = 0;
        while at < hits.len() {
            let cell = self.cell_of[hits[at].0 as usize];
            let mut touched = Vec::new();
            while at < hits.len() && self.cell_of[hits[at].0 as usize] == cell {
                let node = hits[at].0;
                let start = at;
                while at < hits.len() && hits[at].0 == node {
                    at += 1;
                }
                touched.push(Touched { node, labels: start..at });
            }
            if self.cells[cell as usize].len() > 1 {
                self.split(cell, touched, hits);
            }
        }
    }

    fn split(&mut self, cell: u32, mut touched: Vec<Touched>, hits: &[(u32, u32)]) {
        let labels = |one: &Touched| hits[one.labels.clone()].iter().map(|&(_, label)| label);
        touched.sort_by(|one, other| labels(one).cmp(labels(other)));
        let whole = self.cells[cell as usize].clone();
        // Those that were not hit stay in front; the others follow, by labels.
        let untouched = whole.len() - touched.len();
        let mut pieces = Vec::new();
        if untouched > 0 {
            pieces.push(whole.start..whole.start + untouched);
        }
        let mut from = 0;
        for group in touched.chunk_by(|one, other| labels(one).eq(labels(other))) {
            let start = whole.start + untouched + from;
            pieces.push(start..start + group.len());
            from += group.len();
        }
        if pieces.len() < 2 {
            return;
        }
        // From the back, so that no node that is still to be moved is overwritten.
        for (index, one) in touched.iter().enumerate().rev() {
            self.swap(one.node, whole.start + untouched + index);
        }
        self.install(cell, &pieces);
    }

    /// Puts a node at a place, and what was there where the node was.
    fn swap(&mut self, node: u32, to: usize) {
        let from = self.place[node as usize] as usize;
        self.nodes.swap(from, to);
        self.place[self.nodes[from] as usize] = from as u32;
        self.place[self.nodes[to] as usize] = to as u32;
    }

    /// Makes cells of the pieces; the first keeps the number.
    fn install(&mut self, cell: u32, pieces: &[Range<usize>]) {
        let was_queued = self.queued[cell as usize];
        let largest = (0..pieces.len()).max_by_key(|&index| (pieces[index].len(), Reverse(index)));
        self.cells[cell as usize] = pieces[0].clone();
        for (index, piece) in pieces.iter().enumerate() {
            let number = if index == 0 { cell } else { self.new_cell(piece.clone()) };
            if was_queued || Some(index) != largest {
                self.enqueue(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells of each node, for edges given as (user, label, used).
    fn cells(nodes: usize, colours: &[u32], uses: &[(u32, u32, u32)]) -> Vec<u32> {
        let triples: Vec<_> = uses.iter().map(|&(user, label, used)| (used, label, user)).collect();
        let edges = Edges::new(nodes, &triples);
        let partition = Partition::new(&edges, colours);
        (0..nodes as u32).map(|node| partition.cell_of(node)).collect()
    }

    #[test]
    fn a_ring_of_equal_nodes_is_one_cell_and_a_mark_tells_all_apart() {
        let ring: Vec<_> = (0..9).map(|at| (at, 0, (at + 1) % 9)).collect();
        assert_eq!(cells(9, &[0; 9], &ring), [0; 9]);
        let mut colours = [0; 9];
        colours[4] = 1;
        let mut found = cells(9, &colours, &ring);
        found.sort_unstable();
        assert_eq!(found, (0..9).collect::<Vec<_>>());
    }

    #[test]
    fn the_order_of_the_nodes_means_nothing() {
        let uses = [(0, 0, 1), (1, 0, 2), (2, 0, 0), (3, 1, 0), (4, 0, 3), (4, 1, 1), (5, 0, 3)];
        let colours = [0, 0, 0, 1, 1, 1];
        let straight = cells(6, &colours, &uses);
        for turn in 1..6_u32 {
            let moved = |node: u32| (node * 5 + turn) % 6;
            let mut turned = [0; 6];
            (0..6).for_each(|node| turned[moved(node) as usize] = colours[node as usize]);
            let uses: Vec<_> = uses.iter().map(|&(a, label, b)| (moved(a), label, moved(b))).collect();
            let found = cells(6, &turned, &uses);
            assert!((0..6).all(|node| found[moved(node) as usize] == straight[node as usize]));
        }
    }

    #[test]
    fn work_is_near_linear() {
        let work = |len: u32| {
            let uses: Vec<_> = (0..len).map(|at| (at + 1, 0, at)).collect();
            let triples: Vec<_> = uses.iter().map(|&(user, label, used)| (used, label, user)).collect();
            let edges = Edges::new(len as usize + 1, &triples);
            Partition::new(&edges, &alloc::vec![0; len as usize + 1]).work
        };
        assert!(work(8000) < work(1000) * 8 * 2, "{} against {}", work(8000), work(1000));
    }
}
