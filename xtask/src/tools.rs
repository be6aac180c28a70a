//! The programs and files that the recipes need, how to find them and what package brings them.
//!
//! [`TOOLS`] is the only list; `doctor` prints it, [`ensure`] installs from it through apt where that is allowed and
//! otherwise names the one line for the system's package manager.

use crate::{Error, Result, process};
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// How a tool is found.
#[derive(Clone, Copy, Debug)]
pub enum Probe {
    /// The first of these programs that exists; the argument makes it tell its version, an empty one means that none does.
    Program(&'static [&'static str], &'static str),
    /// The first of these files or folders that exists.
    File(&'static [&'static str]),
}

/// Something a recipe needs.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// Its usual name.
    pub name: &'static str,
    /// What it is needed for.
    pub purpose: &'static str,
    /// How it is found.
    pub probe: Probe,
    /// Package names for apt, dnf, pacman and brew, in this order.
    pub packages: [&'static str; 4],
}

/// Firmware images for UEFI: code and the variable store that goes with it.
pub const OVMF: &[(&str, &str)] = &[
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
    ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    ("/usr/share/edk2-ovmf/x64/OVMF_CODE.fd", "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd"),
    ("/opt/homebrew/share/qemu/edk2-x86_64-code.fd", "/opt/homebrew/share/qemu/edk2-i386-vars.fd"),
    ("/usr/local/share/qemu/edk2-x86_64-code.fd", "/usr/local/share/qemu/edk2-i386-vars.fd"),
    ("/usr/share/qemu/edk2-x86_64-code.fd", "/usr/share/qemu/edk2-i386-vars.fd"),
];

const OVMF_CODE: &[&str] = &[OVMF[0].0, OVMF[1].0, OVMF[2].0, OVMF[3].0, OVMF[4].0, OVMF[5].0, OVMF[6].0, OVMF[7].0];

const MTOOLS: &str = "mtools";
const DOSFSTOOLS: &str = "dosfstools";

/// Everything `cargo xtask test` needs beyond Rust and a linker.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "qemu-system-x86_64",
        purpose: "runs the virtual machine",
        probe: Probe::Program(&["qemu-system-x86_64"], "--version"),
        packages: ["qemu-system-x86", "qemu-system-x86-core", "qemu-system-x86", "qemu"],
    },
    Tool {
        name: "OVMF",
        purpose: "UEFI firmware for the virtual machine",
        probe: Probe::File(OVMF_CODE),
        packages: ["ovmf", "edk2-ovmf", "edk2-ovmf", "qemu"],
    },
    Tool {
        name: "grub-mkrescue",
        purpose: "makes the bootable image",
        probe: Probe::Program(GRUB_MKRESCUE, "--version"),
        packages: ["grub-common", "grub2-tools-extra", "grub", "i686-elf-grub"],
    },
    Tool {
        name: "GRUB modules for BIOS",
        purpose: "the image's BIOS half",
        probe: Probe::File(&[
            "/usr/lib/grub/i386-pc/multiboot2.mod",
            "/opt/homebrew/opt/i686-elf-grub/lib/i686-elf/grub/i386-pc/multiboot2.mod",
            "/usr/local/opt/i686-elf-grub/lib/i686-elf/grub/i386-pc/multiboot2.mod",
        ]),
        packages: ["grub-pc-bin", "grub2-pc-modules", "grub", "i686-elf-grub"],
    },
    Tool {
        name: "GRUB modules for UEFI",
        purpose: "the image's UEFI half",
        probe: Probe::File(&[
            "/usr/lib/grub/x86_64-efi/multiboot2.mod",
            "/opt/homebrew/opt/x86_64-elf-grub/lib/x86_64-elf/grub/x86_64-efi/multiboot2.mod",
            "/usr/local/opt/x86_64-elf-grub/lib/x86_64-elf/grub/x86_64-efi/multiboot2.mod",
        ]),
        packages: ["grub-efi-amd64-bin", "grub2-efi-x64-modules", "grub", "x86_64-elf-grub"],
    },
    Tool {
        name: "xorriso",
        purpose: "writes the ISO file system",
        probe: Probe::Program(&["xorriso"], "--version"),
        packages: ["xorriso", "xorriso", "libisoburn", "xorriso"],
    },
    Tool {
        name: MTOOLS,
        purpose: "the UEFI part of the image; second opinion on FAT volumes",
        probe: Probe::Program(&["mtools"], "--version"),
        packages: ["mtools", "mtools", "mtools", "mtools"],
    },
    Tool {
        name: DOSFSTOOLS,
        purpose: "makes and checks the fixture disks",
        probe: Probe::Program(&["fsck.fat"], ""),
        packages: ["dosfstools", "dosfstools", "dosfstools", "dosfstools"],
    },
];

/// Where Debian keeps programs such as fsck.fat.
const SYSTEM_FOLDERS: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/// Names of GRUB's image maker, by distribution.
pub const GRUB_MKRESCUE: &[&str] =
    &["grub-mkrescue", "grub2-mkrescue", "x86_64-elf-grub-mkrescue", "i686-elf-grub-mkrescue"];

/// Where `program` is: the search path, then the system folders that ordinary accounts lack in theirs.
#[must_use]
pub fn find_program(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(SYSTEM_FOLDERS.map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

impl Tool {
    /// Where it is, if it is here.
    #[must_use]
    pub fn find(&self) -> Option<PathBuf> {
        match self.probe {
            Probe::Program(names, _) => names.iter().find_map(|name| find_program(name)),
            Probe::File(paths) => paths.iter().map(PathBuf::from).find(|path| path.exists()),
        }
    }

    /// The first line that it says about its version; for files, their path.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        let found = self.find()?;
        let argument = match self.probe {
            Probe::Program(_, argument) if !argument.is_empty() => argument,
            _ => return Some(found.display().to_string()),
        };
        let output = Command::new(found).arg(argument).stdin(Stdio::null()).output().ok()?;
        let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
        let text = String::from_utf8_lossy(&text).into_owned();
        Some(text.lines().find(|line| !line.trim().is_empty()).unwrap_or("present").trim().to_owned())
    }
}

/// The tools of [`TOOLS`] that are not here.
#[must_use]
pub fn missing(need: Need) -> Vec<&'static Tool> {
    let is_needed = |tool: &&Tool| need == Need::Machines || tool.name == MTOOLS || tool.name == DOSFSTOOLS;
    TOOLS.iter().filter(is_needed).filter(|tool| tool.find().is_none()).collect()
}

/// What the tools are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Host tests, which ask mtools and dosfstools for a second opinion.
    Host,
    /// Images and virtual machines: everything.
    Machines,
}

/// The search path, with the system folders that ordinary accounts lack in theirs.
#[must_use]
pub fn search_path() -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let all = env::split_paths(&path).chain(SYSTEM_FOLDERS.map(PathBuf::from));
    // Joining fails only for a folder with a separator in its name, which splitting cannot have produced.
    env::join_paths(all).unwrap_or(path)
}

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Debian, Ubuntu.
    Apt,
    /// Fedora.
    Dnf,
    /// Arch.
    Pacman,
    /// macOS, Linux with Homebrew.
    Brew,
}

impl Manager {
    /// The one of this system.
    #[must_use]
    pub fn here() -> Option<Self> {
        [(Self::Apt, "apt-get"), (Self::Dnf, "dnf"), (Self::Pacman, "pacman"), (Self::Brew, "brew")]
            .into_iter()
            .find(|(_, program)| find_program(program).is_some())
            .map(|(manager, _)| manager)
    }

    /// The line a person types to install what `tools` need.
    #[must_use]
    pub fn line(self, tools: &[&Tool]) -> String {
        let start = match self {
            Self::Apt => "sudo apt-get update && sudo apt-get install --no-install-recommends",
            Self::Dnf => "sudo dnf install",
            Self::Pacman => "sudo pacman -S --needed",
            Self::Brew => "brew install",
        };
        format!("{start} {}", self.packages(tools).join(" "))
    }

    fn packages(self, tools: &[&Tool]) -> Vec<&'static str> {
        let mut names: Vec<_> = tools.iter().map(|tool| tool.packages[self as usize]).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Makes sure that every tool that `need` takes is here, installing the missing ones through apt where that is allowed.
///
/// # Errors
/// [`Error::Needs`] with the line to type when this account may not install or the system has no apt;
/// [`Error::Failed`] when apt fails.
pub fn ensure(need: Need) -> Result<()> {
    let missing = missing(need);
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = missing.iter().map(|tool| format!("{} ({})", tool.name, tool.purpose)).collect();
    let manager = Manager::here();
    let (Some(Manager::Apt), Some(become_root)) = (manager, root_prefix()) else {
        return Err(Error::Needs { missing: names, install: advice(manager, &missing) });
    };
    let packages = Manager::Apt.packages(&missing);
    println!("missing: {}\ninstalling through apt: {}", names.join(", "), packages.join(" "));
    let next = "read apt's message above; `apt-get update` needs a reachable package source";
    process::run(apt(become_root).args(["-qq", "update"]), next)?;
    let mut install = apt(become_root);
    install.args(["-qq", "-y", "--no-install-recommends", "install"]).args(&packages);
    process::run(install.stdout(Stdio::null()), next)?;
    let still: Vec<String> = self::missing(need).iter().map(|tool| tool.name.to_owned()).collect();
    if still.is_empty() {
        return Ok(());
    }
    Err(Error::Needs { missing: still, install: "`cargo xtask doctor` shows where each tool is looked for".to_owned() })
}

fn advice(manager: Option<Manager>, missing: &[&Tool]) -> String {
    match manager {
        Some(manager) => manager.line(missing),
        None => [Manager::Apt, Manager::Dnf, Manager::Pacman, Manager::Brew]
            .map(|manager| manager.line(missing))
            .join("\n  or: "),
    }
}

/// How to run a program as root without being asked anything: nothing to put before it, or `sudo -n`.
fn root_prefix() -> Option<&'static [&'static str]> {
    if Path::new("/proc/self").exists() && effective_user() == Some(0) {
        return Some(&[]);
    }
    let mut sudo = Command::new("sudo");
    let quiet = sudo.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success()).then_some(&["sudo", "-n"])
}

fn effective_user() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn apt(become_root: &[&str]) -> Command {
    let words: Vec<&str> =
        become_root.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn install_lines_name_each_package_once() {
        let all: Vec<&Tool> = TOOLS.iter().collect();
        let line = Manager::Pacman.line(&all);
        assert_eq!(line.matches(" grub").count(), 1, "{line}");
        assert!(line.starts_with("sudo pacman"));
        assert!(Manager::Apt.line(&all).contains("grub-efi-amd64-bin"));
        assert!(Manager::Dnf.line(&all).contains("edk2-ovmf"));
        assert!(Manager::Brew.line(&all).contains("x86_64-elf-grub"));
    }

    #[test]
    fn without_a_known_manager_every_line_is_offered() {
        let advice = advice(None, &[&TOOLS[0]]);
        for word in ["apt-get", "dnf", "pacman", "brew"] {
            assert!(advice.contains(word), "{advice}");
        }
    }

    #[test]
    fn a_program_that_is_nowhere_is_not_found() {
        assert_eq!(find_program("velocity-no-such-program"), None);
        assert!(find_program("sh").is_some());
    }
}
