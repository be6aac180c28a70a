//! What the gate says of a program's cost, against what its runs used.

use velocity_gate::{Cost, Program};
use velocity_nda::module::{Expr, FunctionKind};

/// Variables of a function that are set to zero for nothing: more of them are fuel, but no nodes.
const FREE_VARIABLES: usize = 15;

/// The most fuel that a call may use that comes to its end, as the gate says. `None` if it knows no bound, or if fuel is also used for what
/// is no node: long operations on memory and tables, and functions with many variables.
#[must_use]
pub fn most_fuel(program: &Program) -> Option<u64> {
    let Cost::AtMost(most) = program.cost() else { return None };
    let module = program.module();
    let is_long = |expr: &Expr| {
        matches!(
            expr,
            Expr::MemoryCopy(..)
                | Expr::MemoryFill(..)
                | Expr::MemoryInit(..)
                | Expr::MemoryGrow(..)
                | Expr::TableInit(..)
                | Expr::TableCopy(..)
        )
    };
    let is_wide = |kind: &FunctionKind| match kind {
        FunctionKind::Defined(body) => module.pool.len(body.variables) > FREE_VARIABLES,
        _ => false,
    };
    let others = module.exprs.iter().any(|(_, expr)| is_long(expr))
        || module.functions.iter().any(|(_, function)| is_wide(&function.kind));
    (!others).then_some(most)
}
