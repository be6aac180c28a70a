//! After a restart: what the ledger says is verified anew, and what was kept is there again.

use crate::entry::{ENTRIES, EntryId};
use crate::journal::Kind;
use crate::updates::Updates;
use crate::version::{Facts, Kept};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use velocity_ota::{Release, Standing, Target, Trust};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Packages that were accepted.
    pub packages: usize,
    /// What stands there again.
    pub entries: Vec<(&'static str, u32)>,
    /// What does not, and why; nothing behind a package that is refused is believed.
    pub problems: Vec<String>,
}

/// A version with what it is made of.
#[derive(Clone)]
struct Stored {
    target: Target,
    payload: Vec<u8>,
}

/// What an entry has, and what it goes back to; the original where there is none.
#[derive(Clone, Default)]
struct Place {
    now: Option<Stored>,
    before: Option<Stored>,
}

impl Place {
    fn facts(&self) -> Facts {
        let of = |stored: &Stored| Facts {
            number: stored.target.version,
            code: stored.target.hash,
            schema: stored.target.schema,
        };
        self.now.as_ref().map_or_else(Facts::original, of)
    }
}

/// Reads records in their order.
pub struct Restoring {
    trust: Trust,
    places: [Place; ENTRIES.len()],
    /// Accepted, and nothing decided yet.
    open: Option<(Release, Vec<Vec<u8>>)>,
    found: Restored,
    /// A record was refused: all that follows says nothing.
    broken: bool,
}

impl core::fmt::Debug for Restoring {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Restoring").field("found", &self.found).finish_non_exhaustive()
    }
}

impl Updates {
    /// Begins to read what was kept. Nothing changes before [`Restoring::finish`].
    #[must_use]
    pub fn restore(&self) -> Restoring {
        let (places, found) = (core::array::from_fn(|_| Place::default()), Restored::default());
        Restoring { trust: self.trust.clone(), places, open: None, found, broken: false }
    }
}

impl Restoring {
    /// Takes the next record; those of other kinds are nothing to it.
    pub fn record(&mut self, kind: u16, body: &[u8]) {
        let Some(kind) = Kind::of(kind).filter(|_| !self.broken) else { return };
        let taken = match kind {
            Kind::Accepted => self.accepted(body),
            Kind::Kept => self.decided(body, true),
            Kind::TakenBack => self.decided(body, false),
            Kind::WentBack => self.went_back(body),
        };
        if let Err(problem) = taken {
            self.found.problems.push(problem);
            self.broken = true;
        }
    }

    fn accepted(&mut self, package: &[u8]) -> Result<(), String> {
        // What was accepted and never decided was cut off, and may have come again.
        if self.open.take().is_some() {
            self.trust.allow_again();
        }
        let places = &self.places;
        let standing = |name: &str| {
            let id = EntryId::named(name)?;
            let Facts { number, code, schema } = places[id.0].facts();
            Some(Standing { abi: id.entry().abi(), schema, version: number, code, watched: false })
        };
        let checked = self.trust.check(package, &standing).map_err(|refusal| refusal.to_string())?;
        self.trust = checked.trust;
        self.open = checked.release;
        self.found.packages += 1;
        Ok(())
    }

    fn decided(&mut self, body: &[u8], kept: bool) -> Result<(), String> {
        let counter = body.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        let open = self.open.take().filter(|(release, _)| Some(release.counter) == counter);
        let Some((release, payloads)) = open else {
            return Err("a decision about a release that was not accepted".into());
        };
        for (target, payload) in release.targets.into_iter().zip(payloads).filter(|_| kept) {
            let Some(id) = EntryId::named(&target.entry) else { continue };
            let place = &mut self.places[id.0];
            place.before = place.now.replace(Stored { target, payload });
        }
        Ok(())
    }

    fn went_back(&mut self, body: &[u8]) -> Result<(), String> {
        let name = body.get(4..).and_then(|name| core::str::from_utf8(name).ok());
        let Some(id) = name.and_then(EntryId::named) else { return Err("an entry that is not there went back".into()) };
        let place = &mut self.places[id.0];
        place.now = place.before.take();
        Ok(())
    }

    /// Believes what was read, and puts what was kept into the table.
    pub fn finish(mut self, updates: &mut Updates) -> Restored {
        if self.open.is_some() {
            self.trust.allow_again();
        }
        updates.trust = self.trust;
        for (id, place) in EntryId::all().zip(self.places) {
            let Some(stored) = place.now else { continue };
            match install(updates, &stored) {
                Ok(kept) => {
                    self.found.entries.push((id.entry().name, kept.facts.number));
                    if let Some(Ok(before)) = place.before.map(|before| install(updates, &before)) {
                        updates.before[id.0] = before;
                    }
                    updates.put_restored(id, kept);
                }
                Err(problem) => self.found.problems.push(problem),
            }
        }
        self.found
    }
}

fn install(updates: &Updates, stored: &Stored) -> Result<Kept, String> {
    let installed = updates.installer.install(&stored.target, &stored.payload);
    installed.map(|(_, kept)| kept).map_err(|error| error.to_string())
}

/// The record of a decision.
pub(crate) fn decided(counter: u64, measured: &str) -> Vec<u8> {
    [&counter.to_le_bytes(), measured.as_bytes()].concat()
}

/// The record of an entry that went back.
pub(crate) fn went_back(name: &str, number: u32) -> Vec<u8> {
    [&number.to_le_bytes(), name.as_bytes()].concat()
}
