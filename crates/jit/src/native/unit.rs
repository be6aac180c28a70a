//! Compiles functions together, and knows afterwards what each exit of their code is for.

use super::asm::{Assembler, Label, Mark, Mem, R15, give_back};
use super::division::Reciprocals;
use super::function::{Shape, Shared, emit};
use super::published::Published;
use super::refusal::Refusal;
use super::spot::Spots;
use super::verdict::Around;
use crate::check::{Extent, SiteKind};
use crate::exec::fiber::{Code, at};
use crate::exec::{CodeMemory, cycles};
use crate::ir::Function;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;
use velocity_interp::engine::{self, Fixed, Place, State};
use velocity_interp::{FunctionAddress, TrapKind};
use velocity_nda::module::{DataId, ElementId, ExprId};

/// How much code a unit may have in bytes.
const MAX_BYTES: usize = 1 << 30;

/// What code leaves its fiber for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Site {
    /// The first function has returned.
    Finished,
    Trap(TrapKind, ExprId),
    /// A function found no room for its frame; who called it is above.
    Overflow,
    /// A checked charge at a node could not be paid: gives it back, asks, and goes on `behind` bytes before the call's end, where the
    /// branch ends that led here.
    Check {
        fuel: u32,
        behind: u32,
        head: ExprId,
    },
    /// The operation that a node is, on the range at the bottom of the frame.
    Bulk(ExprId),
    /// `memory.grow` by what is at the bottom of the frame.
    Grow(ExprId),
    DropData(DataId),
    DropElement(ElementId),
    /// A function of the host was called.
    Host(FunctionAddress),
    /// A function that was timed has returned.
    Timed,
    /// No exit: a call at a node returns here.
    Call(ExprId),
}

/// How code finds out that an access lies outside of linear memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    /// By a compare before it.
    Explicit,
    /// By the access itself, which leads to the exit (see [`CodeMemory`]).
    Guarded,
}

impl Bounds {
    /// Of an instance. Without a memory, nothing is guarded.
    pub(super) fn of(instance: &engine::Instance, state: &State) -> Self {
        let memory = instance.memory.and_then(|memory| state.memories.get(memory.index()));
        match memory {
            Some(memory) if !memory.is_on_heap() => Self::Guarded,
            _ => Self::Explicit,
        }
    }
}

impl Site {
    /// What the checker has to know of it, if its call ends at an offset.
    pub(crate) const fn kind(&self, end: u32) -> SiteKind {
        match self {
            Self::Finished | Self::Timed | Self::Trap(..) => SiteKind::Last,
            Self::Overflow => SiteKind::Overflow,
            Self::Call(_) => SiteKind::Call,
            Self::Check { fuel, behind, .. } => SiteKind::Check { back: end.wrapping_sub(*behind), fuel: *fuel },
            Self::Bulk(..) | Self::Grow(_) | Self::DropData(_) | Self::DropElement(_) | Self::Host(_) => SiteKind::Exit,
        }
    }
}

/// What is known of a unit while it is compiled.
#[derive(Debug, Default)]
pub(super) struct Unit {
    sites: Vec<(u32, Site)>,
    constants: BTreeMap<u64, Label>,
    /// The number of the first function, and how many there are.
    functions: Range<usize>,
    /// Where the first one begins, if functions do where they are entered; the labels of the others come next.
    first_label: Option<Label>,
    extents: Vec<Extent>,
    /// Jump tables: where they begin, and how many entries they have.
    tables: Vec<(u32, u32)>,
    /// How much fuel is due and not paid, from where on.
    due: Vec<(u32, u32)>,
    pub(super) spots: Spots,
    /// Code reads reciprocals.
    pub(super) takes_reciprocals: bool,
    /// Where functions go on behind their stack check.
    behind: Vec<u32>,
    /// The nodes that code is made for, from where on, if it is to be listed.
    nodes: Option<Vec<(u32, ExprId)>>,
}

/// How much was noted of each kind.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    sites: usize,
    tables: usize,
    due: usize,
    spots: (usize, usize),
}

/// Room that most units do not fill.
const ROOM: usize = 64;

impl Unit {
    /// Of functions by number.
    fn new(numbers: Range<usize>) -> Self {
        Self {
            sites: Vec::with_capacity(ROOM),
            extents: Vec::with_capacity(numbers.len() + 2),
            due: Vec::with_capacity(ROOM),
            behind: Vec::with_capacity(numbers.len()),
            functions: numbers,
            ..Self::default()
        }
    }

    /// The calls that were inlined into the function that is compiled next.
    pub(super) fn inlined(&mut self, function: &Function) {
        self.spots.inlined(function);
    }

    /// From here on, code belongs to an inlined call, or to the function itself.
    pub(super) fn stand(&mut self, at: u32, within: u32) {
        self.spots.stand(at, within);
    }

    /// The stack check of a function ends here. Of a function that is made again, the last one counts.
    pub(super) fn checked(&mut self, at: u32) {
        let start = self.extents.last().map_or(0, |extent| extent.start);
        while self.behind.last().is_some_and(|behind| *behind >= start) {
            self.behind.pop();
        }
        self.behind.push(at);
    }

    /// From here on, code is made for a node. Of a function that is made again, the last one counts.
    pub(super) fn node(&mut self, at: u32, node: ExprId) {
        let Some(nodes) = &mut self.nodes else { return };
        while nodes.last().is_some_and(|(from, _)| *from >= at) {
            nodes.pop();
        }
        if nodes.last().is_none_or(|(_, last)| *last != node) {
            nodes.push((at, node));
        }
    }

    /// From here on, so much fuel is due.
    pub(super) fn owe(&mut self, at: u32, fuel: u32) {
        if self.due.last().map_or(0, |(_, fuel)| *fuel) != fuel {
            self.due.push((at, fuel));
        }
    }

    /// Takes back what was noted of a function since a mark was made: at its start, behind so many of each kind.
    pub(super) fn back_to(&mut self, mark: &Mark, counts: Counts) {
        self.sites.truncate(counts.sites);
        self.tables.truncate(counts.tables);
        self.due.truncate(counts.due);
        self.spots.back_to(counts.spots);
        self.constants.retain(|_, label| mark.has(*label));
    }

    /// How much there is of each kind.
    pub(super) const fn counts(&self) -> Counts {
        Counts { sites: self.sites.len(), tables: self.tables.len(), due: self.due.len(), spots: self.spots.counts() }
    }

    /// What the call that ends here is for.
    pub(super) fn site(&mut self, end: u32, site: Site) {
        self.sites.push((end, site));
    }

    /// A function, or a stub, begins.
    pub(super) fn begin(&mut self, start: u32, number: Option<usize>) {
        let number = number.map(|number| number as u32);
        self.extents.push(Extent { start, code_end: start, end: start, number });
    }

    /// The instructions of the function end.
    pub(super) fn end_of_code(&mut self, at: u32) {
        if let Some(extent) = self.extents.last_mut() {
            extent.code_end = at;
        }
    }

    /// So does all of it.
    pub(super) fn end(&mut self, at: u32) {
        if let Some(extent) = self.extents.last_mut() {
            extent.end = at;
        }
    }

    /// A jump table begins.
    pub(super) fn table(&mut self, at: u32, entries: u32) {
        self.tables.push((at, entries));
    }

    /// Where a constant of 8 bytes lies.
    pub(super) fn constant(&mut self, asm: &mut Assembler, bits: u64) -> Label {
        *self.constants.entry(bits).or_insert_with(|| asm.label())
    }

    /// Where a function of the unit begins.
    pub(super) fn label_of(&self, function: FunctionAddress) -> Option<Label> {
        let at = function.index().checked_sub(self.functions.start).filter(|at| *at < self.functions.len())?;
        Some(self.first_label?.plus(at as u32))
    }
}

/// Code that is made, and not yet published.
#[derive(Debug)]
pub(crate) struct Draft {
    /// How many functions are not in the shape that was asked for.
    simple: usize,
    pub(crate) code: Vec<u8>,
    pub(crate) sites: Vec<(u32, Site)>,
    spots: Spots,
    behind: Vec<u32>,
    /// The nodes that code is made for, from where on; none if it is not [listed](list).
    pub(super) nodes: Vec<(u32, ExprId)>,
    pub(crate) extents: Vec<Extent>,
    pub(crate) tables: Vec<(u32, u32)>,
    due: Vec<(u32, u32)>,
    takes_reciprocals: bool,
    /// Constants.
    pub(crate) pool: Range<u32>,
    /// Where functions begin, by number.
    offsets: Vec<u32>,
    back: u32,
    timed: u32,
    made: Vec<(u32, u64)>,
}

/// Compiles the functions of a store from a number on.
pub(super) fn compile(
    store: (&Fixed, &State),
    numbers: Range<usize>,
    (memory, is_checked, shape): (&dyn CodeMemory, bool, Shape),
    reciprocals: Option<&Reciprocals>,
) -> Result<Published, Refusal> {
    let (draft, shape) = with_reciprocals(reciprocals, shape, |shape| draft(store, numbers.clone(), shape))?;
    let around = is_checked.then(|| Around::new(store.0, store.1, shape.cuts));
    publish(draft, memory, around.as_ref())
}

/// Makes code in a shape, or in one without reciprocals if it takes those and there are none.
pub(super) fn with_reciprocals(
    reciprocals: Option<&Reciprocals>,
    mut shape: Shape,
    draft: impl Fn(Shape) -> Result<Draft, Refusal>,
) -> Result<(Draft, Shape), Refusal> {
    let made = draft(shape)?;
    if made.takes_reciprocals && !reciprocals.is_some_and(Reciprocals::fill) {
        shape.cuts.reciprocals = false;
        return Ok((draft(shape)?, shape));
    }
    Ok((made, shape))
}

/// Publishes the code of functions, if the checker, who knows what is around, accepts it.
pub(super) fn publish(
    draft: Draft,
    memory: &dyn CodeMemory,
    around: Option<&Around<'_>>,
) -> Result<Published, Refusal> {
    if let Some(around) = around {
        draft.check(around).map_err(|_| Refusal::Checker)?;
    }
    let code = Code::new(memory.publish(&draft.code)?);
    give_back(draft.code);
    let start = code.address();
    let (len, back, timed) = (draft.pool.end, start + u64::from(draft.back), start + u64::from(draft.timed));
    Ok(Published {
        simple: draft.simple,
        code,
        start,
        len,
        sites: draft.sites,
        spots: draft.spots,
        behind: draft.behind,
        back,
        timed,
        made: draft.made,
        due: draft.due,
        offsets: draft.offsets,
        takes_reciprocals: draft.takes_reciprocals,
    })
}

/// Makes code.
pub(crate) fn draft(store: (&Fixed, &State), numbers: Range<usize>, shape: Shape) -> Result<Draft, Refusal> {
    let begun = begin(numbers.clone());
    draft_in(begun, store, numbers, shape)
}

/// The same, with the nodes that it is made for.
pub(super) fn list(store: (&Fixed, &State), numbers: Range<usize>, shape: Shape) -> Result<Draft, Refusal> {
    let (asm, unit, ways) = begin(numbers.clone());
    let unit = Unit { nodes: Some(Vec::new()), ..unit };
    draft_in((asm, unit, ways), store, numbers, shape)
}

fn draft_in(
    (mut asm, mut unit, ways): (Assembler, Unit, Ways),
    (fixed, state): (&Fixed, &State),
    numbers: Range<usize>,
    shape: Shape,
) -> Result<Draft, Refusal> {
    let (mut shared, mut simple) = (Shared::new(fixed, numbers.clone(), shape), 0);
    let mut made = Vec::with_capacity(numbers.len());
    let functions = &fixed.functions[numbers.clone()];
    let first_label = asm.labels(functions.len());
    unit.first_label = Some(first_label);
    for (at, called) in functions.iter().enumerate() {
        let (number, clock) = (numbers.start + at, cycles());
        asm.align(16, 0xCC);
        let start = asm.position();
        asm.bind(first_label.plus(at as u32));
        unit.begin(asm.position(), Some(number));
        match called.code {
            engine::Code::Host(_) => {
                unit.spots.begin(asm.position(), None);
                stub(&mut asm, &mut unit, Site::Host(FunctionAddress::new(number)));
            }
            engine::Code::Defined { instance: id, function, .. } => {
                unit.spots.begin(asm.position(), Some(Place { instance: id, function }));
                let is_best = emit((fixed, state), called, (&mut asm, &mut unit), &mut shared, shape)?;
                simple += usize::from(!is_best);
            }
        }
        unit.end(asm.position());
        made.push((asm.position() - start, cycles().wrapping_sub(clock)));
        if asm.code.len() > MAX_BYTES {
            return Err(Refusal::Size);
        }
    }
    shared.end();
    end((asm, unit), ways, (first_label, functions.len()), (simple, made))
}

/// The first function of a run returns to the first of these, and a timed one to the second.
type Ways = (u32, u32);

/// Begins a unit, of functions by number.
pub(super) fn begin(numbers: Range<usize>) -> (Assembler, Unit, Ways) {
    let (mut asm, mut unit) = (Assembler::new(), Unit::new(numbers));
    // A call is known by its end, so nothing may end where a unit begins.
    asm.byte(0xCC);
    asm.align(16, 0xCC);
    let back = asm.position();
    unit.spots.begin(back, None);
    unit.begin(back, None);
    stub(&mut asm, &mut unit, Site::Finished);
    asm.align(16, 0xCC);
    let timed = asm.position();
    unit.begin(timed, None);
    stub(&mut asm, &mut unit, Site::Timed);
    (asm, unit, (back, timed))
}

/// Ends a unit, whose functions begin at labels.
pub(super) fn end(
    (mut asm, mut unit): (Assembler, Unit),
    (back, timed): Ways,
    (first_label, count): (Label, usize),
    (simple, made): (usize, Vec<(u32, u64)>),
) -> Result<Draft, Refusal> {
    asm.align(8, 0xCC);
    let pool = asm.position();
    for (bits, label) in core::mem::take(&mut unit.constants) {
        asm.bind(label);
        asm.quad(bits);
    }
    let fault = |(start, id): (u32, ExprId)| (start + 1, Site::Trap(TrapKind::MemoryBounds, id));
    let unchecked = asm.unchecked();
    if !unchecked.is_empty() {
        // Those of calls are in order, and so are these.
        unit.sites.extend(unchecked.iter().copied().map(fault));
        unit.sites.sort_by_key(|(end, _)| *end);
    }
    let offsets: Vec<u32> = (0..count as u32).map(|at| asm.place(first_label.plus(at))).collect();
    asm.resolve().then_some(()).ok_or(Refusal::Form)?;
    Ok(Draft {
        simple,
        pool: pool..asm.position(),
        code: asm.end(),
        sites: unit.sites,
        spots: unit.spots,
        behind: unit.behind,
        nodes: unit.nodes.unwrap_or_default(),
        extents: unit.extents,
        tables: unit.tables,
        due: unit.due,
        takes_reciprocals: unit.takes_reciprocals,
        offsets,
        back,
        timed,
        made,
    })
}

/// Only leaves.
fn stub(asm: &mut Assembler, unit: &mut Unit, site: Site) {
    asm.call(Mem::Base(R15, at::EXIT));
    unit.site(asm.position(), site);
    asm.ret();
    unit.end_of_code(asm.position());
    unit.end(asm.position());
}
