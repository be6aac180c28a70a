//! Exits that ask for fuel come back to the end of the one branch that leads to them, and give back no more than was taken before it.

use super::rejects::{instructions, kernels};
use super::seized::Seized;
use crate::check::{Rule, SiteKind};
use iced_x86::Code;

/// Units with several exits that ask for fuel in one function, by the numbers of their sites.
fn units() -> Vec<(Seized, Vec<usize>)> {
    let asks = |unit: &Seized| {
        let inside = |end: u32, function: &crate::check::Extent| (function.start..function.code_end).contains(&end);
        let of = |function| {
            let all = unit.sites.iter().enumerate();
            let sites = all.filter(|(_, (end, kind))| matches!(kind, SiteKind::Check { .. }) && inside(*end, function));
            sites.map(|(at, _)| at).collect::<Vec<_>>()
        };
        unit.functions.iter().map(of).find(|sites| sites.len() > 2)
    };
    let all = kernels(false).into_iter().filter_map(|unit| asks(&unit).map(|sites| (unit, sites)));
    all.collect()
}

/// The rules that the first exit of each unit breaks when it is changed like this.
fn rules(change: impl Fn(&mut Seized, &[usize])) -> Vec<Option<Rule>> {
    let units = units();
    assert!(units.len() > 5);
    let spoilt = units.into_iter().map(|(mut unit, sites)| {
        assert!(unit.check().is_ok());
        change(&mut unit, &sites);
        unit.check().err().map(|rejected| rejected.rule)
    });
    spoilt.collect()
}

fn all(rule: Rule) -> impl Fn(Vec<Option<Rule>>) {
    move |found| assert!(found.iter().all(|found| *found == Some(rule)), "{found:?}")
}

/// Where the field of the branch lies that leads to an exit.
fn field_of_branch(unit: &Seized, exit: u32) -> usize {
    let of = |function| {
        let all = instructions(unit, function);
        let found = all.iter().find(|branch| branch.code() == Code::Jl_rel32_64 && branch.near_branch32() == exit);
        found.map(|branch| branch.next_ip() as usize - 4)
    };
    (0..unit.functions.len()).find_map(of).expect("a branch to each exit")
}

/// The exits of two sites, of which each is four bytes long.
fn exits(unit: &Seized, sites: &[usize]) -> [u32; 2] {
    [unit.sites[sites[0]].0 - 4, unit.sites[sites[1]].0 - 4]
}

#[test]
fn an_exit_comes_back_to_its_branch() {
    all(Rule::Fuel)(rules(|unit, sites| {
        let SiteKind::Check { back, .. } = &mut unit.sites[sites[0]].1 else { unreachable!() };
        *back -= 6;
    }));
    all(Rule::Fuel)(rules(|unit, sites| {
        let SiteKind::Check { back: of_second, .. } = unit.sites[sites[1]].1 else { unreachable!() };
        let SiteKind::Check { back, .. } = &mut unit.sites[sites[0]].1 else { unreachable!() };
        *back = of_second;
    }));
}

#[test]
fn no_more_is_given_back_than_was_taken() {
    all(Rule::Fuel)(rules(|unit, sites| {
        let SiteKind::Check { fuel, .. } = &mut unit.sites[sites[0]].1 else { unreachable!() };
        *fuel += 1 << 20;
    }));
}

#[test]
fn only_one_branch_leads_to_an_exit() {
    // The second one's branch leads to the first one, too.
    all(Rule::Fuel)(rules(|unit, sites| {
        let [first, second] = exits(unit, sites);
        let field = field_of_branch(unit, second);
        unit.code[field..field + 4].copy_from_slice(&(first.wrapping_sub(field as u32 + 4)).to_le_bytes());
    }));
    // They lead to each other's.
    all(Rule::Fuel)(rules(|unit, sites| {
        let exits = exits(unit, sites);
        let fields = exits.map(|exit| field_of_branch(unit, exit));
        for (field, exit) in [(fields[0], exits[1]), (fields[1], exits[0])] {
            unit.code[field..field + 4].copy_from_slice(&(exit.wrapping_sub(field as u32 + 4)).to_le_bytes());
        }
    }));
}

/// Where the charge before the branch to an exit begins, and where the branch ends.
fn charge_and_branch(unit: &Seized, exit: u32) -> (usize, usize) {
    let field = field_of_branch(unit, exit);
    let all = (0..unit.functions.len()).flat_map(|function| instructions(unit, function));
    let take = all.into_iter().find(|one| one.next_ip() as usize == field - 2).expect("a charge");
    (take.ip() as usize, field + 4)
}

#[test]
fn what_is_no_branch_after_a_charge_leads_to_no_exit() {
    // Nothing is taken before the branch.
    all(Rule::Fuel)(rules(|unit, sites| {
        let (start, end) = charge_and_branch(unit, exits(unit, sites)[0]);
        let tests: &[u8] = &[0x48, 0x85, 0xC0, 0x85, 0xC0, 0x85, 0xC0];
        let len = end - 6 - start;
        unit.code[start..start + len].copy_from_slice(&tests[tests.len() - len..]);
    }));
    // A jump in the place of both.
    all(Rule::Fuel)(rules(|unit, sites| {
        let [exit, _] = exits(unit, sites);
        let (start, end) = charge_and_branch(unit, exit);
        let way = exit.wrapping_sub(start as u32 + 5).to_le_bytes();
        let rest = [0xB8, 0, 0, 0, 0, 0x48, 0x85, 0xC0];
        let jump = [0xE9].into_iter().chain(way).chain(rest).take(end - start);
        unit.code[start..end].copy_from_slice(&jump.collect::<alloc::vec::Vec<u8>>());
    }));
}
