//! Random programs as text: the same program under other names, in another order, in another layout; and changes of one
//! place.

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write;

/// How many globals and statics there are. Each has a first value of its own.
const OBJECTS: usize = 3;

/// What a function does to its variable, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Add(i32),
    Times(i32),
    Call(usize),
    Global(usize),
    Static(usize),
    Repeat(i32),
    Unless(i32),
    Wide(i64),
    Float(u8),
}

/// A program: each function takes and gives an `i32`, and may call any.
#[derive(Clone, Debug)]
pub struct Program {
    pub functions: Vec<Vec<Op>>,
}

/// A change of one place.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// Another number.
    Number(prop::sample::Index),
    /// Another operator.
    Operator(prop::sample::Index),
    /// Another callee.
    Callee(prop::sample::Index),
    /// Another object.
    Object(prop::sample::Index),
    /// Two neighbours the other way round.
    Order(prop::sample::Index),
    /// One thing less.
    Less(prop::sample::Index),
}

impl Arbitrary for Change {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let index = any::<prop::sample::Index>;
        prop_oneof![
            index().prop_map(Self::Number),
            index().prop_map(Self::Operator),
            index().prop_map(Self::Callee),
            index().prop_map(Self::Object),
            index().prop_map(Self::Order),
            index().prop_map(Self::Less),
        ]
        .boxed()
    }
}

fn op(functions: usize) -> impl Strategy<Value = Op> {
    prop_oneof![
        (1..9_i32).prop_map(Op::Add),
        (2..9_i32).prop_map(Op::Times),
        (0..functions).prop_map(Op::Call),
        (0..functions).prop_map(Op::Call),
        (0..OBJECTS).prop_map(Op::Global),
        (0..OBJECTS).prop_map(Op::Static),
        (1..9_i32).prop_map(Op::Repeat),
        (1..9_i32).prop_map(Op::Unless),
        (1..9_i64).prop_map(Op::Wide),
        (1..9_u8).prop_map(Op::Float),
    ]
}

/// Programs of 1 to 14 functions.
pub fn programs() -> impl Strategy<Value = Program> {
    let functions = |count| prop::collection::vec(prop::collection::vec(op(count), 0..5), count);
    (1_usize..15).prop_flat_map(functions).prop_map(|functions| Program { functions })
}

impl Program {
    pub fn callees(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        self.functions[index].iter().filter_map(|op| if let Op::Call(to) = op { Some(*to) } else { None })
    }

    /// A function and all that lead to it.
    pub fn dependants(&self, index: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([index]);
        loop {
            let more = (0..self.functions.len()).filter(|&from| self.callees(from).any(|to| found.contains(&to)));
            let before = found.len();
            let more: Vec<usize> = more.collect();
            found.extend(more);
            if found.len() == before {
                return found;
            }
        }
    }

    /// The program with one function changed; `None` if there is nothing to change so.
    pub fn changed(&self, index: usize, change: Change) -> Option<Self> {
        let mut program = self.clone();
        let count = self.functions.len();
        let ops = &mut program.functions[index];
        let pick = |at: prop::sample::Index, fits: &dyn Fn(&Op) -> bool| {
            let places: Vec<usize> =
                (0..self.functions[index].len()).filter(|&at| fits(&self.functions[index][at])).collect();
            (!places.is_empty()).then(|| places[at.index(places.len())])
        };
        match change {
            Change::Number(at) => {
                let at = pick(at, &|op| !matches!(op, Op::Call(_) | Op::Global(_) | Op::Static(_)))?;
                ops[at] = match ops[at] {
                    Op::Add(number) => Op::Add(number + 1),
                    Op::Times(number) => Op::Times(number + 1),
                    Op::Repeat(number) => Op::Repeat(number + 1),
                    Op::Unless(number) => Op::Unless(number + 1),
                    Op::Wide(number) => Op::Wide(number + 1),
                    Op::Float(number) => Op::Float(number + 1),
                    other => other,
                };
            }
            Change::Operator(at) => {
                let at = pick(at, &|op| matches!(op, Op::Add(_) | Op::Times(_) | Op::Repeat(_) | Op::Unless(_)))?;
                ops[at] = match ops[at] {
                    Op::Add(number) => Op::Times(number),
                    Op::Times(number) => Op::Add(number),
                    Op::Repeat(number) => Op::Unless(number),
                    Op::Unless(number) => Op::Repeat(number),
                    other => other,
                };
            }
            Change::Callee(at) => {
                let at = pick(at, &|op| matches!(op, Op::Call(_)))?;
                let Op::Call(to) = ops[at] else { return None };
                ops[at] = Op::Call((to + 1) % count);
            }
            Change::Object(at) => {
                let at = pick(at, &|op| matches!(op, Op::Global(_) | Op::Static(_)))?;
                ops[at] = match ops[at] {
                    Op::Global(object) => Op::Global((object + 1) % OBJECTS),
                    Op::Static(object) => Op::Static((object + 1) % OBJECTS),
                    other => other,
                };
            }
            Change::Order(at) => {
                let last = ops.len().checked_sub(1).filter(|&last| last > 0)?;
                let at = at.index(last);
                ops.swap(at, at + 1);
            }
            Change::Less(at) => {
                let at = pick(at, &|_| true)?;
                ops.remove(at);
            }
        }
        (program.functions != self.functions).then_some(program)
    }

    /// Written down.
    pub fn text(&self, style: &Style) -> String {
        let mut items = Vec::new();
        for object in 0..OBJECTS {
            items.push(format!("global {}: i32 = {};", style.name("g", object), object + 10));
            items.push(format!("static {}: [i32; 2] = [{}, 1];", style.name("s", object), object + 20));
        }
        for (index, ops) in self.functions.iter().enumerate() {
            items.push(self.function(index, ops, style));
        }
        style.shuffle(&mut items);
        items.join(style.between())
    }

    fn function(&self, index: usize, ops: &[Op], style: &Style) -> String {
        let (x, i, comment) = (style.name("x", index), style.name("i", 0), style.comment());
        let a = style.name("a", 0);
        let mut out = format!("fn {}({a}: i32) -> i32 {{ let {x}: i32 = {a};", style.function(index));
        for op in ops {
            out += style.space();
            let _ = match *op {
                Op::Add(number) => write!(out, "{x} = {x} + {number};{comment}"),
                Op::Times(number) => write!(out, "{x} = {x} * {number};"),
                Op::Call(to) => write!(out, "{x} = {x} ^ {}({x});", style.function(to)),
                Op::Global(to) => write!(out, "{0} = {0} + {x};", style.name("g", to)),
                Op::Static(to) => write!(out, "{}[1] = {x};{comment}", style.name("s", to)),
                Op::Repeat(number) => write!(out, "while {x} < {number} {{ {x} = {x} + 1; }}"),
                Op::Unless(number) => write!(out, "if {x} < {number} {{ {x} = {x} + 1; }}"),
                Op::Wide(number) => write!(out, "let {i}: i64 = (({x} as i64) << {number}); {x} = ({i} >> 3) as i32;"),
                Op::Float(number) => write!(out, "{x} = (({x} as f64) * {number}.5) as i32;"),
            };
        }
        out + style.space() + &x + " }"
    }
}

/// How a program is written down.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    seed: u64,
}

impl Style {
    pub const fn plain() -> Self {
        Self { seed: 0 }
    }

    pub const fn of(seed: u64) -> Self {
        Self { seed }
    }

    pub fn function(&self, index: usize) -> String {
        self.name("f", index)
    }

    fn name(&self, word: &str, index: usize) -> String {
        match self.seed % 4 {
            0 => format!("{word}{index}"),
            1 => format!("name_{}_{word}", 9997 - index),
            2 => format!("{word}_{:x}", (index as u64 + 1).wrapping_mul(0x9E37_79B9) & 0xFF_FFFF),
            _ => format!("z{word}{}", 9997 - index),
        }
    }

    const fn between(&self) -> &'static str {
        match self.seed >> 2 & 3 {
            0 => "\n",
            1 => "\n\n// Between.\n\n",
            2 => "\n/// About what follows.\n",
            _ => " ",
        }
    }

    const fn space(&self) -> &'static str {
        match self.seed >> 4 & 3 {
            0 => " ",
            1 => "\n    ",
            2 => "\n\t// Said.\n",
            _ => "\r\n",
        }
    }

    const fn comment(&self) -> &'static str {
        if self.seed >> 6 & 1 == 0 { "" } else { " // why\n" }
    }

    /// Some order of the items.
    fn shuffle<T>(&self, items: &mut [T]) {
        let mut state = self.seed;
        if state == 0 {
            return;
        }
        for at in (1..items.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            items.swap(at, (state >> 33) as usize % (at + 1));
        }
    }
}
