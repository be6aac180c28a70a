//! The unsafe policy: unsafe code has an address, and each use states its obligations as numbered facts.
//!
//! A package with `unsafe = false` forbids unsafe code in every crate root and holds no `unsafe` at all. Elsewhere each
//! `unsafe { }` block and `unsafe impl` follows a `// SAFETY:` comment with at least a fact `1.`; a comment above
//! the statement or match arm that contains the block counts, one above another statement does not.

use super::{
    Finding, SourceFile,
    manifests::Member,
    mask::{self, words},
};

/// Findings in all packages.
#[must_use]
pub fn check(members: &[Member], files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members {
        let inside = format!("{}/", member.folder);
        let own = |path: &str| {
            members.iter().all(|m| m.folder.len() <= inside.len() || !path.starts_with(&format!("{}/", m.folder)))
        };
        let sources = files.iter().filter(|f| f.path.starts_with(&inside) && f.path.ends_with(".rs") && own(&f.path));
        for file in sources {
            findings.extend(if member.allows_unsafe { allowed(member, file) } else { forbidden(member, file) });
        }
    }
    findings
}

fn forbidden(member: &Member, file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let code = mask::code(&file.text);
    if is_root(member, file) && !code.contains("#![forbid(unsafe_code)]") {
        findings.push(finding(file, 1, "add `#![forbid(unsafe_code)]`, or `unsafe = true` to the manifest".to_owned()));
    }
    for at in words(&code, "unsafe") {
        let what = format!("{} has `unsafe = false` in its manifest", member.name);
        findings.push(finding(file, mask::line_of(&code, at), what));
    }
    findings
}

/// Whether cargo compiles this file as a crate of the library or a binary.
fn is_root(member: &Member, file: &SourceFile) -> bool {
    let inside = &file.path[member.folder.len() + 1..];
    matches!(inside, "src/lib.rs" | "src/main.rs")
        || (inside.starts_with("src/bin/") && inside.matches('/').count() == 2)
}

fn allowed(member: &Member, file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let code = mask::code(&file.text);
    let inside = &file.path[member.folder.len() + 1..];
    let is_confined = !member.unsafe_in.is_empty();
    let is_in = member.unsafe_in.iter().any(|f| inside.starts_with(&format!("{f}/")) || inside == format!("{f}.rs"));
    for at in words(&code, "unsafe") {
        let line = mask::line_of(&code, at);
        if is_confined && !is_in {
            findings.push(finding(
                file,
                line,
                format!("unsafe code of {} belongs into {}", member.name, member.unsafe_in.join(", ")),
            ));
        } else if needs_facts(&code[at..]) && !has_facts(&file.text, &code, line) {
            findings.push(finding(file, line, "state the facts above it: `// SAFETY: 1. ...; 2. ...`".to_owned()));
        }
    }
    findings
}

/// Blocks and impls need facts; functions have `# Safety` docs (clippy checks) and attributes speak for themselves.
fn needs_facts(code: &str) -> bool {
    let rest = code["unsafe".len()..].trim_start();
    rest.starts_with('{') || words(rest, "impl").first() == Some(&0)
}

/// Whether a comment with numbered safety facts stands above the statement that begins or continues on `line`.
fn has_facts(text: &str, code: &str, line: usize) -> bool {
    let (text, code): (Vec<&str>, Vec<&str>) = (text.lines().collect(), code.lines().collect());
    let mut above = line - 1;
    while above > 0 {
        let (shown, bare) = (text[above - 1].trim(), code[above - 1].trim());
        if shown.starts_with("//") {
            return comment_has_facts(&text[..above]);
        }
        let is_other_statement = bare.is_empty() || (bare.ends_with([';', '{', '}', ',']) && !bare.starts_with("#["));
        if is_other_statement {
            return false;
        }
        above -= 1;
    }
    false
}

/// Whether the comment that `lines` end with has the word and a first fact.
fn comment_has_facts(lines: &[&str]) -> bool {
    let block = lines.iter().rev().take_while(|line| line.trim().starts_with("//"));
    let comment: Vec<&str> = block.map(|line| line.trim()).collect();
    let whole: String = comment.into_iter().rev().map(|line| line.trim_start_matches('/')).collect();
    whole.split_once("SAFETY:").is_some_and(|(_, facts)| facts.trim_start().starts_with("1. "))
}

fn finding(file: &SourceFile, line: usize, what: String) -> Finding {
    Finding { path: file.path.clone(), line, rule: "unsafe", what }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(allows_unsafe: bool, unsafe_in: &[&str]) -> Member {
        let unsafe_in = unsafe_in.iter().map(|&s| s.to_owned()).collect();
        Member { name: "a".to_owned(), folder: "c/a".to_owned(), allows_unsafe, unsafe_in, ..Member::default() }
    }

    fn found(member: Member, path: &str, text: &str) -> usize {
        let file = SourceFile { path: format!("c/a/{path}"), text: text.to_owned() };
        check(&[member], &[file]).len()
    }

    #[test]
    fn a_safe_package_says_so_and_keeps_to_it() {
        let safe = || member(false, &[]);
        assert_eq!(found(safe(), "src/lib.rs", "#![forbid(unsafe_code)]\n// unsafe in words"), 0);
        assert_eq!(found(safe(), "src/lib.rs", "fn a() {}"), 1);
        assert_eq!(found(safe(), "src/bin/x.rs", "fn main() {}"), 1);
        assert_eq!(found(safe(), "src/b.rs", "fn a() { unsafe { b() } }"), 1);
        assert_eq!(found(safe(), "tests/b.rs", "unsafe impl Send for A {}"), 1);
        assert_eq!(found(safe(), "src/lib.rs", "// #![forbid(unsafe_code)]"), 1, "a comment forbids nothing");
    }

    #[test]
    fn blocks_and_impls_need_numbered_facts() {
        let loose = || member(true, &[]);
        for bad in [
            "fn f() { unsafe { g() } }",
            "// SAFETY: because\nunsafe impl Send for A {}",
            "// SAFETY:\nlet x = unsafe { g() };",
            "// 1. fact\nlet x = unsafe { g() };",
            "// SAFETY: 1. fact\nlet y = 1;\nlet x = unsafe { g() };",
            "// SAFETY: 1. fact\n\nlet x = unsafe { g() };",
            "// SAFETY: 1. fact\nunsafe { g() };\nunsafe { h() };",
        ] {
            assert_eq!(found(loose(), "src/b.rs", bad), 1, "{bad}");
        }
        for good in [
            "// SAFETY: 1. fact; 2. fact\nlet x = unsafe { g() };",
            "// SAFETY:\n// 1. fact\n// 2. fact\nlet x =\n    unsafe { g() };",
            "// SAFETY: 1. fact\n#[inline]\nunsafe impl Send for A {}",
            "match a {\n    // SAFETY: 1. fact\n    1 => unsafe { g() },\n}",
            "/// # Safety\n/// x\nunsafe fn f();",
            "#[unsafe(no_mangle)]\nfn f() {}",
            "unsafe extern \"C\" { fn f(); }",
            "type F = unsafe fn();",
        ] {
            assert_eq!(found(loose(), "src/b.rs", good), 0, "{good}");
        }
    }

    #[test]
    fn unsafe_code_stays_in_its_folder() {
        let port = || member(true, &["src/port"]);
        let text = "// SAFETY: 1. fact\nunsafe { g() };";
        assert_eq!(found(port(), "src/port/tsc.rs", text), 0);
        assert_eq!(found(port(), "src/port.rs", text), 0);
        assert_eq!(found(port(), "src/portal.rs", text), 1);
        assert_eq!(found(port(), "src/main.rs", text), 1);
    }

    #[test]
    fn a_package_inside_another_answers_for_itself() {
        let outer = member(false, &[]);
        let inner = Member { folder: "c/a/inner".to_owned(), allows_unsafe: true, ..member(true, &[]) };
        let text = "// SAFETY: 1. fact\nunsafe { g() };".to_owned();
        let file = SourceFile { path: "c/a/inner/src/b.rs".to_owned(), text };
        assert_eq!(check(&[outer, inner], &[file]), []);
    }
}
