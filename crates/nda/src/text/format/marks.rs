//! What braces and parentheses belong to, taken from the syntax tree.

use crate::text::ast::{BlockId, ExprKind, File, ItemKind};
use alloc::vec::Vec;

/// What a token is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The `if` that begins a chain of `if` and `else`.
    Chain,
    /// The `{` of one block of such a chain.
    Arm,
    /// The `}` that ends such a chain.
    ChainEnd,
    /// The `{` of the body of a loop.
    Loop,
    /// The `{` of a function's body.
    Function,
    /// The `{` of any other block, and where that ends.
    Block(u32),
    /// The `(` of a tuple.
    Tuple,
}

/// The marks of a file, by the start of their tokens.
#[derive(Debug)]
pub(super) struct Marks(Vec<(u32, Mark)>);

/// Collects the marks of a whole tree: one pass over its nodes, in whatever order they lie.
pub(super) fn collect(file: &File) -> Marks {
    let mut marks = Vec::new();
    let start = |block: BlockId| file.blocks[block].span.start;
    for item in &file.items {
        if let ItemKind::Function { body: Some(body), .. } = item.kind {
            marks.push((start(body), Mark::Function));
        }
    }
    for (_, expr) in file.exprs.iter() {
        match expr.kind {
            ExprKind::If(arms, otherwise) => {
                marks.push((expr.span.start, Mark::Chain));
                let arms = file.arms.get(arms).iter().map(|arm| arm.then);
                let mut end = expr.span.end;
                for block in arms.chain(otherwise) {
                    marks.push((start(block), Mark::Arm));
                    end = file.blocks[block].span.end;
                }
                marks.push((end.saturating_sub(1), Mark::ChainEnd));
            }
            ExprKind::While(_, _, body) | ExprKind::Loop(_, body) | ExprKind::Redo(_, body) => {
                marks.push((start(body), Mark::Loop));
            }
            ExprKind::For(_, head) => marks.push((start(file.fors[head].body), Mark::Loop)),
            ExprKind::Block(_, block) => marks.push((start(block), Mark::Block(file.blocks[block].span.end))),
            ExprKind::Tuple(_) => marks.push((expr.span.start, Mark::Tuple)),
            _ => {}
        }
    }
    marks.sort_unstable_by_key(|&(start, _)| start);
    Marks(marks)
}

impl Marks {
    /// The mark of the token that starts here.
    pub(super) fn at(&self, start: u32) -> Option<Mark> {
        let found = self.0.binary_search_by_key(&start, |&(start, _)| start).ok()?;
        Some(self.0[found].1)
    }
}
