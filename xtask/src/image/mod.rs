//! Building the kernel image: compile, link with the toolchain's own linker, write the symbol table into it, check it,
//! pack it.
//!
//! The kernel is an ordinary `x86_64-unknown-linux-gnu` package built with `--cfg velocity_bare` and a link script, so
//! that it needs nothing beyond the toolchain (ARCHITECTURE.md, "The kernel image").

mod check;
mod elf;
mod pack;
mod symbols;

use crate::{build::cargo, process};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Result of building an image.
type Result<T> = std::result::Result<T, ImageError>;

/// Why there is no kernel image.
#[derive(Debug)]
pub enum ImageError {
    /// The compiler or linker failed; it has said why.
    Build(Box<crate::Error>),
    /// A file could not be used.
    Io {
        /// Which.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The linked image breaks a rule.
    Bad(String),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(source) => write!(f, "{source}"),
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Bad(what) => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for ImageError {}

/// The kernel's target: the host's own triple where the host is Linux on x86-64, so prebuilt `core` is there.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// How the kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelProfile {
    /// Optimised for size: what is shipped and tested.
    Kernel,
    /// Unoptimised, for a debugger.
    Debug,
}

impl KernelProfile {
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Kernel => ("kernel", "kernel"),
            Self::Debug => ("dev", "debug"),
        }
    }
}

/// A linked and checked kernel.
#[derive(Clone, Debug)]
pub struct KernelImage {
    /// With symbols, for a debugger.
    pub elf: PathBuf,
    /// What goes onto a boot medium: packed, without symbols for a debugger.
    pub packed: PathBuf,
}

/// Builds, completes, checks and packs the kernel of the checkout at `root`.
///
/// # Errors
/// The compiler's failure, or what is wrong with the linked image.
pub fn build_kernel(root: &Path, profile: KernelProfile) -> Result<KernelImage> {
    let linked = link(root, profile, "kernel", "kernel/link.ld")?;
    let elf = linked.with_file_name("velocity-kernel.elf");
    let mut bytes = read(&linked)?;
    symbols::write(&mut bytes)?;
    check::image(&bytes)?;
    write(&elf, &bytes)?;
    let packed = linked.with_file_name("velocity-kernel");
    write(&packed, &pack::pack(&bytes)?)?;
    Ok(KernelImage { elf, packed })
}

/// Builds the kernel that only says so and ends, as the base line of boot measurements.
///
/// # Errors
/// As [`build_kernel`].
pub fn build_nothing_kernel(root: &Path) -> Result<PathBuf> {
    let linked = link(root, KernelProfile::Kernel, "nothing", "kernel/nothing.ld")?;
    let stripped = linked.with_file_name("velocity-nothing");
    write(&stripped, &elf::strip(&read(&linked)?)?)?;
    Ok(stripped)
}

/// Compiles and links one binary of package `kernel`; gives the ELF's path.
fn link(root: &Path, profile: KernelProfile, binary: &str, script: &str) -> Result<PathBuf> {
    let (profile, folder) = profile.names();
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("bare");
    let flags = [
        "--cfg=velocity_bare".to_owned(),
        // Signatures are verified now and then: code for one processor more is not worth its place.
        "--cfg=curve25519_dalek_backend=\"serial\"".to_owned(),
        "-Clinker=rust-lld".to_owned(),
        "-Clinker-flavor=ld.lld".to_owned(),
        "-Crelocation-model=static".to_owned(),
        "-Ccode-model=kernel".to_owned(),
        "-Cno-redzone=yes".to_owned(),
        "-Cforce-frame-pointers=yes".to_owned(),
        "-Ctarget-feature=+crt-static".to_owned(),
        "-Cpanic=abort".to_owned(),
        "-Crelro-level=off".to_owned(),
        format!("--remap-path-prefix={}=", root.display()),
        format!("-Clink-arg=-T{}", root.join(script).display()),
        "-Clink-arg=--gc-sections".to_owned(),
        "-Clink-arg=--icf=all".to_owned(),
        // Like beside like, for the sake of the packing.
        "-Clink-arg=--bp-compression-sort=both".to_owned(),
        "-Clink-arg=-zmax-page-size=4096".to_owned(),
        "-Clink-arg=-znognustack".to_owned(),
        "-Clink-arg=--build-id=none".to_owned(),
        "-Clink-arg=--no-dynamic-linker".to_owned(),
    ];
    let mut command = cargo();
    command.current_dir(root).env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    command.args([
        "build",
        "--quiet",
        "--package",
        "kernel",
        "--bin",
        binary,
        "--profile",
        profile,
        "--target",
        TARGET,
    ]);
    command.arg("--target-dir").arg(&target);
    process::run(&mut command, "read the compiler's message above")
        .map_err(|error| ImageError::Build(Box::new(error)))?;
    Ok(target.join(TARGET).join(folder).join(binary))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|source| ImageError::Io { path: path.into(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|source| ImageError::Io { path: path.into(), source })
}

/// An error about the linked image.
fn bad(what: impl Into<String>) -> ImageError {
    ImageError::Bad(what.into())
}
