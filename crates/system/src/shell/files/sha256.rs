//! `sha256`.

use super::{FileReader, Files};
use crate::shell::{Services, ShellError, Start, command::Command};
use alloc::string::String;
use velocity_base::Hasher;

const USAGE: &str = "sha256 FILE...";

/// The command.
pub(super) const COMMAND: Command = Command {
    name: "sha256",
    usage: USAGE,
    summary: "show the SHA-256 of files",
    details: "One line a file: the hash, two spaces, the path as it was given.",
    takes_paths: true,
    start,
};

fn start(_: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    if arguments.is_empty() {
        return Err(ShellError::Usage { usage: USAGE });
    }
    Ok(Start::task(Files::new(arguments, Sha256::default())))
}

/// Hashes bytes as they come.
#[derive(Default)]
struct Sha256 {
    hasher: Hasher,
}

impl FileReader for Sha256 {
    const NAME: &'static str = "sha256";
    const READ_BYTES: usize = 64 * 1024;

    fn bytes(&mut self, bytes: &[u8], _: &mut Services<'_>) {
        self.hasher.update(bytes);
    }

    fn end(&mut self, path: &str, services: &mut Services<'_>) {
        let hash = core::mem::take(&mut self.hasher).finish();
        services.out.line(format_args!("{hash}  {path}"));
    }

    fn abandon(&mut self) {
        self.hasher = Hasher::default();
    }
}
