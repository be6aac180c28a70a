//! Tests: a module of everything, and what breaks each rule.

pub(crate) mod build;
mod items;
mod mutate;
mod nodes;
mod slow;

use super::*;
use build::Builder;

#[test]
fn a_module_of_everything_is_valid() {
    assert_eq!(validate(&build::everything()), Ok(()));
    assert_eq!(validate(&Module::default()), Ok(()));
}

#[test]
fn an_error_names_function_node_and_rule() {
    let mut module = Builder::function("main", &[], &[Type::I32], |b| b.i64(7));
    let error = validate(&module).unwrap_err();
    assert_eq!(
        alloc::format!("{error}"),
        "function 0 `main`, operand 0: the body's value does not fit the function's results (rule body-value)"
    );
    module.pool = crate::module::Pool::default();
    assert_eq!(validate(&module).unwrap_err().rule, Rule::Lists);
}

#[test]
fn every_rule_is_broken_somewhere() {
    let items = items::CHANGES.iter().map(|change| change.0);
    let nodes = nodes::BODIES.iter().map(|body| body.0);
    let broken: std::collections::BTreeSet<Rule> = items.chain(nodes).collect();
    // A module of so many nodes takes half a gigabyte: `limits_on_counts` asks the count alone.
    let unbroken: Vec<&Rule> = Rule::ALL.iter().filter(|rule| !broken.contains(rule)).collect();
    assert_eq!(unbroken, [&Rule::TooManyNodes]);
}

#[test]
fn limits_on_counts() {
    assert!(!too_large([MAX_MODULE_NODES, 4 * MAX_MODULE_NODES, 0, 0]));
    for counts in [[MAX_MODULE_NODES + 1, 0, 0, 0], [0, 4 * MAX_MODULE_NODES + 4, 0, 0], [0, 0, usize::MAX, 0]] {
        assert!(too_large(counts));
    }
}
