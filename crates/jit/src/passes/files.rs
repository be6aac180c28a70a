//! Tests in files: a program, its function `turn` as blocks, and what a pass makes of them.

use super::show::show;
use crate::ir::{Function, build};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use spin::Mutex;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::{Account, Engine, Execution, Fixed, Place, Slot, State, Stop};
use velocity_interp::{FunctionAddress, Host, Invocation, Limits, NoHost, Store, TrapKind, Value};
use velocity_nda::module::{ExprId, Key};

/// A pass, with the store of its function.
type Pass = fn(&Fixed, &mut Function);

/// What the function looks like before the pass and after it.
type Shown = Arc<Mutex<[String; 2]>>;

/// An engine that runs nothing: it shows the function that is called.
#[derive(Debug)]
struct Showing(Pass, FunctionAddress, Shown);

impl Engine for Showing {
    fn call(&self, entry: FunctionAddress, _: &[Value], _: Limits) -> Box<dyn Execution> {
        Box::new(Self(self.0, entry, Arc::clone(&self.2)))
    }
}

impl Execution for Showing {
    fn run(&mut self, fixed: &Fixed, _: &mut State, _: &mut dyn Host, _: &mut Account) -> Stop {
        let mut function = build(fixed, &fixed.functions[self.1.index()]).unwrap();
        let before = show(&function);
        self.0(fixed, &mut function);
        *self.2.lock() = [before, show(&function)];
        Stop::Fault(TrapKind::Unreachable, ExprId::new(0))
    }

    fn place(&self) -> Option<Place> {
        None
    }

    fn results(&self) -> &[Slot] {
        &[]
    }
}

fn shown(program: &Program, pass: Pass) -> [String; 2] {
    let shown = Shown::default();
    let engine = Showing(pass, FunctionAddress::new(0), Arc::clone(&shown));
    let mut store = Store::with_engine(Limits::default(), Box::new(engine));
    let instance = store.instantiate(program, &mut NoHost).unwrap();
    let module = program.module();
    let mut functions = module.functions.iter();
    let (id, function) = functions.find(|(_, function)| module.name(&function.meta) == Some("turn")).unwrap();
    let arguments: alloc::vec::Vec<_> = module.parameters(function.signature).map(|ty| Value::of_bits(ty, 0)).collect();
    let turn = store.function(instance, id).unwrap();
    Invocation::new(&store, turn, &arguments).unwrap().resume(&mut store, &mut NoHost, 1);
    core::mem::take(&mut *shown.lock())
}

/// Looks at all files of a folder of `tests`; how many there are. With `VELOCITY_BLESS` set, writes them anew.
pub(super) fn check(folder: &str, pass: Pass) -> usize {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: alloc::vec::Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        let (source, expected) = text.split_once("\n---\n").unwrap();
        let [before, after] = shown(&program(source), pass);
        let found = std::format!("{before}---\n{after}");
        if std::env::var_os("VELOCITY_BLESS").is_some() {
            std::fs::write(path, std::format!("{source}\n---\n{found}")).unwrap();
        } else {
            assert_eq!(found, expected, "{}", path.display());
        }
    }
    files.len()
}

/// What the gate makes of a text.
pub(super) fn program(source: &str) -> Program {
    let verdict = admit(Candidate::Text { name: "f", source }, Origin::Person, &Policy::default());
    verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render("f", source)))
}
