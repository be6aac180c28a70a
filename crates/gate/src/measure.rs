//! What a program costs and takes, known before it runs and the same for every engine and every instance.
//!
//! **Fuel** is charged by segments. A segment is a run of nodes, in the order in which their evaluation begins, that
//! control can only enter at its first node, the *head*: the body of a function, the body of a loop, an arm of a
//! condition, and what comes after an arm, a block or a node that leaves. Its cost is the number of its nodes. The
//! account is *checked* at the heads of functions and of loops only, so that a run without end always meets a check;
//! at other heads it is only charged and may fall below zero, by at most the nodes of one function.
//!
//! **Slots** of a call are [`CALL_SLOTS`], its parameters, its variables, and the most values and tasks that evaluating its
//! body by the interpreter can have pending at once: a bound that depends on the tree alone.
//!
//! **Statics** lie where identity says ([`velocity_nda::place`]).

use alloc::sync::Arc;
use alloc::vec::Vec;
use velocity_nda::module::{
    Body, Children, DataId, Expr, ExprId, FuncId, FunctionKind, Key, List, MAX_PAGES, Module, PAGE_BYTES, Placement,
    Shape,
};

/// Set in a cost where the account is checked.
const CHECKED: u32 = 1 << 31;

/// How many variables of a function one unit of fuel sets to zero.
const VARIABLES_A_UNIT: u32 = 16;

/// Slots that every call takes beside its parameters, its variables and what its body has pending: room for what an
/// engine keeps for a call, such as where it came from and registers it saves.
pub const CALL_SLOTS: u32 = 12;

/// What is charged where a node begins; zero where no segment does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charge(u32);

impl Charge {
    /// Whether no segment begins here.
    #[inline(always)]
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Units of fuel.
    #[inline(always)]
    #[must_use]
    pub const fn fuel(self) -> u32 {
        self.0 & !CHECKED
    }

    /// Whether the account must have as much.
    #[inline(always)]
    #[must_use]
    pub const fn is_checked(self) -> bool {
        self.0 & CHECKED != 0
    }

    fn add(&mut self, fuel: u32) {
        self.0 = self.0 & CHECKED | (self.fuel() + fuel).min(CHECKED - 1);
    }
}

/// Everything that is measured of a module.
#[derive(Debug)]
pub struct Measure {
    charges: Arc<[Charge]>,
    slots: Vec<u32>,
    placed: Option<Placed>,
}

/// Where the statics of a module go.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The address of each piece of data; only those of statics mean something.
    pub addresses: Arc<[u32]>,
    /// How many pages reach behind the last static.
    pub pages: u32,
}

impl Measure {
    /// Of a valid module.
    pub(crate) fn of(module: &Module) -> Self {
        let mut charges = alloc::vec![Charge::default(); module.exprs.len()];
        let (mut steps, mut needs) = (Vec::new(), Vec::new());
        let all = module.functions.iter().map(|(_, function)| match &function.kind {
            FunctionKind::Defined(body) => {
                charge(module, body, &mut charges, &mut steps);
                slots(module, body, module.parameters(function.signature).len() as u32, &mut needs)
            }
            FunctionKind::Host(_) | FunctionKind::Import(_) => 0,
        });
        let slots = all.collect();
        Self { charges: charges.into(), slots, placed: place(module) }
    }

    /// What is charged at each node.
    #[must_use]
    pub const fn charges(&self) -> &Arc<[Charge]> {
        &self.charges
    }

    /// How many slots of the stack a call of a function takes; none if the module does not define it.
    #[must_use]
    pub fn slots(&self, function: FuncId) -> u32 {
        self.slots.get(function.index()).copied().unwrap_or(0)
    }

    /// Where the statics go; `None` if 4 GiB do not hold them.
    #[must_use]
    pub const fn placed(&self) -> Option<&Placed> {
        self.placed.as_ref()
    }
}

/// Places the statics of a module. Without statics nothing is hashed.
fn place(module: &Module) -> Option<Placed> {
    let is_static = |id: DataId| matches!(module.data[id].placement, Placement::Anywhere(_));
    if !module.data.keys().any(is_static) {
        return Some(Placed { addresses: alloc::vec![0; module.data.len()].into(), pages: 0 });
    }
    let placement = velocity_nda::place(module);
    let pages = placement.end.div_ceil(u64::from(PAGE_BYTES));
    let addresses = module.data.keys().map(|key| placement.address(key));
    (pages <= u64::from(MAX_PAGES)).then(|| Placed { addresses: addresses.collect(), pages: pages as u32 })
}

/// Something still to do for [`charge`].
enum Step {
    Visit(ExprId),
    /// A node that control can come to from elsewhere is next.
    Fresh {
        checked: bool,
    },
    /// The items of a list from this one on.
    Rest(List<ExprId>, usize),
}

/// Writes down what is charged at each node of a function.
fn charge(module: &Module, body: &Body, charges: &mut [Charge], steps: &mut Vec<Step>) {
    steps.extend([Step::Visit(body.root), Step::Fresh { checked: true }]);
    let (mut head, mut fresh) = (body.root, None);
    while let Some(step) = steps.pop() {
        let id = match step {
            Step::Visit(id) => id,
            Step::Fresh { checked } => {
                fresh = Some(checked);
                continue;
            }
            Step::Rest(list, at) => {
                let Some(&item) = module.pool.words(list).get(at) else { continue };
                steps.push(Step::Rest(list, at + 1));
                ExprId(item)
            }
        };
        if let Some(checked) = fresh.take() {
            head = id;
            charges[id.index()].0 |= if checked { CHECKED } else { 0 };
        }
        charges[head.index()].add(1);
        push_children(module, id, steps);
    }
    charges[body.root.index()].add(module.pool.len(body.variables) as u32 / VARIABLES_A_UNIT);
}

/// What comes after the start of a node, last things first.
fn push_children(module: &Module, id: ExprId, steps: &mut Vec<Step>) {
    use Step::{Fresh, Rest, Visit};
    let elsewhere = Fresh { checked: false };
    match module.exprs[id] {
        Expr::If(condition, then) => {
            steps.extend([elsewhere, Visit(then), Fresh { checked: false }, Visit(condition)]);
        }
        Expr::IfElse(condition, then, otherwise) => {
            let arms = [Visit(otherwise), Fresh { checked: false }, Visit(then), Fresh { checked: false }];
            steps.push(elsewhere);
            steps.extend(arms);
            steps.push(Visit(condition));
        }
        Expr::Loop(body) => steps.extend([Visit(body), Fresh { checked: true }]),
        Expr::Block(body) => steps.extend([elsewhere, Visit(body)]),
        Expr::Break(_, value) | Expr::Return(value) => steps.extend([elsewhere, Visit(value)]),
        Expr::BreakTable(_, value, index) => steps.extend([elsewhere, Visit(index), Visit(value)]),
        Expr::Unreachable => steps.push(elsewhere),
        other => match other.children() {
            Children::Few(few, count) => steps.extend(few[..count].iter().rev().map(|&child| Visit(child))),
            Children::List(list) => steps.push(Rest(list, 0)),
        },
    }
}

/// How many slots a call of a function takes.
fn slots(module: &Module, body: &Body, parameters: u32, needs: &mut Vec<u32>) -> u32 {
    let first = body.first.index();
    needs.clear();
    needs.reserve((body.root.index() + 1).saturating_sub(first));
    for index in first..=body.root.index() {
        let need = need(module, ExprId::new(index), |child| needs.get(child.index() - first).copied().unwrap_or(0));
        needs.push(need);
    }
    let body_needs = needs.last().copied().unwrap_or(0);
    let variables = module.pool.len(body.variables) as u32;
    body_needs.saturating_add(parameters).saturating_add(variables).saturating_add(CALL_SLOTS)
}

/// The most values and tasks that a node's evaluation has pending at once; `of` says it of its children.
fn need(module: &Module, id: ExprId, of: impl Fn(ExprId) -> u32) -> u32 {
    let expr = module.exprs[id];
    let mut most = values(module, id).max(1);
    let mut before = 0;
    let mut child = |at: usize, child: ExprId| {
        most = most.max(of(child).saturating_add(before + tasks(&expr, at)));
        // The arms of a condition find its stack as it was before.
        before += if matches!(expr, Expr::If(..) | Expr::IfElse(..)) { 0 } else { values(module, child) };
    };
    match expr.children() {
        Children::Few(few, count) => few[..count].iter().enumerate().for_each(|(at, &id)| child(at, id)),
        Children::List(list) => module.pool.get(list).enumerate().for_each(|(at, id)| child(at, id)),
    }
    most
}

/// How many tasks wait for a node's child number `at`, apart from those that wait for the node.
const fn tasks(expr: &Expr, at: usize) -> u32 {
    match expr {
        Expr::Select(..) | Expr::MemoryCopy(..) | Expr::MemoryFill(..) => 3 - at as u32,
        Expr::Call(..) | Expr::CallIndirect(..) | Expr::MemoryInit(..) | Expr::TableInit(..) | Expr::TableCopy(..) => 2,
        Expr::If(..) | Expr::IfElse(..) if at > 0 => 0,
        _ => 1,
    }
}

/// How many values a node leaves behind.
fn values(module: &Module, id: ExprId) -> u32 {
    match module.yields[id].shape() {
        Shape::None | Shape::Never => 0,
        Shape::One(_) => 1,
        Shape::Many(list) => module.pool.len(list) as u32,
    }
}
