//! What must hold of a linked kernel: nothing undefined, nothing of libc, no page both writable and executable, no
//! system call, no interpreter.

use super::{Result, bad};
use object::{
    Object, ObjectSection, ObjectSegment, ObjectSymbol, SectionKind, SegmentFlags, elf, read::elf::ElfFile64,
};

/// Names that would mean that a dependency took its Linux path.
const LIBC: [&str; 14] = [
    "malloc",
    "free",
    "calloc",
    "realloc",
    "syscall",
    "getrandom",
    "pthread_create",
    "open",
    "read",
    "write",
    "mmap",
    "clock_gettime",
    "__errno_location",
    "abort",
];

/// Checks the linked image `bytes`.
///
/// # Errors
/// The first rule that is broken, with the symbol, segment or address.
pub fn image(bytes: &[u8]) -> Result<()> {
    let elf = ElfFile64::<object::LittleEndian>::parse(bytes).map_err(|error| bad(error.to_string()))?;
    segments(&elf)?;
    symbols(&elf)?;
    no_system_call(&elf)
}

fn segments(file: &ElfFile64<'_, object::LittleEndian>) -> Result<()> {
    for segment in file.segments() {
        let SegmentFlags::Elf { p_flags, .. } = segment.flags() else { continue };
        if p_flags.0 & elf::PF_W.0 != 0 && p_flags.0 & elf::PF_X.0 != 0 {
            return Err(bad(format!("the segment at {:#x} is writable and executable", segment.address())));
        }
        if segment.address() % 4096 != 0 {
            return Err(bad(format!("the segment at {:#x} shares a page with its neighbour", segment.address())));
        }
    }
    match file.section_by_name(".interp").or_else(|| file.section_by_name(".dynamic")) {
        Some(section) => {
            Err(bad(format!("section {} means that it is linked dynamically", section.name().unwrap_or("?"))))
        }
        None => Ok(()),
    }
}

fn symbols(file: &ElfFile64<'_, object::LittleEndian>) -> Result<()> {
    for symbol in file.symbols() {
        let name = symbol.name().unwrap_or("?");
        // The null symbol at index 0 is undefined by definition.
        if symbol.is_undefined() && !name.is_empty() {
            return Err(bad(format!("symbol `{name}` is undefined: a dependency expects an operating system")));
        }
        if LIBC.contains(&name) {
            return Err(bad(format!("symbol `{name}` is libc's: a dependency took its Linux path")));
        }
    }
    Ok(())
}

/// Decodes all code and refuses `syscall` and `sysenter`: the target triple says Linux, so a dependency might make one.
fn no_system_call(file: &ElfFile64<'_, object::LittleEndian>) -> Result<()> {
    for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
        let data = section.data().map_err(|error| bad(error.to_string()))?;
        if let Some(place) = system_call_in(data, section.address()) {
            return Err(bad(format!("a system call at {place:#x}")));
        }
    }
    Ok(())
}

/// Address of the first system call in `code`, which starts at `address`.
fn system_call_in(code: &[u8], address: u64) -> Option<u64> {
    use iced_x86::Mnemonic::{Syscall, Sysenter};
    let decoder = iced_x86::Decoder::with_ip(64, code, address, iced_x86::DecoderOptions::NONE);
    let mut calls = decoder.into_iter().filter(|instruction| matches!(instruction.mnemonic(), Syscall | Sysenter));
    calls.next().map(|instruction| instruction.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An executable without sections and with one segment (System V ABI, figures 4-3 and 5-1).
    fn one_segment(flags: elf::ProgramFlags, address: u64) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
        bytes.resize(16, 0);
        bytes.extend([2, 0, 0x3e, 0, 1, 0, 0, 0]);
        for word in [address, 64, 0] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 64, 0, 0, 0, 0, 0]);
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(flags.0.to_le_bytes());
        for word in [0, address, address, 120, 120, 4096] {
            bytes.extend(u64::to_le_bytes(word));
        }
        bytes
    }

    fn complaint(bytes: &[u8]) -> String {
        image(bytes).expect_err("must be refused").to_string()
    }

    #[test]
    fn one_sound_segment_is_fine() {
        image(&one_segment(elf::PF_R | elf::PF_X, 0x20_0000)).expect("nothing is wrong with it");
    }

    #[test]
    fn writable_code_and_shared_pages_are_refused() {
        let writable_code = one_segment(elf::PF_R | elf::PF_W | elf::PF_X, 0x20_0000);
        assert!(complaint(&writable_code).contains("writable and executable"));
        assert!(complaint(&one_segment(elf::PF_R, 0x20_0010)).contains("shares a page"));
    }

    #[test]
    fn a_host_program_depends_on_its_system() {
        let this = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        let file = ElfFile64::<object::LittleEndian>::parse(this.as_slice()).expect("an ELF file");
        assert!(symbols(&file).expect_err("it needs libc").to_string().contains("expects an operating system"));
        image(&this).expect_err("it is no kernel");
    }

    #[test]
    fn a_system_call_is_seen_and_its_bytes_elsewhere_are_not() {
        // nop; syscall, and mov eax, 0x050f with the same bytes as an immediate.
        assert_eq!(system_call_in(&[0x90, 0x0f, 0x05], 0x1000), Some(0x1001));
        assert_eq!(system_call_in(&[0x0f, 0x34], 0), Some(0));
        assert_eq!(system_call_in(&[0xb8, 0x0f, 0x05, 0x00, 0x00, 0xc3], 0x1000), None);
    }
}
