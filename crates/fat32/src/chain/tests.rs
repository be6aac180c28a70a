//! Chains on a FAT that is a plain vector.

use super::*;
use alloc::vec::Vec;

/// Entry `n` tells where cluster `n` leads; clusters are numbered from 0.
struct Table(Vec<Link>);

impl Links for Table {
    fn holds(&self, cluster: u32) -> bool {
        (cluster as usize) < self.0.len()
    }

    fn link(&mut self, cluster: u32) -> Result<Link, BlockError> {
        Ok(self.0[cluster as usize])
    }
}

/// A list that runs straight through `tail` clusters into a ring of `ring` clusters.
fn rho(tail: u32, ring: u32) -> Table {
    let mut links: Vec<_> = (1..tail + ring).map(Link::Next).collect();
    links.push(Link::Next(tail));
    Table(links)
}

#[test]
fn a_ring_within_the_kept_part_is_always_found() {
    for tail in 0..40 {
        for ring in 1..40 {
            for keep in [tail + ring + 1, tail + ring + 2, 1000] {
                let walked = Chain::walk(&mut rho(tail, ring), 0, keep);
                assert!(
                    matches!(walked, Err(ChainFault::Damage(Damage::ChainLoop { cluster })) if cluster >= tail),
                    "tail {tail}, ring {ring}, keep {keep}: {walked:?}"
                );
            }
        }
    }
}

#[test]
fn a_walk_behind_the_kept_part_is_bounded() {
    let mut endless = rho(1_000_000, 1);
    let (chain, met) = Chain::walk(&mut endless, 0, 10).unwrap();
    assert_eq!((chain.clusters(), met), (10, 31));
}

#[test]
fn a_walk_counts_what_is_there() {
    let mut table = rho(9, 1);
    table.0[9] = Link::End;
    for (keep, kept, met) in [(1, 1, 4), (3, 3, 10), (10, 10, 10), (11, 10, 10)] {
        let (chain, counted) = Chain::walk(&mut table, 0, keep).unwrap();
        assert_eq!((chain.clusters(), counted), (kept, met), "keep {keep}");
    }
}

/// A chain of `count` clusters, none of which follows the one before it.
fn scattered(count: u32) -> Table {
    let mut links = alloc::vec![Link::Free; 2 * count as usize];
    (0..count).for_each(|index| links[2 * index as usize] = Link::Next(2 * index + 2));
    links[2 * count as usize - 2] = Link::End;
    Table(links)
}

#[test]
fn however_many_runs_there_are_few_are_kept_and_all_are_found() {
    for count in [1, 1023, 1024, 1025, 2048, 2049, 10_000] {
        let mut table = scattered(count);
        let (mut chain, _) = Chain::walk(&mut table, 0, count).unwrap();
        assert!(chain.runs.len() <= MAX_RUNS);
        assert!(chain.runs.len() as u32 >= count.min(MAX_RUNS as u32 / 2));
        for ordinal in (0..count).chain((0..count).rev()).step_by(3) {
            assert_eq!(chain.locate(&mut table, ordinal), Ok((2 * ordinal, 1)), "{ordinal} of {count}");
        }
        assert!(chain.locate(&mut table, count).is_err());
    }
}

#[test]
fn a_fat_that_changes_behind_an_open_file_is_an_error() {
    let mut table = scattered(10_000);
    let (mut chain, _) = Chain::walk(&mut table, 0, 10_000).unwrap();
    table.0.fill(Link::End);
    let faults = (0..10_000).filter(|ordinal| chain.locate(&mut table, *ordinal).is_err()).count();
    assert!(faults > 5_000);
}

#[test]
fn an_empty_chain_has_nothing_to_look_up() {
    assert!(Chain::default().locate(&mut Table(Vec::new()), 0).is_err());
}
