//! The sleep types of state S5, read from the DSDT without an AML interpreter.
//!
//! Firmware defines them as `Name (_S5_, Package () { a, b, … })` with constant integers, which has one encoding
//! (ACPI specification 6.5, sections 7.4.2.6, 20.2.2 and 20.2.4): NameOp, the name, PackageOp, a package length of
//! one to four bytes, the element count, then each integer as ZeroOp, OneOp or a byte, word or double-word constant.
//! Anything else is not believed.

/// What goes into the `SLP_TYP` fields of the PM1 control registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SleepTypes {
    /// For PM1a.
    pub a: u8,
    /// For PM1b.
    pub b: u8,
}

/// Finds the `_S5_` package in the bytes of a DSDT.
#[must_use]
pub fn find(dsdt: &[u8]) -> Option<SleepTypes> {
    let places = dsdt.windows(4).enumerate().filter(|(_, name)| name == b"_S5_");
    places.into_iter().find_map(|(at, _)| package(dsdt, at))
}

fn package(dsdt: &[u8], at: usize) -> Option<SleepTypes> {
    let before = dsdt.get(at.checked_sub(2)?..at)?;
    let named = before[1] == 0x08 || before == [0x08, b'\\'];
    let body = dsdt.get(at + 4..)?;
    if !named || *body.first()? != 0x12 {
        return None;
    }
    let length_bytes = usize::from(*body.get(1)? >> 6) + 1;
    let elements = body.get(1 + length_bytes..)?;
    if *elements.first()? < 1 {
        return None;
    }
    let (a, rest) = integer(elements.get(1..)?)?;
    // A package of one element serves both registers.
    let b = if elements[0] > 1 { integer(rest)?.0 } else { a };
    (a < 8 && b < 8).then_some(SleepTypes { a, b })
}

/// A small integer constant and what follows it.
fn integer(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (&op, rest) = bytes.split_first()?;
    let width = match op {
        0x00 | 0x01 => return Some((op, rest)),
        0x0a => 1,
        0x0b => 2,
        0x0c => 4,
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(width)?;
    value[1..].iter().all(|&byte| byte == 0).then_some((value[0], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_encodings_are_read() {
        // Name (_S5_, Package (4) { 0, 0, 0, 0 }) as QEMU writes it, and with byte constants as others do.
        let qemu = [0x08, b'_', b'S', b'5', b'_', 0x12, 0x06, 0x04, 0, 0, 0, 0];
        let mut table = vec![0x10; 40];
        table.extend(qemu);
        assert_eq!(find(&table), Some(SleepTypes { a: 0, b: 0 }));
        let bytes = [0xff, 0x08, b'_', b'S', b'5', b'_', 0x12, 0x0a, 0x04, 0x0a, 5, 0x0a, 7, 0, 0];
        assert_eq!(find(&bytes), Some(SleepTypes { a: 5, b: 7 }));
        let rooted = [0x08, b'\\', b'_', b'S', b'5', b'_', 0x12, 0x41, 0x00, 0x02, 0x01, 0x0b, 3, 0];
        assert_eq!(find(&rooted), Some(SleepTypes { a: 1, b: 3 }));
    }

    #[test]
    fn anything_else_is_not_believed() {
        let method = [0x00, 0x14, b'_', b'S', b'5', b'_', 0x12, 0x06, 0x04, 0, 0];
        assert_eq!(find(&method), None);
        let large = [0xff, 0x08, b'_', b'S', b'5', b'_', 0x12, 0x06, 0x02, 0x0a, 9, 0];
        assert_eq!(find(&large), None);
        let whole = [0xff, 0x08, b'_', b'S', b'5', b'_', 0x12, 0x0a, 0x02, 0x0a, 5, 0x0a, 7];
        for len in 0..whole.len() {
            assert_eq!(find(&whole[..len]), None, "cut at {len}");
        }
    }
}
