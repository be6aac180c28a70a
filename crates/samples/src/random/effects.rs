//! What yields nothing and is there for what it does.

use super::{FIRST_MUTABLE, RESULTS, Random, surroundings};
use velocity_nda::module::{DataId, ElementId, Expr, ExprId, GlobalId, StoreOp, TableId, Type, Yield};

impl Random<'_> {
    pub(super) fn statement(&mut self) -> ExprId {
        let ty = self.pick(&Type::ALL);
        match self.below(16) {
            0 => self.nothing(),
            1 | 2 => {
                let (local, value) = (self.local(ty), self.one(ty));
                self.add(Expr::LocalSet(local, value), Yield::NONE)
            }
            3 => {
                let value = self.one(ty);
                self.add(Expr::GlobalSet(GlobalId(FIRST_MUTABLE + ty as u32 - 1), value), Yield::NONE)
            }
            4 | 5 => {
                let all: Vec<_> = StoreOp::ALL.iter().copied().filter(|op| op.ty() == ty).collect();
                let (op, offset) = (self.pick(&all), 515 * self.below(3) as u32);
                let (address, value) = self.two(Self::address, ty);
                self.add(Expr::Store(op, offset, address, value), Yield::NONE)
            }
            6 => {
                let types = self.pick(&RESULTS[1..]);
                let value = self.values(types);
                match self.yields_of(value) {
                    Yield::NEVER => value,
                    _ => self.add(Expr::Drop(value), Yield::NONE),
                }
            }
            7 | 8 => {
                let (condition, then) = (self.one(Type::I32), self.values(&[]));
                self.add(Expr::If(condition, then), Yield::NONE)
            }
            9 | 10 => self.set_many(),
            11 => self.bulk(),
            12 => self.call_of(surroundings::TAKES, &[Type::I32], Yield::NONE),
            _ => self.control(&[]),
        }
    }

    /// Sets several locals, of one type perhaps the same one.
    fn set_many(&mut self) -> ExprId {
        let types = self.pick(&RESULTS[5..]);
        let value = self.values(types);
        let locals: Vec<_> = types.iter().map(|&ty| self.local(ty)).collect();
        let locals = self.b.0.pool.push(&locals);
        self.add(Expr::LocalSetMany(locals, value), Yield::NONE)
    }

    /// Operations on ranges, most of them inside, and what lets segments go.
    fn bulk(&mut self) -> ExprId {
        let data = if self.rarely(5) { 1 + self.below(2) } else { 0 };
        let data = DataId((surroundings::STATICS + data) as u32);
        let element = ElementId(if self.rarely(5) { 1 + self.below(2) as u32 } else { 0 });
        let kind = self.below(12);
        let masks = match kind {
            10 => return self.add(Expr::DataDrop(data), Yield::NONE),
            11 => return self.add(Expr::ElementDrop(element), Yield::NONE),
            0..=3 => [0x7FF, 0x7FF, 0xFF],
            4 | 5 => [0x7FF, 0x3F, 0x1F],
            _ => [7, 7, 3],
        };
        let [to, from, len] = masks.map(|mask| self.masked(mask));
        let (one, two) = (TableId(self.below(2) as u32), TableId(self.below(2) as u32));
        let list = self.b.list(&[to, from, len]);
        let expr = match kind {
            0 | 1 => Expr::MemoryCopy(to, from, len),
            2 | 3 => Expr::MemoryFill(to, from, len),
            4 | 5 => Expr::MemoryInit(data, list),
            6 | 7 => Expr::TableCopy(one, two, list),
            _ => Expr::TableInit(one, element, list),
        };
        self.add(expr, Yield::NONE)
    }
}
