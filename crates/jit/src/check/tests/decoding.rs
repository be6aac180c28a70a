//! The checker's own decoder beside another one, which knows all instructions: what ours accepts is the same instruction there, byte for
//! byte and operand for operand; and what the old list of forms accepted of theirs, ours accepts too or refuses for a reason that has a name.
//! A sample of the less likely prefixes and addresses, or all with `VELOCITY_EXHAUSTIVE=1`.

use super::listed;
use super::operands::{Known, first, immediate, known, memory, named, second};
use crate::check::Rule;
use crate::check::decode::{Instruction, Op, WINDOW, read};
use crate::check::form::Form;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use iced_x86::{Code, Decoder, DecoderOptions, OpKind};

/// Where instructions begin.
const AT: u32 = 0x1234;

const CONDITIONS: [&str; 16] = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];

/// What an operation of the other decoder is called here, with its condition.
struct Names(BTreeMap<u16, (Op, Option<u8>)>);

impl Names {
    fn new() -> Self {
        let plain = |name: String| name.replace('_', "").to_lowercase();
        let of = |name: &str| Op::ALL.iter().copied().find(|op| format!("{op:?}").to_lowercase() == name);
        let mut all = BTreeMap::new();
        for code in Code::values() {
            let written = format!("{code:?}");
            let name = plain(written.strip_suffix("_64").unwrap_or(&written).into());
            let conditional = |(number, word): (usize, &&str)| {
                let [mov, set, jump] = ["cmov", "set", "j"].map(|start| name.strip_prefix(start)?.strip_prefix(*word));
                let op = match (mov, set, jump) {
                    (Some("r32rm32"), ..) => Op::CmovR32Rm32,
                    (Some("r64rm64"), ..) => Op::CmovR64Rm64,
                    (_, Some("rm8"), _) => Op::SetRm8,
                    (.., Some("rel8")) if written.ends_with("_64") => Op::JccRel8,
                    (.., Some("rel32")) if written.ends_with("_64") => Op::JccRel32,
                    _ => return None,
                };
                Some((op, Some(number as u8)))
            };
            let found = of(&name).map(|op| (op, None));
            let found = found.or_else(|| CONDITIONS.iter().enumerate().find_map(conditional));
            all.extend(found.map(|found| (code as u16, found)));
        }
        let named: BTreeSet<u8> = all.values().map(|(op, _)| *op as u8).collect();
        assert_eq!(named.len(), Op::ALL.len(), "every operation is one of theirs");
        Self(all)
    }
}

/// What it is at the end of a unit, which is what it is with code behind it unless it needs that.
fn decoded(bytes: &[u8]) -> Result<Instruction, Rule> {
    let mut unit = bytes.to_vec();
    unit.resize(bytes.len() + WINDOW, 0xA5);
    let (last, inner) = (read(bytes, AT), read(&unit, AT));
    let of = |found: &Instruction| {
        (found.op(), found.form(), found.registers(), found.memory(), found.immediate(), found.len)
    };
    match &inner {
        Ok(found) if usize::from(found.len) <= bytes.len() => assert_eq!(last.as_ref().map(of), Ok(of(found))),
        _ => assert!(last.is_err(), "{bytes:02X?}: {last:?}, {inner:?}"),
    }
    last
}

fn theirs(bytes: &[u8]) -> iced_x86::Instruction {
    Decoder::with_ip(64, bytes, AT.into(), DecoderOptions::NONE).decode()
}

/// A register operand by its number, from 16 on those of vectors; `0xFF` if it is none.
fn register(instruction: &iced_x86::Instruction, operand: u32) -> u8 {
    if operand >= instruction.op_count() || instruction.op_kind(operand) != OpKind::Register {
        return 0xFF;
    }
    let register = instruction.op_register(operand);
    match known(register) {
        Known::Wide(number) | Known::Partial(number) => number,
        Known::Vector => 16 + (register as u8 - iced_x86::Register::XMM0 as u8),
        Known::Other => panic!("{register:?}"),
    }
}

/// What ours accepts is what it is there.
fn same(names: &Names, bytes: &[u8], ours: &Instruction, theirs: &iced_x86::Instruction) {
    let why = || format!("{bytes:02X?}: {ours:?} beside {theirs:?} {:?}", theirs.code());
    assert!(!theirs.is_invalid(), "{}", why());
    assert_eq!(usize::from(ours.len), theirs.len(), "{}", why());
    assert_eq!((ours.offset, u64::from(ours.end())), (AT, theirs.next_ip()), "{}", why());
    let (op, condition) = names.0[&(theirs.code() as u16)];
    assert_eq!(ours.op(), op, "{}", why());
    assert_eq!(Some(ours.form()), listed::of(theirs), "{}", why());
    assert_eq!(ours.registers(), [register(theirs, 0), register(theirs, 1)], "{}", why());
    assert_eq!((ours.first(), ours.second()), (first(theirs), second(theirs)), "{}", why());
    assert_eq!(Some(ours.named()), named(theirs), "{}", why());
    assert_eq!(ours.memory(), memory(theirs), "{}", why());
    let kinds = [theirs.op0_kind(), theirs.op1_kind()];
    assert_eq!(ours.is_in_memory(), kinds.contains(&OpKind::Memory), "{}", why());
    assert_eq!(ours.is_first_in_memory(), kinds[0] == OpKind::Memory, "{}", why());
    assert_eq!(ours.is_in_code(), theirs.is_ip_rel_memory_operand(), "{}", why());
    assert_eq!(ours.immediate(), immediate(theirs), "{}", why());
    match ours.form() {
        Form::Branch => assert_eq!(ours.condition(), condition, "{}", why()),
        _ => assert_eq!(ours.condition(), None, "{}", why()),
    }
    if matches!(ours.form(), Form::Branch | Form::Jump | Form::Call) {
        let target = u32::try_from(theirs.near_branch64()).unwrap_or(u32::MAX);
        assert_eq!(ours.target(), target, "{}", why());
    }
    if theirs.op_count() == 3 {
        assert_eq!(ours.third(), theirs.immediate(2) as i64, "{}", why());
    }
}

/// Why ours refuses what the old list has.
fn reason(bytes: &[u8], theirs: &iced_x86::Instruction) -> Option<&'static str> {
    let is_prefix = |byte: &&u8| matches!(byte, 0x66 | 0x67 | 0x2E | 0x36 | 0x3E | 0x26 | 0x40..=0x4F | 0xF2 | 0xF3);
    let prefixes = bytes.iter().take_while(is_prefix).count();
    let means = |bytes: &[u8], len: usize| {
        let without = self::theirs(bytes);
        without.code() == theirs.code() && without.len() == len
    };
    for at in 0..prefixes {
        let mut without = bytes.to_vec();
        let byte = without.remove(at);
        if byte & 0xF0 != 0x40 && means(&without, theirs.len() - 1) {
            return Some("a prefix that says nothing");
        }
        if byte & 0xF0 == 0x40 && at + 1 < prefixes && means(&without, theirs.len() - 1) {
            return Some("REX that is not the last prefix");
        }
        let mut narrow = bytes.to_vec();
        narrow[at] &= !8;
        if byte & 0xF8 == 0x48 && means(&narrow, theirs.len()) {
            return Some("REX.W that says nothing");
        }
    }
    named(theirs).is_none().then_some("ah to bh")
}

/// What was seen.
#[derive(Debug)]
struct Seen {
    accepted: u64,
    refused: u64,
    /// By operation.
    numbers: Vec<u64>,
    reasons: BTreeMap<&'static str, u64>,
}

impl Seen {
    fn new() -> Self {
        Self { accepted: 0, refused: 0, numbers: alloc::vec![0; 256], reasons: BTreeMap::new() }
    }
}

/// Looks at some bytes; those that ours refuses are shown to the other only if `asks`.
fn look(names: &Names, seen: &mut Seen, bytes: &[u8], asks: bool) {
    match decoded(bytes) {
        Ok(ours) => {
            seen.accepted += 1;
            seen.numbers[ours.op() as usize] += 1;
            same(names, bytes, &ours, &theirs(bytes));
            if asks {
                let len = usize::from(ours.len);
                assert!(decoded(&bytes[..len]).is_ok());
                for end in 0..len {
                    assert!(decoded(&bytes[..end]).is_err(), "{bytes:02X?} of {end}");
                }
            }
        }
        Err(rule) if asks => {
            seen.refused += 1;
            let theirs = theirs(bytes);
            if theirs.is_invalid() || listed::of(&theirs).is_none() {
                return;
            }
            let reason = reason(bytes, &theirs);
            *seen
                .reasons
                .entry(reason.unwrap_or_else(|| panic!("{bytes:02X?}: {:?}, {rule:?}", theirs.code())))
                .or_default() += 1;
        }
        Err(_) => {}
    }
}

/// What comes before an opcode: first the prefixes of which all is looked at.
fn prefixes() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [&[][..], &[0x66], &[0xF3], &[0xF2]].map(<[u8]>::to_vec).into();
    all.extend([0x67, 0x2E, 0x3E, 0x64, 0x65, 0xF0, 0x40, 0x48].map(|byte| [byte].to_vec()));
    let pairs = [0x66, 0xF3, 0xF2, 0x67, 0x41, 0x48];
    all.extend(pairs.iter().flat_map(|one| pairs.map(|two| [*one, two].to_vec())));
    all
}

fn is_all() -> bool {
    std::env::var("VELOCITY_EXHAUSTIVE").is_ok_and(|value| value == "1")
}

const MAPS: [&[u8]; 4] = [&[], &[0x0F], &[0x0F, 0x38], &[0x0F, 0x3A]];

/// Opcodes for which all places in memory are looked at, even in a sample.
const PLACES: [(usize, u8); 10] =
    [(0, 0x8B), (0, 0x8D), (0, 0x89), (0, 0x83), (0, 0xC7), (0, 0xF7), (0, 0x69), (0, 0xFF), (1, 0x10), (1, 0xB6)];

#[test]
fn what_is_accepted_is_the_same_instruction_for_another_decoder() {
    let (names, mut seen, mut seed) = (Names::new(), Seen::new(), 0x9E37_79B9_7F4A_7C15_u64);
    let all = is_all();
    for (rank, prefix) in prefixes().iter().enumerate() {
        for rex in core::iter::once(None).chain((0x40..0x50).map(Some)) {
            let start: Vec<u8> = prefix.iter().copied().chain(rex).collect();
            for (map, escape) in MAPS.iter().enumerate() {
                for opcode in 0..=0xFF {
                    let mut bytes = [start.as_slice(), escape, &[opcode]].concat();
                    let at = bytes.len();
                    bytes.resize(at + 14, 0);
                    for modrm in 0..=0xFF_u8 {
                        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        if !all && rank > 3 && seed >> 60 != 0 {
                            continue;
                        }
                        bytes[at] = modrm;
                        bytes[at + 1..at + 9].copy_from_slice(&(seed >> 3).to_le_bytes());
                        bytes[at + 9..].fill((seed >> 40) as u8);
                        look(&names, &mut seen, &bytes, all || seed >> 61 == 0);
                        let wants = rank < 4 && (all || PLACES.contains(&(map, opcode)));
                        if wants && modrm & 7 == 4 && modrm < 0xC0 {
                            for sib in 0..=0xFF {
                                bytes[at + 1] = sib;
                                look(&names, &mut seen, &bytes, all || seed >> 63 == 0 && sib & 15 == 0);
                            }
                        }
                    }
                }
            }
        }
    }
    let missing: Vec<Op> = Op::ALL.iter().copied().filter(|op| seen.numbers[*op as usize] == 0).collect();
    assert!(missing.is_empty(), "{missing:?}");
    println!("{} accepted, {} refused and looked at; on purpose: {:?}", seen.accepted, seen.refused, seen.reasons);
    let reasons: Vec<&str> = seen.reasons.keys().copied().collect();
    let expected =
        ["REX that is not the last prefix", "REX.W that says nothing", "a prefix that says nothing", "ah to bh"];
    assert_eq!(reasons, expected);
}

#[test]
fn random_bytes_are_the_same_instruction_for_another_decoder() {
    let (names, mut seen, mut seed) = (Names::new(), Seen::new(), 0x2545_F491_4F6C_DD1D_u64);
    for _ in 0..400_000 {
        let mut bytes = [0; 16];
        for half in bytes.chunks_mut(4) {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            half.copy_from_slice(&(seed >> 32).to_le_bytes()[..4]);
        }
        look(&names, &mut seen, &bytes, true);
    }
    assert!(seen.accepted > 10_000, "{}", seen.accepted);
}
