//! `cargo xtask qemu`: the kernel in a virtual machine, typed at by a person or by a script.

pub mod exit;
pub mod machine;
pub mod monitor;
pub mod screenshot;
pub mod script;
pub mod session;

use crate::{
    Error, Result, build,
    cli::{self, Next, Recipe},
    disk,
    iso::{self, Contents, limine},
    process,
    tools::{self, Need},
    workspace::Workspace,
};
use exit::Ending;
use machine::{Firmware, Machine, Medium};
use session::Session;
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The recipe.
pub const RECIPE: Recipe =
    Recipe { name: "qemu", summary: "boot the kernel in QEMU; with a script, type it and end", help: HELP, run };

const HELP: &str = "cargo xtask qemu [options]

Without --script, --transcript and --screenshot the terminal is the machine's serial port (Ctrl-A X ends QEMU).

--firmware bios|uefi   which firmware starts the machine (bios)
--boot grub|limine|direct
                       which boot loader (grub); limine needs Limine's files, see `cargo xtask doctor`; direct is
                       none: QEMU enters the kernel by its PVH note, as Firecracker would; the screen stays off
--medium disk|cd       how the machine sees the boot image (disk)
--limine-entry N       with --boot limine: 1 Limine protocol (default), 2 Multiboot2, 3 UEFI chain-load
--smp N                number of cores (1)
--memory MIB           memory (256)
--disk IMG             NVMe disk, plain or .gz (fixtures/disks/default.img.gz); `none` for no disk
--write                let writes reach the disk's file
--headless             no window (nor has a scripted machine, or one on a host without a display)
--append WORDS         kernel command line, e.g. --append fault=divide
--script FILE          type FILE's lines, each at a prompt, then power off
--transcript FILE      write prompts and output to FILE
--screenshot FILE.png  take a picture of the screen before powering off
--timeout S            stop a scripted machine after S seconds (120)";

struct Options {
    firmware: Firmware,
    boot: String,
    medium: Medium,
    limine_entry: u32,
    cores: u32,
    memory_mib: u32,
    disk: Option<PathBuf>,
    write: bool,
    headless: bool,
    append: String,
    script: Option<PathBuf>,
    transcript: Option<PathBuf>,
    screenshot: Option<PathBuf>,
    timeout_s: u64,
}

impl Options {
    fn parse(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<Option<Self>> {
        let mut options = Self {
            firmware: Firmware::Bios,
            boot: "grub".to_owned(),
            medium: Medium::Disk,
            limine_entry: 1,
            cores: 1,
            memory_mib: 256,
            disk: Some(workspace.root.join(disk::DEFAULT_DISK)),
            write: false,
            headless: false,
            append: String::new(),
            script: None,
            transcript: None,
            screenshot: None,
            timeout_s: 120,
        };
        loop {
            let name = match cli::next_option(&RECIPE, parser)? {
                Next::Help => return Ok(None),
                Next::End => return Ok(Some(options)),
                Next::Arg(lexopt::Arg::Long(name)) => name.to_owned(),
                Next::Arg(arg) => return Err(Error::usage(RECIPE.name, arg.unexpected().to_string())),
            };
            options.set(&name, parser)?;
        }
    }

    fn set(&mut self, name: &str, parser: &mut lexopt::Parser) -> Result<()> {
        match name {
            "firmware" => self.firmware = cli::value(RECIPE.name, name, parser)?,
            "boot" => self.boot = cli::value(RECIPE.name, name, parser)?,
            "medium" => self.medium = cli::value(RECIPE.name, name, parser)?,
            "limine-entry" => self.limine_entry = cli::value(RECIPE.name, name, parser)?,
            "smp" => self.cores = cli::value(RECIPE.name, name, parser)?,
            "memory" => self.memory_mib = cli::value(RECIPE.name, name, parser)?,
            "timeout" => self.timeout_s = cli::value(RECIPE.name, name, parser)?,
            "append" => self.append = cli::value(RECIPE.name, name, parser)?,
            "disk" => {
                let path: PathBuf = cli::value(RECIPE.name, name, parser)?;
                self.disk = Some(path).filter(|path| path != Path::new("none"));
            }
            "script" => self.script = Some(cli::value(RECIPE.name, name, parser)?),
            "transcript" => self.transcript = Some(cli::value(RECIPE.name, name, parser)?),
            "screenshot" => self.screenshot = Some(cli::value(RECIPE.name, name, parser)?),
            "write" => self.write = true,
            "headless" => self.headless = true,
            _ => return Err(Error::usage(RECIPE.name, format!("there is no option --{name}"))),
        }
        Ok(())
    }

    fn is_scripted(&self) -> bool {
        self.script.is_some() || self.transcript.is_some() || self.screenshot.is_some()
    }
}

fn run(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    let Some(options) = Options::parse(workspace, parser)? else { return Ok(()) };
    tools::ensure(Need::Machines)?;
    let script = options.script.as_deref().map(script::read).transpose()?.unwrap_or_default();
    let machine = prepare(workspace, &options)?;
    if options.is_scripted() {
        scripted(workspace, &options, &machine, &script)
    } else {
        interactive(workspace, &machine)
    }
}

fn prepare(workspace: &Workspace, options: &Options) -> Result<Machine> {
    let mut contents = Contents::of(&build::kernel(workspace)?.packed);
    contents.append.clone_from(&options.append);
    contents.limine_entry = options.limine_entry;
    let image = match options.boot.as_str() {
        "direct" if options.firmware == Firmware::Bios => contents.kernel.clone(),
        "direct" => return Err(Error::usage(RECIPE.name, "--boot direct goes without UEFI: leave out --firmware")),
        "grub" => iso::grub::make(workspace, &contents, &workspace.target.join("xtask/qemu.iso"))?,
        "limine" => {
            let files = limine::find().ok_or_else(|| Error::usage(RECIPE.name, limine::NOT_FOUND))?;
            limine::make(workspace, &files, &contents, &workspace.target.join("xtask/qemu-limine.iso"))?
        }
        other => return Err(Error::usage(RECIPE.name, format!("--boot {other}: choose grub, limine or direct"))),
    };
    let is_packed = options.disk.as_ref().is_some_and(|disk| disk.extension().is_some_and(|ext| ext == "gz"));
    if options.write && is_packed {
        return Err(Error::usage(RECIPE.name, "--write needs a plain image; unpack the .gz first"));
    }
    let mut machine = Machine::new(options.firmware, &image);
    machine.medium = if options.boot == "direct" { Medium::Direct } else { options.medium };
    machine.append.clone_from(&options.append);
    machine.cores = options.cores;
    machine.memory_mib = options.memory_mib;
    machine.disk = options.disk.as_deref().map(|path| disk::plain(workspace, path, "qemu")).transpose()?;
    machine.write = options.write;
    machine.window = !options.headless && !options.is_scripted() && has_display();
    Ok(machine)
}

/// Whether a window can be opened; said when not, because the machine then shows on the serial line only.
fn has_display() -> bool {
    let named = |name| env::var_os(name).is_some_and(|value: OsString| !value.is_empty());
    let found = cfg!(target_os = "macos") || named("DISPLAY") || named("WAYLAND_DISPLAY");
    if !found {
        println!("no display: running without a window; Ctrl-A X ends QEMU");
    }
    found
}

fn interactive(workspace: &Workspace, machine: &Machine) -> Result<()> {
    let scratch = workspace.scratch("xtask/qemu")?;
    let mut command = machine.command(workspace, &scratch)?;
    command.args(["-serial", "mon:stdio"]);
    let next = "docs/exit-codes.md explains the exit status; --headless avoids opening a window";
    let status = command.status().map_err(Error::io("starting qemu-system-x86_64"))?;
    match Ending::of(status.code().unwrap_or(-1), false) {
        Ending::PowerOff => Ok(()),
        ending => {
            Err(Error::Failed { command: process::show(&command), status: ending.to_string(), next: next.to_owned() })
        }
    }
}

fn scripted(workspace: &Workspace, options: &Options, machine: &Machine, script: &[String]) -> Result<()> {
    let mut session = Session::start(workspace, machine, Duration::from_secs(options.timeout_s))?;
    session.run_script(script)?;
    let transcript = session.transcript();
    match &options.transcript {
        Some(path) => fs::write(path, &transcript).map_err(Error::io(format!("writing {}", path.display())))?,
        None => print!("{transcript}"),
    }
    if let Some(path) = &options.screenshot {
        session.screenshot(path)?;
    }
    match session.power_off() {
        Ending::PowerOff => Ok(()),
        ending => Err(session.failure(format!("it should have powered off, but: {ending}"))),
    }
}
