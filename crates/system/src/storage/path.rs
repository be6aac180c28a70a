//! Names of files: `/folder/file` on the root volume, `1:/folder/file` on volume 1.
//!
//! The colon cannot be part of a FAT name (FAT specification, section 6.1), so the two forms never meet. There is no
//! current folder: `file` means `/file`.

use alloc::string::String;
use core::fmt;

/// `name` with the differences of case taken out, for sorting and comparing.
pub(crate) fn fold(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// A path, split into the volume's number and the path on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VolumePath<'a> {
    /// Number of the volume; 0 is the root.
    pub volume: u32,
    /// The path on that volume, with or without a leading slash.
    pub path: &'a str,
}

impl<'a> VolumePath<'a> {
    /// Splits `text`. Anything before the first colon that is not a small number belongs to the path.
    pub(crate) fn parse(text: &'a str) -> Self {
        let numbered = text.split_once(':').and_then(|(number, path)| {
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| number.parse().ok()).flatten().map(|volume| Self { volume, path })
        });
        numbered.unwrap_or(Self { volume: 0, path: text })
    }

    /// The same volume with another path on it.
    pub(crate) const fn with_path(self, path: &str) -> VolumePath<'_> {
        VolumePath { volume: self.volume, path }
    }

    /// The folder that holds this entry, and the entry's name.
    pub(crate) fn split_last(self) -> (Self, &'a str) {
        let trimmed = self.path.trim_end_matches('/');
        match trimmed.rsplit_once('/') {
            Some((folder, name)) => (self.with_path(folder), name),
            None => (self.with_path(""), trimmed),
        }
    }
}

impl fmt::Display for VolumePath<'_> {
    /// Always absolute; the root volume goes without its number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.volume != 0 {
            write!(f, "{}:", self.volume)?;
        }
        if !self.path.starts_with('/') {
            f.write_str("/")?;
        }
        f.write_str(self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_before_a_colon_names_a_volume_and_nothing_else_does() {
        let cases = [
            ("/a/b", 0, "/a/b"),
            ("a", 0, "a"),
            ("0:/a", 0, "/a"),
            ("12:x", 12, "x"),
            ("1:", 1, ""),
            ("c:/a", 0, "c:/a"),
            (":/a", 0, ":/a"),
            ("+1:/a", 0, "+1:/a"),
            ("99999999999:/a", 0, "99999999999:/a"),
        ];
        for (text, volume, path) in cases {
            assert_eq!(VolumePath::parse(text), VolumePath { volume, path }, "{text}");
        }
    }

    #[test]
    fn paths_are_shown_absolute() {
        assert_eq!(VolumePath::parse("a").to_string(), "/a");
        assert_eq!(VolumePath::parse("1:").to_string(), "1:/");
        let (folder, name) = VolumePath::parse("2:/a/b/").split_last();
        assert_eq!((folder.to_string().as_str(), name), ("2:/a", "b"));
        let (folder, name) = VolumePath::parse("b").split_last();
        assert_eq!((folder.to_string().as_str(), name), ("/", "b"));
    }
}
