//! The numbers of registers.

use super::operands::{Known, known};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use iced_x86::Register;

/// What a general register is called, by number: 64, 32, 16 and 8 bits.
fn names(number: usize) -> [String; 4] {
    let old = ["AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"];
    match old.get(number) {
        Some(name) if number < 4 => {
            [format!("R{name}"), format!("E{name}"), String::from(*name), format!("{}L", &name[..1])]
        }
        Some(name) => [format!("R{name}"), format!("E{name}"), String::from(*name), format!("{name}L")],
        None => [format!("R{number}"), format!("R{number}D"), format!("R{number}W"), format!("R{number}L")],
    }
}

#[test]
fn registers_have_the_numbers_that_instructions_give_them() {
    let all: Vec<[String; 4]> = (0..16).map(names).collect();
    let mut general = 0;
    for register in Register::values() {
        let name = format!("{register:?}");
        let number = all.iter().position(|names| names.contains(&name));
        let vector = (0..16).any(|number| name == format!("XMM{number}"));
        let expected = match number {
            Some(number) if all[number][0] == name => Known::Wide(number as u8),
            Some(number) => Known::Partial(number as u8),
            None if vector => Known::Vector,
            None => Known::Other,
        };
        assert_eq!(known(register), expected, "{name}");
        general += usize::from(number.is_some());
    }
    assert_eq!(general, 64);
}
