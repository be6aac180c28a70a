//! `help`: made from the table of commands, so that it cannot forget one.

use super::{
    Services, ShellError, Start,
    command::{self, Command},
};
use alloc::string::String;

const USAGE: &str = "help [COMMAND]";

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[Command {
    name: "help",
    usage: USAGE,
    summary: "list the commands, or explain one",
    details: "",
    takes_paths: false,
    start: help,
}];

fn help(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    match arguments {
        [] => list(services),
        [name] => explain(services, name)?,
        _ => return Err(ShellError::Usage { usage: USAGE }),
    }
    Ok(Start::Done)
}

fn list(services: &mut Services<'_>) {
    let width = command::all().map(|command| command.usage.len()).max().unwrap_or(0);
    for command in command::all() {
        services.out.line(format_args!("{:width$}  {}", command.usage, command.summary));
    }
    services.out.line(format_args!("Tab completes, the up key recalls, Ctrl-C stops a command."));
}

fn explain(services: &mut Services<'_>, name: &str) -> Result<(), ShellError> {
    let command = command::find(name)?;
    services.out.line(format_args!("{}: {}", command.usage, command.summary));
    if !command.details.is_empty() {
        services.out.line(format_args!("{}", command.details));
    }
    Ok(())
}
