//! A run of the simulator as a program: window, terminal, machine, and the files it leaves behind.
//!
//! The machine runs on a thread of its own with a stack of known size; the first thread belongs to the window.

use crate::drive::{End, Lines, drive};
use crate::error::SimError;
use crate::host_terminal::{HostPort, RawMode, read_bytes, read_lines};
use crate::options::Options;
use crate::plug::Plug;
use crate::rig::{Rig, SCREEN, SYSTEM_STACK_BYTES};
use crate::script;
use crate::window::Window;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use velocity_hal::InputEvent;
use velocity_jit::HostCode;

/// How often a full input queue is tried again when text is pasted into the terminal.
const PASTE_RETRY: Duration = Duration::from_millis(2);

/// What both threads see.
#[derive(Clone, Default)]
struct Shared {
    plug: Plug,
    /// The machine is off for good.
    over: Arc<AtomicBool>,
    /// The window was closed.
    closed: Arc<AtomicBool>,
}

/// Runs machines as `options` describe them until one is switched off.
///
/// # Errors
/// [`SimError`] when a file cannot be used; whatever happens inside the machine is no error.
pub fn run(options: Options) -> Result<(), SimError> {
    HostCode::prepare();
    let script = options.script.as_deref().map(read_script).transpose()?;
    let rig = Arc::new(Rig::new(options.clone(), options.transcript.is_some()));
    let window = if options.headless { None } else { open_window(&rig) };
    let shared = Shared::default();
    let raw = RawMode::enter();
    let lines = match script {
        Some(text) => Lines::Script(script::commands(&text)),
        None => keyboard_of_host(raw.is_some(), window.is_some(), &shared.plug).map_err(SimError::Thread)?,
    };
    let machine = start_thread(Arc::clone(&rig), lines, shared.clone())?;
    if let Some(window) = window {
        window.run(&shared.plug, &shared.over);
        shared.closed.store(true, Ordering::Release);
        shared.plug.nudge();
    }
    let ended = machine.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    drop(raw);
    ended?;
    save(&rig, &options)
}

/// Runs machines one after the other until one is not started anew.
fn start_thread(
    rig: Arc<Rig>,
    mut lines: Lines,
    shared: Shared,
) -> Result<thread::JoinHandle<Result<(), SimError>>, SimError> {
    let run = move || {
        let ended = run_machines(&rig, &mut lines, &shared);
        shared.over.store(true, Ordering::Release);
        ended
    };
    let builder = thread::Builder::new().name("system".into()).stack_size(SYSTEM_STACK_BYTES);
    builder.spawn(run).map_err(SimError::Thread)
}

fn run_machines(rig: &Rig, lines: &mut Lines, shared: &Shared) -> Result<(), SimError> {
    loop {
        let (mut system, input) = rig.start(Some(Box::new(HostPort::new())))?;
        shared.plug.connect(input.clone());
        if drive(&mut system, lines, &input, &shared.closed) != End::Reboot {
            return Ok(());
        }
    }
}

/// Lets the host's terminal type: byte by byte in raw mode, else line by line.
fn keyboard_of_host(is_raw: bool, has_window: bool, plug: &Plug) -> std::io::Result<Lines> {
    let plug = plug.clone();
    if is_raw {
        read_bytes(move |bytes| bytes.iter().for_each(|byte| push_patiently(&plug, *byte)))?;
        return Ok(Lines::None);
    }
    let lines = read_lines(move || plug.nudge())?;
    Ok(Lines::Piped { lines, ends_machine: !has_window })
}

/// Pushes a byte, waiting while the queue is full, so that pasted text arrives whole.
fn push_patiently(plug: &Plug, byte: u8) {
    while !plug.push(InputEvent::Byte { port: 0, byte }) {
        thread::sleep(PASTE_RETRY);
    }
}

fn open_window(rig: &Rig) -> Option<Window> {
    match Window::open(rig.screen().clone(), SCREEN) {
        Ok(window) => Some(window),
        Err(error) => {
            eprintln!("sim: no window ({error}); going on in this terminal");
            None
        }
    }
}

fn read_script(path: &Path) -> Result<String, SimError> {
    let advice = "a script is a text file with one command a line";
    fs::read_to_string(path).map_err(|error| SimError::File { role: "script", path: path.into(), error, advice })
}

/// Writes what `--transcript` and `--screenshot` ask for.
fn save(rig: &Rig, options: &Options) -> Result<(), SimError> {
    if let Some(path) = &options.transcript {
        fs::write(path, rig.transcript()).map_err(|error| {
            let advice = "name a file in a folder that you may write to";
            SimError::File { role: "transcript", path: path.clone(), error, advice }
        })?;
    }
    match &options.screenshot {
        Some(path) => rig.picture().save(path),
        None => Ok(()),
    }
}
