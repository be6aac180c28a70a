//! `nda run`: through the gate, into the interpreter, piece by piece, so that output appears as it comes.

use crate::cli::{DONE, Failure, Options, REFUSED, TRAP};
use crate::input::Input;
use crate::output;
use std::ffi::OsString;
use velocity_gate::{Candidate, Capability, Origin, Policy, admit};
use velocity_interp::{
    Console, Extern, FunctionAddress, InstanceId, InstantiateError, Invocation, Limits, Progress, StartError, Store,
    Trap, Value,
};
use velocity_workbench::{Answer, Form, Json, Program, Status, judge};

/// Fuel between two writes.
const SLICE: u64 = 100_000;

/// Where a program begins, the first of these that it exports or, failing that, defines.
const ENTRIES: [&str; 2] = ["main", "_start"];

/// How a run ended.
enum End {
    Finished(Vec<Value>),
    Trapped(Trap),
    /// It could not begin.
    Refused(StartError),
}

/// Runs one program.
pub fn run(options: &Options) -> Result<u8, Failure> {
    let input = Input::read(options.words.first().map(OsString::as_os_str))?;
    let (origin, policy) = (options.origin.unwrap_or(Origin::Person), policy(options)?);
    let program = match input.program() {
        Ok(program) => program,
        Err(refused) => return output::answer("run", &input.name, &refused, options),
    };
    let candidate = match program.form {
        Form::Text => Candidate::Text { name: &program.name, source: &program.source },
        _ => Candidate::Module(program.module.clone()),
    };
    let Some(admitted) = admit(candidate, origin, &policy).program else {
        return output::answer("run", &input.name, &judge(&program, origin, &policy), options);
    };
    let mut limits = Limits::default();
    limits.fuel = options.fuel.unwrap_or(limits.fuel);
    let (mut shown, mut fresh) = (String::new(), true);
    let mut flush = |out: &mut String| {
        fresh = out.chars().last().map_or(fresh, |last| last == '\n');
        if options.json {
            shown.push_str(out);
            out.clear();
            return Ok(());
        }
        output::print(&std::mem::take(out))
    };
    let (end, fuel) = execute(&admitted, limits, &mut flush)?;
    if !fresh && !options.json {
        output::print("\n")?;
    }
    report(&program, &end, fuel, shown, options)
}

fn execute(
    program: &velocity_gate::Program,
    limits: Limits,
    flush: &mut dyn FnMut(&mut String) -> Result<(), Failure>,
) -> Result<(End, u64), Failure> {
    let (mut store, mut out) = (Store::new(limits), String::new());
    Console::define(&mut store);
    let made = store.instantiate(program, &mut Console::new(&mut out));
    flush(&mut out)?;
    let instance = match made {
        Ok(instance) => instance,
        Err(InstantiateError::Trap(trap)) => return Ok((End::Trapped(trap), 0)),
        Err(error) => return Ok((End::Refused(StartError::Instantiate(error)), 0)),
    };
    let Some(entry) = entry(&store, instance, program) else {
        let nothing = StartError::NoSuchFunction { name: ENTRIES[0].into() };
        let ran = program.module().start.is_some();
        return Ok((if ran { End::Finished(Vec::new()) } else { End::Refused(nothing) }, 0));
    };
    let Ok(mut invocation) = Invocation::new(&store, entry, &[]) else {
        return Ok((End::Refused(StartError::HasParameters { name: ENTRIES[0].into() }), 0));
    };
    loop {
        let progress = invocation.resume(&mut store, &mut Console::new(&mut out), SLICE);
        flush(&mut out)?;
        let end = match progress {
            Progress::Suspended => continue,
            Progress::Finished(values) => End::Finished(values),
            Progress::Trapped(trap) => End::Trapped(trap),
        };
        return Ok((end, invocation.fuel_used()));
    }
}

fn entry(store: &Store, instance: InstanceId, program: &velocity_gate::Program) -> Option<FunctionAddress> {
    let exported = |name: &&str| match store.export(instance, name) {
        Some(Extern::Function(function)) => Some(function),
        _ => None,
    };
    let named = |name: &&str| store.function(instance, program.module().function_named(name)?);
    ENTRIES.iter().find_map(exported).or_else(|| ENTRIES.iter().find_map(named))
}

fn report(program: &Program, end: &End, fuel: u64, shown: String, options: &Options) -> Result<u8, Failure> {
    let mut answer = Answer::done(String::new(), vec![("output", shown.into()), ("fuel", Json::Number(fuel))]);
    let mut code = DONE;
    match end {
        End::Finished(values) => {
            let values: Vec<String> = values.iter().map(Value::to_string).collect();
            if !values.is_empty() {
                answer.text = format!("result: {}\n", values.join(", "));
            }
            answer.json.push(("results", Json::list(values)));
        }
        End::Trapped(trap) => {
            (code, answer.status) = (TRAP, Status::Refused);
            answer.complaint = trap.render(&program.name, &program.source);
            let trap = [("trap", trap.kind.to_string().into()), ("function", trap.function.as_str().into())];
            answer.json.extend(trap);
        }
        End::Refused(error) => {
            (code, answer) = (REFUSED, Answer::complaint(&error.to_string(), ""));
        }
    }
    output::answer("run", &program.name, &answer, options)?;
    Ok(code)
}

/// The policy that the options ask for.
pub fn policy(options: &Options) -> Result<Policy, Failure> {
    let origin = options.origin.unwrap_or(Origin::Person);
    let mut policy = Policy::default();
    for word in &options.allow {
        let capability = Capability::named(word);
        let capability = capability.ok_or_else(|| Failure::usage(format!("there is no capability `{word}`")))?;
        policy = policy.granting(origin, capability);
    }
    Ok(policy)
}
