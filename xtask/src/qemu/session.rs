//! A running virtual machine that is typed at: serial port on pipes, QMP on a socket, every wait bounded.

use super::{exit::Ending, machine::Machine, monitor::Monitor, screenshot};
use crate::{Error, Result, process, workspace::Workspace};
use serde_json::json;
use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};
use velocity_terminal::Transcript;

/// Lines of serial output shown with an error.
const TAIL_LINES: usize = 30;

/// Serial output kept for reports; a machine that talks for ever is cut, not followed.
const MAX_SERIAL_BYTES: usize = 8 << 20;

/// Between two keys.
const KEY_PAUSE: Duration = Duration::from_millis(60);

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A machine under control of this process; dropped, it is stopped and its files are removed.
pub struct Session {
    child: Child,
    keyboard: ChildStdin,
    serial: Receiver<Vec<u8>>,
    monitor: Monitor,
    scratch: PathBuf,
    /// Everything the serial port said.
    heard: Vec<u8>,
    transcript: Transcript,
    started: Instant,
    deadline: Instant,
}

impl Session {
    /// Starts `machine`; whatever happens, it has ended `limit` from now.
    ///
    /// # Errors
    /// When QEMU does not start or its control socket does not answer.
    pub fn start(workspace: &Workspace, machine: &Machine, limit: Duration) -> Result<Self> {
        // Socket paths are limited to about 100 bytes, so the files do not live under target/.
        let name = format!("velocity-vm-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let scratch = std::env::temp_dir().join(name);
        fs::create_dir_all(&scratch).map_err(Error::io(format!("making {}", scratch.display())))?;
        let socket = scratch.join("qmp");
        let mut command = machine.command(workspace, &scratch)?;
        command.args(["-serial", "stdio", "-qmp", &format!("unix:{},server=on,wait=off", socket.display())]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().map_err(|_| Error::Missing {
            program: "qemu-system-x86_64".to_owned(),
            next: "`cargo xtask doctor` names the package".to_owned(),
        })?;
        let (Some(keyboard), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Vm { what: "QEMU has no serial port".to_owned(), serial_tail: String::new() });
        };
        let serial = follow(output);
        let monitor = match Monitor::connect(&socket) {
            Ok(monitor) => monitor,
            Err(error) => return Err(start_failure(&mut child, &process::show(&command), error)),
        };
        let (heard, transcript) = (Vec::new(), Transcript::new());
        Ok(Self { child, keyboard, serial, monitor, scratch, heard, transcript, started, deadline: started + limit })
    }

    /// Waits for the prompt number `count` (from 1) and tells when it came, counted from the start of the process.
    ///
    /// # Errors
    /// [`Error::Vm`] with the end of the serial output when the machine ends or time is up first.
    pub fn wait_for_prompt(&mut self, count: usize) -> Result<Duration> {
        self.wait_until(&format!("prompt {count}"), |session| session.transcript.prompts_seen() >= count)
    }

    /// Waits until the serial port has said `text`.
    ///
    /// # Errors
    /// As [`Session::wait_for_prompt`].
    pub fn wait_for_text(&mut self, text: &str) -> Result<Duration> {
        self.wait_until(&format!("{text:?}"), |session| contains(&session.heard, text.as_bytes()))
    }

    fn wait_until(&mut self, what: &str, done: impl Fn(&Self) -> bool) -> Result<Duration> {
        while !done(self) {
            let left = self.deadline.saturating_duration_since(Instant::now());
            match self.serial.recv_timeout(left) {
                Ok(bytes) => self.hear(&bytes),
                Err(RecvTimeoutError::Timeout) => {
                    let waited = self.started.elapsed().as_secs();
                    return Err(self.failure(format!("{what} did not come within {waited} s")));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let ending = self.wait_end();
                    return Err(self.failure(format!("ended ({ending}) before {what}")));
                }
            }
        }
        Ok(self.started.elapsed())
    }

    fn hear(&mut self, bytes: &[u8]) {
        let room = MAX_SERIAL_BYTES - self.heard.len();
        let bytes = &bytes[..bytes.len().min(room)];
        self.heard.extend_from_slice(bytes);
        self.transcript.feed(bytes);
    }

    /// Types `line` and Enter.
    ///
    /// # Errors
    /// [`Error::Vm`] when the machine is gone.
    pub fn type_line(&mut self, line: &str) -> Result<()> {
        self.type_bytes(format!("{line}\r").as_bytes())
    }

    /// Types bytes as they are.
    ///
    /// # Errors
    /// As [`Session::type_line`].
    pub fn type_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let typed = self.keyboard.write_all(bytes).and_then(|()| self.keyboard.flush());
        typed.map_err(|error| self.failure(format!("typing {:?}: {error}", bytes.escape_ascii().to_string())))
    }

    /// Types every line of `script`, each at a prompt, and waits for the prompt after the last one, if it comes.
    ///
    /// # Errors
    /// As [`Session::wait_for_prompt`]; a machine that ends after the last line is no error.
    pub fn run_script(&mut self, script: &[String]) -> Result<()> {
        self.wait_for_prompt(1)?;
        for (index, line) in script.iter().enumerate() {
            self.type_line(line)?;
            let next = self.wait_for_prompt(index + 2);
            let ended = next.is_err() && self.child.try_wait().is_ok_and(|status| status.is_some());
            if !(ended && index + 1 == script.len()) {
                next?;
            }
        }
        Ok(())
    }

    /// The transcript so far.
    #[must_use]
    pub fn transcript(&self) -> String {
        self.transcript.clone().finish()
    }

    /// Everything the serial port said so far.
    #[must_use]
    pub fn serial_text(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }

    /// Takes a picture of the screen.
    ///
    /// # Errors
    /// When QEMU or the file system refuses.
    pub fn screenshot(&mut self, out: &Path) -> Result<()> {
        screenshot::take(&mut self.monitor, &self.scratch, out)
    }

    /// Presses and releases keys of the emulated keyboard, by QEMU's names (`a`, `ret`, `shift`).
    ///
    /// # Errors
    /// When QEMU refuses.
    pub fn press_keys(&mut self, keys: &[&str]) -> Result<()> {
        for key in keys {
            let keys = json!([{ "type": "qcode", "data": key }]);
            self.monitor.execute("send-key", json!({ "keys": keys, "hold-time": 20 }))?;
            // The emulated keyboard's queue holds 16 bytes; a person is slower than that.
            thread::sleep(KEY_PAUSE);
        }
        Ok(())
    }

    /// How many different colours the screen shows.
    ///
    /// # Errors
    /// When QEMU cannot take a picture.
    pub fn screen_colours(&mut self) -> Result<usize> {
        screenshot::colours(&mut self.monitor, &self.scratch)
    }

    /// Powers the machine off from its shell, if it still runs, and tells how it ended.
    pub fn power_off(&mut self) -> Ending {
        // A machine that is gone already takes no line; how it ended is told all the same.
        let _ = self.type_line("poweroff");
        self.wait_end()
    }

    /// Waits for the end, until the time limit; then the machine is stopped.
    pub fn wait_end(&mut self) -> Ending {
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break status.code().unwrap_or(-1),
                Ok(None) if Instant::now() < self.deadline => {}
                _ => {
                    self.stop();
                    return Ending::TimedOut;
                }
            }
            match self.serial.recv_timeout(Duration::from_millis(10)) {
                Ok(bytes) => self.hear(&bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(2)),
            }
        };
        while let Ok(bytes) = self.serial.recv_timeout(Duration::from_millis(200)) {
            self.hear(&bytes);
        }
        Ending::of(status, self.monitor.was_restarted())
    }

    /// An error that says `what` and shows the end of the serial output.
    #[must_use]
    pub fn failure(&self, what: String) -> Error {
        Error::Vm { what, serial_tail: process::tail(&readable(&self.heard), TAIL_LINES) }
    }

    fn stop(&mut self) {
        // Errors mean that it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop();
        // What cannot be removed lies in the system's folder for temporary files.
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

fn follow(mut output: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(len @ 1..) = output.read(&mut buffer) {
            if sender.send(buffer[..len].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

fn start_failure(child: &mut Child, command: &str, error: Error) -> Error {
    let _ = child.kill();
    let mut words = String::new();
    let read = child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut words));
    match (read, words.trim()) {
        (Some(Ok(_)), words) if !words.is_empty() => {
            Error::Failed { command: command.to_owned(), status: words.to_owned(), next: error.to_string() }
        }
        _ => error,
    }
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

/// Serial output without escape sequences and carriage returns.
fn readable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => {
                // CSI ends with a byte from '@' to '~'; the '[' after ESC is no end.
                let _ = chars.by_ref().skip(1).find(|c| ('@'..='~').contains(c));
            }
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_drops_sequences_and_keeps_lines() {
        assert_eq!(readable(b"\x1b[2J\x1b[01;01Ha\r\nb\x07\x1b[1;36mc"), "a\nbc");
    }

    #[test]
    fn part_of_a_stream_is_found() {
        assert!(contains(b"xxabcxx", b"abc") && !contains(b"ab", b"abc"));
    }
}
