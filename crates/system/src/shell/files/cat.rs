//! `cat`.

use super::{FileReader, Files};
use crate::shell::{Services, ShellError, Start, command::Command, text::TextStream};
use alloc::string::String;

const USAGE: &str = "cat FILE...";

/// The command.
pub(super) const COMMAND: Command = Command {
    name: "cat",
    usage: USAGE,
    summary: "show files as text",
    details: "Control characters are shown as \\x1b and the like, bytes that are not UTF-8 as \u{fffd}.",
    takes_paths: true,
    start,
};

fn start(_: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    if arguments.is_empty() {
        return Err(ShellError::Usage { usage: USAGE });
    }
    Ok(Start::task(Files::new(arguments, Cat::default())))
}

/// Shows bytes as they come.
#[derive(Default)]
struct Cat {
    stream: TextStream,
    text: String,
}

impl FileReader for Cat {
    const NAME: &'static str = "cat";
    /// A slow serial line shows this much in a third of a second, the longest that Ctrl-C then has to wait.
    const READ_BYTES: usize = 4096;

    fn bytes(&mut self, bytes: &[u8], services: &mut Services<'_>) {
        self.stream.push(bytes, &mut self.text);
        services.out.print(&self.text);
        self.text.clear();
    }

    fn end(&mut self, _path: &str, services: &mut Services<'_>) {
        self.stream.finish(&mut self.text);
        services.out.print(&self.text);
        self.text.clear();
    }

    fn abandon(&mut self) {
        self.stream = TextStream::default();
    }
}
