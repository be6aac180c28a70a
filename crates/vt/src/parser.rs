//! The output parser: ECMA-48 control sequences cut out of text.
//!
//! States: ground, after ESC, inside `ESC [`, inside a string (OSC, DCS, SOS, PM, APC). Controls inside a sequence are
//! obeyed at once (ECMA-48 leaves this open; DEC terminals do so). A string ends at any control character or after
//! [`MAX_STRING_BYTES`], so a lost terminator cannot hide the text behind it.

use crate::Utf8Decoder;

/// Parameters kept of one sequence; more are dropped.
pub const MAX_PARAMETERS: usize = 16;

/// Bytes of a control string swallowed before the parser gives up waiting for its end.
pub const MAX_STRING_BYTES: u32 = 4096;

const ESC: u8 = 0x1b;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const DEL: u8 = 0x7f;

/// A complete escape or control sequence.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sequence {
    /// Whether it began with `ESC [`.
    pub is_csi: bool,
    /// The private marker (`?`, `<`, `=`, `>`) or intermediate byte; 0 for the standard functions.
    pub prefix: u8,
    /// The byte that ends it and names the function.
    pub function: u8,
    parameters: [u16; MAX_PARAMETERS],
    count: usize,
}

impl Sequence {
    /// The parameter at `index`, or `default` when it is missing or zero.
    #[must_use]
    pub fn parameter(&self, index: usize, default: u16) -> u16 {
        match self.parameters().get(index) {
            None | Some(0) => default,
            Some(&value) => value,
        }
    }

    /// All parameters given; an empty one reads 0, one past 65,535 reads 65,535.
    #[must_use]
    pub fn parameters(&self) -> &[u16] {
        self.parameters.get(..self.count).unwrap_or(&self.parameters)
    }

    fn digit(&mut self, byte: u8) {
        self.count = self.count.max(1);
        if let Some(value) = self.parameters.get_mut(self.count - 1) {
            *value = value.saturating_mul(10).saturating_add(u16::from(byte - b'0'));
        }
    }

    fn next_parameter(&mut self) {
        // One past the limit marks "more were given"; digits then go nowhere.
        self.count = (self.count.max(1) + 1).min(MAX_PARAMETERS + 1);
    }
}

/// Receives what the parser finds, in order.
pub trait Actor {
    /// A printable character; U+FFFD stands for bad UTF-8.
    fn print(&mut self, character: char);
    /// A C0 control other than ESC, CAN and SUB.
    fn control(&mut self, byte: u8);
    /// A complete sequence.
    fn sequence(&mut self, sequence: &Sequence);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum State {
    #[default]
    Ground,
    Escape,
    Csi,
    Text {
        left: u32,
    },
}

/// Cuts a byte stream into characters, controls and sequences.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    state: State,
    utf8: Utf8Decoder,
    sequence: Sequence,
}

impl Parser {
    /// A parser in the ground state.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in `bytes`; the result does not depend on how a stream is cut into calls.
    pub fn feed(&mut self, bytes: &[u8], actor: &mut impl Actor) {
        for &byte in bytes {
            self.push(byte, actor);
        }
    }

    /// Takes in one byte.
    pub fn push(&mut self, byte: u8, actor: &mut impl Actor) {
        match self.state {
            State::Ground if (0x20..DEL).contains(&byte) && !self.utf8.is_inside() => actor.print(char::from(byte)),
            State::Ground => self.ground(byte, actor),
            _ if byte < 0x20 => self.control_inside(byte, actor),
            State::Escape => self.escape(byte, actor),
            State::Csi => self.csi(byte, actor),
            State::Text { left: 0 } => {
                self.state = State::Ground;
                self.ground(byte, actor);
            }
            State::Text { left } => self.state = State::Text { left: left - 1 },
        }
    }

    fn ground(&mut self, byte: u8, actor: &mut impl Actor) {
        let decoded = self.utf8.push(byte);
        if decoded.broken {
            actor.print(char::REPLACEMENT_CHARACTER);
        }
        match decoded.character {
            Some('\u{1b}') => self.begin(State::Escape),
            Some('\u{18}' | '\u{1a}' | '\u{7f}') | None => {}
            Some(character) if character < ' ' => actor.control(byte),
            // C1 controls sent as UTF-8 have no picture and no meaning here.
            Some('\u{80}'..='\u{9f}') => {}
            Some(character) => actor.print(character),
        }
    }

    fn begin(&mut self, state: State) {
        self.state = state;
        self.sequence = Sequence { is_csi: state == State::Csi, ..Sequence::default() };
    }

    fn control_inside(&mut self, byte: u8, actor: &mut impl Actor) {
        if byte == ESC {
            return self.begin(State::Escape);
        }
        let in_text = matches!(self.state, State::Text { .. });
        if in_text || byte == CAN || byte == SUB {
            self.state = State::Ground;
        }
        // BEL is the usual end of an OSC string, not a bell; the string's other enders keep their meaning.
        if byte != CAN && byte != SUB && !(in_text && byte == 0x07) {
            actor.control(byte);
        }
    }

    fn escape(&mut self, byte: u8, actor: &mut impl Actor) {
        match byte {
            b'[' if self.sequence.prefix == 0 => self.begin(State::Csi),
            b'P' | b'X' | b']' | b'^' | b'_' if self.sequence.prefix == 0 => {
                self.state = State::Text { left: MAX_STRING_BYTES };
            }
            0x20..=0x2f => self.sequence.prefix = byte,
            0x30..=0x7e => self.finish(byte, actor),
            _ => self.abandon(byte, actor),
        }
    }

    fn csi(&mut self, byte: u8, actor: &mut impl Actor) {
        match byte {
            b'0'..=b'9' => self.sequence.digit(byte),
            b';' | b':' => self.sequence.next_parameter(),
            0x20..=0x2f | 0x3c..=0x3f => self.sequence.prefix = byte,
            0x40..=0x7e => self.finish(byte, actor),
            _ => self.abandon(byte, actor),
        }
    }

    fn finish(&mut self, byte: u8, actor: &mut impl Actor) {
        self.state = State::Ground;
        self.sequence.function = byte;
        actor.sequence(&self.sequence);
    }

    /// A byte that no sequence holds: the sequence is dropped and the byte read as text.
    fn abandon(&mut self, byte: u8, actor: &mut impl Actor) {
        self.state = State::Ground;
        self.ground(byte, actor);
    }
}
