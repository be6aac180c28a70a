//! An opcode with its operands as bytes (Intel SDM volume 2, section 2.1).

use super::{Assembler, Gpr, Mem, NO, Op, R14, Rm};

impl Assembler {
    /// An instruction with a register and an operand. `immediate` bytes follow.
    pub(super) fn modrm(&mut self, op: Op, wide: bool, bytes: bool, reg: u8, rm: Rm, immediate: u32) {
        let rm = self.linear(rm);
        let (index, base) = match rm {
            Rm::Reg(reg) => (0, reg),
            Rm::Mem(Mem::Base(base, _)) => (0, base.0),
            Rm::Mem(Mem::Index(base, index, ..)) => (index.0, base.0),
            Rm::Mem(Mem::Scaled(index, ..)) => (index.0, 0),
            Rm::Mem(Mem::Linear(..) | Mem::Label(_)) => (0, 0),
        };
        let rex = 0x40 | u8::from(wide) << 3 | reg >> 3 << 2 | index >> 3 << 1 | base >> 3;
        let low = bytes && (reg >= 4 || matches!(rm, Rm::Reg(4..)));
        // From the last byte to the first: what is there goes in front of what is.
        let (mut head, mut len) = (u32::from(op.2), 1);
        for (is, byte) in [(op.1 != NO, op.1), (rex != 0x40 || low, rex), (op.0 != NO, op.0)] {
            if is {
                head = head << 8 | u32::from(byte);
                len += 1;
            }
        }
        self.operand(Bytes { all: head.into(), len }, reg & 7, rm, immediate);
    }

    /// Notes that the instruction which begins here touches linear memory, if it does.
    fn linear(&mut self, rm: Rm) -> Rm {
        let Rm::Mem(Mem::Linear(address, disp, node)) = rm else { return rm };
        if let Some(node) = node {
            self.unchecked.push((self.position(), node));
        }
        Mem::Index(R14, address, 0, disp).into()
    }

    fn operand(&mut self, mut bytes: Bytes, reg: u8, rm: Rm, immediate: u32) {
        let reg = reg << 3;
        match rm {
            Rm::Reg(rm) => bytes.push(u64::from(0xC0 | reg | rm & 7), 1),
            Rm::Mem(Mem::Label(label)) => {
                bytes.push(u64::from(reg | 5), 1);
                self.fixups.push((self.position() + bytes.len, label));
                bytes.push(0, 4);
                // The way is counted from the end of the instruction.
                self.failed |= immediate != 0;
            }
            // `linear` leaves none.
            Rm::Mem(Mem::Linear(..)) => self.failed = true,
            Rm::Mem(Mem::Base(base, disp)) => {
                let (mode, len) = Self::mode(base, disp);
                let (modrm, disp) = (mode | reg | base.0 & 7, u64::from(disp as u32));
                if base.0 & 7 == 4 {
                    bytes.push(u64::from(modrm) | 0x2400 | disp << 16, 2 + len);
                } else {
                    bytes.push(u64::from(modrm) | disp << 8, 1 + len);
                }
            }
            Rm::Mem(Mem::Scaled(index, scale, disp)) => {
                let sib = scale << 6 | (index.0 & 7) << 3 | 5;
                bytes.push(u64::from(reg | 4) | u64::from(sib) << 8 | u64::from(disp as u32) << 16, 6);
            }
            Rm::Mem(Mem::Index(base, index, scale, disp)) => {
                let (mode, len) = Self::mode(base, disp);
                let (modrm, sib) = (mode | reg | 4, scale << 6 | (index.0 & 7) << 3 | base.0 & 7);
                bytes.push(u64::from(modrm) | u64::from(sib) << 8 | u64::from(disp as u32) << 16, 2 + len);
            }
        }
        // All of them at once, as that costs less than to ask how many there are.
        let end = self.code.len() + bytes.len as usize;
        self.code.extend_from_slice(&bytes.all.to_le_bytes());
        self.code.truncate(end);
    }

    /// How a displacement is encoded, and in how many bytes.
    const fn mode(base: Gpr, disp: i32) -> (u8, u32) {
        match disp {
            0 if base.0 & 7 != 5 => (0, 0),
            -128..=127 => (0x40, 1),
            _ => (0x80, 4),
        }
    }
}

/// The bytes of an instruction, without an immediate, which never leave registers before they are written together.
#[derive(Clone, Copy, Default)]
struct Bytes {
    all: u128,
    len: u32,
}

impl Bytes {
    /// Adds so many bytes.
    #[inline(always)]
    const fn push(&mut self, bytes: u64, len: u32) {
        self.all |= (bytes as u128) << (8 * self.len);
        self.len += len;
    }
}
