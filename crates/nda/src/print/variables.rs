//! Where each variable of a function is declared, and what it is called.
//!
//! Locals are numbered in the order of their declarations, so variable `k` must be declared before `k + 1`. A variable
//! is declared where it is first set, if that is a statement and every use follows in the same block; else without a
//! value, right before the statement that holds all its uses, in the innermost block that has one; a `for` declares
//! two. Where the order of the numbers does not allow that, this variable and all before it are declared at the top of
//! the function.

use super::facts::Facts;
use super::names::{ItemNames, is_name};
use super::shape::{For, Look};
use crate::module::{Body, Expr, ExprId, FuncId, Key, LocalId, Module, Yield};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// How far up a block for a declaration is looked for; text nests less deep.
const MAX_CLIMB: usize = 512;

/// Where a variable is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the top of the function.
    Top,
    /// By the node that sets it first.
    Set(ExprId),
    /// Right before this statement.
    Before(ExprId),
    /// By the `for` that is this sequence.
    For(ExprId),
}

/// Where in the text a declaration stands, for comparing.
type Position = (u64, u32);

/// A variable.
#[derive(Clone, Copy, Debug)]
struct Variable {
    place: Place,
    /// The first and last node that names it, and how many do.
    first: ExprId,
    last: ExprId,
    uses: u32,
    /// The first and last node at which its name is taken.
    from: ExprId,
    until: ExprId,
}

/// The locals of a function.
#[derive(Debug, Default)]
pub(super) struct Variables {
    parameters: usize,
    variables: Vec<Variable>,
    /// So many variables are declared at the top, whatever their place says.
    top: usize,
    /// Statements before which variables are declared, and those.
    before: Vec<(ExprId, usize)>,
    names: Vec<String>,
}

impl Variables {
    /// Decides where the variables of a body are declared, and which sequences are written as `for`.
    pub(super) fn place(&mut self, module: &Module, id: FuncId, body: &Body, facts: &mut Facts) {
        self.parameters = module.parameters(module.functions[id].signature).len();
        self.variables.clear();
        self.before.clear();
        self.top = 0;
        let (from, until) = (body.first, body.root);
        let none = Variable { place: Place::Top, first: until, last: from, uses: 0, from, until };
        self.variables.resize(module.pool.len(body.variables), none);
        self.mentions(module, body);
        let (mut index, mut position) = (0, Position::default());
        while index < self.variables.len() {
            let found = self.declare(module, index, facts).filter(|&(_, _, at)| at >= position);
            let count = match found {
                Some((place, count, at)) => {
                    self.settle(module, index, count, place, facts);
                    position = at;
                    count
                }
                None => {
                    self.top = index + 1;
                    1
                }
            };
            index += count;
        }
        self.mark(facts);
    }

    fn mentions(&mut self, module: &Module, body: &Body) {
        for node in (body.first.0..=body.root.0).map(ExprId) {
            match module.exprs[node] {
                Expr::LocalGet(local) | Expr::LocalSet(local, _) | Expr::LocalTee(local, _) => {
                    self.mention(local, node);
                }
                Expr::LocalSetMany(locals, _) => module.pool.get(locals).for_each(|local| self.mention(local, node)),
                _ => {}
            }
        }
    }

    fn mention(&mut self, local: LocalId, node: ExprId) {
        let variable = local.index().checked_sub(self.parameters).and_then(|index| self.variables.get_mut(index));
        if let Some(variable) = variable {
            if variable.uses == 0 {
                variable.first = node;
            }
            variable.last = node;
            variable.uses += 1;
        }
    }

    /// Where a variable, and perhaps some behind it, can be declared: the place, how many, the position in the text.
    fn declare(&self, module: &Module, index: usize, facts: &Facts) -> Option<(Place, usize, Position)> {
        let look = Look { module, facts };
        let variable = &self.variables[index];
        if variable.uses == 0 {
            return None;
        }
        let node = variable.first;
        let parent = facts[node].parent;
        if look.counted(parent).is_some_and(|counted| self.counts(index, &counted, parent)) {
            let (at, around) = before(facts, parent);
            return Some((Place::For(parent), 2, (at, around + 1)));
        }
        let in_sequence = matches!(module.exprs[parent], Expr::Sequence(_));
        let end = if in_sequence && parent != node { parent } else { node };
        let after = (2 * u64::from(node.0) + 1, 0);
        match module.exprs[node] {
            Expr::LocalSet(..) if variable.last <= end => return Some((Place::Set(node), 1, after)),
            Expr::LocalSetMany(locals, value) if module.yields[value] != Yield::NEVER => {
                let count = module.pool.len(locals);
                if self.sets_new(module.pool.words(locals), index, node, end) {
                    return Some((Place::Set(node), count, after));
                }
            }
            _ => {}
        }
        let statement = statement_around(module, facts, node, variable.last)?;
        Some((Place::Before(statement), 1, before(facts, statement)))
    }

    /// Whether the two locals of a `for` are its own.
    fn counts(&self, index: usize, counted: &For<'_>, node: ExprId) -> bool {
        let at = |local: LocalId| local.index().checked_sub(self.parameters).and_then(|at| self.variables.get(at));
        let (Some(counter), Some(end)) = (at(counted.counter), at(counted.end)) else { return false };
        counted.counter.index() == index + self.parameters
            && counter.first == counted.sets[0]
            && end.first == counted.sets[1]
            && end.uses == 2
            && counter.last < node
            && end.last < node
    }

    /// Whether all these locals are consecutive from `index` on, and used only from `node` to `end`.
    fn sets_new(&self, locals: &[u32], index: usize, node: ExprId, end: ExprId) -> bool {
        locals.iter().enumerate().all(|(at, &local)| {
            let variable = self.variables.get(index + at);
            local as usize == self.parameters + index + at
                && variable.is_some_and(|variable| variable.first == node && variable.last <= end)
        })
    }

    fn settle(&mut self, module: &Module, index: usize, count: usize, place: Place, facts: &Facts) {
        let block_of = |node: ExprId| match module.exprs[facts[node].parent] {
            Expr::Sequence(_) => facts[node].parent,
            _ => node,
        };
        let (from, until) = match place {
            Place::Top => return,
            Place::For(node) => (facts[node].first, node),
            Place::Set(node) => (node, block_of(node)),
            Place::Before(node) => (facts[node].first, block_of(node)),
        };
        for variable in &mut self.variables[index..index + count] {
            *variable = Variable { place, from, until, ..*variable };
        }
        if let Place::Before(node) = place {
            self.before.push((node, index));
        }
    }

    /// Tells the nodes concerned what was decided.
    fn mark(&mut self, facts: &mut Facts) {
        let top = self.top;
        self.before.retain(|&(_, index)| index >= top);
        self.before.sort_unstable();
        for &(node, _) in &self.before {
            facts[node].declares = true;
        }
        for variable in &self.variables[top..] {
            if let Place::For(node) = variable.place {
                facts[node].counted = true;
            }
        }
    }

    /// The variables declared at the top.
    pub(super) fn at_top(&self) -> impl Iterator<Item = LocalId> + use<> {
        let parameters = self.parameters;
        (0..self.top).map(move |index| LocalId::new(parameters + index))
    }

    /// The variables declared right before a statement.
    pub(super) fn before(&self, node: ExprId) -> impl Iterator<Item = LocalId> + '_ {
        let from = self.before.partition_point(|&(found, _)| found < node);
        let same = self.before[from..].iter().take_while(move |&&(found, _)| found == node);
        same.map(|&(_, index)| LocalId::new(self.parameters + index))
    }

    /// Whether this node, which sets the local, declares it.
    pub(super) fn declares(&self, local: LocalId, node: ExprId) -> bool {
        let index = local.index().checked_sub(self.parameters).filter(|&index| index >= self.top);
        index.and_then(|index| self.variables.get(index)).is_some_and(|variable| variable.place == Place::Set(node))
    }

    /// What a local is called.
    pub(super) fn name_of(&self, local: LocalId) -> &str {
        self.names.get(local.index()).map_or("", String::as_str)
    }

    /// Chooses names: those of the module as far as they can be kept, apart from each other and from the items.
    pub(super) fn name(&mut self, module: &Module, body: &Body, items: &ItemNames<'_>) {
        let count = self.parameters + self.variables.len();
        self.names.clear();
        self.names.resize(count, String::new());
        // Until which node a name is taken. Scopes begin in the order of the locals.
        let mut taken: BTreeMap<&str, ExprId> = BTreeMap::new();
        for index in 0..count {
            let text = module.pool.item(body.names, index).map_or("", |id| module.text(id));
            if !is_name(text) || items.hides(text) {
                continue;
            }
            let (from, until) = self.scope(index, body);
            if taken.get(text).is_none_or(|&end| end < from) {
                taken.insert(text, until);
                self.names[index].push_str(text);
            }
        }
        for index in 0..count {
            if self.names[index].is_empty() {
                let mut name = format!("v{index}");
                while taken.contains_key(name.as_str()) || items.hides(&name) {
                    name.push('_');
                }
                self.names[index] = name;
            }
        }
    }

    /// The nodes at which the name of a local is taken.
    fn scope(&self, index: usize, body: &Body) -> (ExprId, ExprId) {
        let variable = index.checked_sub(self.parameters).filter(|&index| index >= self.top);
        let variable = variable.and_then(|index| self.variables.get(index));
        variable.map_or((body.first, body.root), |variable| (variable.from, variable.until))
    }
}

/// The position right before a statement: before its first node, outer statements first.
fn before(facts: &Facts, statement: ExprId) -> Position {
    (2 * u64::from(facts[statement].first.0), u32::MAX - statement.0)
}

/// The innermost statement of a sequence that holds all nodes from `first` to `last`.
fn statement_around(module: &Module, facts: &Facts, first: ExprId, last: ExprId) -> Option<ExprId> {
    let mut node = first;
    for _ in 0..MAX_CLIMB {
        let parent = facts[node].parent;
        if parent == node {
            return None;
        }
        let look = Look { module, facts };
        if parent >= last && matches!(module.exprs[parent], Expr::Sequence(_)) && look.counted(parent).is_none() {
            return Some(node);
        }
        node = parent;
    }
    None
}
