//! The virtual machine's hardware, as QEMU arguments.
//!
//! One machine for everything: q35 under TCG with a named processor model, so that a run does not depend on the host.

use crate::{Error, Result, tools, workspace::Workspace};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
};

/// AVX2 and everything else TCG has, without the features that QEMU 7.2 would warn about.
pub const PROCESSOR: &str = "Haswell-v2,-pcid,-x2apic,-tsc-deadline,-invpcid";

/// Firmware of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// SeaBIOS.
    Bios,
    /// OVMF.
    Uefi,
}

impl FromStr for Firmware {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "bios" => Ok(Self::Bios),
            "uefi" => Ok(Self::Uefi),
            _ => Err("choose bios or uefi"),
        }
    }
}

impl Firmware {
    /// Its name in options and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bios => "bios",
            Self::Uefi => "uefi",
        }
    }
}

/// How the machine sees the boot image, which is good for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// A SATA disk, read by DMA.
    Disk,
    /// A CD. QEMU hands it to the firmware sector by sector: half a megabyte takes 150 ms more under UEFI.
    Cd,
    /// None: the image is the kernel itself, which QEMU loads and enters by its PVH note. BIOS only.
    Direct,
}

impl FromStr for Medium {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "disk" => Ok(Self::Disk),
            "cd" => Ok(Self::Cd),
            _ => Err("choose disk or cd"),
        }
    }
}

impl Medium {
    /// Options of the drive, and the device that carries it.
    const fn parts(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Disk => Some(("snapshot=on", "ide-hd")),
            Self::Cd => Some(("media=cdrom,readonly=on", "ide-cd")),
            Self::Direct => None,
        }
    }
}

/// What the machine consists of.
#[derive(Clone, Debug)]
pub struct Machine {
    /// BIOS or UEFI.
    pub firmware: Firmware,
    /// Number of cores.
    pub cores: u32,
    /// QEMU's model of the processor.
    pub processor: String,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// What it boots from: a boot image, or the kernel with [`Medium::Direct`].
    pub image: PathBuf,
    /// How it sees the image.
    pub medium: Medium,
    /// The kernel's command line with [`Medium::Direct`]; a boot image carries its own.
    pub append: String,
    /// An NVMe disk.
    pub disk: Option<PathBuf>,
    /// Whether writes reach the disk's file.
    pub write: bool,
    /// Whether a window is opened.
    pub window: bool,
}

impl Machine {
    /// A headless machine of one core with 256 MiB that boots from `image` as a disk and has no other.
    #[must_use]
    pub fn new(firmware: Firmware, image: &Path) -> Self {
        Self {
            firmware,
            cores: 1,
            processor: PROCESSOR.to_owned(),
            memory_mib: 256,
            image: image.to_path_buf(),
            medium: Medium::Disk,
            append: String::new(),
            disk: None,
            write: false,
            window: false,
        }
    }

    /// The same without firmware's and boot loader's part: QEMU enters `kernel`, a packed image, by its PVH note.
    #[must_use]
    pub fn direct(kernel: &Path) -> Self {
        Self { medium: Medium::Direct, ..Self::new(Firmware::Bios, kernel) }
    }

    /// The QEMU command for it, without serial port and monitor; files of its own go into `scratch`.
    ///
    /// # Errors
    /// When UEFI firmware is wanted and not found, or its variable store cannot be copied.
    pub fn command(&self, workspace: &Workspace, scratch: &Path) -> Result<Command> {
        let mut command = Command::new("qemu-system-x86_64");
        command.args(["-machine", "q35", "-accel", "tcg", "-cpu", &self.processor, "-nodefaults", "-no-user-config"]);
        command.args(["-no-reboot", "-vga", "std", "-nic", "none", "-rtc", "base=utc"]);
        command.args(["-m", &format!("{}M", self.memory_mib), "-smp", &self.cores.to_string()]);
        command.args(["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]);
        match self.medium.parts() {
            Some((options, device)) => {
                command.arg("-drive").arg(drive("medium", &self.image, options));
                command.args(["-device", &format!("{device},drive=medium,bootindex=0")]);
            }
            None => {
                command.arg("-kernel").arg(&self.image).args(["-append", &self.append]);
            }
        }
        if let Some(disk) = &self.disk {
            fs::metadata(disk).map_err(Error::io(format!("disk image {}", workspace.show(disk))))?;
            let snapshot = if self.write { "snapshot=off" } else { "snapshot=on" };
            command.arg("-drive").arg(drive("disk", disk, snapshot));
            command.args(["-device", "nvme,drive=disk,serial=VELOCITY0001"]);
        }
        if !self.window {
            command.args(["-display", "none"]);
        }
        if self.firmware == Firmware::Uefi {
            let (code, variables) = ovmf()?;
            let own = scratch.join("ovmf-variables.fd");
            fs::copy(&variables, &own).map_err(Error::io(format!("copying {}", variables.display())))?;
            let (code, own) = (escape(&code), escape(&own));
            command.args(["-drive", &format!("if=pflash,format=raw,unit=0,readonly=on,file={code}")]);
            command.args(["-drive", &format!("if=pflash,format=raw,unit=1,file={own}")]);
        }
        Ok(command)
    }
}

fn drive(id: &str, file: &Path, more: &str) -> String {
    format!("if=none,id={id},format=raw,{more},file={}", escape(file))
}

/// A comma in a file name is doubled in QEMU's option lists.
fn escape(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

fn ovmf() -> Result<(PathBuf, PathBuf)> {
    if let (Some(code), Some(variables)) = (env::var_os("OVMF_CODE"), env::var_os("OVMF_VARS")) {
        return Ok((code.into(), variables.into()));
    }
    let found = tools::OVMF.iter().map(|&(code, vars)| (PathBuf::from(code), PathBuf::from(vars)));
    found.into_iter().find(|(code, vars)| code.exists() && vars.exists()).ok_or_else(|| Error::Missing {
        program: "OVMF".to_owned(),
        next: "install the package `ovmf` (Debian) or `edk2-ovmf`, or set OVMF_CODE and OVMF_VARS".to_owned(),
    })
}
