//! How much memory this program's own image takes: code, constants and static data.

use std::path::Path;

/// Bytes of the running executable in memory; 0 when the host does not tell.
///
/// On Linux the mappings of the executable as the kernel lists them (proc(5), `/proc/pid/maps`); elsewhere the length
/// of its file, which also holds what is never loaded.
#[must_use]
pub fn image_bytes() -> u64 {
    let Ok(executable) = std::env::current_exe() else { return 0 };
    match std::fs::read_to_string("/proc/self/maps") {
        Ok(maps) => mapped_bytes(&maps, &executable),
        Err(_) => executable.metadata().map_or(0, |data| data.len()),
    }
}

/// Sum of the mappings of `file` in `maps`.
fn mapped_bytes(maps: &str, file: &Path) -> u64 {
    let of_line = |line: &str| {
        // start-end permissions offset device inode path
        let path = line.splitn(6, ' ').nth(5)?.trim_start();
        let (start, end) = line.split_once(' ')?.0.split_once('-')?;
        let bytes = u64::from_str_radix(end, 16).ok()?.checked_sub(u64::from_str_radix(start, 16).ok()?)?;
        (Path::new(path) == file).then_some(bytes)
    };
    maps.lines().filter_map(of_line).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_file_is_counted() {
        let maps = "00400000-00402000 r-xp 00000000 08:02 17  /opt/a b\n\
                    00402000-00403000 rw-p 00002000 08:02 17  /opt/a b\n\
                    00500000-00600000 r-xp 00000000 08:02 18  /opt/c\n\
                    00700000-00800000 rw-p 00000000 00:00 0 \n\
                    nonsense\n";
        assert_eq!(mapped_bytes(maps, Path::new("/opt/a b")), 0x3000);
        assert_eq!(mapped_bytes(maps, Path::new("/opt/d")), 0);
    }

    #[test]
    fn this_program_has_a_size() {
        assert!(image_bytes() > 64 << 10);
    }
}
