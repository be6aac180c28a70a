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
        let mut decoder = iced_x86::Decoder::with_ip(64, data, section.address(), iced_x86::DecoderOptions::NONE);
        while decoder.can_decode() {
            let instruction = decoder.decode();
            if matches!(instruction.mnemonic(), iced_x86::Mnemonic::Syscall | iced_x86::Mnemonic::Sysenter) {
                return Err(bad(format!("a system call at {:#x}", instruction.ip())));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_program_is_refused() {
        let this = std::fs::read(std::env::current_exe().expect("a path")).expect("readable");
        let error = image(&this).expect_err("a host program needs libc").to_string();
        let reasons = ["linked dynamically", "undefined", "shares a page"];
        assert!(reasons.iter().any(|reason| error.contains(reason)), "{error}");
    }
}
