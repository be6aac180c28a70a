//! Goes on natively with what runs in closures: at a call, or at the head of a loop.
//!
//! For the head of a loop, the function is compiled again, as one that begins there: the slots of its frame are its parameters, in their order,
//! and what cannot be reached from there is left out. It is made of the same intermediate form as the closures, so that slots mean the
//! same, and it takes as many slots of the limit as the function. Control may come into the middle of an outer loop that way: passes
//! and the order of blocks allow that, as every loop that holds the head has a loop in it, and nothing is moved out of such loops.

use super::asm::{Assembler, Mark};
use super::emit::{self, fits};
use super::flow::{Flow, Room, has, value_of};
use super::function::{Shape, emit_blocks};
use super::refusal::Refusal;
use super::run::{Native, Run};
use super::shared::Shared;
use super::signature::Signatures;
use super::unit::{Bounds, Counts, Draft, Unit, begin, end, publish, with_reciprocals};
use super::verdict::Around;
use crate::closure::intermediate;
use crate::exec::cycles;
use crate::ir::{self, Block, BlockId, End};
use crate::passes::{self, Dead, Inliner, Unread};
use alloc::sync::Arc;
use alloc::vec::Vec;
use velocity_interp::engine::{Fixed, Place, Slot, State};
use velocity_interp::{FunctionAddress, FunctionType, Limits};
use velocity_nda::module::{ExprId, Type};

/// How many slots of a frame are passed at most.
const MOST_SLOTS: usize = 512;

/// Code that goes on with a function.
#[derive(Debug)]
pub(super) struct Loop {
    code: u64,
    /// What it is called with, and what it gives.
    ty: FunctionType,
}

/// The function of a number, from the head of a loop on.
struct Rest<'a> {
    store: (&'a Fixed, &'a State),
    number: usize,
    head: ExprId,
}

impl Rest<'_> {
    /// Its blocks.
    fn blocks(&self) -> Option<ir::Function> {
        let mut function = intermediate(self.store.0, self.number)?;
        let is_head = |&id: &BlockId| {
            let block = &function.blocks[id as usize];
            id != 0 && block.charge.is_checked() && block.head == self.head
        };
        let head = function.order.iter().copied().find(is_head)?;
        function.blocks[0] = Block { end: End::Goto(head), ..Block::default() };
        let mut reached = alloc::vec![false; function.blocks.len()];
        reached[0] = true;
        let (mut work, mut leads_back) = (Vec::from([head]), false);
        while let Some(id) = work.pop() {
            if core::mem::replace(&mut reached[id as usize], true) {
                // Nothing leads to where a function begins.
                if id == 0 {
                    return None;
                }
                continue;
            }
            function.blocks[id as usize].end.successors(|next| work.push(next));
        }
        function.order.retain(|&id| reached[id as usize]);
        let place = function.order.iter().position(|&id| id == head)?;
        for &id in &function.order[place..] {
            function.blocks[id as usize].end.successors(|next| leads_back |= next == head);
        }
        for (block, _) in function.blocks.iter_mut().zip(&reached).filter(|(_, reached)| !**reached) {
            *block = Block::default();
        }
        (function.parameters, function.variables) = (function.frame as u32, 0);
        (leads_back && function.frame <= MOST_SLOTS).then_some(function)
    }

    /// What it is called with: the slots of the frame.
    fn ty(&self, function: &ir::Function) -> Option<FunctionType> {
        let fixed = self.store.0;
        let instance = &fixed.instances[function.instance.index()];
        let own = fixed.types.get(fixed.functions[self.number].ty);
        let mut parameters = ir::local_types(instance.module(), function.key)?;
        let flow = Flow::of(function, &Signatures { fixed, instance, own }, &mut Room::new())?;
        // Operands that wait: all 64 bits are passed, whatever they are.
        for slot in parameters.len()..function.frame {
            let is_float = has(&flow.first, value_of(slot as u32, true));
            parameters.push(if is_float { Type::F64 } else { Type::I64 });
        }
        parameters.truncate(function.frame);
        Some(FunctionType { parameters, results: own.results.clone() })
    }

    fn draft(&self, ty: &FunctionType, shape: Shape) -> Result<Draft, Refusal> {
        let (mut asm, mut unit, ways) = begin(self.number..self.number + 1);
        let function = self.blocks().ok_or(Refusal::Form)?;
        asm.align(16, 0xCC);
        let (label, clock, start) = (asm.label(), cycles(), asm.position());
        asm.bind(label);
        unit.begin(start, Some(self.number));
        unit.spots.begin(start, Some(Place { instance: function.instance, function: function.key }));
        let (mark, counts): (Mark, Counts) = (asm.mark(), unit.counts());
        let mut refusal = Refusal::Form;
        for shape in [shape, shape.plain(), shape.plain().with_homes((0, 0))] {
            match self.emit(ty, (&mut asm, &mut unit), shape) {
                Ok(()) => {
                    unit.end(asm.position());
                    let made = Vec::from([(asm.position() - start, cycles().wrapping_sub(clock))]);
                    return end((asm, unit), ways, (label, 1), (0, made));
                }
                Err(why) => refusal = why,
            }
            asm.back_to(mark);
            unit.back_to(&mark, counts);
        }
        Err(refusal)
    }

    fn emit(&self, ty: &FunctionType, (asm, unit): (&mut Assembler, &mut Unit), shape: Shape) -> Result<(), Refusal> {
        let (fixed, state) = self.store;
        let mut function = self.blocks().ok_or(Refusal::Form)?;
        let instance = &fixed.instances[function.instance.index()];
        let signatures = Signatures { fixed, instance, own: ty };
        if shape.inlines {
            Inliner::new(fixed, shape.forms).run(&mut function);
        }
        if shape.drops {
            Dead::default().run(&mut function, &Unread::NONE);
        }
        if shape.hoists {
            passes::hoist(&mut function);
        }
        let flow = Flow::of(&function, &signatures, &mut Room::new());
        let mut room = emit::Room::default();
        if shape.inlines && !fits(&function, flow.as_ref(), shape.homes, &mut room) {
            return Err(Refusal::Frame);
        }
        emit_blocks(&function, &signatures, flow.as_ref(), (asm, unit, &mut room), Bounds::of(instance, state), shape)
    }
}

impl Shared {
    fn go_on(&mut self, native: &Native, rest: &Rest<'_>) -> Option<Arc<Loop>> {
        let key = (rest.number, rest.head.0);
        if let Some(known) = self.loops.get(&key) {
            return known.clone().ok();
        }
        let made = self.compile_rest(native, rest).map(Arc::new);
        self.loops.insert(key, made.clone());
        made.ok()
    }

    fn compile_rest(&mut self, native: &Native, rest: &Rest<'_>) -> Result<Loop, Refusal> {
        let (fixed, state) = rest.store;
        let ty = rest.blocks().and_then(|function| rest.ty(&function)).ok_or(Refusal::Form)?;
        // It is no call.
        let maker = &native.maker;
        let shape = Shape { profiles: false, ..maker.shape };
        let key = self.key(rest.store, maker, Some((rest.number, rest.head.0)));
        let (unit, is_old) = self.made(key, maker, |shared| {
            let (draft, shape) =
                with_reciprocals(shared.reciprocals.as_deref(), shape, |shape| rest.draft(&ty, shape))?;
            let around = maker.is_checked.then(|| Around::new(fixed, state, shape.cuts).going_on(rest.number, &ty));
            publish(draft, &*maker.memory, around.as_ref())
        })?;
        for &(bytes, cycles) in &unit.made {
            self.book.compiled(rest.number, if is_old { 0 } else { cycles }, bytes);
        }
        let entries = unit.entries(core::slice::from_ref(&fixed.functions[rest.number]));
        self.take(unit);
        Ok(Loop { code: entries.first().ok_or(Refusal::Form)?.code, ty })
    }
}

impl Native {
    /// Compiles what is new in the store; whether all of it is native code.
    pub(crate) fn prepare(&self, store: (&Fixed, &State)) -> bool {
        self.shared.lock().prepare(store, &self.maker)
    }

    /// The same if the code was made before: nothing is compiled.
    pub(crate) fn prepare_made(&self, store: (&Fixed, &State)) -> bool {
        let Some(cache) = self.maker.cache.as_ref().filter(|cache| !cache.is_empty()) else { return false };
        let mut shared = self.shared.lock();
        let is_made =
            shared.refusal.is_none() && shared.key(store, &self.maker, None).is_some_and(|key| cache.has(&key));
        is_made && shared.prepare(store, &self.maker)
    }

    /// A call of a function of the store, which is native code, by another engine, with so much room of the limit. `None` if there is no memory.
    pub(crate) fn go_on_at_call(
        &self,
        fixed: &Fixed,
        function: FunctionAddress,
        arguments: &[Slot],
        (limits, room): (Limits, u32),
    ) -> Option<Run> {
        let shared = self.shared.lock();
        let ty = fixed.types.get(fixed.functions[function.index()].ty);
        let mut run = self.run(function, Vec::new(), limits);
        run.begin((shared.entries.get(function.index())?.code, ty), arguments, room, &shared)?;
        Some(run)
    }

    /// The same from the head of a loop on, with the slots of the frame; `slots` gives as many as are asked for. `None` if that cannot be.
    pub(crate) fn go_on_at_loop(
        &self,
        store: (&Fixed, &State),
        (function, head): (FunctionAddress, ExprId),
        slots: impl FnOnce(usize) -> Vec<Slot>,
        (limits, room): (Limits, u32),
    ) -> Option<Run> {
        let mut shared = self.shared.lock();
        let code = shared.go_on(self, &Rest { store, number: function.index(), head })?;
        let mut run = self.run(function, Vec::new(), limits);
        run.begin((code.code, &code.ty), &slots(code.ty.parameters.len()), room, &shared)?;
        Some(run)
    }
}
