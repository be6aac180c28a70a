//! Rules for single files: header, length, unfinished work, paths of machines, package registries.
//!
//! The forbidden words are put together from halves here, so that this file passes its own rules.

use super::{Finding, SourceFile, mask::words};

/// Longest Rust file.
const MAX_LINES: usize = 500;

/// Words that mark unfinished work, anywhere.
const UNFINISHED: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Rust code that hides unfinished work.
const HIDING: [&str; 4] =
    [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore"), concat!("allow(dead", "_code)")];

/// Folders of single machines; a name must follow.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// Hosts of package registries and mirrors, which are the reader's business, not the project's.
const REGISTRIES: [&str; 9] = [
    concat!("//crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("index.crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("deb.debian", ".org"),
    concat!("archive.ubuntu", ".com"),
    concat!("proxy.golang", ".org"),
];

/// Findings in one file.
#[must_use]
pub fn check(file: &SourceFile) -> Vec<Finding> {
    let is_rust = file.path.ends_with(".rs");
    let mut findings = Vec::new();
    let mut complain = |line: usize, rule: &'static str, what: String| {
        findings.push(Finding { path: file.path.clone(), line, rule, what });
    };
    if is_rust && !has_header(&file.text) {
        complain(1, "header", "open with a one-line `//!` tagline of what the file holds".to_owned());
    }
    let lines = file.text.lines().count();
    if is_rust && lines > MAX_LINES {
        complain(0, "length", format!("{lines} lines; split by concept below {MAX_LINES}"));
    }
    for (line, text) in (1..).zip(file.text.lines()) {
        for word in UNFINISHED.iter().filter(|word| !words(text, word).is_empty()) {
            complain(line, "unfinished", format!("`{word}`: finish it, or write it down in CAVEATS.md"));
        }
        for code in HIDING.iter().filter(|code| is_rust && text.contains(**code)) {
            complain(line, "unfinished", format!("`{code}`: remove it together with what it hides"));
        }
        for path in MACHINE_PATHS.iter().filter(|path| names_a_machine(text, path)) {
            complain(line, "machine-path", format!("`{path}` is a folder of one machine; use a relative path"));
        }
        for host in REGISTRIES.iter().filter(|host| text.contains(**host)) {
            complain(line, "registry", format!("`{host}`: packages are named, their hosts are not"));
        }
    }
    findings
}

fn has_header(text: &str) -> bool {
    text.lines().next().and_then(|line| line.strip_prefix("//! ")).is_some_and(|tagline| !tagline.trim().is_empty())
}

/// Whether `prefix` begins an absolute path in `text`: something path-like follows, nothing path-like precedes.
fn names_a_machine(text: &str, prefix: &str) -> bool {
    text.match_indices(prefix).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + prefix.len()..].chars().next();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.}])".contains(c))
            && after.is_some_and(|c| c.is_alphanumeric() || "._-".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        let file = SourceFile { path: path.to_owned(), text: text.to_owned() };
        check(&file).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn headers() {
        assert_eq!(rules("a.rs", "//! What this is.\n"), [""; 0]);
        for bad in ["", "\n//! late\n", "//!\n", "// no doc\n", "fn a() {}\n"] {
            assert_eq!(rules("a.rs", bad), ["header"], "{bad:?}");
        }
        assert_eq!(rules("a.md", "no header needed\n"), [""; 0]);
    }

    #[test]
    fn long_files() {
        let long = |lines: usize| format!("//! x{}", "\n".repeat(lines - 1));
        assert_eq!(rules("a.rs", &(long(MAX_LINES) + "\n")), [""; 0]);
        assert_eq!(rules("a.rs", &(long(MAX_LINES + 1) + "\n")), ["length"]);
    }

    #[test]
    fn unfinished_work() {
        for word in UNFINISHED {
            assert_eq!(rules("a.md", &format!("later: {word} this")), ["unfinished"], "{word}");
            assert_eq!(rules("a.md", &format!("a{word}S")), [""; 0], "{word} inside another word");
        }
        for code in HIDING {
            assert_eq!(rules("a.rs", &format!("//! x\n{code}")), ["unfinished"], "{code}");
            assert_eq!(rules("a.md", code), [""; 0], "{code} in prose");
        }
    }

    #[test]
    fn machine_paths() {
        for prefix in MACHINE_PATHS {
            assert_eq!(rules("a.md", &format!("see `{prefix}ann/x`")), ["machine-path"], "{prefix}");
            assert_eq!(rules("a.md", &format!("see target{prefix}x")), [""; 0], "{prefix} inside a relative path");
            assert_eq!(rules("a.md", &format!("see {prefix} there")), [""; 0], "{prefix} alone");
        }
    }

    #[test]
    fn registries() {
        for host in REGISTRIES {
            assert_eq!(rules("a.toml", &format!("x = \"https:{host}/y\"")).first(), Some(&"registry"), "{host}");
        }
        let source = format!("registry+https://github.com/rust-lang/{}-index", concat!("crates", ".io"));
        assert_eq!(rules("Cargo.lock", &source), [""; 0], "cargo's own name of its source");
    }
}
