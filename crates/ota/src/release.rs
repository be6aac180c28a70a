//! What is to be installed.

use crate::wire::{Reader, put_count, put_text};
use crate::{Doubt, What};
use alloc::string::String;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// Most bytes of an entry's name, and of a reason.
const MAX_NAME: usize = 48;
const MAX_WHY: usize = 200;

/// Most targets of a release, and dependencies and tests of a target.
const MAX_TARGETS: usize = 8;
const MAX_DEPENDENCIES: usize = 8;
const MAX_TESTS: usize = 64;

/// Most bytes that a test gives.
const MAX_INPUT: usize = 4096;

/// Most arguments of a call.
pub const MAX_ARGUMENTS: usize = 6;

/// A release: all of it is installed, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Never goes back.
    pub counter: u64,
    /// The last epoch in which it holds.
    pub expires: u64,
    /// What it is for, in a line.
    pub why: String,
    /// What is installed, each for another entry.
    pub targets: Vec<Target>,
}

/// A new version of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The entry's name.
    pub entry: String,
    /// The hash of the entry's calling convention.
    pub abi: ContentHash,
    /// The hash of the schema of the state that it keeps.
    pub schema: ContentHash,
    /// The hash of the schema of the state that it takes over.
    pub reads: ContentHash,
    /// Its number: more than the base's.
    pub version: u32,
    /// The version that must be there.
    pub base: u32,
    /// The hash of that version's code.
    pub base_code: ContentHash,
    /// The hash of its payload.
    pub hash: ContentHash,
    /// The length of its payload in bytes.
    pub bytes: u32,
    /// For how many calls it is watched beside the version before it.
    pub probation: u32,
    /// What must be there besides.
    pub needs: Vec<Dependency>,
    /// What it must answer before it is installed.
    pub tests: Vec<SelfTest>,
}

/// Another entry's version that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The entry's name.
    pub entry: String,
    /// The version that it must have at least.
    pub version: u32,
}

/// A call, and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfTest {
    /// What lies in memory from address 0 on.
    pub input: Vec<u8>,
    /// The arguments; those of 32 bits are the lower halves.
    pub arguments: Vec<i64>,
    /// The answer.
    pub expected: i64,
}

impl Release {
    /// Its bytes, to be signed.
    ///
    /// # Panics
    /// When a text or a list has more than 255 bytes or items, or a test more than 65,535 bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(self.counter.to_le_bytes());
        out.extend(self.expires.to_le_bytes());
        put_text(&mut out, &self.why);
        put_count(&mut out, self.targets.len());
        self.targets.iter().for_each(|target| target.put(&mut out));
        out
    }

    /// The way back. Nothing says yet that it is anybody's.
    ///
    /// # Errors
    /// [`Doubt`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Doubt> {
        let mut reader = Reader::new(What::Release, bytes);
        let (counter, expires) = (reader.u64()?, reader.u64()?);
        let why = reader.text(MAX_WHY)?;
        let targets = reader.list(MAX_TARGETS, Target::read)?;
        reader.end()?;
        let is_twice = |at: usize| targets[..at].iter().any(|target| target.entry == targets[at].entry);
        if targets.is_empty() {
            return Err(Doubt::Malformed(What::Release, "it installs nothing"));
        }
        if let Some(at) = (0..targets.len()).find(|at| is_twice(*at)) {
            return Err(Doubt::EntryTwice(targets[at].entry.clone()));
        }
        Ok(Self { counter, expires, why, targets })
    }
}

impl Target {
    fn put(&self, out: &mut Vec<u8>) {
        put_text(out, &self.entry);
        [&self.abi, &self.schema, &self.reads].into_iter().for_each(|hash| out.extend(hash.0));
        out.extend(self.version.to_le_bytes());
        out.extend(self.base.to_le_bytes());
        out.extend(self.base_code.0);
        out.extend(self.hash.0);
        out.extend(self.bytes.to_le_bytes());
        out.extend(self.probation.to_le_bytes());
        put_count(out, self.needs.len());
        for Dependency { entry, version } in &self.needs {
            put_text(out, entry);
            out.extend(version.to_le_bytes());
        }
        put_count(out, self.tests.len());
        self.tests.iter().for_each(|test| test.put(out));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Doubt> {
        let target = Self {
            entry: reader.text(MAX_NAME)?,
            abi: reader.hash()?,
            schema: reader.hash()?,
            reads: reader.hash()?,
            version: reader.u32()?,
            base: reader.u32()?,
            base_code: reader.hash()?,
            hash: reader.hash()?,
            bytes: reader.u32()?,
            probation: reader.u32()?,
            needs: reader.list(MAX_DEPENDENCIES, Dependency::read)?,
            tests: reader.list(MAX_TESTS, SelfTest::read)?,
        };
        if target.version <= target.base {
            return Err(Doubt::Malformed(What::Release, "a version is not above its base"));
        }
        Ok(target)
    }
}

impl Dependency {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Doubt> {
        Ok(Self { entry: reader.text(MAX_NAME)?, version: reader.u32()? })
    }
}

impl SelfTest {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(u16::try_from(self.input.len()).expect("tests are short").to_le_bytes());
        out.extend(&self.input);
        put_count(out, self.arguments.len());
        self.arguments.iter().for_each(|argument| out.extend(argument.to_le_bytes()));
        out.extend(self.expected.to_le_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Doubt> {
        let len = usize::from(reader.u16()?);
        if len > MAX_INPUT {
            return Err(Doubt::Malformed(What::Release, "a test has too much input"));
        }
        let input = reader.bytes(len)?.into();
        let arguments = reader.list(MAX_ARGUMENTS, |reader| Ok(i64::from_le_bytes(reader.array()?)))?;
        Ok(Self { input, arguments, expected: i64::from_le_bytes(reader.array()?) })
    }
}
