//! Numbers that lie one behind the other, each in as many bytes as the largest of them needs.

use core::ops::Range;

/// Numbers in place. Invariant: `width` is 1 to 4, and `bytes` is a multiple of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers<'b> {
    bytes: &'b [u8],
    width: usize,
}

impl<'b> Numbers<'b> {
    /// `None` if these bytes are not whole numbers of this width.
    pub(super) fn new(bytes: &'b [u8], width: usize) -> Option<Self> {
        let fits = (1..=4).contains(&width) && bytes.len().is_multiple_of(width);
        fits.then_some(Self { bytes, width })
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    pub(super) fn get(&self, at: usize) -> Option<u32> {
        let start = at.checked_mul(self.width)?;
        self.bytes.get(start..)?.get(..self.width).map(number)
    }

    /// The numbers at these positions; none if there are fewer.
    pub(super) fn range(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = u32> + use<'b> {
        let bytes = self.bytes.get(range.start * self.width..range.end * self.width);
        bytes.unwrap_or(&[]).chunks_exact(self.width).map(number)
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = u32> + use<'b> {
        self.range(0..self.len())
    }

    /// Where the piece of this number lies, if these are the ends of pieces that lie one behind the other.
    pub(super) fn piece(&self, at: usize) -> Range<usize> {
        let end = |at| self.get(at).unwrap_or(0) as usize;
        at.checked_sub(1).map_or(0, end)..end(at)
    }

    /// The first position whose number is not below `limit`.
    pub(super) fn beyond(&self, limit: usize) -> Option<usize> {
        // The largest first: a loop without a way out is several times as fast.
        let largest = self.visit(Largest(0));
        if self.bytes.is_empty() || (largest.0 as usize) < limit {
            return None;
        }
        self.iter().position(|number| number as usize >= limit)
    }

    /// Whether these are the ends of pieces that lie one behind the other and take up `total`.
    pub(super) fn end_at(&self, total: usize) -> bool {
        let ends = self.visit(Ends { last: 0, ascend: true });
        ends.ascend && ends.last as usize == total
    }

    /// Shows all numbers to a visitor, in a loop of its own for each width.
    pub(super) fn visit<V: Visit>(&self, mut visitor: V) -> V {
        match self.width {
            1 => self.bytes.iter().for_each(|&byte| visitor.see(u32::from(byte))),
            2 => self.bytes.as_chunks().0.iter().for_each(|&pair| visitor.see(u16::from_le_bytes(pair).into())),
            3 => self.bytes.as_chunks().0.iter().for_each(|&[a, b, c]| visitor.see(u32::from_le_bytes([a, b, c, 0]))),
            _ => self.bytes.as_chunks().0.iter().for_each(|&word| visitor.see(u32::from_le_bytes(word))),
        }
        visitor
    }
}

/// Sees numbers from first to last.
pub(super) trait Visit {
    fn see(&mut self, number: u32);
}

struct Largest(u32);

impl Visit for Largest {
    #[inline]
    fn see(&mut self, number: u32) {
        self.0 = self.0.max(number);
    }
}

struct Ends {
    last: u32,
    ascend: bool,
}

impl Visit for Ends {
    #[inline]
    fn see(&mut self, number: u32) {
        self.ascend &= self.last <= number;
        self.last = number;
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width() {
        for width in 1..=4 {
            let numbers = [0, 1, 7, 7, 200].map(|number: u32| number << (8 * (width - 1)));
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()[..width].to_vec()).collect();
            let view = Numbers::new(&bytes, width).unwrap();
            assert_eq!((view.iter().collect::<Vec<_>>(), view.len()), (numbers.to_vec(), 5));
            assert_eq!((view.get(4), view.get(5), view.get(usize::MAX)), (Some(numbers[4]), None, None));
            assert_eq!(view.beyond(numbers[4] as usize + 1), None);
            assert_eq!((view.beyond(numbers[4] as usize), view.beyond(0)), (Some(4), Some(0)));
            assert_eq!((view.end_at(numbers[4] as usize), view.end_at(1)), (true, false));
            assert_eq!((view.piece(0), view.piece(2)), (0..0, numbers[1] as usize..numbers[2] as usize));
            assert!(!Numbers::new(&bytes[width..], width).unwrap().end_at(0));
        }
        let falling = Numbers::new(&[2, 1], 1).unwrap();
        assert!(!falling.end_at(1) && falling.range(1..3).len() == 0);
        let none = Numbers::new(&[], 4).unwrap();
        assert!(none.end_at(0) && !none.end_at(1) && none.beyond(0).is_none());
        assert!(Numbers::new(&[0; 3], 2).is_none() && Numbers::new(&[], 0).is_none());
        assert!(Numbers::new(&[0; 5], 5).is_none());
    }
}
