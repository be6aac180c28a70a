//! Directory entries: a view of the 32 bytes, and the value that callers get.

use crate::{
    Date, DateTime,
    layout::{entry as at, fat},
    name::Name,
};
use alloc::string::String;
use velocity_base::le::{u16_at, u32_at};

/// A file or folder in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// Its long name where it has one, else its short name; control characters and `/` replaced by U+FFFD.
    pub name: String,
    /// True for a folder.
    pub is_dir: bool,
    /// Bytes in the file; 0 for a folder.
    pub size: u32,
    /// Its flags.
    pub attributes: Attributes,
    /// When it was last written, if recorded.
    pub modified: Option<DateTime>,
    /// When it was made, if recorded.
    pub created: Option<DateTime>,
    /// The day it was last used, if recorded.
    pub accessed: Option<Date>,
    /// Its first cluster; 0 for an empty file.
    pub first_cluster: u32,
}

/// Flags of a directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes(u8);

impl Attributes {
    const LABEL: u8 = 0x08;
    const LONG_NAME: u8 = 0x0F;
    const MASK: u8 = 0x3F;

    /// It must not be written.
    #[must_use]
    pub fn is_read_only(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// It should not be listed.
    #[must_use]
    pub fn is_hidden(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// It belongs to an operating system.
    #[must_use]
    pub fn is_system(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// It is a folder.
    #[must_use]
    pub fn is_directory(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// It was changed since the last backup.
    #[must_use]
    pub fn is_archive(self) -> bool {
        self.0 & 0x20 != 0
    }
}

/// What 32 bytes of a folder are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// This entry and all behind it are unused.
    End,
    /// A deleted entry.
    Deleted,
    /// A part of a long name.
    LongName,
    /// The label of the volume.
    Label,
    /// The folder itself or the one above: `.` and `..`.
    Dot,
    /// A file or folder.
    Item,
}

/// View of a directory entry.
#[derive(Clone, Copy)]
pub struct Entry<'a>(pub &'a [u8; at::BYTES]);

impl<'a> Entry<'a> {
    pub fn kind(&self) -> Kind {
        let attributes = self.attributes().0 & Attributes::MASK;
        match self.0[at::NAME] {
            0x00 => Kind::End,
            0xE5 => Kind::Deleted,
            _ if attributes == Attributes::LONG_NAME => Kind::LongName,
            _ if attributes & Attributes::LABEL != 0 => Kind::Label,
            _ if matches!(self.short_name(), b".          " | b"..         ") => Kind::Dot,
            _ => Kind::Item,
        }
    }

    pub fn attributes(&self) -> Attributes {
        Attributes(self.0[at::ATTRIBUTES])
    }

    /// The name field, padded.
    pub fn short_name(&self) -> &'a [u8; at::NAME_BYTES] {
        // The name is the first field, so that this cannot fail.
        self.0.first_chunk().unwrap_or(&[b' '; at::NAME_BYTES])
    }

    pub fn name(&self) -> Name<'a> {
        Name::Short(self.short_name(), self.0[at::LOWER_CASE])
    }

    /// The upper four bits are not part of a cluster number, as in the FAT.
    pub fn first_cluster(&self) -> u32 {
        let high = u32::from(u16_at(self.0, at::CLUSTER_HIGH));
        (high << 16 | u32::from(u16_at(self.0, at::CLUSTER_LOW))) & fat::VALUE
    }

    pub fn size(&self) -> u32 {
        if self.attributes().is_directory() { 0 } else { u32_at(self.0, at::SIZE) }
    }

    /// The value for a caller, with the long name if there is one.
    pub fn to_value(self, long_name: Option<&[u16]>) -> DirEntry {
        let word = |at| u16_at(self.0, at);
        DirEntry {
            name: long_name.map_or(self.name(), Name::Long).chars().collect(),
            is_dir: self.attributes().is_directory(),
            size: self.size(),
            attributes: self.attributes(),
            modified: DateTime::decode(word(at::MODIFIED_DATE), word(at::MODIFIED_TIME), 0),
            created: DateTime::decode(word(at::CREATED_DATE), word(at::CREATED_TIME), self.0[at::CREATED_HUNDREDTHS]),
            accessed: Date::decode(word(at::ACCESSED_DATE)),
            first_cluster: self.first_cluster(),
        }
    }
}
