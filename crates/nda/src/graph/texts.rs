//! Texts by number, each kept once.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Names, types, capabilities.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    all: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, u32>,
}

impl Texts {
    /// The number of a text, from now on if it is new.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let (number, text) = (self.all.len() as u32, Arc::<str>::from(text));
        self.all.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The text of a number; empty for an unknown one.
    pub(super) fn get(&self, number: u32) -> &str {
        self.all.get(number as usize).map_or("", |text| text)
    }
}
