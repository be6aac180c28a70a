//! The code of a function in a document: the words of its canonical form without the bytes that say nothing.
//!
//! A node is a byte, its code, and what its code asks for: numbers in groups of seven bits, the lowest first, the upper
//! bit set in all groups but the last (LEB128); signed ones with the sign in the lowest bit. The sixteen codes from
//! [`SHORT`] on are `LocalGet` of the first sixteen locals. In front stand the number of variables and their types.
//!
//! [`shorten`] takes what the encoder wrote; [`lengthen`] takes anything and gives at most a word for each byte.

use crate::identity::code::node;
use crate::identity::{DecodeFault, Decoded, Reader};
use alloc::vec::Vec;

/// `LocalGet` of local 0.
const SHORT: u8 = 0xD0;
const SHORT_LOCALS: u32 = 16;

/// What stands behind a code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operand {
    None,
    /// The immediate.
    Immediate,
    /// The immediate, signed.
    Signed,
    /// The immediate, in four bytes.
    Bits,
    /// The count.
    Count,
    /// The count, then the immediate.
    Both,
    /// The second word, signed.
    Wide,
    /// The second word, in eight bytes.
    WideBits,
    /// The immediate, which is the length of a list, and the list.
    List,
}

const fn operand(code: u8) -> Operand {
    match code {
        // Loads and stores lie between 0x28 and 0x3E.
        node::LOCAL_GET | node::LOCAL_SET | node::LOCAL_TEE | node::BREAK | 0x28..=0x3E => Operand::Immediate,
        node::I32 => Operand::Signed,
        node::F32 => Operand::Bits,
        node::SEQUENCE | node::TUPLE | node::CALL => Operand::Count,
        node::CALL_INDIRECT => Operand::Both,
        node::I64 => Operand::Wide,
        node::F64 => Operand::WideBits,
        node::LOCAL_SET_MANY | node::BREAK_TABLE => Operand::List,
        _ => Operand::None,
    }
}

/// Appends the short form of a function's body, whose canonical form, as the encoder writes it, is `body`.
pub(super) fn shorten(body: &[u8], out: &mut Vec<u8>) {
    let mut words = body.as_chunks::<8>().0.iter().map(|&word| u64::from_le_bytes(word));
    let variables = words.next().unwrap_or(0);
    put(variables, out);
    let types = words.by_ref().take((variables as usize).div_ceil(8)).flat_map(u64::to_le_bytes);
    out.extend(types.take(variables as usize));
    while let Some(word) = words.next() {
        let (code, count, immediate) = (word as u8, (word >> 8) & 0xFF_FFFF, (word >> 32) as u32);
        if code == node::LOCAL_GET && immediate < SHORT_LOCALS {
            out.push(SHORT + immediate as u8);
            continue;
        }
        out.push(code);
        let mut second = || words.next().unwrap_or(0);
        match operand(code) {
            Operand::None => {}
            Operand::Immediate => put(immediate.into(), out),
            Operand::Signed => put(zigzag((immediate as i32).into()), out),
            Operand::Bits => out.extend_from_slice(&immediate.to_le_bytes()),
            Operand::Count => put(count, out),
            Operand::Both => {
                put(count, out);
                put(immediate.into(), out);
            }
            Operand::Wide => put(zigzag(second() as i64), out),
            Operand::WideBits => out.extend_from_slice(&second().to_le_bytes()),
            Operand::List => {
                put(immediate.into(), out);
                words.by_ref().take(immediate as usize).for_each(|item| put(item, out));
            }
        }
    }
}

/// Appends the canonical form of a function's body, whose short form is what is left in `reader`.
pub(super) fn lengthen(mut reader: Reader<'_>, out: &mut Vec<u8>) -> Decoded<()> {
    let mut words = |words: &[u64]| words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
    let variables = number(&mut reader)?;
    words(&[variables]);
    let types = reader.take(usize::try_from(variables).unwrap_or(usize::MAX))?;
    for chunk in types.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        words(&[u64::from_le_bytes(word)]);
    }
    while !reader.is_empty() {
        let code = reader.take(1)?[0];
        if (SHORT..SHORT + SHORT_LOCALS as u8).contains(&code) {
            words(&[u64::from(node::LOCAL_GET) | u64::from(code - SHORT) << 32]);
            continue;
        }
        let word = u64::from(code);
        match operand(code) {
            Operand::None => words(&[word]),
            Operand::Immediate => words(&[word | immediate(number(&mut reader)?, &reader)?]),
            Operand::Signed => {
                let value = unzigzag(number(&mut reader)?);
                let Ok(value) = i32::try_from(value) else { return reader.fault(DecodeFault::Number) };
                words(&[word | u64::from(value as u32) << 32]);
            }
            Operand::Bits => words(&[word | bits(&mut reader, 4)? << 32]),
            Operand::Count => words(&[word | count(number(&mut reader)?, &reader)?]),
            Operand::Both => {
                let count = count(number(&mut reader)?, &reader)?;
                words(&[word | count | immediate(number(&mut reader)?, &reader)?]);
            }
            Operand::Wide => words(&[word, unzigzag(number(&mut reader)?) as u64]),
            Operand::WideBits => words(&[word, bits(&mut reader, 8)?]),
            Operand::List => {
                let len = number(&mut reader)?;
                words(&[word | immediate(len, &reader)?]);
                // Each takes a byte at least, so this ends with the bytes.
                for _ in 0..len {
                    words(&[number(&mut reader)?]);
                }
            }
        }
    }
    Ok(())
}

fn immediate(number: u64, reader: &Reader<'_>) -> Decoded<u64> {
    if number <= u64::from(u32::MAX) { Ok(number << 32) } else { reader.fault(DecodeFault::Number) }
}

fn count(number: u64, reader: &Reader<'_>) -> Decoded<u64> {
    if number <= 0xFF_FFFF { Ok(number << 8) } else { reader.fault(DecodeFault::Number) }
}

/// So many bytes as a number.
fn bits(reader: &mut Reader<'_>, bytes: usize) -> Decoded<u64> {
    Ok(reader.take(bytes)?.iter().rev().fold(0, |bits, &byte| bits << 8 | u64::from(byte)))
}

const fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Appends a number.
pub(super) fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number; one that has more groups than it needs is none.
pub(super) fn number(reader: &mut Reader<'_>) -> Decoded<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = reader.take(1)?[0];
        let group = u64::from(byte & 0x7F);
        if byte == 0 && shift > 0 || group << shift >> shift != group {
            break;
        }
        number |= group << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    reader.fault(DecodeFault::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Decoded<u64> {
        let mut reader = Reader::new(bytes, 0);
        number(&mut reader).and_then(|number| reader.end().map(|()| number))
    }

    #[test]
    fn numbers_have_one_form() {
        for value in [0, 1, 0x7F, 0x80, 0x3FFF, 0x4000, u64::from(u32::MAX), u64::MAX >> 1, u64::MAX] {
            let mut bytes = Vec::new();
            put(value, &mut bytes);
            assert_eq!(read(&bytes), Ok(value));
            assert_eq!(unzigzag(zigzag(value as i64)), value as i64);
            for len in 0..bytes.len() {
                assert!(read(&bytes[..len]).is_err());
            }
        }
        assert!(read(&[0x80, 0]).is_err() && read(&[0x81, 0x80, 0]).is_err(), "longer than need be");
        assert!(read(&[0xFF; 11]).is_err());
        let beyond = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2];
        assert!(read(&beyond).is_err(), "65 bits");
        assert_eq!([zigzag(0), zigzag(-1), zigzag(1), zigzag(i64::MIN)], [0, 1, 2, u64::MAX]);
    }

    #[test]
    fn every_operand_comes_back() {
        let word = |code: u8, count: u64, immediate: u32| u64::from(code) | count << 8 | u64::from(immediate) << 32;
        let words = [
            3,
            0x04_02_01,
            word(node::LOCAL_GET, 0, 0),
            word(node::LOCAL_GET, 0, 15),
            word(node::LOCAL_GET, 0, 16),
            word(node::I32, 0, -1_i32 as u32),
            word(node::I32, 0, i32::MIN as u32),
            word(node::F32, 0, 0x7FC0_0001),
            word(node::CALL, 0xFF_FFFF, 0),
            word(node::CALL_INDIRECT, 2, u32::MAX),
            word(node::I64, 0, 0),
            i64::MIN as u64,
            word(node::F64, 0, 0),
            f64::NAN.to_bits(),
            word(node::BREAK_TABLE, 0, 2),
            7,
            u32::MAX.into(),
            word(0x6A, 0, 0),
            word(0x28, 0, 1 << 20),
        ];
        let body: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let (mut short, mut long) = (Vec::new(), Vec::new());
        shorten(&body, &mut short);
        lengthen(Reader::new(&short, 0), &mut long).unwrap();
        assert_eq!((long, &short[..6]), (body, &[3, 1, 2, 4, SHORT, SHORT + 15][..]));
        for len in 0..short.len() {
            let _ = lengthen(Reader::new(&short[..len], 0), &mut Vec::new());
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let wrong: [&[u8]; 6] = [
            &[9],
            &[0, node::LOCAL_SET, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F],
            &[0, node::I32, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F],
            &[0, node::CALL, 0xFF, 0xFF, 0xFF, 0x0F],
            &[0, node::BREAK_TABLE, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1],
            &[0, node::F64, 0],
        ];
        for bytes in wrong {
            let mut out = Vec::new();
            assert!(lengthen(Reader::new(bytes, 0), &mut out).is_err(), "{bytes:?}");
            assert!(out.len() <= 8 * bytes.len());
        }
    }
}
