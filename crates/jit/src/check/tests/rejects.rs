//! Good code that is spoilt in one place is rejected, by the rule that the place is for.

use super::accepts::{program, unit};
use super::seized::Seized;
use super::spoilt::{Edit, Find, SPOILT};
use crate::check::{Rule, SiteKind};
use iced_x86::{Decoder, DecoderOptions, Instruction};
use std::path::Path;

/// What the bench's kernels are compiled to.
pub(super) fn kernels(guards: bool) -> Vec<Seized> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bench");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "nda"));
    paths.sort();
    paths.iter().map(|path| unit(&program("kernel", &std::fs::read_to_string(path).unwrap()), guards)).collect()
}

/// Units with a bit of everything.
fn units() -> Vec<Seized> {
    let global = "global z: i32 = 5; global g: i32 = 1; fn f(a: i32, b: i32, c: i32, d: i32, e: i32) -> i32 { a + e }
        fn main() -> i32 { g = g + f(1, 2, 3, 4, g); z = g; g + z }";
    let quotient = "fn f(a: u32, b: u32) -> u32 { a / b } fn main() -> i32 { f(7, 3) as i32 }";
    let mut units = kernels(false);
    units.push(unit(&program("global", global), false));
    units.push(unit(&program("quotient", quotient), false));
    units
}

pub(super) fn instructions(unit: &Seized, function: usize) -> Vec<Instruction> {
    let extent = unit.functions[function];
    let bytes = &unit.code[extent.start as usize..extent.code_end as usize];
    Decoder::with_ip(64, bytes, extent.start.into(), DecoderOptions::NONE).into_iter().collect()
}

/// The rule that rejects what is spoilt at the first such place; `None` if it is accepted.
pub(super) fn spoilt(units: &[Seized], find: Find, edit: Edit) -> Option<Rule> {
    for unit in units {
        for function in 0..unit.functions.len() {
            let all = instructions(unit, function);
            let Some(found) = (0..all.len()).find(|&number| find(&all, number)) else { continue };
            let mut unit = unit.clone();
            let start = all[found].ip() as usize;
            edit(&mut unit.code[start..start + all[found].len()]);
            return unit.check().err().map(|rejected| rejected.rule);
        }
    }
    panic!("no such instruction");
}

#[test]
fn what_is_spoilt_is_rejected_by_its_rule() {
    let units = units();
    assert!(units.iter().all(|unit| unit.check().is_ok()));
    let mut wrong = Vec::new();
    for &(name, rule, find, edit) in SPOILT {
        match std::panic::catch_unwind(|| spoilt(&units, find, edit)) {
            Ok(found) if found == Some(rule) => {}
            found => wrong.push((name, rule, found.ok())),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_said_of_code_must_be_so() {
    let good = units().swap_remove(0);
    let spoilt = |with: &dyn Fn(&mut Seized)| {
        let mut unit = good.clone();
        with(&mut unit);
        unit.check().err().map(|rejected| rejected.rule)
    };
    assert_eq!(spoilt(&|unit| _ = unit.sites.remove(3)), Some(Rule::Site));
    assert_eq!(spoilt(&|unit| unit.sites[3].0 += 1), Some(Rule::Site));
    assert_eq!(spoilt(&|unit| unit.sites.push((u32::MAX, SiteKind::Exit))), Some(Rule::Site));
    assert_eq!(spoilt(&|unit| unit.functions[2].code_end -= 1), Some(Rule::Decoding));
    assert_eq!(spoilt(&|unit| unit.functions[2].start += 1), Some(Rule::Prologue));
    assert_eq!(spoilt(&|unit| unit.functions[2].end = u32::MAX), Some(Rule::Extents));
    assert_eq!(spoilt(&|unit| unit.pool.end += 8), Some(Rule::Extents));
    assert_eq!(spoilt(&|unit| unit.callees.iter_mut().for_each(|callee| callee.above = 1 << 20)), Some(Rule::Call));
    assert_eq!(spoilt(&|unit| unit.callees[0].instance = None), Some(Rule::Extents));
}

#[test]
fn most_flips_of_one_bit_are_rejected() {
    let units = units();
    let (mut rejected, mut seed) = (0, 0x2545_F491_4F6C_DD1D_u64);
    for round in 0..1000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut unit = units[round % units.len()].clone();
        let extent = unit.functions[(seed >> 40) as usize % unit.functions.len()];
        let at = extent.start as usize + (seed >> 20) as usize % (extent.code_end - extent.start) as usize;
        unit.code[at] ^= 1 << (seed >> 60 & 7);
        rejected += usize::from(unit.check().is_err());
    }
    println!("{rejected} of 1000 flips of a bit are rejected");
    assert!(rejected > 500, "{rejected}");
}
