//! Paths: names between slashes, `.` and `..` resolved by the text alone.

use alloc::{string::String, vec::Vec};

/// The names that `path` leads through from the root; `..` at the root stays there.
pub fn names(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names
}

/// The path that leads through `names`.
pub fn join(names: &[&str]) -> String {
    if names.is_empty() {
        return String::from("/");
    }
    names.iter().fold(String::new(), |mut path, name| {
        path.push('/');
        path.push_str(name);
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_resolved_by_the_text() {
        for (path, plain) in [
            ("", "/"),
            ("/", "/"),
            ("a", "/a"),
            ("//a/./b//", "/a/b"),
            ("/a/../b", "/b"),
            ("../../a", "/a"),
            ("/a/b/../../..", "/"),
            ("/...", "/..."),
        ] {
            assert_eq!(join(&names(path)), plain, "{path}");
        }
    }
}
