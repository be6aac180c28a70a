//! Words that are put together to be hashed.

use crate::module::Word;
use alloc::vec::Vec;
use velocity_base::ContentHash;

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
