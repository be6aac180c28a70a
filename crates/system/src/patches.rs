//! The board, the ledger, and updates of what drivers ask while they run.

include!(concat!(env!("OUT_DIR"), "/root.rs"));

use crate::platform::Platform;
use crate::storage::Storage;
use crate::{NAME, VERSION};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use velocity_board::{Board, BoardError, Item, Ledger};
use velocity_hotpatch::{Applied, ApplyError, Decision, Dispatch, Journal, JournalError, Kind, Updates};
use velocity_interp::engine::{Engine, Reference};
use velocity_jit::EngineKind;
use velocity_ota::Trust;
use velocity_trace::Level;

mod later;
mod members;

use later::Later;
pub(crate) use later::MOST as MOST_LATER;
use members::Members;

/// The name under which this writes to the event log.
pub(crate) const LOG: &str = "ota";

/// How many programs may be called at a time in one version: drivers run on the core of the system.
const INSTANCES: usize = 1;

/// What can be replaced, and what remembers it.
pub(crate) struct Patches {
    pub(crate) board: Board,
    /// Why nothing is remembered.
    pub(crate) forgets: Option<String>,
    /// Takes updates; or why none are taken.
    pub(crate) updates: Result<Updates, String>,
    later: Later,
    members: Members,
}

/// The board and its ledger, as updates see them.
pub(crate) struct OnBoard<'b>(pub(crate) &'b mut Board);

impl Journal for OnBoard<'_> {
    fn append(&mut self, kind: Kind, body: &[u8]) -> Result<(), JournalError> {
        let Some(ledger) = self.0.ledger() else { return Ok(()) };
        ledger.append(kind as u16, body).map(drop).map_err(|error| JournalError(error.to_string()))
    }

    fn announce(&mut self, why: &str, entries: &[(&'static str, u32)]) -> Result<u64, JournalError> {
        let item = |name: &str| {
            let item = Item::entry(name);
            let revision = self.0.revision(&item);
            (item, revision)
        };
        let items: Vec<_> = entries.iter().map(|(name, _)| item(name)).collect();
        self.0.announce(LOG, why, &items).map_err(refused)
    }

    fn settle(&mut self, announcement: u64, made: bool, measured: &str) -> Result<(), JournalError> {
        let settled = match made {
            true => self.0.commit(announcement, measured),
            false => self.0.withdraw(announcement, measured),
        };
        settled.map_err(refused)
    }
}

fn refused(error: BoardError) -> JournalError {
    JournalError(error.to_string())
}

impl Patches {
    /// Drivers ask the table from now on, and what the ledger remembers is there again.
    pub(crate) fn new(storage: &mut Storage, platform: &Platform) -> Self {
        let dispatch = Dispatch::new(Arc::clone(&platform.clock));
        let mut updates = taker(&dispatch, platform);
        if updates.is_ok() {
            storage.ask(&dispatch);
        }
        if let Err(why) = &updates {
            platform.record(Level::Error, LOG, format_args!("no updates are taken: {why}"));
        }
        let (board, forgets) = remembered(storage, updates.as_mut().ok(), platform);
        Self { board, forgets, updates, later: Later::default(), members: Members::default() }
    }

    /// What takes updates, and where it notes them.
    ///
    /// # Errors
    /// Why none are taken.
    pub(crate) fn updates(&mut self) -> Result<(&mut Updates, OnBoard<'_>), &str> {
        match &mut self.updates {
            Ok(updates) => Ok((updates, OnBoard(&mut self.board))),
            Err(why) => Err(why),
        }
    }

    /// Installs what a package holds, and notes how long each step took.
    ///
    /// # Errors
    /// [`ApplyError`]; nothing has changed then.
    pub(crate) fn apply(&mut self, package: &[u8], platform: &Platform) -> Result<Applied, ApplyError> {
        let (updates, mut journal) = self.updates().map_err(|why| JournalError(why.into()))?;
        let applied = updates.apply(package, &mut journal)?;
        let steps: Vec<String> =
            applied.steps.iter().map(|(step, took)| alloc::format!("{step} {} us", took.as_micros())).collect();
        platform.record(Level::Info, LOG, format_args!("{}", steps.join(", ")));
        Ok(applied)
    }

    /// Decides about what is being watched.
    pub(crate) fn step(&mut self, storage: &mut Storage, platform: &Platform) {
        self.apply_due(platform);
        let Ok(updates) = &mut self.updates else { return };
        if updates.waiting() > 0 {
            storage.quiesce();
        }
        match updates.step(&mut OnBoard(&mut self.board)) {
            None => {}
            Some(Decision::Kept { counter, measured, lost: None }) => {
                platform.record(Level::Info, LOG, format_args!("release {counter} is kept: {measured}"));
            }
            Some(Decision::Kept { counter, lost: Some(error), .. }) => platform.record(
                Level::Error,
                LOG,
                format_args!("release {counter} is kept until the next start only: {error}"),
            ),
            Some(Decision::TakenBack { counter, why }) => {
                platform.record(Level::Warn, LOG, format_args!("release {counter} is taken back: {why}"));
            }
            Some(Decision::Failed { entry, version }) => platform.record(
                Level::Error,
                LOG,
                format_args!("{entry} failed too often and is back at version {version}"),
            ),
        }
    }
}

/// What takes updates.
fn taker(dispatch: &Dispatch, platform: &Platform) -> Result<Updates, String> {
    let trust = Trust::new(ROOT, STRICT).map_err(|refusal| refusal.to_string())?;
    let engines = Arc::clone(&platform.engines);
    let engine = move || -> alloc::boxed::Box<dyn Engine> {
        let native = engines.make(EngineKind::Native).or_else(|| engines.make(EngineKind::Closures));
        native.unwrap_or_else(|| alloc::boxed::Box::new(Reference))
    };
    let clock = Arc::clone(&platform.clock);
    let updates = Updates::new(dispatch.clone(), clock, trust, Arc::new(engine), INSTANCES);
    updates.ok_or_else(|| "the table has no place".into())
}

/// The board, with what the ledger remembers; why there is none, if there is none.
fn remembered(storage: &Storage, updates: Option<&mut Updates>, platform: &Platform) -> (Board, Option<String>) {
    let Some(device) = storage.ledger() else {
        let why = String::from("no disk has a partition of type `VELOCITY ledger`");
        return (Board::new(), Some(why));
    };
    let (ledger, opened) = match Ledger::open(device) {
        Ok(opened) => opened,
        Err(error) => {
            platform.record(Level::Error, "ledger", format_args!("{error}"));
            return (Board::new(), Some(error.to_string()));
        }
    };
    if opened.cut {
        platform.record(Level::Warn, "ledger", format_args!("a record that was being written was cut off"));
    }
    let mut restoring = updates.as_ref().map(|updates| updates.restore());
    let (board, read) = Board::with_ledger(ledger, &mut |kind, body| {
        if let Some(restoring) = &mut restoring {
            restoring.record(kind, body);
        }
    });
    if let Err(error) = read {
        platform.record(Level::Error, "ledger", format_args!("{error}"));
    }
    if let Some((restoring, updates)) = restoring.zip(updates) {
        let restored = restoring.finish(updates);
        for (entry, version) in &restored.entries {
            platform.record(Level::Info, LOG, format_args!("{entry}: version {version} is back"));
        }
        for problem in &restored.problems {
            platform.record(Level::Error, LOG, format_args!("what the ledger says is not believed: {problem}"));
        }
    }
    platform.record(Level::Info, "ledger", format_args!("{NAME} {VERSION}: {} records", opened.records));
    (board, None)
}
