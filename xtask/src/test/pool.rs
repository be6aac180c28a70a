//! Runs jobs two at a time: more virtual machines than cores would only wait for each other.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    thread,
};

/// Virtual machines that run at the same time.
const WORKERS: usize = 2;

/// A named test.
pub struct Case<'a> {
    /// Its name in the report.
    pub name: String,
    /// Runs it; the error is what the report shows.
    pub run: Box<dyn Fn() -> Result<(), String> + Send + Sync + 'a>,
}

/// Runs all cases and calls `report` for each as it ends.
pub fn run(cases: Vec<Case<'_>>, report: impl FnMut(&str, Result<(), String>) + Send) {
    let queue = Mutex::new(VecDeque::from(cases));
    let report = Mutex::new(report);
    let work = || {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(case) = next else { return };
            let result = (case.run)();
            report.lock().unwrap_or_else(PoisonError::into_inner)(&case.name, result);
        }
    };
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(work);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn every_case_is_reported_once_and_never_more_than_two_run() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let case = |index: usize| Case {
            name: index.to_string(),
            run: Box::new(|| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(std::time::Duration::from_millis(5));
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }),
        };
        let mut names = Vec::new();
        run((0..9).map(case).collect(), |name, result| names.push((name.to_owned(), result.is_ok())));
        names.sort();
        assert_eq!(names, (0..9).map(|index| (index.to_string(), true)).collect::<Vec<_>>());
        assert!(most.load(Ordering::SeqCst) <= WORKERS);
    }
}
