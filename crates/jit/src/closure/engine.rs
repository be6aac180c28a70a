//! The engine: what the runs of a store share.

use super::context::Function;
use super::lower::lower;
use super::run::Run;
use crate::exec::cycles;
use crate::exec::thread::WINDOW;
use crate::profile::Book;
use crate::{ir, passes};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;
use spin::Mutex;
use velocity_interp::engine::{Engine, Execution, Fixed};
use velocity_interp::{FunctionAddress, FunctionProfile, Limits, Tier, Value};

/// Of a function with more slots than this every value that an operator makes is put into its slot at once, so that operations need
/// none of their own.
const WIDE: usize = WINDOW - 32;

/// What the runs of a store share.
pub(super) type Cache = Arc<Mutex<Compiled>>;

/// Compiled functions of a store, by address, and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    functions: Vec<Option<Arc<Function>>>,
    pub(super) book: Book,
}

impl Compiled {
    /// The compiled form of a function; `None` if it is the host's.
    pub(super) fn function(&mut self, fixed: &Fixed, index: usize) -> Option<Arc<Function>> {
        if self.functions.len() < fixed.functions.len() {
            self.functions.resize(fixed.functions.len(), None);
        }
        if self.functions[index].is_none() {
            let start = cycles();
            self.functions[index] = compile(fixed, index);
            if self.functions[index].is_some() {
                self.book.compiled(index, cycles().wrapping_sub(start), 0);
            }
        }
        self.functions[index].clone()
    }
}

fn compile(fixed: &Fixed, index: usize) -> Option<Arc<Function>> {
    let function = intermediate(fixed, index)?;
    let lowered = Arc::new(lower(&function));
    ir::give_back(function);
    Some(lowered)
}

/// What operations are made of; `None` for a function of the host. The same every time.
pub(crate) fn intermediate(fixed: &Fixed, index: usize) -> Option<ir::Function> {
    let called = &fixed.functions[index];
    let mut built = ir::build(fixed, called)?;
    if built.frame > WIDE {
        built = ir::build_flat(fixed, called)?;
    }
    passes::run(&mut built);
    Some(built)
}

/// The engine.
#[derive(Debug, Default)]
pub struct Closures {
    cache: Cache,
}

impl Closures {
    /// Prepares a call that can be watched.
    pub(crate) fn begin(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Run {
        Run::new(Arc::clone(&self.cache), entry, arguments, limits)
    }

    /// Lets every call of a function stop, as if it were to be timed.
    pub(crate) fn stop_calls(&self) {
        let mut compiled = self.cache.lock();
        let Compiled { functions, book } = &mut *compiled;
        for (at, function) in functions.iter().enumerate().filter_map(|(at, function)| Some((at, function.as_ref()?))) {
            let left = function.cell.swap(Book::FIRST, Ordering::Relaxed);
            book.take_back(at, left.saturating_sub(Book::FIRST));
        }
    }
}

impl Engine for Closures {
    fn call(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Box<dyn Execution> {
        Box::new(self.begin(entry, arguments, limits))
    }

    fn profile(&self) -> Vec<FunctionProfile> {
        let compiled = self.cache.lock();
        let of = |(at, function): (usize, &Option<Arc<Function>>)| {
            let left = function.as_ref()?.cell.load(Ordering::Relaxed);
            let calls = compiled.book.granted(at).saturating_sub(left.into());
            Some(compiled.book.of(at, Tier::Closures, calls))
        };
        compiled.functions.iter().enumerate().filter_map(of).collect()
    }
}
