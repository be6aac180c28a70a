//! `mem`, `pci`, `disk`: what the machine is made of.

use super::{Services, ShellError, Start, command::Command, expect_none};
use alloc::string::String;
use velocity_hal::MemoryUsage;
use velocity_pci::{Bar, class_name};

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "mem",
        usage: "mem",
        summary: "show how memory is used",
        details: "",
        takes_paths: false,
        start: mem,
    },
    Command {
        name: "pci",
        usage: "pci",
        summary: "list the PCI functions",
        details: "",
        takes_paths: false,
        start: pci,
    },
    Command {
        name: "disk",
        usage: "disk",
        summary: "list disks, partitions and volumes, with what is wrong with them",
        details: "A volume is used by its number: `ls 1:/`. Volume 0 is the root, so `/x` and `0:/x` are the same file.",
        takes_paths: false,
        start: disk,
    },
];

fn mem(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "mem")?;
    let usage = services.platform.memory.usage();
    let MemoryUsage { total, heap, heap_used, stacks, page_tables, code, queues, screen } = usage;
    let rows = [
        ("heap", heap),
        ("stacks", stacks),
        ("page tables", page_tables),
        ("code and data", code),
        ("device queues", queues),
        ("sum in use", usage.in_use()),
        ("screen buffers", screen),
        ("machine", total),
    ];
    for (name, bytes) in rows {
        let kib = bytes.div_ceil(1024);
        match name {
            "heap" => services
                .out
                .line(format_args!("{name:<14}  {kib:>10} KiB  ({} KiB allocated)", heap_used.div_ceil(1024))),
            _ => services.out.line(format_args!("{name:<14}  {kib:>10} KiB")),
        }
    }
    Ok(Start::Done)
}

fn pci(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "pci")?;
    for function in &services.platform.functions {
        let function = services.platform.with_bars(function);
        let velocity_pci::Function { address, vendor, device, class, .. } = &function;
        services.out.line(format_args!("{address}  {vendor:04x}:{device:04x}  {}", class_name(*class)));
        for (register, bar) in function.bars.iter().enumerate() {
            let Some(bar) = bar else { continue };
            services.out.line(format_args!("              {}", BarLine { register, bar }));
        }
    }
    if services.platform.functions.is_empty() {
        services.out.line(format_args!("no PCI functions found; `dmesg` tells how the bus was looked for"));
    }
    Ok(Start::Done)
}

/// One BAR in words.
struct BarLine<'a> {
    register: usize,
    bar: &'a Bar,
}

impl core::fmt::Display for BarLine<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let register = self.register;
        match *self.bar {
            Bar::Memory { base, len, .. } => {
                write!(f, "BAR {register}: {} KiB of memory at {:#x}", len.div_ceil(1024), base.0)
            }
            Bar::Io { port, len } => write!(f, "BAR {register}: {len} ports at {port:#x}"),
        }
    }
}

fn disk(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "disk")?;
    services.storage.describe(services.out);
    Ok(Start::Done)
}
