//! Parameters that nobody reads: callers need not compute them.
//!
//! A parameter is read if its function gets it anywhere but in what an argument is computed from, without traps or effects; there it is read if
//! the parameter is that the argument is for. So what a function only hands on to itself is not read.
//!
//! Functions that are compiled together are looked at once, in time linear in their nodes and the parameters that they hand on.

use alloc::vec::Vec;
use core::ops::Range;
use velocity_interp::FunctionAddress;
use velocity_interp::engine::{Code, Fixed};
use velocity_nda::module::{Children, Expr, ExprId, Key};

/// How many parameters of a function are looked at: the first ones.
const MAX_PARAMETERS: usize = 64;

/// Nothing is handed on.
const PLAIN: u32 = u32::MAX;

/// The parameters of functions that nobody reads.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    first: usize,
    /// By function from the first one on: a set of parameters.
    unread: Vec<u64>,
}

/// A parameter: the function, from the first one on, and its number there.
type Parameter = (u32, u8);

struct Search<'a> {
    fixed: &'a Fixed,
    numbers: Range<usize>,
    /// By function: the parameters that are read.
    read: Vec<u64>,
    /// Parameters that others are handed on to, and those.
    handed: Vec<(Parameter, Parameter)>,
    /// Nodes, and the argument that they are part of, by number in `arguments`.
    work: Vec<(ExprId, u32)>,
    arguments: Vec<Parameter>,
}

impl Unread {
    /// Nothing is known.
    pub(crate) const NONE: Self = Self { first: 0, unread: Vec::new() };

    /// Of the functions of a store in a range.
    pub(crate) fn of_functions(fixed: &Fixed, numbers: Range<usize>) -> Self {
        let count = numbers.len();
        let mut search = Search {
            fixed,
            numbers: numbers.clone(),
            read: alloc::vec![0; count],
            handed: Vec::new(),
            work: Vec::new(),
            arguments: Vec::new(),
        };
        for number in 0..count {
            search.function(number as u32);
        }
        search.spread();
        let unread = search.read.iter().zip(&fixed.functions[numbers.clone()]).map(|(&read, function)| {
            let parameters = fixed.types.get(function.ty).parameters.len().min(MAX_PARAMETERS);
            !read & u64::MAX.checked_shr((MAX_PARAMETERS - parameters) as u32).unwrap_or(0)
        });
        Self { first: numbers.start, unread: unread.collect() }
    }

    /// The parameters of a function that nobody reads, as a set.
    pub(crate) fn of(&self, function: FunctionAddress) -> u64 {
        let at = function.index().checked_sub(self.first);
        at.and_then(|at| self.unread.get(at)).copied().unwrap_or(0)
    }
}

impl Search<'_> {
    fn function(&mut self, own: u32) {
        let fixed = self.fixed;
        let called = &fixed.functions[self.numbers.start + own as usize];
        let Code::Defined { instance, root, .. } = called.code else {
            self.read[own as usize] = u64::MAX;
            return;
        };
        let instance = &fixed.instances[instance.index()];
        let (module, parameters) = (instance.module(), fixed.types.get(called.ty).parameters.len());
        self.arguments.clear();
        self.work.push((root, PLAIN));
        while let Some((id, part)) = self.work.pop() {
            match module.exprs[id] {
                Expr::LocalGet(local) if local.index() < parameters => self.get((own, local.index()), part),
                Expr::Unary(op, operand) => {
                    let part = if crate::ir::truncates(op) { PLAIN } else { part };
                    self.work.push((operand, part));
                }
                Expr::Binary(op, left, right) => {
                    let part = if crate::ir::divides(op) { PLAIN } else { part };
                    self.work.extend([(left, part), (right, part)]);
                }
                Expr::Call(callee, list) => self.call(instance.function(callee), module.pool.get(list)),
                expr => match expr.children() {
                    Children::Few(few, count) => self.work.extend(few[..count].iter().map(|&id| (id, PLAIN))),
                    Children::List(list) => self.work.extend(module.pool.get(list).map(|id| (id, PLAIN))),
                },
            }
        }
    }

    /// A parameter is got, as part of an argument or plainly.
    fn get(&mut self, (own, parameter): (u32, usize), part: u32) {
        match self.arguments.get(part as usize) {
            _ if parameter >= MAX_PARAMETERS => {}
            Some(&to) => self.handed.push((to, (own, parameter as u8))),
            None => self.read[own as usize] |= 1 << parameter,
        }
    }

    fn call(&mut self, callee: FunctionAddress, arguments: impl ExactSizeIterator<Item = ExprId>) {
        let parameters = self.fixed.types.get(self.fixed.functions[callee.index()].ty).parameters.len();
        let known = callee.index().checked_sub(self.numbers.start).filter(|at| *at < self.numbers.len());
        // One node may give several arguments.
        let known = known.filter(|_| arguments.len() == parameters);
        for (at, id) in arguments.enumerate() {
            let part = match known {
                Some(known) if at < MAX_PARAMETERS => {
                    self.arguments.push((known as u32, at as u8));
                    self.arguments.len() as u32 - 1
                }
                _ => PLAIN,
            };
            self.work.push((id, part));
        }
    }

    /// What is handed on to what is read is read.
    fn spread(&mut self) {
        self.handed.sort_unstable();
        let mut work = Vec::new();
        for at in 0..self.handed.len() {
            let (to, from) = self.handed[at];
            if self.is_read(to) {
                self.note(from, &mut work);
            }
        }
        while let Some(to) = work.pop() {
            let first = self.handed.partition_point(|(known, _)| *known < to);
            for at in first..self.handed.len() {
                let (known, from) = self.handed[at];
                if known != to {
                    break;
                }
                self.note(from, &mut work);
            }
        }
    }

    fn is_read(&self, (function, parameter): Parameter) -> bool {
        self.read[function as usize] >> parameter & 1 != 0
    }

    fn note(&mut self, parameter: Parameter, work: &mut Vec<Parameter>) {
        if !self.is_read(parameter) {
            self.read[parameter.0 as usize] |= 1 << parameter.1;
            work.push(parameter);
        }
    }
}
