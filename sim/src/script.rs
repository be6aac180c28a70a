//! Scripts: one shell command a line; blank lines and lines that begin with `#` are skipped.

use std::collections::VecDeque;

/// The commands of a script in order.
pub fn commands(text: &str) -> VecDeque<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_no_commands() {
        let script = "# first\nls /\r\n\n   \n\t# second\n  cat '#x'  \nrun a.nda # no comment here";
        assert_eq!(commands(script), ["ls /", "cat '#x'", "run a.nda # no comment here"]);
        assert!(commands("").is_empty());
    }
}
