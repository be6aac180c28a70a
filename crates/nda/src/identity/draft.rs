//! Words that are put together to be hashed.

use crate::module::Word;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// Words in a block of SHA-256.
const BLOCK: usize = 8;

/// Words of canonical forms; their room is kept when it is cleared.
#[derive(Debug, Default)]
pub(crate) struct Draft(Vec<Word>);

impl Draft {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The words.
    pub(crate) fn words(&self) -> &[Word] {
        &self.0
    }

    /// The words as bytes.
    pub(crate) const fn bytes(&self) -> &[u8] {
        self.0.as_slice().as_flattened()
    }

    /// The hash of the words. Their padding (FIPS 180-4, 5.1.1) stands behind them meanwhile.
    pub(super) fn hash(&mut self) -> ContentHash {
        let len = self.0.len();
        self.0.push([0x80, 0, 0, 0, 0, 0, 0, 0]);
        self.0.resize((len + 2).next_multiple_of(BLOCK) - 1, [0; 8]);
        self.0.push((len as u64 * 64).to_be_bytes());
        let hash = ContentHash::of_padded(self.bytes().as_chunks().0);
        self.0.truncate(len);
        hash
    }

    #[inline]
    pub(super) fn push(&mut self, word: u64) {
        self.0.push(word.to_le_bytes());
    }

    #[inline]
    pub(super) fn extend(&mut self, words: &[Word]) {
        self.0.extend_from_slice(words);
    }

    /// Sets the upper half of a word that has been written.
    pub(super) fn set_upper(&mut self, at: usize, number: u32) {
        self.0[at][4..].copy_from_slice(&number.to_le_bytes());
    }

    /// Appends a reference: its word, and the hash of what it leads to.
    #[inline]
    pub(super) fn reference(&mut self, word: u64, hash: &ContentHash) {
        let (hash, _) = hash.0.as_chunks();
        self.0.extend_from_slice(&[word.to_le_bytes(), hash[0], hash[1], hash[2], hash[3]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_hashed_as_their_bytes() {
        let mut draft = Draft::default();
        for len in 0..40_u64 {
            let before = draft.words().to_vec();
            assert_eq!(draft.hash(), ContentHash::of(before.as_flattened()), "{len}");
            assert_eq!(draft.words(), before);
            draft.push(len.wrapping_mul(0x0123_4567_89AB_CDEF));
        }
        draft.clear();
        draft.extend(&[[1; 8], [2; 8]]);
        draft.set_upper(0, 7);
        draft.reference(9, &ContentHash::of(b""));
        assert_eq!(draft.bytes()[..16], [1, 1, 1, 1, 7, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!(draft.bytes()[16..24], 9_u64.to_le_bytes());
        assert_eq!(draft.bytes()[24..], ContentHash::of(b"").0);
    }
}
