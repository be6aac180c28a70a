//! `cpus`: every core is asked to answer, not only listed.

use super::{Services, ShellError, Start, Task, Turn, command::Command, expect_none};
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use core::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};
use velocity_base::{CoreId, Duration, Instant};
use velocity_hal::{Clock, CoreInfo, CoreState, CoresError};

/// How long a core may take to answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// Time between two looks at the answers.
const LOOK: Duration = Duration::from_millis(1);

/// What stands in an answer that has not come yet. No clock reaches it.
const SILENCE: u64 = u64::MAX;

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[Command {
    name: "cpus",
    usage: "cpus",
    summary: "list the cores and make each of them answer",
    details: "",
    takes_paths: false,
    start: cpus,
}];

fn cpus(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "cpus")?;
    let platform = services.platform;
    let cores = (0..platform.cores.count()).map(CoreId).filter_map(|core| platform.cores.info(core));
    let asked = platform.clock.now();
    let questions = cores.map(|info| Question::put(info, services)).collect();
    Ok(Start::task(Roll { asked, questions }))
}

/// A roll call.
struct Roll {
    asked: Instant,
    questions: Vec<Question>,
}

/// One core and what came of asking it.
struct Question {
    info: CoreInfo,
    state: State,
}

enum State {
    /// It runs this very command.
    Here,
    /// It was asked; the instant of its answer in nanoseconds, or [`SILENCE`].
    Asked(Arc<AtomicU64>),
    /// It could not be asked.
    Refused(CoresError),
}

impl Question {
    fn put(info: CoreInfo, services: &Services<'_>) -> Self {
        if info.state == CoreState::System {
            return Self { info, state: State::Here };
        }
        let answer = Arc::new(AtomicU64::new(SILENCE));
        let (slot, clock): (_, Arc<dyn Clock>) = (answer.clone(), services.platform.clock.clone());
        let job = Box::new(move || slot.store(clock.now().nanos, Ordering::Release));
        let state = match services.platform.cores.run_on(info.id, job) {
            Ok(()) => State::Asked(answer),
            Err(error) => State::Refused(error),
        };
        Self { info, state }
    }

    fn is_open(&self) -> bool {
        matches!(&self.state, State::Asked(answer) if answer.load(Ordering::Acquire) == SILENCE)
    }
}

impl Task for Roll {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        let now = services.platform.clock.now();
        if now.since(self.asked) < PATIENCE && self.questions.iter().any(Question::is_open) {
            return Ok(Turn::WaitUntil(now.after(LOOK)));
        }
        services.out.line(format_args!("core  apic  avx  {:20}  processor", "answer"));
        for question in &self.questions {
            let CoreInfo { id, apic_id, avx, brand, .. } = &question.info;
            let (avx, answer) = (if *avx { "yes" } else { "no" }, Answer { question, asked: self.asked });
            let answer = alloc::format!("{answer}");
            services.out.line(format_args!("{:>4}  {apic_id:>4}  {avx:<3}  {answer:20}  {brand}", id.0));
        }
        Ok(Turn::Done)
    }
}

/// A core's answer in words.
struct Answer<'a> {
    question: &'a Question,
    asked: Instant,
}

impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.question.state {
            State::Here => f.write_str("runs this command"),
            State::Refused(CoresError::Offline(_)) => match self.question.info.state {
                CoreState::Halted => f.write_str("halted after a fault"),
                _ => f.write_str("did not start"),
            },
            State::Refused(CoresError::Busy(_)) => f.write_str("busy"),
            State::Asked(answer) => match answer.load(Ordering::Acquire) {
                SILENCE => write!(f, "none in {} ms", PATIENCE.as_millis()),
                nanos => {
                    write!(f, "after {} us", Instant::from_nanos(nanos).since(self.asked).as_micros())
                }
            },
        }
    }
}
