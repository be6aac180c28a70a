//! An opcode with its operands as bytes (Intel SDM volume 2, section 2.1).

use super::{Assembler, Gpr, Mem, Op, R14, Rm};

/// What comes at the end of an instruction: so many bytes of a constant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    value: u32,
    len: u32,
}

impl Tail {
    pub(super) const NONE: Self = Self { value: 0, len: 0 };

    pub(super) const fn byte(value: u8) -> Self {
        Self { value: value as u32, len: 1 }
    }

    pub(super) const fn word(value: i32) -> Self {
        Self { value: value as u32, len: 4 }
    }

    /// The lowest 1, 2 or 4 bytes.
    pub(super) const fn of(bytes: u32, value: i32) -> Self {
        Self { value: value as u32 & u32::MAX >> (32 - 8 * bytes), len: bytes }
    }
}

/// An operand in memory: what comes behind the opcode, of at most six bytes before the tail, and what `REX` says of its registers.
#[derive(Clone, Copy)]
struct Operand {
    bytes: u64,
    len: u32,
    index: u8,
    base: u8,
}

impl Assembler {
    /// An instruction with a register and an operand, of which any may be one of bytes.
    #[inline(always)]
    pub(super) fn modrm(&mut self, op: Op, wide: bool, bytes: bool, reg: u8, rm: Rm, tail: Tail) {
        match rm {
            Rm::Reg(rm) => self.registers(op, wide, bytes, (reg, rm), tail),
            Rm::Mem(mem) => self.memory(op, wide, bytes, (reg, mem), tail),
        }
    }

    /// The same with an operand in a register.
    fn registers(&mut self, op: Op, wide: bool, bytes: bool, (reg, rm): (u8, u8), tail: Tail) {
        let rex = u8::from(wide) << 3 | reg >> 3 << 2 | rm >> 3;
        let low = bytes & (reg | rm >= 4);
        let (head, len) = head(op, rex, low);
        let (ahead, modrm) = (8 * len, 0xC0 | (reg & 7) << 3 | rm & 7);
        let rest = u64::from(modrm) | u64::from(tail.value) << 8;
        self.put([u64::from(head) | rest << ahead, rest >> (64 - ahead)], len + 1 + tail.len);
    }

    /// The same with one in memory.
    fn memory(&mut self, op: Op, wide: bool, bytes: bool, (reg, mem): (u8, Mem), tail: Tail) {
        let operand = self.operand((reg & 7) << 3, mem);
        let rex = u8::from(wide) << 3 | reg >> 3 << 2 | operand.index >> 3 << 1 | operand.base >> 3;
        let (head, mut len) = head(op, rex, bytes & (reg >= 4));
        if let Mem::Label(label) = mem {
            self.fixups.push((self.position() + len + 1, label));
            // The way is counted from the end of the instruction.
            self.failed |= tail.len != 0;
        }
        let (ahead, behind) = (8 * len, 8 * operand.len);
        len += operand.len;
        let mut rest = operand.bytes;
        if behind + 8 * tail.len <= 64 {
            rest |= u64::from(tail.value) << (behind & 63);
            len += tail.len;
        }
        self.put([u64::from(head) | rest << ahead, rest >> (64 - ahead)], len);
        if behind + 8 * tail.len > 64 {
            self.code.extend_from_slice(&tail.value.to_le_bytes()[..tail.len as usize]);
        }
    }

    /// So many of some bytes: all of them at once, as that costs less than to ask how many there are.
    #[inline(always)]
    fn put(&mut self, all: [u64; 2], len: u32) {
        let end = self.code.len() + len as usize;
        self.code.extend_from_slice(all.map(u64::to_le_bytes).as_flattened());
        self.code.truncate(end);
    }

    /// The register, where it belongs, and an operand.
    #[inline(always)]
    fn operand(&mut self, reg: u8, mem: Mem) -> Operand {
        match mem {
            Mem::Base(base, disp) => {
                let (mode, len) = mode(base, disp);
                let has_sib = base.0 & 7 == 4;
                let modrm = u64::from(mode | reg | base.0 & 7) | if has_sib { 0x2400 } else { 0 };
                let by = 1 + u32::from(has_sib);
                Operand { bytes: modrm | kept(disp, len) << (8 * by), len: by + len, index: 0, base: base.0 }
            }
            Mem::Index(base, index, scale, disp) => indexed(reg, base, index, scale, disp),
            Mem::Linear(address, disp, node) => {
                if let Some(node) = node {
                    self.unchecked.push((self.position(), node));
                }
                indexed(reg, R14, address, 0, disp)
            }
            Mem::Scaled(index, scale, disp) => {
                let sib = scale << 6 | (index.0 & 7) << 3 | 5;
                let bytes = u64::from(reg | 4) | u64::from(sib) << 8 | kept(disp, 4) << 16;
                Operand { bytes, len: 6, index: index.0, base: 0 }
            }
            Mem::Label(_) => Operand { bytes: u64::from(reg | 5), len: 5, index: 0, base: 0 },
        }
    }
}

/// What comes before the operand, of one to four bytes, and how many these are.
#[inline(always)]
fn head(op: Op, rex: u8, low: bool) -> (u32, u32) {
    // From the last byte to the first: what is there goes in front of what is.
    let rex_bits = 8 * u32::from((rex != 0) | low);
    let mut head = u32::from(op.bytes) << rex_bits | (0x40 | u32::from(rex)) & ((1 << rex_bits) - 1);
    let mut len = u32::from(op.len) + rex_bits / 8;
    if op.prefix != 0 {
        (head, len) = (head << 8 | u32::from(op.prefix), len + 1);
    }
    (head, len)
}

fn indexed(reg: u8, base: Gpr, index: Gpr, scale: u8, disp: i32) -> Operand {
    let (mode, len) = mode(base, disp);
    let (modrm, sib) = (mode | reg | 4, scale << 6 | (index.0 & 7) << 3 | base.0 & 7);
    let bytes = u64::from(modrm) | u64::from(sib) << 8 | kept(disp, len) << 16;
    Operand { bytes, len: 2 + len, index: index.0, base: base.0 }
}

/// So many bytes of a displacement.
#[inline(always)]
fn kept(disp: i32, len: u32) -> u64 {
    u64::from(disp as u32) & ((1_u64 << (8 * len)) - 1)
}

/// How a displacement is encoded, and in how many bytes.
#[inline(always)]
const fn mode(base: Gpr, disp: i32) -> (u8, u32) {
    if disp == 0 && base.0 & 7 != 5 {
        (0, 0)
    } else if disp as i8 as i32 == disp {
        (0x40, 1)
    } else {
        (0x80, 4)
    }
}
