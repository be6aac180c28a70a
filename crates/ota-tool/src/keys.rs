//! Key files: 64 hexadecimal digits on a line, of the seed (`.key`) or of the public half (`.pub`).

use crate::{Result, read, write};
use std::io::Write;
use std::path::Path;
use velocity_ota::{PublicKey, Signer};

/// Makes a key of random bytes of the system's. Never replaces one.
pub fn generate(path: &Path) -> Result<String> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| format!("the system gives no random bytes: {error}"))?;
    let public = Signer::of_seed(&seed).public();
    let secret = path.with_extension("key");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&secret).map_err(|error| format!("{}: {error}", secret.display()))?;
    writeln!(file, "{}", hex(&seed)).map_err(|error| format!("{}: {error}", secret.display()))?;
    let shown = path.with_extension("pub");
    write(&shown, format!("{public}\n").as_bytes())?;
    Ok(format!("{public}\n{} is secret: keep it away from what you publish", secret.display()))
}

/// The secret key in a file.
pub fn signer(path: &Path) -> Result<Signer> {
    let digits = read(path)?;
    let seed = String::from_utf8(digits).ok().and_then(|text| unhex(text.trim()));
    seed.map(|seed| Signer::of_seed(&seed)).ok_or_else(|| format!("{}: not 64 hexadecimal digits", path.display()))
}

/// A public key: digits, a `.pub` file, or a `.key` file whose public half is meant.
pub fn public(folder: &Path, word: &str) -> Result<PublicKey> {
    if let Some(key) = unhex(word) {
        return Ok(PublicKey(key));
    }
    let path = folder.join(word);
    if path.extension().is_some_and(|extension| extension == "key") {
        return signer(&path).map(|signer| signer.public());
    }
    let text = String::from_utf8(read(&path)?).ok();
    let key = text.and_then(|text| unhex(text.trim())).map(PublicKey);
    key.ok_or_else(|| format!("{}: not 64 hexadecimal digits", path.display()))
}

/// Lower-case digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The way back, for 32 bytes.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let folder = std::env::temp_dir().join(format!("velocity-ota-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("one");
        let said = generate(&path).expect("a key");
        let signer = signer(&path.with_extension("key")).expect("the secret half");
        assert!(said.starts_with(&signer.public().to_string()));
        assert_eq!(public(&folder, "one.pub"), Ok(signer.public()));
        assert_eq!(public(&folder, "one.key"), Ok(signer.public()));
        assert_eq!(public(&folder, &signer.public().to_string()), Ok(signer.public()));
        assert!(generate(&path).expect_err("it is there").contains("one.key"));
        std::fs::remove_dir_all(&folder).expect("the folder goes");
    }
}
