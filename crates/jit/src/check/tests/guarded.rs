//! Spoilt code whose accesses check themselves: the guard only holds what goes no further than 32 bits of address and of offset, from the
//! memory that is held. So an access must have an address with a zero upper half, no scale, a small displacement, and a site.

use super::accepts::{program, unit};
use super::operands::{first, memory, second};
use super::places::{base, field, is};
use super::rejects::{instructions, kernels, spoilt};
use super::seized::Seized;
use super::spoilt::{Edit, Find};
use crate::check::operand::{R14, R15};
use crate::check::{Rule, SiteKind};
use crate::exec::fiber::at;
use iced_x86::{Code, Instruction};

/// An access to linear memory, with its displacement of so many bytes.
fn access(all: &[Instruction], number: usize, displacement: u32) -> bool {
    let Some(instruction) = all.get(number) else { return false };
    let is_access = base(instruction) == Some(R14) && memory(instruction).unwrap().index.is_some();
    is_access && instruction.memory_displ_size() == displacement && !holds(all, number)
}

/// A view of a table is read by an index too.
fn holds(all: &[Instruction], number: usize) -> bool {
    all[number.saturating_sub(4)..number].iter().any(|one| field(one, at::TABLES) || field(one, at::MEMORIES))
}

/// Writes the lower half of the register that the next instruction has as its address.
fn narrows(all: &[Instruction], number: usize, code: Code) -> bool {
    let index = |one: &Instruction| memory(one)?.index.map(|(index, _)| index);
    is(all, number, code)
        && [0, 1, 8].iter().any(|&displacement| access(all, number + 1, displacement))
        && index(&all[number + 1]) == first(&all[number])
}

/// Makes an instruction one of 64 bits.
fn widen(bytes: &mut [u8]) {
    assert_eq!(bytes[0] & 0xF8, 0x40);
    bytes[0] |= 8;
}

/// The same, of an instruction that has a prefix for the upper eight registers already.
fn narrows_prefixed(all: &[Instruction], number: usize, code: Code) -> bool {
    narrows(all, number, code) && {
        let (one, place) = (&all[number], memory(&all[number]));
        let index = place.and_then(|place| Some(place.index?.0));
        [first(one), second(one), base(one), index].into_iter().flatten().any(|register| register >= 8)
    }
}

/// A sum with what is loaded: of a constant and an address, it would be known how far its 64 bits reach.
fn loaded_sum(all: &[Instruction], number: usize) -> bool {
    narrows_prefixed(all, number, Code::Add_r32_rm32) && memory(&all[number]).is_some()
}

/// A sum of two registers: with a single one, it would be known how far its 64 bits reach.
fn indexed_sum(all: &[Instruction], number: usize) -> bool {
    narrows_prefixed(all, number, Code::Lea_r32_m) && memory(&all[number]).unwrap().index.is_some()
}

/// The start of the sequence that holds a memory, some instructions before.
fn held(all: &[Instruction], number: usize, before: usize) -> bool {
    number >= before && is(all, number - before, Code::Mov_r64_rm64) && field(&all[number - before], at::MEMORIES)
}

const GUARDED: &[(&str, Rule, Find, Edit)] = &[
    ("an address is scaled by 2", Rule::Bounds, |all, n| access(all, n, 0), |bytes| *last(bytes) |= 0x40),
    ("an address is scaled by 4", Rule::Bounds, |all, n| access(all, n, 0), |bytes| *last(bytes) |= 0x80),
    ("an address is scaled by 8", Rule::Bounds, |all, n| access(all, n, 1), |bytes| *before_last(bytes) |= 0xC0),
    (
        "an access has no address",
        Rule::Bounds,
        |all, n| access(all, n, 0),
        |bytes| {
            bytes[0] &= !2;
            *last(bytes) = *last(bytes) & !0x38 | 0x20;
        },
    ),
    ("an access is before memory", Rule::Bounds, |all, n| access(all, n, 1), |bytes| *last(bytes) = 0xFF),
    ("an access is far before memory", Rule::Bounds, |all, n| access(all, n, 8), |bytes| *last(bytes) = 0x80),
    ("an access is in the context", Rule::Site, |all, n| access(all, n, 0), |bytes| *last(bytes) ^= 1),
    (
        "an access is by fuel",
        Rule::Site,
        |all, n| access(all, n, 1),
        |bytes| {
            *before_last(bytes) = *before_last(bytes) & !7 | 5;
        },
    ),
    ("an access is by a plain register", Rule::Site, |all, n| access(all, n, 0), |bytes| bytes[0] &= !1),
    (
        "an access is of the stack",
        Rule::Site,
        |all, n| access(all, n, 1),
        |bytes| {
            bytes[0] &= !1;
            *before_last(bytes) = *before_last(bytes) & !7 | 4;
        },
    ),
    (
        "the address is fuel",
        Rule::Upper,
        |all, n| access(all, n, 0),
        |bytes| {
            bytes[0] |= 2;
            *last(bytes) = *last(bytes) & !0x38 | 0x28;
        },
    ),
    (
        "the address is the memory's own",
        Rule::Upper,
        |all, n| access(all, n, 0),
        |bytes| {
            bytes[0] |= 2;
            *last(bytes) = *last(bytes) & !0x38 | 0x30;
        },
    ),
    (
        "the address is the context's",
        Rule::Upper,
        |all, n| access(all, n, 0),
        |bytes| {
            bytes[0] |= 2;
            *last(bytes) = *last(bytes) & !0x38 | 0x38;
        },
    ),
    (
        "memory's start is loaded",
        Rule::Register,
        |all, n| access(all, n, 0) && is(all, n, Code::Mov_r32_rm32),
        |bytes| {
            bytes[0] |= 4;
            bytes[2] = bytes[2] & !0x38 | 0x30;
        },
    ),
    (
        "fuel is loaded",
        Rule::Register,
        |all, n| access(all, n, 0) && is(all, n, Code::Mov_r32_rm32),
        |bytes| {
            bytes[0] |= 4;
            bytes[2] = bytes[2] & !0x38 | 0x28;
        },
    ),
    ("a sum is of 64 bits", Rule::Upper, loaded_sum, widen),
    ("an address is loaded of 64 bits", Rule::Upper, |all, n| narrows_prefixed(all, n, Code::Mov_r32_rm32), widen),
    ("an address is computed of 64 bits", Rule::Upper, indexed_sum, widen),
    ("an access goes on by itself", Rule::Form, |all, n| access(all, n, 0), |bytes| bytes.fill(0x90)),
    ("a view is of another memory", Rule::Hold, |all, n| held(all, n, 1), |bytes| *last(bytes) ^= 0x10),
    ("a length goes elsewhere", Rule::Hold, |all, n| held(all, n, 2), |bytes| *last(bytes) = at::STACK_LIMIT as u8),
    ("a start is of another memory", Rule::Hold, |all, n| held(all, n, 3), |bytes| *last(bytes) ^= 8),
    ("a start is of 32 bits", Rule::Hold, |all, n| held(all, n, 3), |bytes| bytes[0] &= !8),
    ("a start goes elsewhere", Rule::Hold, |all, n| held(all, n, 4), |bytes| *last(bytes) = at::FUNCTIONS as u8),
    ("another start is put down", Rule::Hold, |all, n| held(all, n, 4), |bytes| bytes[0] &= !4),
    (
        "views are taken from elsewhere",
        Rule::Register,
        |all, n| held(all, n, 0),
        |bytes| {
            *last(bytes) = at::GLOBALS as u8;
        },
    ),
    ("a view is taken from a plain register", Rule::Context, |all, n| held(all, n, 0), |bytes| bytes[0] &= !4),
];

fn last(bytes: &mut [u8]) -> &mut u8 {
    bytes.last_mut().unwrap()
}

fn before_last(bytes: &mut [u8]) -> &mut u8 {
    let at = bytes.len() - 2;
    &mut bytes[at]
}

fn units() -> Vec<Seized> {
    let source =
        "memory 1; fn main() -> i32 { i32::load(i32::load(7, 12) + i32::load(i32::load(9, 0x12345), 0x700000), 16) }";
    let mut units = kernels(true);
    units.push(unit(&program("chase", source), true));
    assert!(units.iter().any(|unit| !unit.guarded.is_empty()));
    units
}

/// The parts of a unit that are functions of its store.
fn functions(unit: &Seized) -> Vec<usize> {
    (0..unit.functions.len()).filter(|&at| unit.functions[at].number.is_some()).collect()
}

#[test]
fn spoilt_guarded_code_is_rejected_by_its_rule() {
    let units = units();
    let mut wrong = Vec::new();
    for &(name, rule, find, edit) in GUARDED {
        match std::panic::catch_unwind(|| spoilt(&units, find, edit)) {
            Ok(found) if found == Some(rule) => {}
            found => wrong.push((name, rule, found.ok())),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_guard_and_a_site_belong_to_every_access_that_is_not_checked() {
    let source = "memory 1; fn main() -> i32 { i32::load(7, 12) + i32::load8_u(1, 0) }";
    let good = unit(&program("guarded", source), true);
    assert!(good.check().is_ok());
    let all = instructions(&good, functions(&good)[0]);
    let number = (0..all.len()).find(|&number| access(&all, number, 1)).unwrap();
    let end = all[number].ip() as u32 + 1;
    let site = good.sites.iter().position(|site| *site == (end, SiteKind::Last)).unwrap();
    let spoilt = |with: &dyn Fn(&mut Seized)| {
        let mut unit = good.clone();
        with(&mut unit);
        unit.check().err().map(|rejected| rejected.rule)
    };
    assert_eq!(spoilt(&|unit| unit.guarded.clear()), Some(Rule::Bounds));
    assert_eq!(spoilt(&|unit| _ = unit.sites.remove(site)), Some(Rule::Bounds));
    for kind in [SiteKind::Exit, SiteKind::Call, SiteKind::Overflow] {
        assert_eq!(spoilt(&|unit| unit.sites[site].1 = kind), Some(Rule::Site), "{kind:?}");
    }
    assert_eq!(spoilt(&|unit| unit.sites[site].0 += 1), Some(Rule::Site));
    assert_eq!(spoilt(&|unit| unit.sites[site].0 -= 1), Some(Rule::Site));
}

#[test]
fn code_does_not_run_on_behind_its_end() {
    const CDQ: u8 = 0x99;
    const STOP: u8 = 0xCC;
    let mut seen = 0;
    for good in units() {
        // There is room between two functions, mostly; no function is as it should be with an instruction more, unless that stops.
        let is_free = |at: &usize| good.functions.get(at + 1).is_some_and(|next| good.functions[*at].end < next.start);
        for at in functions(&good)
            .into_iter()
            .filter(is_free)
            .filter(|at| good.functions[*at].end == good.functions[*at].code_end)
        {
            for (byte, rule) in [(CDQ, Some(Rule::Flow)), (STOP, None)] {
                let mut unit = good.clone();
                let extent = &mut unit.functions[at];
                unit.code[extent.code_end as usize] = byte;
                (extent.code_end, extent.end) = (extent.code_end + 1, extent.end + 1);
                assert_eq!(unit.check().err().map(|rejected| rejected.rule), rule);
            }
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn an_access_with_a_flipped_bit_still_keeps_to_the_guard_or_is_rejected() {
    let units = units();
    let (mut rejected, mut kept, mut seed) = (0, 0, 0x9E37_79B9_7F4A_7C15_u64);
    for round in 0..2000 {
        let good = &units[round % units.len()];
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let functions = functions(good);
        let function = functions[(seed >> 33) as usize % functions.len()];
        let all = instructions(good, function);
        let accesses: Vec<usize> =
            (0..all.len()).filter(|&number| [0, 1, 8].iter().any(|&bytes| access(&all, number, bytes))).collect();
        let Some(&number) = accesses.get((seed >> 20) as usize % accesses.len().max(1)) else { continue };
        let (start, len) = (all[number].ip() as usize, all[number].len());
        let mut unit = good.clone();
        unit.code[start + (seed >> 50) as usize % len] ^= 1 << (seed >> 60 & 7);
        if unit.check().is_err() {
            rejected += 1;
            continue;
        }
        kept += 1;
        // What is accepted is an access to the memory by an address without a scale, not before it, or nothing outside of the function.
        let now = instructions(&unit, function);
        let now = now.iter().find(|one| one.ip() as usize == start).unwrap();
        let Some(place) = memory(now) else { continue };
        if base(now) == Some(R14) {
            assert!(place.displacement >= 0 && place.index.is_some_and(|(_, scale)| scale == 1), "{now:?}");
        }
        assert!(base(now) != Some(R15) || place.index.is_none(), "{now:?}");
    }
    println!("{rejected} flips in guarded accesses are rejected, {kept} leave another good access");
    assert!(rejected > 500, "{rejected}");
}
