//! The checksum against known values; sets of parts are tested with whole folders.

use super::*;

#[test]
fn checksums_are_those_of_real_disks() {
    // `über straße.txt` and `Ελληνικά 文書` as mtools 4.0.32 writes them.
    assert_eq!(checksum(b"\x9ABERST~1TXT"), 0x2B);
    assert_eq!(checksum(b"______~1   "), 0xD3);
}

#[test]
fn nothing_fed_is_no_name() {
    assert_eq!(LongName::new().name_of(b"README  TXT"), None);
}
