//! The nodes of a module, and the canonical form of the bodies they make.
//!
//! A definition's hash covers a word of each of its nodes (`docs/nda.md`, "Canonical form"). Whoever writes a node knows
//! which kind it is, so its word costs next to nothing there; to find it out again when all are hashed takes as long as the
//! hashing itself. So the words are kept: node by node while a body is written, and as they are hashed when it is
//! [closed](Nodes::close). A body that nobody closed, or that was changed afterwards, is written again when it is needed.
//!
//! Invariants: `open` has a word for each node from `base` on; a body in `bodies` is what its nodes say; `uses` is what all nodes
//! use; everything is sorted.

use super::{Expr, ExprId, Key, Pool};
use crate::identity::Definition;
use alloc::vec::Vec;
use core::ops::{Index, Range};

/// The room that is kept for the next body, in nodes.
const KEPT: usize = 1 << 13;

/// A word of the canonical form, little-endian.
pub(crate) type Word = [u8; 8];

/// The nodes of all bodies, in post-order.
#[derive(Clone, Debug, Default)]
pub struct Nodes {
    exprs: Vec<Expr>,
    uses: Vec<Use>,
    /// The first node that is in no closed body, and the words from there on.
    base: usize,
    open: Vec<Word>,
    /// Those of these that may have more than their word.
    long: Vec<u32>,
    bodies: Vec<Body>,
    words: Vec<Word>,
    /// Where in `words` the indirect calls are.
    indirect: Vec<u32>,
}

/// A use of a definition by a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) node: ExprId,
    pub(crate) of: Definition,
}

/// A closed body: where its nodes, words and indirect calls begin, and where the first two end.
#[derive(Clone, Copy, Debug)]
struct Body {
    nodes: (u32, u32),
    words: (u32, u32),
    indirect: u32,
}

/// The words of a body, but for the signatures of indirect calls, and where these are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'n> {
    pub(crate) words: &'n [Word],
    /// In the order of the calls; there may be others behind those of the body.
    pub(crate) indirect: &'n [u32],
    /// Where in [`Self::indirect`]'s numbers the words begin.
    pub(crate) start: u32,
}

impl Nodes {
    /// Appends a node whose lists are in `pool`; returns its key.
    #[inline(always)]
    pub fn push(&mut self, expr: Expr, pool: &Pool) -> ExprId {
        let id = self.next_key();
        self.exprs.push(expr);
        self.open.push(expr.word(pool).to_le_bytes());
        let [first, second] = expr.uses();
        if let Some(of) = first {
            self.uses.push(Use { node: id, of });
        }
        if let Some(of) = second {
            self.uses.push(Use { node: id, of });
        }
        if expr.is_long() {
            self.long.push(id.0);
        }
        id
    }

    /// Puts another node in the place of one.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn set(&mut self, id: ExprId, expr: Expr, pool: &Pool) {
        let before = core::mem::replace(&mut self.exprs[id.index()], expr);
        if let Some(at) = id.index().checked_sub(self.base) {
            self.open[at] = expr.word(pool).to_le_bytes();
            if expr.is_long()
                && let Err(at) = self.long.binary_search(&id.0)
            {
                self.long.insert(at, id.0);
            }
        } else {
            self.bodies.retain(|body| id.0 < body.nodes.0 || id.0 >= body.nodes.1);
        }
        let uses = expr.uses();
        if before.uses() != uses {
            let at = self.uses.partition_point(|one| one.node < id);
            let noted = self.uses[at..].iter().take_while(|one| one.node == id).count();
            self.uses.splice(at..at + noted, uses.into_iter().flatten().map(|of| Use { node: id, of }));
        }
    }

    /// Takes out a node of the body that is being written, and calls `moved` for each behind it, whose keys become one less. Linear in the
    /// number of these.
    ///
    /// # Panics
    /// If there is no such node in that body.
    pub(crate) fn remove(&mut self, id: ExprId, moved: impl FnMut(&mut Expr)) {
        self.open.remove(id.index() - self.base);
        self.exprs.remove(id.index());
        self.exprs[id.index()..].iter_mut().for_each(moved);
        let from = self.uses.partition_point(|one| one.node < id);
        let own = self.uses[from..].iter().take_while(|one| one.node == id).count();
        self.uses.drain(from..from + own);
        self.uses[from..].iter_mut().for_each(|one| one.node.0 -= 1);
        let from = self.long.partition_point(|&at| at < id.0);
        if self.long.get(from) == Some(&id.0) {
            self.long.remove(from);
        }
        self.long[from..].iter_mut().for_each(|at| *at -= 1);
    }

    /// Ends the body whose nodes are those from `first` on.
    pub fn close(&mut self, first: ExprId, pool: &Pool) {
        if let Some(skipped) = first.index().checked_sub(self.base) {
            self.write(first, skipped, pool);
        }
        self.base = self.exprs.len();
        self.open.clear();
        self.long.clear();
        // What a huge body was written in is not kept for small ones.
        self.open.shrink_to(KEPT);
        self.long.shrink_to(KEPT);
    }

    fn write(&mut self, first: ExprId, skipped: usize, pool: &Pool) {
        let (start, indirect) = (self.words.len(), self.indirect.len());
        let mut done = skipped;
        for &at in &self.long {
            let (expr, next) = (self.exprs[at as usize], at as usize - self.base + 1);
            // What was skipped belongs to no body, and what was set may be long no more.
            if next <= done || !expr.is_long() {
                continue;
            }
            self.words.extend_from_slice(&self.open[done..next]);
            done = next;
            if matches!(expr, Expr::CallIndirect(..)) {
                self.indirect.push(self.words.len() as u32 - 1);
            }
            expr.more_words(pool, |word| self.words.push(word.to_le_bytes()));
        }
        self.words.extend_from_slice(&self.open[done..]);
        self.bodies.push(Body {
            nodes: (first.0, self.exprs.len() as u32),
            words: (start as u32, self.words.len() as u32),
            indirect: indirect as u32,
        });
    }

    /// Forgets everything from `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.exprs.truncate(len);
        self.uses.truncate(self.uses.partition_point(|one| one.node.index() < len));
        self.long.truncate(self.long.partition_point(|&at| (at as usize) < len));
        self.bodies.truncate(self.bodies.partition_point(|body| body.nodes.1 as usize <= len));
        self.open.truncate(len.saturating_sub(self.base));
        self.base = self.base.min(len);
    }

    /// Makes room for `more` nodes.
    pub fn reserve(&mut self, more: usize) {
        self.exprs.reserve(more);
        self.words.reserve(more);
    }

    /// The node, if there is one of this key.
    #[must_use]
    pub fn get(&self, id: ExprId) -> Option<&Expr> {
        self.exprs.get(id.index())
    }

    /// How many nodes there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.exprs.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.exprs.is_empty()
    }

    /// The key that the next node gets.
    #[must_use]
    pub const fn next_key(&self) -> ExprId {
        ExprId(self.exprs.len() as u32)
    }

    /// Every node with its key, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (ExprId, &Expr)> + ExactSizeIterator {
        self.exprs.iter().enumerate().map(|(index, expr)| (ExprId::new(index), expr))
    }

    /// The nodes alone, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Expr] {
        &self.exprs
    }

    /// The uses of definitions by a range of nodes. They are looked for from `near` on first, which then is where they end.
    pub(crate) fn uses(&self, range: &Range<usize>, near: &mut usize) -> &[Use] {
        let found = within(&self.uses, range, *near);
        *near = found.end;
        &self.uses[found]
    }

    /// The number of a closed body plus one; 0 if these nodes are none. `near` is the number that is tried first.
    pub(crate) fn closed(&self, range: &Range<usize>, near: usize) -> u32 {
        let nodes = (range.start as u32, range.end as u32);
        let is_it = |at: &usize| self.bodies.get(*at).is_some_and(|body| body.nodes == nodes);
        let sorted = || self.bodies.partition_point(|body| body.nodes.0 < nodes.0);
        let found = Some(near).filter(is_it).or_else(|| Some(sorted()).filter(is_it));
        found.map_or(0, |at| at as u32 + 1)
    }

    /// The words of a closed body, by its number plus one.
    pub(crate) fn words(&self, number: u32) -> Option<Words<'_>> {
        let body = self.bodies.get((number as usize).checked_sub(1)?)?;
        Some(Words {
            words: &self.words[body.words.0 as usize..body.words.1 as usize],
            indirect: &self.indirect[body.indirect as usize..],
            start: body.words.0,
        })
    }
}

impl Index<ExprId> for Nodes {
    type Output = Expr;

    #[inline]
    fn index(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()]
    }
}

/// The part of `uses` that lies in a range of nodes. It is looked for from `near` on first.
fn within(uses: &[Use], range: &Range<usize>, near: usize) -> Range<usize> {
    let before = |one: &Use| one.node.index() < range.start;
    let follows = uses.get(near).is_none_or(|one| !before(one));
    let is_next = follows && near.checked_sub(1).is_none_or(|last| uses.get(last).is_some_and(before));
    let start = if is_next { near } else { uses.partition_point(before) };
    let count = uses[start..].iter().take_while(|one| one.node.index() < range.end).count();
    start..start + count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::{FuncId, List, LocalId, SigId, TableId};

    const CALL: Expr = Expr::Call(FuncId(0), List::EMPTY);

    fn nodes(exprs: &[Expr]) -> Nodes {
        let mut nodes = Nodes::default();
        exprs.iter().for_each(|&expr| _ = nodes.push(expr, &Pool::default()));
        nodes
    }

    fn used(nodes: &Nodes) -> Vec<u32> {
        nodes.uses.iter().map(|one| one.node.0).collect()
    }

    /// The words of the nodes of a range, one after the other.
    fn written(nodes: &Nodes, range: Range<usize>) -> Vec<Word> {
        let (pool, mut out) = (Pool::default(), Vec::new());
        for expr in &nodes.exprs[range] {
            out.push(expr.word(&pool).to_le_bytes());
            expr.more_words(&pool, |word| out.push(word.to_le_bytes()));
        }
        out
    }

    #[test]
    fn uses_follow_the_nodes() {
        let pool = Pool::default();
        let mut nodes = nodes(&[CALL, Expr::TableCopy(TableId(0), TableId(1), List::EMPTY), Expr::I32(1)]);
        assert_eq!(used(&nodes), [0, 1, 1]);
        nodes.set(ExprId(2), CALL, &pool);
        nodes.set(ExprId(2), CALL, &pool);
        nodes.set(ExprId(0), Expr::I32(1), &pool);
        assert_eq!(used(&nodes), [1, 1, 2]);
        nodes.set(ExprId(1), Expr::GlobalGet(crate::module::GlobalId(3)), &pool);
        assert_eq!(used(&nodes), [1, 2]);
        nodes.truncate(2);
        assert_eq!(used(&nodes), [1]);
    }

    #[test]
    fn closed_bodies_have_the_words_of_their_nodes() {
        let pool = Pool::default();
        let indirect = Expr::CallIndirect(SigId(0), TableId(0), List::EMPTY);
        let get = Expr::LocalGet(LocalId(2));
        let mut nodes = nodes(&[Expr::I64(1), Expr::F64(2), get, Expr::I64(-1), indirect, get]);
        nodes.set(ExprId(1), Expr::I32(7), &pool);
        nodes.set(ExprId(2), Expr::F64(9), &pool);
        // The first node belongs to no body.
        nodes.close(ExprId(1), &pool);
        nodes.push(indirect, &pool);
        nodes.close(ExprId(6), &pool);
        nodes.push(Expr::I64(4), &pool);
        let of = |nodes: &Nodes, range: Range<usize>| {
            let found: Vec<_> = (0..4).map(|near| nodes.closed(&range, near)).collect();
            assert!(found.iter().all(|&one| one == found[0]));
            nodes.words(found[0]).map(|found| (found.words.to_vec(), found.indirect[0] - found.start))
        };
        assert_eq!(of(&nodes, 1..6), Some((written(&nodes, 1..6), 5)));
        assert_eq!(of(&nodes, 6..7), Some((written(&nodes, 6..7), 0)));
        assert_eq!((of(&nodes, 0..6), of(&nodes, 1..5), of(&nodes, 7..8)), (None, None, None));
        nodes.set(ExprId(5), CALL, &pool);
        assert_eq!(of(&nodes, 1..6), None, "it is another body now");
        // A long node there is none of the body that is being written.
        nodes.set(ExprId(2), Expr::I64(9), &pool);
        assert!(nodes.long.iter().all(|&at| at as usize >= nodes.base));
        assert_eq!(of(&nodes, 6..7), Some((written(&nodes, 6..7), 0)));
        nodes.truncate(6);
        assert_eq!(of(&nodes, 6..7), None);
        // What was closed cannot be closed again; what comes behind it can.
        nodes.push(get, &pool);
        nodes.close(ExprId(4), &pool);
        assert_eq!(of(&nodes, 4..7), None);
        nodes.push(Expr::F64(1), &pool);
        nodes.close(ExprId(7), &pool);
        let number = nodes.closed(&(7..8), 0);
        assert_eq!(nodes.words(number).map(|found| found.words.to_vec()), Some(written(&nodes, 7..8)));
    }

    #[test]
    fn what_is_taken_out_leaves_the_rest_as_it_was() {
        let pool = Pool::default();
        let exprs = [CALL, Expr::I64(1), Expr::Drop(ExprId(0)), CALL, Expr::F64(2), Expr::Drop(ExprId(3)), CALL];
        for (out, left) in [(1, vec![0, 2, 5]), (3, vec![0, 5]), (6, vec![0, 3])] {
            let mut nodes = nodes(&exprs);
            let mut moved = 0;
            nodes.remove(ExprId(out), |expr| {
                moved += 1;
                if let Expr::Drop(child) = expr {
                    child.0 += 100;
                }
            });
            assert_eq!((moved, nodes.len(), used(&nodes)), (6 - out, 6, left));
            nodes.close(ExprId(0), &pool);
            let number = nodes.closed(&(0..6), 0);
            assert_eq!(nodes.words(number).map(|found| found.words.to_vec()), Some(written(&nodes, 0..6)), "{out}");
        }
    }

    #[test]
    fn a_range_is_found_wherever_it_is_looked_for() {
        let nodes = nodes(&[Expr::I32(0), CALL, CALL, Expr::I32(1), CALL, CALL]);
        for range in [0..0, 0..2, 0..9, 3..6, 5..100, 4..5, 10..20] {
            let expected: Vec<u32> = used(&nodes).into_iter().filter(|&at| range.contains(&(at as usize))).collect();
            for mut near in 0..8 {
                let found: Vec<u32> = nodes.uses(&range, &mut near).iter().map(|one| one.node.0).collect();
                assert_eq!(found, expected, "{range:?} near {near}");
            }
        }
    }
}
