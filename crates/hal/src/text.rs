//! A byte stream to a person: serial line or host terminal.

/// Takes terminal output: UTF-8 with `\r\n` line ends and the few ANSI sequences that `velocity-terminal` writes.
pub trait TextPort: Send {
    /// Writes all of `bytes`; a port that is gone swallows them.
    fn write(&mut self, bytes: &[u8]);
}
