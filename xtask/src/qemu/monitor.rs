//! QEMU's control socket (QMP): why the machine ended, pictures of its screen, the order to stop.
//!
//! QMP is one JSON object a line: a greeting, then answers (`return` or `error`) mixed with events.

use crate::{Error, Result};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::Path,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

const ANSWER_TIME: Duration = Duration::from_secs(20);

/// A connection to a running QEMU.
#[derive(Debug)]
pub struct Monitor {
    socket: UnixStream,
    lines: Receiver<Value>,
    restarted: bool,
}

impl Monitor {
    /// Connects once QEMU has made the socket, which is within the first moments of its life.
    ///
    /// # Errors
    /// [`Error::Io`] when there is no socket after 20 seconds, [`Error::Vm`] when it does not answer.
    pub fn connect(path: &Path) -> Result<Self> {
        let deadline = Instant::now() + ANSWER_TIME;
        let socket = loop {
            match UnixStream::connect(path) {
                Ok(socket) => break socket,
                Err(source) if Instant::now() > deadline => {
                    return Err(Error::Io { what: "connecting to QEMU's control socket".to_owned(), source });
                }
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        };
        let reader = socket.try_clone().map_err(Error::io("QEMU's control socket"))?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let values = BufReader::new(reader).lines().map_while(|line| line.ok());
            values.filter_map(|line| serde_json::from_str(&line).ok()).try_for_each(|value| sender.send(value))
        });
        let mut monitor = Self { socket, lines, restarted: false };
        monitor.execute("qmp_capabilities", json!({}))?;
        Ok(monitor)
    }

    /// Runs one command and waits for its answer.
    ///
    /// # Errors
    /// [`Error::Vm`] with QEMU's words when it refuses or does not answer.
    pub fn execute(&mut self, command: &str, arguments: Value) -> Result<Value> {
        let line = format!("{}\n", json!({ "execute": command, "arguments": arguments }));
        self.socket.write_all(line.as_bytes()).map_err(Error::io(format!("sending `{command}` to QEMU")))?;
        let deadline = Instant::now() + ANSWER_TIME;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(value) = self.lines.recv_timeout(left) else {
                return Err(vm_error(format!("QEMU gave no answer to `{command}`")));
            };
            self.note(&value);
            if let Some(answer) = value.get("return") {
                return Ok(answer.clone());
            }
            if let Some(error) = value.get("error") {
                return Err(vm_error(format!("QEMU refused `{command}`: {error}")));
            }
        }
    }

    /// Whether the machine asked for a restart, as far as events tell by now; called after QEMU has ended, it waits
    /// for the rest of them.
    pub fn was_restarted(&mut self) -> bool {
        while let Ok(value) = self.lines.recv_timeout(Duration::from_millis(500)) {
            self.note(&value);
        }
        self.restarted
    }

    fn note(&mut self, value: &Value) {
        self.restarted |= value["event"] == "SHUTDOWN" && value["data"]["reason"] == "guest-reset";
    }
}

fn vm_error(what: String) -> Error {
    Error::Vm { what, serial_tail: String::new() }
}
