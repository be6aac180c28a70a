//! One function: compiled as well as it can be, or in a shape that needs less of registers and frame.

use super::asm::Assembler;
use super::division::ShortCuts;
use super::emit::{self, Emitter, fits};
use super::flow::{self, Flow};
use super::options::Level;
use super::refusal::Refusal;
use super::signature::Signatures;
use super::unit::{Bounds, Unit};
use crate::ir;
use crate::passes::{self, Dead, Inliner, Unread};
use core::ops::Range;
use velocity_interp::engine::{Fixed, FunctionInstance, State};

/// How many variables a function may have whose values are not looked at one by one.
const MAX_VARIABLES: u32 = 1024;

/// How a function is compiled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Counted loops become closed forms.
    pub(crate) forms: bool,
    /// Calls of small functions become their code.
    pub(crate) inlines: bool,
    /// What is the same in all turns of a loop is computed in front of it.
    pub(crate) hoists: bool,
    /// What is known already is not computed again.
    pub(crate) shares: bool,
    /// What nobody needs is not computed.
    pub(crate) drops: bool,
    /// Every value that an operator makes has a slot, so that scratch registers hold the operands of one operator at most.
    pub(crate) flat: bool,
    /// How many general and how many vector registers values may live in.
    pub(crate) homes: (usize, usize),
    /// Fuel is counted.
    pub(crate) counts: bool,
    /// How variables are divided by variables.
    pub(crate) cuts: ShortCuts,
    /// Addresses that have waited in the frame are seen to be ones of 32 bits.
    pub(crate) narrows: bool,
    /// Calls are counted, and some of them timed.
    pub(crate) profiles: bool,
    /// What is short and ends a turn of a loop, or a call, is there as often as control comes to it, instead of a jump to it.
    pub(crate) repeats: bool,
}

impl Shape {
    /// As fast as it can be.
    pub(crate) const BEST: Self = Self {
        forms: true,
        inlines: true,
        hoists: true,
        shares: true,
        drops: true,
        flat: false,
        homes: (usize::MAX, usize::MAX),
        counts: true,
        cuts: ShortCuts { reciprocals: false, narrows: false },
        narrows: true,
        profiles: true,
        repeats: true,
    };

    /// The same at this level.
    pub(super) const fn at(self, level: Level) -> Self {
        let passes = matches!(level, Level::Optimised);
        Self { forms: passes, inlines: passes, hoists: passes, shares: passes, drops: passes, repeats: passes, ..self }
    }

    /// Whether what was built may be changed.
    const fn passes(self) -> bool {
        self.forms || self.inlines || self.hoists || self.shares || self.drops
    }

    /// For functions whose trees ask for more scratch registers than there are.
    const fn flat(self) -> Self {
        Self { forms: false, inlines: false, hoists: false, shares: false, drops: false, flat: true, ..self }
    }

    /// With nothing that needs slots beside the function's own.
    pub(super) const fn plain(self) -> Self {
        Self { inlines: false, hoists: false, ..self }
    }

    /// With so many registers of each kind for values at most.
    pub(super) const fn with_homes(self, homes: (usize, usize)) -> Self {
        Self { homes, ..self }
    }

    /// For functions whose frame has no room for the registers that are kept for the caller.
    const fn homeless(self) -> Self {
        Self { homes: (0, 0), ..self.flat() }
    }
}

/// What the functions of a unit share while they are compiled, one after the other.
pub(super) struct Shared<'a> {
    passes: Passes<'a>,
    blocks: ir::Room,
    flow: flow::Room,
    emit: emit::Room,
}

impl<'a> Shared<'a> {
    /// For functions by number.
    pub(super) fn new(fixed: &'a Fixed, numbers: Range<usize>, shape: Shape) -> Self {
        Self {
            passes: Passes {
                fixed,
                numbers,
                bodies: Inliner::new(fixed, shape.forms),
                unread: None,
                dead: Dead::default(),
            },
            blocks: ir::Room::take(),
            flow: flow::Room::take(),
            emit: emit::Room::take(),
        }
    }

    /// Leaves its room to who compiles next.
    pub(super) fn end(self) {
        self.blocks.put_back();
        self.flow.put_back();
        self.emit.put_back();
    }
}

/// Emits a function in the first shape in which it can be; whether that is the one asked for.
pub(super) fn emit(
    store: (&Fixed, &State),
    called: &FunctionInstance,
    (asm, unit): (&mut Assembler, &mut Unit),
    shared: &mut Shared<'_>,
    shape: Shape,
) -> Result<bool, Refusal> {
    let (mark, counts) = (asm.mark(), unit.counts());
    let mut refusal = Refusal::Form;
    for (at, shape) in [shape, shape.flat(), shape.homeless()].into_iter().enumerate() {
        match emit_in(store, called, (asm, unit), shared, shape) {
            Ok(()) => return Ok(at == 0),
            Err(why) => refusal = why,
        }
        asm.back_to(mark);
        unit.back_to(&mark, counts);
    }
    Err(refusal)
}

fn emit_in(
    (fixed, state): (&Fixed, &State),
    called: &FunctionInstance,
    (asm, unit): (&mut Assembler, &mut Unit),
    Shared { passes, blocks, flow: room, emit }: &mut Shared<'_>,
    shape: Shape,
) -> Result<(), Refusal> {
    let build = if shape.flat { ir::Room::build_flat } else { ir::Room::build };
    let mut function = build(blocks, fixed, called).ok_or(Refusal::Form)?;
    let instance = &fixed.instances[function.instance.index()];
    let signatures = Signatures { fixed, instance, own: fixed.types.get(called.ty) };
    let mut changed = shape.passes() && passes.improve(&mut function, shape);
    let mut flow = match shape.passes() {
        true => Flow::of(&function, &signatures, room),
        false => Flow::of_built(&function, &signatures, &blocks.touched, room)
            .or_else(|| Flow::of(&function, &signatures, room)),
    };
    // What passes need must lie in the slots that a call is charged for; what is shared is the first to go.
    for less in [Shape { shares: false, ..shape }, shape.flat()] {
        if !changed || fits(&function, flow.as_ref(), shape.homes, emit) {
            break;
        }
        function = build(blocks, fixed, called).ok_or(Refusal::Form)?;
        changed = passes.improve(&mut function, less);
        flow = Flow::of(&function, &signatures, room);
    }
    emit_blocks(&function, &signatures, flow.as_ref(), (asm, unit, emit), Bounds::of(instance, state), shape)?;
    blocks.give_back(function);
    if let Some(flow) = flow {
        room.give_back(flow);
    }
    Ok(())
}

/// Emits what a function has become.
pub(super) fn emit_blocks(
    function: &ir::Function,
    signatures: &Signatures<'_>,
    flow: Option<&Flow>,
    (asm, unit, room): (&mut Assembler, &mut Unit, &mut emit::Room),
    bounds: Bounds,
    shape: Shape,
) -> Result<(), Refusal> {
    let whole: alloc::vec::Vec<u32>;
    let arguments = match flow {
        Some(flow) => &flow.arguments,
        None if function.variables > MAX_VARIABLES => return Err(Refusal::Size),
        None => {
            whole = function.blocks.iter().map(|block| block.steps.len() as u32).collect();
            &whole
        }
    };
    Emitter::new((asm, unit, room), function, signatures, (flow, shape), arguments, bounds).run(flow)
}

/// What passes know of more than one function.
struct Passes<'a> {
    fixed: &'a Fixed,
    numbers: Range<usize>,
    bodies: Inliner<'a>,
    /// Found when a function that calls one is compiled.
    unread: Option<Unread>,
    dead: Dead,
}

impl Passes<'_> {
    /// Runs the passes of a shape; whether any of them did something that takes registers or slots.
    #[cold]
    #[inline(never)]
    fn improve(&mut self, function: &mut ir::Function, shape: Shape) -> bool {
        // What a loop computes for nobody stands in the way of a closed form.
        let has_loops = function.order.iter().skip(1).any(|&id| function.blocks[id as usize].charge.is_checked());
        if shape.drops && has_loops {
            self.dead.run(function, &Unread::NONE);
        }
        let has_forms = shape.forms && passes::run(function) > 0;
        let has_inlined = shape.inlines && self.bodies.run(function) > 0;
        if shape.drops && (self.has_unread(function) || has_inlined || !has_loops) {
            self.dead.run(function, self.unread.as_ref().unwrap_or(&Unread::NONE));
        }
        // What a first turn has computed is shared with the others.
        let has_peeled = shape.shares && passes::peel(function) > 0;
        let has_moved = shape.hoists && passes::hoist(function) > 0;
        let has_shared = shape.shares && passes::common(function) > 0;
        has_forms || has_inlined || has_peeled || has_moved || has_shared
    }

    /// Whether a function calls one that has parameters which nobody reads.
    fn has_unread(&mut self, function: &ir::Function) -> bool {
        let (fixed, numbers, unread) = (self.fixed, &self.numbers, &mut self.unread);
        function.order.iter().any(|&id| match function.blocks[id as usize].end {
            ir::End::Call(callee, _) => {
                unread.get_or_insert_with(|| Unread::of_functions(fixed, numbers.clone())).of(callee) != 0
            }
            _ => false,
        })
    }
}
