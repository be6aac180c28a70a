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

/// What comes behind the opcode, of at most six bytes before the tail, and what `REX` says of its registers.
#[derive(Clone, Copy)]
struct Operand {
    bytes: u64,
    len: u32,
    index: u8,
    base: u8,
}

impl Assembler {
    /// An instruction with a register and an operand, of which any may be one of bytes.
    pub(super) fn modrm(&mut self, op: Op, wide: bool, bytes: bool, reg: u8, rm: Rm, tail: Tail) {
        let operand = self.operand((reg & 7) << 3, rm);
        let rex = u8::from(wide) << 3 | reg >> 3 << 2 | operand.index >> 3 << 1 | operand.base >> 3;
        let low = bytes & ((reg >= 4) | matches!(rm, Rm::Reg(4..)));
        // From the last byte to the first: what is there goes in front of what is.
        let rex_bits = 8 * u32::from((rex != 0) | low);
        let mut head = u32::from(op.bytes) << rex_bits | (0x40 | u32::from(rex)) & ((1 << rex_bits) - 1);
        let mut len = u32::from(op.len) + rex_bits / 8;
        if op.prefix != 0 {
            (head, len) = (head << 8 | u32::from(op.prefix), len + 1);
        }
        if let Rm::Mem(Mem::Label(label)) = rm {
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
        // All of them at once, as that costs less than to ask how many there are. The head has one to four bytes.
        let all = [u64::from(head) | rest << ahead, rest >> (64 - ahead)].map(u64::to_le_bytes);
        let end = self.code.len() + len as usize;
        self.code.extend_from_slice(all.as_flattened());
        self.code.truncate(end);
        if behind + 8 * tail.len > 64 {
            self.code.extend_from_slice(&tail.value.to_le_bytes()[..tail.len as usize]);
        }
    }

    /// The register, where it belongs, and an operand.
    #[inline(always)]
    fn operand(&mut self, reg: u8, rm: Rm) -> Operand {
        match rm {
            Rm::Reg(rm) => Operand { bytes: u64::from(0xC0 | reg | rm & 7), len: 1, index: 0, base: rm },
            Rm::Mem(Mem::Base(base, disp)) => {
                let (mode, len) = mode(base, disp);
                let has_sib = base.0 & 7 == 4;
                let modrm = u64::from(mode | reg | base.0 & 7) | if has_sib { 0x2400 } else { 0 };
                let by = 1 + u32::from(has_sib);
                Operand { bytes: modrm | kept(disp, len) << (8 * by), len: by + len, index: 0, base: base.0 }
            }
            Rm::Mem(Mem::Index(base, index, scale, disp)) => indexed(reg, base, index, scale, disp),
            Rm::Mem(Mem::Linear(address, disp, node)) => {
                if let Some(node) = node {
                    self.unchecked.push((self.position(), node));
                }
                indexed(reg, R14, address, 0, disp)
            }
            Rm::Mem(Mem::Scaled(index, scale, disp)) => {
                let sib = scale << 6 | (index.0 & 7) << 3 | 5;
                let bytes = u64::from(reg | 4) | u64::from(sib) << 8 | kept(disp, 4) << 16;
                Operand { bytes, len: 6, index: index.0, base: 0 }
            }
            Rm::Mem(Mem::Label(_)) => Operand { bytes: u64::from(reg | 5), len: 5, index: 0, base: 0 },
        }
    }
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
