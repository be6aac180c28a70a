//! The triple store: a few runs of sorted facts, the newest last (a log-structured merge).
//!
//! All facts about one subject lie in one run, its *home*; what older runs say about it is dead and is skipped. So
//! replacing a definition's facts appends one run that holds only these, and nothing is ever searched for deletion.
//!
//! Bounds, with N live facts:
//! - a run is at least twice as long as the next, so there are at most log2(N) + 2 runs, and a lookup is as many binary
//!   searches; a store that has just been built, opened or [`compact`](Facts::compact)ed is one run;
//! - at most half of a run is dead, so a lookup's range holds the answers and, amortised, as many dead facts;
//! - replacing k facts by n writes n facts, plus, amortised, n (log2(N) + 1) moves by merging and 2 k by clearing out
//!   the dead. [`Facts::work`] counts both, and a test holds the bound against it.

use super::fact::{Def, Fact, Predicate};
use super::rows;
use super::run::{FactsError, Keys, Run};
use alloc::vec::Vec;
use core::iter::FusedIterator;
use core::ops::Range;

/// The home of a subject without facts.
const NOWHERE: u32 = u32::MAX;

/// A set of facts, looked up from either side.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    runs: Vec<Run<'a>>,
    /// The run that speaks of each subject. Empty as long as there is only the first run, and nothing in it is dead.
    home: Vec<u32>,
    next_run: u32,
    work: u64,
}

impl<'a> Facts<'a> {
    /// A store that holds these facts.
    #[must_use]
    pub fn new(facts: impl IntoIterator<Item = Fact>) -> Self {
        let run = Run::of(0, facts.into_iter());
        let work = run.len() as u64;
        Self { runs: Vec::from([run]), home: Vec::new(), next_run: 1, work }
    }

    /// The facts that lie in `bytes` as [`Facts::write`] gave them: checked once, never copied.
    ///
    /// # Errors
    /// [`FactsError`] if the bytes are no sorted facts.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FactsError> {
        Ok(Self { runs: Vec::from([Run::open(bytes)?]), home: Vec::new(), next_run: 1, work: 0 })
    }

    /// Appends all live facts to `out`, in as few bytes as can be read in place.
    pub fn write(&self, out: &mut Vec<u8>) {
        let all = self.merged(0..self.runs.len(), 0);
        rows::write(&all.by_subject.iter().collect::<Vec<u64>>(), out);
    }

    /// What stands in this relation to `subject`, ascending within each run. Nothing is allocated.
    pub fn objects(&self, subject: Def, predicate: Predicate) -> impl Iterator<Item = u32> + Clone + '_ {
        let run = self.home_of(subject);
        let range = run.map_or(0..0, |run| run.objects(subject, predicate));
        run.into_iter().flat_map(move |run| range.clone().map(|at| run.by_subject.get(at) as u32))
    }

    /// The first object in this relation, for predicates of which a subject has one.
    #[must_use]
    pub fn object(&self, subject: Def, predicate: Predicate) -> Option<u32> {
        self.objects(subject, predicate).next()
    }

    /// Everything about one definition.
    pub fn about(&self, subject: Def) -> impl Iterator<Item = Fact> + '_ {
        let run = self.home_of(subject);
        let range = run.map_or(0..0, |run| run.about(subject));
        run.into_iter()
            .flat_map(move |run| range.clone().filter_map(|at| Fact::from_subject_key(run.by_subject.get(at))))
    }

    /// The definitions that have this object in this relation. Nothing is allocated.
    #[must_use]
    pub fn subjects(&self, predicate: Predicate, object: u32) -> Subjects<'_> {
        Subjects { facts: self, predicate, object, run: 0, range: None }
    }

    /// How many facts hold.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.len() - run.dead).sum()
    }

    /// Whether none does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many runs a lookup visits.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs.len()
    }

    /// How many facts have been written and moved since the store was made.
    #[must_use]
    pub const fn work(&self) -> u64 {
        self.work
    }

    /// Puts `facts`, all of them about `subject`, in place of all that was known about it.
    ///
    /// # Panics
    /// In debug builds, if a fact is about something else.
    pub fn replace(&mut self, subject: Def, facts: &[Fact]) {
        debug_assert!(facts.iter().all(|fact| fact.subject == subject), "facts about one subject");
        self.know_homes();
        self.forget(subject);
        if !facts.is_empty() {
            let run = Run::of(self.take_id(), facts.iter().copied());
            self.place(run);
        }
        self.settle();
    }

    /// Merges everything into one run.
    pub fn compact(&mut self) {
        if self.runs.len() > 1 || self.runs.iter().any(|run| run.dead > 0) {
            self.merge(0..self.runs.len());
        }
    }

    fn home_of(&self, subject: Def) -> Option<&Run<'a>> {
        if self.home.is_empty() {
            return self.runs.first();
        }
        let home = *self.home.get(subject.index())?;
        self.runs.iter().find(|run| run.id == home)
    }

    fn lives(&self, run: &Run<'a>, subject: Def) -> bool {
        self.home.is_empty() || run.dead == 0 || self.home.get(subject.index()) == Some(&run.id)
    }

    /// From now on every subject has a home; until now all lived in the only run.
    fn know_homes(&mut self) {
        if self.home.is_empty()
            && let Some(run) = self.runs.pop()
        {
            self.place(run);
        }
    }

    /// Appends a run and makes it the home of its subjects.
    fn place(&mut self, run: Run<'a>) {
        self.work += run.len() as u64;
        set_homes(&mut self.home, &run);
        self.runs.push(run);
    }

    fn take_id(&mut self) -> u32 {
        let id = self.next_run;
        self.next_run = if id + 1 == NOWHERE { 0 } else { id + 1 };
        id
    }

    /// What is known about a subject is dead.
    fn forget(&mut self, subject: Def) {
        let Some(home) = self.home.get_mut(subject.index()) else { return };
        let id = core::mem::replace(home, NOWHERE);
        if let Some(run) = self.runs.iter_mut().find(|run| run.id == id) {
            run.dead += run.about(subject).len();
        }
    }

    /// Merges until every run is at least twice as long as the next, and clears out runs that are half dead.
    fn settle(&mut self) {
        while let Some(at) = self.runs.iter().position(|run| run.dead * 2 > run.len()) {
            self.merge(at..at + 1);
        }
        while let Some(at) = self.runs.windows(2).position(|pair| pair[0].len() < 2 * pair[1].len()) {
            self.merge(at..at + 2);
        }
    }

    /// Replaces runs that lie side by side by one with what lives in them.
    fn merge(&mut self, range: Range<usize>) {
        let id = self.take_id();
        let run = self.merged(range.clone(), id);
        self.work += run.len() as u64;
        if !self.home.is_empty() {
            set_homes(&mut self.home, &run);
        }
        let empty = run.len() == 0;
        self.runs.splice(range, (!empty).then_some(run));
    }

    /// One run with what lives in these.
    fn merged(&self, range: Range<usize>, id: u32) -> Run<'static> {
        let (mut by_subject, mut by_object) = (Vec::new(), Vec::new());
        for run in self.runs.get(range).unwrap_or(&[]) {
            let subject_lives = |key: &u64| self.lives(run, Def((key >> 36) as u32));
            by_subject = merge_keys(&by_subject, run.by_subject.iter().filter(subject_lives));
            let object_lives = |key: &u64| self.lives(run, Def(*key as u32 & Def::MAX));
            by_object = merge_keys(&by_object, run.by_object.iter().filter(object_lives));
        }
        Run { id, by_subject: Keys::Owned(by_subject), by_object: Keys::Owned(by_object), dead: 0 }
    }
}

fn set_homes(home: &mut Vec<u32>, run: &Run<'_>) {
    let last = run.by_subject.iter().last().map_or(0, |key| (key >> 36) as usize + 1);
    if home.len() < last {
        home.resize(last, NOWHERE);
    }
    run.by_subject.iter().for_each(|key| home[(key >> 36) as usize] = run.id);
}

fn merge_keys(one: &[u64], other: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut out = Vec::with_capacity(one.len() + other.size_hint().1.unwrap_or(0));
    let mut one = one.iter().copied().peekable();
    for key in other {
        while let Some(earlier) = one.next_if(|&earlier| earlier < key) {
            out.push(earlier);
        }
        out.push(key);
    }
    out.extend(one);
    out
}

/// The definitions that [`Facts::subjects`] finds.
#[derive(Clone, Debug)]
pub struct Subjects<'f> {
    facts: &'f Facts<'f>,
    predicate: Predicate,
    object: u32,
    run: usize,
    range: Option<Range<usize>>,
}

impl Iterator for Subjects<'_> {
    type Item = Def;

    fn next(&mut self) -> Option<Def> {
        while let Some(run) = self.facts.runs.get(self.run) {
            let range = self.range.get_or_insert_with(|| run.subjects(self.predicate, self.object));
            for at in range {
                let subject = Def(run.by_object.get(at) as u32 & Def::MAX);
                if self.facts.lives(run, subject) {
                    return Some(subject);
                }
            }
            (self.run, self.range) = (self.run + 1, None);
        }
        None
    }
}

impl FusedIterator for Subjects<'_> {}
