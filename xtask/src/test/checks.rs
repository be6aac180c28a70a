//! Checks that are no tests: conventions, lints, the kernel image and its size.

use super::summary::{Group, Summary};
use crate::{Result, build, image::KernelImage, process, tidy, workspace::Workspace};
use std::fs;

/// Largest kernel image, packed, in bytes: what it is with all engines, agents and updates, and a twentieth (docs/adr/0017, 0028, 0029).
pub const MAX_KERNEL_BYTES: u64 = 1_158_000;

/// Tidy and clippy.
pub fn run(workspace: &Workspace, summary: &mut Summary) {
    summary.phase("tidy");
    let findings = tidy::check(workspace).map_err(|error| error.to_string()).and_then(|findings| {
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        if lines.is_empty() { Ok(()) } else { Err(lines.join("\n")) }
    });
    summary.count(Group::Checks, "tidy", findings);
    summary.phase("clippy");
    summary.count(Group::Checks, "clippy", clippy(workspace).map_err(|error| error.to_string()));
    let bare = clippy_of_the_bare_kernel(workspace).map_err(|error| error.to_string());
    summary.count(Group::Checks, "clippy of the bare kernel", bare);
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root);
    cargo.args(["clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    process::run(&mut cargo, "mend what clippy names above")
}

/// The code under `cfg(velocity_bare)` is invisible to an ordinary clippy run.
fn clippy_of_the_bare_kernel(workspace: &Workspace) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root).env("CARGO_ENCODED_RUSTFLAGS", "--cfg=velocity_bare\u{1f}-Cpanic=abort");
    cargo.args(["clippy", "--quiet", "--locked", "--package", "kernel", "--bins", "--profile", "kernel"]);
    cargo.args(["--target", "x86_64-unknown-linux-gnu"]).arg("--target-dir").arg(workspace.target.join("bare"));
    process::run(cargo.args(["--", "-D", "warnings"]), "mend what clippy names above")
}

/// Builds the kernel and checks image and size; `None` when there is none.
pub fn kernel(workspace: &Workspace, summary: &mut Summary) -> Option<KernelImage> {
    summary.phase("kernel image");
    match build::kernel(workspace) {
        Ok(image) => {
            summary.count(
                Group::Checks,
                "kernel image: no undefined or libc symbol, no writable code, no system call",
                Ok(()),
            );
            summary.count(
                Group::Checks,
                &format!("kernel image: at most {MAX_KERNEL_BYTES} bytes packed"),
                size(&image),
            );
            Some(image)
        }
        Err(error) => {
            summary.count(Group::Checks, "kernel image", Err(error.to_string()));
            None
        }
    }
}

fn size(image: &KernelImage) -> Result<(), String> {
    let bytes = fs::metadata(&image.packed).map_err(|error| error.to_string())?.len();
    println!("packed kernel: {bytes} bytes");
    if bytes <= MAX_KERNEL_BYTES { Ok(()) } else { Err(format!("{bytes} bytes")) }
}
