//! The instructions, a function for each form.

use super::encode::Tail;
use super::{Alu, Assembler, Cond, ESCAPE, Gpr, Label, Mem, One, Op, Rm, Shift, Short, UNBOUND, Xmm};

/// A constant of one byte, if that is enough, behind the opcode that is two more than that with one of four bytes.
#[inline(always)]
fn short(opcode: u8, value: i32) -> (u8, Tail) {
    i8::try_from(value).map_or((opcode, Tail::word(value)), |value| (opcode + 2, Tail::byte(value as u8)))
}

impl Assembler {
    pub(in crate::native) fn alu(&mut self, op: Alu, wide: bool, to: Gpr, from: impl Into<Rm>) {
        self.modrm(Op::plain((op as u8) << 3 | 3), wide, false, to.0, from.into(), Tail::NONE);
    }

    pub(in crate::native) fn alu_imm(&mut self, op: Alu, wide: bool, to: impl Into<Rm>, value: i32) {
        let to = to.into();
        let (opcode, tail) = short(0x81, value);
        self.modrm(Op::plain(opcode), wide, false, op as u8, to, tail);
    }

    pub(in crate::native) fn mov(&mut self, wide: bool, to: Gpr, from: impl Into<Rm>) {
        self.modrm(Op::plain(0x8B), wide, false, to.0, from.into(), Tail::NONE);
    }

    /// Stores the lowest 1, 2, 4 or 8 bytes of a register.
    pub(in crate::native) fn store(&mut self, bytes: u32, to: Mem, from: Gpr) {
        let op = Op::sized(bytes == 2, if bytes == 1 { 0x88 } else { 0x89 });
        self.modrm(op, bytes == 8, bytes == 1, from.0, to.into(), Tail::NONE);
    }

    /// Stores a constant of 1, 2, 4 or 8 bytes; one of 8 is extended with its sign.
    pub(in crate::native) fn store_imm(&mut self, bytes: u32, to: Mem, value: i32) {
        let op = Op::sized(bytes == 2, if bytes == 1 { 0xC6 } else { 0xC7 });
        self.modrm(op, bytes == 8, false, 0, to.into(), Tail::of(bytes.min(4), value));
    }

    /// Sets all 64 bits. Zero changes the flags.
    pub(in crate::native) fn mov_imm(&mut self, to: Gpr, value: u64) {
        if value == 0 {
            self.alu(Alu::Xor, false, to, to);
        } else if let Ok(word) = u32::try_from(value) {
            if to.0 >= 8 {
                self.byte(0x41);
            }
            self.byte(0xB8 | to.0 & 7);
            self.word(word);
        } else if let Ok(word) = i32::try_from(value as i64) {
            self.modrm(Op::plain(0xC7), true, false, 0, to.into(), Tail::word(word));
        } else {
            self.byte(0x48 | to.0 >> 3);
            self.byte(0xB8 | to.0 & 7);
            self.quad(value);
        }
    }

    pub(in crate::native) fn lea(&mut self, wide: bool, to: Gpr, from: Mem) {
        self.modrm(Op::plain(0x8D), wide, false, to.0, from.into(), Tail::NONE);
    }

    pub(in crate::native) fn test(&mut self, wide: bool, one: Gpr, two: Gpr) {
        self.modrm(Op::plain(0x85), wide, false, two.0, one.into(), Tail::NONE);
    }

    pub(in crate::native) fn imul(&mut self, wide: bool, to: Gpr, from: impl Into<Rm>) {
        self.modrm(Op::two(0xAF), wide, false, to.0, from.into(), Tail::NONE);
    }

    pub(in crate::native) fn imul_imm(&mut self, wide: bool, to: Gpr, from: impl Into<Rm>, value: i32) {
        let (opcode, tail) = short(0x69, value);
        self.modrm(Op::plain(opcode), wide, false, to.0, from.into(), tail);
    }

    pub(in crate::native) fn one(&mut self, op: One, wide: bool, rm: impl Into<Rm>) {
        self.modrm(Op::plain(0xF7), wide, false, op as u8, rm.into(), Tail::NONE);
    }

    /// Extends `rax` with its sign into `rdx`.
    pub(in crate::native) fn sign_into_rdx(&mut self, wide: bool) {
        if wide {
            self.byte(0x48);
        }
        self.byte(0x99);
    }

    pub(in crate::native) fn shift_imm(&mut self, op: Shift, wide: bool, to: Gpr, by: u8) {
        self.modrm(Op::plain(0xC1), wide, false, op as u8, to.into(), Tail::byte(by));
    }

    /// Shifts by the lowest bits of `cl`.
    pub(in crate::native) fn shift(&mut self, op: Shift, wide: bool, to: Gpr) {
        self.modrm(Op::plain(0xD3), wide, false, op as u8, to.into(), Tail::NONE);
    }

    /// Sets the lowest byte.
    pub(in crate::native) fn set(&mut self, cond: Cond, to: Gpr) {
        self.modrm(Op::two(0x90 | cond as u8), false, true, 0, to.into(), Tail::NONE);
    }

    pub(in crate::native) fn cmov(&mut self, cond: Cond, wide: bool, to: Gpr, from: impl Into<Rm>) {
        self.modrm(Op::two(0x40 | cond as u8), wide, false, to.0, from.into(), Tail::NONE);
    }

    /// Extends 1 or 2 bytes with zeros to 64 bits.
    pub(in crate::native) fn zero_extend(&mut self, bytes: u32, to: Gpr, from: impl Into<Rm>) {
        let from = from.into();
        self.modrm(
            Op::two(if bytes == 1 { 0xB6 } else { 0xB7 }),
            false,
            bytes == 1 && matches!(from, Rm::Reg(4..)),
            to.0,
            from,
            Tail::NONE,
        );
    }

    /// Extends 1, 2 or 4 bytes with their sign to 64 bits if `wide`, else to 32.
    pub(in crate::native) fn sign_extend(&mut self, bytes: u32, wide: bool, to: Gpr, from: impl Into<Rm>) {
        let op = match bytes {
            1 => Op::two(0xBE),
            2 => Op::two(0xBF),
            _ => Op::plain(0x63),
        };
        let from = from.into();
        self.modrm(op, wide, bytes == 1 && matches!(from, Rm::Reg(4..)), to.0, from, Tail::NONE);
    }

    /// `bsf`, `bsr` and, with a prefix, `popcnt`.
    pub(in crate::native) fn scan(&mut self, op: Op, wide: bool, to: Gpr, from: impl Into<Rm>) {
        self.modrm(op, wide, false, to.0, from.into(), Tail::NONE);
    }

    /// An operation on vector registers.
    pub(in crate::native) fn vector(&mut self, op: Op, to: Xmm, from: impl Into<Rm>) {
        self.modrm(op, false, false, to.0, from.into(), Tail::NONE);
    }

    /// Moves or converts from a general register or memory into a vector register.
    pub(in crate::native) fn gpr_to_vector(&mut self, op: Op, wide: bool, to: Xmm, from: impl Into<Rm>) {
        self.modrm(op, wide, false, to.0, from.into(), Tail::NONE);
    }

    /// Moves a vector register's lowest bits into a general one.
    pub(in crate::native) fn vector_to_gpr(&mut self, wide: bool, to: Gpr, from: Xmm) {
        self.modrm(Op::prefixed(0x66, 0x7E), wide, false, from.0, to.into(), Tail::NONE);
    }

    /// Converts towards zero into a general register.
    pub(in crate::native) fn truncate(&mut self, double: bool, wide: bool, to: Gpr, from: Xmm) {
        self.modrm(Op::scalar(double, 0x2C), wide, false, to.0, from.into(), Tail::NONE);
    }

    /// `roundss` or `roundsd` in a mode: 0 nearest, 1 down, 2 up, 3 towards zero; no inexact exception (SSE4.1).
    pub(in crate::native) fn round(&mut self, double: bool, to: Xmm, from: Xmm, mode: u8) {
        self.byte(0x66);
        let rex = 0x40 | to.0 >> 3 << 2 | from.0 >> 3;
        if rex != 0x40 {
            self.byte(rex);
        }
        self.code.extend_from_slice(&[ESCAPE, 0x3A, if double { 0x0B } else { 0x0A }]);
        self.byte(0xC0 | (to.0 & 7) << 3 | from.0 & 7);
        self.byte(mode | 8);
    }

    pub(in crate::native) fn push(&mut self, reg: Gpr) {
        if reg.0 >= 8 {
            self.byte(0x41);
        }
        self.byte(0x50 | reg.0 & 7);
    }

    pub(in crate::native) fn pop(&mut self, reg: Gpr) {
        if reg.0 >= 8 {
            self.byte(0x41);
        }
        self.byte(0x58 | reg.0 & 7);
    }

    pub(in crate::native) fn push_mem(&mut self, mem: Mem) {
        self.modrm(Op::plain(0xFF), false, false, 6, mem.into(), Tail::NONE);
    }

    pub(in crate::native) fn pop_mem(&mut self, mem: Mem) {
        self.modrm(Op::plain(0x8F), false, false, 0, mem.into(), Tail::NONE);
    }

    pub(in crate::native) fn call(&mut self, to: impl Into<Rm>) {
        self.modrm(Op::plain(0xFF), false, false, 2, to.into(), Tail::NONE);
    }

    pub(in crate::native) fn call_label(&mut self, label: Label) {
        self.fixups.push((self.position() + 1, label));
        self.code.extend_from_slice(&[0xE8, 0, 0, 0, 0]);
    }

    pub(in crate::native) fn jump_to(&mut self, to: Gpr) {
        self.modrm(Op::plain(0xFF), false, false, 4, to.into(), Tail::NONE);
    }

    pub(in crate::native) fn ret(&mut self) {
        self.byte(0xC3);
    }

    pub(in crate::native) fn jump(&mut self, label: Label) {
        if let Some(way) = self.short(label) {
            self.code.extend_from_slice(&[0xEB, way as u8]);
            return;
        }
        self.fixups.push((self.position() + 1, label));
        self.code.extend_from_slice(&[0xE9, 0, 0, 0, 0]);
    }

    pub(in crate::native) fn branch(&mut self, cond: Cond, label: Label) {
        if let Some(way) = self.short(label) {
            self.code.extend_from_slice(&[0x70 | cond as u8, way as u8]);
            return;
        }
        self.fixups.push((self.position() + 2, label));
        self.code.extend_from_slice(&[ESCAPE, 0x80 | cond as u8, 0, 0, 0, 0]);
    }

    /// The way back to a label from the end of a jump of two bytes.
    fn short(&self, label: Label) -> Option<i8> {
        let place = self.place(label);
        if place == UNBOUND {
            return None;
        }
        i8::try_from(i64::from(place) - i64::from(self.position()) - 2).ok()
    }

    pub(in crate::native) fn skip_if(&mut self, cond: Cond) -> Short {
        self.code.extend_from_slice(&[0x70 | cond as u8, 0]);
        Short(self.code.len())
    }

    pub(in crate::native) fn skip(&mut self) -> Short {
        self.code.extend_from_slice(&[0xEB, 0]);
        Short(self.code.len())
    }

    /// Where a short jump leads.
    pub(in crate::native) fn land(&mut self, short: Short) {
        let way = self.code.len() - short.0;
        self.failed |= way >= 128;
        self.code[short.0 - 1] = way as u8;
    }
}
