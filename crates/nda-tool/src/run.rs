//! `nda run`: through the gate, into an engine, piece by piece, so that output appears as it comes.

use crate::cli::{DONE, Failure, Options, REFUSED, TRAP};
use crate::input::Input;
use crate::output;
use std::ffi::OsString;
use velocity_gate::secrets::Redactor;
use velocity_gate::{Capability, Origin, Policy};
use velocity_interp::{InstantiateError, Limits, Progress, Session, StartError, Store, Trap, Value, result_line};
use velocity_workbench::{Answer, Json, Judged, Status};

/// Fuel between two writes.
const SLICE: u64 = 100_000;

/// Runs one program.
pub fn run(options: &Options) -> Result<u8, Failure> {
    let input = Input::read(options.words.first().map(OsString::as_os_str))?;
    let (origin, policy) = (options.origin.unwrap_or(Origin::Person), policy(options)?);
    let judged = match input.judged(origin, &policy) {
        Ok(judged) => judged,
        Err(refused) => return output::answer("run", &input.name, &refused, options),
    };
    let Some(program) = &judged.verdict.program else {
        return output::answer("run", &input.name, &judged.answer(), options);
    };
    let mut limits = Limits::default();
    limits.fuel = options.fuel.unwrap_or(limits.fuel);
    let (code, answer) = match Session::new(program, Store::with_engine(limits, options.engine.make())) {
        Ok(session) => execute(session, &judged, options)?,
        Err(StartError::Instantiate(InstantiateError::Trap(trap))) => trapped(&trap, &judged),
        Err(error) => (REFUSED, Answer::complaint(&error.to_string(), "")),
    };
    output::answer("run", &input.name, &answer, options)?;
    Ok(code)
}

/// Runs to the end. What the program shows appears as it comes; with `--json` it is part of the answer.
fn execute(mut session: Session, judged: &Judged, options: &Options) -> Result<(u8, Answer), Failure> {
    let mut shown = String::new();
    loop {
        let progress = session.resume(SLICE, &mut shown);
        if !options.json {
            output::print(&std::mem::take(&mut shown))?;
        }
        let (code, mut answer) = match progress {
            Progress::Suspended => continue,
            Progress::Finished(values) => finished(&values),
            Progress::Trapped(trap) => trapped(&trap, judged),
        };
        answer.json.splice(0..0, [("output", shown.into()), ("fuel", Json::Number(session.fuel_used()))]);
        return Ok((code, answer));
    }
}

fn finished(values: &[Value]) -> (u8, Answer) {
    let results = Json::list(values.iter().map(Value::to_string));
    (DONE, Answer::done(result_line(values), vec![("results", results)]))
}

fn trapped(trap: &Trap, judged: &Judged) -> (u8, Answer) {
    let redactor = Redactor::of(judged.source.as_bytes());
    let clean = |name: &str| redactor.clean(name).into_owned();
    let callers = Json::list(trap.callers.iter().map(|caller| clean(&caller.function)));
    let json = vec![
        ("trap", trap.kind.to_string().into()),
        ("function", clean(&trap.function).into()),
        ("callers", callers),
        ("more_callers", Json::Number(trap.more_callers)),
    ];
    let complaint = trap.render(&judged.name, &judged.source);
    (TRAP, Answer { status: Status::Refused, text: String::new(), complaint, json })
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
