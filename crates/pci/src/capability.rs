//! The capability list (PCI 6.7).

/// An entry of a function's capability list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability {
    /// What it is; 0x05 MSI, 0x10 PCI Express, 0x11 MSI-X.
    pub id: u8,
    /// Where it starts in configuration space: a multiple of 4, at least 0x40.
    pub offset: u8,
}

impl Capability {
    /// Message-signalled interrupts.
    pub const MSI: u8 = 0x05;
    /// PCI Express.
    pub const PCI_EXPRESS: u8 = 0x10;
    /// Message-signalled interrupts with a table.
    pub const MSIX: u8 = 0x11;
}

/// Walks a list whose words `read` yields, from the pointer `first`.
///
/// A list has at most 48 entries, that many words lying between the header and offset 256; one that goes on longer runs
/// in a circle. Pointers into the header and entries of all ones end it.
pub(crate) fn walk(first: u8, read: impl Fn(u8) -> u32) -> impl Iterator<Item = (Capability, u32)> {
    let mut next = first;
    (0..48).map_while(move |_| {
        let offset = next & !3;
        if offset < 0x40 {
            return None;
        }
        let word = read(offset);
        let [id, link, ..] = word.to_le_bytes();
        next = link;
        (id != 0xff).then_some((Capability { id, offset }, word))
    })
}
