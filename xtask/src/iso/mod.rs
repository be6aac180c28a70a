//! `cargo xtask iso`: the bootable images.
//!
//! [`grub`] always makes the BIOS + UEFI image, [`limine`] makes a second one where Limine's files are found. Both
//! start from the tree in iso/ and put the packed kernel and an optional command line into it.

pub mod grub;
pub mod limine;
#[cfg(test)]
mod tests;

use crate::{
    Error, Result, build,
    cli::{self, Next, Recipe},
    tools::{self, Need},
    workspace::Workspace,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "iso",
    summary: "make target/velocity.iso (GRUB) and, with Limine's files, target/velocity-limine.iso",
    help: "cargo xtask iso [--append WORDS] [--module FILE]... [--limine-entry N]\n\n\
           --append WORDS     extra words on the kernel's command line, e.g. --append 'fault=divide'\n\
           --module FILE      load FILE beside the kernel, e.g. --module disk.img; may be given several times\n\
           --limine-entry N   entry of limine.conf that starts by itself: 1 Limine protocol (default), 2 Multiboot2,\n\
           \x20                  3 chain-load of GRUB's EFI image",
    run,
};

/// What goes into an image.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The kernel without symbols.
    pub kernel: PathBuf,
    /// Words for its command line.
    pub append: String,
    /// Files to load beside it.
    pub modules: Vec<PathBuf>,
    /// Entry of limine.conf that starts by itself, from 1.
    pub limine_entry: u32,
    /// Whether GRUB says [`LOADING`] on the serial port right before it loads the kernel, for measurements.
    pub announce: bool,
}

/// What an image with [`Contents::announce`] writes to the serial port when the firmware's part of the start is over.
pub const LOADING: &str = "velocity-loading";

impl Contents {
    /// Only the kernel.
    #[must_use]
    pub fn of(kernel: &Path) -> Self {
        Self {
            kernel: kernel.to_path_buf(),
            append: String::new(),
            modules: Vec::new(),
            limine_entry: 1,
            announce: false,
        }
    }
}

fn run(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    let mut contents = Contents::of(Path::new(""));
    loop {
        match cli::next_option(&RECIPE, parser)? {
            Next::Help => return Ok(()),
            Next::End => break,
            Next::Arg(lexopt::Arg::Long("append")) => contents.append = cli::value(RECIPE.name, "append", parser)?,
            Next::Arg(lexopt::Arg::Long("module")) => {
                contents.modules.push(cli::value::<PathBuf>(RECIPE.name, "module", parser)?);
            }
            Next::Arg(lexopt::Arg::Long("limine-entry")) => {
                contents.limine_entry = cli::value(RECIPE.name, "limine-entry", parser)?;
            }
            Next::Arg(arg) => return Err(Error::usage(RECIPE.name, arg.unexpected().to_string())),
        }
    }
    tools::ensure(Need::Machines)?;
    contents.kernel = build::kernel(workspace)?.packed;
    let grub = grub::make(workspace, &contents, &workspace.target.join("velocity.iso"))?;
    println!("made {}", workspace.show(&grub));
    match limine::find() {
        Some(files) => {
            let image = limine::make(workspace, &files, &contents, &workspace.target.join("velocity-limine.iso"))?;
            println!("made {}", workspace.show(&image));
        }
        None => println!("{}", limine::NOT_FOUND),
    }
    Ok(())
}

/// An empty folder for the tree of `image`, named after it so that images can be made side by side.
fn stage(workspace: &Workspace, image: &Path) -> Result<PathBuf> {
    let name = image.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let tree = workspace.target.join("xtask/iso").join(name);
    if tree.exists() {
        fs::remove_dir_all(&tree).map_err(Error::io(format!("emptying {}", tree.display())))?;
    }
    fs::create_dir_all(tree.join("boot/modules")).map_err(Error::io(format!("making {}", tree.display())))?;
    Ok(tree)
}

/// Puts the kernel and the modules into `tree`; the modules' paths on the medium come back.
fn place(contents: &Contents, tree: &Path) -> Result<Vec<String>> {
    copy(&contents.kernel, &tree.join("boot/velocity.elf"))?;
    let mut placed = Vec::new();
    for module in &contents.modules {
        let name = module.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
            let why =
                "use letters, digits, '-', '_' and '.' only: the name becomes a path on the boot medium".to_owned();
            return Err(Error::Format { what: format!("module name {name:?}"), why });
        }
        copy(module, &tree.join("boot/modules").join(&name))?;
        placed.push(format!("/boot/modules/{name}"));
    }
    Ok(placed)
}

/// Copies the folder `from` into `to`.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(Error::io(format!("making {}", to.display())))?;
    for entry in fs::read_dir(from).map_err(Error::io(format!("listing {}", from.display())))? {
        let entry = entry.map_err(Error::io(format!("listing {}", from.display())))?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy_tree(&entry.path(), &target)? } else { copy(&entry.path(), &target)? }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).map_err(Error::io(format!("copying {} to {}", from.display(), to.display())))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(Error::io(format!("writing {}", path.display())))
}

/// Words for a command line that a boot loader's configuration can carry as they are.
fn checked_append(append: &str) -> Result<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || " -_./=,:+@%".contains(c);
    if append.chars().all(plain) {
        return Ok(append);
    }
    let why = "only letters, digits, spaces and -_./=,:+@% can be passed through every boot loader".to_owned();
    Err(Error::Format { what: format!("kernel command line {append:?}"), why })
}
