//! Tests: a module of everything, and what breaks each rule.

pub(crate) mod build;

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
