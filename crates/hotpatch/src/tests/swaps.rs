//! Calls from several threads while versions come and go.

use super::*;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Calls, and swaps meanwhile. None fails, and none sees half of a version.
fn under_load(swaps: u32, calls: u64) {
    let mut bench = bench(EngineKind::Native);
    let (done, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let packages = [walk(""), walk("if count == 0 { return 0; }")].map(|source| payload(&source));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (dispatch, done, answered) = (bench.dispatch.clone(), &done, &answered);
            scope.spawn(move || {
                let mut caller = dispatch.caller(EntryId::FAT32_WALK).expect("a place");
                let chains: Vec<_> = (0..64).map(chain).collect();
                while !done.load(Ordering::Relaxed) || answered.load(Ordering::Relaxed) < calls {
                    for (entries, first) in &chains {
                        assert_eq!(ask(&caller, entries, *first), original(entries, *first));
                        caller.quiesce();
                    }
                    answered.fetch_add(chains.len() as u64, Ordering::Relaxed);
                }
            });
        }
        for swap in 0..swaps {
            let payload = packages[swap as usize % 2].clone();
            let target = target(&bench.updates, "fat32.walk", &payload, walk_test());
            let package = package(u64::from(swap) + 1, vec![target], vec![payload]);
            bench.updates.apply(&package, &mut bench.journal).expect("everything speaks for it");
            bench.journal.records.clear();
            // Every other one is kept, whatever was seen of it: the rest is taken back.
            while bench.updates.open().is_some() {
                if swap % 2 == 0 {
                    let _ = bench.updates.take_back(&mut bench.journal, "for this test");
                } else if let Some(decision) = bench.updates.step(&mut bench.journal) {
                    let slow = matches!(&decision, Decision::TakenBack { why, .. } if why.contains("slow"));
                    assert!(slow || matches!(decision, Decision::Kept { .. }), "{decision:?}");
                }
            }
            let _ = bench.updates.step(&mut bench.journal);
        }
        done.store(true, Ordering::Relaxed);
    });
    let _ = bench.updates.step(&mut bench.journal);
    assert_eq!(bench.updates.waiting(), 0);
    assert!(answered.load(Ordering::Relaxed) >= calls);
}

#[test]
fn no_call_fails_while_versions_come_and_go() {
    under_load(60, 50_000);
}
