//! One input: text, a binary document, or a module that a translator made.
//!
//! Whatever has no text gets one from the printer and is read again from it, so that every verb can show spans and
//! items; hashes are the same either way.

use crate::refusal;
use crate::{Answer, Form::*};
use alloc::string::{String, ToString};
use velocity_nda::graph::Slicer;
use velocity_nda::identity::Identities;
use velocity_nda::module::Module;
use velocity_nda::{compile, document, print};

/// How a program was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// NDA text.
    Text,
    /// A binary document: begins with `NDA1`.
    Document,
    /// A WebAssembly module: begins with a zero byte and `asm`.
    WebAssembly,
}

impl Form {
    /// The form of some bytes, by their first four.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [b'N', b'D', b'A', b'1', ..] => Document,
            [0, b'a', b's', b'm', ..] => WebAssembly,
            _ => Text,
        }
    }

    /// As a person says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Text => "text",
            Document => "document",
            WebAssembly => "wasm",
        }
    }
}

/// A program that was read.
#[derive(Debug)]
pub struct Program {
    /// What it is called in messages.
    pub name: String,
    /// How it was given.
    pub form: Form,
    /// Its text: as given, or printed.
    pub source: String,
    /// What it is, read from that text.
    pub module: Module,
    /// The hashes of its definitions.
    pub identities: Identities,
}

impl Program {
    /// Reads text or a binary document.
    ///
    /// # Errors
    /// The answer that shows why it cannot be read.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Answer> {
        match Form::of(bytes) {
            Document => {
                let view = document::View::open(bytes).map_err(|error| {
                    Answer::complaint(&error.to_string(), "pack the program again, or fetch it again")
                })?;
                let module = document::unpack(&view)
                    .map_err(|error| Answer::complaint(&error.to_string(), "pack the program again"))?;
                Self::of_module(name, Document, &module)
            }
            WebAssembly => Err(Answer::complaint(
                "this is a WebAssembly module, which is not read here",
                "translate it with the host tool: `nda pack FILE.wasm -o FILE.ndb`",
            )),
            Text => Self::of_text(name, Text, text(name, bytes)?.into()),
        }
    }

    /// A program made by a translator or read from a document.
    ///
    /// # Errors
    /// The answer that shows why it has no text.
    pub fn of_module(name: &str, form: Form, module: &Module) -> Result<Self, Answer> {
        let source = print(module)
            .map_err(|error| Answer::complaint(&error.to_string(), "the program cannot be shown as text"))?;
        Self::of_text(name, form, source)
    }

    fn of_text(name: &str, form: Form, source: String) -> Result<Self, Answer> {
        match compile(&source) {
            Ok(module) => {
                let identities = Identities::of(&module);
                Ok(Self { name: name.into(), form, source, module, identities })
            }
            Err(diagnostics) => Err(refusal::diagnostics(&diagnostics, name, &source)),
        }
    }

    /// Takes slices of it, and has its graph.
    #[must_use]
    pub fn slicer(&self) -> Slicer<'_> {
        Slicer::new(&self.source, &self.module)
    }
}

/// Bytes as text.
///
/// # Errors
/// The answer that names the first byte that is none.
pub(crate) fn text<'b>(name: &str, bytes: &'b [u8]) -> Result<&'b str, Answer> {
    core::str::from_utf8(bytes).map_err(|error| {
        let message = alloc::format!("{name} is no UTF-8 text: see byte {}", error.valid_up_to());
        Answer::complaint(&message, "programs are text, or binary documents that begin with `NDA1`")
    })
}
