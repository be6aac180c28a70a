//! All agents, for all cores.

use crate::agent::{Body, Exit, Report};
use crate::budget::Budget;
use crate::class::{Class, PerClass};
use crate::host::Wait;
use crate::link::MOST;
use crate::motions::{Motion, Motions};
use crate::order::{Order, SpawnError, admitted};
use crate::output::Output;
use crate::slot::{Key, Slot};
use crate::timers::Timers;
use crate::tree::{Birth, Ended, NoSuchAgent, Tree};
use crate::worker::Worker;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use spin::{Mutex, RwLock};
use velocity_base::Instant;
use velocity_gate::Capability;
use velocity_interp::Limits;
use velocity_interp::engine::Engine;
use velocity_sync::queue::Queue;

/// How many agents a core's own queue of a class holds; more wait in the common one.
pub(crate) const QUEUE: usize = 256;

/// Makes engines: each agent has one of its own.
pub trait EngineMaker: Send + Sync {
    /// One in which nothing has been compiled yet.
    fn make(&self) -> Box<dyn Engine>;
}

impl<F: Fn() -> Box<dyn Engine> + Send + Sync> EngineMaker for F {
    fn make(&self) -> Box<dyn Engine> {
        self()
    }
}

/// A message that was received.
pub(crate) struct Received {
    pub(crate) from: u32,
    /// So many of these.
    pub(crate) bytes: [u8; MOST],
    pub(crate) len: usize,
    /// How many links there were to look at.
    pub(crate) looked: usize,
}

/// All agents.
pub struct Swarm {
    engines: Box<dyn EngineMaker>,
    tree: Mutex<Tree>,
    /// By index; a slot stays for good.
    slots: RwLock<Vec<Arc<Slot>>>,
    /// Ready ones that are in no core's queue.
    common: PerClass<Mutex<VecDeque<u32>>>,
    /// The queues of all cores, for who takes from them.
    pub(crate) queues: Vec<PerClass<Arc<Queue<QUEUE>>>>,
    pub(crate) timers: Timers,
    /// Whoever looks on has something to see.
    news: AtomicBool,
    pub(crate) motions: Motions,
}

impl fmt::Debug for Swarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a swarm of {} slots", self.slots.read().len())
    }
}

impl Swarm {
    /// Nobody is there yet: for so many cores, with what all agents may hold together. Each worker is for one core.
    #[must_use]
    pub fn new(engines: impl EngineMaker + 'static, budget: Budget, cores: usize) -> (Arc<Self>, Vec<Worker>) {
        let (mut queues, mut owners) = (Vec::new(), Vec::new());
        for _ in 0..cores {
            let [one, two, three, four] = Class::ALL.map(|_| Queue::new().share());
            owners.push([one.0, two.0, three.0, four.0]);
            queues.push([one.1, two.1, three.1, four.1]);
        }
        let swarm = Arc::new(Self {
            engines: Box::new(engines),
            tree: Mutex::new(Tree::new(budget)),
            slots: RwLock::new(alloc::vec![Arc::new(Slot::new())]),
            common: Class::ALL.map(|_| Mutex::default()),
            queues,
            timers: Timers::default(),
            news: AtomicBool::new(false),
            motions: Motions::default(),
        });
        let workers = owners.into_iter().enumerate().map(|(core, own)| Worker::new(Arc::clone(&swarm), core, own));
        let workers = workers.collect();
        (swarm, workers)
    }

    pub(crate) fn engine(&self) -> Box<dyn Engine> {
        self.engines.make()
    }

    /// A new agent below another one, or below nobody; its number there. What it prints goes to `output`.
    ///
    /// # Errors
    /// [`SpawnError`]; nothing has changed then.
    pub fn spawn(&self, parent: Option<Key>, order: Order<'_>, output: &Arc<Output>) -> Result<(Key, u32), SpawnError> {
        let (origin, may) = {
            let mut tree = self.tree.lock();
            let above = tree.node(parent).ok_or(SpawnError::Ended)?;
            (above.origin, above.capabilities.and(order.capabilities))
        };
        let program = admitted(&order, origin, may)?;
        let capabilities = program.needs();
        let (key, number) = {
            let mut tree = self.tree.lock();
            let above = tree.node(parent).ok_or(SpawnError::Ended)?;
            let half = if capabilities.has(Capability::Agents) { above.spare.half() } else { Budget::default() };
            let below = order.below.unwrap_or(Budget { pages: half.pages.saturating_sub(order.pages), ..half });
            let left = above.spare;
            let wanted = below.and_one(order.pages);
            let name = String::from(order.name);
            let birth = |given| Birth { name, origin, capabilities, restart: order.restart, given, below };
            let most = Budget { agents: u32::MAX, pages: u32::MAX };
            let added = wanted.and_then(|given| tree.add(parent, birth(given)));
            added.ok_or(SpawnError::Budget { wanted: wanted.unwrap_or(most), left })?
        };
        let limits =
            Limits { fuel: order.fuel, stack_slots: order.stack_slots, memory_pages: order.pages, ..Limits::default() };
        let (output, wait) = (Arc::clone(output), Wait::default());
        let body = Body { key, number, program, limits, output, session: None, wait, spent: 0 };
        let slot = self.place(key.index);
        slot.generation.store(key.generation, Ordering::Release);
        slot.begin(order.class, Box::new(body));
        // The one above may have ended meanwhile: then this one is told, here or by that end.
        let is_alone = self.tree.lock().node(parent).is_none_or(|above| above.exit.is_some());
        if is_alone {
            slot.stop(key.generation);
        }
        self.wake(key);
        Ok((key, number))
    }

    /// The slot of an index, which is made if there is none.
    fn place(&self, index: u32) -> Arc<Slot> {
        let mut slots = self.slots.write();
        while slots.len() <= index as usize {
            slots.push(Arc::new(Slot::new()));
        }
        Arc::clone(&slots[index as usize])
    }

    /// The slot of an agent, if it is there.
    fn slot(&self, key: Key) -> Option<Arc<Slot>> {
        let slot = self.slots.read().get(key.index as usize).cloned()?;
        (slot.generation.load(Ordering::Acquire) == key.generation).then_some(slot)
    }

    /// Slots from a number on, for a worker that has seen those before.
    pub(crate) fn slots_from(&self, first: usize) -> Vec<Arc<Slot>> {
        self.slots.read().get(first..).unwrap_or_default().to_vec()
    }

    /// An agent that is parked becomes ready.
    pub(crate) fn wake(&self, key: Key) {
        if let Some(slot) = self.slot(key)
            && slot.standing.wake()
        {
            self.common[slot.class() as usize].lock().push_back(key.index);
        }
    }

    /// Puts one that is ready into the common queue.
    pub(crate) fn put(&self, class: Class, index: u32) {
        self.common[class as usize].lock().push_back(index);
    }

    /// Takes one from the common queue.
    pub(crate) fn take(&self, class: Class) -> Option<u32> {
        self.common[class as usize].lock().pop_front()
    }

    /// Wakes who waits for a time that has come.
    pub fn tick(&self, now: Instant) {
        self.timers.due(now).into_iter().for_each(|key| self.wake(key));
    }

    /// The next time for which anybody waits.
    #[must_use]
    pub fn next_time(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// How many are ready and have no turn, about.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting_for(false) + self.waiting_for(true)
    }

    /// The same for cores that are set apart for inference, or for the others.
    #[must_use]
    pub fn waiting_for(&self, inference: bool) -> usize {
        let classes = Class::ALL.into_iter().filter(|class| (*class == Class::Inference) == inference);
        let in_class = |class: Class| {
            let common = self.common[class as usize].lock().len();
            common + self.queues.iter().map(|queues| queues[class as usize].len()).sum::<usize>()
        };
        classes.map(in_class).sum()
    }

    /// Ends an agent: child `number` of another one, or of nobody. It is over when its next slice would begin.
    ///
    /// # Errors
    /// [`NoSuchAgent`].
    pub fn kill(&self, parent: Option<Key>, number: u32) -> Result<(), NoSuchAgent> {
        let key = self.tree.lock().child(parent, number).map(|node| node.key).ok_or(NoSuchAgent)?;
        self.stop(key);
        Ok(())
    }

    /// Ends an agent wherever it is.
    ///
    /// # Errors
    /// [`NoSuchAgent`].
    pub fn kill_at(&self, path: &[u32]) -> Result<(), NoSuchAgent> {
        let (&number, above) = path.split_last().ok_or(NoSuchAgent)?;
        let mut parent = None;
        for &number in above {
            parent = Some(self.tree.lock().child(parent, number).ok_or(NoSuchAgent)?.key);
        }
        self.kill(parent, number)
    }

    fn stop(&self, key: Key) {
        if let Some(slot) = self.slot(key) {
            slot.stop(key.generation);
        }
        self.wake(key);
    }

    /// How an agent has ended, child `number` of another one or of nobody; `None` if it has not.
    ///
    /// # Errors
    /// [`NoSuchAgent`], also if 64 others have ended there since.
    pub fn exit_of(&self, parent: Option<Key>, number: u32) -> Result<Option<Exit>, NoSuchAgent> {
        self.tree.lock().exit_of(parent, number)
    }

    /// What an agent may still give away.
    #[must_use]
    pub fn spare(&self, key: Option<Key>) -> Option<Budget> {
        self.tree.lock().node(key).map(|node| node.spare)
    }

    pub(crate) fn class(&self, key: Key) -> Class {
        self.slot(key).map_or(Class::Normal, |slot| slot.class())
    }

    /// What was printed to an output. Who waited for room there goes on.
    #[must_use]
    pub fn read(&self, output: &Output) -> String {
        let (text, waiting) = output.take();
        waiting.into_iter().for_each(|key| self.wake(key));
        text
    }

    /// An agent's program is over: it begins anew if it is to, and ends otherwise.
    pub(crate) fn over(&self, slot: &Slot, mut body: Box<Body>, exit: Exit, now: Instant) {
        let key = body.key;
        self.motions.end(key);
        if let Some(until) = body.wait.until.take() {
            self.timers.remove(until, key);
        }
        let wait = if slot.is_stopped() { None } else { self.again(key, &exit) };
        if let Some(wait) = wait {
            let at = now.after(wait);
            body.restart(at);
            *slot.body.lock() = Some(body);
            self.timers.add(at, key);
            if !slot.standing.park() {
                self.put(slot.class(), key.index);
            }
            return;
        }
        // Before anybody is told that it is over, so that what it held is there again.
        drop(body);
        self.tell(|tree| tree.end(key, exit));
    }

    /// What agents want to say on the board. Whoever takes it answers each with [`Self::answer`].
    #[must_use]
    pub fn take_motions(&self) -> Vec<(Key, Motion)> {
        self.motions.take()
    }

    /// Lets an agent go on that wants to say something on the board.
    pub fn answer(&self, key: Key, answer: i64) {
        if self.motions.answer(key, answer) {
            self.wake(key);
        }
    }

    /// Agents that said something on the board, and have ended or begun anew since the last call: what they announced is nobody's.
    #[must_use]
    pub fn take_gone(&self) -> Vec<Key> {
        self.motions.take_gone()
    }

    /// An agent's number among the agents of the one above it, behind the number of that one, and so on; nothing if it has gone.
    #[must_use]
    pub fn path(&self, key: Key) -> Vec<u32> {
        self.tree.lock().path(key)
    }

    /// Whoever looks on from outside has something to see: text was printed, an agent has ended, or a core rests.
    pub fn give_news(&self) {
        // Most often it is known already, and the line stays where it is.
        if !self.has_news() {
            self.news.store(true, Ordering::Release);
        }
    }

    /// Whether there is something to see since the last [`Self::take_news`].
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.news.load(Ordering::Relaxed)
    }

    /// The same, and whoever asks is going to look.
    pub fn take_news(&self) -> bool {
        self.has_news() && self.news.swap(false, Ordering::Acquire)
    }

    /// Lets agents go, and tells whom that concerns.
    fn tell(&self, end: impl FnOnce(&mut Tree) -> Ended) {
        let Ended { stopped, told, .. } = {
            let mut tree = self.tree.lock();
            let ended = end(&mut tree);
            for key in &ended.freed {
                if let Some(slot) = self.slot(*key) {
                    slot.generation.store(key.generation + 1, Ordering::Release);
                }
            }
            ended
        };
        stopped.into_iter().for_each(|key| self.stop(key));
        told.into_iter().for_each(|key| self.wake(key));
        self.give_news();
    }

    /// Sends a message from an agent to its child of a number, or to the one above it for 0; whether there was room.
    ///
    /// # Errors
    /// [`NoSuchAgent`].
    pub(crate) fn send(&self, from: Key, to: u32, bytes: &[u8]) -> Result<bool, NoSuchAgent> {
        let (link, peer) = self.tree.lock().link(from, to).ok_or(NoSuchAgent)?;
        let sent = if to == 0 { link.up.send(bytes) } else { link.down.send(bytes) };
        if sent {
            self.wake(peer);
        }
        Ok(sent)
    }

    /// The next message to an agent, of whoever comes first behind the one that it last received from.
    ///
    /// # Errors
    /// [`NoSuchAgent`] if there is nobody who could send any.
    pub(crate) fn receive(&self, to: Key, last: u32) -> Result<Option<Received>, NoSuchAgent> {
        let mut links = self.tree.lock().links(to).ok_or(NoSuchAgent)?;
        let looked = links.len();
        let first = links.iter().position(|(number, ..)| *number > last).unwrap_or(0);
        links.rotate_left(first);
        for (number, link, peer) in links {
            let got = if number == 0 { link.down.receive() } else { link.up.receive() };
            let Some((bytes, len)) = got else { continue };
            // It may have waited for room.
            self.wake(peer);
            if number != 0 && link.is_read() {
                self.tell(|tree| tree.received(to, number));
            }
            return Ok(Some(Received { from: number, bytes, len, looked }));
        }
        Ok(None)
    }

    /// How long an agent that has ended waits before it begins anew, if it does.
    fn again(&self, key: Key, exit: &Exit) -> Option<core::time::Duration> {
        let mut tree = self.tree.lock();
        let node = tree.node(Some(key))?;
        let wait = node.restart.wait(matches!(exit, Exit::Failed(_)), node.restarts)?;
        node.restarts += 1;
        Some(wait)
    }

    /// All agents, each behind the one above it.
    #[must_use]
    pub fn reports(&self) -> Vec<Report> {
        let tree = self.tree.lock();
        let all = tree.all().into_iter().filter_map(|(node, path)| {
            let slot = self.slot(node.key)?;
            Some(Report {
                key: node.key,
                path,
                name: node.name.clone(),
                class: slot.class(),
                state: if node.exit.is_some() { None } else { Some(slot.standing.state()) },
                slices: slot.slices.load(Ordering::Relaxed),
                fuel: slot.fuel.load(Ordering::Relaxed),
                pages: slot.pages.load(Ordering::Relaxed),
                restarts: node.restarts,
                traffic: node.link.as_ref().map(|link| link.traffic()),
            })
        });
        all.collect()
    }
}
