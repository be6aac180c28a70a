//! The second walk over a function: instruction by instruction, with what is known of registers.

use super::decode::{Instruction, Op};
use super::form::{Form, Out};
use super::frame::{Frame, is_stack};
use super::fuel::Check;
use super::operand::{Base, R13, R15, RAX, RDX, RESERVED, RSP};
use super::scan::{Scanned, reject};
use super::sequence::{Taken, counts, taken, takes_reciprocal};
use super::state::{Compared, Fact, State};
use super::upper::{Graph, Upper};
use super::{Checkable, Extent, Rejected, Rule, SiteKind, place};
use crate::exec::fiber::at;
use alloc::vec::Vec;

/// More than the sum of an offset and a size.
const MAX_PAST: u64 = 1 << 34;

/// What is known at a place that one branch leads to, and nothing else: the entry in `rsi` has the type that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// It is of another instance, or of the host.
    Elsewhere,
    /// It is of the host.
    Host,
}

/// What a walk notes, which the next one takes.
#[derive(Default)]
pub(super) struct Room {
    graph: Graph,
    checks: Vec<Check>,
}

impl Room {
    /// How many items its largest list has room for.
    pub(super) fn room(&self) -> usize {
        self.graph.room().max(self.checks.capacity())
    }
}

pub(super) struct Walk<'a> {
    pub(super) unit: &'a Checkable<'a>,
    pub(super) extent: Extent,
    pub(super) scanned: &'a Scanned,
    pub(super) frame: Frame,
    /// The function's instance.
    pub(super) own: u32,
    pub(super) state: State,
    pub(super) graph: &'a mut Graph,
    /// The instruction, by number.
    pub(super) at: usize,
    site: usize,
    /// Whether the instruction before this one leads here.
    pub(super) live: bool,
    /// By place; there are few at a time.
    carried: Vec<(u32, Carried)>,
    /// Of exits that are still to come: the last one's is the next.
    pub(super) checks: &'a mut Vec<Check>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        unit: &'a Checkable<'a>,
        extent: Extent,
        (scanned, room): (&'a Scanned, &'a mut Room),
        frame: Frame,
        own: u32,
    ) -> Self {
        let at = frame.prologue;
        let state = State::new(Some(own), Upper::START);
        let Room { graph, checks } = room;
        graph.clear();
        checks.clear();
        Self { unit, extent, scanned, frame, own, state, graph, at, site: 0, live: true, carried: Vec::new(), checks }
    }

    #[inline(never)]
    pub(super) fn run(mut self) -> Result<(), Rejected> {
        self.graph.block(self.extent.start);
        while self.at < self.scanned.instructions().len() {
            if self.scanned.is_target(self.at) || !self.live {
                self.arrive()?;
            } else {
                self.step()?;
            }
        }
        if self.live || !self.checks.is_empty() {
            return Err(place(self.extent.code_end, Rule::Flow));
        }
        match self.graph.solve() {
            Some(offset) => Err(place(offset, Rule::Upper)),
            None => Ok(()),
        }
    }

    pub(super) fn instruction(&self) -> &'a Instruction {
        // The walk ends before the last one is passed.
        &self.scanned.instructions()[self.at.min(self.scanned.instructions().len() - 1)]
    }

    fn offset(&self) -> u32 {
        self.instruction().offset
    }

    /// A block begins.
    fn arrive(&mut self) -> Result<(), Rejected> {
        let offset = self.offset();
        if self.scanned.is_check(offset) {
            return self.come_back();
        }
        let carried = self.carried(offset).filter(|_| !self.live && !self.scanned.has_many(offset));
        if self.live {
            self.branch_to(offset)?;
        }
        self.state.renew(Some(self.own), Upper::START);
        self.graph.block(offset);
        self.live = true;
        match carried {
            Some(Carried::Elsewhere) => self.elsewhere(),
            Some(Carried::Host) => self.host(),
            None => self.step(),
        }
    }

    /// Something is known at a place.
    pub(super) fn carry(&mut self, offset: u32, what: Carried) {
        self.carried.retain(|(at, _)| *at != offset);
        self.carried.push((offset, what));
    }

    /// What is known at a place, which is then forgotten.
    fn carried(&mut self, offset: u32) -> Option<Carried> {
        let at = self.carried.iter().position(|(at, _)| *at == offset)?;
        Some(self.carried.swap_remove(at).1)
    }

    /// The memory that is held is the function's own.
    pub(super) fn needs_own(&self) -> Result<(), Rejected> {
        if self.state.held == Some(self.own) { Ok(()) } else { reject(self.instruction(), Rule::Hold) }
    }

    pub(super) fn next_site(&mut self) -> Option<SiteKind> {
        let kind = self.scanned.sites.get(self.site).copied();
        self.site += 1;
        kind
    }

    fn step(&mut self) -> Result<(), Rejected> {
        let instruction = self.instruction();
        let compared = core::mem::take(&mut self.state.compared);
        // Code is mixed, so that what is frequent is asked for first, instead of a jump by the form.
        if instruction.is_simple() {
            self.simple(instruction)?;
            self.at += 1;
            return Ok(());
        }
        match instruction.form() {
            Form::Branch => self.branch(instruction, compared)?,
            Form::Jump => {
                self.branch_to(instruction.target())?;
                self.live = false;
            }
            Form::Call => self.call(instruction)?,
            Form::CallTo => self.call_to(instruction)?,
            Form::Stop => self.live = false,
            Form::JumpTo => return reject(instruction, Rule::Table),
            Form::Return | Form::Push | Form::Pop => return reject(instruction, Rule::Stack),
            Form::PushMemory | Form::PopMemory => return reject(instruction, Rule::Hold),
            Form::Write(..) if let Some(taken) = taken(instruction) => {
                return match taken {
                    Taken::Memories => self.hold(),
                    Taken::Tables => self.indirect(),
                };
            }
            Form::Write(..) if takes_reciprocal(instruction) => return self.reciprocal(),
            Form::Write(..) if counts(instruction) => return self.count(),
            _ if is_stack(instruction, [Op::AddRm64Imm8, Op::AddRm64Imm32]) => return self.leave(),
            Form::Compare(8) if instruction.second() == Some(R13) => return self.counted(),
            Form::Lea(_) if instruction.is_in_code() => return self.table(),
            Form::Lea(_) if instruction.is_based_on(RSP) => return self.room(),
            Form::Between(_) if instruction.first() == Some(R13) => super::fuel::pay(instruction)?,
            form => self.plain(instruction, form)?,
        }
        self.at += 1;
        Ok(())
    }

    /// Instructions that only compute, on registers without a meaning of their own.
    fn simple(&mut self, instruction: &Instruction) -> Result<(), Rejected> {
        match instruction.form() {
            Form::Write(out, _) | Form::Between(out) => {
                let Some(to) = instruction.first() else { return Ok(()) };
                if !self.frame.owns(to) {
                    return reject(instruction, Rule::Register);
                }
                self.state.write(to, Fact::Unknown, out == Out::Narrow);
                Ok(())
            }
            form => self.result_of(instruction, form),
        }
    }

    /// Instructions that only compute, read and write.
    fn plain(&mut self, instruction: &Instruction, form: Form) -> Result<(), Rejected> {
        if instruction.named() & RESERVED != 0 {
            return reject(instruction, Rule::Register);
        }
        let in_memory = instruction.is_in_memory();
        match form {
            Form::Lea(out) => return self.lea(instruction, out),
            Form::Store(bytes) => {
                if !instruction.is_first_in_memory() {
                    return reject(instruction, Rule::Form);
                }
                return self.access(instruction, bytes, true);
            }
            Form::Between(_) | Form::VectorBetween if in_memory => return reject(instruction, Rule::Form),
            Form::Write(_, bytes) | Form::Compare(bytes) | Form::Pair(_, bytes) | Form::Vector(bytes) if in_memory => {
                self.access(instruction, bytes, false)?;
            }
            _ => {}
        }
        self.result_of(instruction, form)
    }

    /// What an instruction leaves behind that computes.
    fn result_of(&mut self, instruction: &Instruction, form: Form) -> Result<(), Rejected> {
        match form {
            Form::Write(out, _) | Form::Between(out) => {
                // A vector register as the first operand is none that anything is known of.
                instruction.first().map_or(Ok(()), |to| self.write(instruction, to, out))
            }
            Form::Pair(out, _) => {
                self.state.write(RAX, Fact::Unknown, out == Out::Narrow);
                self.state.write(RDX, Fact::Unknown, out == Out::Narrow);
                Ok(())
            }
            Form::Compare(_) => {
                self.compare(instruction);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn compare(&mut self, instruction: &Instruction) {
        if instruction.is_at(R15, at::MEMORY_LEN)
            && let Some(Fact::Sum(base, past)) = instruction.first().map(|end| self.state.fact(end))
        {
            self.state.compared = Compared::Bounds(base, past);
        }
    }

    fn write(&mut self, instruction: &Instruction, to: u8, out: Out) -> Result<(), Rejected> {
        if !self.frame.owns(to) {
            return reject(instruction, Rule::Register);
        }
        let fact = self.result(instruction, to);
        let zero = match (out, fact) {
            (_, Fact::Constant(value)) => value <= u32::MAX.into(),
            (Out::Narrow, _) => true,
            (Out::Wide, _) if instruction.op() == Op::ShrRm64Imm8 => {
                let least = if self.state.fact(to) == Fact::Length { 1 } else { 32 };
                instruction.immediate().is_some_and(|by| (least..64).contains(&by))
            }
            (Out::Wide, _) if instruction.op() == Op::CmovR64Rm64 => {
                let upper = self.state.upper;
                upper.is_zero(to) && instruction.second().is_some_and(|from| upper.is_zero(from))
            }
            (Out::Wide, _) => {
                let copied = instruction.second().filter(|_| instruction.op() == Op::MovR64Rm64);
                copied.is_some_and(|from| self.state.upper.is_zero(from))
            }
            (Out::Part, _) => false,
        };
        self.state.write(to, fact, zero);
        Ok(())
    }

    /// What is known of the result of an instruction.
    fn result(&self, instruction: &Instruction, to: u8) -> Fact {
        let from = instruction.second();
        match instruction.op() {
            Op::MovR32Imm32 => {
                instruction.immediate().map_or(Fact::Unknown, |value| Fact::Constant(value as u32 as u64))
            }
            Op::MovR64Imm64 | Op::MovRm64Imm32 => {
                instruction.immediate().map_or(Fact::Unknown, |value| Fact::Constant(value as u64))
            }
            Op::XorR32Rm32 if from == Some(to) => Fact::Constant(0),
            Op::MovR64Rm64 if from.is_none() => self.loaded(instruction),
            Op::AddR64Rm64 => match (self.state.fact(to), from) {
                (Fact::Constant(past), Some(base)) if past < MAX_PAST && base != to => Fact::Sum(base, past),
                _ => Fact::Unknown,
            },
            _ => Fact::Unknown,
        }
    }

    /// What a field of the context is.
    fn loaded(&self, instruction: &Instruction) -> Fact {
        let is = |at: i32| instruction.is_at(R15, at);
        if is(at::GLOBALS) {
            Fact::Globals
        } else if is(at::FUNCTIONS) {
            Fact::Functions
        } else if is(at::MEMORY_LEN) {
            Fact::Length
        } else {
            Fact::Unknown
        }
    }

    fn lea(&mut self, instruction: &Instruction, out: Out) -> Result<(), Rejected> {
        let (Some(to), Some(sum)) = (instruction.first(), instruction.memory()) else {
            return reject(instruction, Rule::Memory);
        };
        let base = match sum.base {
            Base::Gpr(base) => Some(base),
            Base::Nothing => None,
            Base::Code => return reject(instruction, Rule::Constant),
        };
        let index = sum.index.map_or(0, |(index, _)| 1_u16 << index);
        if !self.frame.owns(to) || (base.map_or(0, |base| 1 << base) | index) & RESERVED != 0 {
            return reject(instruction, Rule::Register);
        }
        let fact = match (out, base, sum.index, u64::try_from(sum.displacement)) {
            (Out::Wide, Some(base), None, Ok(past)) if base != to => Fact::Sum(base, past),
            _ => Fact::Unknown,
        };
        self.state.write(to, fact, out == Out::Narrow);
        Ok(())
    }
}
