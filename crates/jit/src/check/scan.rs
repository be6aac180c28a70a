//! The first walk over a function: its instructions, where branches lead, and which site belongs to which call.

use super::decode::{Instruction, Op, decode};
use super::form::Form;
use super::operand::{R14, R15};
use super::{Checkable, Extent, Rejected, Rule, SiteKind, place};
use crate::exec::fiber::at;
use alloc::vec::Vec;

/// An instruction begins here.
const START: u8 = 1;
/// One branch leads here.
const ONE: u8 = 2;
/// Several do.
const MANY: u8 = 4;
/// An exit that does not come back begins here.
const LAST: u8 = 8;
/// The same, of a function without room.
const OVERFLOW: u8 = 16;
/// An access to linear memory with a site of its own.
const FAULT: u8 = 32;
/// An exit begins here that comes back to the end of the branch to it.
const CHECK: u8 = 64;

/// A function that was decoded. It is made once for all functions of a unit.
#[derive(Default)]
pub(super) struct Scanned {
    /// With room for those that come next behind them.
    all: Vec<Instruction>,
    count: usize,
    /// By offset from the function's start.
    marks: Vec<u8>,
    /// Of all calls, in order.
    pub(super) sites: Vec<SiteKind>,
    start: u32,
    /// Branches, by number; with room for those that come next behind them.
    ways: Vec<u32>,
    way_count: usize,
    /// The same of tables.
    entries: Vec<(u32, u32)>,
}

/// How many instructions most functions have at most.
const FIRST_ROOM: usize = 64;

/// Rejects an instruction.
pub(super) fn reject<T>(instruction: &Instruction, rule: Rule) -> Result<T, Rejected> {
    Err(Rejected { offset: instruction.offset, op: Some(instruction.op()), rule })
}

/// Whether an instruction calls the exit.
pub(super) fn is_exit(instruction: &Instruction) -> bool {
    instruction.op() == Op::CallRm64 && instruction.is_at(R15, at::EXIT)
}

impl Scanned {
    pub(super) fn instructions(&self) -> &[Instruction] {
        self.all.get(..self.count).unwrap_or_default()
    }

    /// Room for how many items its largest list has.
    pub(super) fn room(&self) -> usize {
        let lists = [self.all.capacity(), self.marks.capacity(), self.ways.capacity(), self.entries.capacity()];
        lists.into_iter().fold(self.sites.capacity(), usize::max)
    }

    /// Takes the place of what was scanned before. `site` is the number of the first site that belongs to no function before this one.
    pub(super) fn function(&mut self, unit: &Checkable<'_>, extent: Extent, site: &mut usize) -> Result<(), Rejected> {
        self.sites.clear();
        self.entries.clear();
        self.marks.clear();
        self.marks.resize((extent.code_end - extent.start) as usize, 0);
        self.start = extent.start;
        self.decode(unit, extent, site)?;
        for at in tables(unit, extent) {
            for target in targets(unit, extent, at)? {
                self.entries.push((at.0, target));
            }
        }
        self.mark()
    }

    #[inline(never)]
    fn decode(&mut self, unit: &Checkable<'_>, extent: Extent, site: &mut usize) -> Result<(), Rejected> {
        let Extent { start, code_end, .. } = extent;
        if code_end as usize > unit.code.len() {
            return Err(place(start, Rule::Extents));
        }
        let (mut offset, mut count, mut calls, mut ways) = (start, 0, 0, 0);
        let mut site_end = end_of(unit, *site);
        while offset < code_end {
            let rest = unit.code.get(offset as usize..).unwrap_or_default();
            // It is decoded where it stays: to copy its bytes right after they were written would wait for each of them.
            let (Some(instruction), Some(way)) = (self.all.get_mut(count), self.ways.get_mut(ways)) else {
                self.grow(count);
                continue;
            };
            decode(rest, offset, instruction).map_err(|rule| place(offset, rule))?;
            let end = instruction.end();
            if end > code_end {
                return Err(place(offset, Rule::Decoding));
            }
            // It counts only if there is a way; to ask that costs more than to write it down.
            *way = count as u32;
            ways += usize::from(instruction.branches());
            calls += usize::from(instruction.calls());
            let mut mark = START;
            if site_end <= end {
                mark |= of_site(unit, instruction, (site, &mut self.sites))?;
                site_end = end_of(unit, *site);
            }
            if let Some(found) = self.marks.get_mut((offset - start) as usize) {
                *found = mark;
            }
            (offset, count) = (end, count + 1);
        }
        (self.count, self.way_count) = (count, ways);
        // Every site of a call is one of these.
        if calls == self.sites.len() { Ok(()) } else { Err(place(start, Rule::Site)) }
    }

    /// Makes room for more instructions than there are.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, count: usize) {
        let more = count + FIRST_ROOM;
        self.all.resize(self.all.len() + more, Instruction::NOTHING);
        self.ways.resize(self.ways.len() + more, 0);
    }

    /// Marks where branches lead.
    fn mark(&mut self) -> Result<(), Rejected> {
        let Self { all, ways, way_count, .. } = self;
        let branches = ways.iter().take(*way_count).filter_map(|&number| all.get(number as usize));
        let ways = branches.map(|branch| (branch.offset, branch.target()));
        for (from, target) in ways.chain(self.entries.iter().copied()) {
            let mark = target.checked_sub(self.start).and_then(|way| self.marks.get_mut(way as usize));
            match mark {
                Some(mark) if *mark & START != 0 => *mark |= if *mark & ONE == 0 { ONE } else { MANY },
                _ => {
                    let at = self.instructions().iter().find(|instruction| instruction.offset == from);
                    return at.map_or(Err(place(from, Rule::Table)), |at| reject(at, Rule::Target));
                }
            }
        }
        Ok(())
    }

    fn marks(&self, offset: u32) -> u8 {
        let way = offset.checked_sub(self.start).and_then(|way| self.marks.get(way as usize));
        way.copied().unwrap_or_default()
    }

    /// Whether a branch leads to an instruction.
    pub(super) fn is_target(&self, at: usize) -> bool {
        self.instructions().get(at).is_some_and(|instruction| self.marks(instruction.offset) & ONE != 0)
    }

    /// Whether several branches lead to a place.
    pub(super) fn has_many(&self, offset: u32) -> bool {
        self.marks(offset) & MANY != 0
    }

    /// Whether an exit begins at a place that does not come back.
    pub(super) fn is_last(&self, offset: u32) -> bool {
        self.marks(offset) & LAST != 0
    }

    /// Whether an exit begins at a place that comes back to the end of the branch to it.
    pub(super) fn is_check(&self, offset: u32) -> bool {
        self.marks(offset) & CHECK != 0
    }

    /// Whether the instruction at a place may fail by itself.
    pub(super) fn may_fault(&self, offset: u32) -> bool {
        self.marks(offset) & FAULT != 0
    }

    pub(super) fn is_overflow(&self, offset: u32) -> bool {
        self.marks(offset) & OVERFLOW != 0
    }

    /// So many instructions from a number on, if no branch leads to any but the first.
    pub(super) fn straight<const N: usize>(&self, at: usize) -> Option<&[Instruction; N]> {
        let found = self.instructions().get(at..)?.first_chunk()?;
        (at + 1..at + N).all(|at| !self.is_target(at)).then_some(found)
    }
}

/// Where the call or the access of a site ends, if there is such a site.
#[inline(always)]
fn end_of(unit: &Checkable<'_>, site: usize) -> u32 {
    unit.sites.get(site).map_or(u32::MAX, |(end, _)| *end)
}

/// What the site of a call, or of what it lies in, marks; `sites` get what the call is for.
fn of_site(
    unit: &Checkable<'_>,
    instruction: &Instruction,
    (site, sites): (&mut usize, &mut Vec<SiteKind>),
) -> Result<u8, Rejected> {
    let next = unit.sites.get(*site);
    let is_call = matches!(instruction.form(), Form::Call | Form::CallTo);
    let kind = match next {
        Some(&(end, kind)) if is_call && end == instruction.end() => kind,
        Some(&(end, SiteKind::Last)) if !is_call && end == instruction.offset + 1 => {
            *site += 1;
            let is_access = instruction.is_based_on(R14);
            return if is_access { Ok(FAULT) } else { reject(instruction, Rule::Site) };
        }
        _ => return reject(instruction, Rule::Site),
    };
    if is_exit(instruction) == (kind == SiteKind::Call) {
        return reject(instruction, Rule::Site);
    }
    *site += 1;
    sites.push(kind);
    Ok(match kind {
        SiteKind::Last => LAST,
        SiteKind::Overflow => OVERFLOW,
        SiteKind::Check { .. } => CHECK,
        SiteKind::Call | SiteKind::Exit => 0,
    })
}

/// The tables behind a function.
fn tables(unit: &Checkable<'_>, extent: Extent) -> impl Iterator<Item = (u32, u32)> {
    let from = unit.tables.partition_point(|(start, _)| *start < extent.code_end);
    unit.tables[from..].iter().copied().take_while(move |(start, _)| *start < extent.end)
}

/// Where the entries of a table lead.
pub(super) fn targets<'a>(
    unit: &'a Checkable<'_>,
    extent: Extent,
    (start, count): (u32, u32),
) -> Result<impl Iterator<Item = u32> + use<'a>, Rejected> {
    let end = u64::from(start) + 4 * u64::from(count);
    let bytes = unit.code.get(start as usize..end as usize).filter(|_| end <= extent.end.into());
    let (entries, _) = bytes.ok_or(place(start, Rule::Table))?.as_chunks::<4>();
    Ok(entries.iter().map(move |entry| start.wrapping_add(u32::from_le_bytes(*entry))))
}
