//! The mouse: packets of three bytes, or four with a wheel (IBM PS/2 mouse; Microsoft IntelliMouse).
//!
//! ```text
//! byte 0   y overflow | x overflow | y sign | x sign | 1 | middle | right | left
//! byte 1   x movement, right positive
//! byte 2   y movement, up positive
//! byte 3   wheel movement, towards the person positive, -8 to 7
//! ```
//! A lost byte shifts everything after it. Three things find the packets again: bit 3 of byte 0, the sign extension of
//! byte 3, and a pause: a packet's bytes follow each other within milliseconds.

use velocity_base::{Duration, Instant};
use velocity_hal::MouseEvent;

/// The longest pause inside a packet; at 40 packets a second a packet takes 25 ms with all its gaps.
const PACKET_PAUSE: Duration = Duration::from_millis(50);

const BUTTONS: u8 = 0b111;
const ALWAYS_ONE: u8 = 1 << 3;
const X_SIGN: u8 = 1 << 4;
const Y_SIGN: u8 = 1 << 5;
const OVERFLOW: u8 = 0b1100_0000;

/// Assembles packets a byte at a time.
pub struct Mouse {
    packet: [u8; 4],
    filled: usize,
    packet_bytes: usize,
    last: Instant,
}

impl Mouse {
    /// A mouse whose packets have a fourth byte if it has a `wheel`.
    #[must_use]
    pub const fn new(wheel: bool) -> Self {
        Self { packet: [0; 4], filled: 0, packet_bytes: if wheel { 4 } else { 3 }, last: Instant::ZERO }
    }

    /// Whether it reports a wheel.
    #[must_use]
    pub const fn has_wheel(&self) -> bool {
        self.packet_bytes == 4
    }

    /// Forgets a packet begun; for when a byte is known to be lost.
    pub const fn resync(&mut self) {
        self.filled = 0;
    }

    /// Takes a byte that arrived at `now`; returns the movement that it completes.
    pub fn feed(&mut self, byte: u8, now: Instant) -> Option<MouseEvent> {
        if now.since(self.last) > PACKET_PAUSE {
            self.resync();
        }
        self.last = now;
        if self.filled == 0 && byte & ALWAYS_ONE == 0 {
            return None;
        }
        self.packet[self.filled] = byte;
        self.filled += 1;
        if self.filled < self.packet_bytes {
            return None;
        }
        self.resync();
        self.decode()
    }

    /// The packet's meaning; `None` for a wheel byte that no wheel sends.
    fn decode(&self) -> Option<MouseEvent> {
        let [head, x, y, wheel] = self.packet;
        let wheel = if self.has_wheel() { wheel as i8 } else { 0 };
        if !(-8..8).contains(&wheel) {
            return None;
        }
        let signed = |low: u8, sign: u8| i16::from(low) - if head & sign != 0 { 256 } else { 0 };
        // After an overflow the movement is unknown; the buttons still count.
        let (dx, dy) = if head & OVERFLOW == 0 { (signed(x, X_SIGN), -signed(y, Y_SIGN)) } else { (0, 0) };
        Some(MouseEvent { dx, dy, wheel: -wheel, buttons: head & BUTTONS })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(milliseconds: u64) -> Instant {
        Instant::from_nanos(milliseconds * 1_000_000)
    }

    fn feed(mouse: &mut Mouse, bytes: &[u8], now: Instant) -> Vec<MouseEvent> {
        bytes.iter().filter_map(|byte| mouse.feed(*byte, now)).collect()
    }

    const RIGHT_5: [u8; 4] = [0x08, 5, 0, 0];
    const MOVED: MouseEvent = MouseEvent { dx: 5, dy: 0, wheel: 0, buttons: 0 };

    #[test]
    fn movement_buttons_and_wheel_have_the_right_signs() {
        let mut mouse = Mouse::new(true);
        let bytes = [0x08 | X_SIGN | 0b101, 0xff, 3, 0xff, 0x08 | Y_SIGN, 255, 0x00, 1];
        let expected = [
            MouseEvent { dx: -1, dy: -3, wheel: 1, buttons: 5 },
            MouseEvent { dx: 255, dy: 256, wheel: -1, buttons: 0 },
        ];
        assert_eq!(feed(&mut mouse, &bytes, at(0)), expected);
    }

    #[test]
    fn three_byte_packets_follow_each_other() {
        let mut mouse = Mouse::new(false);
        assert_eq!(feed(&mut mouse, &[0x08, 5, 0, 0x08, 5, 0], at(0)), [MOVED, MOVED]);
    }

    #[test]
    fn an_overflow_moves_nothing_but_reports_buttons() {
        let mut mouse = Mouse::new(false);
        let expected = MouseEvent { buttons: 1, ..MouseEvent::default() };
        assert_eq!(feed(&mut mouse, &[0x49, 200, 200], at(0)), [expected]);
    }

    #[test]
    fn garbage_before_a_packet_is_skipped() {
        let mut mouse = Mouse::new(true);
        let bytes = [&[0x00, 0xf7, 0x51], RIGHT_5.as_slice()].concat();
        assert_eq!(feed(&mut mouse, &bytes, at(0)), [MOVED]);
        let torn = [&[0x08, 1, 1, 0x55], RIGHT_5.as_slice()].concat();
        assert_eq!(feed(&mut mouse, &torn, at(0)), [MOVED], "a wheel cannot turn by 85");
    }

    #[test]
    fn a_pause_ends_a_torn_packet() {
        let mut mouse = Mouse::new(true);
        assert_eq!(feed(&mut mouse, &[0x08, 0x08], at(0)), []);
        assert_eq!(feed(&mut mouse, &RIGHT_5, at(51)), [MOVED]);
        assert_eq!(feed(&mut mouse, &RIGHT_5[..2], at(60)), []);
        assert_eq!(feed(&mut mouse, &RIGHT_5[2..], at(110)), [MOVED], "a slow packet is still one");
    }

    proptest! {
        #[test]
        fn good_packets_are_found_again_after_any_garbage_and_a_pause(
            garbage in proptest::collection::vec(any::<u8>(), 0..20),
            wheel in any::<bool>(),
        ) {
            let mut mouse = Mouse::new(wheel);
            prop_assert!(feed(&mut mouse, &garbage, at(0)).len() <= garbage.len() / 3);
            let packet = if wheel { &RIGHT_5[..] } else { &RIGHT_5[..3] };
            prop_assert_eq!(feed(&mut mouse, packet, at(100)), [MOVED]);
        }
    }
}
