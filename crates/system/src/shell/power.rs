//! `reboot` and `poweroff`.

use super::{Services, ShellError, Start, Task, Turn, command::Command, expect_none};
use alloc::string::String;

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "poweroff",
        usage: "poweroff",
        summary: "switch the machine off",
        details: "",
        takes_paths: false,
        start: |services, arguments| leave(services, arguments, &POWER_OFF),
    },
    Command {
        name: "reboot",
        usage: "reboot",
        summary: "start the machine anew",
        details: "",
        takes_paths: false,
        start: |services, arguments| leave(services, arguments, &REBOOT),
    },
];

const POWER_OFF: Leave = Leave { usage: "poweroff", farewell: "Switching off.", turn: Turn::PowerOff };
const REBOOT: Leave = Leave { usage: "reboot", farewell: "Starting anew.", turn: Turn::Reboot };

/// The last thing a machine does; a task, so that the farewell is out before the disks stop.
#[derive(Clone, Copy)]
struct Leave {
    usage: &'static str,
    farewell: &'static str,
    turn: Turn,
}

fn leave(services: &mut Services<'_>, arguments: &[String], how: &Leave) -> Result<Start, ShellError> {
    expect_none(arguments, how.usage)?;
    services.out.line(format_args!("{}", how.farewell));
    Ok(Start::task(*how))
}

impl Task for Leave {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        services.storage.shut_down(services.platform);
        Ok(self.turn)
    }
}
