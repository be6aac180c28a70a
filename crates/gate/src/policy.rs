//! Who a candidate comes from, and what a policy lets that origin do.

use crate::{Rule, Severity};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use velocity_base::ContentHash;
use velocity_nda::sys;

/// Where a candidate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A person at this machine.
    Person,
    /// A language model.
    Model,
    /// Another machine.
    Network,
    /// A binary of another instruction set or format that was translated.
    Translated,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Person, Self::Model, Self::Network, Self::Translated];
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person => "person",
            Self::Model => "model",
            Self::Network => "network",
            Self::Translated => "translated",
        })
    }
}

/// A group of host items that is granted as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// Writing to the terminal.
    Console,
    /// Making agents and ending them.
    Agents,
    /// Messages between an agent and the one that made it.
    Rings,
    /// Waiting, and reading the clock.
    Time,
    /// Announcing changes on the board.
    Board,
    /// Reading and writing of I/O ports.
    Ports,
    /// Reading and writing of physical memory.
    PhysicalMemory,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Console, Self::Agents, Self::Rings, Self::Time, Self::Board, Self::Ports, Self::PhysicalMemory];

    /// Its name in texts and policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Console => sys::CONSOLE,
            Self::Agents => sys::AGENTS,
            Self::Rings => sys::RINGS,
            Self::Time => sys::TIME,
            Self::Board => sys::BOARD,
            Self::Ports => sys::PORTS,
            Self::PhysicalMemory => sys::PHYSICAL_MEMORY,
        }
    }

    /// The capability of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.name() == name)
    }

    /// Whether it reaches past the program's own memory into the machine.
    #[must_use]
    pub const fn is_privileged(self) -> bool {
        matches!(self, Self::Ports | Self::PhysicalMemory)
    }
}

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(u8);

impl Capabilities {
    /// None.
    pub const NONE: Self = Self(0);
    /// All.
    pub const ALL: Self = Self(0b111_1111);

    /// This set and one more.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability as u8)
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the set holds this one.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u8 != 0
    }

    /// The members, in the order of [`Capability::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.into_iter().filter(move |&capability| self.has(capability))
    }
}

/// How large a program may be, and what it may ask for when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Functions, host items included.
    pub functions: usize,
    /// Nodes of all bodies.
    pub nodes: usize,
    /// Bytes of stack for the deepest chain of calls without recursion.
    pub stack_bytes: u64,
    /// Pages of 64 KiB that the memory has at the start.
    pub memory_pages: u32,
    /// Pages that the memory may ask to grow to.
    pub memory_pages_max: u32,
    /// Entries of all tables at the start.
    pub table_entries: u64,
    /// Bytes of all data, zeros included.
    pub data_bytes: u64,
}

impl Limits {
    /// Nothing but what the format itself can hold.
    pub const NONE: Self = Self {
        functions: usize::MAX,
        nodes: usize::MAX,
        stack_bytes: u64::MAX,
        memory_pages: u32::MAX,
        memory_pages_max: u32::MAX,
        table_entries: u64::MAX,
        data_bytes: u64::MAX,
    };
}

impl Default for Limits {
    /// 64 Ki functions, 4 Mi nodes, 1 MiB of stack, 16 MiB of memory growing to 256 MiB at most, 1 Mi table entries,
    /// 16 MiB of data.
    fn default() -> Self {
        Self {
            functions: 1 << 16,
            nodes: 1 << 22,
            stack_bytes: 1 << 20,
            memory_pages: 256,
            memory_pages_max: 4096,
            table_entries: 1 << 20,
            data_bytes: 1 << 24,
        }
    }
}

/// Which modules of host items beside `sys` a program may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostModules {
    /// These.
    Listed(Vec<String>),
    /// Any: whoever instantiates the program decides what is there.
    Any,
}

/// What each origin may do, and what is tolerated.
#[derive(Clone, Debug)]
pub struct Policy {
    grants: [Capabilities; Origin::ALL.len()],
    /// How large a program may be.
    pub limits: Limits,
    /// Modules of host items that are accepted without a capability.
    pub host_modules: HostModules,
    /// Hashes of values that look like secrets and are none.
    pub allowed_values: Vec<ContentHash>,
    relaxed: Vec<Rule>,
}

impl Default for Policy {
    /// Everybody may write to the console; nobody reaches the machine; the default [`Limits`].
    fn default() -> Self {
        Self {
            grants: [Capabilities::NONE.with(Capability::Console); Origin::ALL.len()],
            limits: Limits::default(),
            host_modules: HostModules::Listed(Vec::new()),
            allowed_values: Vec::new(),
            relaxed: Vec::new(),
        }
    }
}

impl Policy {
    /// Grants everything to everybody, limits nothing, and warns where it can instead of refusing: for tests of engines.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            grants: [Capabilities::ALL; Origin::ALL.len()],
            limits: Limits::NONE,
            host_modules: HostModules::Any,
            allowed_values: Vec::new(),
            relaxed: Rule::ALL.into_iter().filter(|rule| rule.can_be_relaxed()).collect(),
        }
    }

    /// This policy, where `origin` may also use `capability`.
    #[must_use]
    pub fn granting(mut self, origin: Origin, capability: Capability) -> Self {
        let granted = &mut self.grants[origin as usize];
        *granted = granted.with(capability);
        self
    }

    /// This policy, where `origin` may use these and nothing else.
    #[must_use]
    pub const fn allowing(mut self, origin: Origin, capabilities: Capabilities) -> Self {
        self.grants[origin as usize] = capabilities;
        self
    }

    /// This policy, where `rule` warns instead of refusing, if that rule can be relaxed at all.
    #[must_use]
    pub fn relaxing(mut self, rule: Rule) -> Self {
        if rule.can_be_relaxed() {
            self.relaxed.push(rule);
        }
        self
    }

    /// What `origin` may use.
    #[must_use]
    pub const fn granted(&self, origin: Origin) -> Capabilities {
        self.grants[origin as usize]
    }

    /// How bad it is to break `rule`.
    #[must_use]
    pub fn severity(&self, rule: Rule) -> Severity {
        match rule.severity() {
            Severity::Error if self.relaxed.contains(&rule) => Severity::Warning,
            severity => severity,
        }
    }
}
