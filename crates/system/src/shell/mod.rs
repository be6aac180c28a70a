//! The shell: reads a line, finds the command, runs it turn by turn.
//!
//! Commands are in one file per group, the table of them in `command`. Invariant: every call of [`Shell::step`] does a
//! bounded amount of work, and a running command sees Ctrl-C between any two turns.

mod agents;
mod board;
mod command;
mod complete;
mod cores;
mod disasm;
mod error;
mod files;
mod hardware;
mod help;
mod jit;
mod journal;
mod load;
mod ota;
mod power;
mod program;
mod task;
mod text;
mod verbs;

pub(crate) use error::ShellError;
pub(crate) use task::{Start, Task, Turn};

use crate::{
    agents::Agents, keyboard::Keyboard, patches::Patches, platform::Platform, storage::Storage, terminal::Terminal,
};
use alloc::{boxed::Box, string::String, vec::Vec};
use complete::ShellCompleter;
use velocity_terminal::{LineEditor, Outcome, split};

/// Keys edited a step.
const KEYS_A_STEP: usize = 256;

/// What a command may use.
pub(crate) struct Services<'a> {
    /// Where output goes.
    pub out: &'a mut Terminal,
    /// Disks and volumes.
    pub storage: &'a mut Storage,
    /// Programs that go on beside the prompt.
    pub agents: &'a mut Agents,
    /// The board, and updates of what drivers ask.
    pub patches: &'a mut Patches,
    /// The rest of the machine.
    pub platform: &'a Platform,
}

/// The shell's state between steps.
pub(crate) struct Shell {
    editor: LineEditor,
    echo: Vec<u8>,
    running: Option<Running>,
}

/// A command that is not over.
struct Running {
    name: &'static str,
    task: Box<dyn Task>,
}

impl Shell {
    /// A shell that has not prompted yet.
    pub(crate) fn new() -> Self {
        Self { editor: LineEditor::new(), echo: Vec::new(), running: None }
    }

    /// Whether no command runs.
    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_none()
    }

    /// Shows the prompt on a line of its own.
    pub(crate) fn prompt(&mut self, out: &mut Terminal) {
        out.fresh_line();
        self.editor.prompt(&mut self.echo);
        self.echo_to(out);
    }

    /// The same, behind what agents have printed.
    fn again(&mut self, services: &mut Services<'_>) {
        services.out.fresh_line();
        services.agents.show(None, services.out);
        self.prompt(services.out);
    }

    /// Gives the running command a turn, or the keys to the line editor. [`Turn::Done`] says that there is nothing to do.
    pub(crate) fn step(&mut self, keyboard: &mut Keyboard, services: &mut Services<'_>) -> Turn {
        if self.running.is_some() { self.run(keyboard, services) } else { self.edit(keyboard, services) }
    }

    fn run(&mut self, keyboard: &mut Keyboard, services: &mut Services<'_>) -> Turn {
        let Some(mut running) = self.running.take() else { return Turn::Done };
        if keyboard.take_interrupt() {
            services.out.fresh_line();
            services.out.line(format_args!("{}: interrupted", running.name));
            self.again(services);
            return Turn::Again;
        }
        match running.task.turn(services) {
            Ok(Turn::Done) => self.again(services),
            Ok(turn) => {
                self.running = Some(running);
                return turn;
            }
            Err(error) => self.fail(running.name, &error, services),
        }
        Turn::Again
    }

    fn edit(&mut self, keyboard: &mut Keyboard, services: &mut Services<'_>) -> Turn {
        for _ in 0..KEYS_A_STEP {
            let Some(key) = keyboard.next() else { return Turn::Done };
            let mut completer = ShellCompleter { storage: services.storage };
            let outcome = self.editor.feed(key, &mut completer, &mut self.echo);
            self.echo_to(services.out);
            match outcome {
                Outcome::Pending => continue,
                Outcome::Line(line) => self.begin(&line, services),
                Outcome::Interrupt => self.again(services),
                Outcome::EndOfInput => {
                    services.out.line(format_args!("`poweroff` switches the machine off."));
                    self.again(services);
                }
            }
            break;
        }
        Turn::Again
    }

    fn begin(&mut self, line: &str, services: &mut Services<'_>) {
        let words = match split(line) {
            Ok(words) => words,
            Err(error) => return self.fail(crate::SHELL_NAME, &error.into(), services),
        };
        let Some((name, arguments)) = words.split_first() else { return self.again(services) };
        let command = match command::find(name) {
            Ok(command) => command,
            Err(error) => return self.fail(crate::SHELL_NAME, &error, services),
        };
        if command.takes_paths {
            services.storage.mount_what_failed(services.platform);
        }
        match (command.start)(services, arguments) {
            Ok(Start::Done) => self.again(services),
            Ok(Start::Running(task)) => self.running = Some(Running { name: command.name, task }),
            Err(error) => self.fail(command.name, &error, services),
        }
    }

    fn fail(&mut self, who: &str, error: &ShellError, services: &mut Services<'_>) {
        report(who, error, services.out);
        self.again(services);
    }

    fn echo_to(&mut self, out: &mut Terminal) {
        out.echo(&self.echo);
        self.echo.clear();
    }
}

/// Prints an error on lines of its own.
fn report(who: &str, error: &ShellError, out: &mut Terminal) {
    out.fresh_line();
    out.line(format_args!("{who}: {error}"));
}

/// For commands without arguments.
fn expect_none(arguments: &[String], usage: &'static str) -> Result<(), ShellError> {
    if arguments.is_empty() { Ok(()) } else { Err(ShellError::Usage { usage }) }
}
