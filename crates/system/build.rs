//! The root of updates that is built in: that of `VELOCITY_OTA_ROOT`, a file, or the one whose keys everybody has.

use std::path::{Path, PathBuf};
use std::{env, fs};

const TESTS: &str = "../../fixtures/ota/root.bin";

fn main() {
    println!("cargo::rerun-if-env-changed=VELOCITY_OTA_ROOT");
    let given = env::var_os("VELOCITY_OTA_ROOT").map(PathBuf::from);
    let strict = given.is_some();
    let root = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(TESTS));
    println!("cargo::rerun-if-changed={}", root.display());
    let bytes = fs::read(&root)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask ota rotate --first` makes a root", root.display()));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where"));
    let text = format!(
        "/// The built-in root.\nconst ROOT: &[u8] = &{bytes:?};\n/// Whether roots with keys for tests are refused.\nconst STRICT: bool = {strict};\n"
    );
    fs::write(out.join("root.rs"), text).expect("the folder is cargo's");
}
