//! The order of things that are put somewhere when a program starts.

use crate::module::{Constant, ElementId, ElementMode, Module, TableId};
use alloc::vec::Vec;

/// Sorts pieces by offset if each has a known offset and length and no two overlap, because then their order means
/// nothing; otherwise leaves them as they are, because a later piece overwrites an earlier one.
pub(super) fn by_offset<T>(pieces: &mut [T], place: impl Fn(&T) -> Option<(u64, u64)>) {
    let Some(places) = pieces.iter().map(&place).collect::<Option<Vec<_>>>() else { return };
    let mut sorted = places;
    sorted.sort_unstable();
    if sorted.windows(2).all(|pair| pair[0].0.saturating_add(pair[0].1) <= pair[1].0 && pair[0].0 != pair[1].0) {
        pieces.sort_by_key(|piece| place(piece));
    }
}

/// The element segments that are placed when a program starts, by table, in the order of their offsets; where two of a
/// table lie over each other, or an offset is not known, the order of the module decides what the table holds, and
/// stays.
pub(super) fn placed_elements(module: &Module) -> Vec<(TableId, u32)> {
    let mut all: Vec<(TableId, u32)> = Vec::new();
    for (id, element) in module.elements.iter() {
        if let ElementMode::At(table, _) = element.mode {
            all.push((table, id.0));
        }
    }
    all.sort_by_key(|&(table, _)| table);
    for group in all.chunk_by_mut(|one, other| one.0 == other.0) {
        by_offset(group, |&(_, id)| {
            let element = &module.elements[ElementId(id)];
            let ElementMode::At(_, Constant::Value(offset)) = element.mode else { return None };
            Some((offset.bits(), module.pool.len(element.items) as u64))
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::by_offset;

    fn sorted(mut pieces: Vec<(Option<u64>, u64)>) -> Vec<(Option<u64>, u64)> {
        by_offset(&mut pieces, |&(offset, len)| offset.map(|offset| (offset, len)));
        pieces
    }

    #[test]
    fn only_what_cannot_overlap_is_sorted() {
        assert_eq!(sorted(vec![(Some(8), 4), (Some(0), 8)]), [(Some(0), 8), (Some(8), 4)]);
        assert_eq!(sorted(vec![(Some(7), 4), (Some(0), 8)]), [(Some(7), 4), (Some(0), 8)]);
        assert_eq!(sorted(vec![(Some(7), 4), (None, 8)]), [(Some(7), 4), (None, 8)]);
        assert_eq!(sorted(vec![(Some(7), 0), (Some(7), 0)]), [(Some(7), 0), (Some(7), 0)]);
    }
}
