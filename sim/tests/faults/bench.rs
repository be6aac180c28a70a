//! The machine that faults are injected into, and what is looked at afterwards.

use crate::engine::{Failing, Plan};
use fatfs::{FileSystem, FsOptions};
use std::io::{Cursor, Write};
use std::sync::Arc;
use velocity_models::PowerCut;
use velocity_sim::headless::Session;
use velocity_sim::rig::{Rig, engines};
use velocity_sim::{Options, disk};
use velocity_system::Next;

/// Bytes of a block.
const BLOCK: usize = 512;

/// A file that must read the same whatever happens, and its hash.
pub const FILE: &str = "/docs/numbers.txt";
pub const HASH: &str = "0f408ac7b45ec10ed62dcb0197479c5e453ce58cb0da469f663754d427c09e6f  /docs/numbers.txt";

/// A disk that machines begin with.
#[derive(Clone)]
pub struct Disk {
    image: Arc<Vec<u8>>,
    /// The blocks of the ledger.
    ledger: std::ops::Range<u64>,
}

/// The first block and the last one of a partition of a GPT.
fn partition(image: &[u8], number: usize) -> (u64, u64) {
    let word = |at: usize| u64::from_le_bytes(image[at..at + 8].try_into().unwrap());
    let entry = word(BLOCK + 72) as usize * BLOCK + number * 128;
    (word(entry + 32), word(entry + 40))
}

impl Disk {
    /// The default disk with more files, and a folder `slips`.
    pub fn with(files: &[(String, Vec<u8>)]) -> Self {
        let mut image = disk::embedded().unwrap();
        let (first, last) = partition(&image, 0);
        let (ledger, ledger_last) = partition(&image, 1);
        let bytes = first as usize * BLOCK..(last as usize + 1) * BLOCK;
        let mut volume = Cursor::new(image[bytes.clone()].to_vec());
        {
            let volume = FileSystem::new(&mut volume, FsOptions::new()).unwrap();
            volume.root_dir().create_dir("slips").unwrap();
            for (name, bytes) in files {
                volume.root_dir().create_file(name).unwrap().write_all(bytes).unwrap();
            }
            volume.unmount().unwrap();
        }
        image[bytes].copy_from_slice(&volume.into_inner());
        Self { image: Arc::new(image), ledger: ledger..ledger_last + 1 }
    }

    /// The same after a machine has run a script, and what that said.
    pub fn after(self, script: &str) -> (Self, String) {
        let mut machine = Machine::start(&self, 1);
        let text = machine.say(script);
        (Self { image: Arc::new(machine.disk.contents()), ..self }, text)
    }
}

/// A machine whose engines fail on request.
pub struct Machine {
    session: Session,
    disk: PowerCut,
    ledger: std::ops::Range<u64>,
    pub plan: Arc<Plan>,
    said: usize,
}

impl Machine {
    pub fn start(disk: &Disk, seed: u64) -> Self {
        let plan = Arc::new(Plan::default());
        let power = PowerCut::with_image(BLOCK as u32, Arc::clone(&disk.image));
        let options = Options { cores: 3, seed: Some(seed), ..Options::default() };
        let engines = Failing(Arc::clone(&plan), engines());
        let rig = Rig::new(options, true).with_disk(power.clone()).with_engines(Arc::new(engines));
        let ledger = disk.ledger.clone();
        Self { session: Session::on(rig).unwrap(), disk: power, ledger, plan, said: 0 }
    }

    /// What it says to a script.
    pub fn say(&mut self, script: &str) -> String {
        let text = self.session.run_script(script).unwrap();
        let new = text[self.said.min(text.len())..].to_owned();
        self.said = text.len();
        new
    }

    /// Takes so many steps.
    pub fn steps(&mut self, count: u64) {
        for _ in 0..count {
            if let Next::WaitUntil(until) = self.session.system().step() {
                self.session.system().wait(until);
            }
        }
    }

    /// Whether anything but the ledger was written.
    pub fn files_changed(&self) -> bool {
        self.disk.changed().iter().any(|block| !self.ledger.contains(block))
    }

    /// The records of the event log that are about updates.
    pub fn log(&mut self) -> String {
        let records = self.session.system().log().snapshot().0;
        records.iter().filter(|record| record.source == "ota").map(|record| format!("{record}\n")).collect()
    }
}
