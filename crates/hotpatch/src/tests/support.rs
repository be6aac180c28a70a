//! What tests and measurements of updates are made of: keys, packages, a journal, and the two drivers' questions.

use super::hotpatch::*;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use velocity_base::{Cycles, Instant};
use velocity_hal::Clock;
use velocity_interp::engine::Engine;
use velocity_jit::EngineKind;
use velocity_nda::document::pack as document;
use velocity_nda::module::Value;
use velocity_ota::*;

/// The clock of this process.
struct Now(std::time::Instant);

impl Clock for Now {
    fn now(&self) -> Instant {
        Instant::from_nanos(self.0.elapsed().as_nanos() as u64)
    }

    fn cycles(&self) -> Cycles {
        Cycles(self.now().nanos)
    }

    fn cycles_per_second(&self) -> u64 {
        1_000_000_000
    }
}

pub fn clock() -> Arc<dyn Clock> {
    Arc::new(Now(std::time::Instant::now()))
}

/// Keeps records in memory. Power goes after some of them.
#[derive(Clone, Default)]
pub struct Memory {
    pub records: Vec<(u16, Vec<u8>)>,
    pub left: Option<usize>,
    pub announced: Vec<String>,
    pub settled: Vec<(u64, bool, String)>,
}

impl Journal for Memory {
    fn append(&mut self, kind: Kind, body: &[u8]) -> Result<(), JournalError> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1).ok_or_else(|| JournalError("power is gone".into()))?;
        }
        self.records.push((kind as u16, body.into()));
        Ok(())
    }

    fn announce(&mut self, why: &str, entries: &[(&'static str, u32)]) -> Result<u64, JournalError> {
        self.announced.push(alloc::format!("{why}: {entries:?}"));
        Ok(self.announced.len() as u64)
    }

    fn settle(&mut self, announcement: u64, made: bool, measured: &str) -> Result<(), JournalError> {
        self.settled.push((announcement, made, measured.into()));
        Ok(())
    }
}

pub fn signer(number: u8) -> Signer {
    Signer::of_seed(&[number; 32])
}

/// One key for each role.
pub fn trust() -> Trust {
    let keys = |number| Keys { threshold: 1, keys: vec![signer(number).public()] };
    let root = Root { version: 1, expires: 100, roles: [keys(1), keys(2), keys(3)] };
    Trust::new(&sign_root(&root, &[&signer(1)]).encode(), true).expect("the root is signed")
}

/// A test machine: its table, and what takes updates.
pub struct Bench {
    pub dispatch: Dispatch,
    pub updates: Updates,
    pub journal: Memory,
}

pub fn bench(kind: EngineKind) -> Bench {
    bench_with(kind, clock())
}

/// A clock on which nothing takes any time.
pub struct Still;

impl Clock for Still {
    fn now(&self) -> Instant {
        Instant::ZERO
    }

    fn cycles(&self) -> Cycles {
        Cycles(0)
    }

    fn cycles_per_second(&self) -> u64 {
        1
    }
}

pub fn bench_with(kind: EngineKind, clock: Arc<dyn Clock>) -> Bench {
    let dispatch = Dispatch::new(Arc::clone(&clock));
    let engines = move || -> Box<dyn Engine> { kind.make() };
    let updates = Updates::new(dispatch.clone(), clock, trust(), Arc::new(engines), 2).expect("there is a place");
    Bench { dispatch, updates, journal: Memory::default() }
}

/// The walk as a program; `extra` goes to its beginning.
pub fn walk(extra: &str) -> String {
    alloc::format!(
        "memory 1;
         fn neighbours(count: u32, first: u32) -> u32 {{
             {extra}
             let links = 0 as *u32;
             let n: u32 = 0;
             while n < count && (links[n] & 0x0fffffff) == first + n + 1 {{ n = n + 1; }}
             n
         }}
         export \"neighbours\" = neighbours;"
    )
}

/// The policy as a program: the most, after `extra`.
pub fn submission(extra: &str) -> String {
    alloc::format!(
        "fn next(left: u64, most: u32, block: u32, under_way: u32, slots: u32) -> u32 {{
             {extra}
             if left < most as u64 {{ left as u32 }} else {{ most }}
         }}
         export \"next\" = next;"
    )
}

pub fn links(entries: &[u32]) -> Vec<u8> {
    entries.iter().flat_map(|entry| entry.to_le_bytes()).collect()
}

pub fn target(updates: &Updates, entry: &str, payload: &[u8], test: SelfTest) -> Target {
    let stands = updates.report().into_iter().find(|report| report.name == entry).expect("an entry").facts;
    let stateless = Facts::original().schema;
    Target {
        entry: entry.into(),
        abi: EntryId::named(entry).expect("an entry").entry().abi(),
        schema: stateless,
        reads: stands.schema,
        version: stands.number + 1,
        base: stands.number,
        base_code: stands.code,
        hash: velocity_base::ContentHash::of(payload),
        bytes: payload.len() as u32,
        probation: 20,
        needs: vec![],
        tests: vec![test],
    }
}

pub fn walk_test() -> SelfTest {
    SelfTest { input: links(&[8, 9, 99]), arguments: vec![3, 7], expected: 2 }
}

pub fn submission_test() -> SelfTest {
    SelfTest { input: vec![], arguments: vec![512, 4096, 512, 0, 8], expected: 512 }
}

pub fn payload(source: &str) -> Vec<u8> {
    document(&velocity_nda::compile(source).expect("the program compiles"))
}

/// A package of one release.
pub fn package(counter: u64, targets: Vec<Target>, payloads: Vec<Vec<u8>>) -> Vec<u8> {
    let release = Release { counter, expires: 50, why: alloc::format!("release {counter}"), targets };
    let release = sign_release(&release, &[&signer(2)]);
    let (hash, bytes) = (release.hash(), release.body.len() as u32);
    let snapshot = Snapshot { counter, epoch: 1, expires: 50, release: counter, hash, bytes };
    pack(&Package { roots: vec![], update: Some((sign_snapshot(&snapshot, &[&signer(3)]), release)), payloads })
}

/// A package with another walk.
pub fn walk_package(updates: &Updates, counter: u64, source: &str) -> Vec<u8> {
    let payload = payload(source);
    package(counter, vec![target(updates, "fat32.walk", &payload, walk_test())], vec![payload])
}

/// What the driver does itself.
pub fn original(entries: &[u32], first: u32) -> i64 {
    entries.iter().zip(first + 1..).take_while(|(entry, next)| *entry & 0x0FFF_FFFF == *next).count() as i64
}

/// The driver's call.
pub fn ask(caller: &Caller, entries: &[u32], first: u32) -> i64 {
    let arguments = [Value::I32(entries.len() as i32), Value::I32(first.cast_signed())];
    let usable = |answer: i64| (0..=entries.len() as i64).contains(&answer);
    caller.call(&links(entries), &arguments, usable, || original(entries, first))
}

/// Chains of all sorts, by number.
pub fn chain(number: u32) -> (Vec<u32>, u32) {
    let (len, first) = (1 + number * 7 % 64, 2 + number * 37 % 1000);
    let cut = number * 13 % 70;
    (
        (0..len).map(|at| if at == cut { 0x0FFF_FFFF } else { (first + at + 1) | (0xF000_0000 * (at % 2)) }).collect(),
        first,
    )
}
