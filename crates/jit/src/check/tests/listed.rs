//! The closed list of instruction forms by what another decoder makes of bytes: what the checker's own decoder is compared with.

use crate::check::form::{Form, Out};
use iced_x86::{Code, Instruction, OpKind, Register};

/// The form of an instruction; `None` if it is none of the list.
pub(super) fn of(instruction: &Instruction) -> Option<Form> {
    let prefixed = instruction.has_lock_prefix()
        || instruction.has_rep_prefix()
        || instruction.has_repne_prefix()
        || instruction.segment_prefix() != Register::None;
    if prefixed {
        return None;
    }
    let code = instruction.code();
    if code == Code::Mov_rm64_imm32 && instruction.op0_kind() == OpKind::Register {
        return Some(Form::Between(Out::Wide));
    }
    integer(code).or_else(|| vector(code)).or_else(|| control(code))
}

fn integer(code: Code) -> Option<Form> {
    use Code as C;
    use Form as F;
    use Out::{Narrow, Part, Wide};
    Some(match code {
        C::Mov_r32_rm32
        | C::Add_r32_rm32
        | C::Or_r32_rm32
        | C::And_r32_rm32
        | C::Sub_r32_rm32
        | C::Xor_r32_rm32
        | C::Imul_r32_rm32
        | C::Imul_r32_rm32_imm8
        | C::Imul_r32_rm32_imm32
        | C::Popcnt_r32_rm32 => F::Write(Narrow, 4),
        C::Mov_r64_rm64
        | C::Add_r64_rm64
        | C::Or_r64_rm64
        | C::And_r64_rm64
        | C::Sub_r64_rm64
        | C::Xor_r64_rm64
        | C::Imul_r64_rm64
        | C::Imul_r64_rm64_imm8
        | C::Imul_r64_rm64_imm32
        | C::Popcnt_r64_rm64
        | C::Bsf_r64_rm64
        | C::Bsr_r64_rm64 => F::Write(Wide, 8),
        // Without a bit these leave the register, upper half and all.
        C::Bsf_r32_rm32 | C::Bsr_r32_rm32 => F::Write(Wide, 4),
        C::Movsxd_r64_rm32 => F::Write(Wide, 4),
        C::Movzx_r32_rm8 | C::Movsx_r32_rm8 => F::Write(Narrow, 1),
        C::Movzx_r32_rm16 | C::Movsx_r32_rm16 => F::Write(Narrow, 2),
        C::Movsx_r64_rm8 => F::Write(Wide, 1),
        C::Movsx_r64_rm16 => F::Write(Wide, 2),
        C::Mov_r32_imm32
        | C::Add_rm32_imm8
        | C::Or_rm32_imm8
        | C::And_rm32_imm8
        | C::Sub_rm32_imm8
        | C::Xor_rm32_imm8
        | C::Add_rm32_imm32
        | C::Or_rm32_imm32
        | C::And_rm32_imm32
        | C::Sub_rm32_imm32
        | C::Xor_rm32_imm32
        | C::Rol_rm32_imm8
        | C::Ror_rm32_imm8
        | C::Shl_rm32_imm8
        | C::Shr_rm32_imm8
        | C::Sar_rm32_imm8
        | C::Rol_rm32_CL
        | C::Ror_rm32_CL
        | C::Shl_rm32_CL
        | C::Shr_rm32_CL
        | C::Sar_rm32_CL => F::Between(Narrow),
        C::Mov_r64_imm64
        | C::Add_rm64_imm8
        | C::Or_rm64_imm8
        | C::And_rm64_imm8
        | C::Sub_rm64_imm8
        | C::Xor_rm64_imm8
        | C::Add_rm64_imm32
        | C::Or_rm64_imm32
        | C::And_rm64_imm32
        | C::Sub_rm64_imm32
        | C::Xor_rm64_imm32
        | C::Rol_rm64_imm8
        | C::Ror_rm64_imm8
        | C::Shl_rm64_imm8
        | C::Shr_rm64_imm8
        | C::Sar_rm64_imm8
        | C::Rol_rm64_CL
        | C::Ror_rm64_CL
        | C::Shl_rm64_CL
        | C::Shr_rm64_CL
        | C::Sar_rm64_CL => F::Between(Wide),
        C::Cmp_r32_rm32 | C::Cmp_rm32_imm8 | C::Cmp_rm32_imm32 => F::Compare(4),
        C::Cmp_r64_rm64 | C::Cmp_rm64_imm8 | C::Cmp_rm64_imm32 => F::Compare(8),
        C::Test_rm32_r32 => F::Compare(4),
        C::Test_rm64_r64 => F::Compare(8),
        C::Mov_rm8_r8 | C::Mov_rm8_imm8 => F::Store(1),
        C::Mov_rm16_r16 | C::Mov_rm16_imm16 => F::Store(2),
        C::Mov_rm32_r32 | C::Mov_rm32_imm32 => F::Store(4),
        C::Mov_rm64_r64 => F::Store(8),
        C::Mov_rm64_imm32 => F::Store(8),
        C::Lea_r32_m => F::Lea(Narrow),
        C::Lea_r64_m => F::Lea(Wide),
        C::Mul_rm32 | C::Imul_rm32 | C::Div_rm32 | C::Idiv_rm32 => F::Pair(Narrow, 4),
        C::Mul_rm64 | C::Imul_rm64 | C::Div_rm64 | C::Idiv_rm64 => F::Pair(Wide, 8),
        C::Cdq | C::Cqo => F::Pair(Wide, 0),
        _ if is_cmov_of(code, 1) => F::Write(Narrow, 4),
        _ if is_cmov_of(code, 2) => F::Write(Wide, 8),
        _ if (C::Seto_rm8 as u16..=C::Setg_rm8 as u16).contains(&(code as u16)) => F::Between(Part),
        _ => return None,
    })
}

/// Conditional moves come in threes: 16, 32 and 64 bits.
const fn is_cmov_of(code: Code, width: u16) -> bool {
    let (code, first) = (code as u16, Code::Cmovo_r16_rm16 as u16);
    first <= code && code <= Code::Cmovg_r64_rm64 as u16 && (code - first) % 3 == width
}

fn vector(code: Code) -> Option<Form> {
    use Code as C;
    use Form as F;
    Some(match code {
        C::Movss_xmm_xmmm32
        | C::Sqrtss_xmm_xmmm32
        | C::Addss_xmm_xmmm32
        | C::Mulss_xmm_xmmm32
        | C::Cvtss2sd_xmm_xmmm32
        | C::Subss_xmm_xmmm32
        | C::Minss_xmm_xmmm32
        | C::Divss_xmm_xmmm32
        | C::Maxss_xmm_xmmm32
        | C::Ucomiss_xmm_xmmm32
        | C::Roundss_xmm_xmmm32_imm8 => F::Vector(4),
        C::Movsd_xmm_xmmm64
        | C::Sqrtsd_xmm_xmmm64
        | C::Addsd_xmm_xmmm64
        | C::Mulsd_xmm_xmmm64
        | C::Cvtsd2ss_xmm_xmmm64
        | C::Subsd_xmm_xmmm64
        | C::Minsd_xmm_xmmm64
        | C::Divsd_xmm_xmmm64
        | C::Maxsd_xmm_xmmm64
        | C::Ucomisd_xmm_xmmm64
        | C::Roundsd_xmm_xmmm64_imm8 => F::Vector(8),
        C::Movaps_xmm_xmmm128
        | C::Andps_xmm_xmmm128
        | C::Andpd_xmm_xmmm128
        | C::Andnps_xmm_xmmm128
        | C::Andnpd_xmm_xmmm128
        | C::Orps_xmm_xmmm128
        | C::Orpd_xmm_xmmm128
        | C::Xorps_xmm_xmmm128
        | C::Xorpd_xmm_xmmm128
        | C::Movd_xmm_rm32
        | C::Movq_xmm_rm64
        | C::Cvtsi2ss_xmm_rm32
        | C::Cvtsi2ss_xmm_rm64
        | C::Cvtsi2sd_xmm_rm32
        | C::Cvtsi2sd_xmm_rm64 => F::VectorBetween,
        C::Movss_xmmm32_xmm => F::Store(4),
        C::Movsd_xmmm64_xmm => F::Store(8),
        C::Movd_rm32_xmm | C::Cvttss2si_r32_xmmm32 | C::Cvttsd2si_r32_xmmm64 => F::Between(Out::Narrow),
        C::Movq_rm64_xmm | C::Cvttss2si_r64_xmmm32 | C::Cvttsd2si_r64_xmmm64 => F::Between(Out::Wide),
        _ => return None,
    })
}

fn control(code: Code) -> Option<Form> {
    use Code as C;
    use Form as F;
    Some(match code {
        C::Jmp_rel8_64 | C::Jmp_rel32_64 => F::Jump,
        C::Jmp_rm64 => F::JumpTo,
        C::Call_rel32_64 => F::Call,
        C::Call_rm64 => F::CallTo,
        C::Retnq => F::Return,
        C::Push_r64 => F::Push,
        C::Pop_r64 => F::Pop,
        C::Push_rm64 => F::PushMemory,
        C::Pop_rm64 => F::PopMemory,
        C::Int3 => F::Stop,
        _ => return condition(code).map(|_| F::Branch),
    })
}

/// The condition of a branch, by its number in the opcode. Branches come in threes, of which only the last is of 64-bit code.
pub(super) const fn condition(code: Code) -> Option<u8> {
    let code = code as u16;
    let (short, near) = (Code::Jo_rel8_16 as u16, Code::Jo_rel16 as u16);
    let way = if short <= code && code <= Code::Jg_rel8_64 as u16 {
        code - short
    } else if near <= code && code <= Code::Jg_rel32_64 as u16 {
        code - near
    } else {
        return None;
    };
    if way % 3 == 2 { Some((way / 3) as u8) } else { None }
}
