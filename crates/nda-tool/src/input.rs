//! Files and standard input.

use crate::cli::Failure;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use velocity_gate::{Origin, Policy};
use velocity_workbench::{Answer, Form, Judged, Program};

/// The most bytes that are read, for one input (64 MiB).
const MOST: u64 = 64 << 20;

/// One input.
pub struct Input {
    /// What it is called in messages.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Input {
    /// The content of a file; of standard input for `-` or none.
    pub fn read(word: Option<&OsStr>) -> Result<Self, Failure> {
        let Some(file) = word.filter(|word| *word != "-") else {
            let name = "standard input";
            let mut bytes = Vec::new();
            let read = io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes);
            read.map_err(|error| Failure::io("read", name, &error))?;
            return Self::within(name, bytes);
        };
        let name = file.to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        let opened = fs::File::open(file).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
        opened.map_err(|error| Failure::io("read", &name, &error))?;
        Self::within(&name, bytes)
    }

    fn within(name: &str, bytes: Vec<u8>) -> Result<Self, Failure> {
        if bytes.len() as u64 > MOST {
            let error = io::Error::other(format!("it has more than the {MOST} bytes that are read"));
            return Err(Failure::io("read", name, &error));
        }
        Ok(Self { name: name.to_owned(), bytes })
    }

    /// The program it holds, whatever its form.
    pub fn program(&self) -> Result<Program, Answer> {
        if Form::of(&self.bytes) == Form::WebAssembly {
            self.translated()
        } else {
            Program::read(&self.name, &self.bytes)
        }
    }

    /// What the gate says of it, whatever its form.
    pub fn judged(&self, origin: Origin, policy: &Policy) -> Result<Judged, Answer> {
        if Form::of(&self.bytes) == Form::WebAssembly {
            return Ok(Judged::of(self.translated()?, origin, policy));
        }
        Judged::read(&self.name, &self.bytes, origin, policy)
    }

    fn translated(&self) -> Result<Program, Answer> {
        let module = velocity_translate::translate(&self.bytes).map_err(|error| {
            Answer::complaint(&format!("{}: {error}", self.name), "only core modules can be translated")
        })?;
        Program::of_module(&self.name, Form::WebAssembly, &module)
    }
}
