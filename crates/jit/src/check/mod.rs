//! Decides what machine code may be published: an independent pass over the bytes of a unit, after code generation.
//!
//! It decodes every byte of every function with a decoder of its own (`decode`), which shares nothing with the encoder and knows only what
//! the encoder makes, and accepts only what it can follow:
//! - a closed list of instruction forms (`decode`, `form`), no reserved register written but as said below;
//! - memory operands in the function's frame or its caller's slots, in fields of the context, in linear memory behind a bounds check of
//!   the same straight line or with a guard and a site of their own, in globals, in the unit's constants (`walk`, `state`);
//! - an address in linear memory is a 32-bit value with a zero upper half, on every path (`upper`);
//! - branches to instructions of the same function, calls of beginnings of functions with frames that suffice, exits with a site;
//!   jump tables, indirect calls, reciprocals and changes of memory only as the exact sequences in `sequence`;
//! - the stack check, saved registers, and a frame that is undone before each return (`frame`).
//!
//! What it takes as given: the context and what it points to ([`crate::exec::fiber`]), the tables' entries, and that an exit gives all
//! registers back. It does not say that code means what the program means, nor that all loops pay fuel.

mod access;
mod control;
mod decode;
mod form;
mod frame;
mod fuel;
mod function;
mod operand;
mod scan;
mod sequence;
mod state;
#[cfg(test)]
mod tests;
mod upper;
mod walk;

use crate::spare::Spare;
use core::fmt;
use core::ops::Range;
use decode::Op;

/// What a site is for, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SiteKind {
    /// The end of a call of a function.
    Call,
    /// An exit that comes back.
    Exit,
    /// An exit that only one branch leads to, and that comes back to where this branch ends. It gives back so much of what was
    /// taken from the fuel right before the branch.
    Check { back: u32, fuel: u32 },
    /// An exit that does not come back.
    Last,
    /// The exit of a function that found no room for its frame; it does not come back either.
    Overflow,
}

/// Where a function's code lies in its unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) start: u32,
    /// Where its instructions end.
    pub(crate) code_end: u32,
    /// Where its jump tables end.
    pub(crate) end: u32,
    /// Its address in the store; `None` for code that belongs to no function.
    pub(crate) number: Option<u32>,
}

/// What is known of a function of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Callee {
    /// Slots at the bottom of its caller's frame that it may touch.
    pub(crate) above: u32,
    /// Its instance; `None` for a function of the host.
    pub(crate) instance: Option<u32>,
}

/// What code may ask of the store.
pub(crate) trait Surroundings {
    fn callee(&self, function: u32) -> Option<Callee>;
    /// The same of a function whose code is checked, which may be code that is called in another way than the function.
    fn entered(&self, function: u32) -> Option<Callee> {
        self.callee(function)
    }
    /// Slots that a function of a type may touch at the bottom of its caller's frame.
    fn above(&self, ty: u32) -> Option<u32>;
    /// How many tables and instances there are.
    fn tables(&self) -> u32;
    fn instances(&self) -> u32;
    /// Whether the memory of an instance has nothing behind it that can be touched, for as far as two numbers of 32 bits and an access reach.
    fn is_guarded(&self, instance: u32) -> bool;
    /// Whether the context has the reciprocals of divisors of 16 bits.
    fn has_reciprocals(&self) -> bool;
    /// How many globals there are, and how far they lie from each other in bytes: a value is the first 8 of them.
    fn globals(&self) -> (u64, u64);
}

/// A unit that waits to be published.
pub(crate) struct Checkable<'a> {
    pub(crate) code: &'a [u8],
    /// In the order of their code.
    pub(crate) functions: &'a [Extent],
    /// Where jump tables begin, and how many entries they have; in order.
    pub(crate) tables: &'a [(u32, u32)],
    /// Constants of 8 bytes.
    pub(crate) pool: Range<u32>,
    /// By the end of the call, or by the place behind the first byte of an access that may fail by itself.
    pub(crate) sites: &'a [(u32, SiteKind)],
    pub(crate) around: &'a dyn Surroundings,
}

/// Which rule code breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// The parts of a unit lie one after the other.
    Extents,
    /// Bytes are instructions.
    Decoding,
    /// Only known forms of instructions.
    Form,
    /// Reserved registers and those of the caller are left alone.
    Register,
    /// The stack check comes first, and covers the frame.
    Prologue,
    /// What is pushed is popped, and the frame is given back.
    Stack,
    /// Accesses to the frame stay inside of it.
    Frame,
    /// Fields of the context are used for what they are there for.
    Context,
    /// An access to linear memory has been checked.
    Bounds,
    /// An address in linear memory has a zero upper half.
    Upper,
    /// Other memory is globals, inside of their range.
    Memory,
    /// Constants are in the pool.
    Constant,
    /// Branches lead to instructions of the same function.
    Target,
    /// Code does not run on behind its end.
    Flow,
    /// Jump tables are read and followed in one way only.
    Table,
    /// Calls lead to functions whose slots the frame has.
    Call,
    /// Indirect calls are made in one way only.
    Indirect,
    /// Reciprocals are read in one way only.
    Reciprocal,
    /// Memory is changed in one way only, and changed back.
    Hold,
    /// Every call has its site, and every site its call.
    Site,
    /// A function counts its own calls, and in one way only.
    Count,
    /// Fuel is only taken, and no more is given back than was.
    Fuel,
}

/// Why code is not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    /// Of the instruction, in the unit.
    pub(crate) offset: u32,
    /// What it is, if it is any.
    pub(crate) op: Option<Op>,
    pub(crate) rule: Rule,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.op {
            Some(op) => write!(f, "{op:?} at {:#x}: rule {:?}", self.offset, self.rule),
            None => write!(f, "at {:#x}: rule {:?}", self.offset, self.rule),
        }
    }
}

impl core::error::Error for Rejected {}

/// Rejects a place that is no instruction.
const fn place(offset: u32, rule: Rule) -> Rejected {
    Rejected { offset, op: None, rule }
}

/// How many bytes the instruction at the beginning of some code has; `None` if it is none that may be published.
pub(crate) fn length(code: &[u8]) -> Option<usize> {
    decode::read(code, 0).ok().map(|found| found.len.into())
}

/// What functions are read into, one after the other.
#[derive(Default)]
struct Room {
    scanned: scan::Scanned,
    walk: walk::Room,
}

/// Room for how many items in a list waits for another unit at most.
const MAX_SPARE: usize = 1 << 14;

static SPARE: Spare<Room> = Spare::new();

/// Accepts a unit, or says what is wrong with it.
pub(crate) fn check(unit: &Checkable<'_>) -> Result<(), Rejected> {
    extents(unit)?;
    let mut sites = 0;
    let mut room = SPARE.take(Room::default);
    let Room { scanned, walk } = &mut room;
    for extent in unit.functions {
        scanned.function(unit, *extent, &mut sites)?;
        function::check(unit, *extent, scanned, walk)?;
    }
    if scanned.room().max(walk.room()) <= MAX_SPARE {
        SPARE.leave(room);
    }
    match unit.sites.get(sites) {
        Some(&(end, _)) => Err(place(end, Rule::Site)),
        None => Ok(()),
    }
}

/// Whether all parts are in order, without overlap, and inside of the code.
fn extents(unit: &Checkable<'_>) -> Result<(), Rejected> {
    let mut last = 0;
    for extent in unit.functions {
        let ordered = last <= extent.start && extent.start < extent.code_end && extent.code_end <= extent.end;
        ordered.then_some(()).ok_or(place(extent.start, Rule::Extents))?;
        last = extent.end;
    }
    let pool = &unit.pool;
    let inside = last <= pool.start && pool.start <= pool.end && pool.end as usize <= unit.code.len();
    inside.then_some(()).ok_or(place(pool.start, Rule::Extents))?;
    let ordered = unit.tables.is_sorted() && unit.sites.is_sorted_by(|one, two| one.0 < two.0);
    ordered.then_some(()).ok_or(place(0, Rule::Extents))
}
