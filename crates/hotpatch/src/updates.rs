//! The way of an update, and what becomes of it.

use crate::caller::{Dispatch, Reader, Versions};
use crate::entry::{ENTRIES, EntryId};
use crate::error::ApplyError;
use crate::install::{Installer, admitted, test};
use crate::journal::{Journal, JournalError, Kind};
use crate::restore::{decided, went_back};
use crate::sandbox::EngineMaker;
use crate::version::{Facts, Kept, Version};
use crate::watch::{Figures, Watch, Worse};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use velocity_base::{Duration, Instant};
use velocity_hal::Clock;
use velocity_ota::{Refusal, Release, Standing, Target, Trust};
use velocity_sync::rcu::Retired;

/// A step of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Signatures, counters, hashes, and what it must fit to.
    Verify,
    /// The gate.
    Gate,
    /// Instances.
    Build,
    /// Tests, which compile it and have its code checked.
    Test,
    /// The board.
    Announce,
    /// The ledger.
    Record,
    /// The table.
    Publish,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verify => "verify",
            Self::Gate => "gate",
            Self::Build => "build",
            Self::Test => "test",
            Self::Announce => "announce",
            Self::Record => "record",
            Self::Publish => "publish",
        })
    }
}

/// An update that is in use, and watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The release's counter; none if only roots were passed on.
    pub counter: Option<u64>,
    /// The entries, and their new versions.
    pub entries: Vec<(&'static str, u32)>,
    /// What each step took.
    pub steps: Vec<(Step, Duration)>,
}

/// What was decided about versions in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A release is kept.
    Kept {
        /// Its counter.
        counter: u64,
        /// What was seen of it.
        measured: String,
        /// Why it will not be there after a restart.
        lost: Option<JournalError>,
    },
    /// A release was taken back.
    TakenBack {
        /// Its counter.
        counter: u64,
        /// Why.
        why: String,
    },
    /// A version that had been kept failed too often: the one before it is back.
    Failed {
        /// The entry.
        entry: &'static str,
        /// The version that is there now.
        version: u32,
    },
}

/// An entry as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryReport {
    /// Its name.
    pub name: &'static str,
    /// What stands there.
    pub facts: Facts,
    /// What was seen of it so far, and how many calls it is watched for; none if it is not watched.
    pub watched: Option<(Figures, u32)>,
    /// How often it failed since it was kept.
    pub faults: u32,
}

/// A release that is being watched.
struct Open {
    counter: u64,
    announcement: u64,
    entries: Vec<EntryId>,
}

/// Takes updates, watches them, and decides.
pub struct Updates {
    dispatch: Dispatch,
    reader: Reader,
    clock: Arc<dyn Clock>,
    pub(crate) trust: Trust,
    pub(crate) installer: Installer,
    retired: Vec<Retired<Arc<Versions>, Version>>,
    /// By entry: what it goes back to.
    pub(crate) before: [Kept; ENTRIES.len()],
    open: Option<Open>,
    /// What a call of a program costs that does nothing, once it was measured.
    overhead: Option<Duration>,
}

impl fmt::Debug for Updates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Updates").field("trust", &self.trust).finish_non_exhaustive()
    }
}

/// Times steps.
struct Steps<'c> {
    clock: &'c dyn Clock,
    last: Instant,
    steps: Vec<(Step, Duration)>,
}

impl Steps<'_> {
    fn done(&mut self, step: Step) {
        let now = self.clock.now();
        self.steps.push((step, now.since(self.last)));
        self.last = now;
    }
}

impl Updates {
    /// Over a table of originals, with a root that came with the system. So many may call a version at a time.
    ///
    /// # Errors
    /// The root is refused, or the table has no place for another reader.
    pub fn new(
        dispatch: Dispatch,
        clock: Arc<dyn Clock>,
        trust: Trust,
        engines: Arc<dyn EngineMaker>,
        instances: usize,
    ) -> Option<Self> {
        let reader = dispatch.versions.join_shared()?;
        let installer = Installer { engines, instances: instances.max(1) };
        let before = core::array::from_fn(|_| Kept::original());
        Some(Self {
            dispatch,
            reader,
            clock,
            trust,
            installer,
            retired: Vec::new(),
            before,
            open: None,
            overhead: None,
        })
    }

    /// What is believed.
    #[must_use]
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// All entries as they stand.
    #[must_use]
    pub fn report(&self) -> Vec<EntryReport> {
        let section = self.reader.read();
        let of = |id: EntryId| {
            let version = section.get(id.0)?;
            let watched = version.watched.as_ref().map(|(watch, _)| (watch.figures(), watch.wanted()));
            let (name, facts, faults) = (id.entry().name, version.kept.facts, version.faults());
            Some(EntryReport { name, facts, watched, faults })
        };
        EntryId::all().filter_map(of).collect()
    }

    /// The counter of the release that is being watched.
    #[must_use]
    pub fn open(&self) -> Option<u64> {
        self.open.as_ref().map(|open| open.counter)
    }

    /// What is installed under a name.
    fn standing(&self, name: &str) -> Option<Standing> {
        let id = EntryId::named(name)?;
        let section = self.reader.read();
        let version = section.get(id.0)?;
        let Facts { number, code, schema } = version.kept.facts;
        Some(Standing { abi: id.entry().abi(), schema, version: number, code, watched: version.watched.is_some() })
    }

    /// Installs what a package holds, if everything speaks for it.
    ///
    /// # Errors
    /// [`ApplyError`].
    pub fn apply(&mut self, package: &[u8], journal: &mut dyn Journal) -> Result<Applied, ApplyError> {
        if let Some(open) = &self.open {
            return Err(ApplyError::Open { counter: open.counter });
        }
        let clock = Arc::clone(&self.clock);
        let mut steps = Steps { clock: &*clock, last: clock.now(), steps: Vec::new() };
        let checked = self.trust.check(package, &|name| self.standing(name))?;
        steps.done(Step::Verify);
        let Some((release, payloads)) = checked.release else {
            journal.append(Kind::Accepted, package)?;
            self.trust = checked.trust;
            steps.done(Step::Record);
            return Ok(Applied { counter: None, entries: Vec::new(), steps: steps.steps });
        };
        let new = self.prepare(&release, &payloads, &mut steps)?;
        let bases: Vec<_> =
            new.iter().zip(&release.targets).map(|((id, _), target)| (id.entry().name, target.base)).collect();
        let announcement = journal.announce(&release.why, &bases)?;
        steps.done(Step::Announce);
        if let Err(error) = journal.append(Kind::Accepted, package) {
            let _ = journal.settle(announcement, false, "it could not be recorded");
            return Err(error.into());
        }
        self.trust = checked.trust;
        steps.done(Step::Record);
        let entries = new.iter().map(|(id, kept)| (id.entry().name, kept.facts.number)).collect();
        let counter = release.counter;
        if let Err(error) = self.publish(&release.targets, new, &mut steps) {
            self.settle(journal, (counter, announcement), Kind::TakenBack, &error.text());
            return Err(error);
        }
        let ids = release.targets.iter().filter_map(|target| EntryId::named(&target.entry)).collect();
        self.open = Some(Open { counter, announcement, entries: ids });
        Ok(Applied { counter: Some(counter), entries, steps: steps.steps })
    }

    /// Makes versions of all targets, and tests them.
    fn prepare(
        &mut self,
        release: &Release,
        payloads: &[Vec<u8>],
        steps: &mut Steps<'_>,
    ) -> Result<Vec<(EntryId, Kept)>, ApplyError> {
        let both = || release.targets.iter().zip(payloads);
        let programs = both().map(|(target, payload)| admitted(target, payload)).collect::<Result<Vec<_>, _>>()?;
        steps.done(Step::Gate);
        let built =
            release.targets.iter().zip(&programs).map(|(target, program)| self.installer.build(target, program));
        let built = built.collect::<Result<Vec<_>, _>>()?;
        steps.done(Step::Build);
        release.targets.iter().zip(&built).try_for_each(|(target, (id, kept))| test(target, *id, kept))?;
        self.overhead = self.overhead.or_else(|| self.installer.overhead(&*self.clock));
        steps.done(Step::Test);
        Ok(built)
    }

    /// Puts all versions into the table, or none.
    fn publish(
        &mut self,
        targets: &[Target],
        new: Vec<(EntryId, Kept)>,
        steps: &mut Steps<'_>,
    ) -> Result<(), ApplyError> {
        let mut done: Vec<(EntryId, Kept)> = Vec::new();
        for ((id, kept), target) in new.into_iter().zip(targets) {
            match self.publish_one(id, kept, target) {
                Ok(before) => done.push((id, before)),
                Err(error) => {
                    done.into_iter().for_each(|(id, before)| self.put(id, Version::new(before)));
                    return Err(error);
                }
            }
        }
        steps.done(Step::Publish);
        Ok(())
    }

    /// Puts one version into the table, in the place of the one it is made for, which is given back.
    fn publish_one(&mut self, id: EntryId, kept: Kept, target: &Target) -> Result<Kept, ApplyError> {
        let entry = || target.entry.clone();
        let section = self.reader.read();
        let Some(now) = section.get(id.0) else { return Err(Refusal::NoSuchEntry { entry: entry() }.into()) };
        let before = now.kept.clone();
        if (before.facts.number, before.facts.code) != (target.base, target.base_code) {
            return Err(ApplyError::Moved { entry: entry() });
        }
        let hand_over = || {
            let state = before.program.as_ref().map_or_else(|| Ok(Vec::new()), |program| program.save())?;
            // The originals keep nothing; a program that keeps something begins with what it has then.
            if state.is_empty() { Ok(()) } else { kept.program.as_ref().map_or(Ok(()), |program| program.load(&state)) }
        };
        hand_over().map_err(|error| ApplyError::Sandbox { entry: entry(), error })?;
        let version = Box::new(Version::watched(
            kept,
            Watch::new(target.probation, self.overhead.unwrap_or_default()),
            before.clone(),
        ));
        let replaced = self.dispatch.versions.replace_if_shared(id.0, now, version);
        self.retired.push(replaced.map_err(|_| ApplyError::Moved { entry: entry() })?);
        Ok(before)
    }

    fn put(&mut self, id: EntryId, version: Version) {
        self.retired.extend(self.dispatch.versions.replace_shared(id.0, Box::new(version)));
    }

    /// Decides what can be decided, and frees what nobody can be in any more.
    pub fn step(&mut self, journal: &mut dyn Journal) -> Option<Decision> {
        self.reader.quiesce();
        if !self.retired.is_empty() {
            let retired = core::mem::take(&mut self.retired);
            self.retired = retired.into_iter().filter_map(|retired| retired.reclaim().err()).collect();
        }
        self.decide(journal).or_else(|| self.look_after(journal))
    }

    /// How many versions were replaced, and are not free yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.retired.len()
    }

    /// Keeps the release that is watched, or takes it back.
    fn decide(&mut self, journal: &mut dyn Journal) -> Option<Decision> {
        let open = self.open.as_ref()?;
        let (mut measured, mut worse, mut done) = (Vec::new(), None, true);
        let section = self.reader.read();
        for id in &open.entries {
            let Some((watch, _)) = section.get(id.0).and_then(|version| version.watched.as_ref()) else { continue };
            let name = id.entry().name;
            measured.push(format!("{name}: {}", watch.figures()));
            worse = worse.or_else(|| watch.worse().map(|worse| (name, worse)));
            done &= watch.is_done();
        }
        let measured = measured.join("; ");
        match worse {
            Some((name, worse)) => self.take_back(journal, &worse_than(name, worse, &measured)),
            None if done => self.keep(journal, measured),
            None => None,
        }
    }

    fn keep(&mut self, journal: &mut dyn Journal, measured: String) -> Option<Decision> {
        let open = self.open.take()?;
        for id in open.entries {
            let section = self.reader.read();
            let watched = section.get(id.0).and_then(|now| Some((now.kept.clone(), now.watched.as_ref()?.1.clone())));
            if let Some((kept, before)) = watched {
                self.before[id.0] = before;
                self.put(id, Version::new(kept));
            }
        }
        let lost = self.settle(journal, (open.counter, open.announcement), Kind::Kept, &measured);
        Some(Decision::Kept { counter: open.counter, measured, lost })
    }

    /// Takes the release back that is being watched.
    pub fn take_back(&mut self, journal: &mut dyn Journal, why: &str) -> Option<Decision> {
        let open = self.open.take()?;
        for id in open.entries {
            let section = self.reader.read();
            let before = section.get(id.0).and_then(|now| Some(now.watched.as_ref()?.1.clone()));
            if let Some(before) = before {
                self.put(id, Version::new(before));
            }
        }
        self.settle(journal, (open.counter, open.announcement), Kind::TakenBack, why);
        Some(Decision::TakenBack { counter: open.counter, why: why.into() })
    }

    /// Writes down what became of a release.
    fn settle(
        &self,
        journal: &mut dyn Journal,
        (counter, announcement): (u64, u64),
        kind: Kind,
        measured: &str,
    ) -> Option<JournalError> {
        let written = journal.append(kind, &decided(counter, measured));
        let settled = journal.settle(announcement, kind == Kind::Kept, measured);
        written.and(settled).err()
    }

    /// Puts the version before into the place of one that fails too often.
    fn look_after(&mut self, journal: &mut dyn Journal) -> Option<Decision> {
        let section = self.reader.read();
        let fails = |id: &EntryId| section.get(id.0).is_some_and(|now| now.watched.is_none() && now.fails());
        let id = EntryId::all().find(fails)?;
        let version = self.go_back(id, journal).ok()?;
        Some(Decision::Failed { entry: id.entry().name, version })
    }

    /// Puts the version before into the place of the one that is there; its number. An entry that is watched is taken back with its whole release.
    ///
    /// # Errors
    /// It could not be recorded: after a restart the other one is there again.
    pub fn go_back(&mut self, id: EntryId, journal: &mut dyn Journal) -> Result<u32, JournalError> {
        if self.open.as_ref().is_some_and(|open| open.entries.contains(&id)) {
            self.take_back(journal, "taken back by hand");
            return Ok(self.standing(id.entry().name).map_or(0, |stands| stands.version));
        }
        if self.standing(id.entry().name).is_some_and(|stands| stands.version == 0) {
            return Ok(0);
        }
        let before = core::mem::replace(&mut self.before[id.0], Kept::original());
        let number = before.facts.number;
        self.put(id, Version::new(before));
        journal.append(Kind::WentBack, &went_back(id.entry().name, number))?;
        Ok(number)
    }

    /// Puts what was kept before a restart into the table.
    pub(crate) fn put_restored(&mut self, id: EntryId, kept: Kept) {
        self.put(id, Version::new(kept));
    }
}

fn worse_than(name: &str, worse: Worse, measured: &str) -> String {
    format!("{name}: {worse}; {measured}")
}
