//! Tests of the checker: core trees as text, errors as their messages. Whatever compiles here must validate.

mod calls;
mod core;
mod errors;
mod items;
mod labels;
mod limits;
mod numbers;
mod pointers;

use self::core::body_of;
use crate::diagnostics::Diagnostics;
use crate::identity::Identities;
use crate::module::{FuncId, Module};
use crate::text::compile_text;
use crate::{print, validate};
use std::format;
use std::string::String;
use std::vec::Vec;

/// Compiles a text; what comes out is valid.
fn compile(source: &str) -> Result<Module, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let module = compile_text(source, &mut diagnostics);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    if let Err(error) = validate(&module) {
        let bodies: Vec<_> = module.functions.keys().map(|id| body_of(&module, id)).collect();
        panic!("not valid: {error}\n{source}\n{}", bodies.join("\n"));
    }
    round_trip(&module);
    Ok(module)
}

/// The text that a module prints as compiles to the same definitions.
fn round_trip(module: &Module) {
    let text = print(module).unwrap_or_else(|error| panic!("{error}"));
    let mut diagnostics = Diagnostics::default();
    let again = compile_text(&text, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}\n{text}", diagnostics.render("printed", &text));
    let bodies = |module: &Module| module.functions.keys().map(|id| body_of(module, id)).collect::<Vec<_>>();
    assert_eq!(
        Identities::of(module).root,
        Identities::of(&again).root,
        "{text}\n{:#?}\n{:#?}",
        bodies(module),
        bodies(&again)
    );
}

fn module(source: &str) -> Module {
    compile(source).unwrap_or_else(|errors| panic!("{}", errors.render("f", source)))
}

/// The core of the first function.
fn core(source: &str) -> String {
    body_of(&module(source), FuncId(0))
}

/// What the functions of [`body`] may use beside their parameters.
const AROUND: &str = "fn unit() {} fn pair() -> (i32, i64) { (1, 2) } global g: i32 = 3; const k: u64 = 4;
    static cells: [i32; 4] = [1, 2, 3, 4]; static bytes: [u8; 8];";

/// The core of the body of a function with parameters `a: i32, b: i64, c: u32, d: u64, e: f32, f: f64` and no result.
fn body(text: &str) -> String {
    core(&format!("fn x(a: i32, b: i64, c: u32, d: u64, e: f32, f: f64) {{ {text} }} {AROUND}"))
}

/// The core of `value` in such a function, with the result type `ty`.
fn value(ty: &str, value: &str) -> String {
    core(&format!("fn x(a: i32, b: i64, c: u32, d: u64, e: f32, f: f64) -> {ty} {{ {value} }} {AROUND}"))
}

fn messages(source: &str) -> Vec<String> {
    match compile(source) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.as_slice().iter().map(|error| error.message.clone()).collect(),
    }
}

/// The messages about such a function.
fn wrong(text: &str) -> Vec<String> {
    messages(&format!("fn x(a: i32, b: i64, c: u32, d: u64, e: f32, f: f64) {{ {text} }} {AROUND}"))
}

/// The help of the first error about such a function.
fn help(text: &str) -> String {
    let source = format!("fn x(a: i32, b: i64, c: u32, d: u64, e: f32, f: f64) {{ {text} }} {AROUND}");
    let errors = compile(&source).unwrap_err();
    errors.as_slice()[0].help.clone().map(String::from).unwrap_or_default()
}
