//! From a payload to something that may stand in the table: gate, instances, tests.

use crate::ApplyError;
use crate::entry::{Entry, EntryId};
use crate::sandbox::{EngineMaker, Sandbox};
use crate::version::{Facts, Kept};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use velocity_base::Duration;
use velocity_gate::{Candidate, Capabilities, Limits, Origin, Policy, Program, admit};
use velocity_hal::Clock;
use velocity_interp::TrapKind;
use velocity_nda::Type;
use velocity_nda::module::Value;
use velocity_ota::{Refusal, SelfTest, Target};

/// Makes versions out of payloads.
pub(crate) struct Installer {
    pub(crate) engines: Arc<dyn EngineMaker>,
    /// How many may call a version at a time.
    pub(crate) instances: usize,
}

/// What the gate lets through for an entry: no capability, two pages, small.
fn policy() -> Policy {
    let mut policy = Policy::default().allowing(Origin::Network, Capabilities::NONE);
    policy.limits = Limits {
        functions: 256,
        nodes: 1 << 16,
        stack_bytes: 1 << 16,
        memory_pages: 2,
        memory_pages_max: 2,
        table_entries: 256,
        data_bytes: 1 << 16,
    };
    policy
}

/// Judges a payload.
pub(crate) fn admitted(target: &Target, payload: &[u8]) -> Result<Program, ApplyError> {
    let verdict = admit(Candidate::Document(payload), Origin::Network, &policy());
    verdict.program.ok_or_else(|| {
        let finding = verdict.findings.first().map_or_else(String::new, |finding| finding.message.clone());
        ApplyError::Gate { entry: target.entry.clone(), finding }
    })
}

impl Installer {
    /// Instances of a program, not yet called.
    pub(crate) fn build(&self, target: &Target, program: &Program) -> Result<(EntryId, Kept), ApplyError> {
        let name = || target.entry.clone();
        let id = EntryId::named(&target.entry).ok_or_else(|| Refusal::NoSuchEntry { entry: name() })?;
        let sandbox = Sandbox::new(program, id.entry(), &*self.engines, self.instances);
        let sandbox = sandbox.map_err(|error| ApplyError::Sandbox { entry: name(), error })?;
        let facts = Facts { number: target.version, code: target.hash, schema: target.schema };
        Ok((id, Kept { facts, program: Some(Arc::new(sandbox)) }))
    }

    /// All of it, for what was kept before.
    pub(crate) fn install(&self, target: &Target, payload: &[u8]) -> Result<(EntryId, Kept), ApplyError> {
        let (id, kept) = self.build(target, &admitted(target, payload)?)?;
        test(target, id, &kept)?;
        Ok((id, kept))
    }
}

/// A program that does nothing.
const NOTHING: &str =
    "fn neighbours(count: u32, first: u32) -> u32 { count + first } export \"neighbours\" = neighbours;";

/// How often it is called to find out what a call costs.
const CALLS: usize = 16;

impl Installer {
    /// What a call of a program costs on this machine, if the program does nothing: the median of its first calls. None if it cannot be told.
    pub(crate) fn overhead(&self, clock: &dyn Clock) -> Option<Duration> {
        let program =
            admit(Candidate::Text { name: "nothing.nda", source: NOTHING }, Origin::Network, &policy()).program?;
        let entry = EntryId::FAT32_WALK.entry();
        let sandbox = Sandbox::new(&program, entry, &*self.engines, 1).ok()?;
        let mut times = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let start = clock.now();
            sandbox.call(0, &[], &[Value::I32(1), Value::I32(1)]).ok()?;
            times.push(clock.now().since(start));
        }
        times.sort_unstable();
        times.get(CALLS / 2).copied()
    }
}

/// Calls every instance with every test of a target. This is what compiles them.
pub(crate) fn test(target: &Target, id: EntryId, kept: &Kept) -> Result<(), ApplyError> {
    let entry = || target.entry.clone();
    if target.tests.is_empty() {
        return Err(ApplyError::Untested { entry: entry() });
    }
    let Some(sandbox) = &kept.program else { return Ok(()) };
    sandbox.each(|call| {
        for (at, test) in target.tests.iter().enumerate() {
            let found = one(call, id.entry(), test);
            if found != Ok(test.expected) {
                return Err(ApplyError::Test { entry: entry(), number: at + 1, expected: test.expected, found });
            }
        }
        Ok(())
    })
}

type Call<'c> = &'c dyn Fn(&[u8], &[Value]) -> Result<i64, TrapKind>;

fn one(call: Call<'_>, entry: &Entry, test: &SelfTest) -> Result<i64, TrapKind> {
    if test.arguments.len() != entry.parameters.len() {
        return Err(TrapKind::IndirectCallType);
    }
    let arguments: Vec<Value> =
        entry.parameters.iter().zip(&test.arguments).map(|(ty, bits)| value(*ty, *bits)).collect();
    call(&test.input, &arguments)
}

#[expect(clippy::cast_possible_truncation, reason = "arguments of 32 bits are the lower halves")]
const fn value(ty: Type, bits: i64) -> Value {
    match ty {
        Type::I32 => Value::I32(bits as i32),
        Type::I64 => Value::I64(bits),
        Type::F32 => Value::F32(bits as u32),
        Type::F64 => Value::F64(bits.cast_unsigned()),
    }
}

impl ApplyError {
    /// The same as text, for the log.
    pub(crate) fn text(&self) -> String {
        self.to_string()
    }
}
