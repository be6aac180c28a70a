//! Who made whom, and what each may still give away.

use crate::agent::Exit;
use crate::budget::Budget;
use crate::link::Link;
use crate::slot::Key;
use crate::supervise::Restart;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use velocity_gate::{Capabilities, Origin};

/// How many ends of agents the one above them can still ask for.
const MAX_ENDED: usize = 64;

/// There is no agent of that number below the one that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchAgent;

impl fmt::Display for NoSuchAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such agent; `ps` lists them")
    }
}

impl core::error::Error for NoSuchAgent {}

/// An agent among others. The first node is no agent: it is whoever runs the system.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) key: Key,
    pub(crate) number: u32,
    parent: u32,
    /// By number.
    children: BTreeMap<u32, u32>,
    last_number: u32,
    /// Ends of agents below it, the latest last.
    ended: VecDeque<(u32, Exit)>,
    /// What it may still give away, and what it was given.
    pub(crate) spare: Budget,
    given: Budget,
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) capabilities: Capabilities,
    pub(crate) restart: Restart,
    pub(crate) restarts: u32,
    /// To the one above it, once either has sent something.
    pub(crate) link: Option<Arc<Link>>,
    /// It has ended, but agents below it have not, or the one above it has not received all.
    pub(crate) exit: Option<Exit>,
}

impl Node {
    /// Of an agent that has nobody below it yet.
    fn new(key: Key, number: u32, parent: u32, birth: Birth) -> Self {
        let Birth { name, origin, capabilities, restart, given, below } = birth;
        Self {
            key,
            number,
            parent,
            children: BTreeMap::new(),
            last_number: 0,
            ended: VecDeque::new(),
            spare: below,
            given,
            name,
            origin,
            capabilities,
            restart,
            restarts: 0,
            link: None,
            exit: None,
        }
    }
}

/// What an agent comes with.
pub(crate) struct Birth {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) capabilities: Capabilities,
    pub(crate) restart: Restart,
    /// What it takes in all, and what of it is for those below it.
    pub(crate) given: Budget,
    pub(crate) below: Budget,
}

#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Option<Node>>,
    /// By slot.
    generations: Vec<u64>,
    free: Vec<u32>,
}

/// Whom an end concerns.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// They are to end as well.
    pub(crate) stopped: Vec<Key>,
    /// They may have waited for it.
    pub(crate) told: Vec<Key>,
    /// Slots that nobody is in any more.
    pub(crate) freed: Vec<Key>,
}

/// The node of whoever runs the system.
const ROOT: u32 = 0;

impl Tree {
    /// With nobody in it but who runs the system, who may do and give all of this.
    pub(crate) fn new(budget: Budget) -> Self {
        let birth = Birth {
            name: String::new(),
            origin: Origin::Person,
            capabilities: Capabilities::ALL,
            restart: Restart::Never,
            given: budget,
            below: budget,
        };
        let root = Node::new(Key { index: ROOT, generation: 0 }, 0, ROOT, birth);
        Self { nodes: alloc::vec![Some(root)], generations: alloc::vec![0], free: Vec::new() }
    }

    /// The node of an agent; of whoever runs the system for `None`.
    pub(crate) fn node(&mut self, key: Option<Key>) -> Option<&mut Node> {
        let index = key.map_or(ROOT, |key| key.index);
        let node = self.nodes.get_mut(index as usize)?.as_mut()?;
        key.is_none_or(|key| node.key == key).then_some(node)
    }

    /// The child of this number.
    pub(crate) fn child(&mut self, parent: Option<Key>, number: u32) -> Option<&mut Node> {
        let index = *self.node(parent)?.children.get(&number)?;
        self.nodes.get_mut(index as usize)?.as_mut()
    }

    /// Puts an agent in below another one, which pays for it; `None` if it cannot, or is ending.
    pub(crate) fn add(&mut self, parent: Option<Key>, birth: Birth) -> Option<(Key, u32)> {
        let above = self.node(parent).filter(|above| above.exit.is_none())?;
        let number = above.last_number.checked_add(1)?;
        if !above.spare.take(birth.given) {
            return None;
        }
        above.last_number = number;
        let parent = above.key.index;
        let index = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(None);
            self.generations.push(0);
            self.nodes.len() as u32 - 1
        });
        let key = Key { index, generation: self.generations[index as usize] };
        if let Some(Some(above)) = self.nodes.get_mut(parent as usize) {
            above.children.insert(number, index);
        }
        self.nodes[index as usize] = Some(Node::new(key, number, parent, birth));
        Some((key, number))
    }

    /// The numbers that lead to an agent; none if it has gone.
    pub(crate) fn path(&mut self, key: Key) -> Vec<u32> {
        let mut path = Vec::new();
        let mut next = self.node(Some(key)).map(|node| node.key.index);
        while let Some(node) = next.filter(|index| *index != ROOT).and_then(|index| self.nodes[index as usize].as_ref())
        {
            path.push(node.number);
            next = Some(node.parent);
        }
        path.reverse();
        path
    }

    /// An agent has ended. Those below it are to end as well; until they have, and until the one above it has received what it sent, it stays.
    pub(crate) fn end(&mut self, key: Key, exit: Exit) -> Ended {
        let mut ended = Ended::default();
        let Some(node) = self.node(Some(key)) else { return ended };
        node.exit = Some(exit);
        let (above, children) = (node.parent, node.children.clone());
        for child in children.into_values() {
            match self.nodes[child as usize].as_ref() {
                Some(child) if child.exit.is_none() => ended.stopped.push(child.key),
                // Nobody will receive what it has sent.
                _ => self.settle(child, &mut ended),
            }
        }
        self.settle(key.index, &mut ended);
        // It may be waited for, whether it stays or not.
        ended.told.extend(self.nodes[above as usize].as_ref().filter(|_| above != ROOT).map(|above| above.key));
        ended
    }

    /// What an agent had to receive from a child is received: the child goes if it has ended.
    pub(crate) fn received(&mut self, parent: Key, number: u32) -> Ended {
        let mut ended = Ended::default();
        if let Some(index) = self.child(Some(parent), number).map(|child| child.key.index) {
            self.settle(index, &mut ended);
        }
        ended
    }

    /// Whether an agent that has ended can go.
    fn is_done(&self, index: u32) -> bool {
        let Some(Some(node)) = self.nodes.get(index as usize) else { return false };
        let reads = |above: &Node| above.exit.is_none() && node.parent != ROOT;
        let is_read = node.link.as_ref().is_none_or(|link| link.is_read());
        let above = self.nodes.get(node.parent as usize).and_then(Option::as_ref);
        node.exit.is_some() && node.children.is_empty() && (is_read || !above.is_some_and(reads))
    }

    /// Lets an agent go that has ended, and who has waited for that above it.
    fn settle(&mut self, mut index: u32, ended: &mut Ended) {
        while index != ROOT
            && self.is_done(index)
            && let Some(node) = self.nodes[index as usize].take()
        {
            self.generations[index as usize] = node.key.generation + 1;
            self.free.push(index);
            ended.freed.push(node.key);
            index = node.parent;
            let (number, given, exit) = (node.number, node.given, node.exit);
            if let (Some(Some(above)), Some(exit)) = (self.nodes.get_mut(index as usize), exit) {
                above.children.remove(&number);
                above.spare.give_back(given);
                if above.ended.len() == MAX_ENDED {
                    above.ended.pop_front();
                }
                above.ended.push_back((number, exit));
            }
        }
    }

    /// The link from an agent to its child of a number, or to the one above it for 0, and who is there. It is made if there is none.
    pub(crate) fn link(&mut self, from: Key, to: u32) -> Option<(Arc<Link>, Key)> {
        let node = match to {
            0 => self.node(Some(from)).filter(|node| node.parent != ROOT)?,
            to => self.child(Some(from), to).filter(|child| child.exit.is_none())?,
        };
        let number = u64::from(node.key.index) << 32 | node.key.generation & u64::from(u32::MAX);
        let (own, parent) = (node.key, node.parent);
        let link = Arc::clone(node.link.get_or_insert_with(|| Arc::new(Link::new(number))));
        let peer = if to == 0 { self.nodes[parent as usize].as_ref()?.key } else { own };
        Some((link, peer))
    }

    /// All links of an agent: each with the number of who is there, 0 for the one above. `None` if there is nobody.
    pub(crate) fn links(&mut self, of: Key) -> Option<Vec<(u32, Arc<Link>, Key)>> {
        let node = self.node(Some(of))?;
        let (own, parent, children) = (node.link.clone(), node.parent, node.children.clone());
        if parent == ROOT && children.is_empty() {
            return None;
        }
        let above = self.nodes[parent as usize].as_ref().filter(|_| parent != ROOT).map(|above| above.key);
        let mut found: Vec<_> = own.zip(above).map(|(link, above)| (0, link, above)).into_iter().collect();
        for (number, child) in children {
            if let Some(Some(child)) = self.nodes.get(child as usize)
                && let Some(link) = &child.link
            {
                found.push((number, Arc::clone(link), child.key));
            }
        }
        Some(found)
    }

    /// How a child has ended; `None` if it has not.
    ///
    /// # Errors
    /// [`NoSuchAgent`], also if too many others have ended since.
    pub(crate) fn exit_of(&mut self, parent: Option<Key>, number: u32) -> Result<Option<Exit>, NoSuchAgent> {
        let above = self.node(parent).ok_or(NoSuchAgent)?;
        if let Some(&child) = above.children.get(&number) {
            return Ok(self.nodes.get(child as usize).and_then(|child| child.as_ref()?.exit.clone()));
        }
        let found = above.ended.iter().rev().find(|(ended, _)| *ended == number);
        found.map(|(_, exit)| Some(exit.clone())).ok_or(NoSuchAgent)
    }

    /// All agents, each behind the one above it, with its path.
    pub(crate) fn all(&self) -> Vec<(&Node, Vec<u32>)> {
        let mut found = Vec::new();
        let mut next: Vec<(u32, Vec<u32>)> = alloc::vec![(ROOT, Vec::new())];
        while let Some((index, path)) = next.pop() {
            let Some(Some(node)) = self.nodes.get(index as usize) else { continue };
            let below = node.children.iter().rev().map(|(&number, &child)| {
                let mut path = path.clone();
                path.push(number);
                (child, path)
            });
            next.extend(below);
            if index != ROOT {
                found.push((node, path));
            }
        }
        found
    }
}
