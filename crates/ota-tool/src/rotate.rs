//! Roots: the first one, and those that take its place.

use crate::keys::public;
use crate::sign::{made, signers};
use crate::spec::{KeysSpec, RootSpec, load};
use crate::{Result, write};
use std::path::Path;
use velocity_ota::{Keys, Package, Root, Trust, sign_root};

/// Makes a root: to be built into an image, or in a package for machines that trust the one before it.
pub fn rotate(spec: &Path, out: &Path, first: bool) -> Result<String> {
    let folder = spec.parent().unwrap_or(Path::new(""));
    let spec: RootSpec = load(spec)?;
    let keys = |keys: &KeysSpec| -> Result<Keys> {
        let public = keys.keys.iter().map(|word| public(folder, word)).collect::<Result<_>>()?;
        Ok(Keys { threshold: keys.threshold, keys: public })
    };
    let roles = [keys(&spec.root)?, keys(&spec.release)?, keys(&spec.snapshot)?];
    let root = Root { version: spec.version, expires: spec.expires, roles };
    let signed = sign_root(&root, &signers(folder, &spec.sign)?.iter().collect::<Vec<_>>());
    // A root that its own keys have not signed is of no use to anybody.
    Trust::new(&signed.encode(), false).map_err(|refusal| refusal.to_string())?;
    if first {
        write(out, &signed.encode())?;
        return Ok(format!("{}: root {}", out.display(), root.version));
    }
    made(out, &Package { roots: vec![signed], ..Package::default() })
}
