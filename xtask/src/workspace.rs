//! Where the checkout and its target folder are.
//!
//! Found at run time, never baked into the binary: the project must not carry paths of the machine that built it.

use crate::{Error, Result};
use std::{env, fs, path::Path, path::PathBuf};

/// The checkout.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder of the top-level Cargo.toml.
    pub root: PathBuf,
    /// Where cargo and the recipes put what they make.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds the checkout from the manifest folder that cargo passes, or else from the current folder upwards.
    ///
    /// # Errors
    /// [`Error::NotInWorkspace`] when no parent folder holds the workspace manifest.
    pub fn locate() -> Result<Self> {
        let start = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => env::current_dir().map_err(Error::io("current folder"))?,
        };
        let root =
            start.ancestors().find(|folder| is_root(folder)).ok_or_else(|| Error::NotInWorkspace(start.clone()))?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let target = if target.is_absolute() { target } else { root.join(target) };
        Ok(Self { root: root.to_path_buf(), target })
    }

    /// A folder under target/, made if need be.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be made.
    pub fn scratch(&self, name: &str) -> Result<PathBuf> {
        let folder = self.target.join(name);
        fs::create_dir_all(&folder).map_err(Error::io(format!("making {}", folder.display())))?;
        Ok(folder)
    }

    /// `path` as a person would name it: relative to the checkout where possible.
    #[must_use]
    pub fn show(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

fn is_root(folder: &Path) -> bool {
    fs::read_to_string(folder.join("Cargo.toml"))
        .is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
}
