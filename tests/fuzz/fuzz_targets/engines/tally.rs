//! How far the modules of `wasm-smith` come, and what their calls do, printed when the process ends.

use std::cell::Cell;
use velocity_jit::Refusal;

/// What was done with a module, or how one of its calls ended in both.
#[derive(Clone, Copy)]
pub enum Stage {
    /// `wasm-smith` made it.
    Made,
    /// The translator took it.
    Translated,
    /// The gate let it through.
    Admitted,
    /// It was instantiated and ran in every engine.
    Run,
    /// `wasmtime` agreed until a limit of the engines ended the comparison.
    AgreedToALimit,
    /// `wasmtime` agreed to the end.
    Agreed,
    /// A call that returned.
    Returned,
    /// A call that trapped.
    Trapped,
    /// A store whose functions are native code of an unusual kind.
    Native,
    /// A store, or a loop, that has no native code: a function, or all code, is too large.
    Large,
    /// A frame does not fit into its slots.
    Frame,
    /// Something cannot be said in machine code.
    Form,
    /// There is no room, or no memory, for code, or the processor lacks what it needs.
    Room,
}

/// Counts by stage; drops with the thread that fuzzes, which is the main one.
struct Tally([Cell<u64>; 13]);

thread_local! {
    static TALLY: Tally = const { Tally([const { Cell::new(0) }; 13]) };
}

impl Drop for Tally {
    fn drop(&mut self) {
        let [made, translated, admitted, run, limit, agreed, returned, trapped, native, large, frame, form, room] =
            self.0.each_ref().map(Cell::get);
        eprintln!(
            "wasm-smith: {made} modules; {translated} translated, {admitted} admitted, {run} run; \
             wasmtime agreed on {agreed}, and on {limit} up to a limit of the engines; \
             {returned} calls returned, {trapped} trapped; {native} stores of unusual native code; refused stores and \
             loops: {large} too large, {frame} for frames, {form} for forms, {room} for room"
        );
    }
}

/// Counts one.
pub fn count(stage: Stage) {
    TALLY.with(|tally| {
        let cell = &tally.0[stage as usize];
        cell.set(cell.get() + 1);
    });
}

/// Counts a store, or a loop that was refused, by what the native engine made of it. The checker accepts all code.
pub fn count_native(refusal: Option<Refusal>) {
    count(match refusal {
        None => Stage::Native,
        Some(Refusal::Size) => Stage::Large,
        Some(Refusal::Frame) => Stage::Frame,
        Some(Refusal::Form) => Stage::Form,
        Some(Refusal::Room | Refusal::Memory | Refusal::Denied | Refusal::Processor) => Stage::Room,
        Some(Refusal::Checker) => panic!("the checker does not accept what was made"),
    });
}
