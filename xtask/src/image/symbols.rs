//! Writes the symbol table that the kernel's fault reports use into the space the image reserves for it.
//!
//! The format is described at its reader, `kernel/src/cpu/symbols.rs`.

use super::{Result, bad};
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind, read::elf::ElfFile64};

/// Section with the reserved space.
const SECTION: &str = ".symbols";
/// Longest name kept, in bytes.
const LONGEST: usize = 72;

/// Fills the table of the linked image `bytes`.
///
/// # Errors
/// When the image has no reserved space or the table does not fit.
pub fn write(bytes: &mut [u8]) -> Result<()> {
    let (table, start, room) = {
        let elf = ElfFile64::<object::LittleEndian>::parse(&*bytes).map_err(|error| bad(error.to_string()))?;
        let section = elf.section_by_name(SECTION).ok_or_else(|| bad(format!("no section {SECTION}")))?;
        let (start, room) = section.file_range().ok_or_else(|| bad(format!("{SECTION} is not in the file")))?;
        (table(&elf)?, start as usize, room as usize)
    };
    if table.len() > room {
        return Err(bad(format!(
            "{} bytes of symbols, room for {room}: raise RESERVED in kernel/src/cpu/symbols.rs",
            table.len()
        )));
    }
    bytes[start..start + table.len()].copy_from_slice(&table);
    Ok(())
}

fn table(elf: &ElfFile64<'_, object::LittleEndian>) -> Result<Vec<u8>> {
    let base = elf.symbols().find(|symbol| symbol.name() == Ok("kernel_start")).map(|symbol| symbol.address());
    let base = base.ok_or_else(|| bad("no symbol kernel_start"))?;
    let mut functions: Vec<(u32, String)> = elf
        .symbols()
        .filter(|symbol| symbol.kind() == SymbolKind::Text || symbol.name().is_ok_and(is_assembly))
        .filter_map(|symbol| {
            Some((u32::try_from(symbol.address().checked_sub(base)?).ok()?, short(symbol.name().ok()?)))
        })
        .collect();
    functions.sort();
    functions.dedup_by_key(|function| function.0);
    // Copies of one generic function lie side by side: one entry says as much as hundreds.
    functions.dedup_by(|next, first| next.1 == first.1);
    let mut table = b"VSYM".to_vec();
    table.extend((functions.len() as u32).to_le_bytes());
    let mut last = 0;
    for (offset, name) in &functions {
        let [low, middle, high, 0] = (offset - last).to_le_bytes() else {
            return Err(bad(format!("{name} lies more than 16 MiB behind the function before it")));
        };
        table.extend([low, middle, high, name.len() as u8]);
        last = *offset;
    }
    functions.iter().for_each(|(_, name)| table.extend(name.as_bytes()));
    Ok(table)
}

/// Entry points and stubs carry no type in the symbol table.
fn is_assembly(name: &str) -> bool {
    ["multiboot2_entry", "limine_entry", "vector_stubs", "vector_common", "memcpy", "memmove", "memset", "memcmp"]
        .contains(&name)
}

fn short(mangled: &str) -> String {
    let mut name = plain(&format!("{:#}", rustc_demangle::demangle(mangled)));
    let mut end = name.len().min(LONGEST);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name
}

/// A name without what says little and is long: `<A as B>::c` is `A::c`, and `a::<impl B>::c` is `a::c`.
fn plain(name: &str) -> String {
    if let Some((inner, rest)) = name.strip_prefix('<').and_then(bracketed) {
        return format!("{}{rest}", inner.split(" as ").next().unwrap_or(inner));
    }
    match name.split_once("::<impl ") {
        Some((start, rest)) => match bracketed(rest) {
            Some((_, rest)) => format!("{start}{rest}"),
            None => name.to_owned(),
        },
        None => name.to_owned(),
    }
}

/// What stands before the bracket that closes one opened before, and what stands behind it.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1;
    let mut last = ' ';
    for (at, character) in text.char_indices() {
        match character {
            '<' => depth += 1,
            '>' if last != '-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
        last = character;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_demangled_without_their_hash_and_cut() {
        assert_eq!(short("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
        assert_eq!(short(&"é".repeat(100)).len(), LONGEST);
    }

    #[test]
    fn names_are_of_types_and_not_of_traits() {
        for (long, short) in [
            ("<a::B<C> as d::E<fn() -> F>>::g", "a::B<C>::g"),
            ("a::b::<impl c::D<E>>::f::{{closure}}", "a::b::f::{{closure}}"),
            ("<[T]>::len", "[T]::len"),
            ("core::ptr::drop_in_place<a::B>", "core::ptr::drop_in_place<a::B>"),
            ("<broken", "<broken"),
            ("a::<impl broken", "a::<impl broken"),
        ] {
            assert_eq!(plain(long), short);
        }
    }
}
