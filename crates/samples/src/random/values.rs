//! What yields one value, or several side by side.

use super::{DEPTH, FIRST_MUTABLE, Random, surroundings};
use velocity_nda::module::{BinaryOp, DataId, Expr, ExprId, GlobalId, LoadOp, Type, UnaryOp, Value, Yield};

/// Bits of values that are special, for either width: zero with a sign, infinite, not a number.
const SPECIAL_32: [u32; 6] = [0x8000_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7FA0_0001, 0x7FFF_FFFF];
const SPECIAL_64: [u64; 6] =
    [1 << 63, 0x7FF0 << 48, 0xFFF0 << 48, 0x7FF8 << 48, 0x7FF4_0000_0000_0001, 0x7FFF_FFFF_FFFF_FFFF];

/// Whether an operator traps for some operands.
fn traps(mnemonic: &str) -> bool {
    let is_float = mnemonic.starts_with('f');
    !is_float && [".div", ".rem", ".trunc_f"].iter().any(|part| mnemonic.contains(part))
}

impl Random<'_> {
    pub(super) fn leaf(&mut self, ty: Type) -> ExprId {
        let yields = Yield::one(ty);
        match (self.below(5), ty) {
            (2, _) | (3, Type::I64 | Type::F32 | Type::F64) => {
                let local = self.local(ty);
                self.add(Expr::LocalGet(local), yields)
            }
            (3, _) => {
                let data = DataId(self.below(surroundings::STATICS) as u32);
                self.add(Expr::Address(data), yields)
            }
            (4, _) => {
                let immutable = ty == Type::I32 && self.rarely(4);
                let first = if immutable { 0 } else { FIRST_MUTABLE };
                self.add(Expr::GlobalGet(GlobalId(first + ty as u32 - 1)), yields)
            }
            _ => {
                let value = self.number(ty);
                self.constant(value)
            }
        }
    }

    /// A small number mostly.
    fn number(&mut self, ty: Type) -> Value {
        let small = self.below(256);
        match (self.below(6), ty) {
            (4, _) => Value::of_bits(ty, (small as u64) << 55 | (small as u64) << 24 | small as u64),
            (5, Type::I32 | Type::F32) => Value::of_bits(ty, SPECIAL_32[small % SPECIAL_32.len()].into()),
            (5, _) => Value::of_bits(ty, SPECIAL_64[small % SPECIAL_64.len()]),
            (3, Type::I32) => Value::I32(-(small as i32)),
            (3, Type::I64) => Value::I64(-(small as i64)),
            (_, Type::I32) => Value::I32(small as i32),
            (_, Type::I64) => Value::I64(small as i64),
            (sign, Type::F32) => Value::F32((small as f32 / if sign == 3 { -4.0 } else { 4.0 }).to_bits()),
            (sign, Type::F64) => Value::F64((small as f64 / if sign == 3 { -4.0 } else { 4.0 }).to_bits()),
        }
    }

    pub(super) fn value(&mut self, ty: Type, types: &'static [Type]) -> ExprId {
        let yields = Yield::one(ty);
        match self.below(16) {
            0 | 1 => self.leaf(ty),
            2..=5 => self.operation(ty),
            6 | 7 => {
                let all: Vec<_> = UnaryOp::ALL.iter().copied().filter(|op| op.result() == ty).collect();
                let op = self.operator(&all, |op| traps(op.mnemonic()));
                let operand = self.one(op.operand());
                self.add(Expr::Unary(op, operand), yields)
            }
            8 => {
                let all: Vec<_> = LoadOp::ALL.iter().copied().filter(|op| op.ty() == ty).collect();
                let (op, offset, address) = (self.pick(&all), 997 * self.below(9) as u32, self.address());
                self.add(Expr::Load(op, offset, address), yields)
            }
            9 => {
                let (first, second, condition) = (self.one(ty), self.one(ty), self.one(Type::I32));
                self.add(Expr::Select(first, second, condition), yields)
            }
            10 => {
                let (local, value) = (self.local(ty), self.one(ty));
                self.add(Expr::LocalTee(local, value), yields)
            }
            11 if ty == Type::I32 => self.outside(),
            _ => self.control(types),
        }
    }

    fn operation(&mut self, ty: Type) -> ExprId {
        let all: Vec<_> = BinaryOp::ALL.iter().copied().filter(|op| op.result() == ty).collect();
        let op = self.operator(&all, |op| traps(op.mnemonic()));
        let (left, right) = self.two(|random| random.one(op.operand()), op.operand());
        self.binary(op, left, right)
    }

    /// Two operands. Now and then the first is small and waits for something that may change what it reads, or leave.
    pub(super) fn two(&mut self, left: impl Fn(&mut Self) -> ExprId, right: Type) -> (ExprId, ExprId) {
        if !self.rarely(3) {
            return (left(self), self.one(right));
        }
        let depth = core::mem::replace(&mut self.depth, DEPTH - 1);
        let waiting = left(self);
        let effect = if self.rarely(4) { self.leave() } else { self.values(&[]) };
        let last = self.one(right);
        self.depth = depth;
        let (list, yields) = (self.b.list(&[effect, last]), self.yields_of(last));
        (waiting, self.add(Expr::Sequence(list), yields))
    }

    /// One of several operators, among those that trap in a bold program mostly.
    fn operator<T: Copy>(&mut self, all: &[T], traps: impl Fn(T) -> bool) -> T {
        let op = self.pick(all);
        let other = self.bold != traps(op) && !self.rarely(3);
        let some: Vec<_> = all.iter().copied().filter(|&op| traps(op) == self.bold).collect();
        if other && !some.is_empty() { self.pick(&some) } else { op }
    }

    /// An address, mostly of the first bytes, so that loads find what stores left.
    pub(super) fn address(&mut self) -> ExprId {
        let mask = self.pick(&[0x3F, 0x7FF, 0xFFFF]);
        self.masked(mask)
    }

    /// Numbers that come from the memory, the host or another instance.
    fn outside(&mut self) -> ExprId {
        let yields = Yield::one(Type::I32);
        match self.below(5) {
            0 => self.add(Expr::MemorySize, yields),
            1 => {
                let pages = self.masked(1);
                self.add(Expr::MemoryGrow(pages), yields)
            }
            host => self.call_of(if host == 4 { surroundings::FAR } else { surroundings::GIVES }, &[Type::I32], yields),
        }
    }

    pub(super) fn several(&mut self, types: &'static [Type]) -> ExprId {
        match self.below(6) {
            0 | 1 => self.tuple(types),
            2 if types == surroundings::BOTH_RESULTS => {
                let yields = self.yields(types);
                self.call_of(surroundings::BOTH, &surroundings::BOTH_PARAMETERS, yields)
            }
            _ => self.control(types),
        }
    }

    pub(super) fn tuple(&mut self, types: &'static [Type]) -> ExprId {
        let items: Vec<_> = types.iter().map(|&ty| self.one(ty)).collect();
        let (list, yields) = (self.b.list(&items), self.yields(types));
        self.add(Expr::Tuple(list), yields)
    }
}
