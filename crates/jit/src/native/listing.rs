//! Machine code beside what it was made of, for people: which instructions stand for which node of a function.
//!
//! A [`Lister`] takes the place of an engine for one call: nothing runs, but the called function is compiled as [`Native`](super::Native)
//! would compile it. On a host, instructions are shown as text; elsewhere as bytes, since the text of all instructions takes much room.

use super::division::{Division, ShortCuts};
use super::function::Shape;
use super::refusal::Refusal;
use super::unit::list;
use crate::check::length;
use crate::exec::CodeMemory;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use spin::Mutex;
use velocity_interp::engine::{Account, Engine, Execution, Fixed, Place, Slot, State, Stop, Storage};
use velocity_interp::{FunctionAddress, Host, Limits, TrapKind, Value};
use velocity_nda::module::{ExprId, Key};

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it begins, in bytes from the start of the function.
    pub offset: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The node that it was made for, as far as that is known: it may belong to another function, whose call was inlined.
    pub node: Option<ExprId>,
    /// What it does; empty where that is not known.
    pub text: String,
}

type Listed = Arc<Mutex<Option<Result<Vec<Line>, Refusal>>>>;

/// Compiles the function that is called, and runs nothing. A clone is the same one.
#[derive(Clone, Debug, Default)]
pub struct Lister {
    memory: Option<Arc<dyn CodeMemory>>,
    listed: Listed,
    function: usize,
    cuts: ShortCuts,
}

impl Lister {
    /// One for code that would lie in this memory.
    #[must_use]
    pub fn new(memory: Arc<dyn CodeMemory>) -> Self {
        Self { memory: Some(memory), ..Self::default() }
    }

    /// The same for code that divides in this way.
    #[must_use]
    pub fn with_division(self, division: &Division) -> Self {
        Self { cuts: division.short_cuts(), ..self }
    }

    /// The instructions of the function that was called last, or why it cannot be compiled; `None` before a call.
    #[must_use]
    pub fn take(&self) -> Option<Result<Vec<Line>, Refusal>> {
        self.listed.lock().take()
    }

    fn list(&self, store: (&Fixed, &State)) -> Result<Vec<Line>, Refusal> {
        let draft = list(store, 0..store.0.functions.len(), Shape { cuts: self.cuts, ..Shape::BEST })?;
        let number = Some(self.function as u32);
        let extent = draft.extents.iter().find(|extent| extent.number == number).ok_or(Refusal::Form)?;
        let bytes = &draft.code[extent.start as usize..extent.code_end as usize];
        let (mut lines, mut start) = (Vec::new(), 0);
        while start < bytes.len() {
            let end = start + length(&bytes[start..]).ok_or(Refusal::Form)?;
            let at = draft.nodes.partition_point(|(from, _)| *from <= extent.start + start as u32);
            let node = at.checked_sub(1).map(|at| draft.nodes[at]).filter(|(from, _)| *from >= extent.start);
            lines.push(Line {
                offset: start as u32,
                bytes: bytes[start..end].into(),
                node: node.map(|(_, node)| node),
                text: text(&bytes[start..end], start),
            });
            start = end;
        }
        Ok(lines)
    }
}

/// An instruction in words, by its bytes and where it begins.
#[cfg(feature = "host")]
fn text(bytes: &[u8], start: usize) -> String {
    let mut decoder = iced_x86::Decoder::with_ip(64, bytes, start as u64, iced_x86::DecoderOptions::NONE);
    let mut text = String::new();
    iced_x86::FastFormatter::new().format(&decoder.decode(), &mut text);
    text
}

#[cfg(not(feature = "host"))]
fn text(_: &[u8], _: usize) -> String {
    String::new()
}

impl Engine for Lister {
    fn call(&self, entry: FunctionAddress, _: &[Value], _: Limits) -> Box<dyn Execution> {
        Box::new(Self { function: entry.index(), ..self.clone() })
    }

    fn memory(&self, bytes: usize) -> Option<Box<dyn Storage>> {
        self.memory.as_ref()?.guarded(bytes)
    }
}

impl Execution for Lister {
    fn run(&mut self, fixed: &Fixed, state: &mut State, _: &mut dyn Host, _: &mut Account) -> Stop {
        *self.listed.lock() = Some(self.list((fixed, state)));
        Stop::Fault(TrapKind::Unreachable, ExprId::new(0))
    }

    fn place(&self) -> Option<Place> {
        None
    }

    fn results(&self) -> &[Slot] {
        &[]
    }
}
