//! Heap accounting, alone in its process because the account is of the whole process.

use velocity_sim::port::HeapAccount;

#[test]
fn an_allocation_shows_while_it_lives_and_the_peak_remembers_it() {
    const BIG: u64 = 64 << 20;
    let account = HeapAccount::open();
    let mut block: Vec<u8> = Vec::with_capacity(BIG as usize / 2);
    assert!(account.used() >= BIG / 2);
    block.reserve_exact(BIG as usize);
    assert!((BIG..2 * BIG).contains(&account.used()), "{}", account.used());
    drop(block);
    assert!(account.used() < BIG / 2);
    assert!(account.peak() >= BIG);
    assert_eq!(HeapAccount::open().peak(), 0, "a new account starts at nothing");
}
