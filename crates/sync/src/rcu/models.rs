//! The same under the model checker: `RUSTFLAGS="--cfg loom" cargo test --release -p velocity-sync`

use super::*;
use crate::atomic::UnsafeCell;
use loom::thread;

/// A value of which the model checker sees when it is read and when it ends.
struct Watched(UnsafeCell<usize>);

// SAFETY: 1. it is read through a shared reference, and written by who has it alone: what the model is to show.
unsafe impl Sync for Watched {}

impl Watched {
    fn new(value: usize) -> Box<Self> {
        Box::new(Self(UnsafeCell::new(value)))
    }

    fn get(&self) -> usize {
        // SAFETY: 1. the cell lives as long as this.
        self.0.with(|value| unsafe { *value })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: 1. the cell lives as long as this, which is had alone.
        self.0.with_mut(|value| unsafe { *value = usize::MAX });
    }
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// A core reads, says that it holds nothing, and reads again, while another replaces and frees.
#[test]
fn nothing_is_freed_that_is_read() {
    loom::model(|| {
        let table = leaked(Table::<Watched, 1, 1>::new(|_| Watched::new(1)));
        let reader = thread::spawn(move || {
            let mut core = table.join(0).expect("a core");
            let first = core.read().get(0).expect("a value").get();
            core.quiesce();
            let second = core.read().get(0).expect("a value").get();
            assert!((1..=2).contains(&first) && second >= first && second <= 2);
        });
        let mut retired = table.replace(0, Watched::new(2));
        for _ in 0..2 {
            retired = retired.and_then(|retired| retired.reclaim().err());
        }
        reader.join().expect("the reader ends");
        if let Some(retired) = retired {
            drop(retired.reclaim().ok().expect("nobody reads it"));
        }
    });
}

/// The same with a core that rests in between.
#[test]
fn who_comes_back_from_rest_reads_what_is_new() {
    loom::model(|| {
        let table = leaked(Table::<Watched, 1, 1>::new(|_| Watched::new(1)));
        let mut core = table.join(0).expect("a core");
        let writer = thread::spawn(move || table.replace(0, Watched::new(2))?.reclaim().err());
        core.rest(|| {});
        let value = core.read().get(0).expect("a value").get();
        assert!((1..=2).contains(&value));
        drop(core);
        if let Some(retired) = writer.join().expect("the writer ends") {
            drop(retired.reclaim().ok().expect("nobody reads it"));
        }
    });
}
