//! Shows packages and roots.

use crate::{Result, read};
use std::fmt::Write;
use std::path::Path;
use velocity_ota::{Package, Release, Root, Signed, Snapshot, Target, What};

/// What is in a file. Signatures are listed, not verified: who is trusted is known to machines alone.
pub fn inspect(path: &Path) -> Result<String> {
    let bytes = read(path)?;
    let mut out = String::new();
    let shown = match Package::read(&bytes) {
        Ok(package) => package_of(&mut out, &package),
        Err(doubt) => match Signed::decode(What::Root, &bytes).ok().filter(|root| Root::decode(&root.body).is_ok()) {
            Some(root) => root_of(&mut out, &root),
            None => return Err(format!("{}: {doubt}", path.display())),
        },
    };
    shown.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(out.trim_end().into())
}

/// A writer to a text does not fail; what does not decode does.
type Shown = std::result::Result<(), Box<dyn std::error::Error>>;

fn package_of(out: &mut String, package: &Package) -> Shown {
    for root in &package.roots {
        root_of(out, root)?;
    }
    let Some((snapshot, release)) = &package.update else { return Ok(()) };
    let Snapshot { counter, epoch, expires, .. } = Snapshot::decode(&snapshot.body)?;
    writeln!(out, "snapshot {counter}, epoch {epoch}, expires after epoch {expires}")?;
    signatures(out, snapshot)?;
    let decoded = Release::decode(&release.body)?;
    writeln!(out, "release {}, expires after epoch {}: {}", decoded.counter, decoded.expires, decoded.why)?;
    signatures(out, release)?;
    decoded.targets.iter().try_for_each(|target| target_of(out, target))
}

fn target_of(out: &mut String, target: &Target) -> Shown {
    let Target { entry, version, base, bytes, probation, tests, needs, .. } = target;
    writeln!(
        out,
        "  {entry}: version {version} after {base}, {bytes} bytes, {} tests, watched for {probation} calls",
        tests.len()
    )?;
    writeln!(out, "    code {}", target.hash)?;
    writeln!(out, "    base {}", target.base_code)?;
    needs.iter().try_for_each(|need| writeln!(out, "    needs {} {}", need.entry, need.version))?;
    Ok(())
}

fn root_of(out: &mut String, signed: &Signed) -> Shown {
    let root = Root::decode(&signed.body)?;
    let tests = if root.names_test_keys() { ", with keys for tests: anybody can sign" } else { "" };
    writeln!(out, "root {}, expires after epoch {}{tests}", root.version, root.expires)?;
    for (role, keys) in velocity_ota::Role::ALL.into_iter().zip(&root.roles) {
        writeln!(out, "  {role}: {} of", keys.threshold)?;
        keys.keys.iter().try_for_each(|key| writeln!(out, "    {key}"))?;
    }
    signatures(out, signed)
}

fn signatures(out: &mut String, signed: &Signed) -> Shown {
    signed.signatures.iter().try_for_each(|signature| writeln!(out, "  signed by {}", signature.key))?;
    Ok(())
}
