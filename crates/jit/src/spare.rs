//! Things that nobody uses at present and that cost something to make: a few of each kind wait here for who needs one next.

use alloc::vec::Vec;
use spin::Mutex;

/// How many of a kind are kept: for so many threads that compile at once.
const COUNT: usize = 2;

/// A few things of a kind.
pub(crate) struct Spare<T>(Mutex<Vec<T>>);

impl<T> Spare<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// One that was left, or else one that `make` makes.
    pub(crate) fn take(&self, make: impl FnOnce() -> T) -> T {
        let left = self.0.lock().pop();
        left.unwrap_or_else(make)
    }

    /// Keeps a thing, unless there are enough. Who leaves it sees to it that it is not large.
    pub(crate) fn leave(&self, thing: T) {
        let mut kept = self.0.lock();
        if kept.len() < COUNT {
            kept.push(thing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;

    #[test]
    fn what_was_left_is_taken_and_no_more_is_kept_than_the_limit_says() {
        let (spare, thing) = (Spare::new(), Arc::new(0));
        (0..COUNT + 3).for_each(|_| spare.leave(Arc::clone(&thing)));
        assert_eq!(Arc::strong_count(&thing), COUNT + 1);
        let taken = [(); COUNT].map(|()| spare.take(|| unreachable!("there are some left")));
        assert!(taken.iter().all(|one| Arc::ptr_eq(one, &thing)));
        assert_eq!(*spare.take(|| Arc::new(7)), 7);
    }
}
