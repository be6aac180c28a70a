//! A second opinion: a checker of bodies that recurses, copies and searches, and shares nothing with the fast one.

use crate::module::*;

/// What a node leaves; `None` if it never comes back.
type Left = Option<Vec<Type>>;

/// What is wrong, for a person.
pub(super) type Wrong = Result<Left, String>;

struct Slow<'m> {
    module: &'m Module,
    locals: Vec<Type>,
    results: Vec<Type>,
    /// What each label takes, and what it was given.
    labels: Vec<(Left, bool, bool)>,
    seen: Vec<ExprId>,
}

/// Checks every body.
pub(super) fn check(module: &Module) -> Result<(), String> {
    let mut owners = std::collections::BTreeSet::new();
    for (id, function) in module.functions.iter() {
        let FunctionKind::Defined(body) = function.kind else { continue };
        let signature = module.signatures.get(function.signature).ok_or("signature")?;
        let mut locals: Vec<Type> = types(module, signature.parameters)?;
        locals.extend(types(module, body.variables)?);
        let results = types(module, signature.results)?;
        let mut slow = Slow { module, locals, results: results.clone(), labels: Vec::new(), seen: Vec::new() };
        let left = slow.node(body.root)?;
        if left.is_some_and(|left| left != results) {
            return Err(format!("function {} leaves something else", id.0));
        }
        if slow.seen != (body.first.0..=body.root.0).map(ExprId).collect::<Vec<_>>() {
            return Err(format!("function {} is not in post-order", id.0));
        }
        if !slow.seen.iter().all(|node| owners.insert(*node)) {
            return Err("a node belongs to two functions".into());
        }
    }
    Ok(())
}

fn types(module: &Module, list: List<Type>) -> Result<Vec<Type>, String> {
    if !module.pool.holds(list) || module.pool.words(list).iter().any(|word| !(1..=4).contains(word)) {
        return Err("types".into());
    }
    Ok(module.pool.get(list).collect())
}

fn agree(right: bool, what: &str) -> Result<(), String> {
    if right { Ok(()) } else { Err(what.into()) }
}

impl Slow<'_> {
    fn node(&mut self, id: ExprId) -> Wrong {
        let expr = *self.module.exprs.get(id).ok_or("node")?;
        let label = match expr {
            Expr::Block(_) => Some((self.stored(id)?, true, false)),
            Expr::Loop(_) => Some((Some(Vec::new()), false, false)),
            _ => None,
        };
        let labelled = label.is_some();
        self.labels.extend(label);
        let children: Vec<ExprId> = match expr.children() {
            Children::Few(few, count) => few[..count].to_vec(),
            Children::List(list) => {
                agree(self.module.pool.holds(list), "list")?;
                self.module.pool.get(list).collect()
            }
        };
        let mut left = Vec::new();
        for &child in &children {
            agree(child < id, "a child behind its parent")?;
            left.push(self.node(child)?);
        }
        let given = if labelled { self.labels.pop().is_some_and(|label| label.2) } else { false };
        self.seen.push(id);
        let result = self.rule(expr, &children, left, given)?;
        agree(result == self.stored(id)?, "what is stored is not what is left")?;
        Ok(result)
    }

    fn stored(&self, id: ExprId) -> Wrong {
        Ok(match self.module.yields[id].shape() {
            Shape::None => Some(Vec::new()),
            Shape::One(ty) => Some(vec![ty]),
            Shape::Many(list) => Some(types(self.module, list)?),
            Shape::Never => None,
        })
    }

    /// Checks that the operands leave these types, and says what the node leaves that then leaves `result`.
    fn operands(left: &[Left], wanted: &[Type], result: &[Type]) -> Wrong {
        agree(left.len() == wanted.len(), "count")?;
        for (found, ty) in left.iter().zip(wanted) {
            agree(found.as_ref().is_none_or(|found| found == &[*ty]), "operand")?;
        }
        Ok(left.iter().all(Option::is_some).then(|| result.to_vec()))
    }

    fn local(&self, id: LocalId) -> Result<Type, String> {
        self.locals.get(id.index()).copied().ok_or_else(|| "local".into())
    }

    fn go(&mut self, depth: u32, value: &Left, node: ExprId) -> Result<(), String> {
        let at = self.labels.len().checked_sub(depth as usize + 1).ok_or("label")?;
        let empty = self.module.exprs[node].is_empty_sequence(self.module);
        agree(value.is_none() || *value == self.labels[at].0, "break value")?;
        agree(empty || (self.labels[at].1 && value.as_ref().is_none_or(|value| !value.is_empty())), "empty")?;
        self.labels[at].2 |= value.is_some();
        Ok(())
    }

    fn rule(&mut self, expr: Expr, children: &[ExprId], left: Vec<Left>, given: bool) -> Wrong {
        use Type::{F32, F64, I32, I64};
        let module = self.module;
        let has_memory = || agree(module.memory.is_some(), "memory");
        let is_static = |id| {
            module.data.get(id).map(|data| matches!(data.placement, Placement::Anywhere(_) | Placement::Import(_)))
        };
        match expr {
            Expr::I32(_) => Ok(Some(vec![I32])),
            Expr::I64(_) => Ok(Some(vec![I64])),
            Expr::F32(_) => Ok(Some(vec![F32])),
            Expr::F64(_) => Ok(Some(vec![F64])),
            Expr::LocalGet(local) => Ok(Some(vec![self.local(local)?])),
            Expr::LocalSet(local, _) => Self::operands(&left, &[self.local(local)?], &[]),
            Expr::LocalTee(local, _) => Self::operands(&left, &[self.local(local)?], &[self.local(local)?]),
            Expr::LocalSetMany(list, _) => {
                agree(module.pool.holds(list), "list")?;
                let wanted: Result<Vec<Type>, String> = module.pool.get(list).map(|local| self.local(local)).collect();
                agree(left[0].as_ref().is_none_or(|found| wanted.as_ref() == Ok(found)), "locals")?;
                wanted.map(|wanted| left[0].as_ref().filter(|_| wanted.len() > 1).map(|_| Vec::new()))
            }
            Expr::GlobalGet(id) => Ok(Some(vec![module.globals.get(id).ok_or("global")?.ty])),
            Expr::GlobalSet(id, _) => {
                let global = module.globals.get(id).filter(|global| global.mutable).ok_or("global")?;
                Self::operands(&left, &[global.ty], &[])
            }
            Expr::Unary(op, _) => Self::operands(&left, &[op.operand()], &[op.result()]),
            Expr::Binary(op, ..) => Self::operands(&left, &[op.operand(); 2], &[op.result()]),
            Expr::Select(..) => {
                let ty = left[..2]
                    .iter()
                    .flatten()
                    .next()
                    .map_or(Ok(I32), |found| found.first().copied().ok_or("select"))?;
                Self::operands(&left, &[ty, ty, I32], &[ty])
            }
            Expr::Load(op, ..) => has_memory().and_then(|()| Self::operands(&left, &[I32], &[op.ty()])),
            Expr::Store(op, ..) => has_memory().and_then(|()| Self::operands(&left, &[I32, op.ty()], &[])),
            Expr::Address(id) => agree(is_static(id) == Some(true), "static").map(|()| Some(vec![I32])),
            Expr::MemorySize => has_memory().map(|()| Some(vec![I32])),
            Expr::MemoryGrow(_) => has_memory().and_then(|()| Self::operands(&left, &[I32], &[I32])),
            Expr::MemoryCopy(..) | Expr::MemoryFill(..) => {
                has_memory().and_then(|()| Self::operands(&left, &[I32; 3], &[]))
            }
            Expr::MemoryInit(id, _) => {
                agree(is_static(id) == Some(false) && module.memory.is_some(), "data")?;
                Self::operands(&left, &[I32; 3], &[])
            }
            Expr::DataDrop(id) => agree(is_static(id) == Some(false), "data").map(|()| Some(Vec::new())),
            Expr::TableInit(table, id, _) => {
                agree(module.tables.get(table).is_some() && module.elements.get(id).is_some(), "table")?;
                Self::operands(&left, &[I32; 3], &[])
            }
            Expr::TableCopy(to, from, _) => {
                agree(module.tables.get(to).is_some() && module.tables.get(from).is_some(), "table")?;
                Self::operands(&left, &[I32; 3], &[])
            }
            Expr::ElementDrop(id) => agree(module.elements.get(id).is_some(), "element").map(|()| Some(Vec::new())),
            Expr::Sequence(_) => {
                agree(left.len() != 1, "a sequence of one")?;
                let Some((last, before)) = left.split_last() else { return Ok(Some(Vec::new())) };
                agree(before.iter().flatten().all(Vec::is_empty), "a value in the middle")?;
                Ok(last.clone().filter(|_| before.iter().all(Option::is_some)))
            }
            Expr::Tuple(_) => {
                agree(left.len() > 1 && left.iter().flatten().all(|found| found.len() == 1), "tuple")?;
                Ok(left.into_iter().collect::<Option<Vec<_>>>().map(|types| types.concat()))
            }
            Expr::Drop(_) => {
                agree(left[0].as_ref().is_some_and(|found| !found.is_empty()), "drop").map(|()| Some(Vec::new()))
            }
            Expr::Block(_) => {
                let Some(found) = &left[0] else {
                    // Only the breaks tell what the block leaves.
                    let all = (children[0].0 + 1..).map(ExprId).find(|&id| {
                        module
                            .exprs
                            .get(id)
                            .is_none_or(|expr| matches!(expr, Expr::Block(child) if *child == children[0]))
                    });
                    return if given { self.stored(all.ok_or("block")?) } else { Ok(None) };
                };
                Ok(Some(found.clone()))
            }
            Expr::Loop(_) => Ok(left[0].clone()),
            Expr::If(..) => {
                agree(left[1].as_ref().is_none_or(Vec::is_empty), "then")?;
                Self::operands(&left[..1], &[I32], &[])
            }
            Expr::IfElse(..) => {
                agree(left[1].is_none() || left[2].is_none() || left[1] == left[2], "arms")?;
                let both = left[1].clone().or(left[2].clone());
                Ok(Self::operands(&left[..1], &[I32], &[])?.and(both))
            }
            Expr::Break(depth, value) => self.go(depth, &left[0], value).map(|()| None),
            Expr::BreakTable(depths, value, _) => {
                agree(module.pool.holds(depths) && !module.pool.is_empty(depths), "depths")?;
                Self::operands(&left[1..], &[I32], &[])?;
                module.pool.get(depths).try_for_each(|depth| self.go(depth, &left[0], value)).map(|()| None)
            }
            Expr::Return(value) => {
                agree(left[0].as_ref().is_none_or(|found| *found == self.results), "return")?;
                let empty = module.exprs[value].is_empty_sequence(module);
                agree(empty || left[0].as_ref().is_none_or(|found| !found.is_empty()), "empty").map(|()| None)
            }
            Expr::Unreachable => Ok(None),
            Expr::Call(id, _) => {
                let signature = module.functions.get(id).ok_or("function")?.signature;
                self.call(&left, signature)
            }
            Expr::CallIndirect(signature, table, _) => {
                agree(module.tables.get(table).is_some() && !left.is_empty(), "table")?;
                let index = Self::operands(&left[left.len() - 1..], &[I32], &[])?;
                Ok(self.call(&left[..left.len() - 1], signature)?.filter(|_| index.is_some()))
            }
        }
    }

    fn call(&self, left: &[Left], signature: SigId) -> Wrong {
        let signature = self.module.signatures.get(signature).ok_or("signature")?;
        Self::operands(left, &types(self.module, signature.parameters)?, &types(self.module, signature.results)?)
    }
}

impl Expr {
    fn is_empty_sequence(&self, module: &Module) -> bool {
        matches!(self, Self::Sequence(list) if module.pool.is_empty(*list))
    }
}
