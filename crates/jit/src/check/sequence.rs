//! What is accepted only as a whole: changes of memory, indirect calls, jump tables, reciprocals.

use super::decode::{Instruction, Op};
use super::frame::{BELOW, MAX_BELOW};
use super::operand::{Memory, R14, R15, RAX, RDX, RSI, RSP};
use super::scan::{reject, targets};
use super::state::Fact;
use super::walk::{Carried, Walk};
use super::{Rejected, Rule, SiteKind};
use crate::exec::fiber::{Entry, RECIPROCALS, at};
use velocity_interp::engine::Table;

/// Bytes of a view, and of an entry.
const VIEW_BYTES: i64 = 16;

const ABOVE_EQUAL: u8 = 3;
const EQUAL: u8 = 4;
const NOT_EQUAL: u8 = 5;

/// Whether an instruction is this one, of a register and memory.
fn is(instruction: &Instruction, op: Op, number: u8, operand: Memory) -> bool {
    instruction.op() == op && instruction.first() == Some(number) && instruction.memory() == Some(operand)
}

fn is_load(instruction: &Instruction, number: u8, operand: Memory) -> bool {
    is(instruction, Op::MovR64Rm64, number, operand)
}

fn field(at: i32) -> Memory {
    Memory::at(R15, at.into())
}

fn is_of(instruction: &Instruction, op: Op, operand: Memory) -> bool {
    instruction.op() == op && instruction.memory() == Some(operand)
}

/// The constant that 32 bits of memory are compared with.
fn compared_with(instruction: &Instruction, operand: Memory) -> Option<u32> {
    let is = matches!(instruction.op(), Op::CmpRm32Imm8 | Op::CmpRm32Imm32);
    instruction.immediate().filter(|_| is && instruction.memory() == Some(operand)).map(|value| value as u32)
}

/// The constant that the lower half of a register is compared with.
fn compared(instruction: &Instruction, number: u8) -> Option<u32> {
    let is = matches!(instruction.op(), Op::CmpRm32Imm8 | Op::CmpRm32Imm32);
    instruction.immediate().filter(|_| is && instruction.first() == Some(number)).map(|value| value as u32)
}

fn is_shift_by_4(instruction: &Instruction, number: u8) -> bool {
    instruction.op() == Op::ShlRm64Imm8 && instruction.first() == Some(number) && instruction.immediate() == Some(4)
}

/// Where a branch on a condition leads.
pub(super) fn branch(instruction: &Instruction, on: u8) -> Option<u32> {
    (instruction.condition() == Some(on)).then_some(instruction.target())
}

/// Whether instructions make the view at an offset from `r14` the one that is held.
fn holds_at([push, pop, load, store]: [&Instruction; 4], offset: i64) -> bool {
    is_of(push, Op::PushRm64, Memory::at(R14, offset + 8))
        && is_of(pop, Op::PopRm64, field(at::MEMORY_LEN))
        && is_load(load, R14, Memory::at(R14, offset))
        && is_of(store, Op::MovRm64R64, field(at::MEMORY))
        && store.second() == Some(R14)
}

/// The number of a view by its offset among those of so many.
fn view(offset: i64, count: u32) -> Option<u32> {
    let number = u32::try_from(offset / VIEW_BYTES).ok()?;
    (offset >= 0 && offset % VIEW_BYTES == 0 && number < count).then_some(number)
}

/// What `r14` may be made to point to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Memories,
    Tables,
}

/// Which field of the context `r14` gets, if it is one of these.
pub(super) fn taken(instruction: &Instruction) -> Option<Taken> {
    if instruction.op() != Op::MovR64Rm64 || instruction.first() != Some(R14) {
        return None;
    }
    let is = |at: i32| instruction.is_at(R15, at);
    if is(at::MEMORIES) { Some(Taken::Memories) } else { is(at::TABLES).then_some(Taken::Tables) }
}

/// Whether an instruction adds where reciprocals lie.
pub(super) fn takes_reciprocal(instruction: &Instruction) -> bool {
    instruction.op() == Op::AddR64Rm64 && instruction.is_at(R15, at::RECIPROCALS)
}

/// Whether an instruction asks where calls are counted.
pub(super) fn counts(instruction: &Instruction) -> bool {
    instruction.op() == Op::MovR64Rm64 && instruction.is_at(R15, at::COUNTS)
}

impl Walk<'_> {
    /// Multiplies by the reciprocal whose number is in `rdx`; the comparison, its branch and the scaling are the three instructions before.
    pub(super) fn reciprocal(&mut self) -> Result<(), Rejected> {
        let code = self.at.checked_sub(3).and_then(|first| self.scanned.straight::<5>(first));
        let is_known = code.is_some_and(|[compare, outside, scale, add, multiply]| {
            compared(compare, RDX).is_some_and(|count| count <= RECIPROCALS)
                && branch(outside, ABOVE_EQUAL).is_some()
                && scale.op() == Op::ShlRm32Imm8
                && scale.first() == Some(RDX)
                && scale.immediate() == Some(3)
                && add.first() == Some(RDX)
                && is_of(multiply, Op::MulRm64, Memory::at(RDX, 0))
        });
        if !is_known || !self.unit.around.has_reciprocals() {
            return self.reject(Rule::Reciprocal);
        }
        self.state.write(RAX, Fact::Unknown, false);
        self.state.write(RDX, Fact::Unknown, false);
        self.at += 2;
        Ok(())
    }

    /// Holds the memory of an instance.
    pub(super) fn hold(&mut self) -> Result<(), Rejected> {
        let found = self.scanned.straight::<5>(self.at).and_then(|[_, push, pop, load, store]| {
            let offset = load.memory()?.displacement;
            holds_at([push, pop, load, store], offset).then_some(offset)
        });
        match found.and_then(|offset| view(offset, self.unit.around.instances())) {
            Some(instance) => {
                self.state.held = Some(instance);
                self.state.forget(u16::MAX);
                self.at += 5;
                Ok(())
            }
            None => self.reject(Rule::Hold),
        }
    }

    /// Calls an entry of a table by its number in `rsi`.
    pub(super) fn indirect(&mut self) -> Result<(), Rejected> {
        self.needs_own()?;
        let Some((ty, elsewhere)) = self.scanned.straight::<15>(self.at).and_then(|code| self.is_indirect(code)) else {
            return self.reject(Rule::Indirect);
        };
        let slots = self.unit.around.above(ty);
        if !slots.is_some_and(|slots| self.frame.has_slots(slots)) {
            return self.reject(Rule::Call);
        }
        self.state.forget(u16::MAX);
        self.state.write(RSI, Fact::Unknown, false);
        self.at += 13;
        self.carry(elsewhere, Carried::Elsewhere);
        self.branch_to(elsewhere)?;
        self.at += 1;
        self.call_entry()
    }

    /// The type and where calls of other instances go, if the instructions are those of an indirect call.
    fn is_indirect(&self, code: &[Instruction; 15]) -> Option<(u32, u32)> {
        let [_, compare, undefined, start, load, restore, empty, if_empty, rest @ ..] = code;
        let [scale, add, types, if_differs, instance, if_elsewhere, call] = rest;
        let offset = start.memory()?.displacement;
        view(offset, self.unit.around.tables())?;
        let looks_up = is(compare, Op::CmpR64Rm64, RSI, Memory::at(R14, offset + 8))
            && self.scanned.is_last(branch(undefined, ABOVE_EQUAL)?)
            && is_load(start, R14, Memory::at(R14, offset))
            && is(load, Op::MovR32Rm32, RSI, Memory::indexed(R14, RSI, 4))
            && is_load(restore, R14, field(at::MEMORY));
        let is_there = matches!(empty.op(), Op::CmpRm32Imm8 | Op::CmpRm32Imm32)
            && empty.first() == Some(RSI)
            && empty.immediate()? as u32 == Table::EMPTY
            && self.scanned.is_last(branch(if_empty, EQUAL)?);
        let enters = is_shift_by_4(scale, RSI)
            && is(add, Op::AddR64Rm64, RSI, field(at::FUNCTIONS))
            && self.scanned.is_last(branch(if_differs, NOT_EQUAL)?)
            && compared_with(instance, Memory::at(RSI, 12))? == self.own
            && is_of(call, Op::CallRm64, Memory::at(RSI, 0));
        let ty = compared_with(types, Memory::at(RSI, 8))?;
        (looks_up && is_there && enters).then_some((ty, branch(if_elsewhere, NOT_EQUAL)?))
    }

    /// Calls the entry in `rsi`, which is of the expected type and of another instance, or of the host.
    pub(super) fn elsewhere(&mut self) -> Result<(), Rejected> {
        let host = self.scanned.straight::<10>(self.at).and_then(|code| {
            let [host, if_host, load, scale, add, push, pop, start, store, call] = code;
            let holds = is(load, Op::MovR32Rm32, R14, Memory::at(RSI, 12))
                && is_shift_by_4(scale, R14)
                && is(add, Op::AddR64Rm64, R14, field(at::MEMORIES))
                && holds_at([push, pop, start, store], 0)
                && is_of(call, Op::CallRm64, Memory::at(RSI, 0));
            let of_host = compared_with(host, Memory::at(RSI, 12))? == Entry::HOST;
            (of_host && holds).then_some(branch(if_host, EQUAL)?)
        });
        let Some(host) = host else { return self.reject(Rule::Indirect) };
        self.carry(host, Carried::Host);
        self.at += 1;
        self.branch_to(host)?;
        self.at += 8;
        self.call_entry()?;
        // Until the own memory is held again.
        self.state.held = None;
        Ok(())
    }

    /// Calls the entry in `rsi`, which is of the host.
    pub(super) fn host(&mut self) -> Result<(), Rejected> {
        let call = self.instruction();
        if !is_of(call, Op::CallRm64, Memory::at(RSI, 0)) {
            return self.reject(Rule::Indirect);
        }
        self.call_entry()
    }

    fn call_entry(&mut self) -> Result<(), Rejected> {
        if self.next_site() != Some(SiteKind::Call) {
            return self.reject(Rule::Site);
        }
        self.state.forget_by_call();
        self.at += 1;
        Ok(())
    }

    /// Counts a call of the function.
    pub(super) fn count(&mut self) -> Result<(), Rejected> {
        let cell = self.extent.number.map(|number| Memory::at(RSI, 8 * i64::from(number)));
        let counts = self.scanned.straight::<2>(self.at).is_some_and(|[load, add]| {
            let is_own = cell.is_some_and(|cell| is_of(add, Op::AddRm64Imm8, cell));
            is_own && add.immediate() == Some(1) && load.first() == Some(RSI)
        });
        if !counts {
            return self.reject(Rule::Count);
        }
        self.state.write(RSI, super::state::Fact::Unknown, false);
        self.at += 2;
        Ok(())
    }

    /// Asks whether so much of the stack is left. It says nothing of the frame, which the prologue has made sure of; the register
    /// knows no address that may be used.
    pub(super) fn room(&mut self) -> Result<(), Rejected> {
        let found = self.scanned.straight::<3>(self.at).and_then(|[lea, compare, out]| {
            let limit = is(compare, Op::CmpR64Rm64, RSI, field(at::ROOM_LIMIT));
            let below = lea.memory()?;
            let is_below = lea.op() == Op::LeaR64M
                && lea.first() == Some(RSI)
                && below == Memory::at(RSP, below.displacement)
                && (-MAX_BELOW..=0).contains(&below.displacement);
            branch(out, BELOW).filter(|&out| is_below && limit && self.scanned.is_last(out))
        });
        if found.is_none() {
            return self.reject(Rule::Stack);
        }
        self.state.write(RSI, super::state::Fact::Unknown, false);
        self.at += 3;
        Ok(())
    }

    /// Jumps by a table; the comparison and its branch are the two instructions before.
    pub(super) fn table(&mut self) -> Result<(), Rejected> {
        let code = self.at.checked_sub(2).and_then(|first| self.scanned.straight::<6>(first));
        let Some((index, start, count)) = code.and_then(is_table) else { return self.reject(Rule::Table) };
        if !self.graph.need(self.state.upper, index) {
            return self.reject(Rule::Upper);
        }
        let from = self.unit.tables.partition_point(|table| table.0 < start);
        let mut tables = self.unit.tables[from..].iter().take_while(|table| table.0 == start);
        let inside = self.extent.code_end <= start && start <= self.extent.end;
        match tables.find(|table| table.1 >= count).filter(|_| inside) {
            Some(&table) => {
                for target in targets(self.unit, self.extent, table)? {
                    self.branch_to(target)?;
                }
            }
            None => return self.reject(Rule::Table),
        }
        self.at += 4;
        self.live = false;
        Ok(())
    }

    pub(super) fn reject<T>(&self, rule: Rule) -> Result<T, Rejected> {
        reject(self.instruction(), rule)
    }
}

/// The index, and where the table begins and how many entries it must have, if instructions jump by one.
fn is_table([compare, last, lea, load, add, jump]: &[Instruction; 6]) -> Option<(u8, u32, u32)> {
    let index = compare.first()?;
    let (table, way) = (lea.first()?, load.first()?);
    let count = u32::try_from(compare.immediate()?).ok()?;
    branch(last, ABOVE_EQUAL)?;
    let jumps = matches!(compare.op(), Op::CmpRm32Imm8 | Op::CmpRm32Imm32)
        && is(load, Op::MovsxdR64Rm32, way, Memory::indexed(table, index, 4))
        && add.op() == Op::AddR64Rm64
        && (add.first(), add.second()) == (Some(way), Some(table))
        && jump.op() == Op::JmpRm64
        && jump.first() == Some(way);
    let plain = [table, way].iter().all(|number| super::operand::RESERVED >> number & 1 == 0);
    let differ = table != index && table != way;
    (jumps && plain && differ).then_some((index, u32::try_from(lea.memory()?.displacement).ok()?, count))
}
