//! Scripts: one shell command a line; empty lines and lines that begin with `#` are left out.

use crate::{Error, Result};
use std::{fs, path::Path};

/// The commands of the script at `path`.
///
/// # Errors
/// [`Error::Io`] when it cannot be read.
pub fn read(path: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(path).map_err(Error::io(format!("script {}", path.display())))?;
    Ok(commands(&text))
}

/// The commands in `text`.
#[must_use]
pub fn commands(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_are_left_out() {
        assert_eq!(commands("# a\n\n  ls /  \r\ncat '#x'\n#\n"), ["ls /", "cat '#x'"]);
    }
}
