//! What the handler leaves to others, and the sets that it asks.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::HostCode;
use super::memory::{CodeMemory, PublishError};
use super::ranges::Ranges;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

/// In its environment, a process is told to end itself.
const CHILD: &str = "VELOCITY_JIT_CHILD";

/// Runs a test of this file in a process of its own, which it ends there.
fn child(name: &str) -> Output {
    let name = format!("exec::tests::{name}");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([&*name, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap()
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Sees to it that the handler is there.
fn with_handler() {
    assert!(super::fault::is_handled());
}

#[test]
fn read_where_nothing_is() {
    if !is_child() {
        return;
    }
    with_handler();
    // SAFETY: 1. Nothing is mapped there: the process ends.
    unsafe { std::hint::black_box(std::ptr::without_provenance::<u8>(8)).read_volatile() };
}

#[test]
fn read_behind_a_guarded_memory() {
    if !is_child() {
        return;
    }
    let mut memory = HostCode.guarded(0).unwrap();
    assert!(memory.extend(1 << 16));
    // SAFETY: 1. The address space is reserved, and cannot be touched: the process ends.
    unsafe { memory.bytes().as_ptr().add(1 << 16).read_volatile() };
}

#[test]
fn recurse_without_end() {
    if !is_child() {
        return;
    }
    fn deep(n: u64) -> u64 {
        let kept = std::hint::black_box([n; 64]);
        if n == u64::MAX { 0 } else { deep(n + 1) + kept[(n % 64) as usize] }
    }
    with_handler();
    std::thread::spawn(|| deep(0)).join().unwrap();
}

#[test]
fn send_the_signal() {
    if !is_child() {
        return;
    }
    with_handler();
    // The handler of the standard library lets the first one pass.
    for _ in 0..2 {
        // SAFETY: 1. The process ends.
        unsafe { libc::raise(libc::SIGSEGV) };
    }
}

#[test]
fn faults_of_others_still_end_the_process() {
    for name in ["read_where_nothing_is", "read_behind_a_guarded_memory", "send_the_signal"] {
        assert_eq!(child(name).status.signal(), Some(libc::SIGSEGV), "{name}");
    }
    let output = child("recurse_without_end");
    assert_eq!(output.status.signal(), Some(libc::SIGABRT));
    assert!(String::from_utf8_lossy(&output.stderr).contains("overflowed its stack"));
}

#[test]
fn a_set_holds_what_is_listed_until_it_is_dropped() {
    static SET: Ranges = Ranges::new();
    const STEP: u64 = 1 << 34;
    let start = |at: u64| (at + 1) * STEP;
    let mut listed: Vec<_> = (0..200).map(|at| Some(SET.list(start(at), 8192 - at % 2).unwrap())).collect();
    for round in 0..2 {
        for at in 0..200 {
            let there = round == 0 || at % 3 != 0;
            let seen = [start(at), start(at) + 8191].map(|address| SET.holds(address));
            assert_eq!(seen, [there; 2], "{at}");
            assert!(!SET.holds(start(at) - 1) && !SET.holds(start(at) + 8192), "{at}");
        }
        listed.iter_mut().step_by(3).for_each(|listed| *listed = None);
    }
    assert!(SET.list(4095, 1).is_none() && SET.list(0, 0).is_none() && SET.list(0, 1 << 40).is_none());
    assert!(!SET.holds(0) && !SET.holds(u64::MAX));
}

#[test]
fn a_guarded_memory_grows_in_place_by_zeros_and_no_further_than_addresses_reach() {
    const PAGE: usize = 1 << 16;
    let mut memory = HostCode.guarded(0).unwrap();
    assert_eq!(memory.bytes().len(), 0);
    assert!(memory.extend(0) && memory.extend(PAGE));
    let start = memory.bytes().as_ptr();
    memory.bytes_mut().fill(7);
    assert!(memory.extend(2 * PAGE));
    assert_eq!((memory.bytes().as_ptr(), memory.bytes().len()), (start, 3 * PAGE));
    assert!(
        memory.bytes()[..PAGE].iter().all(|&byte| byte == 7) && memory.bytes()[PAGE..].iter().all(|&byte| byte == 0)
    );
    assert!(!memory.extend(1) && !memory.extend(usize::MAX) && !memory.extend((1 << 32) - 2 * PAGE));
    assert_eq!(memory.bytes().len(), 3 * PAGE);
}

#[test]
fn a_guarded_memory_that_takes_the_place_of_another_one_is_empty_and_no_larger() {
    const PAGE: usize = 1 << 16;
    for (first, then) in [(3, 3), (2, 3), (3, 1), (1, 0)] {
        let mut old = HostCode.guarded(first * PAGE).unwrap();
        assert!(old.extend(first * PAGE - old.bytes().len()));
        old.bytes_mut().fill(7);
        drop(old);
        let mut new = HostCode.guarded(then * PAGE).unwrap();
        assert!(new.bytes().len() <= then * PAGE && new.bytes().iter().all(|&byte| byte == 0));
        assert!(new.extend(then * PAGE - new.bytes().len()) && new.bytes().iter().all(|&byte| byte == 0));
        let behind = new.bytes().as_ptr() as u64 + (then * PAGE) as u64;
        assert_eq!(rights_of(behind), "---p", "{first} {then}");
    }
}

/// What the host says of the page at an address.
fn rights_of(address: u64) -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let rights = maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let of = |number| u64::from_str_radix(number, 16).unwrap();
        (of(start) <= address && address < of(end)).then(|| rest[..4].to_owned())
    });
    rights.unwrap()
}

#[test]
fn mappings_that_are_used_again_hold_the_new_code_only() {
    let mut seen = std::collections::BTreeSet::new();
    let mut published = 0;
    for round in 0..64_u32 {
        // Some are alive at once.
        let lens = [1, 100, 4096, 4097 + round as usize * 300];
        let codes = lens.map(|len| (len, vec![round as u8; len]));
        let pages = codes.each_ref().map(|(_, code)| HostCode.publish(code).unwrap());
        for (pages, (len, code)) in pages.iter().zip(&codes) {
            assert_eq!(rights_of(pages.address()), "r-xs");
            let whole = len.next_multiple_of(4096);
            // SAFETY: 1. The pages are readable as long as they are held.
            let bytes = unsafe { std::slice::from_raw_parts(pages.address() as *const u8, whole) };
            assert_eq!(&bytes[..*len], &**code);
            assert!(bytes[*len..].iter().all(|byte| *byte == 0xCC));
            seen.insert(pages.address());
            published += 1;
        }
    }
    assert!(seen.len() < published / 2, "{} mappings for {published} codes", seen.len());
}

/// In a process of its own, as the limit holds for all of it.
#[test]
fn publish_where_files_are_limited() {
    if !is_child() {
        return;
    }
    let limit = libc::rlimit { rlim_cur: 1 << 20, rlim_max: 1 << 20 };
    // SAFETY: 1. The limit is plain data.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) }, 0);
    assert_eq!(HostCode.publish(&[0xC3; 2 << 20]).unwrap_err(), PublishError::Denied);
    let refused = crate::native::Refusal::from(PublishError::Denied).reason();
    assert!(refused.contains("files of any size"), "{refused}");
}

#[test]
fn code_is_refused_where_writing_it_could_end_the_process() {
    let output = child("publish_where_files_are_limited");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn code_that_is_dropped_is_no_code_for_the_handler() {
    let pages = HostCode.publish(&[0xC3; 70_000]).unwrap();
    let address = pages.address();
    assert!(super::fault::CODE.holds(address) && super::fault::CODE.holds(address + 69_999));
    drop(pages);
    // Nobody else in this process asks for nearly as many bytes, so that nobody takes the mapping meanwhile.
    assert!(!super::fault::CODE.holds(address));
}
