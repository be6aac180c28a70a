//! What is read, replaced and freed, by hand and between threads.

use super::*;
use alloc::sync::Arc;
use core::sync::atomic::AtomicBool;

#[test]
fn what_may_be_read_is_not_reclaimed() {
    let table = Table::<i32, 1, 2>::new(|_| Box::new(1));
    let mut core = table.join(0).expect("a core");
    assert!(table.join(0).is_none() && table.join(2).is_none());
    let section = core.read();
    let one = section.get(0).expect("a value");
    let retired = table.replace(0, Box::new(2)).expect("a value");
    assert_eq!((*one, section.get(0), section.get(1)), (1, Some(&2), None));
    let retired = retired.reclaim().expect_err("the core may read it");
    core.quiesce();
    assert_eq!(*retired.reclaim().expect("nobody reads it"), 1);
}

#[test]
fn who_rests_holds_nobody_up() {
    let table = Table::<i32, 1, 2>::new(|_| Box::new(1));
    let (mut one, two) = (table.join(0).expect("a core"), table.join(1).expect("a core"));
    drop(two);
    let retired = table.replace(0, Box::new(2)).expect("a value");
    let retired = retired.reclaim().expect_err("one core may read it");
    let old = one.rest(|| {
        assert!(table.join(0).is_none(), "its place is its own while it rests");
        retired.reclaim().expect("nobody reads it")
    });
    assert_eq!((*old, one.read().get(0)), (1, Some(&2)));
    assert!(table.join(1).is_some());
}

#[test]
fn only_what_is_meant_is_replaced() {
    let table = Table::<i32, 1, 1>::new(|_| Box::new(1));
    let core = table.join(0).expect("a core");
    let section = core.read();
    let one = section.get(0).expect("a value");
    let first = table.replace_if(0, one, Box::new(2)).expect("it is what is meant");
    assert_eq!(table.replace_if(0, one, Box::new(3)).expect_err("it is replaced"), NotReplaced::Moved(Box::new(3)));
    assert_eq!(table.replace_if(1, one, Box::new(3)).expect_err("there is one"), NotReplaced::NoSuch(Box::new(3)));
    assert!(table.replace(1, Box::new(3)).is_none());
    drop(core);
    assert_eq!(first.reclaim().expect("nobody reads it"), Box::new(1));
}

#[test]
fn shared_ones_live_as_long_as_they_like() {
    let table = Arc::new(Table::<i32, 1, 2>::new(|_| Box::new(1)));
    let (mut one, two) = (table.join_shared().expect("a place"), table.join_shared().expect("a place"));
    assert_eq!((one.number(), two.number(), table.join_shared().is_none()), (0, 1, true));
    drop(two);
    let retired = table.replace_shared(0, Box::new(2)).expect("a value");
    let meant = one.read();
    let meant = meant.get(0).expect("a value");
    let more = table.replace_if_shared(0, meant, Box::new(3)).expect("it is what is meant");
    drop(table);
    assert_eq!(one.read().get(0), Some(&3));
    let retired = retired.reclaim().expect_err("one core may read it");
    one.quiesce();
    assert_eq!((retired.reclaim().ok(), more.reclaim().ok()), (Some(Box::new(1)), Some(Box::new(2))));
}

#[test]
fn readers_see_whole_values_while_they_are_replaced() {
    const SWAPS: u64 = 20_000;
    let table = Table::<[u64; 8], 1, 3>::new(|_| Box::new([0; 8]));
    let done = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        for number in 0..2 {
            let (table, done) = (&table, Arc::clone(&done));
            scope.spawn(move || {
                let mut core = table.join(number).expect("a core");
                let mut last = 0;
                while !done.load(core::sync::atomic::Ordering::Relaxed) {
                    let value = *core.read().get(0).expect("a value");
                    assert!(value.iter().all(|word| *word == value[0]) && value[0] >= last);
                    last = value[0];
                    core.quiesce();
                }
            });
        }
        let mut waiting = alloc::vec::Vec::new();
        for number in 1..=SWAPS {
            waiting.extend(table.replace(0, Box::new([number; 8])));
            waiting = waiting.into_iter().filter_map(|retired| retired.reclaim().err()).collect();
            if waiting.len() > 100 {
                std::thread::yield_now();
            }
        }
        done.store(true, core::sync::atomic::Ordering::Relaxed);
        while !waiting.is_empty() {
            waiting = waiting.into_iter().filter_map(|retired| retired.reclaim().err()).collect();
        }
    });
}
