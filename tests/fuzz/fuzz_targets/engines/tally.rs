//! How far the modules of `wasm-smith` come, and what their calls do, printed when the process ends.

use std::cell::Cell;

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
}

/// Counts by stage; drops with the thread that fuzzes, which is the main one.
struct Tally([Cell<u64>; 8]);

thread_local! {
    static TALLY: Tally = const { Tally([const { Cell::new(0) }; 8]) };
}

impl Drop for Tally {
    fn drop(&mut self) {
        let [made, translated, admitted, run, limit, agreed, returned, trapped] = self.0.each_ref().map(Cell::get);
        eprintln!(
            "wasm-smith: {made} modules; {translated} translated, {admitted} admitted, {run} run; \
             wasmtime agreed on {agreed}, and on {limit} up to a limit of the engines; \
             {returned} calls returned, {trapped} trapped"
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
