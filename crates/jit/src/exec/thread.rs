//! Threaded code: operations side by side, each of which goes on to the next one itself.
//!
//! An operation is a function and its operands. Where it is done, it calls the function of the next operation with what stands in
//! registers: the optimiser makes a jump of that, as nothing is left to do. Where it does not (a build for tests), calls nest, no
//! deeper than those who use this let them ([`Handler`] returns now and then).
//!
//! The unsafe part is going from one operation to another without asking whether there is one. Invariants of [`Code`], which only
//! [`Code::seal`] makes: 1. the last operation is [`stop`], which goes nowhere, and no other operation is; 2. `to` of every operation is
//! the distance in bytes to an operation of the same code; 3. operations do not move or change. A [`Cursor`] stands at an operation that
//! is not the last one: it is made only here, where its operation's function, which is not [`stop`], is called with it.

use crate::closure::{Context, Exit};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;
use velocity_interp::engine::Slot;

/// The slots that operations name.
pub(crate) const WINDOW: usize = 256;

/// Where the slots of a function are that operations name.
pub(crate) type Frame = [Cell<Slot>; WINDOW];

/// What an operation does. It is given where it stands, the frame, what all operations share, and what stands in registers: a whole
/// number, the fuel, and a binary64.
pub(crate) type Handler = for<'a, 'c> fn(Cursor<'a>, &'a Frame, &'c mut Context<'a>, Slot, i64, f64) -> Exit;

/// An operation. What its operands mean is its handler's affair.
#[derive(Clone, Copy)]
pub(crate) struct Op {
    run: Handler,
    pub(crate) imm: u64,
    /// Numbers of operations until the code is sealed, then distances.
    to: [i32; 2],
    pub(crate) k: u32,
    pub(crate) a: u8,
    pub(crate) b: u8,
    pub(crate) d: u8,
    pub(crate) e: u8,
}

/// The most operations of a function: distances between them fit.
const MOST: usize = i32::MAX as usize / size_of::<Op>();

impl Op {
    pub(crate) fn new(run: Handler) -> Self {
        Self { run, imm: 0, to: [0; 2], k: 0, a: 0, b: 0, d: 0, e: 0 }
    }

    /// Lets [`Cursor::jump`] lead to the operation of a number.
    pub(crate) fn lead(&mut self, which: usize, number: u32) {
        self.to[which] = i32::try_from(number).unwrap_or(i32::MAX);
    }
}

/// The operations of a function.
pub(crate) struct Code(Box<[Op]>);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} operations", self.0.len())
    }
}

/// The last operation of every code.
fn stop<'a>(_: Cursor<'a>, _: &'a Frame, _: &mut Context<'a>, _: Slot, _: i64, _: f64) -> Exit {
    Exit::Nowhere
}

impl Code {
    /// Makes code of operations. What leads to none of them leads to the end, which leaves with [`Exit::Nowhere`]; so does what comes
    /// after [`MOST`] of them.
    pub(crate) fn seal(mut ops: Vec<Op>) -> Self {
        ops.truncate(MOST - 1);
        let last = ops.len();
        ops.push(Op::new(stop));
        for (at, op) in ops.iter_mut().enumerate() {
            for to in &mut op.to {
                let target = usize::try_from(*to).map_or(last, |target| target.min(last));
                *to = (target as i32 - at as i32) * size_of::<Op>() as i32;
            }
        }
        Self(ops.into_boxed_slice())
    }

    /// Goes on at the operation of a number, or at the end if there is none.
    #[inline(always)]
    pub(crate) fn run<'a>(
        &'a self,
        number: usize,
        frame: &'a Frame,
        context: &mut Context<'a>,
        acc: Slot,
        fuel: i64,
        facc: f64,
    ) -> Exit {
        let Some(op) = self.0.get(number) else { return Exit::Nowhere };
        // The pointer is of the whole slice, so that it leads from one operation to another.
        // SAFETY: 1. `number` is below the length, as the line above found.
        let at = unsafe { NonNull::from(&*self.0).cast::<Op>().add(number) };
        (op.run)(Cursor { at, code: PhantomData }, frame, context, acc, fuel, facc)
    }

    /// The operation of a number.
    pub(crate) fn op(&self, number: u32) -> Option<&Op> {
        self.0.get(number as usize)
    }

    /// The number of an operation of this code.
    pub(crate) fn number(&self, cursor: Cursor<'_>) -> u32 {
        let distance = cursor.at.as_ptr().addr().wrapping_sub(self.0.as_ptr().addr());
        (distance / size_of::<Op>()) as u32
    }
}

/// Where control stands.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    at: NonNull<Op>,
    code: PhantomData<&'a Code>,
}

impl<'a> Cursor<'a> {
    /// The operation.
    #[inline(always)]
    pub(crate) fn op(self) -> &'a Op {
        // SAFETY: 1. A cursor stands at an operation of code that lives as long as `'a` and does not change.
        unsafe { self.at.as_ref() }
    }

    /// Goes on with the next operation.
    #[inline(always)]
    pub(crate) fn next(self, frame: &'a Frame, context: &mut Context<'a>, acc: Slot, fuel: i64, facc: f64) -> Exit {
        // SAFETY: 1. A cursor does not stand at the last operation, so there is another one behind it.
        let cursor = Self { at: unsafe { self.at.add(1) }, ..self };
        // SAFETY: 1. It is an operation of the same code. If it is the last one, what is called with it is `stop`.
        let run = unsafe { cursor.at.as_ref() }.run;
        run(cursor, frame, context, acc, fuel, facc)
    }

    /// Goes on where the operation leads.
    #[inline(always)]
    pub(crate) fn jump<const WHICH: usize>(
        self,
        frame: &'a Frame,
        context: &mut Context<'a>,
        acc: Slot,
        fuel: i64,
        facc: f64,
    ) -> Exit {
        let distance = self.op().to[WHICH] as isize;
        // SAFETY: 1. Every distance is one to an operation of the same code.
        let cursor = Self { at: unsafe { self.at.byte_offset(distance) }, ..self };
        // SAFETY: 1. As in `next`.
        let run = unsafe { cursor.at.as_ref() }.run;
        run(cursor, frame, context, acc, fuel, facc)
    }

    /// How many operations there are from this one to where it leads.
    pub(crate) fn distance(self, which: usize) -> i32 {
        self.op().to[which] / size_of::<Op>() as i32
    }
}
