//! What can be replaced.

use velocity_base::ContentHash;
use velocity_nda::Type;

/// The schema of an entry that keeps nothing from one call to the next.
pub const STATELESS: &str = "stateless";

/// How a new version's answer is judged by the old one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// It has to be the same.
    Same,
    /// It has to be one that the driver can use: what it is, is a matter of policy.
    Usable,
}

/// Fuel of a call: some hundred microseconds, after which the original answers.
const FUEL: u64 = 400_000;

/// A replaceable entry point: what is fixed about it, whatever stands there.
#[derive(Debug)]
pub struct Entry {
    /// Its name in packages.
    pub name: &'static str,
    /// How it is called, in words. Its hash is what updates are made for: any change here refuses all of them.
    pub convention: &'static str,
    /// The function that a program must export.
    pub export: &'static str,
    /// Its parameters.
    pub parameters: &'static [Type],
    /// Its result.
    pub result: Type,
    /// What a right answer is.
    pub judge: Judge,
    /// Fuel that one call may use.
    pub fuel: u64,
}

impl Entry {
    /// The hash of its calling convention.
    #[must_use]
    pub fn abi(&self) -> ContentHash {
        ContentHash::of(self.convention.as_bytes())
    }
}

/// An entry's place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId(pub(crate) usize);

impl EntryId {
    /// FAT32: how many links of the FAT lead to the very next cluster.
    pub const FAT32_WALK: Self = Self(0);
    /// NVMe: how long the next command of a transfer is.
    pub const NVME_SUBMISSION: Self = Self(1);

    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ENTRIES.iter().position(|entry| entry.name == name).map(Self)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ENTRIES.len()).map(Self)
    }

    /// What is fixed about it.
    #[must_use]
    pub const fn entry(self) -> &'static Entry {
        &ENTRIES[self.0]
    }
}

/// All entries, by place.
pub const ENTRIES: [Entry; 2] = [
    Entry {
        name: "fat32.walk",
        convention: "neighbours(count: u32, first: u32) -> u32. Memory: `count` (1 to 64) FAT entries of 4 bytes, little endian, from address 0 on: those of \
                     cluster `first` and of the ones behind it. The answer: how many of them, from the first on, lead to the cluster behind their own.",
        export: "neighbours",
        parameters: &[Type::I32, Type::I32],
        result: Type::I32,
        judge: Judge::Same,
        fuel: FUEL,
    },
    Entry {
        name: "nvme.submission",
        convention: "next(left: u64, most: u32, block: u32, under_way: u32, slots: u32) -> u32. The answer: how many bytes the next command of a transfer \
                     takes: whole blocks, at least one, at most `most` and `left`.",
        export: "next",
        parameters: &[Type::I64, Type::I32, Type::I32, Type::I32, Type::I32],
        result: Type::I32,
        judge: Judge::Usable,
        fuel: FUEL,
    },
];
