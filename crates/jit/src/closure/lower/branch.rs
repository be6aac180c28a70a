//! Where control goes, and who pays for it.

use super::Lower;
use super::value::Leaf;
use crate::closure::op::branch::{self, Operands};
use crate::exec::thread::Op;
use crate::ir::{Block, BlockId, End, Step, Tree};
use velocity_nda::module::{BinaryOp, Type, UnaryOp};

/// What a way may cost to be paid by the operation that goes it.
const MOST: u32 = 0xFFFF;

/// Where an operation leads, once all blocks have their places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump {
    op: u32,
    ways: [Way; 2],
    /// The block where control comes from, at whose test the operation stands, and for which it pays as well.
    instead: Option<BlockId>,
}

#[derive(Clone, Copy, Debug)]
struct Way {
    to: BlockId,
    /// The operation that charges is passed.
    paid: bool,
}

/// A comparison with another that holds when it does not, if only one of them has a handler.
const fn normal(op: BinaryOp) -> (BinaryOp, bool) {
    use BinaryOp as Op;
    match op {
        Op::I32Ne => (Op::I32Eq, true),
        Op::I32GeS => (Op::I32LtS, true),
        Op::I32GeU => (Op::I32LtU, true),
        Op::I32LeS => (Op::I32GtS, true),
        Op::I32LeU => (Op::I32GtU, true),
        Op::I64Ne => (Op::I64Eq, true),
        Op::I64GeS => (Op::I64LtS, true),
        Op::I64GeU => (Op::I64LtU, true),
        Op::I64LeS => (Op::I64GtS, true),
        Op::I64LeU => (Op::I64GtU, true),
        _ => (op, false),
    }
}

/// The comparison that a tree is, whether control goes the other way if it holds, and the comparison's handler, operands known.
fn comparison(tree: &Tree) -> Option<(BinaryOp, bool, &[Tree; 2])> {
    match tree {
        Tree::Binary(op, _, operands) => {
            let (op, inverse) = normal(*op);
            branch::comparison(op, Operands::Slots).map(|_| (op, inverse, &**operands))
        }
        _ => None,
    }
}

/// The slot that a step counts up or down, and by how much.
fn count(step: &Step) -> Option<(u32, BinaryOp, i8)> {
    let Step::Set { slot, tree: Tree::Binary(op @ (BinaryOp::I32Add | BinaryOp::I64Add), _, operands), .. } = step
    else {
        return None;
    };
    match &**operands {
        [Tree::Slot(from, _), Tree::Constant(by)] if from == slot => {
            let by = if *op == BinaryOp::I32Add { i64::from(*by as i32) } else { *by as i64 };
            Some((*slot, *op, i8::try_from(by).ok()?))
        }
        _ => None,
    }
}

/// The operation that counts and compares what it counted, and whether control goes the other way if the comparison holds.
fn counting(step: &Step, test: &Tree) -> Option<(Op, bool)> {
    let (slot, add, by) = count(step)?;
    let (op, inverse, [left, right]) = comparison(test)?;
    if !matches!(left, Tree::Slot(compared, _) if *compared == slot) || op.operand() != add.result() {
        return None;
    }
    let (constant, b, imm) = match right {
        Tree::Slot(other, _) => (false, u8::try_from(*other).ok()?, 0),
        Tree::Constant(value) if add == BinaryOp::I32Add || i64::from(*value as i32) as u64 == *value => {
            (true, 0, u64::from(*value as u32))
        }
        _ => return None,
    };
    let mut made = Op::new(branch::counting(op, constant)?);
    (made.a, made.b, made.d, made.imm) = (u8::try_from(slot).ok()?, b, by as u8, imm);
    Some((made, inverse))
}

impl Lower<'_> {
    fn cost(&self, id: BlockId) -> u32 {
        self.function.blocks[id as usize].charge.fuel()
    }

    /// The test of a block that is nothing else, and that costs little enough to be done where control would go there.
    fn bare(&self, id: BlockId) -> Option<(&Tree, [BlockId; 2])> {
        let block = &self.function.blocks[id as usize];
        match &block.end {
            End::If { test, traps: false, then, otherwise } if block.steps.is_empty() => {
                let cost = |to| self.cost(id).saturating_add(self.cost(to));
                (cost(*then) <= MOST && cost(*otherwise) <= MOST).then_some((test, [*then, *otherwise]))
            }
            _ => None,
        }
    }

    /// Whether the last step of a block is done by the operation at its end.
    pub(super) fn counts(&self, block: &Block, next: Option<BlockId>) -> bool {
        let test = match &block.end {
            End::Goto(to) if next != Some(*to) => self.bare(*to).map(|bare| bare.0),
            End::If { test, traps: false, .. } => Some(test),
            _ => None,
        };
        let Some((step, test)) = block.steps.last().zip(test) else { return false };
        counting(step, test).is_some()
    }

    /// Goes on with a block that is not the next one, or is.
    pub(super) fn goto(&mut self, block: &Block, to: BlockId, next: Option<BlockId>, counted: bool) {
        if next == Some(to) {
            return;
        }
        let function = self.function;
        match (self.bare(to).is_some(), &function.blocks[to as usize].end) {
            (true, End::If { test, then, otherwise, .. }) => {
                let count = if counted { block.steps.last() } else { None };
                self.branch(test, [*then, *otherwise], Some(to), count);
            }
            _ => self.go(to),
        }
    }

    /// Goes to a block.
    pub(super) fn go(&mut self, to: BlockId) {
        self.ways(Op::new(branch::goto), [to, to], None);
    }

    /// Goes to the first block if the test holds, else to the second.
    pub(super) fn branch(
        &mut self,
        test: &Tree,
        [then, otherwise]: [BlockId; 2],
        instead: Option<BlockId>,
        count: Option<&Step>,
    ) {
        if let Some((op, inverse)) = count.and_then(|step| counting(step, test)) {
            let ways = if inverse { [otherwise, then] } else { [then, otherwise] };
            return self.ways(op, ways, instead);
        }
        let mut made = None;
        let done = self.attempt(|lower| made = Some(lower.test(test)));
        let (op, inverse) = made.filter(|_| done).unwrap_or_else(|| {
            self.leave_to_others(super::Rare::Value(test.clone()));
            (Op::new(branch::tests(true, false)), false)
        });
        let ways = if inverse { [otherwise, then] } else { [then, otherwise] };
        self.ways(op, ways, instead);
    }

    /// The operation that tests, and whether it does the reverse.
    fn test(&mut self, tree: &Tree) -> (Op, bool) {
        match tree {
            Tree::Unary(UnaryOp::I32Eqz, _, operand) => {
                let (op, inverse) = self.test(operand);
                return (op, !inverse);
            }
            Tree::Binary(op @ (BinaryOp::I32Eq | BinaryOp::I32Ne | BinaryOp::I64Eq | BinaryOp::I64Ne), _, operands) => {
                if let [masked, Tree::Constant(0)] = &**operands
                    && let Some(made) = self.common(masked)
                {
                    return (made, matches!(op, BinaryOp::I32Eq | BinaryOp::I64Eq));
                }
            }
            _ => {}
        }
        if let Some((op, inverse, operands)) = comparison(tree) {
            let named = self.operands(op, operands, true);
            if let Some(run) = branch::comparison(op, named.places) {
                let mut made = Op::new(run);
                named.put(&mut made);
                made.imm = u64::from(named.imm as u32);
                return (made, inverse);
            }
        }
        if tree.ty() == Some(Type::I32)
            && let Some(made) = self.common(tree)
        {
            return (made, false);
        }
        let leaf = self.leaf(tree);
        if let Some(Leaf::Slot(slot)) = leaf {
            let mut made = Op::new(branch::tests(false, false));
            made.a = slot;
            return (made, false);
        }
        self.value(tree, false, super::Goal::Register);
        (Op::new(branch::tests(true, false)), false)
    }

    /// The operation that tests whether a value and a constant have ones in common, if a tree is that.
    fn common(&mut self, tree: &Tree) -> Option<Op> {
        let Tree::Binary(op @ (BinaryOp::I32And | BinaryOp::I64And), _, operands) = tree else { return None };
        let [masked, Tree::Constant(mask)] = &**operands else { return None };
        if *op == BinaryOp::I64And && i64::from(*mask as i32) as u64 != *mask {
            return None;
        }
        let slot = match self.leaf(masked) {
            Some(Leaf::Slot(slot)) => Some(slot),
            _ => {
                self.value(masked, false, super::Goal::Register);
                None
            }
        };
        let mut made = Op::new(branch::tests(slot.is_none(), true));
        (made.a, made.imm) = (slot.unwrap_or_default(), u64::from(*mask as u32));
        Some(made)
    }

    /// An operation that leads to blocks, and pays for them, and for the block `instead` of whose test it stands.
    pub(super) fn ways(&mut self, mut op: Op, to: [BlockId; 2], instead: Option<BlockId>) {
        let head = instead.map_or(0, |id| self.cost(id));
        let ways = to.map(|to| {
            let cost = self.cost(to);
            (Way { to, paid: cost > 0 && cost <= MOST }, head + if cost <= MOST { cost } else { 0 })
        });
        op.k = ways[0].1 | ways[1].1 << 16;
        self.jumps.push(Jump { op: self.here(), ways: [ways[0].0, ways[1].0], instead });
        self.emit(op);
    }

    /// Lets all operations lead where they shall.
    pub(super) fn link(&mut self) {
        for jump in &self.jumps {
            let op = &mut self.ops[jump.op as usize];
            for (which, way) in jump.ways.iter().enumerate() {
                op.lead(which, self.entries[way.to as usize] + u32::from(way.paid));
            }
            if let Some(instead) = jump.instead {
                op.imm |= u64::from(self.entries[instead as usize] + 1) << 32;
            }
        }
    }
}
