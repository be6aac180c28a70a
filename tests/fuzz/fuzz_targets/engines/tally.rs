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
    /// Such a store that was left to closures.
    Refused,
}

/// Counts by stage; drops with the thread that fuzzes, which is the main one.
struct Tally([Cell<u64>; 10]);

thread_local! {
    static TALLY: Tally = const { Tally([const { Cell::new(0) }; 10]) };
}

impl Drop for Tally {
    fn drop(&mut self) {
        let [made, translated, admitted, run, limit, agreed, returned, trapped, native, refused] =
            self.0.each_ref().map(Cell::get);
        eprintln!(
            "wasm-smith: {made} modules; {translated} translated, {admitted} admitted, {run} run; \
             wasmtime agreed on {agreed}, and on {limit} up to a limit of the engines; \
             {returned} calls returned, {trapped} trapped; {native} stores of unusual native code, and {refused} were refused"
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

/// Counts a store by what the native engine made of it.
pub fn count_native(refusal: Option<Refusal>) {
    count(if refusal.is_none() { Stage::Native } else { Stage::Refused });
}
