//! Drivers are replaced while the kernel reads a file through them.

use super::{
    pool::Case,
    vm::{case, expect},
};
use crate::{
    Error, Result, disk,
    image::KernelImage,
    qemu::{exit::Ending, machine::Machine, session::Session},
    workspace::Workspace,
};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};

/// Bytes of the file.
const BYTES: usize = 64 << 20;

/// What is applied while it is read, and what is to come of it: good versions, and worse ones in all ways.
const PACKAGES: [(&str, &str); 9] = [
    ("walk-1", "release 1 is kept"),
    ("walk-wrong", "release 2 is taken back: fat32.walk: wrong answers"),
    ("walk-trap", "release 3 is taken back: fat32.walk: faults"),
    ("walk-slow", "release 4 is taken back: fat32.walk: slow"),
    ("walk-endless", "release 5 is taken back: fat32.walk: faults"),
    ("walk-2", "release 6 is kept"),
    ("submission-1", "release 7 is kept"),
    ("submission-2", "release 8 is kept"),
    ("submission-wrong", "release 9 is taken back: nvme.submission: wrong answers"),
];

/// The machine that does it.
///
/// # Errors
/// When packages cannot be read, or the disk cannot be made.
pub fn cases<'a>(workspace: &'a Workspace, kernel: &KernelImage) -> Result<Vec<Case<'a>>> {
    let file = numbers();
    let hash: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    let packages = PACKAGES.iter().map(|(name, _)| Ok((format!("{name}.ota"), package(&workspace.root, name)?)));
    let packages = packages.collect::<Result<Vec<_>>>()?;
    let disk = disk::with_pieces(workspace, "updates.img", &packages, &file)?;
    let machine = Machine { disk: Some(disk), ..Machine::direct(&kernel.packed) };
    let check = move |session: &mut Session| replaced(session, &hash);
    Ok(vec![case(workspace, "drivers are replaced while 64 MiB are read".to_owned(), machine, check)])
}

fn package(root: &Path, name: &str) -> Result<Vec<u8>> {
    let path = root.join(format!("fixtures/ota/{name}.ota"));
    fs::read(&path).map_err(Error::io(format!("reading {}", path.display())))
}

/// Numbers of which each is the one before, multiplied (Knuth, MMIX).
fn numbers() -> Vec<u8> {
    let mut number = 1_u64;
    let next = |_| {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        number.to_be_bytes()
    };
    (0..BYTES / 8).flat_map(next).collect()
}

fn replaced(session: &mut Session, hash: &str) -> Result<()> {
    let mut script: Vec<String> = PACKAGES.iter().map(|(name, _)| format!("ota apply /{name}.ota 1")).collect();
    script.extend(["sha256 /big.bin", "ota", "dmesg"].map(str::to_owned));
    session.run_script(&script)?;
    let text = session.serial_text();
    let parts = PACKAGES.iter().map(|(_, outcome)| *outcome);
    match parts.chain([hash, "fat32.walk        version 2  in use"]).find(|part| !text.contains(part)) {
        None => expect(session, Ending::PowerOff, "poweroff"),
        Some(part) => Err(session.failure(format!("{part:?} is nowhere"))),
    }
}
