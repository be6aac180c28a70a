//! What is kept, what goes, and what stays while somebody uses it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{CodeCache, PAGE};
use crate::native::published::Published;
use crate::{HostCode, Native, Tiered};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use velocity_gate::{Candidate, Origin, Policy, admit};
use velocity_interp::engine::Engine;
use velocity_interp::{Limits, Progress, Session, Store, Value};

fn session(source: &str, engine: Box<dyn Engine>) -> Session {
    let verdict = admit(Candidate::Text { name: "f", source }, Origin::Person, &Policy::default());
    let program = verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render("f", source)));
    Session::new(&program, Store::with_engine(Limits::default(), engine)).unwrap()
}

/// What a program gives, in slices.
fn end(session: &mut Session) -> Progress {
    loop {
        match session.resume(5_000, &mut String::new()) {
            Progress::Suspended => {}
            end => return end,
        }
    }
}

fn cache(limit: usize) -> Arc<CodeCache> {
    Arc::new(CodeCache::new(Arc::new(HostCode), limit))
}

fn native(source: &str, cache: &Arc<CodeCache>) -> Session {
    session(source, Box::new(Native::cached(Arc::clone(cache))))
}

fn counts(cache: &CodeCache) -> (u64, u64, usize) {
    let figures = cache.figures();
    assert_eq!(figures.bytes % PAGE, 0);
    assert!(figures.bytes <= figures.limit);
    (figures.hits, figures.misses, figures.units)
}

/// Code that is kept, the oldest first.
fn kept(cache: &CodeCache) -> Vec<Weak<Published>> {
    cache.kept.lock().units.iter().map(|unit| Arc::downgrade(&unit.code)).collect()
}

/// Loops a while, and gives a number of its own.
fn source(number: u32) -> String {
    format!(
        "fn f(n: i32) -> i32 {{ let x = n; let i = 0; while i < 9000 {{ x = x * x + {number}; if x % 3 == 0 {{ x = x - i; }} i = i + 1; }} x }}
        fn main() -> i32 {{ f(3) }}"
    )
}

#[test]
fn equal_programs_share_code_and_others_do_not() {
    let cache = cache(1 << 20);
    let first = end(&mut native(&source(1), &cache));
    assert_eq!(counts(&cache), (0, 1, 1));
    assert_eq!(end(&mut native(&source(1), &cache)), first);
    assert_eq!(counts(&cache), (1, 1, 1));
    let spaced = source(1).replace("; ", ";\n\n  // nothing\n  ").replace("fn f(", "fn g(").replace("{ f(", "{ g(");
    assert_eq!(end(&mut native(&spaced, &cache)), first);
    assert_eq!(counts(&cache), (2, 1, 1));
    assert_ne!(end(&mut native(&source(2), &cache)), first);
    assert_eq!(counts(&cache), (2, 2, 2));
    // Another way of compiling is another code.
    let explicit = Native::cached(Arc::clone(&cache)).without_inlining();
    assert_eq!(end(&mut session(&source(1), Box::new(explicit))), first);
    assert_eq!(counts(&cache), (2, 3, 3));
}

#[test]
fn code_for_memory_with_guards_is_not_for_memory_without() {
    let cache = cache(1 << 20);
    let source = "memory 1; fn main() -> i32 { let p = 70000 as *i32; p[0] }";
    let trapped = |explicit: bool| {
        let native = Native::cached(Arc::clone(&cache));
        let native = if explicit { native.with_explicit_bounds() } else { native };
        assert!(matches!(end(&mut session(source, Box::new(native))), Progress::Trapped(_)));
    };
    [false, true, false, true].into_iter().for_each(trapped);
    assert_eq!(counts(&cache), (2, 2, 2));
}

#[test]
fn the_least_recently_used_goes_and_its_memory_with_it() {
    let cache = cache(3 * PAGE);
    for number in 1..=3 {
        end(&mut native(&source(number), &cache));
    }
    assert_eq!(counts(&cache), (0, 3, 3));
    let old = kept(&cache);
    // The first one is used again, so the second one goes.
    end(&mut native(&source(1), &cache));
    end(&mut native(&source(4), &cache));
    let alive: Vec<bool> = old.iter().map(|unit| unit.strong_count() > 0).collect();
    assert_eq!(alive, [true, false, true]);
    assert_eq!(counts(&cache), (1, 4, 3));
    end(&mut native(&source(2), &cache));
    assert_eq!(counts(&cache), (1, 5, 3));
}

#[test]
fn what_is_dropped_while_it_runs_stays_until_the_run_is_over() {
    let cache = cache(PAGE);
    let expected = end(&mut native(&source(1), &cache));
    let mut running = native(&source(1), &cache);
    assert_eq!(running.resume(2_000, &mut String::new()), Progress::Suspended);
    let unit = kept(&cache).remove(0);
    end(&mut native(&source(2), &cache));
    assert_eq!((cache.figures().units, unit.strong_count()), (1, 1), "only the run has it");
    assert_eq!(end(&mut running), expected);
    drop(running);
    assert_eq!(unit.strong_count(), 0);
    assert!(cache.shed() && cache.figures().bytes == 0 && !cache.shed());
}

#[test]
fn what_is_larger_than_the_cache_is_not_kept() {
    let cache = cache(PAGE - 1);
    assert!(matches!(end(&mut native(&source(1), &cache)), Progress::Finished(_)));
    assert_eq!(counts(&cache), (0, 1, 0));
}

#[test]
fn tiers_keep_loops_too_and_begin_natively_with_what_is_there() {
    let cache = cache(1 << 20);
    let tiered = |threshold| Tiered::over(Native::cached(Arc::clone(&cache))).with_threshold(threshold);
    let first = end(&mut session(&source(1), Box::new(tiered(1000))));
    // Its functions, and the loop in which it was when they were made.
    assert_eq!(counts(&cache), (0, 2, 2));
    let again = tiered(u32::MAX);
    assert_eq!(end(&mut session(&source(1), Box::new(again.clone()))), first);
    assert_eq!((counts(&cache), again.native().compiled() > 0), ((1, 2, 2), true));
    assert!(matches!(first, Progress::Finished(ref values) if matches!(values[..], [Value::I32(_)])));
}
