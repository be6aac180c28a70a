//! Decisions, loops, labels and exits.

use super::expr::Context;
use super::facts::is_nothing;
use super::shape::{self, Items};
use super::{CoreLabel, Place, Printer, Written};
use crate::module::{Expr, ExprId, List, LocalId};
use alloc::format;
use alloc::vec::Vec;

impl<'m> Printer<'m> {
    /// `if a { } else if b { } else { }`; the chain is followed in a loop.
    pub(super) fn decision(&mut self, node: ExprId, known: bool, depth: u32) -> Written {
        let mut node = node;
        loop {
            let (condition, then, other) = match self.expr_at(node) {
                Expr::If(condition, then) => (condition, then, None),
                Expr::IfElse(condition, then, other) => (condition, then, Some(other)),
                _ => return Ok(()),
            };
            self.out.push("if ")?;
            self.head(condition, depth)?;
            self.out.push(" ")?;
            self.block_of(then, known, depth)?;
            let Some(other) = other else { return Ok(()) };
            self.out.push(" else ")?;
            // The arms of a chain have one type; behind a condition that never comes back they need not.
            let goes_on = match self.expr_at(other) {
                Expr::If(condition, _) => !self.is_never(condition),
                Expr::IfElse(condition, ..) => !self.is_never(condition) && self.logic(other).is_none(),
                _ => false,
            };
            if !goes_on {
                return self.block_of(other, known, depth);
            }
            self.nodes += 1;
            node = other;
        }
    }

    /// A condition before a `{`.
    fn head(&mut self, condition: ExprId, depth: u32) -> Written {
        self.expression(condition, Context::head(true, depth + 1))
    }

    /// A loop or labelled block.
    pub(super) fn labelled(&mut self, node: ExprId, depth: u32) -> Written {
        let left = self.look().left(node);
        if let Some((out, whole, body)) = left {
            match self.look().form(whole, body) {
                shape::Form::Endless(items) => return self.endless(out, items, depth),
                shape::Form::While(condition, next, items) if self.look().leaves_plainly(out, condition) => {
                    return self.while_loop(out, condition, next, items, depth);
                }
                shape::Form::Redo(body) if out.is_none() => return self.redo(body, depth),
                _ => {}
            }
        }
        let Expr::Block(body) = self.expr_at(node) else { return Ok(()) };
        let place = self.open(false);
        let number = self.function.places.len();
        self.out.push(&format!("'l{number}: "))?;
        self.function.labels.push(CoreLabel { place, again: false });
        self.block_of(body, false, depth)?;
        self.close(1);
        Ok(())
    }

    /// Enters a loop or labelled block of the text.
    fn open(&mut self, is_loop: bool) -> usize {
        self.function.places.push(Place { at: self.out.position(), is_loop, labelled: !is_loop });
        self.function.places.len() - 1
    }

    /// Leaves it, and this many labels of the core.
    fn close(&mut self, labels: usize) {
        let place = self.function.places.pop();
        let number = self.function.places.len() + 1;
        if let Some(place) = place.filter(|place| place.is_loop && place.labelled) {
            self.out.label(place.at, number);
        }
        let left = self.function.labels.len() - labels;
        self.function.labels.truncate(left);
    }

    /// `redo { }`
    fn redo(&mut self, body: ExprId, depth: u32) -> Written {
        let place = self.open(true);
        self.function.labels.push(CoreLabel { place, again: true });
        self.out.push("redo ")?;
        self.block_of(body, false, depth)?;
        self.close(1);
        Ok(())
    }

    /// `loop { }`
    fn endless(&mut self, out: Option<ExprId>, items: Items<'m>, depth: u32) -> Written {
        let place = self.open(true);
        let labels = self.function.labels.len();
        self.function.labels.extend(out.map(|_| CoreLabel { place, again: false }));
        self.function.labels.push(CoreLabel { place, again: true });
        self.out.push("loop ")?;
        self.block(items, &[], false, depth)?;
        self.close(self.function.labels.len() - labels);
        Ok(())
    }

    /// `while condition { }`
    fn while_loop(
        &mut self,
        out: Option<ExprId>,
        condition: ExprId,
        next: Option<ExprId>,
        items: Items<'m>,
        depth: u32,
    ) -> Written {
        let place = self.open(true);
        let labels = self.loop_labels(out, place);
        self.out.push("while ")?;
        self.head(condition, depth)?;
        self.turn(place, next, items, depth)?;
        self.close(self.function.labels.len() - labels);
        Ok(())
    }

    /// Enters the labels around a loop with a head; how many there were before.
    fn loop_labels(&mut self, out: Option<ExprId>, place: usize) -> usize {
        let labels = self.function.labels.len();
        self.function.labels.extend(out.map(|_| CoreLabel { place, again: false }));
        // Nothing but the end of a turn leads to the loop itself.
        self.function.labels.push(CoreLabel { place, again: true });
        labels
    }

    /// The block of a loop with a head. What is declared right before the block of a `continue`, which has no braces of its
    /// own, is declared in these.
    fn turn(&mut self, place: usize, next: Option<ExprId>, items: Items<'m>, depth: u32) -> Written {
        let declared: Vec<LocalId> = next.into_iter().flat_map(|block| self.function.variables.before(block)).collect();
        self.function.labels.extend(next.map(|_| CoreLabel { place, again: true }));
        self.out.push(" ")?;
        self.block(items, &declared, false, depth)
    }

    /// `for counter in from..to { }`
    pub(super) fn counted(&mut self, node: ExprId, depth: u32) -> Written {
        let Some(counted) = self.look().counted(node) else { return Ok(()) };
        let place = self.open(true);
        self.out.all(&["for ", self.function.variables.name_of(counted.counter), " in "])?;
        let known = self.function.facts[counted.to].typed;
        self.expression(counted.from, Context::head(known, depth + 1))?;
        self.out.push("..")?;
        self.expression(counted.to, Context::head(true, depth + 1))?;
        let labels = self.loop_labels(counted.out, place);
        self.turn(place, counted.next, counted.body, depth)?;
        self.close(self.function.labels.len() - labels);
        Ok(())
    }

    /// `break`, `continue`, `branch` or `return`.
    pub(super) fn exit(&mut self, node: ExprId, depth: u32) -> Written {
        match self.expr_at(node) {
            Expr::Return(value) => {
                self.out.push("return")?;
                self.taken_along(value, true, depth)
            }
            Expr::Break(label, value) => self.break_to(label, value, depth),
            Expr::BreakTable(labels, value, index) => self.branch(labels, value, index, depth),
            _ => Ok(()),
        }
    }

    fn taken_along(&mut self, value: ExprId, known: bool, depth: u32) -> Written {
        if is_nothing(self.module, value) {
            return Ok(());
        }
        self.out.push(" ")?;
        match self.expr_at(value) {
            Expr::Tuple(list) => {
                self.enter(depth + 1)?;
                self.tuple(list, known && !self.is_never(value), depth + 1)
            }
            _ => self.expression(value, Context::head(known, depth + 1)),
        }
    }

    /// The label of the core at this depth.
    fn core_label(&self, depth: u32) -> Option<CoreLabel> {
        let labels = &self.function.labels;
        labels.len().checked_sub(depth as usize + 1).map(|at| labels[at])
    }

    fn break_to(&mut self, label: u32, value: ExprId, depth: u32) -> Written {
        let Some(CoreLabel { place, again }) = self.core_label(label) else { return Ok(()) };
        self.out.push(if again { "continue" } else { "break" })?;
        let innermost = self.function.places.iter().rposition(|place| place.is_loop);
        if innermost != Some(place) {
            self.label_name(place, " ")?;
        }
        self.taken_along(value, false, depth)
    }

    /// The name of a label, which is written before its place, too.
    fn label_name(&mut self, place: usize, before: &str) -> Written {
        self.function.places[place].labelled = true;
        self.out.push(&format!("{before}'l{}", place + 1))
    }

    /// `branch index ['a, 'b] value`
    fn branch(&mut self, labels: List<u32>, value: ExprId, index: ExprId, depth: u32) -> Written {
        self.out.push("branch ")?;
        self.expression(index, Context::head(true, depth + 1))?;
        self.out.push(" [")?;
        for (position, label) in self.module.pool.get(labels).enumerate() {
            let Some(CoreLabel { place, .. }) = self.core_label(label) else { return Ok(()) };
            self.label_name(place, if position == 0 { "" } else { ", " })?;
        }
        self.out.push("]")?;
        self.taken_along(value, false, depth)
    }
}
