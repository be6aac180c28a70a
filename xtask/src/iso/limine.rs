//! The Limine image, made where Limine's own files are found; the project ships none of them.
//!
//! Layout and xorriso options follow Limine's USAGE.md, "BIOS/UEFI hybrid ISO creation". The medium also carries a
//! small GRUB EFI image for the chain-load entry of limine.conf.

use super::{Contents, checked_append, copy, place, stage, write};
use crate::{Error, Result, process, tools, workspace::Workspace};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What is said when there is no Limine.
pub const NOT_FOUND: &str =
    "no Limine image: limine-bios.sys, limine-bios-cd.bin, limine-uefi-cd.bin, BOOTX64.EFI not found; set LIMINE_DIR";

/// Files that must all be in one folder.
pub(super) const FILES: [&str; 4] = ["limine-bios.sys", "limine-bios-cd.bin", "limine-uefi-cd.bin", "BOOTX64.EFI"];

const FOLDERS: [&str; 5] =
    ["/usr/share/limine", "/usr/local/share/limine", "/usr/lib/limine", "/opt/homebrew/share/limine", "/opt/limine"];

/// Limine's files on this machine.
#[derive(Clone, Debug)]
pub struct LimineFiles {
    /// The folder that holds [`FILES`].
    pub folder: PathBuf,
    /// The `limine` program, which makes the image start from a USB stick under BIOS too.
    pub installer: Option<PathBuf>,
}

/// Looks into `LIMINE_DIR`, then into the usual system folders.
#[must_use]
pub fn find() -> Option<LimineFiles> {
    let named = env::var_os("LIMINE_DIR").map(PathBuf::from);
    named.into_iter().chain(FOLDERS.map(PathBuf::from)).find_map(|folder| find_in(&folder))
}

pub(super) fn find_in(folder: &Path) -> Option<LimineFiles> {
    if !FILES.iter().all(|name| folder.join(name).is_file()) {
        return None;
    }
    let beside = Some(folder.join("limine")).filter(|file| file.is_file());
    Some(LimineFiles { folder: folder.to_path_buf(), installer: beside.or_else(|| tools::find_program("limine")) })
}

/// Makes `image` and gives its path.
///
/// # Errors
/// When a file cannot be copied, limine.conf lacks the wanted entry, or a tool fails.
pub fn make(workspace: &Workspace, files: &LimineFiles, contents: &Contents, image: &Path) -> Result<PathBuf> {
    let tree = stage(workspace, image)?;
    let modules = place(contents, &tree)?;
    for folder in ["EFI/BOOT", "EFI/velocity", "boot/limine"] {
        fs::create_dir_all(tree.join(folder)).map_err(Error::io(format!("making {folder} in the image tree")))?;
    }
    for name in FILES {
        let target = if name == "BOOTX64.EFI" { "EFI/BOOT" } else { "boot/limine" };
        copy(&files.folder.join(name), &tree.join(target).join(name))?;
    }
    write(&tree.join("limine.conf"), &configuration(workspace, contents, &modules)?)?;
    chain_loaded_grub(workspace, contents, &tree)?;
    process::capture(&mut xorriso(&tree, image), "`cargo xtask doctor` shows whether xorriso is there")?;
    if let Some(installer) = &files.installer {
        process::capture(Command::new(installer).arg("bios-install").arg(image), "check the `limine` program")?;
    }
    Ok(image.to_path_buf())
}

fn configuration(workspace: &Workspace, contents: &Contents, modules: &[String]) -> Result<String> {
    let path = workspace.root.join("limine.conf");
    let text = fs::read_to_string(&path).map_err(Error::io(format!("reading {}", path.display())))?;
    configure(&text, contents, modules)
}

/// limine.conf with the command line, the modules and the default entry filled in.
pub(super) fn configure(text: &str, contents: &Contents, modules: &[String]) -> Result<String> {
    let append = checked_append(&contents.append)?;
    let entries = text.lines().filter(|line| line.starts_with('/')).count() as u32;
    if !(1..=entries).contains(&contents.limine_entry) {
        let why = format!("there is no entry {}; choose 1 to {entries}", contents.limine_entry);
        return Err(Error::Format { what: "limine.conf".to_owned(), why });
    }
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with("default_entry:") {
            out += &format!("default_entry: {}\n", contents.limine_entry);
            continue;
        }
        out += line;
        out.push('\n');
        if line.trim_start().starts_with("kernel_path:") {
            if !append.is_empty() {
                out += &format!("    cmdline: {append}\n");
            }
            modules.iter().for_each(|module| out += &format!("    module_path: boot():{module}\n"));
        }
    }
    Ok(out)
}

/// GRUB as one EFI program that finds the medium by the kernel on it.
fn chain_loaded_grub(workspace: &Workspace, contents: &Contents, tree: &Path) -> Result<()> {
    let early = workspace.scratch("xtask/iso")?.join("chain.cfg");
    let append = &contents.append;
    let text = format!(
        "search --no-floppy --set=root --file /boot/velocity.elf\nset gfxmode=1024x768x32,auto\n\
         multiboot2 /boot/velocity.elf {append}\nboot\n"
    );
    write(&early, &text)?;
    let names = ["grub-mkimage", "grub2-mkimage", "x86_64-elf-grub-mkimage"];
    let program = names.iter().find_map(|name| tools::find_program(name));
    let mut command = Command::new(program.unwrap_or_else(|| names[0].into()));
    command.args(["-O", "x86_64-efi", "-p", "/boot/grub", "-c"]).arg(early);
    command.arg("-o").arg(tree.join("EFI/velocity/grubx64.efi"));
    command.args(["iso9660", "part_msdos", "part_gpt", "fat", "search", "search_fs_file", "multiboot2", "all_video"]);
    process::capture(command.arg("boot"), "`cargo xtask doctor` shows whether GRUB's UEFI modules are there").map(drop)
}

fn xorriso(tree: &Path, image: &Path) -> Command {
    let mut command = Command::new("xorriso");
    command.args(["-as", "mkisofs", "-quiet", "-R", "-r", "-J", "-b", "boot/limine/limine-bios-cd.bin"]);
    command.args(["-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "-hfsplus", "-apm-block-size", "2048"]);
    command.args(["--efi-boot", "boot/limine/limine-uefi-cd.bin", "-efi-boot-part", "--efi-boot-image"]);
    command.arg("--protective-msdos-label").arg(tree).arg("-o").arg(image);
    command
}
